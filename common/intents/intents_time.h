/*
 * How long ago, over restarts. While the machine runs, the clock that nobody
 * sets and that counts sleep tells (CLOCK_BOOTTIME); across a boot only wall
 * time can, and one that lies in the future counts as now. Pure but for
 * moment_now; any thread.
 */
#ifndef COMMON_INTENTS_INTENTS_TIME_H
#define COMMON_INTENTS_INTENTS_TIME_H

#include "common/base/js.h"

struct moment {
	char boot[37]; /* id of the boot, or "" */
	double up;     /* seconds since it */
	double wall;   /* seconds since 1970 */
};

/* The boot's id, or ""; reads a file. */
void moment_boot(char ret[static 37]);
struct moment moment_now(const char *boot);
/* Adds "boot", "up", "wall". */
void moment_put(json_t *record, const struct moment *);
/* Seconds since the moment in the record, at least 0. */
double moment_age(const json_t *record, const struct moment *now);

#endif
