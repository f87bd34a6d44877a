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

bool controller_compiling(const struct controller *);
bool controller_busy(const struct controller *); /* compiles or converges */
/* Every architecture has ended a pass, or never will: nothing to wait for. */
bool controller_has_run(const struct controller *);
/* 0: all Synced; 1: something failed or is invalid; 2: not there yet */
int controller_exit_code(const struct controller *);

/* An array, for status. */
json_t *controller_status(const struct controller *);
/* The newest revision that was compiled, or NULL. */
const char *controller_revision(const struct controller *);
/* Lines that say why the daemon is not ready; none: it is. */
void controller_readiness(const struct controller *, struct buf *);
/* Gauges that change with time. */
void controller_collect(const struct controller *);

#endif
