/* Worker pools: who runs what, on which thread, how many at once. */

#include "common/base/buf.h"
#include "common/loop/pool.h"

#include <check.h>
#include <ev.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct counts {
	pthread_mutex_t lock;
	unsigned now, peak; /* jobs in run(), under the lock */
	unsigned ran, done;
	pthread_t loop_thread;
	bool wrong_thread, unblocked_signal;
	struct pool *again; /* done() submits there while left > 0 */
	unsigned left;
};

struct task {
	struct job job;
	struct counts *c;
	useconds_t usec;
};

static void
count(struct counts *c, int by)
{
	pthread_mutex_lock(&c->lock);
	c->now += (unsigned)by;
	if (c->now > c->peak)
		c->peak = c->now;
	c->ran += by > 0;
	pthread_mutex_unlock(&c->lock);
}

static void
task_run(struct job *j)
{
	struct task *t = (struct task *)j;
	sigset_t mask;

	count(t->c, 1);
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	if (!sigismember(&mask, SIGTERM) || !sigismember(&mask, SIGHUP))
		t->c->unblocked_signal = true;
	if (pthread_equal(pthread_self(), t->c->loop_thread))
		t->c->wrong_thread = true;
	usleep(t->usec);
	count(t->c, -1);
}

static void
task_done(struct job *j)
{
	struct task *t = (struct task *)j;
	struct counts *c = t->c;

	c->done++;
	if (!pthread_equal(pthread_self(), c->loop_thread))
		c->wrong_thread = true;
	if (j->started < j->submitted)
		c->wrong_thread = true;
	if (c->left > 0) {
		c->left--;
		pool_submit(c->again, j);
		return;
	}
	free(t);
}

static struct job *
task_new(struct counts *c, useconds_t usec)
{
	struct task *t = mem_of(struct task);

	t->job.run = task_run;
	t->job.done = task_done;
	t->c = c;
	t->usec = usec;
	return &t->job;
}

static const struct row {
	const char *name;
	unsigned workers, jobs, again;
	useconds_t usec;
	unsigned peak; /* jobs at once, at most */
	unsigned threads;
} rows[] = {
	{ "no job, no thread", 4, 0, 0, 0, 0, 0 },
	{ "one job, one thread", 4, 1, 0, 1000, 1, 1 },
	{ "one worker runs one by one", 1, 8, 0, 500, 1, 1 },
	{ "four workers", 4, 40, 0, 5000, 4, 4 },
	{ "zero workers means one", 0, 3, 0, 0, 1, 1 },
	{ "done submits again", 2, 2, 50, 0, 2, 2 },
};

START_TEST(runs)
{
	const struct row *r = &rows[_i];
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	struct counts c = { .lock = PTHREAD_MUTEX_INITIALIZER,
		.loop_thread = pthread_self(),
		.left = r->again };
	struct pool *p = pool_new(loop, "test", r->workers);

	c.again = p;
	for (unsigned i = 0; i < r->jobs; i++)
		pool_submit(p, task_new(&c, r->usec));
	ev_run(loop, 0); /* ends by itself when every job is done */
	ck_assert_uint_eq(c.done, r->jobs + r->again);
	ck_assert_uint_eq(c.ran, c.done);
	ck_assert_uint_le(c.peak, r->peak);
	ck_assert_uint_eq(pool_stats(p).workers, r->threads);
	ck_assert_uint_eq(pool_stats(p).busy, 0);
	ck_assert_uint_eq(pool_stats(p).depth, 0);
	ck_assert(!c.wrong_thread);
	ck_assert(!c.unblocked_signal);
	pool_free(p);
	ev_run(loop, 0); /* a freed pool leaves nothing behind */
	ev_loop_destroy(loop);
}
END_TEST

START_TEST(free_waits_for_the_running_only)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	struct counts c = { .lock = PTHREAD_MUTEX_INITIALIZER,
		.loop_thread = pthread_self() };
	struct pool *p = pool_new(loop, "test", 1);
	struct job *jobs[3];

	for (int i = 0; i < 3; i++)
		pool_submit(p, jobs[i] = task_new(&c, 50000));
	while (pool_stats(p).busy == 0)
		usleep(1000);
	pool_free(p);
	ck_assert_uint_eq(c.ran, 1);
	ck_assert_uint_eq(c.now, 0);
	ck_assert_uint_eq(c.done, 0);
	ev_run(loop, 0);
	for (int i = 0; i < 3; i++)
		free(jobs[i]);
	ev_loop_destroy(loop);
}
END_TEST

/* What jobs work on exists from ready() to done(). */
struct large {
	struct job job;
	struct large_counts {
		unsigned now, peak, done;
		bool wrong;
	} * c;
	bool made, ran;
};

static void
large_ready(struct job *j)
{
	struct large *l = (struct large *)j;

	l->made = true;
	if (++l->c->now > l->c->peak)
		l->c->peak = l->c->now;
}

static void
large_run(struct job *j)
{
	((struct large *)j)->ran = ((struct large *)j)->made;
}

static void
larges_run(struct job *const *jobs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		large_run(jobs[i]);
}

static void
large_done(struct job *j)
{
	struct large *l = (struct large *)j;

	l->c->wrong |= !l->ran;
	l->c->now--;
	l->c->done++;
}

