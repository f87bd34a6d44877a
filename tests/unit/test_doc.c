/* Documents: what YAML and JSON become, and what is refused, with places. */

#include "common/manifest/doc.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Rows: documents as JSON, one a line; then the errors. */
static const struct row {
	const char *text, *roots, *errors;
} rows[] = {
	{ "", "", "" },
	{ "# only a comment\n", "", "" },
	{ "---\n---\na: 1\n", "{\"a\":1}\n", "" },
	{ "\xef\xbb\xbf"
	  "a: 1\n---\nb: 2\n...\n",
	    "{\"a\":1}\n{\"b\":2}\n", "" },
	{ "{\n\t\"a\":1,\n\t\"b\": [1,\n\t2.5, -3e2, null, true, "
	  "\"\\u00e9\"]}",
	    "{\"a\":1,\"b\":[1,2.5,-300.0,null,true,\"\xc3\xa9\"]}\n", "" },
	/* core schema */
	{ "[1, +1, -1, 0o17, 0x1F, 0, 9223372036854775807]",
	    "[1,1,-1,15,31,0,9223372036854775807]\n", "" },
	{ "[.5, 1., 1e3, -0.5, '1', \"1\", !!str 1, ! 1, !!int '1']",
	    "[0.5,1.0,1000.0,-0.5,\"1\",\"1\",\"1\",\"1\",1]\n", "" },
	{ "[true, False, yes, on, off, y, ~, null, Null, 'null']",
	    "[true,false,\"yes\",\"on\",\"off\",\"y\",null,null,null,"
	    "\"null\"]\n",
	    "" },
	{ "[1.2.3, 1_000, a-, 0x, 0o8, 12:30, 2026-11-22, 10.0.0.0/16, +]",
	    "[\"1.2.3\",\"1_000\",\"a-\",\"0x\",\"0o8\",\"12:30\","
	    "\"2026-11-22\",\"10.0.0.0/16\",\"+\"]\n",
	    "" },
	{ "a: |\n  x\n  y\nb: >-\n  x\n  y\n",
	    "{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}\n", "" },
	{ "a:\nb: ''\n", "{\"a\":null,\"b\":\"\"}\n", "" },
	/* aliases and merge keys */
	{ "a: &x {p: 1, q: 2}\nb: *x\n",
	    "{\"a\":{\"p\":1,\"q\":2},\"b\":{\"p\":1,\"q\":2}}\n", "" },
	{ "a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\n",
	    "{\"a\":{\"p\":1,\"q\":2},\"b\":{\"p\":1,\"q\":3}}\n", "" },
	{ "- &x {p: 1}\n- &y {p: 2, q: 2}\n- {r: 3, <<: [*x, *y]}\n",
	    "[{\"p\":1},{\"p\":2,\"q\":2},{\"p\":1,\"q\":2,\"r\":3}]\n", "" },
	{ "a: {'<<': 1}\n", "{\"a\":{\"<<\":1}}\n", "" },
	{ "a: {<<: 1, b: 2}\n", "{\"a\":{\"b\":2}}\n",
	    "f:1:5: << wants a map or a list of maps\n" },
	{ "a: *x\n", "", "f:1:4: the alias *x has no anchor before it\n" },
	{ "a: &x [*x]\n", "", "f:1:8: the alias *x has no anchor before it\n" },
	{ "a: &x 1\n---\nb: *x\n", "{\"a\":1}\n",
	    "f:3:4: the alias *x has no anchor before it\n" },
	/* what is wrong */
	{ "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n", "{\"a\":1,\"b\":{\"c\":1}}\n",
	    "f:4:3: the key `c` is there twice\n"
	    "f:5:1: the key `a` is there twice\n" },
	{ "a: 1\n\tb: 2\n", "", "f:1:4: invalid multiline plain key\n" },
	{ "a:\n\tb: 1\n", "",
	    "f:2:1: tab character may not be used as indentation\n" },
	{ "a: [1, 2\n", "",
	    "f:2:1: flow sequence without a closing bracket\n" },
	{ "ok: 1\n---\na: @x\n", "{\"ok\":1}\n",
	    "f:3:4: plain scalar cannot start with '@'\n" },
	{ "\xc3\xa9: 1\n  \xff: 2\n", "", "f:2:3: not valid UTF-8\n" },
	{ "a: '\xc3\xa9\a'\n", "",
	    "f:1:6: a control character; write it as an escape in double "
	    "quotes\n" },
	{ "a: \xc2\x81\n", "",
	    "f:1:4: a control character; write it as an escape in double "
	    "quotes\n" },
	{ "a: \"\\a\\x81\"\n", "{\"a\":\"\\u0007\xc2\x81\"}\n", "" },
	{ "a: \xed\xa0\x80\n", "", "f:1:4: not valid UTF-8\n" },
	{ "a: \"x\\0y\"\n", "", "f:1:4: the text holds a NUL character\n" },
	{ "\xc3\xa9: {404: x}\n", "{\"\xc3\xa9\":{\"404\":\"x\"}}\n",
	    "f:1:5: a key must be a string; quote it: \"404\"\n" },
	{ "true: 1\n", "{\"true\":1}\n",
	    "f:1:1: a key must be a string; quote it: \"true\"\n" },
	{ "? [a]\n: 1\n", "", "f:1:3: a key must be a string\n" },
	{ "a: !foo x\n", "",
	    "f:1:9: only the tags of the YAML core schema are known\n" },
	{ "a: 9223372036854775808\nb: 1\n", "{\"a\":{\"$ref\":[]},\"b\":1}\n",
	    "f:1:4: the number does not fit 64 bits; quote it if it is "
	    "text\n" },
	{ "account: 012345678901\n", "{\"account\":{\"$ref\":[]}}\n",
	    "f:1:10: a number with a leading zero; quote it if it is text, "
	    "remove the zero if it is a number\n" },
	{ "[.inf, 1e999]", "[{\"$ref\":[]},{\"$ref\":[]}]\n",
	    "f:1:2: infinity and NaN are not supported; quote it if it is "
	    "text\n"
	    "f:1:8: the number is too large; quote it if it is text\n" },
};

