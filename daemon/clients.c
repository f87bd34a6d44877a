/* AWS clients by region and settings: see clients.h. */

#include "daemon/clients.h"
#include "common/aws/aws.h"
#include "daemon/metrics.h"
#include "daemon/settings.h"

#include <stdlib.h>
#include <string.h>

struct client {
	char *key; /* of everything that makes it what it is */
	struct aws *aws;
};

struct clients {
	struct http *http;
	struct metrics *metrics;
	struct aws_limits *limits; /* of all of them */
	struct client *list;
	size_t n;
};

/* Any thread: the metrics have their own lock. */
static void
count(void *arg, const struct aws_attempt *a)
{
	struct metrics *m = arg;

	metrics_add(
	    m, M_AWS_REQUESTS, 1, LABELS(a->service, a->operation, a->code));
	metrics_observe(m, M_AWS_DURATION, a->seconds, LABELS(a->service));
	metrics_add(m, M_AWS_THROTTLED, a->throttled, LABELS(a->service));
}

static const char *
or_dash(const char *s)
{
	return s == NULL ? "-" : s;
}

static struct aws *
find(const struct clients *c, const char *key)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->list[i].key, key) == 0)
			return c->list[i].aws;
	return NULL;
}

static void
add(struct clients *c, char *take_key, struct aws *take_aws)
{
	const size_t size = sizeof(*c->list);

	c->list = mem_grow(c->list, c->n * size, (c->n + 1) * size);
	c->list[c->n++] = (struct client){ take_key, take_aws };
}

static int
make(struct clients *c, const struct settings *s, const char *region,
    const char *role, struct aws **ret, struct err *err)
{
	struct aws_settings o = {
		.region = region,
		.profile = s->aws.profile,
		.endpoint_url = s->aws.endpoint_url,
		.max_attempts = s->aws.max_attempts,
		.role_arn = role,
		.attempt = count,
		.arg = c->metrics,
		.limits = c->limits,
	};

	return aws_new(&o, c->http, ret, err);
}

int
clients_get(struct clients *c, const struct settings *s, const char *region,
    const char *role, struct aws **ret, struct err *err)
{
	auto_free char *key = NULL;

	if (region == NULL)
		region = s->aws.region;
	key = mem_fmt("%s %s %s %d %s", or_dash(region),
	    or_dash(s->aws.profile), or_dash(s->aws.endpoint_url),
	    s->aws.max_attempts, or_dash(role));
	*ret = find(c, key);
	if (*ret != NULL)
		return 0;
	if (make(c, s, region, role, ret, err) == -1)
		return -1;
	add(c, mem_move(&key), *ret);
	return 0;
}

struct clients *
clients_new(struct http *http, struct metrics *m)
{
	struct clients *c = mem_of(struct clients);

	c->http = http;
	c->metrics = m;
	c->limits = aws_limits_new();
	return c;
}

void
clients_free(struct clients *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n; i++) {
		aws_free(c->list[i].aws);
		free(c->list[i].key);
	}
	aws_limits_free(c->limits);
	free(c->list);
	free(c);
}
