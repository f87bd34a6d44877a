/* Keys, remembered and renewed ahead of their end: see credentials.h. */

#include "common/aws/credentials.h"
#include "common/aws/provider.h"
#include "common/base/clock.h"
#include "common/base/crypto.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ADVISORY_SEC  900.0 /* renew when somebody asks */
#define MANDATORY_SEC 600.0 /* nobody gets the old ones any more */
#define AGAIN_SEC     60.0  /* after a renewal ahead of time failed */
#define EXTRA_SEC     300.0 /* once to twice that for keys past their end */

struct credentials {
	/* the settings' strings, owned */
	struct credentials_settings settings;
	char *profile, *region, *endpoint_url, *role_arn, *role_session,
	    *external_id;

	pthread_mutex_t lock; /* of everything below */
	pthread_cond_t renewed;
	struct secret now; /* access_key NULL: none yet */
	double fetched;    /* clock_wall() */
	double not_before; /* of the next renewal while these still do */
	double extended;   /* they do until then, past their end; or 0 */
	bool renewing, fixed;
	unsigned long failures;
	struct err last; /* of the failures */

	struct provider_memory memory; /* of the thread that renews */
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
	to->outlives = from->outlives;
}

#define TELLING 12 /* letters of a secret that are enough to find it */

void
secret_hide(const char *secret, char *text)
{
	char start[TELLING + 1] = { 0 };
	size_t n;

	if (secret == NULL || strlen(secret) < TELLING)
		return;
	memcpy(start, secret, TELLING);
	while ((text = strstr(text, start)) != NULL) {
		for (n = 0; text[n] != 0 && text[n] == secret[n]; n++)
			text[n] = '*';
		text += n;
	}
	mem_wipe(start, sizeof(start));
}

struct credentials *
credentials_new(const struct credentials_settings *s)
{
	struct credentials *c = mem_of(struct credentials);

	c->settings = *s;
	c->settings.profile = c->profile = mem_str(s->profile);
	c->settings.region = c->region = mem_str(s->region);
	c->settings.endpoint_url = c->endpoint_url = mem_str(s->endpoint_url);
	c->settings.role_arn = c->role_arn = mem_str(s->role_arn);
	c->settings.role_session = c->role_session = mem_str(s->role_session);
	c->settings.external_id = c->external_id = mem_str(s->external_id);
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
	free(c->role_arn);
	free(c->role_session);
	free(c->external_id);
	free(c);
}

/* How long before the end; short-lived keys have proportionate windows. */
static double
window(const struct credentials *c, double sec)
{
	return fmin(sec, (c->now.expires - c->fetched) * sec / 3600);
}

enum need { NEED_NOTHING, NEED_SOON, NEED_NOW };

static bool
do_they_work(const struct credentials *c, double now)
{
	return c->now.access_key != NULL &&
	       (c->now.expires == 0 || now < c->now.expires ||
		   now < c->extended);
}

static enum need
need(const struct credentials *c, double now)
{
	if (c->now.access_key == NULL)
		return NEED_NOW;
	if (c->fixed || c->now.expires == 0 ||
	    (now < c->not_before && do_they_work(c, now)))
		return NEED_NOTHING;
	if (now >= c->now.expires - window(c, MANDATORY_SEC))
		return NEED_NOW;
	return now >= c->now.expires - window(c, ADVISORY_SEC) ? NEED_SOON
							       : NEED_NOTHING;
}

static int
ask_providers(struct credentials *c, struct secret *ret, struct err *err)
{
	auto_of(config_free) struct config *config = NULL;
	struct credentials_settings s = c->settings;
	struct provider_query q = {
		.settings = &s, .profile = s.profile, .memory = &c->memory
	};
	enum provider_answer a;

	if (s.reread && config_load(&config, err) == -1)
		return -1;
	if (config != NULL)
		s.config = config;
	a = s.role_arn != NULL ? provider_given_role(&q, ret, err)
			       : provider_chain(&q, ret, err);
	if (a == PROVIDER_NONE)
		return err_set(err, ERR_AUTH,
		    "no credentials: set AWS_ACCESS_KEY_ID and "
		    "AWS_SECRET_ACCESS_KEY, or configure profile \"%s\"",
		    c->settings.profile);
	return a == PROVIDER_OK ? 0 : err_wrap(err, "credentials");
}

static void
take_over(struct credentials *c, const struct secret *fresh)
{
	secret_free(&c->now);
	c->now = *fresh;
	c->fetched = clock_wall();
	c->not_before = c->extended = 0;
}

/*
 * Keys past their end. What an instance or a container gave is used while the
 * source is down, or while it gives nothing newer. Others are tried for a
 * while when they came like that: maybe only our clock is wrong. Should AWS
 * refuse them, they are rejected, and the next call asks again.
 */
static void
extend(struct credentials *c, bool fresh)
{
	double now = clock_wall(), more = 0;

	if (c->now.outlives)
		more = EXTRA_SEC + EXTRA_SEC * crypto_jitter();
	else if (fresh)
		more = AGAIN_SEC;
	if (more > 0 && c->now.expires != 0 && now >= c->now.expires)
		c->not_before = c->extended = now + more;
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
	if (rc == 0) {
		take_over(c, &fresh);
	} else {
		secret_free(&fresh);
		c->not_before = clock_wall() + window(c, AGAIN_SEC);
		c->failures++;
		c->last = *err;
	}
	if (c->now.access_key != NULL)
		extend(c, rc == 0);
	must(pthread_cond_broadcast(&c->renewed) == 0);
	return rc == -1 && do_they_work(c, clock_wall()) ? 0 : rc;
}

/* Under the lock. Whoever had to wait shares the outcome. */
static int
wait_for_renewal(struct credentials *c, struct err *err)
{
	unsigned long failures = c->failures;

	while (c->renewing)
		must(pthread_cond_wait(&c->renewed, &c->lock) == 0);
	if (c->failures == failures || do_they_work(c, clock_wall()))
		return 0;
	*err = c->last;
	return -1;
}

int
credentials_get(struct credentials *c, struct secret *ret, struct err *err)
{
	bool waited = false;
	int rc = 0;

	must(pthread_mutex_lock(&c->lock) == 0);
	while (rc == 0 && c->renewing && need(c, clock_wall()) == NEED_NOW) {
		rc = wait_for_renewal(c, err);
		waited = true;
	}
	/* keys that came with too short a life must do for those who waited */
	if (rc == 0 && !c->renewing &&
	    (c->now.access_key == NULL ||
		(!waited && need(c, clock_wall()) != NEED_NOTHING)))
		rc = renew(c, err);
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
	    used->access_key != NULL && /* it was signed */
	    strcmp(c->now.access_key, used->access_key) == 0)
		secret_free(&c->now);
	must(pthread_mutex_unlock(&c->lock) == 0);
}