/* Ten thousand that wait take neither threads nor what they work on. */
START_TEST(many_wait)
{
	enum { N = 10000, WORKERS = 4 };
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	struct large *all = mem_array(struct large, N);
	struct large_counts c = { 0 };
	struct pool *p = pool_new(loop, "test", WORKERS);

	for (int i = 0; i < N; i++) {
		all[i] = (struct large){ .job = { .ready = large_ready,
					     .run = large_run,
					     .done = large_done },
			.c = &c };
		pool_submit(p, &all[i].job);
	}
	ck_assert_uint_gt(pool_stats(p).depth, N - 3 * WORKERS);
	ev_run(loop, 0);
	ck_assert_uint_eq(c.done, N);
	ck_assert_uint_eq(c.now, 0);
	ck_assert_uint_le(c.peak, 2 * WORKERS);
	ck_assert_uint_le(pool_stats(p).workers, WORKERS);
	ck_assert_uint_eq(pool_stats(p).depth, 0);
	ck_assert(!c.wrong);
	pool_free(p);
	free(all);
	ev_loop_destroy(loop);
}
END_TEST

/* What one worker takes at once. */
struct member {
	struct job job;
	struct club *club;
};

struct club {
	struct buf turns; /* their sizes; by the only worker */
	unsigned ready, peak, done;
	bool wrong;
};

static void
member_ready(struct job *j)
{
	struct club *c = ((struct member *)j)->club;

	if (++c->ready > c->peak)
		c->peak = c->ready;
}

static void
member_run(struct job *j)
{
	buf_adds(&((struct member *)j)->club->turns, "alone ");
}

static void
members_run(struct job *const *jobs, size_t n)
{
	struct club *c = ((struct member *)jobs[0])->club;

	for (size_t i = 0; i < n; i++)
		c->wrong |= jobs[i]->with != jobs[0]->with ||
			    jobs[i]->started < jobs[i]->submitted;
	buf_addf(&c->turns, "%zu ", n);
}

static void
member_done(struct job *j)
{
	struct club *c = ((struct member *)j)->club;

	c->ready--;
	c->done++;
}

#define TEN(x) x x x x x x x x x x
static const struct {
	const char *with; /* of each job, in the order they come; ".": alone */
	const char *turns;
	unsigned peak; /* jobs that are ready at once */
} clubs[] = {
	{ "a", "1 ", 1 },
	{ "aaaaa", "5 ", 5 },
	{ TEN("a") TEN("a") TEN("a") TEN("a"), "16 16 8 ", 32 },
	{ "aabba", "2 2 1 ", 5 },
	{ "aa.aa", "2 alone 2 ", 4 },
	{ "..a", "alone alone 1 ", 3 },
};

START_TEST(together)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	struct club c = { .turns = BUF_INIT };
	size_t n = strlen(clubs[_i].with);
	struct member *all = mem_array(struct member, n);
	struct pool *p = pool_new(loop, "test", 1);

	for (size_t i = 0; i < n; i++) {
		char with = clubs[_i].with[i];

		all[i].club = &c;
		all[i].job = (struct job){ .ready = member_ready,
			.run = member_run,
			.with = with == '.' ? NULL
					    : strchr(clubs[_i].with, with),
			.run_all = members_run,
			.done = member_done };
		pool_submit(p, &all[i].job);
	}
	ev_run(loop, 0);
	ck_assert_str_eq(c.turns.data, clubs[_i].turns);
	ck_assert_uint_eq(c.done, n);
	ck_assert_uint_le(c.peak, clubs[_i].peak);
	ck_assert_uint_eq(pool_stats(p).depth, 0);
	ck_assert(!c.wrong);
	pool_free(p);
	buf_free(&c.turns);
	free(all);
	ev_loop_destroy(loop);
}
END_TEST

/* Threads are for turns, not for jobs; and few are ready, whoever waits. */
START_TEST(together_few_threads)
{
	enum { N = 10000 };
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	struct large *all = mem_array(struct large, N);
	struct large_counts c = { 0 };
	struct pool *p = pool_new(loop, "test", 16);

	for (int i = 0; i < N; i++) {
		all[i] = (struct large){ .job = { .ready = large_ready,
					     .with = &c,
					     .run_all = larges_run,
					     .done = large_done },
			.c = &c };
		pool_submit(p, &all[i].job);
	}
	ck_assert_uint_eq(pool_stats(p).depth, N);
	ev_run(loop, 0);
	ck_assert_uint_eq(c.done, N);
	ck_assert_uint_le(c.peak, 2 * POOL_TOGETHER);
	ck_assert_uint_le(pool_stats(p).workers, 2);
	ck_assert(!c.wrong);
	pool_free(p);
	free(all);
	ev_loop_destroy(loop);
}
END_TEST

static unsigned
size_of(void *arg, const char *name)
{
	(*(unsigned *)arg)++;
	return (unsigned)strlen(name);
}

START_TEST(pools_are_made_once)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	unsigned asked = 0;
	struct pools *ps = pools_new(loop, size_of, &asked);
	struct pool *sqs = pools_get(ps, "sqs"), *git = pools_get(ps, "git");

	ck_assert_ptr_ne(sqs, git);
	ck_assert_ptr_eq(pools_get(ps, "sqs"), sqs);
	ck_assert_uint_eq(asked, 2);
	ck_assert_ptr_eq(pools_at(ps, 0), sqs);
	ck_assert_ptr_eq(pools_at(ps, 1), git);
	ck_assert_ptr_null(pools_at(ps, 2));
	ck_assert_str_eq(pool_name(git), "git");
	pools_free(ps);
	ev_loop_destroy(loop);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("pool");
	TCase *t = tcase_create("pool");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, runs, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, free_waits_for_the_running_only);
	tcase_add_test(t, many_wait);
	tcase_add_loop_test(t, together, 0, sizeof(clubs) / sizeof(clubs[0]));
	tcase_add_test(t, together_few_threads);
	tcase_add_test(t, pools_are_made_once);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
