/* Waiting that ends at shutdown: see gate.h. */

#include "common/loop/gate.h"
#include "common/base/clock.h"
#include "common/base/mem.h"

#include <errno.h>
#include <math.h>
#include <time.h>

/* Monotonic, so that a jump of the wall clock wakes nobody late. */
static void
cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	must(pthread_condattr_init(&attr) == 0);
	must(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	must(pthread_cond_init(cond, &attr) == 0);
	pthread_condattr_destroy(&attr);
}

void
gate_init(struct gate *g)
{
	must(pthread_mutex_init(&g->lock, NULL) == 0);
	cond_init(&g->closed_cond);
	cond_init(&g->left_cond);
	g->closed = false;
}

void
gate_fini(struct gate *g)
{
	must(pthread_cond_destroy(&g->closed_cond) == 0);
	must(pthread_cond_destroy(&g->left_cond) == 0);
	must(pthread_mutex_destroy(&g->lock) == 0);
}

static void
lock(struct gate *g)
{
	must(pthread_mutex_lock(&g->lock) == 0);
}

static void
unlock(struct gate *g)
{
	must(pthread_mutex_unlock(&g->lock) == 0);
}

void
gate_close(struct gate *g)
{
	lock(g);
	g->closed = true;
	must(pthread_cond_broadcast(&g->closed_cond) == 0);
	must(pthread_cond_broadcast(&g->left_cond) == 0);
	unlock(g);
}

/* False when the time is over. */
static bool
wait_until(struct gate *g, pthread_cond_t *cond, double until)
{
	double whole = floor(until);
	struct timespec t = { .tv_sec = (time_t)whole,
		.tv_nsec = (long)((until - whole) * 1e9) };
	int rc = pthread_cond_timedwait(cond, &g->lock, &t);

	must(rc == 0 || rc == ETIMEDOUT);
	return rc == 0;
}

static int
verdict(bool closed, struct err *err)
{
	return closed ? err_set(err, ERR_CANCELLED, "shutting down") : 0;
}

int
gate_pause(struct gate *g, double sec, struct err *err)
{
	double until = clock_mono() + sec;
	bool closed;

	lock(g);
	while (!g->closed && wait_until(g, &g->closed_cond, until))
		continue;
	closed = g->closed;
	unlock(g);
	return verdict(closed, err);
}

int
gate_enter(struct gate *g, struct slots *s, double until, struct err *err)
{
	bool closed, in;

	lock(g);
	s->waiting++;
	while (!g->closed && s->used >= s->max &&
	       wait_until(g, &g->left_cond, until))
		continue;
	s->waiting--;
	closed = g->closed;
	in = !closed && s->used < s->max;
	s->used += in;
	unlock(g);
	if (in || closed)
		return verdict(closed, err);
	return err_set(err, ERR_THROTTLED,
	    "not sent: as many calls as allowed are in flight for too long");
}

void
gate_leave(struct gate *g, struct slots *s)
{
	lock(g);
	s->used--;
	if (s->waiting > 0)
		must(pthread_cond_broadcast(&g->left_cond) == 0);
	unlock(g);
}

void
gate_resize(struct gate *g, struct slots *s, int max)
{
	lock(g);
	if (max > s->max && s->waiting > 0)
		must(pthread_cond_broadcast(&g->left_cond) == 0);
	s->max = max;
	unlock(g);
}
