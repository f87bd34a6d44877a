/*
 * Sockets for libgit2 that do not wait for ever.
 *
 * libgit2 1.5 has no time-outs. We give it our own sockets, and a watcher
 * thread shuts them down when the time of a fetch is over, which ends every
 * blocked read of TLS, HTTP and SSH. Looking up a name is bounded by the
 * resolver's own settings.
 */
#ifndef COMMON_SOURCE_STREAM_H
#define COMMON_SOURCE_STREAM_H

#include <stdbool.h>

#include "common/base/mem.h"

/* Once, after libgit2 started. */
void stream_register(void);

/* From start to free, connections that libgit2 makes in this thread end
 * after `sec` seconds. One at a time per thread. */
struct timebox;
struct timebox *timebox_start(double sec);
bool timebox_is_over(struct timebox *);
void timebox_free(struct timebox *);
AUTO_DEFINE(struct timebox, timebox_free)

#endif
