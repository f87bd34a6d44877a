/* Inputs that we refuse, and what the errors of AWS mean. */

#include "common/aws/codec.h"
#include "common/base/mem.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct aws_operation
operation(const char *service, const char *name)
{
	struct aws_operation o = { &model_builtin, NULL, NULL };

	o.service = model_service(o.model, service);
	ck_assert_ptr_nonnull(o.service);
	o.op = model_op(o.model, o.service, name);
	ck_assert_msg(o.op != NULL, "%s", name);
	return o;
}

/* ' for " */
static void
add_quoted(struct buf *b, const char *text)
{
	for (; *text != 0; text++)
		buf_addc(b, *text == '\'' ? '"' : *text);
}

static const struct {
	const char *service, *op, *in, *message;
} refused[] = {
	{ "sqs", "CreateQueue", "{'QueueNme':'q'}",
	    "the input has no member \"QueueNme\"; did you mean "
	    "\"QueueName\"?" },
	{ "sqs", "CreateQueue", "{'Zzzzzzzzzzz':'q'}",
	    "the input has no member \"Zzzzzzzzzzz\"" },
	{ "sqs", "CreateQueue", "{}", "QueueName is required" },
	{ "sqs", "CreateQueue", "{'QueueName':null}", "QueueName is required" },
	{ "sqs", "CreateQueue", "{'QueueName':5}",
	    "QueueName must be a string, not an integer" },
	{ "sqs", "CreateQueue", "{'QueueName':{}}",
	    "QueueName must be a string, not an object" },
	{ "sqs", "CreateQueue", "[]",
	    "the input must be an object, not an array" },
	{ "sqs", "CreateQueue",
	    "{'QueueName':'q','Attributes':{'DelaySeconds':5}}",
	    "Attributes.DelaySeconds must be a string, not an integer" },
	{ "ec2", "CreateVpc", "{'TagSpecifications':[{'Tags':[{'Kay':'x'}]}]}",
	    "TagSpecifications[0].Tags[0] has no member \"Kay\"; did you mean "
	    "\"Key\"?" },
	{ "ec2", "CreateVpc", "{'TagSpecifications':{}}",
	    "TagSpecifications must be an array, not an object" },
	{ "ec2", "CreateVpc", "{'DryRun':'true'}",
	    "DryRun must be a boolean, not a string" },
	{ "ec2", "CreateVpc", "{'Ipv4NetmaskLength':1.5}",
	    "Ipv4NetmaskLength must be an integer, not a number" },
	{ "lambda", "UpdateFunctionCode",
	    "{'FunctionName':'f','ZipFile':'a b'}",
	    "ZipFile must be base64, not a string" },
	{ "lambda", "DeleteFunction", "{'FunctionName':''}",
	    "FunctionName must not be empty" },
	{ "cloudwatch", "GetMetricStatistics",
	    "{'Namespace':'n','MetricName':'m','Period':1,'EndTime':1,"
	    "'StartTime':'yesterday'}",
	    "StartTime must be a timestamp (ISO 8601 or seconds), not a "
	    "string" },
	{ "s3", "PutObject",
	    "{'Bucket':'b','Key':'k','Metadata':{'a':'x\\ny'}}",
	    "x-amz-meta-a: a header cannot hold control characters" },
	{ "s3", "PutObject",
	    "{'Bucket':'b','Key':'k','Metadata':{'a':'\u00e4'}}",
	    "Metadata: \"a\" and its value must be ASCII" },
	{ "s3", "PutObject",
	    "{'Bucket':'b','Key':'k','Metadata':{'\u00e4':'a'}}",
	    "and its value must be ASCII" },
	{ "s3", "PutBucketTagging",
	    "{'Bucket':'b','Tagging':{'TagSet':[]},'ChecksumAlgorithm':"
	    "'MD4'}",
	    "ChecksumAlgorithm must be CRC32, CRC32C, CRC64NVME, SHA1 or "
	    "SHA256, not MD4" },
	{ "bedrock-agent", "CreateDataSource",
	    "{'knowledgeBaseId':'k','name':'n','dataSourceConfiguration':"
	    "{'type':'S3'},'vectorIngestionConfiguration':"
	    "{'customTransformationConfiguration':{}}}",
	    "is required" },
};

