/* modules: hooks of resource types, on answers as AWS gives them. */

#include <check.h>
#include <string.h>
#include <time.h>

#include "common/base/mem.h"
#include "modules/modules.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static json_t *
parse(const char *text)
{
	json_t *x = NULL;
	struct err err;

	ck_assert_msg(js_parse(text, strlen(text), &x, &err) == 0, "%s", text);
	return x;
}

static const struct resource_type *
type_named(const char *name)
{
	const struct resource_type *t = registry_type(&modules_registry, name);

	ck_assert_msg(t != NULL, "%s", name);
	return t;
}

static void
check_path(
    const char *what, const json_t *x, const char *path, const char *want)
{
	const json_t *value = js_path(x, path);
	auto_free char *got = js_dump(value);

	ck_assert_msg(want == NULL ? value == NULL : strcmp(got, want) == 0,
	    "%s: %s is %s", what, path, got);
}

#define STATEMENT(rest)                                                        \
	"{\"Sid\":\"s\",\"Effect\":\"Allow\",\"Action\":"                      \
	"\"lambda:InvokeFunction\",\"Resource\":\"arn\"," rest "}"

static const struct {
	const char *what, *type, *answer, *path, *want;
} answers[] = {
	{ "queue by its URL", "sqs.queue",
	    "{\"QueueUrl\":\"https://sqs.eu-west-1.amazonaws.com/1/a-b\"}",
	    "QueueName", "\"a-b\"" },
	{ "subscription nobody confirmed", "sns.subscription",
	    "{\"SubscriptionArn\":\"PendingConfirmation\"}",
	    "PendingConfirmation", "\"true\"" },
	{ "subscription as Subscribe says it", "sns.subscription",
	    "{\"SubscriptionArn\":\"pending confirmation\"}",
	    "PendingConfirmation", "\"true\"" },
	{ "role: policies by name", "iam.role",
	    "{\"RolePolicyList\":[{\"PolicyName\":\"p\",\"PolicyDocument\":"
	    "{\"Statement\":[]}}]}",
	    "Policies", "{\"p\":{\"Statement\":[]}}" },
	{ "role: boundary", "iam.role",
	    "{\"PermissionsBoundary\":{\"PermissionsBoundaryType\":\"Policy\","
	    "\"PermissionsBoundaryArn\":\"arn:b\"}}",
	    "PermissionsBoundary", "\"arn:b\"" },
	{ "role: no policies", "iam.role", "{\"RolePolicyList\":[]}",
	    "Policies", NULL },

	{ "permission: service", "lambda.permission",
	    STATEMENT("\"Principal\":{\"Service\":\"sns.amazonaws.com\"},"
		      "\"Condition\":{\"ArnLike\":{\"AWS:SourceArn\":\"arn:t\""
		      "}}"),
	    "SourceArn", "\"arn:t\"" },
	{ "permission: principal of a service", "lambda.permission",
	    STATEMENT("\"Principal\":{\"Service\":\"sns.amazonaws.com\"}"),
	    "Principal", "\"sns.amazonaws.com\"" },
	{ "permission: account", "lambda.permission",
	    STATEMENT("\"Principal\":{\"AWS\":"
		      "\"arn:aws:iam::123456789012:root\"}"),
	    "Principal", "\"123456789012\"" },
	{ "permission: everybody", "lambda.permission",
	    STATEMENT("\"Principal\":\"*\""), "Principal", "\"*\"" },
	{ "permission: public URL", "lambda.permission",
	    STATEMENT("\"Principal\":\"*\",\"Condition\":{\"StringEquals\":{"
		      "\"lambda:FunctionUrlAuthType\":\"NONE\"}}"),
	    "FunctionUrlAuthType", "\"NONE\"" },
	{ "permission: by URL", "lambda.permission",
	    STATEMENT("\"Principal\":\"*\",\"Condition\":{\"Bool\":{"
		      "\"lambda:InvokedViaFunctionUrl\":\"true\"}}"),
	    "InvokedViaFunctionUrl", "true" },

	{ "function: flat", "lambda.function",
	    "{\"Configuration\":{\"Timeout\":3,\"Layers\":[{\"Arn\":\"l:1\","
	    "\"CodeSize\":1}]},\"Code\":{\"Location\":\"https://x\"}}",
	    "Layers", "[\"l:1\"]" },
	{ "function: reserved", "lambda.function",
	    "{\"Configuration\":{},\"Concurrency\":{"
	    "\"ReservedConcurrentExecutions\":5}}",
	    "ReservedConcurrentExecutions", "5" },
	{ "function: image by digest", "lambda.function",
	    "{\"Configuration\":{},\"Code\":{\"ImageUri\":\"r:latest\","
	    "\"ResolvedImageUri\":\"r@sha256:1\"}}",
	    "ImageUri", "\"r@sha256:1\"" },
	{ "function: S3 key from the tag", "lambda.function",
	    "{\"Configuration\":{},\"Tags\":{\"convergd:code\":"
	    "\"b/dir/k.zip@v1\"}}",
	    "S3Key", "\"dir/k.zip\"" },
	{ "function: S3 without a version", "lambda.function",
	    "{\"Configuration\":{},\"Tags\":{\"convergd:code\":\"b/k@\"}}",
	    "S3ObjectVersion", NULL },
	{ "mapping: being disabled", "lambda.event-source-mapping",
	    "{\"State\":\"Disabling\"}", "Enabled", "false" },
	{ "mapping: being made", "lambda.event-source-mapping",
	    "{\"State\":\"Creating\"}", "Enabled", "true" },
	{ "version: the latest is none", "lambda.version",
	    "{\"Version\":\"$LATEST\",\"Description\":\"[1]\"}", "Description",
	    NULL },
	{ "alias: its function", "lambda.alias",
	    "{\"AliasArn\":\"arn:aws:lambda:eu-west-1:1:function:f:live\"}",
	    "FunctionName", "\"f\"" },

	{ "api: an imported one is of the other sort", "apigatewayv2.api",
	    "{\"Tags\":{\"convergd:openapi\":\"true\",\"a\":\"b\"}}", "Tags",
	    "{}" },
	{ "api: headers in any case and order", "apigatewayv2.api",
	    "{\"CorsConfiguration\":{\"AllowHeaders\":[\"X-B\",\"x-a\"]}}",
	    "CorsConfiguration.AllowHeaders", "[\"x-a\",\"x-b\"]" },

	{ "table: provisioned without a summary", "dynamodb.table",
	    "{\"ProvisionedThroughput\":{\"ReadCapacityUnits\":1,"
	    "\"WriteCapacityUnits\":2,\"NumberOfDecreasesToday\":0}}",
	    "ProvisionedThroughput",
	    "{\"ReadCapacityUnits\":1,\"WriteCapacityUnits\":2}" },
	{ "table: on demand has no capacity", "dynamodb.table",
	    "{\"BillingModeSummary\":{\"BillingMode\":\"PAY_PER_REQUEST\"},"
	    "\"ProvisionedThroughput\":{\"ReadCapacityUnits\":0,"
	    "\"WriteCapacityUnits\":0}}",
	    "ProvisionedThroughput", NULL },
	{ "table: types of the key alone", "dynamodb.table",
	    "{\"KeySchema\":[{\"AttributeName\":\"id\",\"KeyType\":\"HASH\"}],"
	    "\"AttributeDefinitions\":[{\"AttributeName\":\"id\","
	    "\"AttributeType\":\"S\"},{\"AttributeName\":\"c\","
	    "\"AttributeType\":\"N\"}]}",
	    "KeyTypes", "{\"id\":\"S\"}" },
	{ "table: encryption", "dynamodb.table",
	    "{\"SSEDescription\":{\"Status\":\"ENABLED\",\"SSEType\":\"KMS\","
	    "\"KMSMasterKeyArn\":\"arn:k\"}}",
	    "SSESpecification",
	    "{\"Enabled\":true,\"KMSMasterKeyId\":\"arn:k\",\"SSEType\":"
	    "\"KMS\"}" },
	{ "table: TTL going away", "dynamodb.table",
	    "{\"TimeToLive\":{\"TimeToLiveStatus\":\"DISABLING\","
	    "\"AttributeName\":\"t\"}}",
	    "TimeToLiveSpecification", "{\"Enabled\":false}" },
	{ "function: what an image is started with", "lambda.function",
	    "{\"Configuration\":{\"ImageConfigResponse\":{\"ImageConfig\":{"
	    "\"Command\":[\"a\"]}}}}",
	    "ImageConfig", "{\"Command\":[\"a\"]}" },
	{ "table: what scaling calls it", "dynamodb.table",
	    "{\"TableName\":\"t\",\"GlobalSecondaryIndexes\":[{\"IndexName\":"
	    "\"i\"}]}",
	    "ScalingIds", "[\"table/t\",\"table/t/index/i\"]" },
};

