/* Checks against field tables; explain, schema and Markdown of them. */

#include "common/manifest/check.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct field number[] = {
	{ "n", F_INT, .min = 1, .max = 9, .help = "a digit" },
	{ 0 },
};
static const struct field text[] = {
	{ "t", F_STRING, .help = "a text" },
	{ 0 },
};
static const struct field kms[] = {
	{ "kmsKey", F_STRING, F_REQUIRED, .form = "arn", .help = "the key" },
	{ "reuse", F_DURATION, .dflt = "5m", .help = "how long" },
	{ 0 },
};
static const struct field s3[] = {
	{ "bucket", F_STRING, F_REQUIRED, .help = "its name" },
	{ 0 },
};
static const struct field encryption[] = {
	{ "own", F_ENUM, .values = "sqs none", .help = "free" },
	{ "kms", F_OBJECT, .fields = kms, .help = "a KMS key" },
	{ 0 },
};
static const struct field code[] = {
	{ "arn", F_STRING, .form = "arn" },
	{ "word", F_ENUM, .values = "ALL KEYS_ONLY" },
	{ "kms", F_OBJECT, .fields = kms },
	{ "s3", F_OBJECT, .fields = s3 },
	{ "list", F_LIST, .fields = text },
	{ "off", F_BOOL },
	{ 0 },
};
static const struct field table[] = {
	{ "timeout", F_DURATION, .max = 43200, .help = "how long to wait" },
	{ "retention", F_DURATION, .dflt = "4d", .min = 60, .max = 1209600,
	    .help = "how long it is kept" },
	{ "size", F_SIZE, .min = 1024, .max = 1048576 },
	{ "count", F_INT, .min = 1, .max = 10 },
	{ "least", F_INT, .min = 3 },
	{ "ratio", F_NUMBER, .min = 0, .max = 1 },
	{ "on", F_BOOL, F_LITERAL },
	{ "label", F_STRING, .min = 2, .max = 4 },
	{ "account", F_STRING, F_LITERAL, .form = "account" },
	{ "own", F_STRING, .form = "^[a-c]+$" },
	{ "range", F_STRING, .form = "cidr" },
	{ "key", F_STRING, .form = "key:S" },
	{ "mode", F_ENUM, .values = "PassThrough Active" },
	{ "queue", F_REF, .values = "SqsQueue SnsTopic" },
	{ "any", F_REF },
	{ "path", F_PATH },
	{ "secret", F_STRING, F_SECRET, .form = "arn" },
	{ "encryption", F_CHOICE, .fields = encryption, .help = "how" },
	{ "code", F_CHOICE, .fields = code },
	{ "list", F_LIST, F_UNIQUE, .max = 3, .fields = number },
	{ "map", F_MAP, .form = "env", .fields = number },
	{ "kms", F_OBJECT, .fields = kms },
	{ "free", F_DOCUMENT },
	{ 0 },
};