START_TEST(refuse)
{
	struct aws_operation o = operation(refused[_i].service, refused[_i].op);
	struct aws_request req = AWS_REQUEST_INIT;
	auto_buf struct buf text = BUF_INIT;
	json_auto_t *in = NULL;
	struct err err = { 0 };

	add_quoted(&text, refused[_i].in);
	ck_assert_int_eq(js_parse(text.data, text.len, &in, &err), 0);
	ck_assert_int_eq(codec_request(&o, in, &req, &err), -1);
	ck_assert_int_eq(err.kind, ERR_INPUT);
	ck_assert_msg(
	    strstr(err.msg, refused[_i].message) != NULL, "%s", err.msg);
	aws_request_free(&req);
}
END_TEST

static const struct {
	const char *service, *op;
	int status;
	const char *headers, *body;
	enum err_kind kind;
	const char *code, *msg;
} errors[] = {
	{ "iam", "GetRole", 404, "",
	    "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity"
	    "</Code><Message>no r</Message></Error><RequestId>7f3a"
	    "</RequestId></ErrorResponse>",
	    ERR_ABSENT, "NoSuchEntity",
	    "NoSuchEntity: no r (HTTP 404, request 7f3a)" },
	{ "ec2", "DescribeVpcs", 400, "",
	    "<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code>"
	    "<Message>m</Message></Error></Errors><RequestID>r</RequestID>"
	    "</Response>",
	    ERR_ABSENT, "InvalidVpcID.NotFound",
	    "InvalidVpcID.NotFound: m (HTTP 400, request r)" },
	{ "s3", "GetBucketPolicy", 404, "x-amz-request-id: R\nx-amz-id-2: h\n",
	    "<Error><Code>NoSuchBucketPolicy</Code><Message>m</Message>"
	    "</Error>",
	    ERR_ABSENT, "NoSuchBucketPolicy",
	    "NoSuchBucketPolicy: m (HTTP 404, request R)" },
	{ "s3", "HeadBucket", 404, "", "", ERR_ABSENT, "404",
	    "404: Not Found (HTTP 404)" },
	{ "s3", "CopyObject", 200, "",
	    "<Error><Code>InternalError</Code><Message>m</Message></Error>",
	    ERR_TRANSIENT, "InternalError", "InternalError: m (HTTP 200)" },
	{ "sqs", "GetQueueUrl", 400,
	    "x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender"
	    "\nx-amzn-requestid: q1\n",
	    "{'__type':'com.amazonaws.sqs#QueueDoesNotExist','message':'m'}",
	    ERR_ABSENT, "AWS.SimpleQueueService.NonExistentQueue",
	    "AWS.SimpleQueueService.NonExistentQueue: m (HTTP 400, request "
	    "q1)" },
	{ "sqs", "GetQueueUrl", 400, "",
	    "{'__type':'com.amazonaws.sqs#QueueDoesNotExist'}", ERR_ABSENT,
	    "QueueDoesNotExist", "QueueDoesNotExist (HTTP 400)" },
	{ "lambda", "GetFunction", 404,
	    "x-amzn-errortype: ResourceNotFoundException:http://x/\n",
	    "{'Message':'m','Type':'User'}", ERR_ABSENT,
	    "ResourceNotFoundException",
	    "ResourceNotFoundException: m (HTTP 404)" },
	{ "sso-oidc", "CreateToken", 400, "",
	    "{'error':'invalid_grant','error_description':'old'}", ERR_AUTH,
	    "invalid_grant", "invalid_grant: old (HTTP 400)" },
	{ "ec2", "DescribeVpcs", 503, "",
	    "<html><head><title>503</title></head><body>no</body></html>",
	    ERR_TRANSIENT, "503", "503: Service Unavailable (HTTP 503)" },
	{ "ecs", "ListClusters", 502, "", "<!doctype html><p>Bad gateway",
	    ERR_TRANSIENT, "502", "502: Bad Gateway (HTTP 502)" },
	{ "ecs", "ListClusters", 400, "", "not JSON", ERR_TERMINAL, "400",
	    "400: Bad Request (HTTP 400)" },
	{ "route53", "ChangeResourceRecordSets", 400, "",
	    "<InvalidChangeBatch xmlns='x'><Messages><Message>a b</Message>"
	    "</Messages></InvalidChangeBatch>",
	    ERR_TERMINAL, "InvalidChangeBatch",
	    "InvalidChangeBatch: a b (HTTP 400)" },
};

