/* Worker pools: two queues, one lock, one async watcher: see pool.h. */

#include "common/loop/pool.h"
#include "common/base/clock.h"

#include <ev.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Jobs made ready for each worker, those it runs too; and for all workers, of
 * jobs that are run together. */
#define AHEAD          2
#define AHEAD_TOGETHER (2 * POOL_TOGETHER)

STAILQ_HEAD(jobs, job);

struct watcher {
	void (*waited)(void *arg, const char *pool, double sec); /* or NULL */
	void *arg;
};

struct pool {
	struct ev_loop *loop;
	struct watcher watcher;
	char *name;
	unsigned limit; /* of threads */
	size_t in_hand; /* submitted, done() not yet called; loop's thread */
	size_t given;   /* of them, to the workers; same */
	struct jobs queued; /* not given yet; same */
	pthread_t *threads;
	ev_async wake;
	pthread_mutex_t lock; /* of everything below */
	pthread_cond_t work;
	struct jobs waiting, finished;
	size_t depth;
	unsigned started, busy;
	bool stopping;
};

static void
lock(struct pool *p)
{
	must(pthread_mutex_lock(&p->lock) == 0);
}

static void
unlock(struct pool *p)
{
	must(pthread_mutex_unlock(&p->lock) == 0);
}

/* A turn is what a worker takes at once: one job, or some that are together. */
static bool
is_same_turn(const struct job *first, const struct job *j, size_t n)
{
	return j != NULL && first->with != NULL && j->with == first->with &&
	       n < POOL_TOGETHER;
}

/* Under the lock. How many jobs; 0: the pool stops. */
static size_t
next_turn(struct pool *p, struct job *ret[static POOL_TOGETHER])
{
	size_t n = 0;
	struct job *j;

	while (STAILQ_EMPTY(&p->waiting) && !p->stopping)
		must(pthread_cond_wait(&p->work, &p->lock) == 0);
	if (p->stopping)
		return 0;
	do {
		j = ret[n++] = STAILQ_FIRST(&p->waiting);
		STAILQ_REMOVE_HEAD(&p->waiting, entry);
	} while (is_same_turn(j, STAILQ_FIRST(&p->waiting), n));
	p->depth -= n;
	return n;
}

static void
run_turn(struct job *const *jobs, size_t n)
{
	double now = clock_mono();

	for (size_t i = 0; i < n; i++)
		jobs[i]->started = now;
	if (jobs[0]->with != NULL)
		jobs[0]->run_all(jobs, n);
	else
		jobs[0]->run(jobs[0]);
}

static void *
worker(void *arg)
{
	struct pool *p = arg;
	struct job *jobs[POOL_TOGETHER];
	size_t n;

	lock(p);
	while ((n = next_turn(p, jobs)) > 0) {
		p->busy++;
		unlock(p);
		run_turn(jobs, n);
		lock(p);
		p->busy--;
		for (size_t i = 0; i < n; i++)
			STAILQ_INSERT_TAIL(&p->finished, jobs[i], entry);
		ev_async_send(p->loop, &p->wake);
	}
	unlock(p);
	return NULL;
}

/* Signals belong to the loop, so threads are born with all blocked. */
static void
start_thread(struct pool *p)
{
	char name[16];
	sigset_t all, old;

	snprintf(name, sizeof(name), "%s", p->name);
	sigfillset(&all);
	must(pthread_sigmask(SIG_SETMASK, &all, &old) == 0);
	must(pthread_create(&p->threads[p->started], NULL, worker, p) == 0);
	must(pthread_sigmask(SIG_SETMASK, &old, NULL) == 0);
	pthread_setname_np(p->threads[p->started], name);
	p->started++;
}

/* Under the lock. How many turns wait. */
static unsigned
count_turns(const struct pool *p)
{
	const struct job *first = NULL, *j;
	unsigned turns = 0;
	size_t n = 0;

	STAILQ_FOREACH (j, &p->waiting, entry) {
		if (first == NULL || !is_same_turn(first, j, n)) {
			first = j;
			n = 0;
			turns++;
		}
		n++;
	}
	return turns;
}

/* Gives jobs that are ready to the workers. */
static void
give(struct pool *p, struct jobs *ready, size_t n)
{
	unsigned turns;

	lock(p);
	STAILQ_CONCAT(&p->waiting, ready);
	p->depth += n;
	turns = count_turns(p);
	while (p->started < p->limit && p->started < p->busy + turns)
		start_thread(p);
	while (turns-- > 0)
		must(pthread_cond_signal(&p->work) == 0);
	unlock(p);
}

/* May one more be made ready? */
static bool
has_room(const struct pool *p, const struct job *j)
{
	return p->given < (size_t)AHEAD * p->limit ||
	       (j->with != NULL && p->given < AHEAD_TOGETHER);
}

