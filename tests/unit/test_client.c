/* Calls of the AWS client: what is sent, how often, and what comes out. */

#include "tests/unit/script.h"

#define URL_BODY "{\"QueueUrl\":\"u\"}"
#define THROTTLE "{\"__type\":\"ThrottlingException\",\"message\":\"slow\"}"
#define EXPIRED  "{\"__type\":\"ExpiredTokenException\",\"message\":\"old\"}"
#define SKEWED   "{\"__type\":\"InvalidSignatureException\",\"message\":\"\"}"
#define LIST     "sqs", "ListQueues", "{}"
#define CREATE   "sqs", "CreateQueue", "{\"QueueName\":\"q\"}"
#define COPY                                                                   \
	"s3", "CopyObject",                                                    \
	    "{\"Bucket\":\"b\",\"Key\":\"k\",\"CopySource\":\"b/j\"}"
#define SECRET "secretsmanager", "CreateSecret", "{\"Name\":\"s\"}"
static const struct row {
	const char *name, *service, *operation, *in;
	const struct answer *answers;
	const char *attempts; /* as the metrics see them */
	enum err_kind kind;   /* ERR_NONE: success */
	const char *text;     /* the error's, or in the output */
} rows[] = {
	{ "success", CREATE, SCRIPT({ 200, NULL, URL_BODY }), "200 ", ERR_NONE,
	    "\"QueueUrl\":\"u\"" },
	{ "read after 503", LIST,
	    SCRIPT({ 503, NULL, "<html>down</html>" }, { 200, NULL, "{}" }),
	    "503 200 ", ERR_NONE, "{}" },
	{ "read, always 503", LIST, SCRIPT({ 503, NULL, "" }), "503 503 503 ",
	    ERR_TRANSIENT, "sqs ListQueues: " },
	{ "create and 500", CREATE,
	    SCRIPT({ 500, NULL, "{\"__type\":\"InternalFailure\"}" }),
	    "InternalFailure ", ERR_UNKNOWN, "sqs CreateQueue: " },
	{ "create and no answer", CREATE, SCRIPT({ 0, NULL, "" }),
	    "unknown-outcome ", ERR_UNKNOWN, "sqs CreateQueue: 127.0.0.1:" },
	{ "read and no answer", LIST,
	    SCRIPT({ 0, NULL, "" }, { 200, NULL, "{}" }),
	    "unknown-outcome 200 ", ERR_NONE, "{}" },
	{ "create with a token and no answer", SECRET,
	    SCRIPT({ 0, NULL, "" }, { 200, NULL, "{\"Name\":\"s\"}" }),
	    "unknown-outcome 200 ", ERR_NONE, "\"s\"" },
	{ "throttled create", CREATE,
	    SCRIPT({ 400, NULL, THROTTLE }, { 200, NULL, URL_BODY }),
	    "ThrottlingException 200 ", ERR_NONE, "u" },
	{ "refused", CREATE,
	    SCRIPT({ 400, "x-amzn-RequestId: r-1\r\n",
		"{\"__type\":\"com.amazonaws.sqs#InvalidAttributeValue\","
		"\"message\":\"bad\"}" }),
	    "InvalidAttributeValue ", ERR_TERMINAL, "bad" },
	{ "expired once", CREATE,
	    SCRIPT({ 400, NULL, EXPIRED }, { 200, NULL, URL_BODY }),
	    "ExpiredTokenException 200 ", ERR_NONE, "u" },
	{ "expired for ever", CREATE, SCRIPT({ 400, NULL, EXPIRED }),
	    "ExpiredTokenException ExpiredTokenException ", ERR_AUTH, "old" },
	{ "clock is off", CREATE,
	    SCRIPT(
		{ 403, "Date: +900", SKEWED }, { 200, "Date: +900", URL_BODY }),
	    "InvalidSignatureException 200 ", ERR_NONE, "u" },
	{ "clock is right, key is wrong", CREATE,
	    SCRIPT({ 403, "Date: +1", SKEWED }), "InvalidSignatureException ",
	    ERR_AUTH, "sqs CreateQueue: " },
	/* S3 begins to answer before it knows */
	{ "an error that says it is fine", COPY,
	    SCRIPT({ 200, NULL, "<Error><Code>InternalError</Code></Error>" },
		{ 200, NULL,
		    "<CopyObjectResult><ETag>e</ETag>"
		    "</CopyObjectResult>" }),
	    "InternalError 200 ", ERR_NONE, "\"ETag\":\"e\"" },
	{ "one for good", COPY,
	    SCRIPT({ 200, NULL, "<Error><Code>AccessDenied</Code></Error>" }),
	    "AccessDenied ", ERR_DENIED, "s3 CopyObject: " },
	{ "damaged on its way", "s3", "GetObject",
	    "{\"Bucket\":\"b\",\"Key\":\"k\"}",
	    SCRIPT({ 200, "x-amz-checksum-crc32: AAAAAA==\r\n", "123456789" },
		{ 200, "x-amz-checksum-crc32: y/Q5Jg==\r\n", "123456789" }),
	    "unknown-outcome 200 ", ERR_NONE, "MTIzNDU2Nzg5" },
	{ "damaged, of DynamoDB", "dynamodb", "ListTables", "{}",
	    SCRIPT({ 200, "x-amz-crc32: 1\r\n", "{}" },
		{ 200, "x-amz-crc32: 2745614147\r\n", "{}" }),
	    "unknown-outcome 200 ", ERR_NONE, "{}" },
	{ "unknown member", "sqs", "CreateQueue", "{\"QueName\":\"q\"}",
	    SCRIPT({ 200, NULL, "{}" }), "", ERR_INPUT, "QueueName" },
	{ "unknown operation", "sqs", "CreatQueue", "{}",
	    SCRIPT({ 200, NULL, "{}" }), "", ERR_INPUT,
	    "did you mean \"CreateQueue\"" },
	{ "unknown service", "sqz", "CreateQueue", "{}",
	    SCRIPT({ 200, NULL, "{}" }), "", ERR_INPUT,
	    "did you mean \"sqs\"" },
};

