/* Signatures against known answers and the published suite. */

#include "common/aws/sigv4.h"
#include "common/aws/sigv4_key.h"
#include "tests/unit/conformance.h"

#include <check.h>
#include <dirent.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

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
		sigv4_sign(&signer, &r->r, &h);
		got = strstr(h.data, "SignedHeaders=");
		ck_assert_ptr_nonnull(got);
		ck_assert_msg(strcmp(got, expect.data) == 0,
		    "%s: %s instead of %s", r->name, got, expect.data);
	}
}
END_TEST

START_TEST(unsigned_payload)
{
	struct sigv4_signer signer = general;
	auto_buf struct buf h = BUF_INIT;

	signer.service = "s3";
	sigv4_sign(&signer,
	    &(struct sigv4_request){ .method = "PUT",
		.host = "h",
		.path = "/k",
		.body = "secret",
		.body_len = 6,
		.payload = SIGV4_UNSIGNED },
	    &h);
	ck_assert_ptr_nonnull(
	    strstr(h.data, "X-Amz-Content-Sha256: UNSIGNED-PAYLOAD\n"));
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
	auto_buf struct buf q = BUF_INIT;
	const char *got;

	signer.service = presigned[_i].service;
	signer.session_token = presigned[_i].token;
	sigv4_presign(&signer, &presigned[_i].r, presigned[_i].expires, &q);
	got = strstr(q.data, "&X-Amz-Signature=");
	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got + 17, presigned[_i].signature);
}
END_TEST

/* https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-
 * signed-request.html: the key of the example */
START_TEST(key)
{
	auto_of(sigv4_cache_free) struct sigv4_cache *cache = sigv4_cache_new();
	struct sigv4_signer s = general, other = general;
	uint8_t a[SHA256_LEN], b[SHA256_LEN];
	auto_buf struct buf hex = BUF_INIT;

	s.service = other.service = "iam";
	s.cache = other.cache = cache;
	other.secret_key = "another";
	sigv4_key(&s, a);
	crypto_add_hex(&hex, a, sizeof(a));
	ck_assert_str_eq(hex.data,
	    "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
	sigv4_key(&other, b); /* same scope, other secret: another key */
	ck_assert_int_ne(memcmp(a, b, sizeof(a)), 0);
	sigv4_cache_clear(cache);
	sigv4_key(&s, b);
	ck_assert_int_eq(memcmp(a, b, sizeof(a)), 0);
	s.when += 86400;
	sigv4_key(&s, b);
	ck_assert_int_ne(memcmp(a, b, sizeof(a)), 0);
}
END_TEST

/* --- the published suite ---------------------------------------------- */

struct parsed {
	struct buf method, host, path, query, headers, body;
};

/* Query parameters arrive percent-encoded as codecs write them. */
static void
parse_first_line(const char *line, size_t len, struct parsed *p)
{
	const char *target = memchr(line, ' ', len) + 1;
	const char *end = line + len - strlen(" HTTP/1.1");
	const char *q = memchr(target, '?', (size_t)(end - target));

	buf_add(&p->method, line, (size_t)(target - 1 - line));
	buf_add(&p->path, target, (size_t)((q ? q : end) - target));
	if (q != NULL)
		buf_add(&p->query, q + 1, (size_t)(end - q - 1));
}

static void
parse_request(const struct buf *text, struct parsed *p)
{
	const char *s = text->data;
	size_t len = strcspn(s, "\n");

	parse_first_line(s, len, p);
	for (s += len + 1; *s != 0 && *s != '\n'; s += len + (s[len] == '\n')) {
		len = strcspn(s, "\n");
		if (*s == ' ') { /* folded */
			p->headers.data[--p->headers.len] = 0;
			buf_addf(&p->headers, " %.*s\n", (int)len, s);
		} else if (strncasecmp(s, "host:", 5) == 0)
			buf_add(&p->host, s + 5, len - 5);
		else
			buf_addf(&p->headers, "%.*s\n", (int)len, s);
	}
	if (*s == '\n')
		buf_adds(&p->body, s + 1);
}

static void
parsed_free(struct parsed *p)
{
	buf_free(&p->method);
	buf_free(&p->host);
	buf_free(&p->path);
	buf_free(&p->query);
	buf_free(&p->headers);
	buf_free(&p->body);
}

static void
expect_file(const char *base, const char *ext, const char *got)
{
	auto_free char *path = mem_fmt("%s.%s", base, ext);
	auto_buf struct buf text = BUF_INIT;

	ck_assert_msg(conformance_read(path, &text), "%s", path);
	ck_assert_msg(strcmp(text.data, got) == 0, "%s:\n%s\ninstead of\n%s",
	    path, got, text.data);
}

/* This case's token belongs to the credentials, not to its request. */
static const char token_case[] = "get-vanilla-with-session-token";
static const char token_header[] =
    "X-Amz-Security-Token:6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa3"
    "1553b73ebf194267\n";

static void
check_case(const char *base)
{
	auto_free char *path = mem_fmt("%s.req", base);
	auto_buf struct buf text = BUF_INIT, hash = BUF_INIT, auth = BUF_INIT;
	struct parsed p = { BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT,
		BUF_INIT };
	struct sigv4_signer signer = general;
	struct sigv4_texts t = SIGV4_TEXTS_INIT;
	uint8_t digest[SHA256_LEN];

	ck_assert(conformance_read(path, &text));
	parse_request(&text, &p);
	if (strstr(base, token_case) != NULL)
		buf_adds(&p.headers, token_header);
	crypto_sha256(p.body.data, p.body.len, digest);
	crypto_add_hex(&hash, digest, sizeof(digest));
	signer.service = "service";
	sigv4_canonical(&(struct sigv4_request){ .method = p.method.data,
			    .host = p.host.data,
			    .path = p.path.data,
			    .query = p.query.data,
			    .headers = p.headers.data },
	    signer.service, hash.data, &t);
	expect_file(base, "creq", t.canonical.data);
	sigv4_to_sign(&signer, &t);
	expect_file(base, "sts", t.to_sign.data);
	sigv4_signature(&signer, &t);
	buf_addf(&auth,
	    "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, "
	    "Signature=%s",
	    signer.access_key, t.scope.data, t.signed_headers.data,
	    t.signature);
	expect_file(base, "authz", auth.data);
	sigv4_texts_free(&t);
	parsed_free(&p);
}

static unsigned
walk(const char *dir, const char *name)
{
	auto_free char *base = mem_fmt("%s/%s", dir, name);
	auto_free char *req = mem_fmt("%s.req", base);
	struct dirent *e;
	unsigned n = 0;
	DIR *d = opendir(dir);

	if (access(req, R_OK) == 0) {
		check_case(base);
		n++;
	}
	while (d != NULL && (e = readdir(d)) != NULL) {
		auto_free char *sub = mem_fmt("%s/%s", dir, e->d_name);
		struct stat st;

		if (e->d_name[0] != '.' && stat(sub, &st) == 0 &&
		    S_ISDIR(st.st_mode))
			n += walk(sub, e->d_name);
	}
	if (d != NULL)
		closedir(d);
	return n;
}

START_TEST(suite)
{
	auto_free char *dir = conformance_path("sigv4");

	if (dir != NULL)
		ck_assert_uint_ge(walk(dir, ""), 30);
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
	tcase_add_test(t, suite);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
