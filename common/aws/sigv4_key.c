/* Signing keys and their cache: see sigv4_key.h. */

#include "common/aws/sigv4_key.h"
#include "common/base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_ROWS 32 /* more than services of one client in one region */

struct cached {
	char scope[128]; /* "20150830/us-east-1/iam"; "" is free */
	char secret[128];
	uint8_t key[SHA256_LEN];
};

struct sigv4_cache {
	pthread_mutex_t lock;
	struct cached rows[CACHE_ROWS]; /* under the lock */
	size_t next;                    /* is overwritten next */
};

struct sigv4_cache *
sigv4_cache_new(void)
{
	struct sigv4_cache *c = mem_of(struct sigv4_cache);

	must(pthread_mutex_init(&c->lock, NULL) == 0);
	return c;
}

void
sigv4_cache_clear(struct sigv4_cache *c)
{
	must(pthread_mutex_lock(&c->lock) == 0);
	mem_wipe(c->rows, sizeof(c->rows));
	must(pthread_mutex_unlock(&c->lock) == 0);
}

void
sigv4_cache_free(struct sigv4_cache *c)
{
	if (c == NULL)
		return;
	must(pthread_mutex_destroy(&c->lock) == 0);
	mem_wipe(c, sizeof(*c));
	free(c);
}

static void
derive(const struct sigv4_signer *s, uint8_t ret[static SHA256_LEN])
{
	auto_buf struct buf first = BUF_INIT;
	const char *steps[] = { s->region, s->service, "aws4_request" };
	char date[17];

	clock_amz(s->when, date);
	buf_addf(&first, "AWS4%s", s->secret_key);
	crypto_hmac_sha256(first.data, first.len, date, 8, ret);
	mem_wipe(first.data, first.len);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		uint8_t next[SHA256_LEN];

		crypto_hmac_sha256(
		    ret, SHA256_LEN, steps[i], strlen(steps[i]), next);
		memcpy(ret, next, SHA256_LEN);
		mem_wipe(next, sizeof(next));
	}
}

static const struct cached *
find(const struct sigv4_cache *c, const struct cached *wanted)
{
	for (size_t i = 0; i < CACHE_ROWS; i++)
		if (strcmp(c->rows[i].scope, wanted->scope) == 0 &&
		    strcmp(c->rows[i].secret, wanted->secret) == 0)
			return &c->rows[i];
	return NULL;
}

/* False: it does not fit. */
static bool
make_row(const struct sigv4_signer *s, struct cached *ret)
{
	char date[17], *end;

	clock_amz(s->when, date);
	date[8] = 0; /* only the day */
	if (8 + 1 + strlen(s->region) + 1 + strlen(s->service) >=
		sizeof(ret->scope) ||
	    strlen(s->secret_key) >= sizeof(ret->secret))
		return false;
	end = stpcpy(stpcpy(ret->scope, date), "/");
	end = stpcpy(stpcpy(end, s->region), "/");
	stpcpy(end, s->service);
	stpcpy(ret->secret, s->secret_key);
	return true;
}

void
sigv4_key(const struct sigv4_signer *s, uint8_t ret[static SHA256_LEN])
{
	struct sigv4_cache *c = s->cache;
	struct cached row;
	const struct cached *hit;

	if (c == NULL || !make_row(s, &row)) {
		derive(s, ret);
		return;
	}
	must(pthread_mutex_lock(&c->lock) == 0);
	hit = find(c, &row);
	if (hit == NULL) {
		derive(s, row.key);
		hit = &c->rows[c->next];
		c->rows[c->next] = row;
		c->next = (c->next + 1) % CACHE_ROWS;
	}
	memcpy(ret, hit->key, SHA256_LEN);
	must(pthread_mutex_unlock(&c->lock) == 0);
	mem_wipe(&row, sizeof(row));
}
