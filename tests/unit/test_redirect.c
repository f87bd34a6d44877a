/* Buckets that live in another region than the client: asked there, once,
 * and remembered; nobody follows what an answer calls its Location. */

#include "tests/unit/script.h"

#define MOVED                                                                  \
	"<Error><Code>PermanentRedirect</Code><Message>m</Message>"            \
	"<Endpoint>b1b.s3.us-west-2.amazonaws.com</Endpoint></Error>"
#define MALFORMED                                                              \
	"<Error><Code>AuthorizationHeaderMalformed</Code><Message>expecting"   \
	"</Message><Region>us-west-2</Region></Error>"
#define ILLEGAL  "<Error><Code>IllegalLocationConstraintException</Code></Error>"
#define WEST     "x-amz-bucket-region: us-west-2\r\n"
#define LOCATION "Location: http://127.0.0.1:1/stolen\r\n"

#define GET  "s3", "GetBucketTagging", "{\"Bucket\":\"b1b\"}"
#define HEAD "s3", "HeadBucket", "{\"Bucket\":\"b1b\"}"
#define PUT                                                                    \
	"s3", "PutObject",                                                     \
	    "{\"Bucket\":\"b1b\",\"Key\":\"k\",\"Body\":\"eA==\"}"
#define MAKE                                                                   \
	"s3", "CreateBucket",                                                  \
	    "{\"Bucket\":\"b1b\",\"CreateBucketConfiguration\":"               \
	    "{\"LocationConstraint\":\"eu-west-1\"}}"
#define OK_TAGS                                                                \
	{                                                                      \
		200, NULL, "<Tagging><TagSet/></Tagging>"                      \
	}

static const struct row {
	const char *name, *service, *operation, *in;
	const struct answer *answers;
	const char *regions; /* that the requests were signed for */
	const char *code;    /* of the error; NULL: success */
} rows[] = {
	{ "the header names it", GET,
	    SCRIPT({ 301, WEST LOCATION, MOVED }, OK_TAGS),
	    "eu-west-1 us-west-2 ", NULL },
	{ "the body names it", GET, SCRIPT({ 400, NULL, MALFORMED }, OK_TAGS),
	    "eu-west-1 us-west-2 ", NULL },
	{ "an upload, for a while", PUT,
	    SCRIPT({ 307, WEST LOCATION, "" }, { 200, NULL, "" }),
	    "eu-west-1 us-west-2 ", NULL },
	{ "HEAD 301", HEAD, SCRIPT({ 301, WEST, "" }, { 200, NULL, "" }),
	    "eu-west-1 us-west-2 ", NULL },
	{ "HEAD 400", HEAD, SCRIPT({ 400, WEST, "" }, { 200, NULL, "" }),
	    "eu-west-1 us-west-2 ", NULL },
	{ "HEAD 400 for another reason", HEAD, SCRIPT({ 400, NULL, "" }),
	    "eu-west-1 ", "400" },
	{ "HEAD 403 is no redirect", HEAD, SCRIPT({ 403, WEST, "" }),
	    "eu-west-1 ", "403" },
	{ "wrong location", GET, SCRIPT({ 400, WEST, ILLEGAL }, OK_TAGS),
	    "eu-west-1 us-west-2 ", NULL },
	{ "nothing names it: HeadBucket does", GET,
	    SCRIPT({ 301, LOCATION, MOVED }, { 301, WEST, "" },
		{ 200, NULL, "" }, OK_TAGS),
	    "eu-west-1 eu-west-1 us-west-2 us-west-2 ", NULL },
	{ "nothing at all names it", GET,
	    SCRIPT(
		{ 301, LOCATION, MOVED }, { 404, NULL, "" }, { 500, NULL, "" }),
	    "eu-west-1 eu-west-1 ", "PermanentRedirect" },
	{ "there and back again", GET,
	    SCRIPT({ 301, WEST, MOVED },
		{ 301, "x-amz-bucket-region: eu-west-1\r\n", MOVED }),
	    "eu-west-1 us-west-2 ", "PermanentRedirect" },
	{ "to where it is", GET,
	    SCRIPT({ 301, "x-amz-bucket-region: eu-west-1\r\n", MOVED }),
	    "eu-west-1 ", "PermanentRedirect" },
	{ "out of the partition", GET,
	    SCRIPT({ 301, "x-amz-bucket-region: cn-north-1\r\n", MOVED }),
	    "eu-west-1 ", "PermanentRedirect" },
	{ "to no region", GET,
	    SCRIPT({ 301, "x-amz-bucket-region: evil.example/\r\n", MOVED }),
	    "eu-west-1 ", "PermanentRedirect" },
	{ "a bucket that is to be made", MAKE, SCRIPT({ 301, WEST, MOVED }),
	    "eu-west-1 ", "PermanentRedirect" },
	{ "another service", "sqs", "ListQueues", "{}",
	    SCRIPT({ 301, WEST, "{\"__type\":\"PermanentRedirect\"}" }),
	    "eu-west-1 ", "PermanentRedirect" },
};

