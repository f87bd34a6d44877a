/* Calls in flight and their rate: see limits.h. */

#include "common/aws/limits.h"
#include "common/aws/rate.h"
#include "common/base/clock.h"
#include "common/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define MOST 32 /* in flight, of a service without a row */

#define BURST 0.5 /* seconds in which throttling counts once */

/* Services whose own limits are low. */
static const struct {
	const char *service;
	int most;
} rows[] = {
	{ "apigateway", 2 },
	{ "cloudfront", 5 },
	{ "ec2", 10 },
	{ "iam", 5 },
	{ "route53", 5 },
};

struct lane {
	struct slots slots; /* under the gate's lock */
	int most;
	bool adaptive;

	pthread_mutex_t lock; /* of everything below */
	struct rate rate;
	int allowed;   /* in flight */
	int good;      /* answers since allowed changed */
	double halved; /* when it was */
};

struct limits {
	const struct model *model;
	struct lane *lanes;         /* two for every service: writes, reads */
	struct retry_quota *quotas; /* one for every service */
};

int
limits_most(const char *service)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].service, service) == 0)
			return rows[i].most;
	return MOST;
}

struct limits *
limits_new(const struct model *m, bool adaptive)
{
	struct limits *l = mem_of(struct limits);

	l->model = m;
	l->lanes = mem_array(struct lane, 2 * m->n_services);
	l->quotas = mem_array(struct retry_quota, m->n_services);
	for (size_t i = 0; i < m->n_services; i++)
		l->quotas[i] = (struct retry_quota)RETRY_QUOTA_INIT;
	for (size_t i = 0; i < 2 * m->n_services; i++) {
		struct lane *n = &l->lanes[i];

		n->most = limits_most(model_str(m, m->services[i / 2].name));
		n->slots.max = n->allowed = n->most;
		n->adaptive = adaptive;
		must(pthread_mutex_init(&n->lock, NULL) == 0);
	}
	return l;
}

void
limits_free(struct limits *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < 2 * l->model->n_services; i++)
		must(pthread_mutex_destroy(&l->lanes[i].lock) == 0);
	for (size_t i = 0; i < l->model->n_services; i++)
		must(pthread_mutex_destroy(&l->quotas[i].lock) == 0);
	free(l->quotas);
	free(l->lanes);
	free(l);
}

struct lane *
limits_lane(struct limits *l, const struct model_service *s, bool read)
{
	return &l->lanes[2 * (s - l->model->services) + read];
}

struct retry_quota *
limits_quota(struct limits *l, const struct model_service *s)
{
	return &l->quotas[s - l->model->services];
}

static double
take_token(struct lane *n)
{
	double wait;

	must(pthread_mutex_lock(&n->lock) == 0);
	wait = rate_take(&n->rate, clock_mono());
	must(pthread_mutex_unlock(&n->lock) == 0);
	return wait;
}

static void
give_back(struct lane *n)
{
	must(pthread_mutex_lock(&n->lock) == 0);
	rate_give_back(&n->rate);
	must(pthread_mutex_unlock(&n->lock) == 0);
}

static int
wait_for_rate(struct lane *n, struct gate *g, double until, struct err *err)
{
	double wait = take_token(n);

	if (wait <= 0)
		return 0;
	if (clock_mono() + wait < until)
		return gate_pause(g, wait, err);
	give_back(n);
	return err_set(err, ERR_THROTTLED,
	    "not sent: the service throttles, the next free moment is %.1f s "
	    "away",
	    wait);
}

int
lane_enter(struct lane *n, struct gate *g, double until, struct err *err)
{
	if (gate_enter(g, &n->slots, until, err) == -1)
		return -1;
	if (wait_for_rate(n, g, until, err) == 0)
		return 0;
	gate_leave(g, &n->slots);
	return -1;
}

/* Half at once, one more for every round of answers; 0: as before. */
static int
adapt(struct lane *n, bool throttled, double now)
{
	if (throttled && now - n->halved >= BURST) {
		n->halved = now;
		n->good = 0;
		return n->allowed = n->allowed > 1 ? n->allowed / 2 : 1;
	}
	if (throttled || n->allowed == n->most || ++n->good < n->allowed)
		return 0;
	n->good = 0;
	return ++n->allowed;
}

void
lane_leave(struct lane *n, struct gate *g, bool throttled)
{
	double now = clock_mono();
	int allowed = 0;

	if (n->adaptive) {
		must(pthread_mutex_lock(&n->lock) == 0);
		rate_answered(&n->rate, throttled, now);
		allowed = adapt(n, throttled, now);
		must(pthread_mutex_unlock(&n->lock) == 0);
	}
	if (allowed > 0)
		gate_resize(g, &n->slots, allowed);
	gate_leave(g, &n->slots);
}