static int
answer(const struct aws_operation *o, int status, const char *headers,
    const char *body, struct err *err)
{
	auto_buf struct buf h = BUF_INIT, b = BUF_INIT;
	struct aws_answer a = { status, &h, &b };
	json_auto_t *out = NULL;

	buf_adds(&h, headers);
	add_quoted(&b, body);
	return codec_response(o, &a, &out, err);
}

START_TEST(error)
{
	struct aws_operation o = operation(errors[_i].service, errors[_i].op);
	struct err err = { 0 };

	ck_assert_int_eq(answer(&o, errors[_i].status, errors[_i].headers,
			     errors[_i].body, &err),
	    -1);
	ck_assert_str_eq(err.msg, errors[_i].msg);
	ck_assert_str_eq(err.code, errors[_i].code);
	ck_assert_str_eq(
	    err_kind_name(err.kind), err_kind_name(errors[_i].kind));
	ck_assert_int_eq(err.http, errors[_i].status);
}
END_TEST

static const struct {
	const char *service, *op, *code, *message;
	int http;
	enum err_kind kind;
} classes[] = {
	{ "sns", "GetTopicAttributes", "NotFound", "", 404, ERR_ABSENT },
	{ "sqs", "CreateQueue", "QueueDeletedRecently", "", 400, ERR_BUSY },
	{ "sqs", "CreateQueue", "AWS.SimpleQueueService.QueueDeletedRecently",
	    "", 400, ERR_BUSY },
	{ "sqs", "CreateQueue", "QueueNameExists", "", 400, ERR_EXISTS },
	{ "ec2", "CreateVpc", "VpcLimitExceeded", "", 400, ERR_QUOTA },
	{ "ec2", "CreateVpc", "RequestLimitExceeded", "", 503, ERR_THROTTLED },
	{ "ec2", "CreateVpc", "UnauthorizedOperation", "", 403, ERR_DENIED },
	{ "ec2", "CreateVpc", "AuthFailure", "", 401, ERR_AUTH },
	{ "ec2", "DeleteVpc", "DependencyViolation", "", 400, ERR_BUSY },
	{ "ec2", "DeleteVpc", "InvalidVpcID.Malformed", "", 400, ERR_TERMINAL },
	{ "ec2", "CreateSubnet", "InvalidSubnet.Conflict", "", 400,
	    ERR_TERMINAL },
	{ "ec2", "AuthorizeSecurityGroupIngress", "InvalidPermission.Duplicate",
	    "", 400, ERR_EXISTS },
	{ "ec2", "CreateRoute", "RouteAlreadyExists", "", 400, ERR_EXISTS },
	{ "dynamodb", "CreateTable", "LimitExceededException", "", 400,
	    ERR_QUOTA },
	{ "dynamodb", "CreateTable", "LimitExceededException", "", 429,
	    ERR_THROTTLED },
	{ "dynamodb", "CreateTable", "ResourceInUseException",
	    "Table already exists: t", 400, ERR_EXISTS },
	{ "dynamodb", "UpdateTable", "ResourceInUseException",
	    "Table is being updated", 400, ERR_BUSY },
	{ "lambda", "CreateFunction", "ResourceConflictException",
	    "Function already exist: f", 409, ERR_EXISTS },
	{ "lambda", "CreateFunction", "InvalidParameterValueException",
	    "The role defined for the function cannot be assumed by Lambda.",
	    400, ERR_BUSY },
	{ "lambda", "CreateFunction", "InvalidParameterValueException",
	    "Runtime is bad", 400, ERR_TERMINAL },
	{ "lambda", "CreateFunction", "TooManyRequestsException", "", 429,
	    ERR_THROTTLED },
	{ "iam", "DeleteRole", "DeleteConflict", "", 409, ERR_BUSY },
	{ "iam", "CreateRole", "EntityAlreadyExists", "", 409, ERR_EXISTS },
	{ "iam", "CreateRole", "LimitExceeded", "", 409, ERR_QUOTA },
	{ "iam", "CreateRole", "MalformedPolicyDocument",
	    "Invalid principal in policy: x", 400, ERR_BUSY },
	{ "iam", "CreateRole", "MalformedPolicyDocument", "bad", 400,
	    ERR_TERMINAL },
	{ "cloudfront", "DeleteFunction", "NoSuchFunctionExists", "", 404,
	    ERR_ABSENT },
	{ "cloudfront", "CreateFunction", "FunctionAlreadyExists", "", 409,
	    ERR_EXISTS },
	{ "cloudfront", "UpdateDistribution", "PreconditionFailed", "", 412,
	    ERR_BUSY },
	{ "cloudfront", "DeleteDistribution", "DistributionNotDisabled", "",
	    409, ERR_BUSY },
	{ "route53", "ChangeResourceRecordSets", "PriorRequestNotComplete", "",
	    400, ERR_THROTTLED },
	{ "wafv2", "GetWebACL", "WAFNonexistentItemException", "", 400,
	    ERR_ABSENT },
	{ "wafv2", "CreateWebACL", "WAFLimitsExceededException", "", 400,
	    ERR_QUOTA },
	{ "wafv2", "UpdateWebACL", "WAFOptimisticLockException", "", 400,
	    ERR_BUSY },
	{ "rds", "DescribeDBInstances", "DBInstanceNotFound", "", 404,
	    ERR_ABSENT },
	{ "rds", "ModifyDBInstance", "InvalidDBInstanceState", "", 400,
	    ERR_BUSY },
	{ "sts", "GetCallerIdentity", "ExpiredToken", "", 403, ERR_AUTH },
	{ "sts", "GetCallerIdentity", "SignatureDoesNotMatch", "", 403,
	    ERR_AUTH },
	{ "dynamodb", "UpdateTable", "ReplicatedWriteConflictException", "",
	    400, ERR_BUSY },
	{ "ec2", "AssociateRouteTable", "Resource.AlreadyAssociated", "", 400,
	    ERR_EXISTS },
	{ "elbv2", "AddTags", "DuplicateTagKeys", "", 400, ERR_TERMINAL },
	{ "kms", "CreateKey", "KMSInternalException", "", 500, ERR_TRANSIENT },
	{ "ecs", "ListClusters", "Whatever", "", 500, ERR_TRANSIENT },
	{ "ecs", "ListClusters", "Whatever", "", 501, ERR_TERMINAL },
	{ "ecs", "ListClusters", "Whatever", "", 400, ERR_TERMINAL },
	{ "ecs", "ListClusters", "UnknownOperationException", "", 404,
	    ERR_TERMINAL },
};

START_TEST(class)
{
	struct aws_operation o = operation(classes[_i].service, classes[_i].op);
	auto_buf struct buf body = BUF_INIT;
	struct err err = { 0 };
	bool json = o.service->protocol == PROTO_JSON ||
		    o.service->protocol == PROTO_REST_JSON;

	buf_addf(&body,
	    json ? "{'code':'%s','message':'%s'}"
		 : "<Error><Code>%s</Code><Message>%s</Message></Error>",
	    classes[_i].code, classes[_i].message);
	ck_assert_int_eq(answer(&o, classes[_i].http, "", body.data, &err), -1);
	ck_assert_str_eq(err.code, classes[_i].code);
	ck_assert_msg(err.kind == classes[_i].kind, "%s: %s", err.msg,
	    err_kind_name(err.kind));
}
END_TEST

#define ROWS(x) (int)(sizeof(x) / sizeof(*(x)))

int
main(void)
{
	Suite *s = suite_create("codec errors");
	TCase *t = tcase_create("rows");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, refuse, 0, ROWS(refused));
	tcase_add_loop_test(t, error, 0, ROWS(errors));
	tcase_add_loop_test(t, class, 0, ROWS(classes));
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