/* ret without the default of `retention`, or the errors. */
static const struct {
	const char *yaml, *json, *errors;
} rows[] = {
	{ "{}", "{}", NULL },
	{ "timeout: 30s", "{\"timeout\":30}", NULL },
	{ "timeout: 0", "{\"timeout\":0}", NULL },
	{ "timeout: 30", NULL,
	    "f:1:10: `timeout` must be a duration such as 30s or 1h30m, is the "
	    "number 30; write 30s for seconds\n" },
	{ "timeout: 13h", NULL,
	    "f:1:10: `timeout` must be 0s to 12h, is 13h\n" },
	{ "timeout: fast", NULL,
	    "f:1:10: `timeout` must be a duration such as 30s or 1h30m, is "
	    "\"fast\"\n" },
	{ "on: true\ntimeout:", NULL,
	    "f:2:1: `timeout` has no value; give one or remove it\n" },
	{ "timeout: ${SqsQueue/a.url}", NULL,
	    "f:1:10: `timeout` must be a duration such as 30s or 1h30m, is "
	    "\"${SqsQueue/a.url}\"\n" },
	{ "timeuot: 1s", NULL,
	    "f:1:1: unknown field `timeuot`; did you mean `timeout`?\n" },
	{ "size: 256KiB", "{\"size\":262144}", NULL },
	{ "size: 2MiB", NULL, "f:1:7: `size` must be 1KiB to 1MiB, is 2MiB\n" },
	{ "size: 2048", NULL,
	    "f:1:7: `size` must be a size such as 512MiB, is the number 2048; "
	    "write 2048B, 2048KiB or 2048MiB\n" },
	{ "count: 0", NULL, "f:1:8: `count` must be 1 to 10, is 0\n" },
	{ "count: 1.5", NULL,
	    "f:1:8: `count` must be a whole number, is the number 1.5\n" },
	{ "count: '3'", NULL,
	    "f:1:8: `count` must be a whole number, is \"3\"\n" },
	{ "least: 2", NULL, "f:1:8: `least` must be at least 3, is 2\n" },
	{ "ratio: 0.5", "{\"ratio\":0.5}", NULL },
	{ "ratio: 1.5", NULL, "f:1:8: `ratio` must be 0 to 1, is 1.5\n" },
	{ "on: yes", NULL, "f:1:5: `on` must be true or false, is \"yes\"\n" },
	{ "label: abc", "{\"label\":\"abc\"}", NULL },
	{ "label: \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
	    "{\"label\":\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"}", NULL },
	{ "label: abcde", NULL,
	    "f:1:8: `label` must have 2 to 4 characters, has 5\n" },
	{ "label: true", NULL,
	    "f:1:8: `label` must be a string, is true; quote it: \"true\"\n" },
	{ "account: 123456789012", NULL,
	    "f:1:10: `account` must be an account of 12 digits, quoted, is "
	    "the number 123456789012; quote it: \"123456789012\"\n" },
	{ "account: '123456789012'", "{\"account\":\"123456789012\"}", NULL },
	{ "own: abd", NULL, "f:1:6: `own` must match ^[a-c]+$, is \"abd\"\n" },
	{ "range: 10.0.0.0/16", "{\"range\":\"10.0.0.0/16\"}", NULL },
	{ "range: 10.0.0.1/16", NULL,
	    "f:1:8: `range` must be an address range such as 10.0.0.0/16, is "
	    "\"10.0.0.1/16\"\n" },
	{ "range: 2001:db8::/32", "{\"range\":\"2001:db8::/32\"}", NULL },
	{ "key: id:S", "{\"key\":\"id:S\"}", NULL },
	{ "key: id:X", NULL,
	    "f:1:6: `key` must be attribute:type, the type being S, N or B, "
	    "is \"id:X\"\n" },
	{ "mode: active", NULL,
	    "f:1:7: `mode` must be PassThrough or Active, is \"active\"; did "
	    "you mean `Active`?\n" },
	{ "queue: SqsQueue/a", "{\"queue\":\"SqsQueue/a\"}", NULL },
	{ "queue: 'arn:aws:sqs:x'", "{\"queue\":\"arn:aws:sqs:x\"}", NULL },
	{ "queue: Vpc/a", NULL,
	    "f:1:8: `queue` must be SqsQueue/name, SnsTopic/name or an ARN, "
	    "is \"Vpc/a\"\n" },
	{ "any: x", NULL,
	    "f:1:6: `any` must be Kind/name or an ARN, is \"x\"\n" },
	{ "path: ''", NULL, "f:1:7: `path` must be a path, is empty\n" },
	{ "secret: hunter2", NULL,
	    "f:1:9: `secret` must be an ARN such as "
	    "arn:aws:sqs:eu-west-1:123456789012:orders\n" },
	{ "secret: 12", NULL,
	    "f:1:9: `secret` must be an ARN such as "
	    "arn:aws:sqs:eu-west-1:123456789012:orders, is something else; "
	    "quote it\n" },
	/* choices */
	{ "encryption: sqs", "{\"encryption\":\"sqs\"}", NULL },
	{ "encryption: qss", NULL,
	    "f:1:13: `encryption` must be sqs or none or a map with kmsKey, "
	    "reuse, is \"qss\"; did you mean `sqs`?\n" },
	{ "encryption: {kmsKey: 'arn:aws:kms:::a'}",
	    "{\"encryption\":{\"kmsKey\":\"arn:aws:kms:::a\",\"reuse\":300}}",
	    NULL },
	{ "encryption: {kmskey: a}", NULL,
	    "f:1:13: `kmsKey` is required: the key\n"
	    "f:1:14: unknown field `kmskey`; did you mean `kmsKey`?\n" },
	{ "encryption: 3", NULL,
	    "f:1:13: `encryption` must be sqs or none or a map with kmsKey, "
	    "reuse, is the number 3\n" },
	{ "code: ALL", "{\"code\":\"ALL\"}", NULL },
	{ "code: 'arn:aws:kms:::a'", "{\"code\":\"arn:aws:kms:::a\"}", NULL },
	{ "code: al", NULL,
	    "f:1:7: `code` must be an ARN such as "
	    "arn:aws:sqs:eu-west-1:123456789012:orders, ALL or KEYS_ONLY, a "
	    "map with kmsKey, reuse, a map with bucket, a list or true or "
	    "false, is \"al\"\n" },
	{ "code: {bucket: b}", "{\"code\":{\"bucket\":\"b\"}}", NULL },
	{ "code: {bukcet: b}", NULL,
	    "f:1:7: `bucket` is required: its name\n"
	    "f:1:8: unknown field `bukcet`; did you mean `bucket`?\n" },
	{ "code: [a, b]", "{\"code\":[\"a\",\"b\"]}", NULL },
	{ "code: [a, 1]", NULL,
	    "f:1:11: `code.1` must be a string, is the number 1; quote it: "
	    "\"1\"\n" },
	{ "code: false", "{\"code\":false}", NULL },
	/* lists and maps */
	{ "list: [1, 2]", "{\"list\":[1,2]}", NULL },
	{ "list: [1, 1]", NULL, "f:1:11: `list.1` is there twice: 1\n" },
	{ "list: [1, 2, 3, 4]", NULL,
	    "f:1:7: `list` must have 0 to 3 elements, has 4\n" },
	{ "list: [1, x]", NULL,
	    "f:1:11: `list.1` must be a whole number, is \"x\"\n" },
	{ "list: 1", NULL, "f:1:7: `list` must be a list, is the number 1\n" },
	{ "map: {A: 1}", "{\"map\":{\"A\":1}}", NULL },
	{ "map: {1A: 1}", NULL,
	    "f:1:7: the name `1A` must be letters, digits and _, with no "
	    "digit first\n" },
	{ "map: {A: 10}", NULL, "f:1:10: `A` must be 1 to 9, is 10\n" },
	{ "kms: {}", NULL, "f:1:6: `kmsKey` is required: the key\n" },
	{ "free: {a: [null, {b: 1}]}", "{\"free\":{\"a\":[null,{\"b\":1}]}}",
	    NULL },
	/* references */
	{ "label: {$ref: [a, b]}", "{\"label\":{\"$ref\":[\"a\",\"b\"]}}",
	    NULL },
	{ "code: {$join: [a, b]}", "{\"code\":{\"$join\":[\"a\",\"b\"]}}",
	    NULL },
	{ "account: {$ref: [a, b]}", NULL,
	    "f:1:10: `account` must be known before anything is made: "
	    "${Kind/name.output} is not possible here\n" },
	{ "count: {$ref: [a, b]}", NULL,
	    "f:1:8: `count` must be known before anything is made: "
	    "${Kind/name.output} is not possible here\n" },
	{ "queue: {$ref: [a, b]}", NULL,
	    "f:1:8: `queue` names a manifest: write Kind/name instead of "
	    "${Kind/name.output}\n" },
	/* several at once; what was wrong already is passed by */
	{ "count: 11\nlabel: x\non: {$ref: []}\n", NULL,
	    "f:1:8: `count` must be 1 to 10, is 11\n"
	    "f:2:8: `label` must have 2 to 4 characters, has 1\n" },
};

