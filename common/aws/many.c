/* Several calls at once for one worker: aws_call_many of aws.h. */

#include "common/aws/aws.h"

#include <pthread.h>

#define MAX_AT_ONCE 64

/* What the threads of one aws_call_many share. */
struct crew {
	struct aws *aws;
	struct aws_one *all;
	size_t n;

	pthread_mutex_t lock;
	size_t next; /* under the lock */
};

static struct aws_one *
next_one(struct crew *c)
{
	struct aws_one *one = NULL;

	must(pthread_mutex_lock(&c->lock) == 0);
	if (c->next < c->n)
		one = &c->all[c->next++];
	must(pthread_mutex_unlock(&c->lock) == 0);
	return one;
}

static void *
work(void *arg)
{
	struct crew *c = arg;
	struct aws_one *o;

	while ((o = next_one(c)) != NULL) {
		o->out = NULL;
		o->result = aws_call(
		    c->aws, o->service, o->operation, o->in, &o->out, &o->err);
	}
	return NULL;
}

/* With fewer threads than asked for it takes longer, that is all. */
size_t
aws_call_many(struct aws *a, struct aws_one *all, size_t n, unsigned at_once)
{
	struct crew c = { .aws = a, .all = all, .n = n };
	pthread_t threads[MAX_AT_ONCE];
	unsigned wanted = at_once < n ? at_once : (unsigned)n, started = 0;
	size_t failed = 0;

	must(pthread_mutex_init(&c.lock, NULL) == 0);
	while (started + 1 < wanted && started < MAX_AT_ONCE &&
	       pthread_create(&threads[started], NULL, work, &c) == 0)
		started++;
	work(&c);
	while (started > 0)
		must(pthread_join(threads[--started], NULL) == 0);
	must(pthread_mutex_destroy(&c.lock) == 0);
	for (size_t i = 0; i < n; i++)
		failed += all[i].result == -1;
	return failed;
}
