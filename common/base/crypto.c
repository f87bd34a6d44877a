/* Hashes, encodings and random identifiers: see crypto.h. */

#include "common/base/crypto.h"
#include "common/base/mem.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#define BLOCK 64 /* bytes that SHA-256 takes at a time */

static EVP_MD *fetched; /* never changes once it is set */

static void
fetch(void)
{
	fetched = EVP_MD_fetch(NULL, "SHA256", NULL);
	must(fetched != NULL);
}

/* OpenSSL takes longer to look it up than to hash the headers of a request. */
static const EVP_MD *
sha256(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	must(pthread_once(&once, fetch) == 0);
	return fetched;
}

void
crypto_sha256(const void *p, size_t n, uint8_t ret[static SHA256_LEN])
{
	must(EVP_Digest(p, n, ret, NULL, sha256(), NULL) == 1);
}

/* The hash of a padded key and what follows: one half of an HMAC. */
static void
hash_keyed(EVP_MD_CTX *ctx, const uint8_t key[static BLOCK], uint8_t pad,
    const void *data, size_t len, uint8_t ret[static SHA256_LEN])
{
	uint8_t block[BLOCK];

	for (size_t i = 0; i < BLOCK; i++)
		block[i] = key[i] ^ pad;
	must(EVP_DigestInit_ex(ctx, sha256(), NULL) == 1);
	must(EVP_DigestUpdate(ctx, block, BLOCK) == 1);
	must(EVP_DigestUpdate(ctx, data, len) == 1);
	must(EVP_DigestFinal_ex(ctx, ret, NULL) == 1);
	mem_wipe(block, BLOCK);
}

/* RFC 2104; OpenSSL's own takes five times as long for a short text. */
void
crypto_hmac_sha256(const void *key, size_t key_len, const void *data,
    size_t len, uint8_t ret[static SHA256_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t block[BLOCK] = { 0 }, inner[SHA256_LEN];

	must(ctx != NULL);
	if (key_len > BLOCK)
		crypto_sha256(key, key_len, block);
	else if (key_len > 0)
		memcpy(block, key, key_len);
	hash_keyed(ctx, block, 0x36, data, len, inner);
	hash_keyed(ctx, block, 0x5c, inner, sizeof(inner), ret);
	mem_wipe(block, BLOCK);
	EVP_MD_CTX_free(ctx);
}

void
crypto_add_hex(struct buf *b, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	char *to;

	buf_reserve(b, 2 * n);
	to = b->data + b->len;
	for (size_t i = 0; i < n; i++) {
		*to++ = digits[p[i] >> 4];
		*to++ = digits[p[i] & 15];
	}
	*to = 0;
	b->len += 2 * n;
}

/* One to three bytes into four characters. */
static void
base64_quad(const uint8_t *p, size_t n, char *to)
{
	uint32_t w = (uint32_t)p[0] << 16;

	w |= n > 1 ? (uint32_t)p[1] << 8 : 0;
	w |= n > 2 ? p[2] : 0;
	to[0] = alphabet[w >> 18];
	to[1] = alphabet[w >> 12 & 63];
	to[2] = (char)(n > 1 ? alphabet[w >> 6 & 63] : '=');
	to[3] = (char)(n > 2 ? alphabet[w & 63] : '=');
}

void
crypto_add_base64(struct buf *b, const void *data, size_t n)
{
	const uint8_t *p = data;

	buf_reserve(b, (n + 2) / 3 * 4);
	for (size_t i = 0; i < n; i += 3) {
		base64_quad(p + i, n - i, b->data + b->len);
		b->len += 4;
	}
	b->data[b->len] = 0;
}

#define BAD 0xff /* any value with a bit that a sextet has not */

static void
sextets(uint8_t ret[static 256])
{
	memset(ret, BAD, 256);
	for (uint8_t i = 0; i < 64; i++)
		ret[(uint8_t)alphabet[i]] = i;
}

/* Four characters into three bytes; the bits that are wrong. */
static inline unsigned
unbase64_quad(const uint8_t value[static 256], const char *s, char *to)
{
	const uint8_t *c = (const uint8_t *)s;
	unsigned v0 = value[c[0]], v1 = value[c[1]], v2 = value[c[2]],
		 v3 = value[c[3]];

	to[0] = (char)(v0 << 2 | v1 >> 4);
	to[1] = (char)(v1 << 4 | v2 >> 2);
	to[2] = (char)(v2 << 6 | v3);
	return (v0 | v1 | v2 | v3) & ~63u;
}

/* The quad that ends in `pad` times "=". */
static unsigned
unbase64_last(
    const uint8_t value[static 256], const char *s, size_t pad, char *to)
{
	char quad[] = { s[0], s[1], (char)(pad == 1 ? s[2] : 'A'), 'A' };
	char all[3];
	unsigned wrong = unbase64_quad(value, quad, all);

	memcpy(to, all, 3 - pad);
	/* bits that no byte takes must be zero: one text for one value */
	return wrong | (unsigned)all[3 - pad];
}

int
crypto_unbase64(const char *s, size_t n, struct buf *ret)
{
	size_t pad = n < 4 || s[n - 1] != '=' ? 0 : s[n - 2] != '=' ? 1 : 2;
	size_t whole = n / 4 - (pad > 0);
	unsigned wrong = n % 4;
	uint8_t value[256];
	char *to;

	sextets(value);
	buf_reserve(ret, n / 4 * 3);
	to = ret->data + ret->len;
	for (size_t i = 0; i < whole; i++)
		wrong |= unbase64_quad(value, s + 4 * i, to + 3 * i);
	if (pad > 0)
		wrong |= unbase64_last(
		    value, s + 4 * whole, pad, to + 3 * whole);
	ret->len += wrong != 0 ? 0 : n / 4 * 3 - pad;
	ret->data[ret->len] = 0;
	return wrong != 0 ? -1 : 0;
}

void
crypto_uuid(char ret[static 37])
{
	auto_buf struct buf hex = BUF_INIT;
	uint8_t r[16];

	must(RAND_bytes(r, sizeof(r)) == 1);
	r[6] = (uint8_t)((r[6] & 0x0f) | 0x40);
	r[8] = (uint8_t)((r[8] & 0x3f) | 0x80);
	crypto_add_hex(&hex, r, sizeof(r));
	snprintf(ret, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex.data, hex.data + 8,
	    hex.data + 12, hex.data + 16, hex.data + 20);
}

double
crypto_jitter(void)
{
	uint64_t r;

	must(RAND_bytes((unsigned char *)&r, sizeof(r)) == 1);
	return (double)(r >> 11) * 0x1.0p-53;
}
