/* Signing keys and their cache: see sigv4_key.h. */

#include "common/aws/sigv4_key.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_ROWS 32 /* more than services of one client in one region */

struct cached {
	char scope[128]; /* "" is free */
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
derive(const struct sigv4_signer *s, const char *scope, struct hasher *h,
    uint8_t ret[static SHA256_LEN])
{
	auto_buf struct buf first = BUF_INIT;
	const char *steps[] = { s->region, s->service, "aws4_request" };

	buf_join(&first, "AWS4", s->secret_key);
	hasher_hmac_sha256(
	    h, first.data, first.len, scope, strcspn(scope, "/"), ret);
	mem_wipe(first.data, first.len);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		uint8_t next[SHA256_LEN];

		hasher_hmac_sha256(
		    h, ret, SHA256_LEN, steps[i], strlen(steps[i]), next);
		memcpy(ret, next, SHA256_LEN);
		mem_wipe(next, sizeof(next));
	}
}

static const struct cached *
find(const struct sigv4_cache *c, const char *scope, const char *secret)
{
	for (size_t i = 0; i < CACHE_ROWS; i++)
		if (strcmp(c->rows[i].scope, scope) == 0 &&
		    strcmp(c->rows[i].secret, secret) == 0)
			return &c->rows[i];
	return NULL;
}

/* In the place of the oldest. */
static const struct cached *
add(struct sigv4_cache *c, const struct sigv4_signer *s, const char *scope,
    struct hasher *h)
{
	struct cached *row = &c->rows[c->next];

	c->next = (c->next + 1) % CACHE_ROWS;
	mem_wipe(row, sizeof(*row));
	stpcpy(row->scope, scope);
	stpcpy(row->secret, s->secret_key);
	derive(s, scope, h, row->key);
	return row;
}

void
sigv4_key(const struct sigv4_signer *s, const char *scope, struct hasher *h,
    uint8_t ret[static SHA256_LEN])
{
	struct sigv4_cache *c = s->cache;
	const struct cached *hit;

	if (c == NULL || strlen(scope) >= sizeof(hit->scope) ||
	    strlen(s->secret_key) >= sizeof(hit->secret)) {
		derive(s, scope, h, ret);
		return;
	}
	must(pthread_mutex_lock(&c->lock) == 0);
	hit = find(c, scope, s->secret_key);
	if (hit == NULL)
		hit = add(c, s, scope, h);
	memcpy(ret, hit->key, SHA256_LEN);
	must(pthread_mutex_unlock(&c->lock) == 0);
}
