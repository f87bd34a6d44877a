/* Calls that fail on the way: what is repeated, and what is never. */

#include "tests/unit/script.h"

#define URL_BODY "{\"QueueUrl\":\"u\"}"
#define LIST     "sqs", "ListQueues", "{}"
#define CREATE   "sqs", "CreateQueue", "{\"QueueName\":\"q\"}"
#define DELETE   "sqs", "DeleteQueue", "{\"QueueUrl\":\"http://127.0.0.1/q\"}"
#define SECRET   "secretsmanager", "CreateSecret", "{\"Name\":\"s\"}"
#define OBJECTS  "s3", "ListObjectsV2", "{\"Bucket\":\"b\"}"
#define POLICY   "s3", "PutBucketPolicy", "{\"Bucket\":\"b\",\"Policy\":\"{}\"}"
#define GET_URL  "sqs", "GetQueueUrl", "{\"QueueName\":\"q\"}"
#define PAGE     "<!DOCTYPE html><html><body><br>Sorry</body></html>"
#define CUT      "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"Queue"
#define CUT_JSON "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"Queue"
#define CUT_HEAD "HTTP/1.1 200 OK\r\nContent-Le"
#define CUT_CHUNK                                                              \
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"                \
	"50\r\n{\"Queue"
#define TRAILER                                                                \
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"                \
	"2\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n"
#define S3_ERROR(code)                                                         \
	"<?xml version=\"1.0\"?>\n<Error><Code>" code                          \
	"</Code><Message>m</Message></Error>"
#define OK_JSON                                                                \
	{                                                                      \
		200, NULL, "{}"                                                \
	}
static const struct row {
	const char *name, *service, *operation, *in;
	const struct answer *answers;
	const char *attempts; /* as the metrics see them */
	enum err_kind kind;   /* ERR_NONE: success */
	const char *text;     /* the error's, or in the output */
} rows[] = {
	{ "reset, read", LIST, SCRIPT({ RESET, NULL, "" }, OK_JSON),
	    "unknown-outcome 200 ", ERR_NONE, "{}" },
	{ "cut body, read", LIST, SCRIPT({ RAW, NULL, CUT }, OK_JSON),
	    "unknown-outcome 200 ", ERR_NONE, "{}" },
	{ "cut headers, read", LIST, SCRIPT({ RAW, NULL, CUT_HEAD }, OK_JSON),
	    "unknown-outcome 200 ", ERR_NONE, "{}" },
	{ "cut chunk, read", LIST, SCRIPT({ RAW, NULL, CUT_CHUNK }, OK_JSON),
	    "unknown-outcome 200 ", ERR_NONE, "{}" },
	{ "cut body without length, read", LIST,
	    SCRIPT({ RAW, NULL, CUT_JSON }, OK_JSON), "unknown-outcome 200 ",
	    ERR_NONE, "{}" },
	{ "always cut, read", LIST, SCRIPT({ RAW, NULL, CUT }),
	    "unknown-outcome unknown-outcome unknown-outcome ", ERR_TRANSIENT,
	    "sqs ListQueues: 127.0.0.1:" },
	{ "no HTTP at all, read", LIST,
	    SCRIPT({ RAW, NULL, "SSH-2.0-x\r\n" }, OK_JSON),
	    "unknown-outcome 200 ", ERR_NONE, "{}" },

	{ "a trailer is no broken answer", LIST, SCRIPT({ RAW, NULL, TRAILER }),
	    "200 ", ERR_NONE, "{}" },
	{ "a page instead of JSON", LIST, SCRIPT({ 200, NULL, PAGE }, OK_JSON),
	    "unknown-outcome 200 ", ERR_NONE, "{}" },
	{ "a page, 502, read", LIST, SCRIPT({ 502, NULL, PAGE }, OK_JSON),
	    "502 200 ", ERR_NONE, "{}" },
	{ "a page, 503, for ever", LIST, SCRIPT({ 503, NULL, PAGE }),
	    "503 503 503 ", ERR_TRANSIENT, "Service Unavailable (HTTP 503)" },
	{ "a page, 404: nothing is absent", GET_URL,
	    SCRIPT({ 404, NULL, PAGE }, { 200, NULL, URL_BODY }), "404 200 ",
	    ERR_NONE, "u" },
	{ "a page, 403", LIST, SCRIPT({ 403, NULL, PAGE }), "403 ", ERR_DENIED,
	    "Forbidden (HTTP 403)" },
	{ "404 without a word", GET_URL, SCRIPT({ 404, NULL, "" }), "404 ",
	    ERR_ABSENT, "Not Found (HTTP 404)" },
	{ "a page instead of XML", "iam", "ListRoles", "{}",
	    SCRIPT({ 200, NULL, PAGE }, { 200, NULL, "<a/>" }),
	    "unknown-outcome 200 ", ERR_NONE, "{}" },

	{ "200 with an error, read", OBJECTS,
	    SCRIPT({ 200, NULL, S3_ERROR("InternalError") },
		{ 200, NULL, "<ListBucketResult/>" }),
	    "InternalError 200 ", ERR_NONE, "{}" },
	{ "200 with SlowDown", POLICY,
	    SCRIPT({ 200, NULL, S3_ERROR("SlowDown") }, { 200, NULL, "" }),
	    "SlowDown 200 ", ERR_NONE, "{}" },
	{ "200 with a refusal", POLICY,
	    SCRIPT({ 200, NULL, S3_ERROR("AccessDenied") }), "AccessDenied ",
	    ERR_DENIED, "AccessDenied: m" },
	{ "200 with words of no output", POLICY,
	    SCRIPT({ 200, NULL, "fine, thanks" }), "200 ", ERR_NONE, "{}" },
	{ "204 with words of no output", POLICY,
	    SCRIPT({ 200, NULL, "<html><br></html>" }), "200 ", ERR_NONE,
	    "{}" },

	{ "delete, no answer, then gone", DELETE,
	    SCRIPT({ CLOSED, NULL, "" },
		{ 400, NULL,
		    "{\"__type\":\"QueueDoesNotExist\",\"message\":\"\"}" }),
	    "unknown-outcome QueueDoesNotExist ", ERR_ABSENT,
	    "sqs DeleteQueue: " },
	{ "delete, no answer for ever", DELETE, SCRIPT({ RESET, NULL, "" }),
	    "unknown-outcome unknown-outcome unknown-outcome ", ERR_UNKNOWN,
	    "sqs DeleteQueue: " },

	/* a create without a token is never sent again */
	{ "create, no answer", CREATE, SCRIPT({ CLOSED, NULL, "" }),
	    "unknown-outcome ", ERR_UNKNOWN, "sqs CreateQueue: " },
	{ "create, reset", CREATE, SCRIPT({ RESET, NULL, "" }),
	    "unknown-outcome ", ERR_UNKNOWN, "sqs CreateQueue: " },
	{ "create, cut body", CREATE, SCRIPT({ RAW, NULL, CUT }),
	    "unknown-outcome ", ERR_UNKNOWN, "sqs CreateQueue: " },
	{ "create, cut JSON", CREATE, SCRIPT({ RAW, NULL, CUT_JSON }),
	    "unknown-outcome ", ERR_UNKNOWN, "not JSON" },
	{ "create, a page", CREATE, SCRIPT({ 200, NULL, PAGE }),
	    "unknown-outcome ", ERR_UNKNOWN, "not JSON" },
	{ "create, 500", CREATE, SCRIPT({ 500, NULL, "" }), "500 ", ERR_UNKNOWN,
	    "sqs CreateQueue: " },
	{ "create, 502 of a proxy", CREATE, SCRIPT({ 502, NULL, PAGE }), "502 ",
	    ERR_UNKNOWN, "Bad Gateway" },
	{ "create, 503", CREATE, SCRIPT({ 503, NULL, "" }), "503 ", ERR_UNKNOWN,
	    "sqs CreateQueue: " },
	{ "create, 504", CREATE, SCRIPT({ 504, NULL, PAGE }), "504 ",
	    ERR_UNKNOWN, "Gateway Timeout" },
	{ "create with a token, cut body", SECRET,
	    SCRIPT({ RAW, NULL, CUT }, OK_JSON), "unknown-outcome 200 ",
	    ERR_NONE, "{}" },
	{ "create with a token, 500", SECRET,
	    SCRIPT({ 500, NULL, "" }, OK_JSON), "500 200 ", ERR_NONE, "{}" },
};

struct outcome {
	const char *service, *operation, *in;
	int result;
	struct err err;
	char *out;
};
#define OUTCOME_OF(row)                                                        \
	{                                                                      \
		(row)->service, (row)->operation, (row)->in                    \
	}

static void
one_call(struct aws *aws, void *arg)
{
	struct outcome *o = arg;
	json_auto_t *in = NULL, *out = NULL;

	ck_assert_int_eq(js_parse(o->in, strlen(o->in), &in, &o->err), 0);
	o->result = aws_call(aws, o->service, o->operation, in, &out, &o->err);
	o->out = js_dump(out);
}

START_TEST(calls)
{
	const struct row *r = &rows[_i];
	struct outcome o = OUTCOME_OF(r);
	struct world w = { 0 };

	play(&w, r->answers, one_call, &o);
	ck_assert_msg((o.result == 0) == (r->kind == ERR_NONE), "%s: %s",
	    r->name, o.err.msg);
	ck_assert_msg(strcmp(w.seen.attempts, r->attempts) == 0, "%s: %s",
	    r->name, w.seen.attempts);
	if (o.result == -1)
		ck_assert_str_eq(
		    err_kind_name(o.err.kind), err_kind_name(r->kind));
	ck_assert_msg(
	    strstr(o.result == 0 ? o.out : o.err.msg, r->text) != NULL,
	    "%s: %s", r->name, o.result == 0 ? o.out : o.err.msg);
	free(o.out);
	world_free(&w);
}
END_TEST

/* --- a connection that served before ---------------------------------- */

static const struct {
	const struct row row; /* of the second call */
	int how;
} reused[] = {
	{ { "read", LIST, NULL, "200 unknown-outcome 200 ", ERR_NONE, "{}" },
	    RESET },
	{ { "read", LIST, NULL, "200 unknown-outcome 200 ", ERR_NONE, "{}" },
	    CLOSED },
	{ { "create", CREATE, NULL, "200 unknown-outcome ", ERR_UNKNOWN,
	      "sqs CreateQueue: 127.0.0.1:" },
	    RESET },
	{ { "create", CREATE, NULL, "200 unknown-outcome ", ERR_UNKNOWN,
	      "sqs CreateQueue: 127.0.0.1:" },
	    CLOSED },
};

static void
two_calls(struct aws *aws, void *arg)
{
	struct err err;

	ck_assert_int_eq(
	    aws_call(aws, "sqs", "ListQueues", NULL, NULL, &err), 0);
	one_call(aws, arg);
}

START_TEST(a_reused_connection_dies)
{
	const struct row *r = &reused[_i].row;
	struct outcome o = OUTCOME_OF(r);
	struct world w = { 0 };

	play(&w, SCRIPT(OK_JSON, { reused[_i].how, NULL, "" }, OK_JSON),
	    two_calls, &o);
	ck_assert_str_eq(w.seen.attempts, r->attempts);
	ck_assert_int_eq(o.result, r->kind == ERR_NONE ? 0 : -1);
	if (o.result == -1)
		ck_assert_str_eq(
		    err_kind_name(o.err.kind), err_kind_name(r->kind));
	free(o.out);
	world_free(&w);
}
END_TEST

/* A service that is down uses up its own quota of retries, no other's. */
static void
quota_calls(struct aws *aws, void *arg)
{
	struct outcome *o = arg;
	struct err err;

	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(
		    aws_call(aws, "sns", "ListTopics", NULL, NULL, &err), -1);
	one_call(aws, o);
}

static unsigned
count_word(const char *text, const char *word)
{
	unsigned n = 0;

	while ((text = strstr(text, word)) != NULL)
		n++, text += strlen(word);
	return n;
}

START_TEST(quota_of_a_service)
{
	struct outcome o = { LIST };
	struct world w = { 0 };

	play(&w, SCRIPT({ 503, NULL, "" }), quota_calls, &o);
	/* 35 of 40 retries, then 2 of the other service */
	ck_assert_uint_eq(count_word(w.seen.attempts, "503 "), 20 + 35 + 1 + 2);
	free(o.out);
	world_free(&w);
}
END_TEST

/* --- idempotency tokens ----------------------------------------------- */

static const struct {
	const char *in, *token; /* NULL: any, but the same */
} tokens[] = {
	{ "{\"Name\":\"s\"}", NULL },
	{ "{\"Name\":\"s\",\"ClientRequestToken\":null}", NULL },
	{ "{\"Name\":\"s\",\"ClientRequestToken\":"
	  "\"00000000-aaaa-4aaa-8aaa-000000000000\"}",
	    "\"00000000-aaaa-4aaa-8aaa-000000000000\"" },
};

START_TEST(tokens_stay)
{
	struct outcome o = { "secretsmanager", "CreateSecret", tokens[_i].in };
	struct world w = { 0 };
	const char *bodies[3];

	play(&w, SCRIPT({ CLOSED, NULL, "" }, { 500, NULL, "" }, OK_JSON),
	    one_call, &o);
	ck_assert_int_eq(o.result, 0);
	ck_assert_uint_eq(w.script.n, 3);
	for (int i = 0; i < 3; i++) {
		bodies[i] = strstr(w.script.requests[i], "\r\n\r\n");
		ck_assert_str_eq(bodies[i], bodies[0]);
	}
	ck_assert_ptr_nonnull(strstr(bodies[0], "\"ClientRequestToken\":\""));
	if (tokens[_i].token != NULL)
		ck_assert_ptr_nonnull(strstr(bodies[0], tokens[_i].token));
	free(o.out);
	world_free(&w);
}
END_TEST

/* --- waiting ---------------------------------------------------------- */

static const struct {
	const char *header;
	double least, most; /* seconds of the call */
} waits[] = {
	{ "Retry-After: 1\r\n", 1, 4 },
	{ "x-amz-retry-after: 300\r\n", .3, 3 },
	{ "x-amz-retry-after: 300\r\nRetry-After: 60\r\n", .3, 3 },
	{ "Retry-After: soon\r\n", 0, 3 },
	{ "Retry-After: -5\r\n", 0, 3 },
};

START_TEST(retry_after)
{
	struct outcome o = { LIST };
	struct world w = { 0 };
	double started = clock_mono(), took;

	play(&w, SCRIPT({ 503, waits[_i].header, "" }, OK_JSON), one_call, &o);
	took = clock_mono() - started;
	ck_assert_int_eq(o.result, 0);
	ck_assert_msg(took >= waits[_i].least && took < waits[_i].most,
	    "%s took %f s", waits[_i].header, took);
	free(o.out);
	world_free(&w);
}
END_TEST

static const struct {
	const char *variable;
	int setting;
	const char *attempts; /* NULL: an error */
} counts[] = {
	{ NULL, 0, "503 503 503 " },
	{ "1", 0, "503 " },
	{ "2", 0, "503 503 " },
	{ "2", 4, "503 503 503 503 " },
	{ "0", 0, NULL },
	{ "many", 0, NULL },
};

START_TEST(max_attempts)
{
	struct outcome o = { LIST };
	struct aws_settings s = { .region = "eu-west-1" };
	struct world w = { .settings = { .max_attempts = counts[_i].setting } };
	auto_of(aws_free) struct aws *aws = NULL;

	if (counts[_i].variable != NULL)
		setenv("AWS_MAX_ATTEMPTS", counts[_i].variable, 1);
	if (counts[_i].attempts == NULL) {
		ck_assert_int_eq(aws_new(&s, NULL, &aws, &o.err), -1);
		ck_assert_ptr_nonnull(strstr(o.err.msg, "AWS_MAX_ATTEMPTS"));
		return;
	}
	play(&w, SCRIPT({ 503, NULL, "" }), one_call, &o);
	ck_assert_str_eq(w.seen.attempts, counts[_i].attempts);
	free(o.out);
	world_free(&w);
}
END_TEST

/* The transport stops 0.15 s after the call began. */
static const struct {
	struct row row;
	double grace;
} stops[] = {
	{ { "while it waits to try again, read", LIST,
	      SCRIPT({ 503, "Retry-After: 5\r\n", "" }), "503 ", ERR_TRANSIENT,
	      "" },
	    5 },
	{ { "while it waits to try again, create with a token", SECRET,
	      SCRIPT({ 503, "Retry-After: 5\r\n", "" }), "503 ", ERR_TRANSIENT,
	      "" },
	    5 },
	{ { "while it waits for a throttled create", CREATE,
	      SCRIPT({ 429, "Retry-After: 5\r\n", "" }), "429 ", ERR_THROTTLED,
	      "" },
	    5 },
	{ { "during the transfer, read", LIST, SCRIPT({ SILENCE, NULL, "" }),
	      "unknown-outcome ", ERR_TRANSIENT, "shutting down" },
	    0 },
	{ { "during the transfer, create", CREATE,
	      SCRIPT({ SILENCE, NULL, "" }), "unknown-outcome ", ERR_UNKNOWN,
	      "shutting down" },
	    0 },
};

START_TEST(stopped)
{
	const struct row *r = &stops[_i].row;
	struct outcome o = OUTCOME_OF(r);
	struct worker_stop stop = { .15, stops[_i].grace };
	struct world w = { .stop = &stop };
	double started = clock_mono();

	play(&w, r->answers, one_call, &o);
	ck_assert_int_eq(o.result, -1);
	ck_assert_str_eq(w.seen.attempts, r->attempts);
	ck_assert_msg(o.err.kind == r->kind, "%s: %s: %s", r->name,
	    err_kind_name(o.err.kind), o.err.msg);
	ck_assert_ptr_nonnull(strstr(o.err.msg, r->text));
	ck_assert_double_lt(clock_mono() - started, 4);
	free(o.out);
	world_free(&w);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("failure");
	TCase *t = tcase_create("failure");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_loop_test(t, calls, 0, LEN(rows));
	tcase_add_loop_test(t, a_reused_connection_dies, 0, LEN(reused));
	tcase_add_test(t, quota_of_a_service);
	tcase_add_loop_test(t, tokens_stay, 0, LEN(tokens));
	tcase_add_loop_test(t, retry_after, 0, LEN(waits));
	tcase_add_loop_test(t, max_attempts, 0, LEN(counts));
	tcase_add_loop_test(t, stopped, 0, LEN(stops));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
