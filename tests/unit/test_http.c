/* The HTTP transport against a scripted loopback server. */

#include "tests/unit/shots.h"

#include <check.h>

static const struct row {
	const char *name;
	const char *method, *path, *headers, *body;
	size_t max_body;
	int result;
	enum err_kind kind;
	int status;
	const char *wanted;   /* whole body; %P is the port */
	const char *has;      /* a line of the answer's headers */
	const char *err_text; /* part of the message */
} rows[] = {
	{ "GET adds nothing", "GET", "/e?a=&b=1", NULL, NULL, 0, 0, 0, 200,
	    "GET /e?a=&b=1 HTTP/1.1\r\nHost: 127.0.0.1:%P\r\n\r\n",
	    "x-two: b\n", NULL },
	{ "path as it is", "GET", "/e/../%2e/a//b/.", NULL, NULL, 0, 0, 0, 200,
	    "GET /e/../%2e/a//b/. HTTP/1.1\r\nHost: 127.0.0.1:%P\r\n\r\n", NULL,
	    NULL },
	{ "POST has a length and our type only", "POST", "/e",
	    "X-Amz-Date: now\nContent-Type: text/plain\nX-Empty:\n", "body", 0,
	    0, 0, 200,
	    "POST /e HTTP/1.1\r\nHost: 127.0.0.1:%P\r\nX-Amz-Date: now\r\n"
	    "Content-Type: text/plain\r\nX-Empty:\r\nContent-Length: 4\r\n\r\n"
	    "body",
	    NULL, NULL },
	{ "PUT without body", "PUT", "/e", NULL, NULL, 0, 0, 0, 200,
	    "PUT /e HTTP/1.1\r\nHost: 127.0.0.1:%P\r\nContent-Length: "
	    "0\r\n\r\n",
	    NULL, NULL },
	{ "DELETE without body", "DELETE", "/e", NULL, NULL, 0, 0, 0, 200,
	    "DELETE /e HTTP/1.1\r\nHost: 127.0.0.1:%P\r\n\r\n", NULL, NULL },
	{ "DELETE with body", "DELETE", "/e", NULL, "{}", 0, 0, 0, 200,
	    "DELETE /e HTTP/1.1\r\nHost: 127.0.0.1:%P\r\nContent-Length: "
	    "2\r\n\r\n{}",
	    NULL, NULL },
	{ "HEAD has no body", "HEAD", "/e", NULL, NULL, 0, 0, 0, 404, "",
	    "content-length: 9\n", NULL },
	{ "no content", "DELETE", "/n", NULL, NULL, 0, 0, 0, 204, "", NULL,
	    NULL },
	{ "redirects are answers", "GET", "/r", NULL, NULL, 0, 0, 0, 301,
	    "moved", "location: http://127.0.0.1:1/\n", NULL },
	{ "interim headers are dropped", "GET", "/c", NULL, NULL, 0, 0, 0, 200,
	    "ok", "content-length: 2\nx-late: a\n", NULL },
	{ "body of allowed length", "GET", "/r", NULL, NULL, 5, 0, 0, 301,
	    "moved", NULL, NULL },
	{ "body too long", "GET", "/r", NULL, NULL, 4, -1, ERR_UNKNOWN, 301,
	    NULL, NULL, "the answer is longer than allowed" },
	{ "dropped", "POST", "/d", NULL, "x", 0, -1, ERR_UNKNOWN, 0, NULL, NULL,
	    "127.0.0.1:" },
	{ "half an answer", "GET", "/h", NULL, NULL, 0, -1, ERR_UNKNOWN, 200,
	    NULL, NULL, NULL },
	{ "time-out after sending", "GET", "/s", NULL, NULL, 0, -1, ERR_UNKNOWN,
	    0, NULL, NULL, "timed out" },
};

static void
expand_port(struct buf *b, const char *text, int port)
{
	for (const char *p = text; *p != 0; p++) {
		if (p[0] == '%' && p[1] == 'P')
			buf_addf(b, "%d", port);
		else
			buf_addc(b, *p);
		p += p[0] == '%' && p[1] == 'P';
	}
}

