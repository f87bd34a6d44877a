/*
 * One breaker per credentials: those that AWS refuses are tried by one pass
 * at a time with growing pauses, whatever the number of targets that use
 * them. Nothing is given up: 1 s, 2 s ... 15 min, and closed by the first
 * pass that is let in. Owner: the controller; loop's thread.
 */
#ifndef DAEMON_BREAKER_H
#define DAEMON_BREAKER_H

#include "common/base/mem.h"

struct breakers;

struct breakers *breakers_new(void);
void breakers_free(struct breakers *);
AUTO_DEFINE(struct breakers, breakers_free)

/* Seconds until it may be asked again; 0: a pass may start, and where the
 * breaker is open it is the one that tries. */
double breakers_wait(struct breakers *, const char *key);
/* A pass that began at that clock_mono() was refused, or let in. */
void breakers_refused(
    struct breakers *, const char *key, double began, double jitter);
void breakers_passed(struct breakers *, const char *key);

#endif
