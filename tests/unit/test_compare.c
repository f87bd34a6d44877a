/* common/engine: equality by meaning, and the differences of an object. */

#include "common/engine/compare.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/engine/diff.h"
#include "common/engine/yield.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static json_t *
parse(const char *text)
{
	json_t *x = NULL;
	struct err err;

	if (text == NULL)
		return NULL;
	ck_assert_msg(js_parse(text, strlen(text), &x, &err) == 0, "%s", text);
	return x;
}

static const struct {
	enum compare how;
	const char *want, *have;
	bool equal;
} rows[] = {
	{ C_EXACT, "30", "\"30\"", true },
	{ C_EXACT, "true", "\"true\"", true },
	{ C_EXACT, "30", "\"31\"", false },
	{ C_EXACT, "[1,2]", "[2,1]", false },
	{ C_EXACT, "{\"a\":1}", "{\"a\":\"1\"}", true },
	{ C_EXACT, "{\"a\":1}", "{\"a\":1,\"b\":2}", false },
	{ C_EXACT, NULL, NULL, true },
	{ C_EXACT, NULL, "1", false },
	{ C_SUBSET, "{\"a\":1}", "{\"a\":1,\"b\":2}", true },
	{ C_SUBSET, "{\"a\":1,\"c\":false}", "{\"a\":1}", true },
	{ C_SUBSET, "{\"a\":1,\"c\":[]}", "{\"a\":1}", true },
	{ C_SUBSET, "{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1,\"x\":2}}", true },
	{ C_SUBSET, "{\"a\":1}", "{\"a\":2}", false },
	{ C_SUBSET, "{}", NULL, true },
	{ C_SUBSET, NULL, "{\"OnFailure\":{}}", true },
	{ C_SUBSET, NULL, "{\"Metrics\":false}", true },
	{ C_SUBSET, NULL, "{\"Metrics\":true}", false },
	{ C_LEAN, "{\"a\":1}", "{\"a\":1,\"b\":2}", false },
	{ C_LEAN, "{\"a\":1}", "{\"a\":1,\"b\":false,\"c\":{}}", true },
	{ C_LEAN, "{\"a\":1,\"b\":0}", "{\"a\":1}", true },
	{ C_LEAN, "{}", "{\"OnFailure\":{\"Destination\":\"q\"}}", false },
	{ C_LEAN, "{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1,\"x\":\"2\"}}", false },
	{ C_LEAN, NULL, "{\"OnFailure\":{}}", true },
	{ C_LEAN, NULL, "{\"AllowCredentials\":true}", false },
	{ C_SET, "[\"a\",\"b\"]", "[\"b\",\"a\"]", true },
	{ C_SET, "[\"a\",\"a\"]", "[\"a\",\"b\"]", false },
	{ C_SET, "[\"a\"]", "[\"a\",\"b\"]", false },
	{ C_NOCASE, "\"ABC\"", "\"abc\"", true },
	{ C_NOCASE, "\"ABC\"", "\"abd\"", false },
	/* IAM: one string or a list, order, case of actions, version */
	{ C_POLICY,
	    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
	    "\"Action\":[\"sqs:SendMessage\"],\"Resource\":[\"a\",\"b\"]}]}",
	    "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\","
	    "\"Action\":\"SQS:sendmessage\",\"Resource\":[\"b\",\"a\"]}}",
	    true },
	{ C_POLICY, "{\"Statement\":[{\"Effect\":\"Allow\"}]}",
	    "{\"Version\":\"2008-10-17\",\"Statement\":[{\"Effect\":\"Allow\"}]"
	    "}",
	    true },
	{ C_POLICY,
	    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"a\","
	    "\"Effect\":\"Deny\"},{\"Sid\":\"b\",\"Effect\":\"Allow\"}]}",
	    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"b\","
	    "\"Effect\":\"Allow\"},{\"Sid\":\"a\",\"Effect\":\"Deny\"}]}",
	    true },
	{ C_POLICY,
	    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Principal\":\"*\"}]"
	    "}",
	    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Principal\":"
	    "{\"AWS\":[\"*\"]}}]}",
	    true },
	{ C_POLICY,
	    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Principal\":"
	    "{\"AWS\":\"123456789012\"}}]}",
	    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Principal\":{"
	    "\"AWS\":"
	    "\"arn:aws:iam::123456789012:root\"}}]}",
	    true },
	{ C_POLICY,
	    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Condition\":{"
	    "\"Bool\":"
	    "{\"aws:SecureTransport\":false}}}]}",
	    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Condition\":{"
	    "\"Bool\":"
	    "{\"aws:SecureTransport\":[\"false\"]}}}]}",
	    true },
	{ C_POLICY,
	    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\"}]"
	    "}",
	    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\"}]"
	    "}",
	    false },
	{ C_POLICY,
	    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Resource\":\"a\"}]}",
	    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Resource\":\"A\"}]}",
	    false },
};