static void
check_row(struct world *w, const struct row *r)
{
	auto_buf struct buf wanted = BUF_INIT;
	auto_free char *url = mem_fmt(
	    "http://127.0.0.1:%d%s", w->server.port, r->path);
	struct shot s = { .request = { .method = r->method,
			      .headers = r->headers,
			      .body = r->body,
			      .body_len = r->body ? strlen(r->body) : 0,
			      .max_body = r->max_body,
			      .total_sec = r->result == 0 ? 10 : 0.2 } };

	shot_start(w, &s, url);
	ev_run(w->loop, 0);
	ck_assert_msg(s.result == r->result, "%s: %s", r->name, s.err.msg);
	ck_assert_int_eq(s.response.status, r->status);
	if (r->result == -1)
		ck_assert_str_eq(
		    err_kind_name(s.err.kind), err_kind_name(r->kind));
	if (r->wanted != NULL) {
		expand_port(&wanted, r->wanted, w->server.port);
		ck_assert_str_eq(s.response.body.data, wanted.data);
	}
	if (r->has != NULL)
		ck_assert_ptr_nonnull(strstr(s.response.headers.data, r->has));
	ck_assert_ptr_null(strstr(s.response.headers.data, "x-early"));
	if (r->err_text != NULL)
		ck_assert_ptr_nonnull(strstr(s.err.msg, r->err_text));
	http_response_free(&s.response);
}

START_TEST(answers)
{
	struct world w;

	world_start(&w);
	check_row(&w, &rows[_i]);
	ck_assert_uint_eq(loopback_requests(&w.server), 1);
	world_end(&w);
}
END_TEST

/* Nothing of a request is left when its handle serves the next. */
START_TEST(one_after_another)
{
	struct world w;

	world_start(&w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].result == -1)
			continue;
		check_row(&w, &rows[i]);
		check_row(&w, &rows[_i]);
	}
	world_end(&w);
}
END_TEST

/* Requests that surely never left. */
static const struct {
	const char *url, *text;
} unsent[] = {
	{ "http://127.0.0.1:1/?X-Amz-Signature=secret", "127.0.0.1:1: " },
	{ "ftp://127.0.0.1/", "127.0.0.1: " },
	{ "http://[::bad/", "bad" },
};

START_TEST(not_sent)
{
	struct shot s = { .request = { .method = "POST" } };
	struct world w;

	world_start(&w);
	shot_start(&w, &s, unsent[_i].url);
	ev_run(w.loop, 0);
	ck_assert_int_eq(s.result, -1);
	ck_assert_int_eq(s.err.kind, ERR_NETWORK);
	ck_assert_ptr_nonnull(strstr(s.err.msg, unsent[_i].text));
	ck_assert_ptr_null(strstr(s.err.msg, "secret"));
	http_response_free(&s.response);
	world_end(&w);
}
END_TEST

/* A second request on a connection that dies must not be sent twice. */
START_TEST(reuse_and_no_silent_repeat)
{
	struct shot s = { .request = { .method = "POST" }, .times = 2 };
	auto_free char *url = NULL;
	struct world w;

	world_start(&w);
	url = mem_fmt("http://127.0.0.1:%d/f", w.server.port);
	shot_start(&w, &s, url);
	ev_run(w.loop, 0);
	ck_assert_int_eq(s.result, -1);
	ck_assert_int_eq(s.err.kind, ERR_UNKNOWN);
	ck_assert_uint_eq(loopback_requests(&w.server), 2);
	http_response_free(&s.response);
	world_end(&w);
}
END_TEST

START_TEST(many_share_few_connections)
{
	static struct shot shots[8];
	auto_free char *url = NULL;
	struct world w;

	world_start(&w);
	url = mem_fmt("http://127.0.0.1:%d/n", w.server.port);
	for (int i = 0; i < 8; i++) {
		shots[i].request.method = "GET";
		shots[i].times = 100;
		shot_start(&w, &shots[i], url);
	}
	ev_run(w.loop, 0);
	for (int i = 0; i < 8; i++) {
		ck_assert_int_eq(shots[i].result, 0);
		ck_assert_int_eq(shots[i].response.status, 204);
		ck_assert(shots[i].response.reused);
		http_response_free(&shots[i].response);
	}
	ck_assert_uint_eq(loopback_requests(&w.server), 800);
	ck_assert_uint_le(loopback_connections(&w.server), 4);
	world_end(&w);
}
END_TEST

/* A burst, a lull, a burst: no connection is made twice. */
START_TEST(connections_outlive_a_lull)
{
	static struct shot shots[8], single = { .times = 8 };
	auto_free char *url = NULL;
	struct world w;

	world_start(&w);
	http_free(w.http);
	w.http = http_new(w.loop, 8);
	url = mem_fmt("http://127.0.0.1:%d/w", w.server.port);
	single.request.method = "GET";
	for (int burst = 0; burst < 2; burst++) {
		for (int i = 0; i < 8; i++) {
			shots[i].request.method = "GET";
			shot_start(&w, &shots[i], url);
		}
		ev_run(w.loop, 0);
		shot_start(&w, &single, url);
		ev_run(w.loop, 0);
		for (int i = 0; i < 8; i++)
			http_response_free(&shots[i].response);
		http_response_free(&single.response);
	}
	ck_assert_uint_eq(loopback_requests(&w.server), 32);
	ck_assert_uint_eq(loopback_connections(&w.server), 8);
	world_end(&w);
}
END_TEST

