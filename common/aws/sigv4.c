/* AWS Signature Version 4: see sigv4.h. */

#include "common/aws/sigv4.h"
#include "common/aws/sigv4_key.h"
#include "common/base/clock.h"
#include "common/base/crypto.h"
#include "common/base/text.h"

#include <string.h>

void
sigv4_texts_free(struct sigv4_texts *t)
{
	buf_free(&t->canonical);
	buf_free(&t->signed_headers);
	buf_free(&t->scope);
	buf_free(&t->to_sign);
	buf_free(&t->scratch);
	hasher_free(&t->hasher);
}

static void
add_hash(struct buf *b, struct hasher *h, const void *data, size_t len)
{
	uint8_t hash[SHA256_LEN];

	hasher_sha256(h, data, len, hash);
	crypto_add_hex(b, hash, sizeof(hash));
}

static void
add_scope(struct buf *b, const struct sigv4_signer *s, const char *date)
{
	buf_add(b, date, 8); /* only the day */
	buf_join(b, "/", s->region, "/", s->service, "/aws4_request");
}

void
sigv4_to_sign(const struct sigv4_signer *s, struct sigv4_texts *t)
{
	char date[17];

	clock_amz(s->when, date);
	buf_clear(&t->scope);
	add_scope(&t->scope, s, date);
	buf_clear(&t->to_sign);
	buf_join(
	    &t->to_sign, "AWS4-HMAC-SHA256\n", date, "\n", t->scope.data, "\n");
	add_hash(&t->to_sign, &t->hasher, t->canonical.data, t->canonical.len);
}

void
sigv4_signature(const struct sigv4_signer *s, struct sigv4_texts *t)
{
	uint8_t key[SHA256_LEN], mac[SHA256_LEN];

	sigv4_key(s, t->scope.data, &t->hasher, key);
	hasher_hmac_sha256(
	    &t->hasher, key, sizeof(key), t->to_sign.data, t->to_sign.len, mac);
	crypto_hex(mac, sizeof(mac), t->signature);
	mem_wipe(key, sizeof(key));
}

/* The canonical request holds the session's token. */
static void
all_stages(const struct sigv4_signer *s, const struct sigv4_request *r,
    const char *payload_hash, struct sigv4_texts *t)
{
	sigv4_canonical(r, s->service, payload_hash, t);
	sigv4_to_sign(s, t);
	sigv4_signature(s, t);
	if (s->session_token != NULL)
		mem_wipe(t->canonical.data, t->canonical.len);
}

/* As hex; or what stands for it. */
static const char *
payload_hash(const struct sigv4_request *r, struct hasher *h,
    char scratch[static 2 * SHA256_LEN + 1])
{
	uint8_t hash[SHA256_LEN];

	if (r->payload != NULL)
		return r->payload;
	hasher_sha256(h, r->body, r->body_len, hash);
	crypto_hex(hash, sizeof(hash), scratch);
	return scratch;
}

void
sigv4_sign(const struct sigv4_signer *s, const struct sigv4_request *r,
    struct sigv4_texts *t, struct buf *headers)
{
	struct sigv4_request with = *r;
	char date[17], scratch[2 * SHA256_LEN + 1];
	const char *hash = payload_hash(r, &t->hasher, scratch);

	clock_amz(s->when, date);
	buf_join(headers, "X-Amz-Date: ", date, "\n");
	if (s->session_token != NULL)
		buf_join(
		    headers, "X-Amz-Security-Token: ", s->session_token, "\n");
	if (sigv4_is_s3(s->service))
		buf_join(headers, "X-Amz-Content-Sha256: ", hash, "\n");
	with.headers = headers->data;
	all_stages(s, &with, hash, t);
	buf_join(headers,
	    "Authorization: AWS4-HMAC-SHA256 Credential=", s->access_key, "/",
	    t->scope.data, ", SignedHeaders=", t->signed_headers.data,
	    ", Signature=", t->signature, "\n");
}

/* The headers' names must stand in the query that is signed. */
static void
presign_query(const struct sigv4_signer *s, const struct sigv4_request *r,
    const char *signed_headers, unsigned expires_sec, struct buf *b)
{
	auto_buf struct buf credential = BUF_INIT;
	char date[17];

	clock_amz(s->when, date);
	buf_join(&credential, s->access_key, "/");
	add_scope(&credential, s, date);
	if (r->query != NULL && *r->query != 0)
		buf_addf(b, "%s&", r->query);
	buf_adds(b, "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=");
	text_add_percent(b, credential.data, credential.len, false);
	buf_addf(b, "&X-Amz-Date=%s&X-Amz-Expires=%u", date, expires_sec);
	if (s->session_token != NULL) {
		buf_adds(b, "&X-Amz-Security-Token=");
		text_add_percent(
		    b, s->session_token, strlen(s->session_token), false);
	}
	buf_adds(b, "&X-Amz-SignedHeaders=");
	text_add_percent(b, signed_headers, strlen(signed_headers), false);
}

void
sigv4_presign(const struct sigv4_signer *s, const struct sigv4_request *r,
    struct sigv4_texts *t, unsigned expires_sec, struct buf *ret_query)
{
	struct sigv4_request with = *r;
	char scratch[2 * SHA256_LEN + 1];
	const char *hash = payload_hash(r, &t->hasher, scratch);

	sigv4_canonical(r, s->service, "", t);
	buf_clear(ret_query);
	presign_query(s, r, t->signed_headers.data, expires_sec, ret_query);
	with.query = ret_query->data;
	all_stages(s, &with, hash, t);
	buf_join(ret_query, "&X-Amz-Signature=", t->signature);
}
