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
void crypto_hmac_sha256(const void *key, size_t key_len, const void *data,
    size_t len, uint8_t ret[static SHA256_LEN]);
void crypto_add_hex(struct buf *, const uint8_t *, size_t); /* lower case */
void crypto_add_base64(struct buf *, const void *, size_t);
/* -1 if it is not base64 (RFC 4648, with padding). */
int crypto_unbase64(const char *, size_t, struct buf *ret);
/* Random version 4 UUID, 36 characters. */
void crypto_uuid(char ret[static 37]);
/* Uniform in [0, 1). For jitter, not for secrets. */
double crypto_jitter(void);

#endif
