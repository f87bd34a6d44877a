/* Several calls at once for one worker: aws_call_stream and aws_call_many of
 * aws.h. */

#include "common/aws/exchange.h"

#include <pthread.h>
#include <stdlib.h>

#define MAX_AT_ONCE 64

/* A call on its way. */
struct flight {
	struct exchange *x;
	struct aws_one *one;
};

/*
 * First attempts are sent and answered by the one thread that calls, over one
 * queue. What fails may have to pause before it goes again: that is for
 * threads, which start when nothing else is under way.
 */
struct many {
	struct aws *aws;
	struct aws_one *(*next)(void *arg); /* that has not begun */
	void *arg;
	size_t most;
	struct http_queue *queue;
	struct flight *spare[MAX_AT_ONCE], *failed[MAX_AT_ONCE];
	size_t n_spare, n_failed, in_flight;
	struct flight *held; /* its turn has not come; or NULL */

	pthread_mutex_t lock;
	size_t resumed; /* of the failed; under the lock */
};

/* The verdict of a call. */
static void
settle(struct many *m, struct flight *f, int result)
{
	struct aws_one *o = f->one;

	exchange_free(f->x);
	o->result = result;
	if (result == -1)
		err_wrap(&o->err, "%s %s", o->service, o->operation);
	m->spare[m->n_spare++] = f;
	if (o->done != NULL)
		o->done(o, o->arg);
}

/* The next one that can be sent, or NULL. */
static struct flight *
next_flight(struct many *m)
{
	struct flight *f = mem_move(&m->held);
	struct aws_one *o;

	while (f == NULL && (o = m->next(m->arg)) != NULL) {
		f = m->n_spare > 0 ? m->spare[--m->n_spare]
				   : mem_of(struct flight);
		f->one = o;
		f->x = exchange_new(m->aws);
		o->out = NULL;
		if (exchange_prepare(
			f->x, o->service, o->operation, o->in, &o->err) == -1)
			settle(m, mem_move(&f), -1);
	}
	return f;
}

/* Waits for its turn only if nothing is under way: false, it is held. */
static bool
launch(struct many *m, struct flight *f)
{
	struct err *err = &f->one->err;

	if (exchange_begin(
		f->x, m->in_flight > 0 ? 0 : f->x->retry.deadline, err) == 0) {
		m->in_flight++;
		http_submit(m->queue, &f->x->wire, &f->x->response, err, f);
	} else if (m->in_flight > 0 && err->kind == ERR_THROTTLED) {
		m->held = f;
	} else {
		retry_settle(&f->x->retry, err);
		settle(m, f, -1);
	}
	return m->held == NULL;
}

static void
land(struct many *m)
{
	int sent;
	struct flight *f = http_next(m->queue, &sent);
	struct aws_one *o = f->one;

	m->in_flight--;
	if (exchange_end(f->x, sent, &o->out, &o->err) == 0)
		settle(m, f, 0);
	else
		m->failed[m->n_failed++] = f;
}

/* --- what failed ------------------------------------------------------ */

static struct flight *
next_failed(struct many *m)
{
	struct flight *f = NULL;

	must(pthread_mutex_lock(&m->lock) == 0);
	if (m->resumed < m->n_failed)
		f = m->failed[m->resumed++];
	must(pthread_mutex_unlock(&m->lock) == 0);
	return f;
}

static void *
resume(void *arg)
{
	struct many *m = arg;
	struct flight *f;

	while ((f = next_failed(m)) != NULL)
		f->one->result = exchange_again(
		    f->x, &f->one->out, &f->one->err);
	return NULL;
}

/* With fewer threads than calls it takes longer, that is all. */
static void
resume_failed(struct many *m)
{
	pthread_t threads[MAX_AT_ONCE];
	size_t started = 0;

	m->resumed = 0;
	while (started + 1 < m->n_failed &&
	       pthread_create(&threads[started], NULL, resume, m) == 0)
		started++;
	resume(m);
	while (started > 0)
		must(pthread_join(threads[--started], NULL) == 0);
	while (m->n_failed > 0) {
		struct flight *f = m->failed[--m->n_failed];

		settle(m, f, f->one->result);
	}
}

/* --- all -------------------------------------------------------------- */

/* The caller has no call now; one that comes back may give it one. */
static void
fly(struct many *m)
{
	struct flight *f;

	for (;;) {
		while (m->in_flight + m->n_failed < m->most &&
		       (f = next_flight(m)) != NULL && launch(m, f))
			continue;
		if (m->in_flight > 0)
			land(m);
		else if (m->n_failed > 0)
			resume_failed(m);
		else
			return;
	}
}

static size_t
at_least_one(unsigned at_once)
{
	return at_once == 0 ? 1 : at_once < MAX_AT_ONCE ? at_once : MAX_AT_ONCE;
}

void
aws_call_stream(struct aws *a, struct aws_one *(*next)(void *arg), void *arg,
    unsigned at_once)
{
	auto_of(http_queue_free) struct http_queue *q = http_queue_new(a->http);
	struct many m = { .aws = a,
		.next = next,
		.arg = arg,
		.most = at_least_one(at_once),
		.queue = q };

	must(pthread_mutex_init(&m.lock, NULL) == 0);
	fly(&m);
	must(pthread_mutex_destroy(&m.lock) == 0);
	while (m.n_spare > 0)
		free(m.spare[--m.n_spare]);
}

struct row {
	struct aws_one *next, *end;
};

static struct aws_one *
next_of_row(void *arg)
{
	struct row *r = arg;

	return r->next < r->end ? r->next++ : NULL;
}

size_t
aws_call_many(struct aws *a, struct aws_one *all, size_t n, unsigned at_once)
{
	struct row row = { all, all + n };
	size_t failed = 0;

	aws_call_stream(a, next_of_row, &row, at_once);
	for (size_t i = 0; i < n; i++)
		failed += all[i].result == -1;
	return failed;
}