struct outcome {
	const struct row *row;
	int result;
	struct err err;
	char *out;
};

static void
one_call(struct aws *aws, void *arg)
{
	struct outcome *o = arg;
	json_auto_t *in = NULL, *out = NULL;

	ck_assert_int_eq(
	    js_parse(o->row->in, strlen(o->row->in), &in, &o->err), 0);
	o->result = aws_call(
	    aws, o->row->service, o->row->operation, in, &out, &o->err);
	o->out = js_dump(out);
}

START_TEST(calls)
{
	const struct row *r = &rows[_i];
	struct outcome o = { .row = r };
	struct world w = { 0 };

	play(&w, r->answers, one_call, &o);
	ck_assert_msg((o.result == 0) == (r->kind == ERR_NONE), "%s: %s",
	    r->name, o.err.msg);
	if (o.result == -1)
		ck_assert_str_eq(
		    err_kind_name(o.err.kind), err_kind_name(r->kind));
	ck_assert_str_eq(w.seen.attempts, r->attempts);
	ck_assert_msg(
	    strstr(o.result == 0 ? o.out : o.err.msg, r->text) != NULL,
	    "%s: %s", r->name, o.result == 0 ? o.out : o.err.msg);
	free(o.out);
	world_free(&w);
}
END_TEST

START_TEST(error_details)
{
	const struct row row = { "", CREATE,
		SCRIPT({ 400, "x-amzn-RequestId: r-1\r\n",
		    "{\"__type\":\"a#QueueNameExists\",\"message\":\"m\"}" }),
		"", ERR_EXISTS, "" };
	struct outcome o = { .row = &row };
	struct world w = { 0 };

	play(&w, row.answers, one_call, &o);
	ck_assert_int_eq(o.result, -1);
	ck_assert_int_eq(o.err.http, 400);
	ck_assert_str_eq(o.err.code, "QueueNameExists");
	ck_assert_str_eq(o.err.request_id, "r-1");
	ck_assert_int_eq(o.err.kind, ERR_EXISTS);
	free(o.out);
	world_free(&w);
}
END_TEST

