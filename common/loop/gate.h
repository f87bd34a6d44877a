/*
 * Waiting that ends when the transport stops: pauses, and slots of which
 * there are few. Any thread but the loop's may wait; any may leave or close.
 */
#ifndef COMMON_LOOP_GATE_H
#define COMMON_LOOP_GATE_H

#include <pthread.h>
#include <stdbool.h>

#include "common/base/err.h"

struct gate {
	pthread_mutex_t lock;
	pthread_cond_t closed_cond, left_cond;
	bool closed; /* under the lock */
};

/* How many may be in at once; all members are under the gate's lock. */
struct slots {
	int max, used, waiting;
};

void gate_init(struct gate *);
void gate_fini(struct gate *); /* nobody waits any more */
/* Everybody who waits, or comes later, gets ERR_CANCELLED. */
void gate_close(struct gate *);

int gate_pause(struct gate *, double sec, struct err *);
/* Waits until clock_mono() for a slot; ERR_THROTTLED if none got free. */
int gate_enter(struct gate *, struct slots *, double until, struct err *);
void gate_leave(struct gate *, struct slots *);
/* From now on max may be in; those that are stay. */
void gate_resize(struct gate *, struct slots *, int max);

#endif
