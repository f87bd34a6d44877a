/*
 * Worker pools: threads that run blocking, straight-line work for the loop.
 *
 * A job belongs to exactly one side at a time: the loop's thread before
 * pool_submit() and again in done(); a worker in run(). There is no other
 * locking. Threads are started on first need, up to `workers`, and block all
 * signals. Every function here is called on the loop's thread.
 *
 * A job that waits costs its struct and no more: what it works on is made in
 * ready(), of which a pool calls no more ahead than its workers soon take.
 *
 * Jobs that mostly wait, for AWS, may say which others they can be run with:
 * then one worker takes as many of them as stand in line, so that none waits
 * because all workers do.
 */
#ifndef COMMON_LOOP_POOL_H
#define COMMON_LOOP_POOL_H

#include <stddef.h>
#include <sys/queue.h>

#include "common/base/mem.h"

struct ev_loop;
struct pool;

#define POOL_TOGETHER 16 /* jobs that one worker takes at most */

struct job {
	STAILQ_ENTRY(job) entry;     /* the pool's */
	double submitted;            /* clock_mono(), set by pool_submit */
	double started;              /* clock_mono(), set by the worker */
	void (*ready)(struct job *); /* loop thread, shortly before run(); or
					NULL */
	void (*run)(struct job *);   /* worker thread; may block */
	const void *with;            /* neighbours of the same are run together,
					by run_all of the first; NULL: alone */
	void (*run_all)(struct job *const *, size_t n); /* in place of run */
	void (*done)(struct job *); /* loop thread; owns the job again */
};

struct pool_stats {
	unsigned workers, busy; /* threads that exist; that run a job now */
	size_t depth;           /* jobs that wait */
};

struct pool *pool_new(struct ev_loop *, const char *name, unsigned workers);
const char *pool_name(const struct pool *);
void pool_submit(struct pool *, struct job *take_job);
struct pool_stats pool_stats(struct pool *);
/* Waits for jobs that run; jobs that wait are never run, done() is called
 * for neither. */
void pool_free(struct pool *);
AUTO_DEFINE(struct pool, pool_free)

/* The pools by name ("sqs", "git"): made on first use. */
struct pools;
/* size: workers of a pool by its name; called once per pool. */
struct pools *pools_new(
    struct ev_loop *, unsigned (*size)(void *arg, const char *name), void *arg);
struct pool *pools_get(struct pools *, const char *name);
/* Called for every job when it is done, with the time that it waited for a
 * worker: for metrics. */
void pools_watch(struct pools *,
    void (*waited)(void *arg, const char *pool, double sec), void *arg);
/* For metrics: the i-th pool that exists, NULL after the last. */
struct pool *pools_at(struct pools *, size_t i);
void pools_free(struct pools *);
AUTO_DEFINE(struct pools, pools_free)

#endif
