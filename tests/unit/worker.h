/*
 * Runs a function in a worker while this thread runs the loop, as the
 * daemon does. Returns when the function has returned.
 */
#ifndef TESTS_UNIT_WORKER_H
#define TESTS_UNIT_WORKER_H

#include "common/loop/http.h"
#include "common/loop/pool.h"

#include <ev.h>

struct worker_task {
	struct job job;
	void (*fn)(struct http *, void *arg);
	struct http *http;
	void *arg;
};

static inline void
worker_run(struct job *j)
{
	struct worker_task *t = (struct worker_task *)j;

	t->fn(t->http, t->arg);
}

static inline void
worker_done(struct job *j)
{
	(void)j;
}

/* When and how the transport is stopped before the function has returned. */
struct worker_stop {
	double after_sec, grace_sec;
};
struct worker_timer {
	ev_timer timer;
	struct http *http;
	double grace_sec;
};

static inline void
worker_stop_now(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct worker_timer *w = t->data;

	(void)loop;
	(void)revents;
	http_stop(w->http, w->grace_sec);
}

/* stop may be NULL. */
static inline void
in_worker_with(int connections, const struct worker_stop *stop,
    void (*fn)(struct http *, void *), void *arg)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	struct pool *pool = pool_new(loop, "test", 1);
	struct worker_task t = { .job = { .run = worker_run,
				     .done = worker_done },
		.fn = fn,
		.http = http_new(loop, connections),
		.arg = arg };
	struct worker_timer w = { .http = t.http };

	pool_submit(pool, &t.job);
	if (stop != NULL) {
		w.grace_sec = stop->grace_sec;
		ev_timer_init(&w.timer, worker_stop_now, stop->after_sec, 0);
		w.timer.data = &w;
		ev_timer_start(loop, &w.timer);
	}
	ev_run(loop, 0);
	http_stop(t.http, 0);
	pool_free(pool);
	http_free(t.http);
	ev_loop_destroy(loop);
}

static inline void
in_worker(void (*fn)(struct http *, void *), void *arg)
{
	in_worker_with(4, NULL, fn, arg);
}

#endif
