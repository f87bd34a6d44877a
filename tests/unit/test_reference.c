/* References in texts: what they become, and what is wrong with them. */

#include "common/manifest/reference.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct {
	const char *yaml, *json, *errors;
} rows[] = {
	{ "a: plain", "{\"a\":\"plain\"}", NULL },
	{ "a: ${var.stage}", "{\"a\":\"prod\"}", NULL },
	{ "a: x-${var.stage}-y", "{\"a\":\"x-prod-y\"}", NULL },
	{ "a: ${architecture.name}-${aws.region}", "{\"a\":\"shop-eu-west-1\"}",
	    NULL },
	/* alone it keeps its type, within a text it is text */
	{ "a: [\"${var.n}\", \"n${var.n}\", \"${var.on}\", \"=${var.on}\"]",
	    "{\"a\":[5,\"n5\",true,\"=true\"]}", NULL },
	{ "a: ${var.list}", "{\"a\":[1,{\"b\":2}]}", NULL },
	{ "a: ${aws.account}", "{\"a\":{\"$ref\":[\"aws\",\"account\"]}}",
	    NULL },
	{ "a: arn:${aws.partition}:s3",
	    "{\"a\":{\"$join\":[\"arn:\",{\"$ref\":[\"aws\",\"partition\"]},"
	    "\":s3\"]}}",
	    NULL },
	{ "a: ${SqsQueue/q.url}", "{\"a\":{\"$ref\":[\"SqsQueue/q\",\"url\"]}}",
	    NULL },
	{ "a: ${SqsQueue/q.url}${SqsQueue/q.url}!",
	    "{\"a\":{\"$join\":[{\"$ref\":[\"SqsQueue/q\",\"url\"]},{"
	    "\"$ref\":[\"SqsQueue/q\",\"url\"]},\"!\"]}}",
	    NULL },
	{ "a: ${SqsQueue/q.a.b}", "{\"a\":{\"$ref\":[\"SqsQueue/q\",\"a.b\"]}}",
	    NULL },
	/* literal */
	{ "a: $${var.stage}", "{\"a\":\"${var.stage}\"}", NULL },
	{ "a: $$${var.stage} $x {y} $", "{\"a\":\"$${var.stage} $x {y} $\"}",
	    NULL },
	{ "a: x$${b}-${var.stage}", "{\"a\":\"x${b}-prod\"}", NULL },
	{ "a: {$ref: '#/components/x'}",
	    "{\"a\":{\"$ref\":\"#/components/x\"}}", NULL },
	/* wrong; the rest is still looked at */
	{ "a: ${var.stgae}\nb: \"\xc3\xa9 ${var.nothing}\"",
	    "{\"a\":{\"$ref\":[]},\"b\":{\"$ref\":[]}}",
	    "f:1:4: unknown variable `stgae`; did you mean `stage`?\n"
	    "f:2:7: unknown variable `nothing`; the Architecture's "
	    "`variables` define them\n" },
	{ "a: ok ${var.stage} ${var.n", "{\"a\":{\"$ref\":[]}}",
	    "f:1:20: ${ without }; write $${ for a literal ${\n" },
	{ "a: ${stage}", "{\"a\":{\"$ref\":[]}}",
	    "f:1:4: unknown reference ${stage}: write ${var.name}, "
	    "${Kind/name.output}, or $${ for a literal ${\n" },
	{ "a: ${SqsQueue/q}", "{\"a\":{\"$ref\":[]}}",
	    "f:1:4: unknown reference ${SqsQueue/q}: write ${var.name}, "
	    "${Kind/name.output}, or $${ for a literal ${\n" },
	{ "a: ${/q.url} ${}", "{\"a\":{\"$ref\":[]}}",
	    "f:1:4: unknown reference ${/q.url}: write ${var.name}, "
	    "${Kind/name.output}, or $${ for a literal ${\n"
	    "f:1:14: unknown reference ${}: write ${var.name}, "
	    "${Kind/name.output}, or $${ for a literal ${\n" },
	{ "a: ${architecture.id} ${aws.zone}", "{\"a\":{\"$ref\":[]}}",
	    "f:1:4: unknown reference: of the architecture there is "
	    "${architecture.name}\n"
	    "f:1:23: unknown reference: of AWS there are ${aws.region}, "
	    "${aws.account} and ${aws.partition}\n" },
	{ "a: ${No/x.url}", "{\"a\":{\"$ref\":[]}}", "f:1:4: no No/x\n" },
	{ "a: x${var.list}", "{\"a\":{\"$ref\":[]}}",
	    "f:1:5: a map, a list or nothing cannot be part of a text\n" },
	{ "a: |\n    one\n    ${var.xyz}\n", "{\"a\":{\"$ref\":[]}}",
	    "f:3:5: unknown variable `xyz`; the Architecture's `variables` "
	    "define them\n" },
	{ "\"${var.stage}\": 1", "{\"${var.stage}\":1}",
	    "f:1:1: references are possible in values, not in names\n" },
	{ "a: {$ref: [x, y]}", "{\"a\":{\"$ref\":[]}}",
	    "f:1:4: $ref, $join and $weak are reserved; write "
	    "${Kind/name.output}\n" },
	{ "a: {$weak: {b: 1}}", "{\"a\":{\"$ref\":[]}}",
	    "f:1:4: $ref, $join and $weak are reserved; write "
	    "${Kind/name.output}\n" },
};

