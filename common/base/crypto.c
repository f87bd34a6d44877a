/* Hashes, encodings and random identifiers: see crypto.h. */

#include "common/base/crypto.h"
#include "common/base/mem.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
crypto_sha256(const void *p, size_t n, uint8_t ret[static SHA256_LEN])
{
	unsigned len = 0;

	must(EVP_Digest(p, n, ret, &len, EVP_sha256(), NULL) == 1);
	must(len == SHA256_LEN);
}

void
crypto_hmac_sha256(const void *key, size_t key_len, const void *data,
    size_t len, uint8_t ret[static SHA256_LEN])
{
	unsigned n = 0;

	/* OpenSSL takes a NULL key for "the key of last time" */
	must(HMAC(EVP_sha256(), key == NULL ? "" : key, (int)key_len, data, len,
		 ret, &n) != NULL);
	must(n == SHA256_LEN);
}

void
crypto_add_hex(struct buf *b, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	buf_reserve(b, 2 * n);
	for (size_t i = 0; i < n; i++) {
		buf_addc(b, digits[p[i] >> 4]);
		buf_addc(b, digits[p[i] & 15]);
	}
}

void
crypto_add_base64(struct buf *b, const void *data, size_t n)
{
	const uint8_t *p = data;

	buf_reserve(b, (n + 2) / 3 * 4);
	for (size_t i = 0; i < n; i += 3) {
		size_t have = n - i < 3 ? n - i : 3;
		uint32_t w = (uint32_t)p[i] << 16;

		w |= have > 1 ? (uint32_t)p[i + 1] << 8 : 0;
		w |= have > 2 ? p[i + 2] : 0;
		buf_addc(b, alphabet[w >> 18]);
		buf_addc(b, alphabet[w >> 12 & 63]);
		buf_addc(b, (char)(have > 1 ? alphabet[w >> 6 & 63] : '='));
		buf_addc(b, (char)(have > 2 ? alphabet[w & 63] : '='));
	}
}

/* Four characters into one to three bytes; `last` allows padding. */
static int
unbase64_quad(const char *s, bool last, struct buf *ret)
{
	int pad = last ? (s[3] == '=') + (s[3] == '=' && s[2] == '=') : 0;
	uint32_t w = 0;

	for (int i = 0; i < 4; i++) {
		const char *at = i >= 4 - pad ? alphabet
					      : strchr(alphabet, s[i]);

		if (at == NULL || *at == 0)
			return -1;
		w = w << 6 | (uint32_t)(at - alphabet);
	}
	for (int i = 0; i < 3 - pad; i++)
		buf_addc(ret, (char)(w >> (16 - 8 * i) & 0xff));
	/* bits that no byte takes must be zero: one text for one value */
	return w & ((1U << (8 * pad)) - 1) ? -1 : 0;
}

int
crypto_unbase64(const char *s, size_t n, struct buf *ret)
{
	if (n % 4 != 0)
		return -1;
	buf_reserve(ret, n / 4 * 3);
	for (size_t i = 0; i < n; i += 4) {
		if (unbase64_quad(s + i, i + 4 == n, ret) == -1)
			return -1;
	}
	return 0;
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
