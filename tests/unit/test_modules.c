/* modules: what manifests of each kind are refused for, and what they become.
 */

#include <check.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/mem.h"
#include "common/manifest/compile.h"
#include "modules/modules.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

#define KIND(kind, name, spec)                                                 \
	"---\napiVersion: convergd/v1\nkind: " kind                            \
	"\nmetadata: { name: " name " }\nspec: " spec "\n"
#define ARCH      KIND("Architecture", "shop", "{ region: eu-west-1 }")
#define Q(spec)   KIND("SqsQueue", "q", spec)
#define Q2(spec)  KIND("SqsQueue", "q2", spec)
#define T(spec)   KIND("SnsTopic", "t", spec)
#define D(spec)   KIND("DynamoDbTable", "d", spec)
#define R(spec)   KIND("IamRole", "r", spec)
#define API(spec) KIND("HttpApi", "a", spec)
#define CODE      "code: ./f, runtime: python3.12, handler: app.handler"
#define F(more)   KIND("LambdaFunction", "f", "{ " CODE more " }")
#define G(more)   KIND("LambdaFunction", "g", "{ " CODE more " }")

/* ---- a tree on disk ---- */

static void
write_file(const char *root, const char *name, const char *text)
{
	auto_free char *path = mem_fmt("%s/%s", root, name);
	FILE *out = fopen(path, "w");

	ck_assert_ptr_nonnull(out);
	ck_assert_int_ge(fputs(text, out), 0);
	ck_assert_int_eq(fclose(out), 0);
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int
compile_text(const char *text, struct compiled *ret)
{
	char root[] = "/tmp/test_modules.XXXXXX";
	auto_of(tree_free) struct tree *tree = NULL;
	auto_free char *code = NULL;
	struct err err = { 0 };
	int rc;

	ck_assert_ptr_nonnull(mkdtemp(root));
	write_file(root, "shop.yaml", text);
	code = mem_fmt("%s/f", root);
	ck_assert_int_eq(mkdir(code, 0700), 0);
	write_file(code, "app.py", "def handler(event, context): pass\n");
	write_file(root, "_api.json",
	    "{\"openapi\": \"3.0.1\", \"info\": {\"title\": \"x\", "
	    "\"version\": \"1\"}, \"paths\": {}}");
	ck_assert_msg(tree_of_directory(root, &tree, &err) == 0, "%s", err.msg);
	rc = compile(&modules_registry, tree, ".", ret);
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return rc;
}

/* ---- refused, with words that say what to do ---- */

#define QUEUE_IGNORING(pointer)                                                \
	"---\napiVersion: convergd/v1\nkind: SqsQueue\nmetadata: { name: q, "  \
	"policy: { ignore: [" pointer "] } }\nspec: {}\n"
#define LONG20 "aaaaaaaaaaaaaaaaaaaa"
#define LONG80 LONG20 LONG20 LONG20 LONG20

static const struct {
	const char *what, *text, *error;
} bad[] = {
	{ "queue: name", Q("{ name: " LONG80 "a }"), "AWS allows 80" },
	{ "queue: name of the dlq", Q("{ name: " LONG80 ", deadLetter: {} }"),
	    "AWS allows 80" },
	{ "queue: fifo suffix counts", Q("{ name: " LONG80 ", fifo: true }"),
	    "AWS allows 80" },
	{ "queue: deduplication", Q("{ contentBasedDeduplication: true }"),
	    "set fifo: true" },
	{ "queue: throughput", Q("{ highThroughput: true }"),
	    "set fifo: true" },
	{ "queue: dlq of another sort",
	    Q("{ fifo: true, deadLetter: { target: SqsQueue/q2 } }") Q2("{}"),
	    "both must be of one sort" },
	{ "queue: retention of a queue that exists",
	    Q("{ deadLetter: { target: SqsQueue/q2, retention: 1d } }")
		Q2("{}"),
	    "messageRetention of SqsQueue/q2" },
	{ "queue: receive wait", Q("{ receiveWait: 21s }"), "20s" },

	{ "ignore: no such property, but a longer one",
	    QUEUE_IGNORING("/spec/messageRetention"),
	    "shop.yaml:9:41: `/spec/messageRetention` leads to no property of "
	    "what SqsQueue/q makes; did you mean "
	    "/spec/MessageRetentionPeriod" },
	{ "ignore: nearly", QUEUE_IGNORING("/spec/delaySecond"),
	    "did you mean /spec/DelaySeconds?" },
	{ "ignore: nothing like it", QUEUE_IGNORING("/spec/frobnicate/x"),
	    "`convergctl render` shows them" },

	{ "topic: nothing to deliver to",
	    T("{ subscriptions: { a: { protocol: sqs } } }"),
	    "either `target`" },
	{ "topic: protocol",
	    T("{ subscriptions: { a: { endpoint: \"https://x.example\" } } }"),
	    "give the `protocol`" },
	{ "topic: one endpoint twice",
	    Q("{}") T("{ subscriptions: { a: { target: SqsQueue/q }, b: { "
		      "target: SqsQueue/q } } }"),
	    "subscribed by \"a\" already" },
	{ "topic: fifo queue",
	    Q("{ fifo: true }")
		T("{ subscriptions: { a: { target: SqsQueue/q } } }"),
	    "only FIFO topics" },
	{ "topic: fifo to a function",
	    F("") T("{ fifo: true, subscriptions: { a: { target: "
		    "LambdaFunction/f } } }"),
	    "put a queue between" },
	{ "topic: a queue that SNS cannot encrypt for",
	    Q("{ encryption: { kmsKey: alias/aws/sqs } }")
		T("{ subscriptions: { a: { target: SqsQueue/q } } }"),
	    "key of your own" },

	{ "table: two types of one attribute",
	    D("{ partitionKey: \"id:S\", indexes: { one: { partitionKey: "
	      "\"c:S\" }, two: { partitionKey: \"c:N\" } } }"),
	    "an attribute has one type" },
	{ "table: capacity",
	    D("{ partitionKey: \"id:S\", billing: { read: 5 "
	      "} }"),
	    "both `read` and `write`" },
	{ "table: autoscaling limits",
	    D("{ partitionKey: \"id:S\", billing: { autoscaling: { min: 5, "
	      "max: 4 } } }"),
	    "less than min" },
	{ "table: local index",
	    D("{ partitionKey: \"id:S\", localIndexes: { abc: { sortKey: "
	      "\"c:S\" } } }"),
	    "need a table with a sortKey" },
	{ "table: name of an index",
	    D("{ partitionKey: \"id:S\", indexes: { ab: { partitionKey: "
	      "\"c:S\" } } }"),
	    "3 to 255" },
	{ "table: capacity on demand",
	    D("{ partitionKey: \"id:S\", indexes: { abc: { partitionKey: "
	      "\"c:S\", capacity: { read: 1, write: 1 } } } }"),
	    "billed on demand" },
	{ "table: alarms that cannot publish",
	    T("{}") D("{ partitionKey: \"id:S\", throttleAlarms: { topic: "
		      "SnsTopic/t } }"),
	    "CloudWatch cannot publish" },

	{ "role: path", R("{ trust: [x.amazonaws.com], path: /a }"),
	    "must start and end" },

	{ "function: dead letters twice",
	    Q("{}") F(", deadLetter: SqsQueue/q, retries: { onFailure: "
		      "SqsQueue/q }"),
	    "twice" },
	{ "function: visibility",
	    Q("{}") F(", timeout: 60s, events: [{ source: SqsQueue/q }]"),
	    "hides a received message for 30s, less than this function's "
	    "timeout of 60s" },
	{ "function: stream",
	    D("{ partitionKey: \"id:S\" }")
		F(", events: [{ source: DynamoDbTable/d }]"),
	    "has no stream" },
	{ "function: one source twice",
	    Q("{}") F(", events: [{ source: SqsQueue/q }, { source: SqsQueue/q "
		      "}]"),
	    "is a source already" },
	{ "function: batch",
	    Q("{}") F(", events: [{ source: SqsQueue/q, batchSize: 11 }]"),
	    "`window` of at least 1s" },
	{ "function: image without digest",
	    KIND("LambdaFunction", "f", "{ code: { image: \"repo:latest\" } }"),
	    "@sha256:" },
	{ "function: image with a runtime",
	    KIND("LambdaFunction", "f",
		"{ code: { image: \"r@sha256:1\" }, runtime: python3.12 }"),
	    "brings its own runtime" },
	{ "function: no runtime",
	    KIND("LambdaFunction", "f", "{ code: ./f, handler: a.b }"),
	    "`runtime` is missing" },
	{ "function: uses with a foreign role",
	    Q("{}") F(", role: \"arn:aws:iam::123456789012:role/r\", uses: [{ "
		      "target: SqsQueue/q, access: send }]"),
	    "function's own role" },
	{ "function: retention", F(", logs: { retention: 31d }"), "use 60d" },
	{ "function: warm without an alias",
	    F(", concurrency: { provisioned: 1 }"), "add `alias: {}`" },
	{ "function: code",
	    KIND("LambdaFunction", "f",
		"{ code: ./none, runtime: a, handler: b }"),
	    "none" },

	{ "api: nothing", API("{}"), "`routes` or `openapi`" },
	{ "api: both",
	    API("{ openapi: _api.json, routes: { $default: { target: "
		"\"https://x.example\" } } }"),
	    "`routes` or `openapi`" },
	{ "api: route key",
	    API("{ routes: { /a: { target: \"https://x.example\" } } }"),
	    "METHOD /path" },
	{ "api: target", API("{ routes: { GET /a: { target: SqsQueue/q } } }"),
	    "is no target" },
	{ "api: unknown function",
	    API("{ routes: { GET /a: { target: LambdaFunction/none } } }"),
	    "none" },
	{ "api: unknown authorizer",
	    F("") API("{ routes: { GET /a: { target: LambdaFunction/f, "
		      "authorizer: who } } }"),
	    "no authorizer \"who\"" },
};

START_TEST(refused)
{
	auto_free char *text = mem_fmt("%s%s", ARCH, bad[_i].text);
	struct compiled c = { 0 };
	struct errors errors = { 0 };
	auto_buf struct buf b = BUF_INIT;

	ck_assert_int_eq(compile_text(text, &c), -1);
	compiled_errors(&c, &errors);
	errors_print(&errors, &b);
	ck_assert_msg(strstr(b.data, bad[_i].error) != NULL, "%s: %s",
	    bad[_i].what, b.data);
	errors_free(&errors);
	compiled_free(&c);
}
END_TEST

/* ---- expanded: the value at a path of a resource's properties ---- */

#define TABLE_ALL                                                              \
	"{ partitionKey: \"id:S\", sortKey: \"at:N\", billing: { read: 5, "    \
	"write: 6, autoscaling: { min: 2, max: 9 } }, indexes: { byC: { "      \
	"partitionKey: \"c:B\", project: [x] } }, encryption: aws-managed, "   \
	"stream: KEYS_ONLY }"

static const struct {
	const char *what, *text, *address, *path, *json;
} good[] = {
	{ "queue: fifo name", Q("{ fifo: true }"), "SqsQueue/q/queue",
	    "QueueName", "\"shop-q.fifo\"" },
	{ "queue: name of the dlq", Q("{ fifo: true, deadLetter: {} }"),
	    "SqsQueue/q/dlq", "QueueName", "\"shop-q-dlq.fifo\"" },
	{ "queue: redrive", Q("{ deadLetter: { maxReceives: 3 } }"),
	    "SqsQueue/q/queue", "RedrivePolicy",
	    "{\"deadLetterTargetArn\":{\"$ref\":[\"shop/SqsQueue/q/dlq\","
	    "\"@arn\"]},\"maxReceiveCount\":3}" },
	{ "queue: encrypted", Q("{}"), "SqsQueue/q/queue",
	    "SqsManagedSseEnabled", "true" },
	{ "queue: TLS", Q("{}"), "SqsQueue/q/queue",
	    "Policy.Statement.0.Effect", "\"Deny\"" },
	{ "queue: nothing to say", Q("{ tlsOnly: false }"), "SqsQueue/q/queue",
	    "Policy", NULL },
	{ "queue: topic may send",
	    Q("{ tlsOnly: false }")
		T("{ subscriptions: { a: { target: SqsQueue/q } } }"),
	    "SqsQueue/q/queue", "Policy.Statement.0.Condition",
	    "{\"ArnEquals\":{\"aws:SourceArn\":{\"$weak\":{\"$ref\":["
	    "\"shop/SnsTopic/t/topic\",\"@arn\"]}}}}" },

	{ "topic: encrypted", T("{}"), "SnsTopic/t/topic", "KmsMasterKeyId",
	    "\"alias/aws/sns\"" },
	{ "topic: function may be called",
	    F("") T("{ subscriptions: { a: { target: LambdaFunction/f } } }"),
	    "SnsTopic/t/permission.sns-t-a", "Principal",
	    "\"sns.amazonaws.com\"" },
	{ "topic: protocol follows",
	    F("") T("{ subscriptions: { a: { target: LambdaFunction/f } } }"),
	    "SnsTopic/t/subscription.a", "Protocol", "\"lambda\"" },

	{ "table: key types", D(TABLE_ALL), "DynamoDbTable/d/table", "KeyTypes",
	    "{\"at\":\"N\",\"id\":\"S\"}" },
	{ "table: index", D(TABLE_ALL), "DynamoDbTable/d/table",
	    "GlobalSecondaryIndexes.0",
	    "{\"IndexName\":\"byC\",\"KeySchema\":[{\"AttributeName\":\"c\","
	    "\"KeyType\":\"HASH\"}],\"Projection\":{\"NonKeyAttributes\":["
	    "\"x\"],\"ProjectionType\":\"INCLUDE\"},\"ProvisionedThroughput\":"
	    "{\"ReadCapacityUnits\":5,\"WriteCapacityUnits\":6}}" },
	{ "table: scaling of an index", D(TABLE_ALL),
	    "DynamoDbTable/d/target.write-byC", "ScalableDimension",
	    "\"dynamodb:index:WriteCapacityUnits\"" },
	{ "table: scaling policy", D(TABLE_ALL), "DynamoDbTable/d/policy.read",
	    "PolicyName", "\"shop-d-read\"" },
	{ "table: encryption", D(TABLE_ALL), "DynamoDbTable/d/table",
	    "SSESpecification", "{\"Enabled\":true,\"SSEType\":\"KMS\"}" },
	{ "table: on demand", D("{ partitionKey: \"id:S\" }"),
	    "DynamoDbTable/d/table", "BillingMode", "\"PAY_PER_REQUEST\"" },

	{ "role: AWS's policies",
	    R("{ trust: [ec2.amazonaws.com], managedPolicies: "
	      "[ReadOnlyAccess] }"),
	    "IamRole/r/role", "ManagedPolicyArns.0",
	    "{\"$join\":[\"arn:\",{\"$ref\":[\"aws\",\"partition\"]},"
	    "\":iam::aws:policy/\",\"ReadOnlyAccess\"]}" },
	{ "role: profile",
	    R("{ trust: [ec2.amazonaws.com], instanceProfile: true }"),
	    "IamRole/r/profile", "InstanceProfileName", "\"shop-r\"" },

	{ "function: log group first", F(""), "LambdaFunction/f/function",
	    "LoggingConfig.LogGroup",
	    "{\"$ref\":[\"shop/LambdaFunction/f/logs\",\"logGroupName\"]}" },
	{ "function: a long name's role",
	    KIND("LambdaFunction", "f",
		"{ name: " LONG20 LONG20 LONG20 ", " CODE " }"),
	    "LambdaFunction/f/role", "RoleName",
	    "\"" LONG20 LONG20 "aaaaaaaaaa-9384b05d-role\"" },
	{ "function: public URL", F(", url: { auth: NONE }"),
	    "LambdaFunction/f/permission.url-invoke", "InvokedViaFunctionUrl",
	    "true" },
	{ "function: alias takes the events",
	    Q("{}") F(", alias: {}, events: [{ source: SqsQueue/q }]"),
	    "LambdaFunction/f/event.SqsQueue-q", "BatchSize", "10" },
	{ "function: version", F(", alias: { name: live }"),
	    "LambdaFunction/f/alias", "FunctionVersion",
	    "{\"$ref\":[\"shop/LambdaFunction/f/version\",\"Version\"]}" },
	{ "function: two that call each other",
	    F(", uses: [{ target: LambdaFunction/g, access: invoke, env: false "
	      "}]")
		G(", uses: [{ target: LambdaFunction/f, access: invoke, env: "
		  "false }]"),
	    "LambdaFunction/g/function", "Timeout", "30" },
	{ "function: destination",
	    Q("{}") F(", retries: { onFailure: SqsQueue/q }"),
	    "LambdaFunction/f/async", "DestinationConfig.OnFailure",
	    "{\"Destination\":{\"$ref\":[\"shop/SqsQueue/q/queue\",\"@arn\"]"
	    "}}" },

	{ "api: permission for the route",
	    F("") API("{ routes: { \"ANY /a/{b+}\": { target: LambdaFunction/f "
		      "} } }"),
	    "HttpApi/a/permission.a-ANY:a:{b+}", "SourceArn.$join.8",
	    "\"/*/*/a/{b+}\"" },
	{ "api: default route",
	    F("") API("{ routes: { $default: { target: LambdaFunction/f } } }"),
	    "HttpApi/a/permission.a-$default", "SourceArn.$join.8",
	    "\"/*/$default\"" },
	{ "api: alias of the target",
	    F(", alias: {}")
		API("{ routes: { GET /a: { target: LambdaFunction/f } } }"),
	    "HttpApi/a/integration.LambdaFunction:f", "IntegrationUri",
	    "{\"$ref\":[\"shop/LambdaFunction/f/alias\",\"@arn\"]}" },
	{ "api: limits of a route",
	    F("") API("{ routes: { GET /a: { target: LambdaFunction/f, "
		      "throttle: { rate: 5, burst: 2 } } } }"),
	    "HttpApi/a/stage", "RouteSettings",
	    "{\"GET /a\":{\"DetailedMetricsEnabled\":true,"
	    "\"ThrottlingBurstLimit\":2,\"ThrottlingRateLimit\":5}}" },
	{ "api: no logs",
	    F("") API("{ accessLogs: false, routes: { GET /a: { target: "
		      "LambdaFunction/f } } }"),
	    "HttpApi/a/stage", "AccessLogSettings", NULL },
	{ "api: document", API("{ openapi: _api.json }"), "HttpApi/a/api",
	    "Name", "\"shop-a\"" },
	{ "api: authorizer",
	    F("") API("{ authorizers: { l: { lambda: LambdaFunction/f } }, "
		      "routes: { GET /a: { target: LambdaFunction/f, "
		      "authorizer: l } } }"),
	    "HttpApi/a/route.GET:a", "AuthorizationType", "\"CUSTOM\"" },
};

START_TEST(expanded)
{
	auto_free char *text = mem_fmt("%s%s", ARCH, good[_i].text);
	auto_free char *address = mem_fmt("shop/%s", good[_i].address);
	auto_free char *got = NULL;
	struct compiled c = { 0 };
	struct errors errors = { 0 };
	auto_buf struct buf b = BUF_INIT;
	const struct resource *r;
	json_auto_t *props = NULL;
	const json_t *value;

	compile_text(text, &c);
	compiled_errors(&c, &errors);
	errors_print(&errors, &b);
	ck_assert_msg(errors.n == 0, "%s: %s", good[_i].what, b.data);
	r = graph_find(c.list[0].graph, address);
	ck_assert_msg(r != NULL, "%s: no %s", good[_i].what, address);
	props = packed_open(r->props);
	value = js_path(props, good[_i].path);
	got = js_dump(value);
	ck_assert_msg(good[_i].json == NULL ? value == NULL
					    : strcmp(got, good[_i].json) == 0,
	    "%s: %s", good[_i].what, got);
	errors_free(&errors);
	compiled_free(&c);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("modules");
	TCase *tc = tcase_create("rows");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_loop_test(tc, refused, 0, COUNT(bad));
	tcase_add_loop_test(tc, expanded, 0, COUNT(good));
	suite_add_tcase(s, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
