/* The reader of answers against jansson's: same verdict, same value. */

#include "common/base/buf.h"
#include "common/base/js.h"

#include <check.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char *const texts[] = {
	"{\"Attributes\":{\"QueueArn\":\"arn:aws:sqs:eu-west-1:1:q\"}}",
	" { \"a\" : [ 1 , -2.50e+3, 0, -0, true, false, null, [], {} ] } \r\n",
	"[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\", \"\\u00e4\\u20ac\\ud83d\\ude00\"]",
	"[\"a\\u0000b\", \"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\", \"\"]",
	"{\"\\u006bey\":\"\\u0076alue\",\"\\u0041\":{\"\\u0042\":\"\\u0043\"}}",
	"{\"a\":1,\"a\":{\"b\":[2]}}",
	"[9223372036854775807, -9223372036854775808, 0.1, 1E5, 12e-1]",
	"\"text\"",
	"17",
	"null",
	"[[[[[[[[]]]]]]]]",
};

static const char *const bad[] = {
	"",
	"  ",
	"{",
	"[1,]",
	"{\"a\":1,}",
	"{\"a\"}",
	"{a:1}",
	"[1 2]",
	"01",
	"-",
	"1.",
	".5",
	"1e",
	"+1",
	"nul",
	"nulll",
	"[] []",
	"\"\\x\"",
	"\"\\u12g4\"",
	"\"\\ud83d\"",
	"\"\\ud83d\\u0041\"",
	"\"\\ude00\"",
	"\"a\nb\"",
	"\"\xff\"",
	"\"\xc0\x80\"",
	"\"\xed\xa0\x80\"",
	"{\"\\u0000\":1}",
	"9223372036854775808",
	"1e999",
	"'a'",
	"<html>",
	"\xef\xbb\xbf{}",
};

static void
compare(const char *text, size_t n)
{
	auto_buf struct buf b = BUF_INIT;
	json_auto_t *ours = NULL, *theirs = NULL;
	json_error_t e;
	struct err err = { 0 };
	int rc;

	buf_add(&b, text, n);
	rc = js_read(&b, &ours, &err);
	theirs = json_loadb(text, n, JSON_ALLOW_NUL | JSON_DECODE_ANY, &e);
	ck_assert_msg((rc == 0) == (theirs != NULL), "%.*s: %s / %s", (int)n,
	    text, err.msg, e.text);
	ck_assert_msg(js_equal(ours, theirs), "%.*s", (int)n, text);
	ck_assert_int_eq(rc == 0 ? ERR_NONE : ERR_UNKNOWN, err.kind);
}

/* The text, all it begins with, and all it becomes by one other byte. */
START_TEST(same_as_jansson)
{
	static const char others[] = "\"\\{}[],:0-.eu n\x01\x80\xc3\xf4/";
	size_t n = strlen(texts[_i]);
	auto_buf struct buf b = BUF_INIT;

	buf_add(&b, texts[_i], n);
	for (size_t i = 0; i < n; i++) {
		char was = b.data[i];

		compare(b.data, i);
		for (size_t k = 0; k + 1 < sizeof(others); k++) {
			b.data[i] = others[k];
			compare(b.data, n);
		}
		b.data[i] = was;
	}
	compare(b.data, n);
}
END_TEST

START_TEST(refused)
{
	auto_buf struct buf b = BUF_INIT;
	json_t *x = NULL;
	struct err err;

	compare(bad[_i], strlen(bad[_i]));
	buf_adds(&b, bad[_i]);
	ck_assert_int_eq(js_read(&b, &x, &err), -1);
	ck_assert_ptr_null(x);
}
END_TEST

START_TEST(place_of_the_error)
{
	auto_buf struct buf b = BUF_INIT;
	json_auto_t *x = NULL;
	struct err err;

	buf_adds(&b, "{\n \"a\": [1,\n  ?]}");
	ck_assert_int_eq(js_read(&b, &x, &err), -1);
	ck_assert_str_eq(err.msg, "3:3: invalid token");
}
END_TEST

/* jansson takes it for a blank where it ends a number. */
START_TEST(zero_byte)
{
	auto_buf struct buf b = BUF_INIT;
	json_t *x = NULL;
	struct err err;

	buf_add(&b, "[1\0]", 4);
	ck_assert_int_eq(js_read(&b, &x, &err), -1);
}
END_TEST

START_TEST(depth)
{
	static const struct {
		int depth, result;
	} rows[] = { { 512, 0 }, { 513, -1 }, { 100000, -1 } };
	auto_buf struct buf b = BUF_INIT;
	json_auto_t *x = NULL;
	struct err err;

	for (int i = 0; i < rows[_i].depth; i++)
		buf_addc(&b, '[');
	for (int i = 0; i < rows[_i].depth; i++)
		buf_addc(&b, ']');
	ck_assert_int_eq(js_read(&b, &x, &err), rows[_i].result);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("js_read");
	TCase *t = tcase_create("js_read");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, same_as_jansson, 0, COUNT(texts));
	tcase_add_loop_test(t, refused, 0, COUNT(bad));
	tcase_add_test(t, place_of_the_error);
	tcase_add_test(t, zero_byte);
	tcase_add_loop_test(t, depth, 0, 3);
	suite_add_tcase(s, t);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
