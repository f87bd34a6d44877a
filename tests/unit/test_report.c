/* What passes did, as lines of the log and as metrics. */

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "daemon/report.h"
#include "daemon/told.h"

static struct graph graph = {
	.arch = { .name = (char *)"shop",
	    .revision = (char *)"main@sha1:1f3c9ae",
	    .mode = (char *)"enforce" },
};
static struct log log_;
static int fd[2];
static struct metrics *metrics;

static void
setup(void)
{
	ck_assert_int_eq(pipe(fd), 0);
	log_ = (struct log){ LEVEL_DEBUG, FORMAT_TEXT, fd[1] };
	metrics = metrics_new();
}

static void
teardown(void)
{
	metrics_free(metrics);
	close(fd[0]);
}

/* Everything that was logged, without the times. */
static void
read_log(struct buf *ret)
{
	char text[4096];
	ssize_t n;

	close(fd[1]);
	n = read(fd[0], text, sizeof(text) - 1);
	ck_assert_int_ge(n, 0);
	text[n] = 0;
	for (char *line = text; *line != 0;) {
		size_t len = strcspn(line, "\n");

		ck_assert_uint_gt(len, 21);
		buf_add(ret, line + 21, len - 21);
		buf_addc(ret, '\n');
		line += len + 1;
	}
}

/* ---- events ---- */

static const struct err denied = { .kind = ERR_DENIED,
	.request_id = "7f3a",
	.msg = "sqs CreateQueue: AccessDenied" };
static const struct err told = { .kind = ERR_DENIED,
	.request_id = "7f3a",
	.msg = "sqs CreateQueue: AccessDenied (request 7f3a)" };
static const struct err cancelled = { .kind = ERR_CANCELLED, .msg = "x" };

static const struct event_row {
	enum pass_event_kind kind;
	const char *display, *text;
	const struct err *err;
	double seconds;
	bool drift;
	const char *want;
	bool extra; /* what nobody desires has no manifest */
} events[] = {
	{ PASS_WRITE, "SqsQueue/a", "create", NULL, 0.214, false,
	    "info    shop SqsQueue/a: created (sqs.queue, 0.21 s)\n" },
	{ PASS_WRITE, "SqsQueue/a/dlq", "delete", NULL, 0, false,
	    "info    shop SqsQueue/a/dlq: deleted (sqs.queue)\n" },
	{ PASS_WRITE, "SqsQueue/left/dlq", "delete", NULL, 0, false,
	    "info    shop SqsQueue/left/dlq: deleted (sqs.queue)\n",
	    .extra = true },
	{ PASS_DRIFT, "SqsQueue/a", "Delay: 1 -> 2", NULL, 0, true,
	    "warning shop SqsQueue/a: drift: Delay: 1 -> 2 (sqs.queue)\n" },
	{ PASS_DRIFT, "SqsQueue/a", "Delay: 1 -> 2", NULL, 0, false,
	    "debug   shop SqsQueue/a: differs: Delay: 1 -> 2 (sqs.queue)\n" },
	{ PASS_WAIT, "SqsQueue/a", "SqsQueue/b", NULL, 0, false,
	    "info    shop SqsQueue/a: waits: SqsQueue/b (sqs.queue)\n" },
	{ PASS_FAILED, "SqsQueue/a", NULL, &denied, 0, false,
	    "error   shop SqsQueue/a: failed: sqs CreateQueue: AccessDenied "
	    "(request 7f3a) (sqs.queue)\n" },
	{ PASS_FAILED, "SqsQueue/a", NULL, &told, 0, false,
	    "error   shop SqsQueue/a: failed: sqs CreateQueue: AccessDenied "
	    "(request 7f3a) (sqs.queue)\n" },
	{ PASS_FAILED, "SqsQueue/a", NULL, &cancelled, 0, false, "" },
	{ PASS_EXTRA, "SqsQueue/a/tags", "found cost", NULL, 0, false,
	    "info    shop SqsQueue/a/tags: not managed: found cost "
	    "(sqs.queue)\n",
	    .extra = true },
	{ PASS_SYNCED, "SqsQueue/a", NULL, NULL, 0, false,
	    "debug   shop SqsQueue/a: synced (sqs.queue)\n" },
};

