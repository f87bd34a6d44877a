/*
 * Time. Monotonic seconds measure; wall time dates. Any thread.
 */
#ifndef COMMON_BASE_CLOCK_H
#define COMMON_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "common/base/buf.h"

double clock_mono(void); /* seconds since some point, never goes back */
double clock_wall(void); /* seconds since 1970 */
/* 2026-11-22T12:00:00Z */
void clock_add_iso(struct buf *, double wall);
/* 20261122T120000Z, as signatures want it */
void clock_amz(time_t, char ret[static 17]);

#endif
