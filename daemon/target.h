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

struct breakers;
struct clients;
struct ev_loop;
struct history;
struct intents;
struct log;
struct metrics;
struct orders;
struct pools;
struct revision;
struct seen;
struct settings;
struct target;

/* Shared by all targets; outlives them. */
struct target_env {
	struct ev_loop *loop;
	struct pools *pools;
	struct clients *clients;
	struct breakers *breakers; /* the controller's own */
	struct log *log;
	struct metrics *metrics;
	struct history *history; /* or NULL */
	struct orders *orders;
	const struct intents *intents; /* or NULL */
	struct seen *seen;
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

/* A pass that writes nothing, beginning after this call: its number among
 * those; target_looked() counts them, and the newest plan is theirs. */
unsigned long target_look(struct target *);
unsigned long target_looked(const struct target *);
/* Orders have changed: a pass that writes stops, another one starts. */
void target_ordered(struct target *);
/*
 * The id of the plan that waits for a yes, or NULL. Said yes, a pass starts
 * that writes that very plan or nothing; target_decided() counts such
 * passes, and the number of this one is returned. confirm: also what policy
 * or limits want a yes for, which any mode but observe may have.
 */
const char *target_waits_for(const struct target *);
/* It waits for nothing but a yes with `confirm`. */
bool target_wants_confirm(const struct target *);
unsigned long target_approve(struct target *, const char *plan, bool confirm);
unsigned long target_decided(const struct target *);
/* The plan of the last pass that came so far, or NULL. */
const struct packed_doc *target_plan(const struct target *);
/* Adds what is at this address, or below it, as orders_adopt() takes it; id
 * (or NULL) to what AWS names. */
void target_adoptable(const struct target *, const char *address,
    const char *id, json_t *adoptions);

bool target_is_gone(const struct target *);
bool target_busy(const struct target *);    /* a pass runs */
bool target_has_run(const struct target *); /* a pass has ended, in any way */
/* It never had a good revision. */
bool target_is_invalid(const struct target *);
/* "Synced", ...; "Invalid"; NULL: no pass has ended yet */
const char *target_result(const struct target *);
/* The newest revision has errors in its manifests. */
bool target_has_errors(const struct target *);
/* "file:line:col: text" each, as an array. */
json_t *target_error_lines(const struct errors *);
/* AWS account that the last pass found, or NULL. */
const char *target_account(const struct target *);
const char *target_error(const struct target *); /* of the pass, or NULL */
/* Seconds since the verdicts were made; -1: there are none. */
double target_age(const struct target *);
/* Its long array is resources. */
struct packed_doc *target_status(struct target *);

#endif