static void
check_text(const char *text, size_t len, const struct row *row)
{
	auto_buf struct buf roots = BUF_INIT, printed = BUF_INIT;
	struct errors errors = { 0 };
	struct doc *docs = NULL;
	size_t n = 0;
	int rc = doc_parse("f", text, len, &docs, &n, &errors);

	for (size_t i = 0; i < n; i++) {
		auto_free char *root = js_dump(docs[i].root);

		buf_addf(&roots, "%s\n", root);
	}
	errors_print(&errors, &printed);
	ck_assert_str_eq(printed.data, row->errors);
	ck_assert_str_eq(roots.data, row->roots);
	ck_assert_int_eq(rc, errors.n == 0 ? 0 : -1);
	doc_free(docs, n);
	errors_free(&errors);
}

START_TEST(documents)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		check_text(rows[i].text, strlen(rows[i].text), &rows[i]);
}
END_TEST

/* The first error of a text that is made of repetitions. */
static void
check_bound(const char *head, const char *repeat, size_t times,
    const char *tail, const char *error)
{
	auto_buf struct buf text = BUF_INIT;
	struct row row = { .roots = "", .errors = error };

	buf_adds(&text, head);
	for (size_t i = 0; i < times; i++)
		buf_adds(&text, repeat);
	buf_adds(&text, tail);
	check_text(text.data, text.len, &row);
}

START_TEST(bounds)
{
	const char *laughs =
	    "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\n"
	    "c: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c]\n"
	    "e: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]\n";

	check_bound(laughs, "", 0, "",
	    "f:6:14: the alias *e (44033 nodes) expands the file beyond "
	    "200000 nodes\n");
	check_bound("a: ", "[", 64, "]",
	    "f:1:67: nested deeper than 64 "
	    "levels\n");
	check_bound("", "- x\n", 200001, "",
	    "f:200000:3: more than 200000 nodes once aliases are expanded\n");
	check_bound("a: 1\nb: [", "x,", 50001, "x]",
	    "f:2:100004: more than 50000 brackets and commas in one line; "
	    "break "
	    "it\n");
	check_bound("a:\n", "[\n", 5001, "",
	    "f:5002:1: more than 5000 open brackets\n");
	check_bound("? ", "k", 1025, "\n: 1\n",
	    "f:1:3: the key is longer than 1024 bytes\n");
	check_bound("", "# 3456789", (4 << 20) / 9 + 1, "",
	    "f: the file has 4194306 bytes, 4194304 are the most\n");
}
END_TEST

