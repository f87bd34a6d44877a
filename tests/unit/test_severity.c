/* common/engine: which differences make AWS less safe, as rows. */

#include <check.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/engine/diff.h"
#include "common/engine/severity.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* ---- policies ---- */

#define DOC(statements)                                                        \
	"{\"Version\":\"2012-10-17\",\"Statement\":[" statements "]}"
#define ALLOW(who, action, resource)                                           \
	"{\"Effect\":\"Allow\",\"Principal\":" who ",\"Action\":" action       \
	",\"Resource\":\"" resource "\"}"
#define ONE "{\"AWS\":\"123456789012\"}"
#define Q   "arn:aws:sqs:eu-west-1:1:q"
#define NO_TLS                                                                 \
	"{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sqs:*\","       \
	"\"Resource\":\"*\",\"Condition\":{\"Bool\":{"                         \
	"\"aws:SecureTransport\":\"false\"}}}"

static const struct policy_row {
	const char *what, *want, *have;
	bool widens;
} policies[] = {
	{ "the same in other words", DOC(ALLOW(ONE, "\"sqs:SendMessage\"", Q)),
	    DOC(ALLOW("{\"AWS\":\"arn:aws:iam::123456789012:root\"}",
		"[\"SQS:sendmessage\"]", Q)),
	    false },
	{ "another statement", DOC(ALLOW(ONE, "\"sqs:SendMessage\"", Q)),
	    DOC(ALLOW(ONE, "\"sqs:SendMessage\"", Q) "," ALLOW(
		ONE, "\"sqs:ReceiveMessage\"", Q)),
	    true },
	{ "a statement less", DOC(ALLOW(ONE, "\"sqs:SendMessage\"", Q)),
	    DOC(""), false },
	{ "everybody", DOC(ALLOW(ONE, "\"sqs:SendMessage\"", Q)),
	    DOC(ALLOW("\"*\"", "\"sqs:SendMessage\"", Q)), true },
	{ "a pattern of actions", DOC(ALLOW(ONE, "\"sqs:SendMessage\"", Q)),
	    DOC(ALLOW(ONE, "\"sqs:*\"", Q)), true },
	{ "an action that the pattern covers", DOC(ALLOW(ONE, "\"sqs:*\"", Q)),
	    DOC(ALLOW(ONE, "\"sqs:SendMessage\"", Q)), false },
	{ "any resource", DOC(ALLOW(ONE, "\"sqs:SendMessage\"", Q)),
	    DOC(ALLOW(ONE, "\"sqs:SendMessage\"", "*")), true },
	{ "a condition is gone",
	    DOC("{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\","
		"\"Condition\":{\"Bool\":{\"aws:SecureTransport\":true}}}"),
	    DOC("{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":"
		"\"*\"}"),
	    true },
	{ "a condition more",
	    DOC("{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":"
		"\"*\"}"),
	    DOC("{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\","
		"\"Condition\":{\"Bool\":{\"aws:SecureTransport\":true}}}"),
	    false },
	{ "a deny is gone", DOC(NO_TLS), DOC(""), true },
	{ "the whole policy is gone, with its deny", DOC(NO_TLS), NULL, true },
	{ "a deny more", DOC(""), DOC(NO_TLS), false },
	{ "a policy where none is wanted", NULL,
	    DOC(ALLOW("\"*\"", "\"sqs:*\"", "*")), true },
	{ "all but one action",
	    DOC("{\"Effect\":\"Allow\",\"Action\":\"iam:GetRole\","
		"\"Resource\":\"*\"}"),
	    DOC("{\"Effect\":\"Allow\",\"NotAction\":\"iam:PassRole\","
		"\"Resource\":\"*\"}"),
	    true },
	{ "one statement, no list",
	    DOC("{\"Effect\":\"Allow\",\"Action\":\"a:b\",\"Resource\":\"*\"}"),
	    "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"a:b\","
	    "\"Resource\":\"*\"}}",
	    false },
	{ "text that is no policy", DOC(""), "\"nonsense\"", false },
};

