/* Checksums of bytes that come piece by piece: see sum.h. */

#include "common/base/sum.h"
#include "common/base/mem.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <zlib.h>

/* A row has a polynomial, bits reversed, or a hash, or is zlib's. */
static const struct row {
	size_t len; /* bytes */
	uint64_t polynomial;
	const EVP_MD *(*hash)(void);
} rows[] = {
	[SUM_CRC32] = { 4, 0, NULL },
	[SUM_CRC32C] = { 4, 0x82f63b78, NULL },
	[SUM_CRC64NVME] = { 8, 0x9a6c9329ac4bc9b5, NULL },
	[SUM_SHA1] = { 20, 0, EVP_sha1 },
	[SUM_SHA256] = { 32, 0, EVP_sha256 },
	[SUM_MD5] = { 16, 0, EVP_md5 },
};

#define SLICES 8 /* bytes that are taken at once */

struct sum {
	const struct row *row;
	EVP_MD_CTX *hash;
	uint64_t crc;
	uint64_t (
	    *table)[256]; /* [k]: of a byte with k zeros behind; or NULL */
};

static void
fill_table(struct sum *s)
{
	s->table = mem_new(SLICES * sizeof(*s->table));
	for (unsigned i = 0; i < 256; i++) {
		uint64_t c = i;

		for (int bit = 0; bit < 8; bit++)
			c = c >> 1 ^ (c & 1 ? s->row->polynomial : 0);
		s->table[0][i] = c;
	}
	for (int k = 1; k < SLICES; k++)
		for (unsigned i = 0; i < 256; i++) {
			uint64_t c = s->table[k - 1][i];

			s->table[k][i] = c >> 8 ^ s->table[0][c & 255];
		}
}

struct sum *
sum_new(enum sum_kind kind)
{
	struct sum *s = mem_of(struct sum);

	s->row = &rows[kind];
	if (s->row->polynomial != 0) {
		s->crc = ~UINT64_C(0) >> (64 - 8 * s->row->len);
		fill_table(s);
	}
	if (s->row->hash == NULL)
		return s;
	s->hash = EVP_MD_CTX_new();
	must(s->hash != NULL);
	must(EVP_DigestInit_ex(s->hash, s->row->hash(), NULL) == 1);
	return s;
}

/* Eight bytes, the first of them lowest. */
static uint64_t
word(const uint8_t *p)
{
	uint64_t w = 0;

	for (int i = SLICES - 1; i >= 0; i--)
		w = w << 8 | p[i];
	return w;
}

static void
add_crc(struct sum *s, const uint8_t *p, size_t n)
{
	for (; n >= SLICES; p += SLICES, n -= SLICES) {
		uint64_t w = word(p) ^ s->crc;

		s->crc = 0;
		for (int k = SLICES - 1; k >= 0; k--, w >>= 8)
			s->crc ^= s->table[k][w & 255];
	}
	for (; n > 0; p++, n--)
		s->crc = s->crc >> 8 ^ s->table[0][(s->crc ^ *p) & 255];
}

void
sum_add(struct sum *s, const void *data, size_t n)
{
	if (s->hash != NULL)
		must(EVP_DigestUpdate(s->hash, data, n) == 1);
	else if (s->row->polynomial != 0)
		add_crc(s, data, n);
	else if (n > 0) /* zlib takes NULL for the start of another */
		s->crc = crc32_z(s->crc, data, n);
}

size_t
sum_end(struct sum *take_s, uint8_t ret[static SUM_MAX])
{
	size_t n = take_s->row->len;
	uint64_t crc = take_s->row->polynomial != 0 ? ~take_s->crc
						    : take_s->crc;

	for (size_t i = 0; take_s->hash == NULL && i < n; i++)
		ret[i] = (uint8_t)(crc >> 8 * (n - 1 - i));
	if (take_s->hash != NULL)
		must(EVP_DigestFinal_ex(take_s->hash, ret, NULL) == 1);
	EVP_MD_CTX_free(take_s->hash);
	free(take_s->table);
	free(take_s);
	return n;
}
