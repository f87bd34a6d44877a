/* No key and no token reaches an error or what is printed; keys that
 * somebody replaced in the files are found. */

#include "common/aws/credentials.h"
#include "tests/unit/script.h"

#define SECRET "TOPSECRET/kEy+0123456789"
#define TOKEN  "TOPSECRETtokenTOPSECRETtoken0123456789"

static const struct {
	const char *secret, *text, *wanted;
} hidden[] = {
	{ TOKEN, "x-amz-security-token:" TOKEN "\nhost:h",
	    "x-amz-security-token:**************************************\n"
	    "host:h" },
	{ TOKEN, TOKEN " " TOKEN,
	    "************************************** "
	    "**************************************" },
	{ TOKEN, "cut: TOPSECRETtokenTOP", "cut: *****************" },
	{ TOKEN, "TOPSECRETtok", "************" },
	{ TOKEN, "nothing", "nothing" },
	{ TOKEN, "", "" },
	{ "short", "short", "short" },
	{ "", "text", "text" },
	{ NULL, "text", "text" },
};

START_TEST(hiding)
{
	auto_free char *text = mem_str(hidden[_i].text);

	secret_hide(hidden[_i].secret, text);
	ck_assert_str_eq(text, hidden[_i].wanted);
}
END_TEST

static void
set_secrets(void)
{
	set_up();
	setenv("AWS_SECRET_ACCESS_KEY", SECRET, 1);
	setenv("AWS_SESSION_TOKEN", TOKEN, 1);
}

/* What AWS says of a wrong signature quotes the whole request. */
#define QUOTED                                                                 \
	"The Canonical String should have been 'POST / "                       \
	"x-amz-security-token:" TOKEN " '"

static const struct quote {
	const char *service, *operation, *in, *body;
} quotes[] = {
	{ "sqs", "ListQueues", "{}",
	    "{\"__type\":\"InvalidSignatureException\",\"message\":\"" QUOTED
	    "\"}" },
	{ "iam", "ListRoles", "{}",
	    "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code>"
	    "<Message>" QUOTED "</Message></Error></ErrorResponse>" },
	{ "s3", "ListBuckets", "{}",
	    "<Error><Code>SignatureDoesNotMatch</Code><Message>" QUOTED
	    "</Message><Secret>" SECRET "</Secret></Error>" },
	{ "lambda", "ListFunctions", "{}",
	    "{\"message\":\"" QUOTED " " SECRET "\"}" },
};

static void
call_refused(struct aws *aws, void *arg)
{
	const struct quote *q = arg;
	json_auto_t *in = NULL;
	struct err err = { 0 };

	ck_assert_int_eq(js_parse(q->in, strlen(q->in), &in, &err), 0);
	ck_assert_int_eq(
	    aws_call(aws, q->service, q->operation, in, NULL, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "x-amz-security-token:***"));
	ck_assert_ptr_null(strstr(err.msg, "TOPSECRET"));
	ck_assert_ptr_null(strstr(err.code, "TOPSECRET"));
}

START_TEST(quoted)
{
	struct answer answers[] = { { 403, NULL, quotes[_i].body }, { 0 } };
	struct world w = { 0 };

	set_secrets();
	play(&w, answers, call_refused, (void *)&quotes[_i]);
	ck_assert_ptr_nonnull(strstr(w.script.requests[0], TOKEN));
	world_free(&w);
}
END_TEST

/* The request that people are shown. */
START_TEST(printed)
{
	struct aws_settings s = { .region = "eu-west-1" };
	auto_of(aws_free) struct aws *aws = NULL;
	json_auto_t *out = NULL;
	auto_free char *text = NULL;
	struct err err;

	set_secrets();
	ck_assert_int_eq(aws_new(&s, NULL, &aws, &err), 0);
	ck_assert_int_eq(
	    aws_print(aws, "sqs", "ListQueues", NULL, &out, &err), 0);
	text = js_dump(out);
	ck_assert_ptr_null(strstr(text, "TOPSECRET"));
	ck_assert_str_eq(
	    js_pathstr(out, "headers.X-Amz-Security-Token"), "***");
	ck_assert_ptr_nonnull(js_pathstr(out, "headers.Authorization"));
}
END_TEST

/* ---- keys that change ---- */

static char file[] = "/tmp/test_secrets.XXXXXX";

static void
put_keys(const char *id)
{
	FILE *f = fopen(file, "w");

	ck_assert_ptr_nonnull(f);
	fprintf(f,
	    "[default]\naws_access_key_id = %s\naws_secret_access_key = s\n",
	    id);
	fclose(f);
}

static void
rotate(struct aws *aws, void *arg)
{
	struct err err;

	(void)arg;
	ck_assert_int_eq(
	    aws_call(aws, "sqs", "ListQueues", NULL, NULL, &err), 0);
	put_keys("TWO");
	ck_assert_msg(aws_call(aws, "sqs", "ListQueues", NULL, NULL, &err) == 0,
	    "%s", err.msg);
}

static const char *const refusals[] = {
	"{\"__type\":\"UnrecognizedClientException\",\"message\":\"\"}",
	"{\"__type\":\"InvalidClientTokenId\",\"message\":\"\"}",
	"{\"__type\":\"ExpiredTokenException\",\"message\":\"\"}",
};

START_TEST(rotated)
{
	struct answer answers[] = { { 200, NULL, "{}" },
		{ 403, NULL, refusals[_i] }, { 200, NULL, "{}" }, { 0 } };
	static const char *const keys[] = { "Credential=ONE/",
		"Credential=ONE/", "Credential=TWO/" };
	struct world w = { 0 };
	int fd = mkstemp(file);

	ck_assert_int_ne(fd, -1);
	close(fd);
	set_up();
	unsetenv("AWS_ACCESS_KEY_ID");
	unsetenv("AWS_SECRET_ACCESS_KEY");
	setenv("AWS_SHARED_CREDENTIALS_FILE", file, 1);
	put_keys("ONE");
	play(&w, answers, rotate, NULL);
	unlink(file);
	ck_assert_uint_eq(w.script.n, 3);
	for (int i = 0; i < 3; i++)
		ck_assert_ptr_nonnull(strstr(w.script.requests[i], keys[i]));
	world_free(&w);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("secrets");
	TCase *t = tcase_create("secrets");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, hiding, 0, LEN(hidden));
	tcase_add_loop_test(t, quoted, 0, LEN(quotes));
	tcase_add_test(t, printed);
	tcase_add_loop_test(t, rotated, 0, LEN(refusals));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