/* The value of a header of a request as it came. */
static char *
header(const char *request, const char *name)
{
	auto_free char *start = mem_fmt("\r\n%s: ", name);
	const char *p = strcasestr(request, start);

	ck_assert_msg(p != NULL, "%s is missing in\n%s", name, request);
	p += strlen(start);
	return mem_strn(p, strcspn(p, "\r"));
}

static double
date_of(const char *request)
{
	auto_free char *text = header(request, "X-Amz-Date");
	struct tm tm = { 0 };

	ck_assert_ptr_nonnull(strptime(text, "%Y%m%dT%H%M%SZ", &tm));
	return (double)timegm(&tm);
}

START_TEST(what_is_sent)
{
	const struct row row = { "", CREATE,
		SCRIPT({ 400, NULL, THROTTLE }, { 400, NULL, THROTTLE },
		    { 200, NULL, URL_BODY }),
		"", ERR_NONE, "" };
	struct outcome o = { .row = &row };
	struct world w = { .settings = { .max_attempts = 4 } };
	auto_free char *id2 = NULL, *id3 = NULL, *a2 = NULL, *a3 = NULL;
	auto_free char *agent = NULL, *auth = NULL, *target = NULL;

	play(&w, row.answers, one_call, &o);
	ck_assert_uint_eq(w.script.n, 3);
	ck_assert_uint_eq(w.seen.throttled, 2);
	ck_assert_int_eq(
	    strncmp(w.script.requests[0], "POST / HTTP/1.1\r\n", 17), 0);
	ck_assert_ptr_null(strstr(w.script.requests[0], "amz-sdk-"));
	id2 = header(w.script.requests[1], "amz-sdk-invocation-id");
	id3 = header(w.script.requests[2], "amz-sdk-invocation-id");
	ck_assert_str_eq(id2, id3);
	ck_assert_uint_eq(strlen(id2), 36);
	a2 = header(w.script.requests[1], "amz-sdk-request");
	a3 = header(w.script.requests[2], "amz-sdk-request");
	ck_assert_str_eq(a2, "attempt=2; max=4");
	ck_assert_str_eq(a3, "attempt=3; max=4");
	agent = header(w.script.requests[0], "User-Agent");
	ck_assert_int_eq(strncmp(agent, "convergd/", 9), 0);
	target = header(w.script.requests[0], "X-Amz-Target");
	ck_assert_str_eq(target, "AmazonSQS.CreateQueue");
	auth = header(w.script.requests[0], "Authorization");
	ck_assert_ptr_nonnull(strstr(auth, "/eu-west-1/sqs/aws4_request"));
	ck_assert_ptr_nonnull(strstr(auth, "Credential=AKIDEXAMPLE/"));
	ck_assert_ptr_null(strstr(w.script.requests[0], "Expect:"));
	free(o.out);
	world_free(&w);
}
END_TEST

START_TEST(token_stays_the_same)
{
	const struct row row = { "", SECRET,
		SCRIPT({ 503, NULL, "" }, { 200, NULL, "{}" }), "", ERR_NONE,
		"" };
	struct outcome o = { .row = &row };
	struct world w = { 0 };
	const char *b1, *b2;

	play(&w, row.answers, one_call, &o);
	ck_assert_uint_eq(w.script.n, 2);
	b1 = strstr(w.script.requests[0], "\r\n\r\n");
	b2 = strstr(w.script.requests[1], "\r\n\r\n");
	ck_assert_ptr_nonnull(strstr(b1, "ClientRequestToken"));
	ck_assert_str_eq(b1, b2);
	free(o.out);
	world_free(&w);
}
END_TEST

/* The offset is learnt, kept, and forgotten when the clock is right again. */
static void
three_calls(struct aws *aws, void *arg)
{
	struct err err;

	(void)arg;
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(
		    aws_call(aws, "sqs", "ListQueues", NULL, NULL, &err), 0);
}

