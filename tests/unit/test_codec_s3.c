/* S3: checksums, keys of the customer, sources of copies. */

#include "common/aws/codec.h"
#include "common/base/crypto.h"
#include "common/base/mem.h"
#include "common/base/sum.h"
#include "tests/unit/quoted.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct aws_operation
operation(const char *name, const struct codec_options *c)
{
	struct aws_operation o = { &model_builtin, NULL, NULL, c };

	o.service = model_service(o.model, "s3");
	o.op = model_op(o.model, o.service, name);
	ck_assert_msg(o.op != NULL, "%s", name);
	return o;
}

static const struct codec_options often = CODEC_DEFAULTS;
static const struct codec_options rarely = { .sum_if_demanded = true,
	.verify_if_asked = true };

#define PUT       "'Bucket':'b','Key':'k','Body':'MTIzNDU2Nzg5'"
#define TAGS      "'Bucket':'b','Tagging':{'TagSet':[]}"
#define RAW_KEY   "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
#define RAW_64    "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
#define RAW_SUM   "mT2HRsMGJ5IX5C+0rreZ8Q=="
#define BYTES_64  "yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5uc="
#define BYTES_SUM "QFQtsmXBB8y9mbaii/qXhw=="
#define SSE       "x-amz-server-side-encryption-customer-key"
#define COPY_SSE  "x-amz-copy-source-server-side-encryption-customer-key"
static const struct {
	const char *op, *in;
	const struct codec_options *options;
	/* header lines, in the order that they come; NULL: an error */
	const char *headers;
	const char *error;
} requests[] = {
	/* a checksum where one is possible */
	{ "PutObject", "{" PUT "}", &often,
	    "Content-Type: application/octet-stream\n"
	    "x-amz-sdk-checksum-algorithm: CRC32\n"
	    "x-amz-checksum-crc32: y/Q5Jg==\n" },
	{ "PutObject", "{" PUT "}", &rarely,
	    "Content-Type: application/octet-stream\n" },
	{ "UploadPart", "{" PUT ",'PartNumber':1,'UploadId':'u'}", &rarely,
	    "Content-Type: application/octet-stream\n" },
	{ "CreateMultipartUpload", "{'Bucket':'b','Key':'k'}", &often,
	    "x-amz-checksum-algorithm: CRC32\n" },
	{ "CreateMultipartUpload",
	    "{'Bucket':'b','Key':'k','ChecksumAlgorithm':'SHA256'}", &often,
	    "x-amz-checksum-algorithm: SHA256\n" },
	{ "CreateMultipartUpload", "{'Bucket':'b','Key':'k'}", &rarely, "" },
	/* where one must be */
	{ "PutBucketTagging", "{" TAGS "}", &often,
	    "Content-Type: application/xml\n"
	    "x-amz-sdk-checksum-algorithm: CRC32\n"
	    "x-amz-checksum-crc32: ouClcw==\n" },
	{ "PutBucketTagging", "{" TAGS "}", &rarely,
	    "Content-Type: application/xml\n"
	    "Content-MD5: WLP1D+SVXa/6vT6Cg2jskA==\n" },
	{ "PutBucketTagging", "{" TAGS ",'ContentMD5':'given'}", &rarely,
	    "Content-MD5: given\nContent-Type: application/xml\n" },
	{ "PutBucketTagging", "{" TAGS ",'ChecksumAlgorithm':'SHA1'}", &rarely,
	    "x-amz-sdk-checksum-algorithm: SHA1\n"
	    "Content-Type: application/xml\n"
	    "x-amz-checksum-sha1: 1+y20vtrjWHgP1QvmILf5FXD7ow=\n" },
	/* the one that is chosen or given */
	{ "PutObject", "{" PUT ",'ChecksumAlgorithm':'CRC32C'}", &rarely,
	    "x-amz-sdk-checksum-algorithm: CRC32C\n"
	    "Content-Type: application/octet-stream\n"
	    "x-amz-checksum-crc32c: 4waSgw==\n" },
	{ "PutObject", "{" PUT ",'ChecksumAlgorithm':'CRC64NVME'}", &often,
	    "x-amz-sdk-checksum-algorithm: CRC64NVME\n"
	    "Content-Type: application/octet-stream\n"
	    "x-amz-checksum-crc64nvme: rosUhgp5mIg=\n" },
	{ "PutObject", "{" PUT ",'ChecksumAlgorithm':'SHA256'}", &often,
	    "x-amz-sdk-checksum-algorithm: SHA256\n"
	    "Content-Type: application/octet-stream\n"
	    "x-amz-checksum-sha256: "
	    "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=\n" },
	{ "PutObject", "{" PUT ",'ChecksumSHA256':'given'}", &often,
	    "x-amz-checksum-sha256: given\n"
	    "Content-Type: application/octet-stream\n" },
	{ "PutObject", "{" PUT ",'ChecksumAlgorithm':'MD5'}", &often, NULL,
	    "must be CRC32, CRC32C, CRC64NVME, SHA1 or SHA256, not MD5" },
	/* answers that are to bring theirs */
	{ "GetObject", "{'Bucket':'b','Key':'k'}", &often,
	    "x-amz-checksum-mode: ENABLED\n" },
	{ "GetObject", "{'Bucket':'b','Key':'k'}", &rarely, "" },
	{ "HeadObject", "{'Bucket':'b','Key':'k'}", &often, "" },
	/* keys of the customer */
	{ "HeadObject",
	    "{'Bucket':'b','Key':'k','SSECustomerKey':'" RAW_KEY "'}", &rarely,
	    SSE ": " RAW_64 "\n" SSE "-MD5: " RAW_SUM "\n" },
	{ "HeadObject",
	    "{'Bucket':'b','Key':'k','SSECustomerKey':'" BYTES_64 "'}", &rarely,
	    SSE ": " BYTES_64 "\n" SSE "-MD5: " BYTES_SUM "\n" },
	{ "HeadObject",
	    "{'Bucket':'b','Key':'k','SSECustomerKey':'" RAW_64
	    "','SSECustomerKeyMD5':'given'}",
	    &rarely, SSE ": " RAW_64 "\n" SSE "-MD5: given\n" },
	{ "HeadObject", "{'Bucket':'b','Key':'k','SSECustomerKey':'short'}",
	    &rarely, NULL, "SSECustomerKey must be a key of 32 bytes" },
	{ "CopyObject",
	    "{'Bucket':'b','Key':'k','CopySource':'b/k',"
	    "'SSECustomerKey':'" RAW_KEY
	    "','CopySourceSSECustomerKey':'" BYTES_64 "'}",
	    &rarely,
	    "x-amz-copy-source: b/k\n" SSE ": " RAW_64 "\n" COPY_SSE
	    ": " BYTES_64 "\n" SSE "-MD5: " RAW_SUM "\n" COPY_SSE
	    "-MD5: " BYTES_SUM "\n" },
	{ "CopyObject",
	    "{'Bucket':'b','Key':'k','CopySource':'b/k',"
	    "'CopySourceSSECustomerKey':'nokey'}",
	    &rarely, NULL, "CopySourceSSECustomerKey must be a key" },
	/* sources */
	{ "CopyObject",
	    "{'Bucket':'b','Key':'k','CopySource':'b/a b+%?\\u00e9/c~'}",
	    &rarely, "x-amz-copy-source: b/a%20b%2B%25%3F%C3%A9/c~\n" },
	{ "CopyObject",
	    "{'Bucket':'b','Key':'k','CopySource':"
	    "'b/a?versionId=1?versionId=v.2'}",
	    &rarely, "x-amz-copy-source: b/a%3FversionId%3D1?versionId=v.2\n" },
	{ "UploadPartCopy",
	    "{'Bucket':'b','Key':'k','CopySource':'b/\\u00fc',"
	    "'PartNumber':2,'UploadId':'u'}",
	    &often, "x-amz-copy-source: b/%C3%BC\n" },
};

