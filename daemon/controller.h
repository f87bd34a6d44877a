/*
 * The controller: turns revisions into targets and keeps them going.
 *
 * A new tree is compiled in a worker; every good architecture starts a pass
 * at it, a bad one keeps its last good revision, one that vanished is left
 * alone. Owner: the daemon; loop's thread.
 */
#ifndef DAEMON_CONTROLLER_H
#define DAEMON_CONTROLLER_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "daemon/target.h"

struct controller;
struct tree;

/* env is copied; its `ended` is called after every compile and pass. */
struct controller *controller_new(const struct target_env *);
/* pools must have been freed. */
void controller_free(struct controller *);
AUTO_DEFINE(struct controller, controller_free)

/* For whatever starts from now on. */
void controller_settings(struct controller *, const struct settings *);
/* committed: wall time, 0 if unknown. */
void controller_tree(
    struct controller *, struct tree *take_tree, double committed);
/* No new pass, compile or step starts; controller_busy turns false when
 * the calls in flight have ended. */
void controller_stop(struct controller *);

/*
 * A pass of one architecture (NULL: of all) that began after `since`:
 * {"name": number}, for controller_reached. ERR_ABSENT for an unknown one.
 */
int controller_ask(struct controller *, const char *architecture, double since,
    json_t **ret_goals, struct err *);
bool controller_reached(const struct controller *, const json_t *goals);

/*
 * Orders of people; architecture NULL or "*": all. Where goals are given,
 * they are for the function of the question behind it.
 */
/* ERR_ABSENT for an unknown one. */
int controller_check(
    const struct controller *, const char *architecture, struct err *);
/* Suspensions or adoptions have changed: passes look at them at once. */
void controller_ordered(struct controller *, const char *architecture);
/* Passes that write nothing, for their plans. */
int controller_look(struct controller *, const char *architecture,
    json_t **ret_goals, struct err *);
bool controller_looked(const struct controller *, const json_t *goals);
/* The newest plans of those, in the array `plans`; what has none is left
 * out. */
void controller_add_plans(
    const struct controller *, const json_t *goals, struct packed_doc *to);
/* which: id of a plan that waits, or an architecture. ERR_REFUSED: no. */
int controller_waiting(const struct controller *, const char *which,
    const char **ret_architecture, const char **ret_plan, struct err *);
/* The plan is carried out if it is still the very same. */
int controller_approve(struct controller *, const char *which, bool confirm,
    json_t **ret_goals, struct err *);
bool controller_decided(const struct controller *, const json_t *goals);
/* What the newest revision has at this address, or below it, as orders_adopt()
 * takes it; id (or NULL) is what AWS calls it. New reference. */
json_t *controller_adoptable(
    const struct controller *, const char *address, const char *id);

bool controller_compiling(const struct controller *);
bool controller_busy(const struct controller *); /* compiles or converges */
/* Every architecture has ended a pass, or never will: nothing to wait for. */
bool controller_has_run(const struct controller *);
/* 0: all Synced; 1: something failed or is invalid; 2: not there yet */
int controller_exit_code(const struct controller *);

/* The status of each, in the array `architectures`. */
void controller_add_status(const struct controller *, struct packed_doc *to);
/* The newest revision that was compiled, or NULL. */
const char *controller_revision(const struct controller *);
/* Lines: what is wrong in it and in no architecture that is known; or NULL. */
const json_t *controller_errors(const struct controller *);
/* Lines that say why the daemon is not ready; none: it is. */
void controller_readiness(const struct controller *, struct buf *);
/* Gauges that change with time. */
void controller_collect(const struct controller *);

#endif
