/* Signatures against known answers. */

#include "common/aws/sigv4.h"
#include "common/aws/sigv4_key.h"
#include "common/base/crypto.h"

#include <check.h>
#include <string.h>

#define AUG30 1440938160 /* 20150830T123600Z */
#define MAY24 1369353600 /* 20130524T000000Z */
#define JSON_1_0                                                               \
	"X-Amz-Target: AmazonSQS.ListQueues\n"                                 \
	"Content-Type: application/x-amz-json-1.0\n"

static const struct sigv4_signer general = {
	.access_key = "AKIDEXAMPLE",
	.secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
	.region = "us-east-1",
	.when = AUG30,
};
static const struct sigv4_signer s3_docs = {
	.access_key = "AKIAIOSFODNN7EXAMPLE",
	.secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	.region = "us-east-1",
	.when = MAY24,
};

/* The first rows are from the AWS documentation, the others were compared
 * with botocore. */
static const struct row {
	const char *name;
	const struct sigv4_signer *signer;
	const char *service, *token;
	struct sigv4_request r;
	const char *signed_headers, *signature;
} rows[] = {
	{ "iam ListUsers", &general, "iam", NULL,
	    { .method = "GET",
		.host = "iam.amazonaws.com",
		.path = "/",
		.query = "Action=ListUsers&Version=2010-05-08",
		.headers = "Content-Type: application/x-www-form-urlencoded; "
			   "charset=utf-8\n" },
	    "content-type;host;x-amz-date",
	    "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d"
	    "7" },
	{ "s3 GET with Range", &s3_docs, "s3", NULL,
	    { .method = "GET",
		.host = "examplebucket.s3.amazonaws.com",
		.path = "/test.txt",
		.headers = "Range: bytes=0-9\n" },
	    "host;range;x-amz-content-sha256;x-amz-date",
	    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb4"
	    "1" },
	{ "s3 PUT", &s3_docs, "s3", NULL,
	    { .method = "PUT",
		.host = "examplebucket.s3.amazonaws.com",
		.path = "/test%24file.text",
		.headers = "Date: Fri, 24 May 2013 00:00:00 GMT\n"
			   "x-amz-storage-class: REDUCED_REDUNDANCY\n",
		.body = "Welcome to Amazon S3.",
		.body_len = 21 },
	    "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
	    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108b"
	    "d" },
	{ "s3 parameter without value", &s3_docs, "s3", NULL,
	    { .method = "GET",
		.host = "examplebucket.s3.amazonaws.com",
		.path = "/",
		.query = "lifecycle" },
	    "host;x-amz-content-sha256;x-amz-date",
	    "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a013678354"
	    "3" },
	{ "s3 list", &s3_docs, "s3", NULL,
	    { .method = "GET",
		.host = "examplebucket.s3.amazonaws.com",
		.path = "/",
		.query = "prefix=J&max-keys=2" },
	    "host;x-amz-content-sha256;x-amz-date",
	    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f"
	    "7" },
	{ "path is encoded twice", &general, "lambda", NULL,
	    { .method = "GET",
		.host = "lambda.us-east-1.amazonaws.com",
		.path = "/2015-03-31/functions/"
			"arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Af/"
			"policy",
		.query = "Qualifier=a%2Fb" },
	    "host;x-amz-date",
	    "81dbdc77e6e08956a7b927ac151816da19d8a5982d342f6c49e23b54a9e3d48"
	    "a" },
	{ "double slash is one, slash at the end stays", &general, "lambda",
	    NULL,
	    { .method = "GET",
		.host = "lambda.us-east-1.amazonaws.com",
		.path = "/2015-03-31//tags/a%20b/" },
	    "host;x-amz-date",
	    "11f42654a487fdff592ff4a68f20e5d3eaaff0d39594aa004aa87cc10c00d57"
	    "3" },
	{ "s3 takes the path as it is", &general, "s3", "TOKEN/+=",
	    { .method = "GET",
		.host = "b.s3.us-east-1.amazonaws.com",
		.path = "/a//b%20c/../d",
		.query = "acl=" },
	    "host;x-amz-content-sha256;x-amz-date;x-amz-security-token",
	    "cdb250d8e9e900c46ba6a2e68ad065383ddd3cbc91ffee80e8fe7f2292da5a6"
	    "5" },
	{ "body, target and token; user agent is left out", &general, "sqs",
	    "TOKEN/+=",
	    { .method = "POST",
		.host = "sqs.us-east-1.amazonaws.com",
		.path = "/",
		.headers = JSON_1_0 "User-Agent: any\nExpect:\n",
		.body = "{}",
		.body_len = 2 },
	    "content-type;host;x-amz-date;x-amz-security-token;x-amz-target",
	    "a2ac4f98c94817c5bcc70b45570ac588f36b33aece2b3312b832e649df34c3d"
	    "6" },
};