/* Twice, because the engine may. */
START_TEST(normalises)
{
	json_auto_t *live = parse(answers[_i].answer);
	const struct resource_type *t = type_named(answers[_i].type);

	t->normalise(live);
	check_path(answers[_i].what, live, answers[_i].path, answers[_i].want);
	t->normalise(live);
	check_path(answers[_i].what, live, answers[_i].path, answers[_i].want);
}
END_TEST

#define PROVISIONED(r)                                                         \
	"\"BillingMode\":\"PROVISIONED\",\"ProvisionedThroughput\":{"          \
	"\"ReadCapacityUnits\":" #r ",\"WriteCapacityUnits\":1}"
#define INDEX(r)                                                               \
	"\"GlobalSecondaryIndexes\":[{\"IndexName\":\"i\","                    \
	"\"ProvisionedThroughput\":{\"ReadCapacityUnits\":" #r                 \
	",\"WriteCapacityUnits\":1}}]"

#define USER_INDEX(type)                                                       \
	"\"AttributeDefinitions\":[{\"AttributeName\":\"user\","               \
	"\"AttributeType\":\"" type "\"}],\"GlobalSecondaryIndexes\":[{"       \
	"\"IndexName\":\"i\",\"KeySchema\":[{\"AttributeName\":\"user\","      \
	"\"KeyType\":\"HASH\"}]}]"