START_TEST(event)
{
	const struct event_row *r = &events[_i];
	auto_buf struct buf got = BUF_INIT;
	struct pass_event e = { .kind = r->kind,
		.graph = &graph,
		.display = r->display,
		.type = "sqs.queue",
		.module_kind = events[_i].extra ? "" : "SqsQueue",
		.name = "a",
		.text = r->text,
		.err = r->err,
		.seconds = r->seconds };

	report_event(&log_, metrics, &e, r->drift, false);
	read_log(&got);
	ck_assert_str_eq(got.data, r->want);
}
END_TEST

/* The same failure is news once; another one, or of another, is. */
static const struct again_row {
	enum pass_event_kind kind;
	const char *address, *msg, *id;
	bool want;
} agains[] = {
	{ PASS_FAILED, "a", "denied (request 1)", "1", false },
	{ PASS_FAILED, "a", "denied (request 2)", "2", true },
	{ PASS_DRIFT, "a", NULL, NULL, false },
	{ PASS_FAILED, "a", "denied (request 3)", "3", true },
	{ PASS_FAILED, "b", "denied (request 4)", "4", false },
	{ PASS_FAILED, "a", "timed out", "", false },
	{ PASS_FAILED, "a", "timed out", "", true },
	{ PASS_FAILED, "a", "no answer after 3051 ms", "", false },
	{ PASS_FAILED, "a", "no answer after 987 ms", "", true },
	{ PASS_SYNCED, "a", NULL, NULL, false },
	{ PASS_FAILED, "a", "no answer after 987 ms", "", false },
};

START_TEST(again)
{
	json_auto_t *memory = json_object();
	auto_buf struct buf got = BUF_INIT;

	for (size_t i = 0; i < sizeof(agains) / sizeof(agains[0]); i++) {
		const struct again_row *r = &agains[i];
		struct err err = { .kind = ERR_DENIED };
		struct pass_event e = { .kind = r->kind,
			.graph = &graph,
			.address = r->address,
			.display = r->address,
			.err = r->msg == NULL ? NULL : &err };

		snprintf(err.msg, sizeof(err.msg), "%s", r->msg ? r->msg : "");
		snprintf(err.request_id, sizeof(err.request_id), "%s",
		    r->id ? r->id : "");
		ck_assert_msg(told_again(memory, &e) == r->want, "row %zu", i);
		if (i == 1)
			report_event(&log_, metrics, &e, false, true);
	}
	read_log(&got);
	ck_assert_str_eq(
	    got.data, "debug   shop: failed: denied (request 2)\n");
}
END_TEST

/* ---- passes ---- */

#define RESULT(x) "{\"result\": \"" x "\"}"
#define FAILED(text, id)                                                       \
	"{\"result\": \"Failed\", \"error\": {\"message\": \"" text            \
	"\", \"requestId\": \"" id "\"}}"

