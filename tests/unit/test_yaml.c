/* YAML that convergctl prints: its text, and that it reads back the same. */

#include "cli/yaml.c"

#include <check.h>
#include <stdlib.h>

#include "common/manifest/doc.h"

static const struct row {
	const char *json, *yaml;
} rows[] = {
	{ "{}", "{}\n" },
	{ "[]", "[]\n" },
	{ "{\"a\": 1, \"b\": [], \"c\": {}}", "a: 1\nb: []\nc: {}\n" },
	{ "{\"a\": [1, 2.5, true, null]}",
	    "a:\n  - 1\n  - 2.5\n  - true\n  - null\n" },
	{ "[[1, 2], [[]], {\"a\": 1, \"b\": 2}]",
	    "- - 1\n  - 2\n- - []\n- a: 1\n  b: 2\n" },
	{ "{\"a\": {\"b\": {\"c\": \"d\"}}}", "a:\n  b:\n    c: d\n" },
	/* what would not come back as this string */
	{ "[\"true\", \"No\", \"ON\", \"null\", \"\", \"~\", \"12\", \"-\"]",
	    "- \"true\"\n- \"No\"\n- \"ON\"\n- \"null\"\n- \"\"\n- \"~\"\n"
	    "- \"12\"\n- \"-\"\n" },
	{ "[\"2012-10-17\", \"1e3\", \".5\", \"0x1f\"]",
	    "- \"2012-10-17\"\n- \"1e3\"\n- \".5\"\n- \"0x1f\"\n" },
	{ "[\"a: b\", \"a:\", \"a #b\", \"a \", \" a\", \"#a\", \"&a\"]",
	    "- \"a: b\"\n- \"a:\"\n- \"a #b\"\n- \"a \"\n- \" a\"\n"
	    "- \"#a\"\n- \"&a\"\n" },
	{ "[\"a\\nb\", \"\\u001b[0m\", \"\\\"q\\\"\", \"caf\xc3\xa9\"]",
	    "- \"a\\nb\"\n- \"\\u001B[0m\"\n- \"\\\"q\\\"\"\n"
	    "- \"caf\xc3\xa9\"\n" },
	/* what needs no quotes */
	{ "[\"arn:aws:sqs:eu-west-1:123456789012:q\", \"/a/b\"]",
	    "- arn:aws:sqs:eu-west-1:123456789012:q\n- /a/b\n" },
	{ "{\"url\": \"${shop/SqsQueue/a/queue:QueueUrl}\"}",
	    "url: ${shop/SqsQueue/a/queue:QueueUrl}\n" },
	{ "{\"a text\": \"with spaces, and {braces}\"}",
	    "a text: with spaces, and {braces}\n" },
	{ "{\"on\": 1, \"1\": 2, \"a:b\": 3}",
	    "\"on\": 1\n\"1\": 2\na:b: 3\n" },
};

START_TEST(prints)
{
	const struct row *row = &rows[_i];
	auto_buf struct buf out = BUF_INIT;
	struct errors errors = { NULL, 0 };
	json_auto_t *want = NULL;
	struct doc *docs = NULL;
	struct err err;
	size_t n = 0;

	ck_assert_int_eq(
	    js_parse(row->json, strlen(row->json), &want, &err), 0);
	yaml_add(&out, want, 0);
	ck_assert_str_eq(out.data, row->yaml);
	ck_assert_int_eq(
	    doc_parse("f", out.data, out.len, &docs, &n, &errors), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert(js_equal(docs[0].root, want));
	doc_free(docs, n);
	errors_free(&errors);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("yaml");
	TCase *tc = tcase_create("yaml");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tc, prints, 0, sizeof(rows) / sizeof(*rows));
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