static json_t *
output(void *arg, const char *target, const char *name, struct place at,
    char **ret_why)
{
	(void)arg;
	(void)at;
	if (strcmp(target, "SqsQueue/q") == 0)
		return js_pack("{s:[s, s]}", "$ref", target, name);
	*ret_why = mem_fmt("no %s", target);
	return NULL;
}

/* The resolved document as text; errors go to printed. */
static char *
resolve(const char *yaml, const struct scope *scope, struct buf *printed)
{
	struct errors errors = { 0 };
	struct doc *docs = NULL;
	json_auto_t *ret = NULL;
	size_t n = 0;
	int rc;

	ck_assert_int_eq(
	    doc_parse("f", yaml, strlen(yaml), &docs, &n, &errors), 0);
	rc = reference_resolve(scope, docs, "", docs->root, &ret, &errors);
	ck_assert_int_eq(rc, errors.n == 0 ? 0 : -1);
	errors_print(&errors, printed);
	errors_free(&errors);
	doc_free(docs, n);
	return js_dump(ret);
}

START_TEST(references)
{
	json_auto_t *variables = js_pack("{s:s, s:i, s:b, s:[i, {s:i}]}",
	    "stage", "prod", "n", 5, "on", 1, "list", 1, "b", 2);
	struct scope scope = { .architecture = "shop",
		.region = "eu-west-1",
		.variables = variables,
		.output = output };

	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_buf struct buf printed = BUF_INIT;
		auto_free char *dump = resolve(rows[i].yaml, &scope, &printed);

		ck_assert_str_eq(
		    printed.data, rows[i].errors == NULL ? "" : rows[i].errors);
		ck_assert_str_eq(dump, rows[i].json);
	}
}
END_TEST

START_TEST(no_outputs)
{
	struct scope scope = { .architecture = "shop", .region = "r" };
	auto_buf struct buf printed = BUF_INIT;
	auto_free char *dump = resolve(
	    "a: ${SqsQueue/q.url}", &scope, &printed);

	ck_assert_str_eq(dump, "{\"a\":{\"$ref\":[]}}");
	ck_assert_str_eq(printed.data,
	    "f:1:4: outputs of manifests are not known here; ${var.x} is "
	    "possible\n");
}
END_TEST

/* Variables in variables' places must not multiply without bound. */
START_TEST(bounds)
{
	json_auto_t *big = json_array(), *variables = json_object();
	struct scope scope = { .variables = variables };
	auto_buf struct buf printed = BUF_INIT, yaml = BUF_INIT;
	auto_free char *dump = NULL;

	for (int i = 0; i < 50000; i++)
		js_push(big, json_integer(i));
	js_set(variables, "big", js_share(big));
	for (int i = 0; i < 5; i++)
		buf_adds(&yaml, "- ${var.big}\n");
	dump = resolve(yaml.data, &scope, &printed);
	ck_assert_str_eq(printed.data,
	    "f:4:3: the document is too large once its references are put "
	    "in\n");
}
END_TEST

START_TEST(known_shapes)
{
	static const struct {
		const char *json;
		bool is;
	} shapes[] = {
		{ "{\"$ref\":[\"a\",\"b\"]}", true },
		{ "{\"$join\":[\"a\"]}", true },
		{ "{\"$weak\":{\"$ref\":[\"a\",\"b\"]}}", true },
		{ "{\"$ref\":\"a\"}", false },
		{ "{\"$ref\":[]}", false },
		{ "{\"$ref\":[\"a\",\"b\"],\"c\":1}", false },
		{ "[1]", false },
		{ "{}", false },
	};

	for (size_t i = 0; i < COUNT(shapes); i++) {
		json_auto_t *x = NULL;
		struct err err;

		ck_assert_int_eq(
		    js_parse(shapes[i].json, strlen(shapes[i].json), &x, &err),
		    0);
		ck_assert_int_eq(reference_is(x), shapes[i].is);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("reference");
	TCase *tc = tcase_create("reference");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, references);
	tcase_add_test(tc, no_outputs);
	tcase_add_test(tc, bounds);
	tcase_add_test(tc, known_shapes);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