START_TEST(request)
{
	struct aws_operation o = operation(
	    requests[_i].op, requests[_i].options);
	json_auto_t *in = parse(requests[_i].in);
	struct aws_request req = AWS_REQUEST_INIT;
	struct err err = { 0 };
	int rc = codec_request(&o, in, &req, &err);

	if (requests[_i].headers != NULL) {
		ck_assert_msg(rc == 0, "%s", err.msg);
		ck_assert_str_eq(req.headers.data, requests[_i].headers);
	} else {
		ck_assert_int_eq(rc, -1);
		ck_assert_int_eq(err.kind, ERR_INPUT);
		ck_assert_msg(
		    strstr(err.msg, requests[_i].error) != NULL, "%s", err.msg);
	}
	aws_request_free(&req);
}
END_TEST

/* --- answers ------------------------------------------------------------ */

static const struct {
	int status;
	const char *header; /* of the answer "123456789" */
	bool damaged;
} answers[] = {
	{ 200, "x-amz-checksum-crc32: y/Q5Jg==\n", false },
	{ 200, "x-amz-checksum-crc32: y/Q5Jw==\n", true },
	{ 200, "x-amz-checksum-crc32c: 4waSgw==\n", false },
	{ 200, "x-amz-checksum-crc32c: 4waSgg==\n", true },
	{ 200, "x-amz-checksum-crc64nvme: rosUhgp5mIg=\n", false },
	{ 200, "x-amz-checksum-crc64nvme: rosUhgp5mIk=\n", true },
	{ 200, "x-amz-checksum-sha1: 98O8HYCOBHMq32eZZczDTKeuNEE=\n", false },
	{ 200, "x-amz-checksum-sha1: AAAA\n", true },
	{ 200,
	    "x-amz-checksum-sha256: "
	    "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=\n",
	    false },
	{ 200, "", false },
	/* of the parts' checksums, of some other range, of the future */
	{ 200, "x-amz-checksum-crc32: AAAAAA==-3\n", false },
	{ 206, "x-amz-checksum-crc32: AAAAAA==\n", false },
	{ 200, "x-amz-checksum-xxhash: AAAAAA==\n", false },
};