static const struct {
	const char *what, *type, *desired, *live, *path, *want;
} wishes[] = {
	{ "stream: to another view by way of off", "dynamodb.table",
	    "{\"StreamSpecification\":{\"StreamEnabled\":true,"
	    "\"StreamViewType\":\"KEYS_ONLY\"}}",
	    "{\"StreamSpecification\":{\"StreamEnabled\":true,"
	    "\"StreamViewType\":\"NEW_IMAGE\"}}",
	    "StreamSpecification", "{\"StreamEnabled\":false}" },
	{ "TTL: to another attribute by way of off", "dynamodb.table",
	    "{\"TimeToLiveSpecification\":{\"Enabled\":true,"
	    "\"AttributeName\":\"b\"}}",
	    "{\"TimeToLiveSpecification\":{\"Enabled\":true,"
	    "\"AttributeName\":\"a\"}}",
	    "TimeToLiveSpecification",
	    "{\"AttributeName\":\"a\",\"Enabled\":false}" },
	{ "TTL: off names the attribute", "dynamodb.table", "{}",
	    "{\"TimeToLiveSpecification\":{\"Enabled\":true,"
	    "\"AttributeName\":\"a\"}}",
	    "TimeToLiveSpecification",
	    "{\"AttributeName\":\"a\",\"Enabled\":false}" },
	{ "capacity that autoscaling chose stays", "dynamodb.table",
	    "{\"Autoscaled\":true," PROVISIONED(2) "}", "{" PROVISIONED(50) "}",
	    "ProvisionedThroughput.ReadCapacityUnits", "50" },
	{ "capacity of Git is kept otherwise", "dynamodb.table",
	    "{" PROVISIONED(2) "}", "{" PROVISIONED(50) "}",
	    "ProvisionedThroughput.ReadCapacityUnits", "2" },
	{ "an index that exists is no difference by its capacity",
	    "dynamodb.table", "{" PROVISIONED(2) "," INDEX(2) "}",
	    "{" PROVISIONED(2) "," INDEX(9) "}",
	    "GlobalSecondaryIndexes.0.ProvisionedThroughput."
	    "ReadCapacityUnits",
	    "9" },
	{ "to provisioned: indexes in the same call", "dynamodb.table",
	    "{" PROVISIONED(2) ",\"IndexThroughput\":{\"i\":{"
			       "\"ReadCapacityUnits\":2}}}",
	    "{\"BillingMode\":\"PAY_PER_REQUEST\",\"GlobalSecondaryIndexes\":"
	    "[{\"IndexName\":\"i\"}]}",
	    "IndexUpdates.0.Update",
	    "{\"IndexName\":\"i\",\"ProvisionedThroughput\":{"
	    "\"ReadCapacityUnits\":2}}" },
	{ "rollout that is over", "lambda.alias",
	    "{\"FunctionVersion\":\"2\",\"PublishedAt\":"
	    "\"2020-01-01T00:00:00.000+0000\",\"Rollout\":{\"Percent\":10,"
	    "\"Minutes\":5}}",
	    "{\"FunctionVersion\":\"1\"}", "FunctionVersion", "\"2\"" },
	{ "an index whose key has another type is another index",
	    "dynamodb.table", "{" USER_INDEX("N") "}", "{" USER_INDEX("S") "}",
	    "GlobalSecondaryIndexes.0.KeyTypes", "{\"user\":\"N\"}" },
	{ "an index whose key has the same type", "dynamodb.table",
	    "{" USER_INDEX("S") "}", "{" USER_INDEX("S") "}",
	    "GlobalSecondaryIndexes.0.KeyTypes", NULL },
	{ "the latest code gives no share", "lambda.alias",
	    "{\"FunctionVersion\":\"2\",\"PublishedAt\":"
	    "\"2999-01-01T00:00:00.000+0000\",\"Rollout\":{\"Percent\":10,"
	    "\"Minutes\":5}}",
	    "{\"FunctionVersion\":\"$LATEST\"}", "FunctionVersion", "\"2\"" },
	{ "all at once", "lambda.alias", "{\"FunctionVersion\":\"2\"}",
	    "{\"FunctionVersion\":\"1\"}", "FunctionVersion", "\"2\"" },
};

