/* Behaviours that no model states. */

#include "common/aws/codec_impl.h"
#include "common/base/crypto.h"
#include "common/base/mem.h"
#include "common/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

bool
special_is(const struct aws_operation *o, const char *service)
{
	return strcmp(model_str(o->model, o->service->name), service) == 0;
}

static bool
is_op(const struct aws_operation *o, const char *service, const char *names)
{
	return special_is(o, service) &&
	       words_has(names, model_str(o->model, o->op->name));
}

/* route53: "/hostedzone/Z1" and "Z1" name the same zone. */
struct span
special_label(const struct aws_operation *o, const struct model_member *mb,
    struct span value)
{
	static const char ids[] =
	    "Id HostedZoneId ResourceId DelegationSetId ChangeId";
	const char *slash = value.n > 0 ? memrchr(value.p, '/', value.n) : NULL;

	if (slash == NULL || !special_is(o, "route53") ||
	    !words_has(ids, model_str(o->model, mb->name)))
		return value;
	return (
	    struct span){ slash + 1, (size_t)(value.p + value.n - slash - 1) };
}

bool
special_is_root_text(const struct aws_operation *o)
{
	return is_op(o, "s3", "GetBucketLocation");
}

/* "%7B" to "{"; what is no escape stays. */
static void
add_unescaped(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char hex[3] = "", *end = hex;
		long c = 0;

		if (s[i] == '%' && i + 2 < n) {
			memcpy(hex, s + i + 1, 2);
			c = strtol(hex, &end, 16);
		}
		if (end == hex + 2 && c > 0) {
			buf_addc(b, (char)c);
			i += 2;
		} else {
			buf_addc(b, s[i]);
		}
	}
}

json_t *
special_text(const struct aws_operation *o, const struct model_member *mb,
    const char *text, size_t n)
{
	static const char names[] =
	    "PolicyDocument AssumeRolePolicyDocument Document";
	auto_buf struct buf plain = BUF_INIT;
	json_error_t e;

	if (!special_is(o, "iam") ||
	    !words_has(names, model_str(o->model, mb->name)))
		return NULL;
	add_unescaped(&plain, text, n);
	return json_loadb(plain.data, plain.len, 0, &e);
}

/* S3 lists: XML cannot hold every key, so keys are asked for in escapes. */
static const char listings[] =
    "ListObjects ListObjectsV2 ListObjectVersions ListMultipartUploads";

static void
decode_text(json_t *of, const char *name)
{
	const char *s = js_str(of, name);
	auto_buf struct buf plain = BUF_INIT;

	if (s == NULL)
		return;
	for (; *s != 0; s++) {
		size_t n = strcspn(s, "+");

		add_unescaped(&plain, s, n);
		s += n;
		if (*s == 0)
			break;
		buf_addc(&plain, ' ');
	}
	if (text_is_utf8(plain.data, plain.len))
		js_set(of, name, js_new_strn(plain.data, plain.len));
}

static void
decode_listing(json_t *out)
{
	static const char *const tops[] = { "Delimiter", "Prefix", "KeyMarker",
		"NextKeyMarker", "Marker", "NextMarker", "StartAfter" };
	static const struct {
		const char *list, *name;
	} nested[] = { { "Contents", "Key" }, { "CommonPrefixes", "Prefix" },
		{ "Versions", "Key" }, { "DeleteMarkers", "Key" },
		{ "Uploads", "Key" } };
	const char *type = js_str(out, "EncodingType");
	const json_t *item;
	size_t k;

	if (type == NULL || strcmp(type, "url") != 0)
		return;
	for (size_t i = 0; i < sizeof(tops) / sizeof(*tops); i++)
		decode_text(out, tops[i]);
	for (size_t i = 0; i < sizeof(nested) / sizeof(*nested); i++)
		js_each (js_get(out, nested[i].list), k, item)
			decode_text((json_t *)item, nested[i].name);
}

void
special_answer(const struct aws_operation *o, json_t *out)
{
	const char *place = js_str(out, "LocationConstraint");

	if (is_op(o, "s3", listings))
		decode_listing(out);
	/* us-east-1 is named by nothing */
	if (special_is_root_text(o) && place != NULL && *place == 0)
		js_del(out, "LocationConstraint");
}

/* CRC-32 of the body, big endian, in base64. */
static void
add_crc32(struct aws_request *req)
{
	uint32_t sum = (uint32_t)crc32(
	    0, (const unsigned char *)req->body.data, (uInt)req->body.len);
	uint8_t bytes[] = { (uint8_t)(sum >> 24), (uint8_t)(sum >> 16),
		(uint8_t)(sum >> 8), (uint8_t)sum };
	auto_buf struct buf text = BUF_INIT;

	crypto_add_base64(&text, bytes, sizeof(bytes));
	request_header(
	    req, "x-amz-checksum-crc32", (struct span){ text.data, text.len });
}

static void
add_sha256(struct aws_request *req)
{
	auto_buf struct buf text = BUF_INIT;
	uint8_t hash[SHA256_LEN];

	crypto_sha256(req->body.data, req->body.len, hash);
	crypto_add_base64(&text, hash, sizeof(hash));
	request_header(
	    req, "x-amz-checksum-sha256", (struct span){ text.data, text.len });
}

static int
add_checksum(const struct aws_operation *o, const json_t *in,
    struct aws_request *req, struct err *err)
{
	const char *algorithm = js_str(in, "ChecksumAlgorithm");

	bool wanted = (o->op->flags & OP_CHECKSUM) != 0 ||
		      ((o->op->flags & OP_CHECKSUM_MEMBER) != 0 &&
			  strcmp(req->method, "PUT") == 0);

	if (!wanted || strstr(req->headers.data, "x-amz-checksum-") != NULL)
		return 0;
	if (algorithm == NULL) {
		buf_adds(
		    &req->headers, "x-amz-sdk-checksum-algorithm: CRC32\n");
		add_crc32(req);
	} else if (strcmp(algorithm, "CRC32") == 0) {
		add_crc32(req);
	} else if (strcmp(algorithm, "SHA256") == 0) {
		add_sha256(req);
	} else {
		return err_set(err, ERR_INPUT,
		    "ChecksumAlgorithm must be CRC32 or SHA256, not %s",
		    algorithm);
	}
	return 0;
}

static int
s3_request(const struct aws_operation *o, const json_t *in,
    struct aws_request *req, struct err *err)
{
	const char *bucket = js_str(in, "Bucket"),
		   *uri = model_str(o->model, o->op->uri);

	if (bucket != NULL && text_starts(uri, "/{Bucket}")) {
		if (strlen(bucket) >= sizeof(req->bucket))
			return err_set(err, ERR_INPUT, "Bucket is too long");
		snprintf(req->bucket, sizeof(req->bucket), "%s", bucket);
	}
	if (is_op(o, "s3", listings) && js_get(in, "EncodingType") == NULL)
		buf_addf(&req->query, "%sencoding-type=url",
		    req->query.len > 0 ? "&" : "");
	return add_checksum(o, in, req, err);
}

int
special_request(const struct aws_operation *o, const json_t *in,
    struct aws_request *req, struct err *err)
{
	/* Without it the answers are HAL, with other names. */
	if (special_is(o, "apigateway") && !request_has_header(req, "Accept"))
		buf_adds(&req->headers, "Accept: application/json\n");
	return special_is(o, "s3") ? s3_request(o, in, req, err) : 0;
}
