/*
 * What the passes of every architecture saw last, over restarts: evidence
 * for the guard against mass absence (common/engine/pass_guard.c).
 *
 * A small JSON file, replaced atomically when something has changed. It is a
 * cache: lost, damaged or not writable it costs that evidence and nothing
 * else. Owner: the daemon; loop's thread.
 */
#ifndef DAEMON_SEEN_H
#define DAEMON_SEEN_H

#include "common/base/js.h"
#include "common/base/mem.h"

struct seen;

struct seen *seen_open(const char *path);
void seen_free(struct seen *);
AUTO_DEFINE(struct seen, seen_free)

/* Member "seen" of the engine's memory, or NULL. Borrowed. */
const json_t *seen_get(const struct seen *, const char *architecture);
void seen_keep(struct seen *, const char *architecture, const json_t *);

#endif
