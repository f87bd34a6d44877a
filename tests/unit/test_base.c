/* common/base: words, units, text, time, errors, buffers, JSON. */

#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/base/js.h"
#include "common/base/mem.h"
#include "common/base/text.h"

#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

START_TEST(words)
{
	auto_buf struct buf b = BUF_INIT;

	words_each (" A  BC D ", w, n) {
		buf_addf(&b, "[%.*s]", (int)n, w);
	}
	ck_assert_str_eq(b.data, "[A][BC][D]");
	ck_assert(words_has("A BC D", "BC"));
	ck_assert(!words_has("A BC D", "B"));
	ck_assert(!words_has("A BC D", "BCD"));
	ck_assert(!words_has("", ""));
}
END_TEST

static const struct {
	const char *text;
	int64_t sec;
	const char *back; /* NULL: not a duration */
} durations[] = {
	{ "0s", 0, "0s" },
	{ "30s", 30, "30s" },
	{ "90s", 90, "1m30s" },
	{ "5m", 300, "5m" },
	{ "1h", 3600, "1h" },
	{ "1h30m", 5400, "1h30m" },
	{ "24h", 86400, "1d" },
	{ "7d", 604800, "7d" },
	{ "1d1h1m1s", 90061, "1d1h1m1s" },
	{ "", 0, NULL },
	{ "30", 0, NULL },
	{ "s", 0, NULL },
	{ "5m ", 0, NULL },
	{ " 5m", 0, NULL },
	{ "-5m", 0, NULL },
	{ "5M", 0, NULL },
	{ "1.5h", 0, NULL },
	{ "5m1h", 0, NULL },
	{ "1h1h", 0, NULL },
	{ "5mm", 0, NULL },
	{ "999999999999999999d", 0, NULL },
	{ "9999999999999999999s", 0, NULL },
};

START_TEST(duration)
{
	auto_buf struct buf b = BUF_INIT;
	int64_t sec = -1;

	ck_assert_int_eq(text_duration(durations[_i].text, &sec),
	    durations[_i].back != NULL);
	if (durations[_i].back == NULL) {
		ck_assert_int_eq(sec, -1);
		return;
	}
	ck_assert_int_eq(sec, durations[_i].sec);
	text_add_duration(&b, sec);
	ck_assert_str_eq(b.data, durations[_i].back);
}
END_TEST

START_TEST(duration_negative)
{
	auto_buf struct buf b = BUF_INIT;

	text_add_duration(&b, -90);
	ck_assert_str_eq(b.data, "-1m30s");
	buf_clear(&b);
	text_add_duration(&b, INT64_MIN);
	ck_assert_str_eq(b.data, "-106751991167300d15h30m8s");
}
END_TEST

static const struct {
	const char *text;
	int64_t bytes;
	const char *back; /* NULL: not a size */
} sizes[] = {
	{ "0B", 0, "0B" },
	{ "10B", 10, "10B" },
	{ "1KiB", 1024, "1KiB" },
	{ "256KiB", 262144, "256KiB" },
	{ "1024KiB", 1048576, "1MiB" },
	{ "512MiB", 536870912, "512MiB" },
	{ "1GiB", 1073741824, "1GiB" },
	{ "2TiB", INT64_C(2199023255552), "2TiB" },
	{ "1025B", 1025, "1025B" },
	{ "", 0, NULL },
	{ "10", 0, NULL },
	{ "10MB", 0, NULL },
	{ "1GiB1MiB", 0, NULL },
	{ "1.5GiB", 0, NULL },
	{ "-1B", 0, NULL },
	{ "99999999999TiB", 0, NULL },
};

START_TEST(size)
{
	auto_buf struct buf b = BUF_INIT;
	int64_t bytes = -1;

	ck_assert_int_eq(
	    text_size(sizes[_i].text, &bytes), sizes[_i].back != NULL);
	if (sizes[_i].back == NULL) {
		ck_assert_int_eq(bytes, -1);
		return;
	}
	ck_assert_int_eq(bytes, sizes[_i].bytes);
	text_add_size(&b, bytes);
	ck_assert_str_eq(b.data, sizes[_i].back);
}
END_TEST

