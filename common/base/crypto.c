/* Hashes, encodings and random identifiers: see crypto.h. */

#include "common/base/crypto.h"
#include "common/base/mem.h"

#include <endian.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#define BLOCK 64 /* bytes that SHA-256 takes at a time */

void
crypto_sha256(const void *p, size_t n, uint8_t ret[static SHA256_LEN])
{
	must(EVP_Digest(p, n, ret, NULL, EVP_sha256(), NULL) == 1);
}

void
hasher_free(struct hasher *h)
{
	EVP_MD_CTX_free(h->ctx);
	EVP_MD_free(h->sha256);
	*h = (struct hasher)HASHER_INIT;
}

static void
begin(struct hasher *h)
{
	if (h->ctx == NULL) {
		h->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
		h->ctx = EVP_MD_CTX_new();
		must(h->sha256 != NULL && h->ctx != NULL);
	}
	must(EVP_DigestInit_ex(h->ctx, h->sha256, NULL) == 1);
}

void
hasher_sha256(
    struct hasher *h, const void *p, size_t n, uint8_t ret[static SHA256_LEN])
{
	begin(h);
	must(EVP_DigestUpdate(h->ctx, p, n) == 1);
	must(EVP_DigestFinal_ex(h->ctx, ret, NULL) == 1);
}

/* The hash of a padded key and what follows: one half of an HMAC. */
static void
hash_keyed(struct hasher *h, const uint8_t key[static BLOCK], uint8_t pad,
    const void *data, size_t len, uint8_t ret[static SHA256_LEN])
{
	uint8_t block[BLOCK];

	for (size_t i = 0; i < BLOCK; i++)
		block[i] = key[i] ^ pad;
	begin(h);
	must(EVP_DigestUpdate(h->ctx, block, BLOCK) == 1);
	must(EVP_DigestUpdate(h->ctx, data, len) == 1);
	must(EVP_DigestFinal_ex(h->ctx, ret, NULL) == 1);
	mem_wipe(block, BLOCK);
}

/* RFC 2104; OpenSSL's own takes five times as long for a short text. */
void
hasher_hmac_sha256(struct hasher *h, const void *key, size_t key_len,
    const void *data, size_t len, uint8_t ret[static SHA256_LEN])
{
	uint8_t block[BLOCK] = { 0 }, inner[SHA256_LEN];

	if (key_len > BLOCK)
		hasher_sha256(h, key, key_len, block);
	else if (key_len > 0)
		memcpy(block, key, key_len);
	hash_keyed(h, block, 0x36, data, len, inner);
	hash_keyed(h, block, 0x5c, inner, sizeof(inner), ret);
	mem_wipe(block, BLOCK);
}

void
crypto_hex(const uint8_t *p, size_t n, char *ret)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*ret++ = digits[p[i] >> 4];
		*ret++ = digits[p[i] & 15];
	}
	*ret = 0;
}

void
crypto_add_hex(struct buf *b, const uint8_t *p, size_t n)
{
	buf_reserve(b, 2 * n);
	crypto_hex(p, n, b->data + b->len);
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

/* What a character means by its place in the quad, shifted to where it goes
 * in 24 bits; any of the bits above them: it means nothing. */
struct sextets {
	uint32_t at[4][256];
};
#define WRONG 0xff000000u

static void
make_sextets(struct sextets *t)
{
	memset(t, 0xff, sizeof(*t));
	for (size_t place = 0; place < 4; place++)
		for (uint32_t i = 0; i < 64; i++)
			t->at[place][(uint8_t)alphabet[i]] = i << (18 -
								   6 * place);
}

static inline uint32_t
quad_value(const struct sextets *t, const char *s)
{
	const uint8_t *c = (const uint8_t *)s;

	return t->at[0][c[0]] | t->at[1][c[1]] | t->at[2][c[2]] |
	       t->at[3][c[3]];
}

/* Four characters into three bytes, and a fourth that does not count; the
 * bits that are wrong. */
static inline uint32_t
unbase64_quad(const struct sextets *t, const char *s, char *to)
{
	uint32_t value = quad_value(t, s), bytes = htobe32(value << 8);

	memcpy(to, &bytes, sizeof(bytes));
	return value & WRONG;
}

/* The quad that ends in `pad` times "=". */
static uint32_t
unbase64_last(const struct sextets *t, const char *s, size_t pad, char *to)
{
	char quad[] = { s[0], s[1], (char)(pad == 1 ? s[2] : 'A'), 'A' };
	char all[4];
	uint32_t wrong = unbase64_quad(t, quad, all);

	memcpy(to, all, 3 - pad);
	/* bits that no byte takes must be zero: one text for one value */
	return wrong | (uint8_t)all[3 - pad];
}

int
crypto_unbase64(const char *s, size_t n, struct buf *ret)
{
	size_t pad = n < 4 || s[n - 1] != '=' ? 0 : s[n - 2] != '=' ? 1 : 2;
	size_t whole = n / 4 - (pad > 0);
	uint32_t wrong = n % 4;
	struct sextets t;
	char *to;

	make_sextets(&t);
	buf_reserve(ret, n / 4 * 3); /* and the 0 behind: a fourth byte */
	to = ret->data + ret->len;
	for (size_t i = 0; i < whole; i++)
		wrong |= unbase64_quad(&t, s + 4 * i, to + 3 * i);
	if (pad > 0)
		wrong |= unbase64_last(&t, s + 4 * whole, pad, to + 3 * whole);
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