static const struct pass_row {
	const char *report, *plan, *before, *why;
	bool drift;
	const char *log;    /* all of it */
	const char *metric; /* a line of the text */
} passes[] = {
	{ "{\"result\": \"Synced\", \"seconds\": {\"observe\": 1.5}, "
	  "\"applied\": {\"create\": 2, \"update\": 0}}",
	    "{}", RESULT("Synced"), "poll", false,
	    "info    shop: Synced at main@sha1:1f3c9ae: 2 created (1.50 s)\n",
	    "convergd_pass_duration_seconds_sum{architecture=\"shop\","
	    "phase=\"observe\"} 1.5\n" },
	{ "{\"result\": \"Synced\"}", "{}", RESULT("Synced"), "poll", false,
	    "debug   shop: Synced at main@sha1:1f3c9ae (0.00 s)\n",
	    "convergd_last_success_timestamp_seconds{architecture=\"shop\"} "
	    "1" },
	{ "{\"result\": \"Synced\"}", "{}", RESULT("Failed"), "poll", false,
	    "info    shop: Synced at main@sha1:1f3c9ae (0.00 s)\n",
	    "convergd_architecture_info{architecture=\"shop\","
	    "revision=\"main@sha1:1f3c9ae\",mode=\"enforce\"} 1\n" },
	{ "{\"result\": \"Synced\", \"extra\": 7}", "{}", RESULT("Synced"),
	    "poll", false,
	    "debug   shop: Synced at main@sha1:1f3c9ae (0.00 s)\n",
	    "convergd_extra_resources{architecture=\"shop\"} 7\n" },
	{ "{\"result\": \"Failed\", \"error\": {\"message\": \"no\"}}", NULL,
	    RESULT("Failed"), "poll", false,
	    "error   shop: Failed at main@sha1:1f3c9ae (0.00 s): no\n", NULL },
	{ FAILED("no (request 7f3a)", "7f3a"), NULL,
	    FAILED("no (request 81bc)", "81bc"), "poll", false,
	    "debug   shop: Failed at main@sha1:1f3c9ae (0.00 s): no (request "
	    "7f3a)\n",
	    NULL },
	{ FAILED("no (request 7f3a)", "7f3a"), NULL,
	    FAILED("no (request 81bc)", "81bc"), "git", false,
	    "error   shop: Failed at main@sha1:1f3c9ae (0.00 s): no (request "
	    "7f3a)\n",
	    NULL },
	{ "{\"result\": \"Refused\", \"guard\": \"max-deletes\"}", NULL,
	    "{\"result\": \"Refused\", \"guard\": \"mass-absence\"}", "poll",
	    false,
	    "warning shop: Refused at main@sha1:1f3c9ae by the guard "
	    "max-deletes (0.00 s)\n",
	    NULL },
	{ "{\"result\": \"Refused\", \"guard\": \"max-deletes\"}",
	    "{\"actions\": [{\"action\": \"delete\", \"kind\": \"SqsQueue\","
	    "\"name\": \"a\", \"display\": \"SqsQueue/a\","
	    "\"refused\": \"too many\"}]}",
	    NULL, "git", false,
	    "warning shop SqsQueue/a: delete SqsQueue/a refused: too many\n"
	    "warning shop: Refused at main@sha1:1f3c9ae by the guard "
	    "max-deletes (0.00 s)\n",
	    "convergd_guard_refusals_total{guard=\"max-deletes\"} 1\n" },
	{ "{\"result\": \"OutOfSync\"}",
	    "{\"actions\": [{\"action\": \"update\"}, "
	    "{\"action\": \"update\"}]}",
	    RESULT("OutOfSync"), "poll", false,
	    "debug   shop: OutOfSync at main@sha1:1f3c9ae (0.00 s)\n",
	    "convergd_plan_changes{architecture=\"shop\",action=\"update\"} "
	    "2\n" },
	{ "{\"result\": \"Synced\", \"resources\": [{\"kind\": \"SqsQueue\", "
	  "\"name\": \"a\", \"sync\": \"Synced\", \"health\": \"Healthy\", "
	  "\"driftFound\": 3, \"healed\": true}]}",
	    NULL, RESULT("Synced"), "poll", true,
	    "debug   shop: Synced at main@sha1:1f3c9ae (0.00 s)\n",
	    "convergd_drift_detected_total{architecture=\"shop\","
	    "kind=\"SqsQueue\",source=\"poll\"} 3\n" },
	{ "{\"result\": \"Synced\", \"seconds\": {\"observe\": 1.5}, "
	  "\"resources\": [{\"kind\": \"SqsQueue\", \"name\": \"a\", "
	  "\"sync\": \"Synced\", \"driftFound\": 3, \"healed\": true}]}",
	    NULL, RESULT("Synced"), "poll", true,
	    "debug   shop: Synced at main@sha1:1f3c9ae (1.50 s)\n",
	    "convergd_drift_detection_seconds_sum 31.5\n" },
	{ "{\"result\": \"Failed\", \"resources\": [{\"kind\": \"SqsQueue\", "
	  "\"name\": \"a\", \"sync\": \"OutOfSync\", \"health\": "
	  "\"Degraded\", \"error\": {\"message\": \"x\"}, "
	  "\"notConverging\": true}]}",
	    NULL, RESULT("Failed"), "poll", false,
	    "debug   shop: Failed at main@sha1:1f3c9ae (0.00 s)\n",
	    "convergd_not_converging{architecture=\"shop\","
	    "kind=\"SqsQueue\",name=\"a\"} 1\n" },
};

