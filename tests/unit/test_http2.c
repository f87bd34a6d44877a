/* The client over HTTP/2: one connection for many calls, and what a server may
 * do to a stream. */

#include "tests/unit/h2.h"
#include "tests/unit/script.h"

#define DEEDS(...)                                                             \
	(const enum h2_deed[]){ __VA_ARGS__ },                                 \
	    sizeof((const enum h2_deed[]){ __VA_ARGS__ }) /                    \
		sizeof(enum h2_deed)

#define LIST   "sqs", "ListQueues", "{}"
#define CREATE "sqs", "CreateQueue", "{\"QueueName\":\"q\"}"
#define TAG    "sqs", "TagQueue", "{\"QueueUrl\":\"u\",\"Tags\":{\"a\":\"b\"}}"
static const struct row {
	const char *name, *service, *operation, *in;
	const enum h2_deed *script;
	size_t n_script;
	int calls;            /* one after the other; the last one counts */
	const char *attempts; /* as the metrics see them */
	enum err_kind kind;   /* ERR_NONE: success */
	unsigned requests, connections; /* of these, at most */
} rows[] = {
	{ "an answer", CREATE, DEEDS(H2_ANSWER), 1, "200 ", ERR_NONE, 1, 1 },
	{ "many answers", LIST, DEEDS(H2_ANSWER), 20,
	    "200 200 200 200 200 200 200 200 200 200 "
	    "200 200 200 200 200 200 200 200 200 200 ",
	    ERR_NONE, 20, 1 },
	{ "read, stream reset", LIST, DEEDS(H2_RESET, H2_ANSWER), 1,
	    "unknown-outcome 200 ", ERR_NONE, 2, 1 },
	{ "repeatable, stream reset", TAG, DEEDS(H2_RESET, H2_ANSWER), 1,
	    "unknown-outcome 200 ", ERR_NONE, 2, 1 },
	{ "create, stream reset", CREATE, DEEDS(H2_RESET, H2_ANSWER), 1,
	    "unknown-outcome ", ERR_UNKNOWN, 1, 1 },
	{ "read, reset in the body", LIST, DEEDS(H2_BREAK, H2_ANSWER), 1,
	    "unknown-outcome 200 ", ERR_NONE, 2, 1 },
	{ "read, always reset", LIST, DEEDS(H2_RESET), 1,
	    "unknown-outcome unknown-outcome unknown-outcome ", ERR_TRANSIENT,
	    3, 1 },
	{ "read refused", LIST, DEEDS(H2_REFUSE, H2_ANSWER), 1,
	    "unknown-outcome 200 ", ERR_NONE, 2, 3 },
	/* curl connects once more, and is kept from sending there */
	{ "create refused", CREATE, DEEDS(H2_REFUSE, H2_ANSWER), 1,
	    "unknown-outcome ", ERR_UNKNOWN, 1, 2 },
	{ "read left behind", LIST, DEEDS(H2_LEAVE, H2_ANSWER), 1,
	    "unknown-outcome 200 ", ERR_NONE, 2, 2 },
	{ "create left behind", CREATE, DEEDS(H2_LEAVE, H2_ANSWER), 1,
	    "unknown-outcome ", ERR_UNKNOWN, 1, 1 },
	{ "the last of its connection", CREATE, DEEDS(H2_LAST, H2_ANSWER), 3,
	    "200 200 200 ", ERR_NONE, 3, 2 },
	{ "connection closed on a read", LIST, DEEDS(H2_CLOSE, H2_ANSWER), 1,
	    "unknown-outcome 200 ", ERR_NONE, 2, 2 },
	{ "connection closed on a create", CREATE, DEEDS(H2_CLOSE, H2_ANSWER),
	    1, "unknown-outcome ", ERR_UNKNOWN, 1, 1 },
};

struct play {
	struct h2 server;
	const struct row *row;
	struct seen seen;
	int result;
	struct err err;
	char *out;
};

static struct aws *
client(struct http *http, const struct h2 *server, struct seen *seen)
{
	auto_free char *url = mem_fmt(
	    "https://127.0.0.1:%d", server->tls.listener.port);
	struct aws_settings s = { .region = "eu-west-1",
		.endpoint_url = url,
		.attempt = see_attempt,
		.arg = seen };
	struct aws *aws = NULL;
	struct err err;

	ck_assert_msg(aws_new(&s, http, &aws, &err) == 0, "%s", err.msg);
	return aws;
}

static void
call(struct http *http, void *arg)
{
	struct play *p = arg;
	const struct row *r = p->row;
	auto_of(aws_free) struct aws *aws = client(http, &p->server, &p->seen);
	json_auto_t *in = NULL;

	ck_assert_int_eq(js_parse(r->in, strlen(r->in), &in, &p->err), 0);
	for (int i = 0; i < r->calls; i++) {
		json_auto_t *out = NULL;

		p->result = aws_call(
		    aws, r->service, r->operation, in, &out, &p->err);
		free(p->out);
		p->out = js_dump(out);
	}
}