START_TEST(answer)
{
	struct aws_operation o = operation("GetObject", &often);
	auto_buf struct buf headers = BUF_INIT, body = BUF_INIT;
	struct aws_answer a = { answers[_i].status, &headers, &body };
	json_auto_t *out = NULL;
	struct err err = { 0 };
	int rc;

	buf_adds(&headers, answers[_i].header);
	buf_adds(&body, "123456789");
	rc = codec_response(&o, &a, &out, &err);
	ck_assert_int_eq(rc, answers[_i].damaged ? -1 : 0);
	if (rc == 0) {
		ck_assert_str_eq(js_str(out, "Body"), "MTIzNDU2Nzg5");
	} else {
		ck_assert_int_eq(err.kind, ERR_UNKNOWN);
		ck_assert_ptr_nonnull(strstr(err.msg, "damaged on its way"));
	}
}
END_TEST

/* --- checksums ---------------------------------------------------------- */

static const struct {
	enum sum_kind kind;
	const char *hex; /* of "123456789" */
} sums[] = {
	{ SUM_CRC32, "cbf43926" },
	{ SUM_CRC32C, "e3069283" },
	{ SUM_CRC64NVME, "ae8b14860a799888" },
	{ SUM_SHA1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441" },
	{ SUM_SHA256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312"
		      "448eb225" },
	{ SUM_MD5, "25f9e794323b453885f5181f1b624d0b" },
};

static void
add_sum(
    struct buf *b, enum sum_kind kind, const char *data, size_t n, size_t at)
{
	struct sum *s = sum_new(kind);
	uint8_t bytes[SUM_MAX];

	sum_add(s, data, at);
	sum_add(s, data + at, n - at);
	crypto_add_hex(b, bytes, sum_end(s, bytes));
}

/* In two pieces, wherever it is cut. */
START_TEST(sum)
{
	static const char text[] = "123456789";
	char more[100];

	for (size_t at = 0; at <= 9; at++) {
		auto_buf struct buf hex = BUF_INIT;

		add_sum(&hex, sums[_i].kind, text, 9, at);
		ck_assert_str_eq(hex.data, sums[_i].hex);
	}
	memset(more, 'm', sizeof(more));
	for (size_t at = 0; at <= sizeof(more); at++) {
		auto_buf struct buf a = BUF_INIT, b = BUF_INIT;

		add_sum(&a, sums[_i].kind, more, sizeof(more), at);
		add_sum(&b, sums[_i].kind, more, sizeof(more), 0);
		ck_assert_str_eq(a.data, b.data);
	}
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("codec_s3");
	TCase *t = tcase_create("codec_s3");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, request, 0, LEN(requests));
	tcase_add_loop_test(t, answer, 0, LEN(answers));
	tcase_add_loop_test(t, sum, 0, LEN(sums));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