static json_t *
json(const char *text)
{
	json_t *x = NULL;
	struct err err;

	if (text != NULL)
		ck_assert_msg(
		    js_parse(text, strlen(text), &x, &err) == 0, "%s", err.msg);
	return x;
}

START_TEST(pass)
{
	const struct pass_row *r = &passes[_i];
	json_auto_t *report_tree = json(r->report), *plan_tree = json(r->plan);
	json_auto_t *before = json(r->before);
	auto_of(packed_doc_free) struct packed_doc *report = packed_doc_of(
	    report_tree, "resources");
	auto_of(packed_doc_free) struct packed_doc *plan = packed_doc_of(
	    plan_tree, PLAN_ARRAYS);
	auto_buf struct buf got = BUF_INIT, text = BUF_INIT;
	struct report_pass p = { &graph.arch, report, plan, before, r->why,
		r->drift, 30 };

	report_pass(&log_, metrics, &p);
	read_log(&got);
	ck_assert_str_eq(got.data, r->log);
	metrics_text(metrics, false, &text);
	if (r->metric != NULL)
		ck_assert_msg(strstr(text.data, r->metric) != NULL,
		    "%s\nis not in\n%s", r->metric, text.data);
}
END_TEST

/* What a commit changes is no drift. */
START_TEST(commit_is_no_drift)
{
	json_auto_t *tree = json(
	    "{\"result\": \"Synced\", \"resources\": [{\"kind\": \"A\", "
	    "\"name\": \"a\", \"sync\": \"Synced\", \"health\": \"Healthy\","
	    "\"driftFound\": 3, \"healed\": true}]}");
	auto_of(packed_doc_free) struct packed_doc *report = packed_doc_of(
	    tree, "resources");
	struct report_pass p = { &graph.arch, report, NULL, NULL, "git",
		false };
	auto_buf struct buf text = BUF_INIT, got = BUF_INIT;

	report_pass(&log_, metrics, &p);
	report_forget(metrics, "other");
	read_log(&got);
	metrics_text(metrics, false, &text);
	ck_assert_ptr_null(strstr(text.data, "drift_detected"));
	ck_assert_ptr_null(strstr(text.data, "drift_healed"));
	ck_assert_ptr_nonnull(strstr(text.data, "convergd_resources{"));
	report_forget(metrics, "shop");
	buf_clear(&text);
	metrics_text(metrics, false, &text);
	ck_assert_ptr_null(strstr(text.data, "convergd_resources{"));
}
END_TEST

/* What the pass before saw, too, is as old as it was then. */
START_TEST(old_drift_is_not_found_again)
{
	json_auto_t *tree = json(
	    "{\"result\": \"OutOfSync\", \"resources\": [{\"kind\": \"A\", "
	    "\"name\": \"a\", \"sync\": \"OutOfSync\", \"driftFound\": 3}]}");
	auto_of(packed_doc_free) struct packed_doc *report = packed_doc_of(
	    tree, "resources");
	json_auto_t *before = json(RESULT("OutOfSync"));
	struct report_pass p = { &graph.arch, report, NULL, before, "poll",
		true, 30 };
	auto_buf struct buf text = BUF_INIT, got = BUF_INIT;

	report_pass(&log_, metrics, &p);
	read_log(&got);
	metrics_text(metrics, false, &text);
	ck_assert_ptr_nonnull(strstr(text.data, "drift_detected"));
	ck_assert_ptr_null(strstr(text.data, "drift_detection_seconds_sum"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("report");
	TCase *c = tcase_create("report");
	SRunner *sr = srunner_create(s);
	int failed;

	suite_add_tcase(s, c);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, event, 0, sizeof(events) / sizeof(events[0]));
	tcase_add_test(c, again);
	tcase_add_loop_test(c, pass, 0, sizeof(passes) / sizeof(passes[0]));
	tcase_add_test(c, commit_is_no_drift);
	tcase_add_test(c, old_drift_is_not_found_again);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
