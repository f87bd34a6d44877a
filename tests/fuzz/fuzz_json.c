/* Fuzzer: any bytes as an answer of the JSON and REST-JSON protocols. */

#include "tests/fuzz/fuzz_answer.h"

static const char *const operations[] = {
	"dynamodb DescribeTable",
	"sqs GetQueueAttributes",
	"ecs DescribeServices",
	"wafv2 GetWebACL",
	"lambda GetFunction",
	"lambda GetPolicy",
	"apigatewayv2 GetApis",
	"apigateway GetRestApi",
	"secretsmanager GetSecretValue",
	"bedrock-agent GetAgent",
	"cloudcontrol GetResource",
	"sso-oidc CreateToken",
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_answer(
	    operations, sizeof(operations) / sizeof(*operations), data, size);
	return 0;
}
