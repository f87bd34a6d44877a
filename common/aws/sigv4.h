/*
 * AWS Signature Version 4, of headers or of the query, in three stages that
 * can be looked at one by one: canonical request, string to sign, signature.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 *
 * Pure but for the cache of signing keys, which has a lock; any thread.
 */
#ifndef COMMON_AWS_SIGV4_H
#define COMMON_AWS_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "common/base/buf.h"
#include "common/base/crypto.h"
#include "common/base/mem.h"

#define SIGV4_UNSIGNED "UNSIGNED-PAYLOAD"

/* Who signs, and for what. session_token may be NULL. */
struct sigv4_signer {
	const char *access_key, *secret_key, *session_token;
	const char *region, *service;
	time_t when;
	struct sigv4_cache *cache; /* NULL: derive the key every time */
};

/* What is signed. Path and query as they go on the wire. */
struct sigv4_request {
	const char *method, *host, *path, *query;
	const char *headers; /* "Name: value\n" lines; Host is not among them */
	const void *body;
	size_t body_len;
	const char *payload; /* NULL: hash of the body; or SIGV4_UNSIGNED */
};

/* Services that sign as S3 does, with the path as it is. */
bool sigv4_is_s3(const char *service);

/* Every text on the way, for tests and for people who compare, and what hashes
 * them. Kept from one signature to the next they cost no memory. */
struct sigv4_texts {
	struct buf canonical, signed_headers, scope, to_sign;
	struct buf scratch; /* rows of what is sorted */
	char signature[2 * SHA256_LEN + 1];
	struct hasher hasher;
};
#define SIGV4_TEXTS_INIT                                                       \
	{                                                                      \
		.canonical = BUF_INIT, .signed_headers = BUF_INIT,             \
		.scope = BUF_INIT, .to_sign = BUF_INIT, .scratch = BUF_INIT,   \
		.hasher = HASHER_INIT                                          \
	}
void sigv4_texts_free(struct sigv4_texts *);

/*
 * Stage 1. S3 takes the path as it is; for all others dot segments and double
 * slashes are removed and the path is encoded once more. payload_hash as hex.
 */
void sigv4_canonical(const struct sigv4_request *, const char *service,
    const char *payload_hash, struct sigv4_texts *ret);
/* Stage 2, from canonical. */
void sigv4_to_sign(const struct sigv4_signer *, struct sigv4_texts *);
/* Stage 3, from to_sign. */
void sigv4_signature(const struct sigv4_signer *, struct sigv4_texts *);

/* Appends X-Amz-Date, X-Amz-Security-Token, for S3 X-Amz-Content-Sha256, and
 * Authorization to headers, which start as the request's own. */
void sigv4_sign(const struct sigv4_signer *, const struct sigv4_request *,
    struct sigv4_texts *, struct buf *headers);
/* *ret_query is the whole query of a presigned URL. */
void sigv4_presign(const struct sigv4_signer *, const struct sigv4_request *,
    struct sigv4_texts *, unsigned expires_sec, struct buf *ret_query);

/* Signing keys by day, region, service and secret. */
struct sigv4_cache *sigv4_cache_new(void);
void sigv4_cache_clear(struct sigv4_cache *);
void sigv4_cache_free(struct sigv4_cache *); /* wipes */
AUTO_DEFINE(struct sigv4_cache, sigv4_cache_free)

#endif