static const struct {
	const char *pattern, *text;
	bool match;
} globs[] = {
	{ "", "", true },
	{ "*", "", true },
	{ "*", "abc", true },
	{ "a*c", "abc", true },
	{ "a*c", "abcd", false },
	{ "a?c", "abc", true },
	{ "a?c", "ac", false },
	{ "*.yaml", "x.yaml", true },
	{ "*.yaml", "x.yaml.bak", false },
	{ "*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
	{ "**x", "yyx", true },
	{ "a", "", false },
};

START_TEST(glob)
{
	ck_assert_int_eq(
	    text_glob(globs[_i].pattern, globs[_i].text), globs[_i].match);
}
END_TEST

static const struct {
	const char *a, *b;
	size_t want;
} distances[] = {
	{ "", "", 0 },
	{ "", "abc", 3 },
	{ "abc", "", 3 },
	{ "abc", "abc", 0 },
	{ "abc", "acb", 1 },
	{ "visiblityTimeout", "visibilityTimeout", 1 },
	{ "kitten", "sitting", 3 },
	{ "ca", "abc", 3 },
	{ "fifo", "fofi", 2 },
};

START_TEST(distance)
{
	ck_assert_uint_eq(text_distance(distances[_i].a, distances[_i].b),
	    distances[_i].want);
}
END_TEST

static const struct {
	const char *wanted, *candidates, *best;
} suggestions[] = {
	{ "visiblityTimeout", "delay visibilityTimeout fifo",
	    "visibilityTimeout" },
	{ "naem", "name time", "name" },
	{ "SqsQeue", "SnsTopic SqsQueue", "SqsQueue" },
	{ "zzzz", "name time", NULL }, { "a", "b c", NULL },
	{ "", "b c", NULL }, { "tims", "time tims", "tims" },
	{ "tim", "time tims", "time" }, /* the first of equals */
};

START_TEST(suggestion)
{
	struct nearest n = { 0 };
	char names[8][64] = { { 0 } };
	size_t i = 0;

	words_each (suggestions[_i].candidates, w, len) {
		memcpy(names[i], w, len);
		text_nearest(&n, suggestions[_i].wanted, names[i++]);
	}
	ck_assert_pstr_eq(n.best, suggestions[_i].best);
}
END_TEST

static const struct {
	const char *bytes;
	size_t len;
	bool good;
} utf8[] = {
	{ "", 0, true },
	{ "abc", 3, true },
	{ "a\0b", 3, true },
	{ "\xc3\xa9", 2, true },
	{ "\xe2\x82\xac", 3, true },
	{ "\xf0\x9f\x98\x80", 4, true },
	{ "\xc3", 1, false },
	{ "\xa9", 1, false },
	{ "\xc0\x80", 2, false },
	{ "\xe0\x80\xaf", 3, false },
	{ "\xed\xa0\x80", 3, false },
	{ "\xf4\x90\x80\x80", 4, false },
	{ "\xff", 1, false },
	{ "a\xc3", 2, false },
	{ "\xc3\x28", 2, false },
};

START_TEST(valid_utf8)
{
	ck_assert_int_eq(
	    text_is_utf8(utf8[_i].bytes, utf8[_i].len), utf8[_i].good);
}
END_TEST

START_TEST(prefixes)
{
	ck_assert(text_starts("abc", ""));
	ck_assert(text_starts("abc", "ab"));
	ck_assert(!text_starts("abc", "bc"));
	ck_assert(!text_starts("ab", "abc"));
	ck_assert(text_ends("abc", ""));
	ck_assert(text_ends("abc", "bc"));
	ck_assert(!text_ends("bc", "abc"));
	ck_assert(!text_ends("abc", "ab"));
}
END_TEST

static const struct {
	const char *in;
	bool keep_slash;
	const char *out;
} percents[] = {
	{ "", false, "" },
	{ "AZaz09-._~", false, "AZaz09-._~" },
	{ "a b+c", false, "a%20b%2Bc" },
	{ "a/b", false, "a%2Fb" },
	{ "a/b", true, "a/b" },
	{ "\xc3\xa9", false, "%C3%A9" },
	{ "%*'()!", false, "%25%2A%27%28%29%21" },
};

START_TEST(percent)
{
	auto_buf struct buf b = BUF_INIT;

	text_add_percent(&b, percents[_i].in, strlen(percents[_i].in),
	    percents[_i].keep_slash);
	ck_assert_str_eq(b.data, percents[_i].out);
}
END_TEST

START_TEST(percent_nul)
{
	auto_buf struct buf b = BUF_INIT;

	text_add_percent(&b, "a\0b", 3, false);
	ck_assert_str_eq(b.data, "a%00b");
}
END_TEST

START_TEST(lower)
{
	for (int i = 0; i < 256 * 19; i++) {
		auto_buf struct buf b = BUF_INIT;
		char all[19];
		size_t n = (size_t)i % sizeof(all);

		for (size_t k = 0; k < sizeof(all); k++)
			all[k] = (char)(i / 19 + (int)k);
		buf_adds(&b, "A");
		text_add_lower(&b, all, n);
		ck_assert_uint_eq(b.len, 1 + n);
		ck_assert_int_eq(b.data[0], 'A');
		ck_assert_int_eq(b.data[b.len], 0);
		for (size_t k = 0; k < n; k++)
			ck_assert_int_eq(b.data[1 + k],
			    all[k] >= 'A' && all[k] <= 'Z' ? all[k] + 32
							   : all[k]);
	}
}
END_TEST

START_TEST(clocks)
{
	auto_buf struct buf b = BUF_INIT;
	double before = clock_mono();
	char amz[17];

	clock_add_iso(&b, 1795348800.9);
	ck_assert_str_eq(b.data, "2026-11-22T12:00:00Z");
	clock_amz(1795348800, amz);
	ck_assert_str_eq(amz, "20261122T120000Z");
	ck_assert(clock_mono() >= before);
	ck_assert(clock_wall() > 1.7e9);
}
END_TEST

START_TEST(buffers)
{
	auto_buf struct buf b = BUF_INIT;
	auto_free char *taken = NULL;

	ck_assert_str_eq(b.data, "");
	buf_clear(&b);
	buf_add(&b, "", 0);
	for (int i = 0; i < 100; i++)
		buf_addf(&b, "%02d,", i);
	buf_addc(&b, 'x');
	buf_add(&b, "\0y", 2);
	ck_assert_uint_eq(b.len, 303);
	ck_assert_int_eq(b.data[303], 0);
	ck_assert(text_starts(b.data, "00,01,"));
	taken = buf_take(&b);
	ck_assert_int_eq(taken[302], 'y');
	ck_assert_uint_eq(b.len, 0);
	ck_assert_str_eq(b.data, "");
	free(taken);
	taken = buf_take(&b);
	ck_assert_str_eq(taken, "");
}
END_TEST

START_TEST(errors)
{
	struct err err = { .http = 404, .code = "x" };
	char longer[3000];

	ck_assert_int_eq(err_set(&err, ERR_THROTTLED, "no %d", 7), -1);
	ck_assert_int_eq(err.http, 0);
	ck_assert_str_eq(err.code, "");
	ck_assert_int_eq(err_wrap(&err, "reading %s", "it"), -1);
	ck_assert_str_eq(err.msg, "reading it: no 7");
	ck_assert_int_eq(err.kind, ERR_THROTTLED);
	ck_assert_str_eq(err_kind_name(err.kind), "throttled");
	ck_assert(err_is_retryable(&err));
	errno = ENOENT;
	ck_assert_int_eq(err_errno(&err, "open %s", "f"), -1);
	ck_assert_str_eq(err.msg, "open f: No such file or directory");
	ck_assert_int_eq(err.kind, ERR_SYSTEM);
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	err_set(&err, ERR_INPUT, "%s", longer);
	err_wrap(&err, "%s", longer);
	ck_assert_uint_eq(strlen(err.msg), sizeof(err.msg) - 1);
	ck_assert(!err_is_retryable(&err));
	for (int kind = ERR_NONE; kind <= ERR_BUG; kind++)
		ck_assert_ptr_nonnull(err_kind_name(kind));
}
END_TEST

static const struct {
	const char *path, *want; /* NULL: absent */
} paths[] = {
	{ "a", "{\"b\":[1,{\"c\":\"x\"}]}" },
	{ "a.b.0", "1" },
	{ "a.b.1.c", "\"x\"" },
	{ "a.b.2", NULL },
	{ "a.x.y", NULL },
	{ "", "{\"a\":{\"b\":[1,{\"c\":\"x\"}]},\"n\":null}" },
	{ "n", "null" },
};

START_TEST(json_path)
{
	const char text[] = "{\"n\":null,\"a\":{\"b\":[1,{\"c\":\"x\"}]}}";
	json_auto_t *doc = NULL;
	auto_free char *got = NULL;
	const json_t *at;
	struct err err;

	ck_assert_int_eq(js_parse(text, strlen(text), &doc, &err), 0);
	at = js_path(doc, paths[_i].path);
	ck_assert_int_eq(at != NULL, paths[_i].want != NULL);
	if (at == NULL)
		return;
	got = js_dump(at);
	ck_assert_str_eq(got, paths[_i].want);
}
END_TEST

START_TEST(json_build)
{
	json_auto_t *doc = js_pack("{s:i, s:b}", "n", 3, "t", 1);
	json_auto_t *more = js_pack("{s:s, s:i}", "s", "x", "n", 4);
	json_auto_t *copy = NULL;
	auto_free char *text = NULL;

	js_set(doc, "none", NULL);
	js_set_str(doc, "none", NULL);
	js_set(doc, "f", js_fmt("%d-%s", 1, "a"));
	copy = js_copy(doc);
	js_merge(doc, more);
	js_merge(doc, NULL);
	js_del(doc, "t");
	text = js_dump(doc);
	ck_assert_str_eq(text, "{\"f\":\"1-a\",\"n\":4,\"s\":\"x\"}");
	ck_assert_int_eq(js_int(copy, "n", 9), 3);
	ck_assert_int_eq(js_int(copy, "f", 9), 9);
	ck_assert(js_bool(copy, "t", false));
	ck_assert(js_bool(copy, "x", true));
	ck_assert_uint_eq(js_len(doc), 3);
	ck_assert_uint_eq(js_len(NULL), 0);
	ck_assert(!js_equal(doc, copy));
	ck_assert(!js_equal(doc, NULL));
	ck_assert(js_equal(NULL, NULL));
	js_replace(&copy, js_share(doc));
	ck_assert(js_equal(doc, copy));
}
END_TEST

static const struct {
	const char *text, *msg;
} bad_json[] = {
	{ "", "1:0: not JSON: " },
	{ "{", "1:1: not JSON: " },
	{ "{\"a\":1,\"a\":2}", "1:10: not JSON: duplicate" },
	{ "[1]x", "1:4: not JSON: end of file expected" },
	{ "\"\xff\"", "1:" },
};

START_TEST(json_bad)
{
	json_auto_t *doc = NULL;
	struct err err;

	ck_assert_int_eq(
	    js_parse(bad_json[_i].text, strlen(bad_json[_i].text), &doc, &err),
	    -1);
	ck_assert_ptr_null(doc);
	ck_assert_int_eq(err.kind, ERR_INPUT);
	ck_assert_msg(text_starts(err.msg, bad_json[_i].msg), "%s", err.msg);
}
END_TEST

static const struct {
	const char *given, *kept;
} messages[] = {
	{ "plain", "plain" },
	{ "gr\303\266\303\237e", "gr\303\266\303\237e" },
	{ "latin1 \366", "latin1 ?" },
	{ "stray \200\277", "stray ??" },
	{ "cut \342\202", "cut ??" },
	{ "overlong \340\200\200", "overlong ???" },
	{ "surrogate \355\240\200", "surrogate ???" },
	{ "\360\237\220\247", "\360\237\220\247" },
};

START_TEST(messages_are_utf8)
{
	struct err err;

	err_set(&err, ERR_INPUT, "%s", messages[_i].given);
	ck_assert_str_eq(err.msg, messages[_i].kept);
}
END_TEST

START_TEST(long_messages_end_with_a_whole_letter)
{
	struct err err;
	char text[2048] = "x";

	for (size_t i = 1; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\303\266", 3);
	err_set(&err, ERR_INPUT, "%s", text);
	err_wrap(&err, "doing");
	ck_assert(text_is_utf8(err.msg, strlen(err.msg)));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base");
	TCase *t = tcase_create("base");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, messages_are_utf8, 0, COUNT(messages));
	tcase_add_test(t, long_messages_end_with_a_whole_letter);
	tcase_add_test(t, words);
	tcase_add_loop_test(t, duration, 0, COUNT(durations));
	tcase_add_test(t, duration_negative);
	tcase_add_loop_test(t, size, 0, COUNT(sizes));
	tcase_add_loop_test(t, glob, 0, COUNT(globs));
	tcase_add_loop_test(t, distance, 0, COUNT(distances));
	tcase_add_loop_test(t, suggestion, 0, COUNT(suggestions));
	tcase_add_loop_test(t, valid_utf8, 0, COUNT(utf8));
	tcase_add_test(t, prefixes);
	tcase_add_loop_test(t, percent, 0, COUNT(percents));
	tcase_add_test(t, percent_nul);
	tcase_add_test(t, lower);
	tcase_add_test(t, clocks);
	tcase_add_test(t, buffers);
	tcase_add_test(t, errors);
	tcase_add_loop_test(t, json_path, 0, COUNT(paths));
	tcase_add_test(t, json_build);
	tcase_add_loop_test(t, json_bad, 0, COUNT(bad_json));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