static void
call(struct aws *aws, void *arg)
{
	const struct row *r = arg;
	json_auto_t *in = NULL, *out = NULL;
	struct err err = { 0 };
	int rc;

	ck_assert_int_eq(js_parse(r->in, strlen(r->in), &in, &err), 0);
	rc = aws_call(aws, r->service, r->operation, in, &out, &err);
	if (r->code == NULL) {
		ck_assert_msg(rc == 0, "%s: %s", r->name, err.msg);
		return;
	}
	ck_assert_msg(rc == -1, "%s", r->name);
	ck_assert_str_eq(err.code, r->code);
}

/* "eu-west-1 us-west-2 " */
static void
check_regions(const struct world *w, const char *wanted)
{
	auto_buf struct buf seen = BUF_INIT;

	for (unsigned i = 0; i < w->script.n; i++) {
		const char *scope = strstr(
		    w->script.requests[i], "Credential=AKIDEXAMPLE/");

		ck_assert_ptr_nonnull(scope);
		scope += strlen("Credential=AKIDEXAMPLE/yyyymmdd/");
		buf_addf(&seen, "%.*s ", (int)strcspn(scope, "/"), scope);
	}
	ck_assert_str_eq(seen.data, wanted);
}

START_TEST(redirects)
{
	const struct row *r = &rows[_i];
	struct world w = { 0 };

	set_up();
	play(&w, r->answers, call, (void *)r);
	check_regions(&w, r->regions);
	world_free(&w);
}
END_TEST

static void
call_four_times(struct aws *aws, void *arg)
{
	static const char *const buckets[] = { "b1b", "b1b", "other", "b1b" };

	(void)arg;
	for (int i = 0; i < 4; i++) {
		json_auto_t *in = js_pack("{s:s}", "Bucket", buckets[i]);
		struct err err;

		ck_assert_int_eq(
		    aws_call(aws, "s3", "GetBucketTagging", in, NULL, &err), 0);
	}
}

/* Of this bucket, and of no other. */
START_TEST(remembered)
{
	struct world w = { 0 };

	set_up();
	play(&w, SCRIPT({ 301, WEST, MOVED }, OK_TAGS), call_four_times, NULL);
	check_regions(&w, "eu-west-1 us-west-2 us-west-2 eu-west-1 us-west-2 ");
	world_free(&w);
}
END_TEST

static void
print_host(struct aws *aws, void *arg)
{
	json_auto_t *in = js_pack("{s:s}", "Bucket", "b1b");
	struct err err;

	ck_assert_int_eq(
	    aws_call(aws, "s3", "GetBucketTagging", in, NULL, &err), 0);
	ck_assert_int_eq(
	    aws_print(aws, "s3", "GetBucketTagging", in, arg, &err), 0);
}

START_TEST(path_stays_whole)
{
	struct world w = { 0 };
	json_auto_t *printed = NULL;

	set_up();
	play(&w, SCRIPT({ 301, WEST, MOVED }, OK_TAGS), print_host, &printed);
	ck_assert_ptr_nonnull(strstr(js_str(printed, "url"), "/b1b?tagging"));
	ck_assert_ptr_nonnull(strstr(w.script.requests[1], "GET /b1b?tagging"));
	world_free(&w);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("redirect");
	TCase *t = tcase_create("redirect");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, redirects, 0, LEN(rows));
	tcase_add_test(t, remembered);
	tcase_add_test(t, path_stays_whole);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
