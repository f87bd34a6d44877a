/*
 * Watches the refs of a local repository, so that a push is seen at once.
 *
 * Directories below refs are watched too, since a branch name may hold '/'.
 * Several changes within 20 ms are one. Loop's thread.
 */
#ifndef DAEMON_WATCH_H
#define DAEMON_WATCH_H

#include <stdbool.h>

#include "common/base/mem.h"

struct ev_loop;
struct watch;

struct watch *watch_new(
    struct ev_loop *, void (*changed)(void *arg), void *arg);
/*
 * path: the Git directory, or its refs; NULL: nothing. True when the watch
 * is new: what happened before it was not seen. False also when it cannot
 * be made: polling goes on.
 */
bool watch_path(struct watch *, const char *path);
void watch_free(struct watch *);
AUTO_DEFINE(struct watch, watch_free)

#endif