START_TEST(equality)
{
	json_auto_t *want = parse(rows[_i].want), *have = parse(rows[_i].have);

	ck_assert_msg(compare_equal(rows[_i].how, want, have) == rows[_i].equal,
	    "%s and %s", rows[_i].want, rows[_i].have);
}
END_TEST

/* ---- diff ---- */

static const struct property properties[] = {
	{ "Name", .flags = P_FIXED },
	{ "Timeout", W_TEXT },
	{ "Policy", W_JSON, C_POLICY },
	{ "Key", .unset = "\"\"" },
	{ "Mode", .dflt = "\"Off\"" },
	{ "Free", .flags = P_UNMANAGED },
	{ "Password", .flags = P_SECRET },
	{ "Blob", .flags = P_WRITE_ONLY },
	{ "Capacity", .flags = P_HANDED_OVER },
	{ "Shy", .flags = P_IF_TOLD },
	{ "Env", .same = C_SUBSET },
	{ "Indexes", .same = C_SUBSET, .key = "IndexName" },
	{ 0 },
};

static const struct resource_type toy = {
	.name = "toy.thing",
	.tags = { .shape = TAGS_MAP },
	.properties = properties,
};

#define MARK_OF_X "2d711" /* of SHA-256 of "x" */

static const struct {
	const char *what, *desired, *live, *tags, *ignore;
	const char *changes; /* "path from>to|" each, in order */
	bool tells;
} diffs[] = {
	{ "same", "{\"Name\":\"a\",\"Timeout\":30}",
	    "{\"Name\":\"a\",\"Timeout\":\"30\",\"Other\":1}", "{}", NULL, "" },
	{ "number in text", "{\"Timeout\":60}", "{\"Timeout\":\"30\"}", "{}",
	    NULL, "Timeout \"30\">60|" },
	{ "fixed", "{\"Name\":\"a\"}", "{\"Name\":\"b\"}", "{}", NULL,
	    "Name \"b\">\"a\"!|" },
	{ "added by hand", "{}", "{\"Key\":\"k\"}", "{}", NULL,
	    "Key \"k\">null|" },
	{ "absent equals default", "{\"Mode\":\"Off\"}", "{}", "{}", NULL, "" },
	{ "default is wanted when nothing is said", "{}", "{\"Mode\":\"On\"}",
	    "{}", NULL, "Mode \"On\">\"Off\"|" },
	{ "unmanaged", "{}", "{\"Free\":1}", "{}", NULL, "" },
	{ "managed when said", "{\"Free\":2}", "{\"Free\":1}", "{}", NULL,
	    "Free 1>2|" },
	{ "write-only", "{\"Blob\":\"x\"}", "{}", "{}", NULL, "" },
	{ "handed over", "{\"Capacity\":5}", "{\"Capacity\":50}", "{}", NULL,
	    "" },
	{ "not told", "{\"Shy\":5}", "{}", "{}", NULL, "" },
	{ "not told by one who tells", "{\"Shy\":5}", "{}", "{}", NULL,
	    "Shy null>5|", .tells = true },
	{ "told and not wanted, by one who tells", "{}", "{\"Shy\":5}", "{}",
	    NULL, "Shy 5>null|", .tells = true },
	{ "told", "{\"Shy\":5}", "{\"Shy\":50}", "{}", NULL, "Shy 50>5|" },
	{ "policy in text",
	    "{\"Policy\":{\"Version\":\"2012-10-17\",\"Statement\":[]}}",
	    "{\"Policy\":\"{\\\"Version\\\":\\\"2012-10-17\\\","
	    "\\\"Statement\\\":[]}\"}",
	    "{}", NULL, "" },
	{ "leaf of a structure", "{\"Env\":{\"V\":{\"A\":\"1\",\"B\":\"2\"}}}",
	    "{\"Env\":{\"V\":{\"A\":\"1\",\"B\":\"3\"}}}", "{}", NULL,
	    "Env.V.B \"3\">\"2\"|" },
	{ "keyed list, order does not matter",
	    "{\"Indexes\":[{\"IndexName\":\"a\"},{\"IndexName\":\"b\"}]}",
	    "{\"Indexes\":[{\"IndexName\":\"b\",\"S\":1},{\"IndexName\":\"a\"}]"
	    "}",
	    "{}", NULL, "" },
	{ "keyed list, one more", "{\"Indexes\":[{\"IndexName\":\"a\"}]}",
	    "{\"Indexes\":[{\"IndexName\":\"a\"},{\"IndexName\":\"z\"}]}", "{}",
	    NULL, "Indexes.z {\"IndexName\":\"z\"}>null|" },
	{ "tags of others stay", "{}", "{}",
	    "{\"team\":\"b\",\"x\":\"y\",\"aws:z\":\"1\"}", NULL,
	    "tags.team \"b\">\"a\"|" },
	{ "a tag that Git had", "{}", "{}",
	    "{\"team\":\"a\",\"x\":\"y\",\"z\":\"1\",\"convergd:tags\":"
	    "\"" MARK_OF_X "\"}",
	    NULL,
	    "tags.x \"y\">null|tags.convergd:tags \"" MARK_OF_X "\">null|" },
	{ "ignored", "{\"Timeout\":60,\"Name\":\"a\"}",
	    "{\"Timeout\":\"30\",\"Name\":\"b\"}", "{}", "[\"/spec/timeout\"]",
	    "Name \"b\">\"a\"!|" },
	{ "ignored below", "{\"Env\":{\"V\":{\"A\":\"1\",\"B\":\"2\"}}}",
	    "{\"Env\":{\"V\":{\"A\":\"9\",\"B\":\"9\"}}}", "{}",
	    "[\"/spec/env/v/a\"]", "Env.V.B \"9\">\"2\"|" },
	{ "ignored tag", "{}", "{}", "{\"x\":\"y\"}", "[\"/tags/x\"]", "" },
};