static void
serve(struct h2 *server)
{
	server->body = "{\"QueueUrl\":\"u\"}";
	h2_start(server);
	setenv("AWS_CA_BUNDLE", server->tls.pem, 1);
}

START_TEST(streams)
{
	const struct row *r = &rows[_i];
	struct play p = { .row = r,
		.server = { .script = r->script, .n_script = r->n_script } };

	serve(&p.server);
	in_worker(call, &p);
	h2_stop(&p.server);
	ck_assert_msg((p.result == 0) == (r->kind == ERR_NONE), "%s: %s",
	    r->name, p.err.msg);
	ck_assert_msg(strcmp(p.seen.attempts, r->attempts) == 0, "%s: %s (%s)",
	    r->name, p.seen.attempts, p.err.msg);
	if (p.result == -1)
		ck_assert_str_eq(
		    err_kind_name(p.err.kind), err_kind_name(r->kind));
	else if (strcmp(r->operation, "CreateQueue") == 0)
		ck_assert_str_eq(p.out, "{\"QueueUrl\":\"u\"}");
	if (p.result == 0)
		ck_assert_str_eq(p.err.request_id, "r-2");
	ck_assert_msg(p.server.requests == r->requests &&
			  p.server.tls.listener.connections <= r->connections,
	    "%s: %u requests, %u connections", r->name, p.server.requests,
	    p.server.tls.listener.connections);
	free(p.out);
}
END_TEST

/* What HTTP/1.1 says in the request line and in Host. */
START_TEST(what_is_sent)
{
	const struct row r = { "", CREATE, DEEDS(H2_ANSWER), 1 };
	struct play p = { .row = &r,
		.server = { .script = r.script, .n_script = r.n_script } };
	static const char *const wanted[] = { ":method: POST\n", ":path: /\n",
		":scheme: https\n", "x-amz-target: AmazonSQS.CreateQueue\n",
		"SignedHeaders=content-type;host;" };
	auto_free char *authority = NULL;

	serve(&p.server);
	in_worker(call, &p);
	h2_stop(&p.server);
	authority = mem_fmt(
	    ":authority: 127.0.0.1:%d\n", p.server.tls.listener.port);
	ck_assert_ptr_nonnull(strstr(p.server.first, authority));
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		ck_assert_msg(strstr(p.server.first, wanted[i]) != NULL,
		    "%s in\n%s", wanted[i], p.server.first);
	free(p.out);
}
END_TEST

/* --- many at once ------------------------------------------------------- */

#define AT_ONCE 16

struct burst {
	struct h2 server;
	struct seen seen;
	bool warm; /* a call before */
	struct aws_one calls[AT_ONCE];
	size_t failed;
};

static void
burst(struct http *http, void *arg)
{
	struct burst *b = arg;
	auto_of(aws_free) struct aws *aws = client(http, &b->server, &b->seen);
	struct err err;

	if (b->warm)
		ck_assert_int_eq(
		    aws_call(aws, "sqs", "ListQueues", NULL, NULL, &err), 0);
	for (int i = 0; i < AT_ONCE; i++)
		b->calls[i] = (struct aws_one){ "sqs", "ListQueues" };
	b->failed = aws_call_many(aws, b->calls, AT_ONCE, AT_ONCE);
	for (int i = 0; i < AT_ONCE; i++) {
		ck_assert_msg(
		    b->calls[i].result == 0, "%s", b->calls[i].err.msg);
		js_free(b->calls[i].out);
	}
}

/* No answer comes before all of them are on the one connection. */
START_TEST(one_connection_for_many)
{
	static const enum h2_deed script[] = { H2_ANSWER, H2_HOLD };
	struct burst b = { .warm = true,
		.server = {
		    .script = script, .n_script = 2, .held = AT_ONCE } };

	serve(&b.server);
	in_worker(burst, &b);
	h2_stop(&b.server);
	ck_assert_uint_eq(b.failed, 0);
	ck_assert_uint_eq(b.server.requests, 1 + AT_ONCE);
	ck_assert_int_eq(b.server.most_open, AT_ONCE);
	ck_assert_uint_eq(b.server.tls.listener.connections, 1);
}
END_TEST

/* Nobody knows yet that the server speaks HTTP/2. */
START_TEST(a_burst_at_first)
{
	static const enum h2_deed script[] = { H2_ANSWER };
	struct burst b = { .server = { .script = script, .n_script = 1 } };

	serve(&b.server);
	in_worker(burst, &b);
	h2_stop(&b.server);
	ck_assert_uint_eq(b.failed, 0);
	ck_assert_uint_eq(b.server.requests, AT_ONCE);
	ck_assert_uint_le(b.server.tls.listener.connections, 4);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("http2");
	TCase *t = tcase_create("http2");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_loop_test(t, streams, 0, LEN(rows));
	tcase_add_test(t, what_is_sent);
	tcase_add_test(t, one_connection_for_many);
	tcase_add_test(t, a_burst_at_first);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