/* No more than the workers soon take: a job that is ready may be large. */
static void
feed(struct pool *p)
{
	struct jobs ready = STAILQ_HEAD_INITIALIZER(ready);
	size_t n = 0;
	struct job *j;

	while ((j = STAILQ_FIRST(&p->queued)) != NULL && has_room(p, j)) {
		STAILQ_REMOVE_HEAD(&p->queued, entry);
		p->given++;
		n++;
		if (j->ready != NULL)
			j->ready(j);
		STAILQ_INSERT_TAIL(&ready, j, entry);
	}
	if (n > 0)
		give(p, &ready, n);
}

/* done() may submit again, or take long: neither happens under the lock. */
static void
deliver(struct ev_loop *loop, ev_async *w, int revents)
{
	struct pool *p = w->data;
	struct jobs ready = STAILQ_HEAD_INITIALIZER(ready);
	struct job *j;

	(void)revents;
	lock(p);
	STAILQ_CONCAT(&ready, &p->finished);
	unlock(p);
	while ((j = STAILQ_FIRST(&ready)) != NULL) {
		STAILQ_REMOVE_HEAD(&ready, entry);
		p->in_hand--;
		p->given--;
		ev_unref(loop);
		if (p->watcher.waited != NULL)
			p->watcher.waited(
			    p->watcher.arg, p->name, j->started - j->submitted);
		j->done(j);
	}
	feed(p);
}

struct pool *
pool_new(struct ev_loop *loop, const char *name, unsigned workers)
{
	struct pool *p = mem_of(struct pool);

	p->loop = loop;
	p->name = mem_str(name);
	p->limit = workers == 0 ? 1 : workers;
	p->threads = mem_array(pthread_t, p->limit);
	STAILQ_INIT(&p->queued);
	STAILQ_INIT(&p->waiting);
	STAILQ_INIT(&p->finished);
	must(pthread_mutex_init(&p->lock, NULL) == 0);
	must(pthread_cond_init(&p->work, NULL) == 0);
	ev_async_init(&p->wake, deliver);
	p->wake.data = p;
	ev_async_start(loop, &p->wake);
	ev_unref(loop); /* an idle pool does not hold the loop, a job does */
	return p;
}

const char *
pool_name(const struct pool *p)
{
	return p->name;
}

void
pool_submit(struct pool *p, struct job *take_job)
{
	take_job->submitted = clock_mono();
	take_job->started = 0;
	ev_ref(p->loop);
	p->in_hand++;
	STAILQ_INSERT_TAIL(&p->queued, take_job, entry);
	if (take_job->with == NULL)
		feed(p);
	else /* once those that may come with it are there */
		ev_feed_event(p->loop, &p->wake, EV_ASYNC);
}

struct pool_stats
pool_stats(struct pool *p)
{
	struct pool_stats s;

	lock(p);
	s = (struct pool_stats){ p->started, p->busy,
		p->depth + p->in_hand - p->given };
	unlock(p);
	return s;
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	lock(p);
	p->stopping = true;
	must(pthread_cond_broadcast(&p->work) == 0);
	unlock(p);
	for (unsigned i = 0; i < p->started; i++)
		must(pthread_join(p->threads[i], NULL) == 0);
	for (; p->in_hand > 0; p->in_hand--)
		ev_unref(p->loop);
	ev_ref(p->loop);
	ev_async_stop(p->loop, &p->wake);
	must(pthread_cond_destroy(&p->work) == 0);
	must(pthread_mutex_destroy(&p->lock) == 0);
	free(p->threads);
	free(p->name);
	free(p);
}

struct pools {
	struct ev_loop *loop;
	struct watcher watcher;
	unsigned (*size)(void *arg, const char *name);
	void *arg;
	struct pool **all;
	size_t n;
};

struct pools *
pools_new(
    struct ev_loop *loop, unsigned (*size)(void *, const char *), void *arg)
{
	struct pools *ps = mem_of(struct pools);

	ps->loop = loop;
	ps->size = size;
	ps->arg = arg;
	return ps;
}

struct pool *
pools_get(struct pools *ps, const char *name)
{
	size_t size = sizeof(struct pool *);

	for (size_t i = 0; i < ps->n; i++)
		if (strcmp(ps->all[i]->name, name) == 0)
			return ps->all[i];
	ps->all = mem_grow(ps->all, ps->n * size, (ps->n + 1) * size);
	ps->all[ps->n] = pool_new(ps->loop, name, ps->size(ps->arg, name));
	ps->all[ps->n]->watcher = ps->watcher;
	return ps->all[ps->n++];
}

void
pools_watch(struct pools *ps,
    void (*waited)(void *arg, const char *pool, double sec), void *arg)
{
	ps->watcher = (struct watcher){ waited, arg };
	for (size_t i = 0; i < ps->n; i++)
		ps->all[i]->watcher = ps->watcher;
}

struct pool *
pools_at(struct pools *ps, size_t i)
{
	return i < ps->n ? ps->all[i] : NULL;
}

void
pools_free(struct pools *ps)
{
	if (ps == NULL)
		return;
	for (size_t i = 0; i < ps->n; i++)
		pool_free(ps->all[i]);
	free(ps->all);
	free(ps);
}