START_TEST(known_answers)
{
	struct sigv4_texts texts = SIGV4_TEXTS_INIT;
	const struct row *r = &rows[_i];
	struct sigv4_signer signer = *r->signer;
	auto_of(sigv4_cache_free) struct sigv4_cache *cache = sigv4_cache_new();
	auto_buf struct buf expect = BUF_INIT;

	signer.service = r->service;
	signer.session_token = r->token;
	signer.cache = cache;
	buf_addf(&expect, "SignedHeaders=%s, Signature=%s\n", r->signed_headers,
	    r->signature);
	for (int i = 0; i < 2; i++) { /* the second key is from the cache */
		auto_buf struct buf h = BUF_INIT;
		const char *got;

		buf_adds(&h, r->r.headers ? r->r.headers : "");
		sigv4_sign(&signer, &r->r, &texts, &h);
		got = strstr(h.data, "SignedHeaders=");
		ck_assert_ptr_nonnull(got);
		ck_assert_msg(strcmp(got, expect.data) == 0,
		    "%s: %s instead of %s", r->name, got, expect.data);
	}
	sigv4_texts_free(&texts);
}
END_TEST

START_TEST(unsigned_payload)
{
	struct sigv4_signer signer = general;
	struct sigv4_texts texts = SIGV4_TEXTS_INIT;
	auto_buf struct buf h = BUF_INIT;

	signer.service = "s3";
	sigv4_sign(&signer,
	    &(struct sigv4_request){ .method = "PUT",
		.host = "h",
		.path = "/k",
		.body = "secret",
		.body_len = 6,
		.payload = SIGV4_UNSIGNED },
	    &texts, &h);
	ck_assert_ptr_nonnull(
	    strstr(h.data, "X-Amz-Content-Sha256: UNSIGNED-PAYLOAD\n"));
	sigv4_texts_free(&texts);
}
END_TEST

static const struct {
	const struct sigv4_signer *signer;
	const char *service, *token;
	struct sigv4_request r;
	unsigned expires;
	const char *signature;
} presigned[] = {
	{ &s3_docs, "s3", NULL,
	    { .method = "GET",
		.host = "examplebucket.s3.amazonaws.com",
		.path = "/test.txt",
		.payload = SIGV4_UNSIGNED },
	    86400,
	    "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d40"
	    "4" },
	{ &general, "rds", "TOKEN/+=",
	    { .method = "GET",
		.host = "rds.us-east-1.amazonaws.com",
		.path = "/",
		.query = "Action=CopyDBSnapshot&Version=2014-10-31" },
	    3600,
	    "751fde37190a1785de7fba06fe88c76a761ab6f26d27c85b2aacc1159c55cac"
	    "8" },
};

START_TEST(presign)
{
	struct sigv4_signer signer = *presigned[_i].signer;
	struct sigv4_texts texts = SIGV4_TEXTS_INIT;
	auto_buf struct buf q = BUF_INIT;
	const char *got;

	signer.service = presigned[_i].service;
	signer.session_token = presigned[_i].token;
	sigv4_presign(
	    &signer, &presigned[_i].r, &texts, presigned[_i].expires, &q);
	got = strstr(q.data, "&X-Amz-Signature=");
	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got + 17, presigned[_i].signature);
	sigv4_texts_free(&texts);
}
END_TEST

/* https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-
 * signed-request.html: the key of the example */
START_TEST(key)
{
	auto_of(sigv4_cache_free) struct sigv4_cache *cache = sigv4_cache_new();
	static const char scope[] = "20150830/us-east-1/iam/aws4_request";
	struct sigv4_signer s = general, other = general;
	struct hasher h = HASHER_INIT;
	uint8_t a[SHA256_LEN], b[SHA256_LEN];
	char hex[2 * SHA256_LEN + 1];

	s.service = other.service = "iam";
	s.cache = other.cache = cache;
	other.secret_key = "another";
	sigv4_key(&s, scope, &h, a);
	crypto_hex(a, sizeof(a), hex);
	ck_assert_str_eq(hex,
	    "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
	sigv4_key(&other, scope, &h, b); /* same scope, other secret */
	ck_assert_int_ne(memcmp(a, b, sizeof(a)), 0);
	sigv4_cache_clear(cache);
	sigv4_key(&s, scope, &h, b);
	ck_assert_int_eq(memcmp(a, b, sizeof(a)), 0);
	sigv4_key(&s, "20150831/us-east-1/iam/aws4_request", &h, b);
	ck_assert_int_ne(memcmp(a, b, sizeof(a)), 0);
	hasher_free(&h);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("sigv4");
	TCase *t = tcase_create("sigv4");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, known_answers, 0, LEN(rows));
	tcase_add_test(t, unsigned_payload);
	tcase_add_loop_test(t, presign, 0, LEN(presigned));
	tcase_add_test(t, key);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