static void
print_changes(const json_t *changes, struct buf *b)
{
	size_t i;
	json_t *c;

	js_each (changes, i, c) {
		auto_free char *from = js_dump(js_get(c, "from"));
		auto_free char *to = js_dump(js_get(c, "to"));

		buf_addf(b, "%s %s>%s%s|", js_str(c, "path"), from, to,
		    js_bool(c, "fixed", false) ? "!" : "");
	}
}

static json_t *
yielded(struct object *o, const json_t *ignore)
{
	yield(o, ignore);
	return diff_object(o);
}

START_TEST(differences)
{
	bool about_tags = strstr(diffs[_i].what, "tag") != NULL;
	struct object o = {
		.type = &toy,
		.desired = parse(diffs[_i].desired),
		.live = parse(diffs[_i].live),
		.tags = parse(diffs[_i].tags),
		.tells = diffs[_i].tells,
		.want_tags = about_tags && !diffs[_i].ignore
				 ? parse("{\"team\":\"a\"}")
				 : json_object(),
	};
	json_auto_t *ignore = parse(diffs[_i].ignore);
	json_auto_t *changes = yielded(&o, ignore);
	auto_buf struct buf b = BUF_INIT;

	print_changes(changes, &b);
	ck_assert_msg(strcmp(b.data, diffs[_i].changes) == 0, "%s: %s",
	    diffs[_i].what, b.data);
	ck_assert_int_eq(
	    diff_is_fixed(changes), strchr(diffs[_i].changes, '!') != NULL);
	object_free(&o);
}
END_TEST

START_TEST(secrets_are_marked)
{
	struct object o = {
		.type = &toy,
		.desired = parse("{\"Password\":\"new\"}"),
		.live = parse("{\"Password\":\"old\"}"),
		.want_tags = json_object(),
	};
	json_auto_t *changes = diff_object(&o);

	ck_assert_uint_eq(js_len(changes), 1);
	ck_assert(js_bool(js_at(changes, 0), "secret", false));
	object_free(&o);
}
END_TEST

START_TEST(unknown_is_a_difference)
{
	struct object o = {
		.type = &toy,
		.desired = parse(
		    "{\"Key\":{\"$unknown\":\"shop/K/k/key:Arn\"}}"),
		.live = parse("{\"Key\":\"k\"}"),
		.want_tags = json_object(),
	};
	json_auto_t *changes = diff_object(&o);

	ck_assert_uint_eq(js_len(changes), 1);
	ck_assert(js_bool(js_at(changes, 0), "unknown", false));
	object_free(&o);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("compare");
	TCase *t = tcase_create("compare");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, equality, 0, COUNT(rows));
	tcase_add_loop_test(t, differences, 0, COUNT(diffs));
	tcase_add_test(t, secrets_are_marked);
	tcase_add_test(t, unknown_is_a_difference);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