static void
check_one(size_t i)
{
	struct errors errors = { 0 };
	auto_buf struct buf printed = BUF_INIT;
	struct doc *docs = NULL;
	json_t *ret = NULL;
	size_t n = 0;
	int rc;

	ck_assert_int_eq(doc_parse("f", rows[i].yaml, strlen(rows[i].yaml),
			     &docs, &n, &errors),
	    0);
	rc = check_fields(table, docs, "", docs->root, &ret, &errors);
	errors_sort(&errors);
	errors_print(&errors, &printed);
	if (rows[i].errors != NULL) {
		ck_assert_str_eq(printed.data, rows[i].errors);
		ck_assert_int_eq(rc, -1);
	} else {
		auto_free char *dump = NULL;

		ck_assert_str_eq(printed.data, "");
		ck_assert_int_eq(js_int(ret, "retention", 0), 345600);
		js_del(ret, "retention");
		dump = js_dump(ret);
		ck_assert_str_eq(dump, rows[i].json);
	}
	js_free(ret);
	doc_free(docs, n);
	errors_free(&errors);
}

START_TEST(checks)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		check_one(i);
}
END_TEST

static void
note(void *arg, const struct field *row, const char *pointer, const char *what)
{
	buf_addf(arg, "%d %s %s\n", row->type == F_REF, pointer, what);
}

