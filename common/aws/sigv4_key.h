/*
 * Signing keys: derived from the secret in four steps, remembered in a small
 * cache. Private to sigv4.c.
 */
#ifndef COMMON_AWS_SIGV4_KEY_H
#define COMMON_AWS_SIGV4_KEY_H

#include "common/aws/sigv4.h"

/* scope: "20150830/us-east-1/iam/aws4_request" */
void sigv4_key(const struct sigv4_signer *, const char *scope, struct hasher *,
    uint8_t ret[static SHA256_LEN]);

#endif