START_TEST(completes)
{
	json_auto_t *desired = parse(wishes[_i].desired);
	json_auto_t *live = parse(wishes[_i].live);

	type_named(wishes[_i].type)->complete(desired, live);
	check_path(wishes[_i].what, desired, wishes[_i].path, wishes[_i].want);
}
END_TEST

START_TEST(rollout_gives_a_share)
{
	char text[256], now[64];
	time_t t = time(NULL);
	json_auto_t *live = parse("{\"FunctionVersion\":\"1\"}");
	json_auto_t *desired = NULL;
	struct tm tm;

	strftime(
	    now, sizeof(now), "%Y-%m-%dT%H:%M:%S.000+0000", gmtime_r(&t, &tm));
	snprintf(text, sizeof(text),
	    "{\"FunctionVersion\":\"2\",\"PublishedAt\":\"%s\",\"Rollout\":{"
	    "\"Percent\":10,\"Minutes\":5}}",
	    now);
	desired = parse(text);
	type_named("lambda.alias")->complete(desired, live);
	check_path("share", desired, "FunctionVersion", "\"1\"");
	check_path("share", desired, "RoutingConfig.AdditionalVersionWeights",
	    "{\"2\":0.10000000000000001}");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("hooks");
	TCase *tc = tcase_create("rows");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_loop_test(tc, normalises, 0, COUNT(answers));
	tcase_add_loop_test(tc, completes, 0, COUNT(wishes));
	tcase_add_test(tc, rollout_gives_a_share);
	suite_add_tcase(s, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
