/* Several calls at once: each has its own result. */

#include "tests/unit/script.h"

#define MAX 40

/* What a call is to meet, by the first letter of the queue's name. */
enum { GOOD = 'q', BAD = 'b', FLAKY = 'f', WRONG = 'w' };

struct many {
	struct loopback server;
	int row;
	bool seen[MAX]; /* by the server */
};

/* "b3" does not exist, "f3" fails once, all others are there. */
static bool
queue_answer(struct loopback *server, const char *request, struct buf *reply)
{
	struct many *m = server->arg;
	const char *name = strstr(request, "\"QueueName\":\"");
	auto_free char *body = NULL;
	size_t i;

	must(name != NULL);
	name += strlen("\"QueueName\":\"");
	i = strtoul(name + 1, NULL, 10);
	body = mem_fmt(
	    "{\"QueueUrl\":\"%.*s\"}", (int)strcspn(name, "\""), name);
	if (*name == BAD)
		loopback_reply(reply, 400, "",
		    "{\"__type\":\"QueueDoesNotExist\",\"message\":\"no\"}");
	else if (*name == FLAKY && !m->seen[i])
		loopback_reply(reply, 500, "", "{}");
	else
		loopback_reply(reply, 200, "", body);
	m->seen[i] = true;
	return true;
}

static const struct {
	size_t n;
	unsigned at_once;
	size_t every; /* how many calls are of that kind; 0: none */
	char kind;
} rows[] = {
	{ 0, 4, 0, GOOD },
	{ 1, 4, 0, GOOD },
	{ 1, 4, 1, BAD },
	{ 5, 1, 2, BAD },
	{ 5, 0, 2, BAD }, /* one at a time at least */
	{ MAX, 4, 3, BAD },
	{ MAX, 1000, 7, BAD },
	{ MAX, 8, 1, BAD },
	{ 1, 1, 1, FLAKY },
	{ MAX, 4, 3, FLAKY },
	{ 30, 64, 1, FLAKY }, /* as many as the quota of retries allows */
	{ MAX, 8, 2, WRONG },
	{ MAX, 8, 1, WRONG },
};

static char
kind_of(const struct many *m, size_t i)
{
	return rows[m->row].every != 0 && i % rows[m->row].every == 0
		   ? rows[m->row].kind
		   : GOOD;
}

static size_t
count(const struct many *m, const char *kinds)
{
	size_t n = 0;

	for (size_t i = 0; i < rows[m->row].n; i++)
		n += strchr(kinds, kind_of(m, i)) != NULL;
	return n;
}

static void
check_one(const struct many *m, size_t i, const struct aws_one *o)
{
	auto_free char *wanted = mem_fmt("%c%zu", kind_of(m, i), i);
	bool wrong = kind_of(m, i) == WRONG;

	if (!wrong && kind_of(m, i) != BAD) {
		ck_assert_msg(o->result == 0, "%s", o->err.msg);
		ck_assert_str_eq(js_str(o->out, "QueueUrl"), wanted);
		return;
	}
	ck_assert_int_eq(o->result, -1);
	ck_assert_int_eq(o->err.kind, wrong ? ERR_INPUT : ERR_ABSENT);
	ck_assert_ptr_null(o->out);
	ck_assert_ptr_eq(strstr(o->err.msg, "sqs GetQueueUrl: "), o->err.msg);
}

static void
count_done(struct aws_one *o, void *arg)
{
	ck_assert((o->out != NULL) == (o->result == 0));
	++*(size_t *)arg;
}

static json_t *
request_of(const struct many *m, size_t i)
{
	json_t *in = json_object();

	js_set(in, kind_of(m, i) == WRONG ? "QueueNam" : "QueueName",
	    js_fmt("%c%zu", kind_of(m, i), i));
	return in;
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
	size_t n = rows[m->row].n, done = 0;
	struct err err;

	ck_assert_int_eq(aws_new(&s, http, &aws, &err), 0);
	for (size_t i = 0; i < n; i++) {
		in[i] = request_of(m, i);
		all[i] = (struct aws_one){ .service = "sqs",
			.operation = "GetQueueUrl",
			.in = in[i],
			.done = i % 2 == 0 ? count_done : NULL,
			.arg = &done };
	}
	ck_assert_uint_eq(
	    aws_call_many(aws, all, n, rows[m->row].at_once), count(m, "bw"));
	ck_assert_uint_eq(done, (n + 1) / 2);
	for (size_t i = 0; i < n; i++) {
		check_one(m, i, &all[i]);
		js_free(all[i].out);
		js_free(in[i]);
	}
}

START_TEST(many)
{
	struct many m = { .server = { .answer = queue_answer }, .row = _i };

	m.server.arg = &m;
	loopback_start(&m.server);
	in_worker_with(16, NULL, call_many, &m);
	loopback_stop(&m.server);
	ck_assert_uint_eq(
	    m.server.requests, count(&m, "qb") + 2 * count(&m, "f"));
}
END_TEST

