/* Limits of accounts and regions, shared by clients: see aws.h. */

#include "common/aws/aws.h"
#include "common/aws/limits.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

struct place {
	STAILQ_ENTRY(place) entry;
	char *account, *region;
	bool adaptive;
	struct limits *limits;
};

struct aws_limits {
	pthread_mutex_t lock;
	STAILQ_HEAD(, place) places; /* under the lock */
};

struct aws_limits *
aws_limits_new(void)
{
	struct aws_limits *l = mem_of(struct aws_limits);

	must(pthread_mutex_init(&l->lock, NULL) == 0);
	STAILQ_INIT(&l->places);
	return l;
}

void
aws_limits_free(struct aws_limits *l)
{
	struct place *p;

	if (l == NULL)
		return;
	while ((p = STAILQ_FIRST(&l->places)) != NULL) {
		STAILQ_REMOVE_HEAD(&l->places, entry);
		limits_free(p->limits);
		free(p->account);
		free(p->region);
		free(p);
	}
	must(pthread_mutex_destroy(&l->lock) == 0);
	free(l);
}

static struct place *
find(struct aws_limits *l, const char *account, const char *region,
    bool adaptive)
{
	struct place *p;

	STAILQ_FOREACH (p, &l->places, entry)
		if (p->adaptive == adaptive &&
		    strcmp(p->account, account) == 0 &&
		    strcmp(p->region, region) == 0)
			return p;
	p = mem_of(struct place);
	p->account = mem_str(account);
	p->region = mem_str(region);
	p->adaptive = adaptive;
	p->limits = limits_new(&model_builtin, adaptive);
	STAILQ_INSERT_TAIL(&l->places, p, entry);
	return p;
}

struct limits *
limits_of(struct aws_limits *l, const char *account, const char *region,
    bool adaptive)
{
	struct limits *found;

	must(pthread_mutex_lock(&l->lock) == 0);
	found = find(l, account, region, adaptive)->limits;
	must(pthread_mutex_unlock(&l->lock) == 0);
	return found;
}
