/* Breakers of credentials: see breaker.h. */

#include "daemon/breaker.h"
#include "common/base/clock.h"
#include "daemon/delay.h"

#include <stdlib.h>
#include <string.h>

#define TRY_SEC   60.0 /* a try that does not end is forgotten */
#define OTHER_SEC 1.0  /* others look so often whether it has ended */

struct breaker {
	char *key;
	unsigned refusals;   /* in a row; 0: closed */
	double opened;       /* clock_mono() */
	double until;        /* same: the next try */
	double trying_until; /* same: one is on its way */
};

struct breakers {
	struct breaker *list;
	size_t n;
};

struct breakers *
breakers_new(void)
{
	return mem_of(struct breakers);
}

void
breakers_free(struct breakers *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < b->n; i++)
		free(b->list[i].key);
	free(b->list);
	free(b);
}

static struct breaker *
find(const struct breakers *b, const char *key)
{
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->list[i].key, key) == 0)
			return &b->list[i];
	return NULL;
}

static struct breaker *
find_or_add(struct breakers *b, const char *key)
{
	const size_t size = sizeof(*b->list);
	struct breaker *one = find(b, key);

	if (one != NULL)
		return one;
	b->list = mem_grow(b->list, b->n * size, (b->n + 1) * size);
	b->list[b->n] = (struct breaker){ .key = mem_str(key) };
	return &b->list[b->n++];
}

double
breakers_wait(struct breakers *b, const char *key)
{
	struct breaker *one = find(b, key);
	double now = clock_mono();

	if (one == NULL || one->refusals == 0)
		return 0;
	if (now < one->until)
		return one->until - now;
	if (now < one->trying_until)
		return OTHER_SEC;
	one->trying_until = now + TRY_SEC;
	return 0;
}

/* Passes that were on their way when it opened tell nothing new. */
void
breakers_refused(
    struct breakers *b, const char *key, double began, double jitter)
{
	struct breaker *one = find_or_add(b, key);

	if (one->refusals > 0 && began < one->opened)
		return;
	one->opened = clock_mono();
	one->until = one->opened + delay_backoff(one->refusals++, jitter);
	one->trying_until = 0;
}

void
breakers_passed(struct breakers *b, const char *key)
{
	struct breaker *one = find(b, key);

	if (one != NULL)
		one->refusals = 0;
}