/* All connections are taken by slow ones: waiting is timed too. */
START_TEST(waiting_for_a_connection_is_timed)
{
	static struct shot shots[6];
	auto_free char *url = NULL;
	struct world w;

	world_start(&w);
	url = mem_fmt("http://127.0.0.1:%d/s", w.server.port);
	for (int i = 0; i < 6; i++) {
		shots[i].request.method = "POST";
		shots[i].request.total_sec = i < 4 ? 10 : 0.1;
		shot_start(&w, &shots[i], url);
		while (
		    i < 4 && loopback_connections(&w.server) <= (unsigned)i) {
			ev_run(w.loop, EVRUN_NOWAIT);
			usleep(500);
		}
	}
	ev_run(w.loop, 0);
	for (int i = 0; i < 6; i++) {
		ck_assert_int_eq(shots[i].result, -1);
		ck_assert_int_eq(
		    shots[i].err.kind, i < 4 ? ERR_UNKNOWN : ERR_NETWORK);
		http_response_free(&shots[i].response);
	}
	ck_assert_ptr_nonnull(strstr(shots[5].err.msg, "timed out waiting"));
	world_end(&w);
}
END_TEST

static void
stop_now(struct ev_loop *loop, ev_timer *t, int revents)
{
	double *grace = t->data;
	struct http *http = ((struct shot *)(void *)(grace + 1))->http;

	(void)loop, (void)revents;
	http_stop(http, *grace);
}

static const struct {
	double grace;
	int result;
	enum err_kind kind;
} stops[] = {
	{ 0, -1, ERR_UNKNOWN }, { 0.05, -1, ERR_UNKNOWN },
	{ 5, -1, ERR_UNKNOWN }, /* the server closes first */
};

START_TEST(stop)
{
	struct {
		double grace;
		struct shot shot;
	} s = { stops[_i].grace, { .request = { .method = "POST" } } };
	struct shot late = { .request = { .method = "GET" } };
	auto_free char *url = NULL;
	struct world w;
	ev_timer t;

	world_start(&w);
	url = mem_fmt("http://127.0.0.1:%d/s", w.server.port);
	shot_start(&w, &s.shot, url);
	ev_timer_init(&t, stop_now, 0.1, 0);
	t.data = &s;
	ev_timer_start(w.loop, &t);
	ev_run(w.loop, 0);
	ck_assert_int_eq(s.shot.result, stops[_i].result);
	ck_assert_int_eq(s.shot.err.kind, stops[_i].kind);
	shot_start(&w, &late, url);
	ev_run(w.loop, 0);
	ck_assert_int_eq(late.result, -1);
	ck_assert_int_eq(late.err.kind, ERR_CANCELLED);
	ck_assert_uint_eq(loopback_requests(&w.server), 1);
	http_response_free(&s.shot.response);
	http_response_free(&late.response);
	world_end(&w);
}
END_TEST

static void
sleeper(struct job *j)
{
	struct shot *s = (struct shot *)j;

	s->result = http_pause(s->http, 0.01, &s->err);
	if (s->result == 0)
		s->result = http_pause(s->http, 30, &s->err);
}

START_TEST(pause_ends_at_stop)
{
	struct {
		double grace;
		struct shot shot;
	} s = { 0, { .times = 1 } };
	struct world w;
	ev_timer t;

	world_start(&w);
	s.shot.http = w.http;
	s.shot.job.run = sleeper;
	s.shot.job.done = shot_done;
	pool_submit(w.pool, &s.shot.job);
	ev_timer_init(&t, stop_now, 0.1, 0);
	t.data = &s;
	ev_timer_start(w.loop, &t);
	ev_run(w.loop, 0);
	ck_assert_int_eq(s.shot.result, -1);
	ck_assert_int_eq(s.shot.err.kind, ERR_CANCELLED);
	ck_assert(s.shot.job.started + 5 > s.shot.job.submitted);
	world_end(&w);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("http");
	TCase *t = tcase_create("http");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 20);
	tcase_add_loop_test(t, answers, 0, LEN(rows));
	tcase_add_loop_test(t, one_after_another, 0, LEN(rows));
	tcase_add_loop_test(t, not_sent, 0, LEN(unsent));
	tcase_add_test(t, reuse_and_no_silent_repeat);
	tcase_add_test(t, many_share_few_connections);
	tcase_add_test(t, connections_outlive_a_lull);
	tcase_add_test(t, waiting_for_a_connection_is_timed);
	tcase_add_loop_test(t, stop, 0, LEN(stops));
	tcase_add_test(t, pause_ends_at_stop);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
