/* Log lines: one line each, whatever the text holds. */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/js.h"
#include "daemon/log.h"

static const struct log_about queue = { "shop", "SqsQueue", "orders",
	"main@sha1:1f3c9ae" };
static const struct log_about shop = { .architecture = "shop" };

static const struct row {
	const char *what;
	enum log_format format;
	enum log_level level;
	const struct log_about *about;
	const char *text, *want;
} rows[] = {
	{ "text", FORMAT_TEXT, LEVEL_INFO, &queue, "created",
	    "1970-01-01T00:00:00Z info    shop SqsQueue/orders: created\n" },
	{ "architecture only", FORMAT_TEXT, LEVEL_ERROR, &shop, "failed",
	    "1970-01-01T00:00:00Z error   shop: failed\n" },
	{ "about nothing", FORMAT_TEXT, LEVEL_WARNING, NULL, "x",
	    "1970-01-01T00:00:00Z warning x\n" },
	{ "line breaks", FORMAT_TEXT, LEVEL_INFO, NULL, "a\nb\r\tc",
	    "1970-01-01T00:00:00Z info    a\\nb\\r\\tc\n" },
	{ "escape sequence", FORMAT_TEXT, LEVEL_INFO, NULL, "\033[31m\x7f",
	    "1970-01-01T00:00:00Z info    \\x1b[31m\\x7f\n" },
	{ "C1 control", FORMAT_TEXT, LEVEL_INFO, NULL,
	    "a\xc2\x9b"
	    "b\xc3\xa9",
	    "1970-01-01T00:00:00Z info    a\\xc2\\x9bb\xc3\xa9\n" },
	{ "not UTF-8", FORMAT_TEXT, LEVEL_INFO, NULL, "a\xff\xc3\xa9",
	    "1970-01-01T00:00:00Z info    a\\xff\\xc3\\xa9\n" },
	{ "JSON", FORMAT_JSON, LEVEL_INFO, &queue, "created",
	    "{\"architecture\":\"shop\",\"commit\":\"1f3c9ae\","
	    "\"kind\":\"SqsQueue\",\"level\":\"info\",\"message\":\"created\","
	    "\"name\":\"orders\",\"time\":\"1970-01-01T00:00:00Z\"}\n" },
	{ "JSON, line break", FORMAT_JSON, LEVEL_DEBUG, NULL, "a\nb",
	    "{\"level\":\"debug\",\"message\":\"a\\nb\","
	    "\"time\":\"1970-01-01T00:00:00Z\"}\n" },
	{ "JSON, not UTF-8", FORMAT_JSON, LEVEL_DEBUG, NULL, "a\xff",
	    "{\"level\":\"debug\",\"message\":\"a\\\\xff\","
	    "\"time\":\"1970-01-01T00:00:00Z\"}\n" },
};

START_TEST(render)
{
	const struct row *r = &rows[_i];
	auto_buf struct buf b = BUF_INIT;

	log_render(r->format, r->level, r->about, 0, r->text, &b);
	ck_assert_msg(strcmp(b.data, r->want) == 0, "%s: %s", r->what, b.data);
}
END_TEST

START_TEST(level_filters)
{
	struct log log;
	char text[256];
	int fd[2];
	ssize_t n;

	ck_assert_int_eq(pipe(fd), 0);
	log_init(&log, LEVEL_WARNING, FORMAT_TEXT);
	log.fd = fd[1];
	log_info(&log, "not wanted");
	log_warning(&log, "wanted %d", 7);
	n = read(fd[0], text, sizeof(text) - 1);
	ck_assert_int_gt(n, 0);
	text[n] = 0;
	ck_assert_ptr_null(strstr(text, "not wanted"));
	ck_assert_ptr_nonnull(strstr(text, "warning wanted 7\n"));
	close(fd[0]);
	close(fd[1]);
}
END_TEST

START_TEST(words)
{
	ck_assert_int_eq(log_level_of("debug"), LEVEL_DEBUG);
	ck_assert_int_eq(log_level_of("error"), LEVEL_ERROR);
	ck_assert_int_eq(log_format_of("journal"), FORMAT_JOURNAL);
	ck_assert_int_eq(log_format_of("auto"), FORMAT_AUTO);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("log");
	TCase *c = tcase_create("log");
	SRunner *sr = srunner_create(s);
	int failed;

	suite_add_tcase(s, c);
	tcase_add_loop_test(c, render, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(c, level_filters);
	tcase_add_test(c, words);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