/* --- one call follows from another ------------------------------------ */

/* Chains of calls, all begun at once: each waits for the one before it. */
struct chain {
	struct aws_one one;
	struct chains *all;
	json_t *in;
	size_t made, failed;
	bool ready;
};

struct chains {
	struct chain chain[MAX];
	size_t n, length;
};

static void
follow(struct aws_one *o, void *arg)
{
	struct chain *c = arg;

	js_free(o->out);
	c->failed += o->result == -1;
	c->ready = ++c->made < c->all->length;
}

static struct aws_one *
next_link(void *arg)
{
	struct chains *all = arg;

	for (size_t i = 0; i < all->n; i++)
		if (all->chain[i].ready) {
			all->chain[i].ready = false;
			return &all->chain[i].one;
		}
	return NULL;
}

static const struct {
	size_t n, length, bad; /* how many chains are of bad calls */
	unsigned at_once;
} chains[] = {
	{ 0, 0, 0, 4 },
	{ 1, 5, 0, 4 },
	{ 1, 5, 1, 4 },
	{ 8, 4, 0, 3 },
	{ 8, 4, 3, 64 },
	{ MAX, 3, 7, 8 },
};

static void
call_chains(struct http *http, void *arg)
{
	struct many *m = arg;
	auto_of(aws_free) struct aws *aws = NULL;
	auto_free char *url = mem_fmt("http://127.0.0.1:%d", m->server.port);
	struct aws_settings s = { .region = "eu-west-1", .endpoint_url = url };
	static struct chains all;
	struct err err;

	ck_assert_int_eq(aws_new(&s, http, &aws, &err), 0);
	all.n = chains[m->row].n;
	all.length = chains[m->row].length;
	for (size_t i = 0; i < all.n; i++) {
		struct chain *c = &all.chain[i];

		c->all = &all;
		c->ready = true;
		c->in = js_pack("{s:o}", "QueueName",
		    js_fmt("%c%zu", i < chains[m->row].bad ? BAD : GOOD, i));
		c->one = (struct aws_one){ .service = "sqs",
			.operation = "GetQueueUrl",
			.in = c->in,
			.done = follow,
			.arg = c };
	}
	aws_call_stream(aws, next_link, &all, chains[m->row].at_once);
	for (size_t i = 0; i < all.n; i++) {
		ck_assert_uint_eq(all.chain[i].made, all.length);
		ck_assert_uint_eq(all.chain[i].failed,
		    i < chains[m->row].bad ? all.length : 0);
		js_free(all.chain[i].in);
	}
}

START_TEST(stream)
{
	struct many m = { .server = { .answer = queue_answer }, .row = _i };

	m.server.arg = &m;
	loopback_start(&m.server);
	in_worker_with(16, NULL, call_chains, &m);
	loopback_stop(&m.server);
	ck_assert_uint_eq(m.server.requests, chains[_i].n * chains[_i].length);
}
END_TEST

/* --- stopped while calls are under way -------------------------------- */

static const struct worker_stop stops[] = { { .1, 0 }, { .1, .2 } };

static bool
no_answer(struct loopback *server, const char *request, struct buf *reply)
{
	(void)server, (void)request, (void)reply;
	usleep(50000); /* one after the other: some are left when it stops */
	loopback_reply(reply, 200, "", "{}");
	return true;
}

static void
call_stopped(struct http *http, void *arg)
{
	const struct loopback *server = arg;
	auto_of(aws_free) struct aws *aws = NULL;
	auto_free char *url = mem_fmt("http://127.0.0.1:%d", server->port);
	struct aws_settings s = { .region = "eu-west-1", .endpoint_url = url };
	static struct aws_one all[MAX];
	size_t failed, good = 0;
	struct err err;

	ck_assert_int_eq(aws_new(&s, http, &aws, &err), 0);
	for (size_t i = 0; i < MAX; i++)
		all[i] = (struct aws_one){ .service = "sqs",
			.operation = "ListQueues" };
	failed = aws_call_many(aws, all, MAX, 16);
	for (size_t i = 0; i < MAX; i++) {
		good += all[i].result == 0;
		js_free(all[i].out);
		ck_assert(all[i].result == 0 ||
			  all[i].err.kind == ERR_TRANSIENT ||
			  all[i].err.kind == ERR_CANCELLED);
	}
	ck_assert_uint_gt(failed, 0);
	ck_assert_uint_eq(good + failed, MAX);
}

START_TEST(stopped)
{
	struct loopback server = { .answer = no_answer };

	loopback_start(&server);
	in_worker_with(16, &stops[_i], call_stopped, &server);
	loopback_stop(&server);
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
	tcase_add_loop_test(
	    t, stream, 0, (int)(sizeof(chains) / sizeof(chains[0])));
	tcase_add_loop_test(
	    t, stopped, 0, (int)(sizeof(stops) / sizeof(stops[0])));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
