/*
 * A target: one architecture under the daemon's care.
 *
 * It knows the newest good revision, runs at most one pass at a time and
 * decides when the next one starts. Owner: the controller; loop's thread.
 */
#ifndef DAEMON_TARGET_H
#define DAEMON_TARGET_H

#include <stdbool.h>

#include "common/manifest/compile.h"

struct clients;
struct ev_loop;
struct log;
struct metrics;
struct pools;
struct revision;
struct settings;
struct target;

/* Shared by all targets; outlives them. */
struct target_env {
	struct ev_loop *loop;
	struct pools *pools;
	struct clients *clients;
	struct log *log;
	struct metrics *metrics;
	const struct registry *registry;
	const struct settings *settings; /* the newest */
	const char *installation;
	bool once; /* one pass, no retry */
	/* A pass has ended and its report is in. */
	void (*ended)(void *arg);
	void *arg;
};

struct target *target_new(const struct target_env *, const char *name);
/* Its pools must be gone, or no pass may run. */
void target_free(struct target *);
const char *target_name(const struct target *);

/* A good revision: a pass starts, a running one of an older is cancelled. */
void target_want(struct target *, struct revision *, struct graph *);
/* The newest revision is bad: the last good one stays in force. */
void target_bad(struct target *, const struct errors *);
/* Git does not know it any more: no pass starts, nothing is deleted. */
void target_gone(struct target *);
/* A shorter interval holds from now on, not after the longer one. */
void target_settings(struct target *);
/* No new step starts. */
void target_stop(struct target *);
/* A pass that began after `since` (clock_mono) is wanted: its number. */
unsigned long target_ask(struct target *, double since);
/* Number of the newest pass that ran to its end. */
unsigned long target_completed(const struct target *);

bool target_is_gone(const struct target *);
bool target_busy(const struct target *);    /* a pass runs */
bool target_has_run(const struct target *); /* a pass has ended, in any way */
/* It never had a good revision. */
bool target_is_invalid(const struct target *);
/* "Synced", ...; "Invalid"; NULL: no pass has ended yet */
const char *target_result(const struct target *);
/* The newest revision has errors in its manifests. */
bool target_has_errors(const struct target *);
/* AWS account that the last pass found, or NULL. */
const char *target_account(const struct target *);
const char *target_error(const struct target *); /* of the pass, or NULL */
/* Seconds since the verdicts were made; -1: there are none. */
double target_age(const struct target *);
json_t *target_status(const struct target *);

#endif
