/*
 * Hashes, encodings and random identifiers, over OpenSSL's libcrypto.
 * Any thread.
 */
#ifndef COMMON_BASE_CRYPTO_H
#define COMMON_BASE_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

#define SHA256_LEN 32

void crypto_sha256(const void *, size_t, uint8_t ret[static SHA256_LEN]);

/*
 * For who hashes short texts again and again: what OpenSSL takes longer to
 * find and to make than to hash with is made once, on first use. One thread
 * at a time.
 */
struct hasher {
	struct evp_md_st *sha256;
	struct evp_md_ctx_st *ctx;
};
#define HASHER_INIT                                                            \
	{                                                                      \
		NULL, NULL                                                     \
	}
void hasher_free(struct hasher *);
void hasher_sha256(
    struct hasher *, const void *, size_t, uint8_t ret[static SHA256_LEN]);
void hasher_hmac_sha256(struct hasher *, const void *key, size_t key_len,
    const void *data, size_t len, uint8_t ret[static SHA256_LEN]);

/* Lower case; ret is ended by 0. */
void crypto_hex(const uint8_t *, size_t n, char *ret);
void crypto_add_hex(struct buf *, const uint8_t *, size_t); /* lower case */
void crypto_add_base64(struct buf *, const void *, size_t);
/* -1 if it is not base64 (RFC 4648, with padding). */
int crypto_unbase64(const char *, size_t, struct buf *ret);
/* Random version 4 UUID, 36 characters. */
void crypto_uuid(char ret[static 37]);
/* Uniform in [0, 1). For jitter, not for secrets. */
double crypto_jitter(void);

#endif
