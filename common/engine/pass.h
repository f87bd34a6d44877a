/*
 * A pass: observe -> diff -> plan -> converge over one architecture.
 *
 * The daemon's pass, `convergctl plan` and `convergctl apply` are this, with
 * a different last step. It is a state machine on the loop's thread that
 * gives every blocking step to the worker pool of the resource's module.
 * All functions are called on the loop's thread.
 */
#ifndef COMMON_ENGINE_PASS_H
#define COMMON_ENGINE_PASS_H

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/js.h"
#include "common/base/mem.h"
#include "common/base/packed.h"
#include "common/engine/graph.h"

struct aws;
struct ev_loop;
struct intents;
struct pass;
struct pools;
struct tree;

/* One line of the log or of a progress display. Borrowed for the call. */
struct pass_event {
	enum pass_event_kind {
		PASS_DRIFT,  /* text: the field, from, to */
		PASS_WRITE,  /* an action succeeded: text "create", ... */
		PASS_WAIT,   /* text: what it waits for */
		PASS_FAILED, /* err is set */
		PASS_SYNCED, /* resource became true to Git by this pass */
		PASS_EXTRA   /* what Git does not manage: text "found ID",
				"gone: ID"; only with a memory, when it changes */
	} kind;
	const struct graph *graph;
	const char *address, *display, *type, *module_kind, *name;
	const char *text;
	const char *request_id; /* AWS's, of the last write; or "" */
	const struct err *err;  /* or NULL */
	double seconds;         /* the step took */
};

struct pass_options {
	struct ev_loop *loop;
	struct pools *pools;
	struct aws *aws; /* client of the architecture's account and region */
	const char *installation;
	const struct resource_type *const *types; /* all; NULL ends */
	struct graph *graph;           /* borrowed until the pass is freed */
	const struct intents *intents; /* same; NULL: kept nowhere */
	const struct tree *tree;       /* same; packs code */
	/* All architectures of the same source and revision, NULL ends; NULL:
	 * no others. What moves between them is handed over. Borrowed. */
	const struct graph *const *peers;
	bool broken;    /* the source has errors: what left Git is not deleted,
			   for it may be where the errors are */
	bool write;     /* false: stop after the plan */
	bool approved;  /* somebody said yes: mode approve writes, too */
	bool confirmed; /* same for what policy or limits want a yes for */
	/* Only a plan with this id is written, any other makes the pass
	 * Refused with the guard "stale-plan"; NULL: any. Borrowed. */
	const char *expect_plan;
	/* Addresses that may be taken over though they carry no tags of ours:
	 * a person's yes, for this pass. {address: true}, or what AWS calls
	 * it where that is not in Git. Borrowed; or NULL. */
	const json_t *adopt;
	json_t *memory; /* learnt by earlier passes, saves look-ups; read and
			   written; may be NULL. Losing it costs calls only */
	void (*event)(void *arg, const struct pass_event *); /* or NULL */
	void (*done)(void *arg, struct pass *);
	void *arg;
};

struct pass *pass_start(const struct pass_options *);
/* A newer revision, or shutdown: no new step starts; done() is called when
 * the calls in flight have ended. */
void pass_cancel(struct pass *);
void pass_free(struct pass *);

/*
 * The plan as JSON, once observing is over; NULL before. Borrowed, to be
 * shared by who keeps it. Its long arrays are actions and errors.
 * {"architecture", "revision", "account", "region", "mode",
 *  "id": "1f3c9ae0b2d4",	equal for plans that would do the very same
 *  "actions": [{"action": "create|update|replace|delete", "address",
 *	"display", "kind", "name", "type", "id",
 *	"reason",	why it is replaced or deleted, or absent
 *	"severity": "high",	AWS is less safe than Git says; these first
 *	"createFirst": true,	replace: the old one goes last
 *	"refused",	the guard or policy that keeps it from happening
 *	"confirm": true,	which a person's yes to this plan lifts
 *	"file", "line",
 *	"changes": [{"path", "from", "to", "unknown": true, "fixed": true,
 *		"secret": true, "severity": "high"}]}],
 *  "errors": [{"address", "display", "type", "error": {...}}],
 *  "extras": [{"display", "type", "id"}]	what Git does not manage and
 *				nothing touches; the first hundred
 *  "summary": {"add", "change", "destroy", "extra"}}	extra: all of those
 */
struct packed_doc *pass_plan(const struct pass *);
#define PLAN_ARRAYS "actions errors extras"

/*
 * What came of it, at any time. Its long array is resources; `edit` (or
 * NULL) may change each of them before it is packed.
 * {"architecture", "revision", "account", "region", "mode",
 *  "result": "Synced|OutOfSync|Progressing|Failed|Refused|Cancelled",
 *  "error": {"kind", "message", "code", "requestId"},	of the pass as a whole
 *  "guard": "max-deletes",	when Refused
 *  "seconds": {"observe", "plan", "converge"},
 *  "applied": {"create": n, "update": n, "replace": n, "delete": n},
 *  "extra": n,	of what Git does not manage, as in the plan
 *  "resources": [{"address", "display", "kind", "name", "type", "id",
 *	"sync": "Synced|OutOfSync|Unknown|NotChecked",
 *	"health": "Healthy|Progressing|Degraded|Suspended|Missing",
 *	"message", "waitsFor", "driftFields": n, "driftFound": n,
 *	"severity": "high",
 *	"healed": bool, "notConverging": bool, "error": {...}}]}
 */
struct packed_doc *pass_report(
    const struct pass *, void (*edit)(void *arg, json_t *resource), void *arg);

/* The plan as people read it: symbols, aligned columns, last line. */
struct buf;
void plan_text(const struct packed_doc *plan, bool colour, struct buf *);
void plan_markdown(const struct packed_doc *plan, struct buf *);

#endif
