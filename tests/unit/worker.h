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

static inline void
in_worker_with(int connections, void (*fn)(struct http *, void *), void *arg)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	struct pool *pool = pool_new(loop, "test", 1);
	struct worker_task t = { .job = { .run = worker_run,
				     .done = worker_done },
		.fn = fn,
		.http = http_new(loop, connections),
		.arg = arg };

	pool_submit(pool, &t.job);
	ev_run(loop, 0);
	http_stop(t.http, 0);
	pool_free(pool);
	http_free(t.http);
	ev_loop_destroy(loop);
}

static inline void
in_worker(void (*fn)(struct http *, void *), void *arg)
{
	in_worker_with(4, fn, arg);
}

#endif
