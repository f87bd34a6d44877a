/* S3: what its model does not state. */

#include "common/aws/codec_impl.h"
#include "common/base/crypto.h"
#include "common/base/mem.h"
#include "common/base/sum.h"
#include "common/base/text.h"

#include <stdio.h>
#include <string.h>

static bool
is_op(const struct aws_operation *o, const char *names)
{
	return special_is_op(o, "s3", names);
}

/* --- answers ---------------------------------------------------------- */

bool
s3_is_root_text(const struct aws_operation *o)
{
	return is_op(o, "GetBucketLocation");
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

		special_unescape(&plain, s, n);
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
s3_answer(const struct aws_operation *o, json_t *out)
{
	const char *place = js_str(out, "LocationConstraint");

	if (is_op(o, listings))
		decode_listing(out);
	/* us-east-1 is named by nothing */
	if (s3_is_root_text(o) && place != NULL && *place == 0)
		js_del(out, "LocationConstraint");
}

/* --- checksums -------------------------------------------------------- */

static const struct {
	const char *name, *header;
} sums[] = {
	[SUM_CRC32] = { "CRC32", "x-amz-checksum-crc32" },
	[SUM_CRC32C] = { "CRC32C", "x-amz-checksum-crc32c" },
	[SUM_CRC64NVME] = { "CRC64NVME", "x-amz-checksum-crc64nvme" },
	[SUM_SHA1] = { "SHA1", "x-amz-checksum-sha1" },
	[SUM_SHA256] = { "SHA256", "x-amz-checksum-sha256" },
	[SUM_MD5] = { "MD5", "Content-MD5" },
};
#define N_SUMS SUM_MD5 /* that ChecksumAlgorithm may name */

static void
add_piece(void *sum, const void *data, size_t n)
{
	sum_add(sum, data, n);
}

/* In base64. */
static void
end_sum(struct sum *take_s, struct buf *b)
{
	uint8_t bytes[SUM_MAX];

	crypto_add_base64(b, bytes, sum_end(take_s, bytes));
}

static void
add_sum(struct buf *b, enum sum_kind kind, const void *data, size_t n)
{
	struct sum *s = sum_new(kind);

	sum_add(s, data, n);
	end_sum(s, b);
}

static int
body_sum(struct aws_request *req, enum sum_kind kind, struct err *err)
{
	struct sum *s = sum_new(kind);
	auto_buf struct buf text = BUF_INIT;
	int rc = 0;

	if (file_is_open(&req->file))
		rc = file_each(&req->file, add_piece, s, err);
	else
		sum_add(s, req->body.data, req->body.len);
	end_sum(s, &text);
	request_header(
	    req, sums[kind].header, (struct span){ text.data, text.len });
	return rc;
}

static int
named_sum(struct aws_request *req, const char *name, struct err *err)
{
	for (int kind = 0; kind < N_SUMS; kind++)
		if (strcmp(name, sums[kind].name) == 0)
			return body_sum(req, (enum sum_kind)kind, err);
	return err_set(err, ERR_INPUT,
	    "ChecksumAlgorithm must be CRC32, CRC32C, CRC64NVME, SHA1 or "
	    "SHA256, not %s",
	    name);
}

/*
 * Where a checksum is demanded and the newer ones are not wanted, it is the
 * one that every store knows.
 */
static int
body_checksum(const struct aws_operation *o, const json_t *in,
    struct aws_request *req, struct err *err)
{
	bool demanded = (o->op->flags & OP_CHECKSUM) != 0,
	     possible = (o->op->flags & OP_CHECKSUM_MEMBER) != 0,
	     sparing = codec_options(o)->sum_if_demanded;
	const char *name = js_str(in, "ChecksumAlgorithm");

	if ((!demanded && !possible) ||
	    strstr(req->headers.data, "x-amz-checksum-") != NULL)
		return 0;
	if (name != NULL)
		return named_sum(req, name, err);
	if (!sparing) {
		buf_adds(
		    &req->headers, "x-amz-sdk-checksum-algorithm: CRC32\n");
		return body_sum(req, SUM_CRC32, err);
	}
	if (demanded && !request_has_header(req, "Content-MD5"))
		return body_sum(req, SUM_MD5, err);
	return 0;
}

/* The parts will carry CRC32, so the upload must expect it; and answers bring
 * their checksum only when they are asked to. */
static void
ask_for_checksums(const struct aws_operation *o, struct aws_request *req)
{
	static const char name[] = "x-amz-checksum-algorithm",
			  mode[] = "x-amz-checksum-mode";
	const struct codec_options *options = codec_options(o);

	if (is_op(o, "CreateMultipartUpload") && !options->sum_if_demanded &&
	    !request_has_header(req, name))
		buf_join(&req->headers, name, ": CRC32\n");
	if ((o->op->flags & OP_CHECKSUM_MODE) != 0 &&
	    !options->verify_if_asked && !request_has_header(req, mode))
		buf_join(&req->headers, mode, ": ENABLED\n");
}

/* Of the whole object: "-3" behind one says that it is of its parts'. */
static bool
is_whole(struct span sum)
{
	return sum.p != NULL && memchr(sum.p, '-', sum.n) == NULL;
}

int
s3_verify(
    const struct aws_operation *o, const struct aws_answer *a, struct err *err)
{
	if ((o->op->flags & OP_CHECKSUM_MODE) == 0 || a->status != 200)
		return 0;
	for (int kind = 0; kind < N_SUMS; kind++) {
		auto_buf struct buf ours = BUF_INIT;
		struct span theirs = answer_header(a, sums[kind].header);

		if (!is_whole(theirs))
			continue;
		add_sum(
		    &ours, (enum sum_kind)kind, a->body->data, a->body->len);
		if (ours.len != theirs.n ||
		    memcmp(ours.data, theirs.p, theirs.n) != 0)
			return err_set(err, ERR_UNKNOWN,
			    "the object was damaged on its way: its %s is %s, "
			    "not %.*s",
			    sums[kind].name, ours.data, (int)theirs.n,
			    theirs.p);
		return 0;
	}
	return 0;
}

/* --- keys of the customer --------------------------------------------- */

#define KEY_LEN 32 /* AES-256, the only one */

/* The key as it is, or in base64: what has the length tells which. */
static int
raw_key(const char *text, size_t n, struct buf *ret)
{
	if (n == KEY_LEN)
		buf_add(ret, text, n);
	else if (crypto_unbase64(text, n, ret) == -1)
		return -1;
	return ret->len == KEY_LEN ? 0 : -1;
}

static void
wipe(struct buf *b)
{
	mem_wipe(b->data, b->len);
	buf_free(b);
}

static const struct {
	const char *key, *md5, *header;
} customers[] = {
	{ "SSECustomerKey", "SSECustomerKeyMD5",
	    "x-amz-server-side-encryption-customer-key-MD5" },
	{ "CopySourceSSECustomerKey", "CopySourceSSECustomerKeyMD5",
	    "x-amz-copy-source-server-side-encryption-customer-key-MD5" },
};

static int
key_sum(const json_t *in, size_t i, struct aws_request *req, struct err *err)
{
	const json_t *key = js_get(in, customers[i].key);
	struct buf raw = BUF_INIT;
	auto_buf struct buf text = BUF_INIT;

	if (!json_is_string(key) || js_get(in, customers[i].md5) != NULL)
		return 0;
	if (raw_key(js_text(key), json_string_length(key), &raw) == -1) {
		wipe(&raw);
		return err_set(err, ERR_INPUT,
		    "%s must be a key of %d bytes, as it is or in base64",
		    customers[i].key, KEY_LEN);
	}
	add_sum(&text, SUM_MD5, raw.data, raw.len);
	wipe(&raw);
	request_header(
	    req, customers[i].header, (struct span){ text.data, text.len });
	return 0;
}

/* --- requests --------------------------------------------------------- */

/* "bucket/key?versionId=v": what stands before the version is encoded. */
static void
copy_source(struct span value, struct buf *ret)
{
	static const char mark[] = "?versionId=";
	auto_free char *text = mem_strn(value.p, value.n);
	const char *version = strstr(text, mark), *next = version;

	while (next != NULL) {
		version = next;
		next = strstr(next + 1, mark);
	}
	text_add_percent(ret, text,
	    version != NULL ? (size_t)(version - text) : value.n, true);
	buf_adds(ret, version != NULL ? version : "");
}

struct span
s3_header(const struct aws_operation *o, const struct model_member *mb,
    struct span value, struct buf *ret)
{
	const char *name = model_str(o->model, mb->name);

	if (strcmp(name, "CopySource") == 0)
		copy_source(value, ret);
	else if (words_has("SSECustomerKey CopySourceSSECustomerKey", name) &&
		 value.n == KEY_LEN)
		crypto_add_base64(ret, value.p, value.n);
	else
		return value;
	return (struct span){ ret->data, ret->len };
}

static int
add_bucket(const struct aws_operation *o, const json_t *in,
    struct aws_request *req, struct err *err)
{
	const char *bucket = js_str(in, "Bucket"),
		   *uri = model_str(o->model, o->op->uri);

	if (bucket == NULL || !text_starts(uri, "/{Bucket}"))
		return 0;
	if (strlen(bucket) >= sizeof(req->bucket))
		return err_set(err, ERR_INPUT, "Bucket is too long");
	snprintf(req->bucket, sizeof(req->bucket), "%s", bucket);
	return 0;
}

int
s3_request(const struct aws_operation *o, const json_t *in,
    struct aws_request *req, struct err *err)
{
	if (add_bucket(o, in, req, err) == -1 ||
	    key_sum(in, 0, req, err) == -1 || key_sum(in, 1, req, err) == -1)
		return -1;
	if (is_op(o, listings) && js_get(in, "EncodingType") == NULL)
		buf_addf(&req->query, "%sencoding-type=url",
		    req->query.len > 0 ? "&" : "");
	req->upload = is_op(o, "PutObject UploadPart");
	ask_for_checksums(o, req);
	return body_checksum(o, in, req, err);
}