static json_t *
parse(const char *text)
{
	json_t *x = NULL;
	struct err err;

	ck_assert_msg(
	    text == NULL || js_parse(text, strlen(text), &x, &err) == 0, "%s",
	    text);
	return x;
}

START_TEST(policies_by_meaning)
{
	const struct policy_row *r = &policies[_i];
	json_auto_t *want = parse(r->want), *have = parse(r->have);

	ck_assert_msg(severity_widens(want, have) == r->widens, "%s", r->what);
}
END_TEST

/* ---- properties ---- */

static const struct resource_type type = {
	.name = "toy.safe",
	.properties = (const struct property[]){ { "Size" },
	    { "Encrypted", W_TEXT, .risk = "false" },
	    { "Key", .dflt = "\"\"", .risk = "null" },
	    { "Logs", .risk = "null" }, { "Auth", .risk = "\"NONE\"" },
	    { "Backups", .same = C_SUBSET, .dflt = "{\"On\": false}",
		.risk = "{\"On\": false}" },
	    { "Roles", .same = C_SET, .risk = "more" },
	    { "Rules", .key = "Port", .risk = "more" },
	    { "Policies", W_JSON, C_POLICY, .key = "*" }, { 0 } },
};

/* grave: paths of the grave changes, which come before the others. */
static const struct property_row {
	const char *want, *have, *grave;
} properties[] = {
	{ "{\"Size\":1}", "{\"Size\":2}", "" },
	{ "{\"Size\":1,\"Encrypted\":true}",
	    "{\"Size\":2,\"Encrypted\":\"false\"}", "Encrypted " },
	{ "{\"Encrypted\":false}", "{\"Encrypted\":\"true\"}", "" },
	{ "{\"Key\":\"k\"}", "{}", "Key " },
	{ "{\"Key\":\"k\"}", "{\"Key\":\"other\"}", "" },
	{ "{\"Logs\":{\"To\":\"a\"}}", "{}", "Logs " },
	{ "{}", "{\"Logs\":{\"To\":\"a\"}}", "" },
	{ "{\"Auth\":\"AWS_IAM\"}", "{\"Auth\":\"NONE\"}", "Auth " },
	{ "{\"Auth\":\"NONE\"}", "{\"Auth\":\"AWS_IAM\"}", "" },
	{ "{\"Backups\":{\"On\":true}}", "{}", "Backups.On " },
	{ "{\"Roles\":[\"a\",\"b\"]}", "{\"Roles\":[\"b\"]}", "" },
	{ "{\"Roles\":[\"a\"]}", "{\"Roles\":[\"a\",\"admin\"]}", "Roles " },
	{ "{\"Rules\":[{\"Port\":\"1\"}]}", "{\"Rules\":[{\"Port\":\"2\"}]}",
	    "Rules.2 " },
	{ "{\"Policies\":{}}",
	    "{\"Policies\":{\"hand\":" DOC(
		"{\"Effect\":\"Allow\","
		"\"Action\":\"*\",\"Resource\":\"*\"}") "}}",
	    "Policies.hand " },
};

START_TEST(properties_by_their_rows)
{
	const struct property_row *r = &properties[_i];
	struct object o = {
		.type = &type, .desired = parse(r->want), .live = parse(r->have)
	};
	json_auto_t *changes = diff_object(&o);
	auto_buf struct buf grave = BUF_INIT;
	size_t i, n = 0;
	json_t *c;

	ck_assert_uint_gt(js_len(changes), 0);
	js_each (changes, i, c)
		if (js_str(c, "severity") != NULL) {
			ck_assert_uint_eq(i, n++);
			buf_addf(&grave, "%s ", js_str(c, "path"));
		}
	ck_assert_msg(
	    strcmp(grave.data, r->grave) == 0, "%s: %s", r->have, grave.data);
	ck_assert(diff_is_grave(changes) == (n > 0));
	object_free(&o);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("severity");
	TCase *t = tcase_create("severity");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, policies_by_meaning, 0, COUNT(policies));
	tcase_add_loop_test(t, properties_by_their_rows, 0, COUNT(properties));
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
