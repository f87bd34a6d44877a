/* Several calls at once: each has its own result. */

#include "tests/unit/script.h"

#define MAX 40

/* Answers by the name of the queue: "q3" is there, "bad3" is not. */
static bool
queue_answer(struct loopback *server, const char *request, struct buf *reply)
{
	const char *name = strstr(request, "\"QueueName\":\"");
	auto_free char *body = NULL;

	(void)server;
	must(name != NULL);
	name += strlen("\"QueueName\":\"");
	body = mem_fmt(
	    "{\"QueueUrl\":\"%.*s\"}", (int)strcspn(name, "\""), name);
	if (*name == 'b')
		loopback_reply(reply, 400, "",
		    "{\"__type\":\"QueueDoesNotExist\",\"message\":\"no\"}");
	else
		loopback_reply(reply, 200, "", body);
	return true;
}

static const struct {
	size_t n;
	unsigned at_once;
	size_t every_bad; /* 0: none */
} rows[] = {
	{ 0, 4, 0 },
	{ 1, 4, 0 },
	{ 1, 4, 1 },
	{ 5, 1, 2 },
	{ 5, 0, 2 }, /* the caller works at least */
	{ MAX, 4, 3 },
	{ MAX, 1000, 7 },
	{ MAX, 8, 1 },
};

struct many {
	struct loopback server;
	int row;
};

static bool
is_bad(const struct many *m, size_t i)
{
	return rows[m->row].every_bad != 0 && i % rows[m->row].every_bad == 0;
}

static void
check_one(const struct many *m, size_t i, struct aws_one *o)
{
	auto_free char *wanted = mem_fmt("q%zu", i);

	if (is_bad(m, i)) {
		ck_assert_int_eq(o->result, -1);
		ck_assert_int_eq(o->err.kind, ERR_ABSENT);
		ck_assert_ptr_null(o->out);
		return;
	}
	ck_assert_msg(o->result == 0, "%s", o->err.msg);
	ck_assert_str_eq(js_str(o->out, "QueueUrl"), wanted);
	js_free(o->out);
}

static void
call_many(struct http *http, void *arg)
{
	struct many *m = arg;
	auto_of(aws_free) struct aws *aws = NULL;
	auto_free char *url = mem_fmt("http://127.0.0.1:%d", m->server.port);
	struct aws_settings s = { .region = "eu-west-1", .endpoint_url = url };
	static struct aws_one all[MAX];
	json_t *in[MAX];
	size_t n = rows[m->row].n, bad = 0;
	struct err err;

	ck_assert_int_eq(aws_new(&s, http, &aws, &err), 0);
	for (size_t i = 0; i < n; i++) {
		in[i] = json_object();
		js_set(in[i], "QueueName",
		    js_fmt("%s%zu", is_bad(m, i) ? "bad" : "q", i));
		bad += is_bad(m, i);
		all[i] = (struct aws_one){ .service = "sqs",
			.operation = "GetQueueUrl",
			.in = in[i] };
	}
	ck_assert_uint_eq(
	    aws_call_many(aws, all, n, rows[m->row].at_once), bad);
	for (size_t i = 0; i < n; i++) {
		check_one(m, i, &all[i]);
		js_free(in[i]);
	}
}

START_TEST(many)
{
	struct many m = { .server = { .answer = queue_answer }, .row = _i };

	loopback_start(&m.server);
	in_worker_with(16, NULL, call_many, &m);
	loopback_stop(&m.server);
	ck_assert_uint_eq(m.server.requests, rows[_i].n);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("many");
	TCase *t = tcase_create("many");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_loop_test(t, many, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