START_TEST(skew)
{
	struct world w = { 0 };
	double now = clock_wall();

	play(&w,
	    SCRIPT({ 403, "Date: +900", SKEWED }, { 200, "Date: +900", "{}" },
		{ 200, "Date: +0", "{}" }, { 200, "Date: +0", "{}" }),
	    three_calls, NULL);
	ck_assert_uint_eq(w.script.n, 4);
	ck_assert_double_eq_tol(date_of(w.script.requests[0]), now, 30);
	ck_assert_double_eq_tol(date_of(w.script.requests[1]), now + 900, 30);
	ck_assert_double_eq_tol(date_of(w.script.requests[2]), now + 900, 30);
	ck_assert_double_eq_tol(date_of(w.script.requests[3]), now, 30);
	world_free(&w);
}
END_TEST

START_TEST(deadline)
{
	const struct row row = { "", LIST, SCRIPT({ -1, NULL, "" }), "",
		ERR_TRANSIENT, "" };
	struct outcome o = { .row = &row };
	struct world w = { .settings = { .call_sec = 0.2 } };
	double started = clock_mono();

	play(&w, row.answers, one_call, &o);
	ck_assert_int_eq(o.result, -1);
	ck_assert_int_eq(o.err.kind, ERR_TRANSIENT);
	ck_assert_double_lt(clock_mono() - started, 2);
	free(o.out);
	world_free(&w);
}
END_TEST

START_TEST(nobody_there)
{
	const struct row row = { "", CREATE, SCRIPT({ 200, NULL, "" }), "",
		ERR_NETWORK, "" };
	struct outcome o = { .row = &row };
	struct world w = { .settings = {
			       .endpoint_url = "http://127.0.0.1:1" } };

	play(&w, row.answers, one_call, &o);
	ck_assert_int_eq(o.result, -1);
	ck_assert_int_eq(o.err.kind, ERR_NETWORK);
	ck_assert_str_eq(w.seen.attempts, "network network network ");
	free(o.out);
	world_free(&w);
}
END_TEST

/* Every attempt reads it from the start. */
START_TEST(a_file_again)
{
	char path[] = "/tmp/test-client-XXXXXX";
	int fd = mkstemp(path);
	auto_free char *in = mem_fmt(
	    "{\"Bucket\":\"b\",\"Key\":\"k\",\"Body\":{\"$file\":\"%s\"}}",
	    path);
	const struct row row = { "", "s3", "PutObject", in,
		SCRIPT({ 503, NULL, "" }, { 200, "ETag: e\r\n", "" }), "",
		ERR_NONE, "" };
	struct outcome o = { .row = &row };
	struct world w = { .settings = { .files = true } };

	ck_assert_int_eq(write(fd, "123456789", 9), 9);
	close(fd);
	play(&w, row.answers, one_call, &o);
	unlink(path);
	ck_assert_msg(o.result == 0, "%s", o.err.msg);
	ck_assert_uint_eq(w.script.n, 2);
	for (int i = 0; i < 2; i++) {
		auto_free char *hash = header(
		    w.script.requests[i], "X-Amz-Content-Sha256");

		ck_assert_ptr_nonnull(
		    strstr(w.script.requests[i], "\r\n\r\n123456789"));
		ck_assert_int_eq(strncmp(hash, "15e2b0d3c33891eb", 16), 0);
	}
	free(o.out);
	world_free(&w);
}
END_TEST

static void
ask_account(struct aws *aws, void *arg)
{
	char account[32];
	struct err err;

	(void)arg;
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(aws_account(aws, account, &err), 0);
		ck_assert_str_eq(account, "123456789012");
	}
}

START_TEST(account_is_remembered)
{
	struct world w = { 0 };

	play(&w,
	    SCRIPT({ 200, NULL,
		"<GetCallerIdentityResponse><GetCallerIdentityResult>"
		"<Account>123456789012</Account></GetCallerIdentityResult>"
		"</GetCallerIdentityResponse>" }),
	    ask_account, NULL);
	ck_assert_uint_eq(w.script.n, 1);
	world_free(&w);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("client");
	TCase *t = tcase_create("client");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_loop_test(t, calls, 0, LEN(rows));
	tcase_add_test(t, error_details);
	tcase_add_test(t, what_is_sent);
	tcase_add_test(t, token_stays_the_same);
	tcase_add_test(t, skew);
	tcase_add_test(t, deadline);
	tcase_add_test(t, nobody_there);
	tcase_add_test(t, a_file_again);
	tcase_add_test(t, account_is_remembered);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
