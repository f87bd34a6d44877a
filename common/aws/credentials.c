/* Keys, remembered and renewed ahead of their end: see credentials.h. */

#include "common/aws/credentials.h"
#include "common/aws/provider.h"
#include "common/base/clock.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ADVISORY_SEC  900.0 /* renew when somebody asks */
#define MANDATORY_SEC 600.0 /* nobody gets the old ones any more */
#define AGAIN_SEC     60.0  /* after a renewal ahead of time failed */

struct credentials {
	/* the settings' strings, owned */
	struct credentials_settings settings;
	char *profile, *region, *endpoint_url;

	pthread_mutex_t lock; /* of everything below */
	pthread_cond_t renewed;
	struct secret now; /* access_key NULL: none yet */
	double fetched;    /* clock_wall() */
	double not_before; /* of the next renewal ahead of time */
	bool renewing, fixed;
};

static void
wipe_free(char *s)
{
	if (s != NULL)
		mem_wipe(s, strlen(s));
	free(s);
}

void
secret_free(struct secret *s)
{
	wipe_free(s->access_key);
	wipe_free(s->secret_key);
	wipe_free(s->session_token);
	*s = (struct secret){ 0 };
}

void
secret_copy(struct secret *to, const struct secret *from)
{
	to->access_key = mem_str(from->access_key);
	to->secret_key = mem_str(from->secret_key);
	to->session_token = mem_str(from->session_token);
	to->expires = from->expires;
}

struct credentials *
credentials_new(const struct credentials_settings *s)
{
	struct credentials *c = mem_of(struct credentials);

	c->settings = *s;
	c->settings.profile = c->profile = mem_str(s->profile);
	c->settings.region = c->region = mem_str(s->region);
	c->settings.endpoint_url = c->endpoint_url = mem_str(s->endpoint_url);
	must(pthread_mutex_init(&c->lock, NULL) == 0);
	must(pthread_cond_init(&c->renewed, NULL) == 0);
	return c;
}

struct credentials *
credentials_fixed(const struct secret *s)
{
	struct credentials *c = credentials_new(
	    &(struct credentials_settings){ .profile = "" });

	secret_copy(&c->now, s);
	c->fixed = true;
	return c;
}

void
credentials_free(struct credentials *c)
{
	if (c == NULL)
		return;
	secret_free(&c->now);
	must(pthread_cond_destroy(&c->renewed) == 0);
	must(pthread_mutex_destroy(&c->lock) == 0);
	free(c->profile);
	free(c->region);
	free(c->endpoint_url);
	free(c);
}

/* How long before the end; short-lived keys have proportionate windows. */
static double
window(const struct credentials *c, double sec)
{
	return fmin(sec, (c->now.expires - c->fetched) * sec / 3600);
}

enum need { NEED_NOTHING, NEED_SOON, NEED_NOW };

static enum need
need(const struct credentials *c, double now)
{
	if (c->now.access_key == NULL)
		return NEED_NOW;
	if (c->fixed || c->now.expires == 0)
		return NEED_NOTHING;
	if (now >= c->now.expires - window(c, MANDATORY_SEC))
		return NEED_NOW;
	if (now >= c->now.expires - window(c, ADVISORY_SEC) &&
	    now >= c->not_before)
		return NEED_SOON;
	return NEED_NOTHING;
}

static int
ask_providers(struct credentials *c, struct secret *ret, struct err *err)
{
	struct provider_query q = { .settings = &c->settings,
		.profile = c->settings.profile };
	enum provider_answer a = provider_chain(&q, ret, err);

	if (a == PROVIDER_NONE)
		return err_set(err, ERR_AUTH,
		    "no credentials: set AWS_ACCESS_KEY_ID and "
		    "AWS_SECRET_ACCESS_KEY, or configure profile \"%s\"",
		    c->settings.profile);
	return a == PROVIDER_OK ? 0 : err_wrap(err, "credentials");
}

/* Under the lock, which is released while the providers work. */
static int
renew(struct credentials *c, struct err *err)
{
	struct secret fresh = { 0 };
	int rc;

	c->renewing = true;
	must(pthread_mutex_unlock(&c->lock) == 0);
	rc = ask_providers(c, &fresh, err);
	must(pthread_mutex_lock(&c->lock) == 0);
	c->renewing = false;
	c->not_before = clock_wall() + AGAIN_SEC;
	if (rc == 0) {
		secret_free(&c->now);
		c->now = fresh;
		c->fetched = clock_wall();
		c->not_before = 0;
	}
	must(pthread_cond_broadcast(&c->renewed) == 0);
	return rc;
}

/* Old keys that still work are better than none. */
static int
renew_or_keep(struct credentials *c, struct err *err)
{
	int rc = renew(c, err);

	if (rc == -1 && c->now.access_key != NULL &&
	    (c->now.expires == 0 || clock_wall() < c->now.expires))
		return 0;
	return rc;
}

int
credentials_get(struct credentials *c, struct secret *ret, struct err *err)
{
	enum need n;
	int rc = 0;

	must(pthread_mutex_lock(&c->lock) == 0);
	while ((n = need(c, clock_wall())) == NEED_NOW && c->renewing)
		must(pthread_cond_wait(&c->renewed, &c->lock) == 0);
	if (n != NEED_NOTHING && !c->renewing)
		rc = renew_or_keep(c, err);
	if (rc == 0)
		secret_copy(ret, &c->now);
	must(pthread_mutex_unlock(&c->lock) == 0);
	return rc;
}

void
credentials_reject(struct credentials *c, const struct secret *used)
{
	must(pthread_mutex_lock(&c->lock) == 0);
	if (!c->fixed && !c->renewing && c->now.access_key != NULL &&
	    strcmp(c->now.access_key, used->access_key) == 0)
		secret_free(&c->now);
	must(pthread_mutex_unlock(&c->lock) == 0);
}
