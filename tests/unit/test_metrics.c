/* Metrics: what a scraper reads, checked line by line and by promtool. */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/metrics.h"

static struct metrics *
filled(void)
{
	struct metrics *m = metrics_new();

	metrics_set(m, M_BUILD_INFO, 1, LABELS("0.1.0", "a\"b\\c\nd"));
	metrics_set(
	    m, M_RESOURCES, 2, LABELS("shop", "SqsQueue", "Synced", "Healthy"));
	metrics_set(
	    m, M_RESOURCES, 1, LABELS("other", "A", "Synced", "Healthy"));
	metrics_add(m, M_AWS_REQUESTS, 1, LABELS("sqs", "CreateQueue", "200"));
	metrics_add(m, M_AWS_REQUESTS, 1, LABELS("sqs", "CreateQueue", "200"));
	metrics_observe(m, M_AWS_DURATION, 0.02, LABELS("sqs"));
	metrics_observe(m, M_AWS_DURATION, 0.3, LABELS("sqs"));
	metrics_observe(m, M_AWS_DURATION, 100, LABELS("sqs"));
	metrics_observe(m, M_GIT_DURATION, 0.001, LABELS());
	metrics_process(m);
	return m;
}

static const struct row {
	bool openmetrics;
	const char *want;
} rows[] = {
	{ false, "# TYPE convergd_aws_requests_total counter\n" },
	{ true, "# TYPE convergd_aws_requests counter\n" },
	{ true, "\n# EOF\n" },
	{ false, "\nconvergd_aws_requests_total{service=\"sqs\","
		 "operation=\"CreateQueue\",code=\"200\"} 2\n" },
	{ true, "\nconvergd_aws_requests_total{service=\"sqs\","
		"operation=\"CreateQueue\",code=\"200\"} 2\n" },
	{ false, "{version=\"0.1.0\",revision=\"a\\\"b\\\\c\\nd\"} 1\n" },
	{ false, "convergd_aws_request_duration_seconds_bucket{service=\"sqs\","
		 "le=\"0.01\"} 0\n" },
	{ false, "service=\"sqs\",le=\"0.025\"} 1\n" },
	{ false, "service=\"sqs\",le=\"0.25\"} 1\n" },
	{ false, "service=\"sqs\",le=\"0.5\"} 2\n" },
	{ false, "service=\"sqs\",le=\"30\"} 2\n" },
	{ false, "service=\"sqs\",le=\"+Inf\"} 3\n" },
	{ false, "_sum{service=\"sqs\"} 100.32\n" },
	{ false, "_count{service=\"sqs\"} 3\n" },
	{ false, "fetch_duration_seconds_bucket{le=\"0.005\"} 1\n" },
	{ false, "fetch_duration_seconds_count 1\n" },
	{ false, "\nprocess_open_fds " },
	{ false, "\nprocess_start_time_seconds 1" },
	/* sorted by labels */
	{ false, "convergd_resources{architecture=\"other\",kind=\"A\","
		 "sync=\"Synced\",health=\"Healthy\"} 1\n"
		 "convergd_resources{architecture=\"shop\"" },
};

START_TEST(text)
{
	auto_of(metrics_free) struct metrics *m = filled();
	auto_buf struct buf b = BUF_INIT;

	metrics_text(m, rows[_i].openmetrics, &b);
	ck_assert_msg(strstr(b.data, rows[_i].want) != NULL,
	    "%s\nis not in\n%s", rows[_i].want, b.data);
}
END_TEST

START_TEST(drop)
{
	auto_of(metrics_free) struct metrics *m = filled();
	auto_buf struct buf b = BUF_INIT;

	metrics_drop(m, M_RESOURCES, "shop");
	metrics_drop(m, M_AWS_REQUESTS, NULL);
	metrics_text(m, false, &b);
	ck_assert_ptr_null(strstr(b.data, "architecture=\"shop\""));
	ck_assert_ptr_nonnull(strstr(b.data, "architecture=\"other\""));
	ck_assert_ptr_null(strstr(b.data, "aws_requests"));
}
END_TEST

/* promtool with the text as its standard input; its exit status. */
static int
promtool(const struct buf *in)
{
	int fd[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(fd), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fd[0], STDIN_FILENO);
		close(fd[1]);
		execlp("promtool", "promtool", "check", "metrics", NULL);
		_exit(127);
	}
	close(fd[0]);
	ck_assert_int_eq(write(fd[1], in->data, in->len), in->len);
	close(fd[1]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

START_TEST(promtool_is_content)
{
	auto_of(metrics_free) struct metrics *m = filled();
	auto_buf struct buf b = BUF_INIT;

	if (access("/usr/bin/promtool", X_OK) != 0)
		return;
	metrics_text(m, false, &b);
	ck_assert_int_eq(promtool(&b), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("metrics");
	TCase *c = tcase_create("metrics");
	SRunner *sr = srunner_create(s);
	int failed;

	suite_add_tcase(s, c);
	tcase_add_loop_test(c, text, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(c, drop);
	tcase_add_test(c, promtool_is_content);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
