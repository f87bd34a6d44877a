/*
 * What passes did, as log lines and metrics. Pure but for those two.
 * Loop's thread.
 */
#ifndef DAEMON_REPORT_H
#define DAEMON_REPORT_H

#include "common/engine/pass.h"

struct log;
struct metrics;

/*
 * One event: one line, at most. drift: the revision was true of AWS before,
 * so that a difference is drift; else it is what the commit changes. again:
 * see told.h, it is no news.
 */
void report_event(struct log *, struct metrics *, const struct pass_event *,
    bool drift, bool again);

struct report_pass {
	const struct architecture *arch;
	const struct packed_doc *report; /* of pass_report() */
	const struct packed_doc *plan;   /* of pass_plan(), or NULL */
	const json_t *before; /* head of the report before, or NULL */
	const char *why;      /* "git", "poll" or "request" */
	bool drift;           /* as above */
	double apart; /* s from the beginning of the pass before to that of
			 this one; 0: there was none */
};
void report_pass(struct log *, struct metrics *, const struct report_pass *);

/* The architecture is no longer known: its series end. */
void report_forget(struct metrics *, const char *architecture);

#endif
