/*
 * Signing keys: derived from the secret in four steps, remembered in a small
 * cache. Private to sigv4.c.
 */
#ifndef COMMON_AWS_SIGV4_KEY_H
#define COMMON_AWS_SIGV4_KEY_H

#include "common/aws/sigv4.h"
#include "common/base/crypto.h"

void sigv4_key(const struct sigv4_signer *, uint8_t ret[static SHA256_LEN]);

#endif
