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
}

static void
add_hash(struct buf *b, const void *data, size_t len)
{
	uint8_t hash[SHA256_LEN];

	crypto_sha256(data, len, hash);
	crypto_add_hex(b, hash, sizeof(hash));
}

static void
add_scope(struct buf *b, const struct sigv4_signer *s)
{
	char date[17];

	clock_amz(s->when, date);
	date[8] = 0; /* only the day */
	buf_join(b, date, "/", s->region, "/", s->service, "/aws4_request");
}

void
sigv4_to_sign(const struct sigv4_signer *s, struct sigv4_texts *t)
{
	char date[17];

	clock_amz(s->when, date);
	buf_clear(&t->scope);
	add_scope(&t->scope, s);
	buf_clear(&t->to_sign);
	buf_join(
	    &t->to_sign, "AWS4-HMAC-SHA256\n", date, "\n", t->scope.data, "\n");
	add_hash(&t->to_sign, t->canonical.data, t->canonical.len);
}

void
sigv4_signature(const struct sigv4_signer *s, struct sigv4_texts *t)
{
	auto_buf struct buf hex = BUF_INIT;
	uint8_t key[SHA256_LEN], mac[SHA256_LEN];

	sigv4_key(s, key);
	crypto_hmac_sha256(
	    key, sizeof(key), t->to_sign.data, t->to_sign.len, mac);
	crypto_add_hex(&hex, mac, sizeof(mac));
	memcpy(t->signature, hex.data, sizeof(t->signature));
	mem_wipe(key, sizeof(key));
}

static void
all_stages(const struct sigv4_signer *s, const struct sigv4_request *r,
    const char *payload_hash, struct sigv4_texts *t)
{
	sigv4_canonical(r, s->service, payload_hash, t);
	sigv4_to_sign(s, t);
	sigv4_signature(s, t);
}

void
sigv4_sign(const struct sigv4_signer *s, const struct sigv4_request *r,
    struct buf *headers)
{
	struct sigv4_texts t = SIGV4_TEXTS_INIT;
	struct sigv4_request with = *r;
	auto_buf struct buf hash = BUF_INIT;
	char date[17];

	if (r->payload != NULL)
		buf_adds(&hash, r->payload);
	else
		add_hash(&hash, r->body, r->body_len);
	clock_amz(s->when, date);
	buf_join(headers, "X-Amz-Date: ", date, "\n");
	if (s->session_token != NULL)
		buf_join(
		    headers, "X-Amz-Security-Token: ", s->session_token, "\n");
	if (sigv4_is_s3(s->service))
		buf_join(headers, "X-Amz-Content-Sha256: ", hash.data, "\n");
	with.headers = headers->data;
	all_stages(s, &with, hash.data, &t);
	buf_join(headers,
	    "Authorization: AWS4-HMAC-SHA256 Credential=", s->access_key, "/",
	    t.scope.data, ", SignedHeaders=", t.signed_headers.data,
	    ", Signature=", t.signature, "\n");
	sigv4_texts_free(&t);
}

/* The headers' names must stand in the query that is signed. */
static void
presign_query(const struct sigv4_signer *s, const struct sigv4_request *r,
    const char *signed_headers, unsigned expires_sec, struct buf *b)
{
	auto_buf struct buf credential = BUF_INIT;
	char date[17];

	clock_amz(s->when, date);
	buf_addf(&credential, "%s/", s->access_key);
	add_scope(&credential, s);
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
    unsigned expires_sec, struct buf *ret_query)
{
	struct sigv4_texts t = SIGV4_TEXTS_INIT;
	struct sigv4_request with = *r;
	auto_buf struct buf hash = BUF_INIT;

	if (r->payload != NULL)
		buf_adds(&hash, r->payload);
	else
		add_hash(&hash, r->body, r->body_len);
	sigv4_canonical(r, s->service, "", &t);
	buf_clear(ret_query);
	presign_query(s, r, t.signed_headers.data, expires_sec, ret_query);
	with.query = ret_query->data;
	all_stages(s, &with, hash.data, &t);
	buf_addf(ret_query, "&X-Amz-Signature=%s", t.signature);
	sigv4_texts_free(&t);
}