START_TEST(hooks)
{
	const char *yaml = "queue: SqsQueue/a\nany: 'arn:aws:x'\npath: ./x\n";
	auto_buf struct buf noted = BUF_INIT;
	struct check_hook hook = { note, &noted };
	struct errors errors = { 0 };
	struct doc *docs = NULL;
	json_t *ret = NULL;
	size_t n = 0;

	ck_assert_int_eq(
	    doc_parse("f", yaml, strlen(yaml), &docs, &n, &errors), 0);
	ck_assert_int_eq(check_fields_hook(
			     table, docs, "", docs->root, &hook, &ret, &errors),
	    0);
	ck_assert_str_eq(noted.data, "1 /queue SqsQueue/a\n0 /path ./x\n");
	js_free(ret);
	doc_free(docs, n);
}
END_TEST

static const struct {
	const char *path, *name;
} finds[] = {
	{ "timeout", "timeout" },
	{ "kms.reuse", "reuse" },
	{ "encryption.kmsKey", "kmsKey" },
	{ "encryption.own", "own" },
	{ "code.bucket", "bucket" },
	{ "list.*", "n" },
	{ "nothing", NULL },
	{ "timeout.x", NULL },
	{ "kms.reuse.x", NULL },
};

START_TEST(find)
{
	for (size_t i = 0; i < COUNT(finds); i++) {
		const struct field *row = field_find(table, finds[i].path);

		ck_assert_msg((row == NULL) == (finds[i].name == NULL), "%s",
		    finds[i].path);
		if (row != NULL)
			ck_assert_str_eq(row->name, finds[i].name);
	}
}
END_TEST

START_TEST(explain)
{
	auto_buf struct buf b = BUF_INIT;

	field_explain(
	    &b, field_find(table, "retention"), "SqsQueue.spec.retention");
	ck_assert_str_eq(b.data,
	    "KIND:     SqsQueue\nFIELD:    spec.retention\n"
	    "TYPE:     duration\nDEFAULT:  4d\nLIMITS:   1m to 14d\n"
	    "\nDESCRIPTION:\n  how long it is kept\n");
	buf_clear(&b);
	field_explain(&b, field_find(table, "encryption"), "X.encryption");
	ck_assert_str_eq(b.data,
	    "KIND:     X\nFIELD:    encryption\n"
	    "TYPE:     sqs or none or map\n\nDESCRIPTION:\n  how\n\nFIELDS:\n"
	    "  kmsKey <string> required\n      the key\n"
	    "  reuse <duration>\n      default: 5m\n      how long\n");
}
END_TEST

START_TEST(markdown)
{
	auto_buf struct buf b = BUF_INIT;

	field_markdown(&b, encryption + 1);
	ck_assert_str_eq(b.data,
	    "| field | type | default | what |\n|---|---|---|---|\n"
	    "| `kms` | map |  | a KMS key |\n"
	    "| `kms.kmsKey` | string | required | the key (an ARN such as "
	    "arn:aws:sqs:eu-west-1:123456789012:orders) |\n"
	    "| `kms.reuse` | duration | `5m` | how long |\n");
}
END_TEST

START_TEST(schema)
{
	json_auto_t *made = field_schema(kms);
	auto_free char *dump = js_dump(made);

	ck_assert_str_eq(dump,
	    "{\"additionalProperties\":false,\"properties\":{\"kmsKey\":{"
	    "\"anyOf\":[{\"pattern\":\"^arn:aws[a-z-]*:[a-zA-Z0-9-]+:"
	    "[a-z0-9-]*:([0-9]{12}|aws)?:.+$\",\"type\":\"string\"},{"
	    "\"pattern\":\"\\\\$\\\\{\",\"type\":\"string\"}],"
	    "\"description\":\"the key\"},\"reuse\":{\"anyOf\":[{\"pattern\":"
	    "\"^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$\",\"type\":"
	    "\"string\"},{\"const\":0},{\"pattern\":\"^\\\\$\\\\{.*\\\\}$\","
	    "\"type\":\"string\"}],\"default\":\"5m\",\"description\":"
	    "\"how long\"}},\"required\":[\"kmsKey\"],\"type\":\"object\"}");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("check");
	TCase *tc = tcase_create("check");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, checks);
	tcase_add_test(tc, hooks);
	tcase_add_test(tc, find);
	tcase_add_test(tc, explain);
	tcase_add_test(tc, markdown);
	tcase_add_test(tc, schema);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
