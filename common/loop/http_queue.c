/* The worker's side of the transport: submitting and waiting; see http.h. */

#include "common/loop/http_call.h"

#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>

#define MAX_BODY (64u << 20)

struct http_queue {
	struct http *http;
	struct calls spare; /* the worker's */
	sem_t wake;         /* posted once per sleep */

	pthread_mutex_t lock;
	struct calls ended; /* under the lock */
	bool sleeps;        /* under the lock: the worker waits for wake */
};

static void
lock(struct http_queue *q)
{
	must(pthread_mutex_lock(&q->lock) == 0);
}

static void
unlock(struct http_queue *q)
{
	must(pthread_mutex_unlock(&q->lock) == 0);
}

/* The queue may be gone as soon as the worker can see the end: after a post
 * where it sleeps, after the unlocking where it does not. */
void
call_end(struct call *c)
{
	struct http_queue *q = c->queue;
	bool sleeps;

	lock(q);
	TAILQ_INSERT_TAIL(&q->ended, c, entry);
	sleeps = q->sleeps;
	q->sleeps = false;
	unlock(q);
	if (sleeps)
		must(sem_post(&q->wake) == 0);
}

static void
queue_init(struct http_queue *q, struct http *h)
{
	q->http = h;
	q->sleeps = false;
	TAILQ_INIT(&q->spare);
	TAILQ_INIT(&q->ended);
	must(sem_init(&q->wake, 0, 0) == 0);
	must(pthread_mutex_init(&q->lock, NULL) == 0);
}

static void
queue_fini(struct http_queue *q)
{
	must(TAILQ_EMPTY(&q->ended));
	must(sem_destroy(&q->wake) == 0);
	must(pthread_mutex_destroy(&q->lock) == 0);
}

struct http_queue *
http_queue_new(struct http *h)
{
	struct http_queue *q = mem_of(struct http_queue);

	queue_init(q, h);
	return q;
}

static void
call_fini(struct call *c)
{
	buf_free(&c->lines);
	buf_free(&c->nodes);
}

void
http_queue_free(struct http_queue *q)
{
	struct call *c;

	if (q == NULL)
		return;
	while ((c = TAILQ_FIRST(&q->spare)) != NULL) {
		TAILQ_REMOVE(&q->spare, c, entry);
		call_fini(c);
		free(c);
	}
	queue_fini(q);
	free(q);
}

static void
submit(struct call *c)
{
	struct http_response *r = c->response;

	buf_clear(&r->headers);
	buf_clear(&r->body);
	call_set_headers(c);
	if (call_submit(c->queue->http, c))
		return;
	c->result = call_fail(c, ERR_CANCELLED, "not sent, shutting down");
	call_end(c);
}

static struct call *
await(struct http_queue *q)
{
	struct call *c;

	lock(q);
	while ((c = TAILQ_FIRST(&q->ended)) == NULL) {
		q->sleeps = true;
		unlock(q);
		while (sem_wait(&q->wake) == -1)
			must(errno == EINTR);
		lock(q);
	}
	TAILQ_REMOVE(&q->ended, c, entry);
	unlock(q);
	return c;
}

static size_t
max_body(const struct http_request *r)
{
	return r->max_body ? r->max_body : MAX_BODY;
}

int
http_send(struct http *h, const struct http_request *r,
    struct http_response *ret, struct err *err)
{
	struct http_queue q;
	struct call c = { .request = r,
		.response = ret,
		.err = err,
		.max_body = max_body(r),
		.lines = BUF_INIT,
		.nodes = BUF_INIT,
		.queue = &q };

	queue_init(&q, h);
	submit(&c);
	await(&q);
	call_fini(&c);
	queue_fini(&q);
	return c.result;
}

static struct call *
new_call(void)
{
	struct call *c = mem_of(struct call);

	*c = (struct call){ .lines = BUF_INIT, .nodes = BUF_INIT };
	return c;
}

void
http_submit(struct http_queue *q, const struct http_request *r,
    struct http_response *ret, struct err *err, void *tag)
{
	struct call *c = TAILQ_FIRST(&q->spare);

	if (c != NULL)
		TAILQ_REMOVE(&q->spare, c, entry);
	else
		c = new_call();
	*c = (struct call){ .request = r,
		.lines = c->lines,
		.nodes = c->nodes,
		.response = ret,
		.err = err,
		.max_body = max_body(r),
		.queue = q,
		.patient = true,
		.tag = tag };
	submit(c);
}

void *
http_next(struct http_queue *q, int *ret_result)
{
	struct call *c = await(q);

	TAILQ_INSERT_HEAD(&q->spare, c, entry);
	*ret_result = c->result;
	return c->tag;
}