START_TEST(many_errors_end)
{
	auto_buf struct buf text = BUF_INIT;
	struct errors errors = { 0 };
	struct doc *docs = NULL;
	size_t n = 0;

	for (int i = 0; i < 1000; i++)
		buf_adds(&text, "- 010\n");
	ck_assert_int_eq(
	    doc_parse("f", text.data, text.len, &docs, &n, &errors), -1);
	ck_assert_uint_eq(errors.n, DOC_MAX_ERRORS);
	doc_free(docs, n);
	errors_free(&errors);
}
END_TEST

static const struct {
	const char *pointer;
	int line, column, key_line, key_column;
} places[] = {
	{ "", 1, 1, 1, 1 },
	{ "/a", 1, 4, 1, 1 },
	{ "/b", 3, 3, 2, 1 },
	{ "/b/1", 4, 5, 4, 5 },
	{ "/b/1/x~1y", 4, 10, 4, 5 },
	{ "/b/1/none/deeper", 4, 5, 4, 5 },
	{ "/\xc3\xa9", 5, 4, 5, 1 },
	{ "/c/p", 6, 12, 6, 9 },
	{ "/d/p", 7, 4, 7, 4 },
};

START_TEST(places_of_nodes)
{
	const char *text = "a: 1\nb:\n  - 1\n  - x/y: 2\n\xc3\xa9: 3\n"
			   "c: &x { p: 1 }\nd: *x\n";
	struct errors errors = { 0 };
	struct doc *docs = NULL;
	size_t n = 0;

	ck_assert_int_eq(
	    doc_parse("f", text, strlen(text), &docs, &n, &errors), 0);
	for (size_t i = 0; i < COUNT(places); i++) {
		struct place at = doc_place(docs, places[i].pointer);
		struct place key = doc_key_place(docs, places[i].pointer);

		ck_assert_int_eq(at.line, places[i].line);
		ck_assert_int_eq(at.column, places[i].column);
		ck_assert_int_eq(key.line, places[i].key_line);
		ck_assert_int_eq(key.column, places[i].key_column);
	}
	doc_free(docs, n);
}
END_TEST

START_TEST(places_of_holes)
{
	const char *text = "a: \"\xc3\xa9${x} ${y}\"\nb: |\n    one\n"
			   "    two ${z}\nc: $x\n";
	static const struct {
		const char *pointer;
		size_t nth;
		int line, column;
	} holes[] = {
		{ "/a", 0, 1, 6 },
		{ "/a", 1, 1, 11 },
		{ "/b", 0, 4, 9 },
		{ "/c", 0, 5, 4 },
		{ "/a", 7, 1, 4 },
	};
	struct errors errors = { 0 };
	struct doc *docs = NULL;
	size_t n = 0;

	ck_assert_int_eq(
	    doc_parse("f", text, strlen(text), &docs, &n, &errors), 0);
	for (size_t i = 0; i < COUNT(holes); i++) {
		struct place at = doc_hole_place(
		    docs, holes[i].pointer, holes[i].nth);

		ck_assert_int_eq(at.line, holes[i].line);
		ck_assert_int_eq(at.column, holes[i].column);
	}
	doc_free(docs, n);
}
END_TEST

START_TEST(errors_are_sorted_once)
{
	auto_buf struct buf b = BUF_INIT;
	struct errors errors = { 0 };

	errors_add(&errors, "b", (struct place){ 2, 1 }, "two");
	errors_add(&errors, "b", (struct place){ 1, 9 }, "one %d", 1);
	errors_add(&errors, "b", (struct place){ 2, 1 }, "two");
	errors_add(&errors, "a", (struct place){ 0, 0 }, "whole");
	errors_sort(&errors);
	errors_print(&errors, &b);
	ck_assert_str_eq(b.data, "a: whole\nb:1:9: one 1\nb:2:1: two\n");
	errors_free(&errors);
	ck_assert_uint_eq(errors.n, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("doc");
	TCase *tc = tcase_create("doc");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60); /* sanitizers are slow */
	tcase_add_test(tc, documents);
	tcase_add_test(tc, bounds);
	tcase_add_test(tc, many_errors_end);
	tcase_add_test(tc, places_of_nodes);
	tcase_add_test(tc, places_of_holes);
	tcase_add_test(tc, errors_are_sorted_once);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
