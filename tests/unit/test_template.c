/* common/engine: request templates. */

#include "common/engine/template.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

#define SPECIAL                                                                \
	"{\"all\":{\"A\":\"1\",\"B\":\"2\"},\"region\":\"eu-west-1\","         \
	"\"parent\":{\"ApiId\":\"x9\"},\"tags\":{\"k\":\"v\"}}"
#define DESIRED "{\"A\":\"1\",\"B\":\"2\",\"N\":5,\"Both\":\"desired\"}"
#define LIVE    "{\"Url\":\"http://u\",\"Both\":\"live\",\"Null\":null}"

static const struct {
	const char *text, *json; /* NULL: no value */
} values[] = {
	{ "{}", "{}" },
	{ "{QueueUrl: $Url, AttributeNames: [All]}",
	    "{\"QueueUrl\":\"http://u\",\"AttributeNames\":[\"All\"]}" },
	{ "{Max: 100, On: true, Off: false, Text: v2.0}",
	    "{\"Max\":100,\"On\":true,\"Off\":false,\"Text\":\"v2.0\"}" },
	{ "$Both", "\"desired\"" },
	{ "$N", "5" },
	{ "$Null", NULL },
	{ "$Absent", NULL },
	{ "{a: $Absent, b: [$Absent, x]}", "{\"b\":[\"x\"]}" },
	{ "{a: {b: $parent.ApiId}}", "{\"a\":{\"b\":\"x9\"}}" },
	{ "{A: $A, Attributes: $rest}",
	    "{\"A\":\"1\",\"Attributes\":{\"B\":\"2\"}}" },
	{ "{...$all, Tags: $tags}",
	    "{\"A\":\"1\",\"B\":\"2\",\"Tags\":{\"k\":\"v\"}}" },
	{ "{x: 1, ...$Absent}", "{\"x\":1}" },
	{ "\"arn:aws:sqs:${region}:q-${N}\"", "\"arn:aws:sqs:eu-west-1:q-5\"" },
	{ "\"${region}/${Absent}\"", NULL },
	{ "[a, b,c]", "[\"a\",\"b\",\"c\"]" },
};

static json_t *
parse(const char *text)
{
	json_t *x = NULL;
	struct err err;

	ck_assert_int_eq(js_parse(text, strlen(text), &x, &err), 0);
	return x;
}

START_TEST(evaluates)
{
	json_auto_t *special = parse(SPECIAL), *desired = parse(DESIRED),
		    *live = parse(LIVE);
	struct scope scope = { { special, desired, NULL, live } };
	json_auto_t *got = template_eval(values[_i].text, &scope);
	json_auto_t *want = values[_i].json ? parse(values[_i].json) : NULL;
	auto_free char *text = js_dump(got);

	ck_assert_msg(js_equal(got, want), "%s gave %s", values[_i].text, text);
}
END_TEST

static const struct {
	const char *text, *value, *json; /* NULL: does not match */
} matches[] = {
	{ "\"arn:${partition}:sqs:${region}:${account}:${QueueName}\"",
	    "arn:aws:sqs:eu-west-1:123456789012:a-b.fifo",
	    "{\"partition\":\"aws\",\"region\":\"eu-west-1\","
	    "\"account\":\"123456789012\",\"QueueName\":\"a-b.fifo\"}" },
	{ "\"arn:${partition}:sqs:${region}:${account}:${QueueName}\"",
	    "arn:aws:sns:eu-west-1:123456789012:a", NULL },
	{ "\"arn:${partition}:lambda:${region}:${account}:function:${F}\"",
	    "arn:aws:lambda:r:1:event-source-mapping:x", NULL },
	{ "\"arn:aws:dynamodb:r:1:table/${T}\"", "arn:aws:dynamodb:r:1:table/",
	    NULL },
	{ "\"x:${A}:y\"", "x:1:y", "{\"A\":\"1\"}" },
	{ "\"x:${A}:y\"", "x:1:yz", NULL },
};

START_TEST(inverts)
{
	json_auto_t *got = NULL;
	bool fits = template_match(matches[_i].text, matches[_i].value, &got);
	json_auto_t *want = matches[_i].json ? parse(matches[_i].json) : NULL;

	ck_assert_int_eq(fits, want != NULL);
	ck_assert(js_equal(got, want));
}
END_TEST

START_TEST(mentions)
{
	ck_assert(template_mentions("{A: $A, B: $Bc}", "A"));
	ck_assert(template_mentions("{A: $A, B: $Bc}", "Bc"));
	ck_assert(!template_mentions("{A: $A, B: $Bc}", "B"));
	ck_assert(template_mentions("\"x${Name}y\"", "Name"));
	ck_assert(!template_mentions(NULL, "A"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("template");
	TCase *t = tcase_create("template");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, evaluates, 0, COUNT(values));
	tcase_add_loop_test(t, inverts, 0, COUNT(matches));
	tcase_add_test(t, mentions);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
