/* Codecs: requests and answers of every protocol, as rows. */

#include "common/aws/codec.h"
#include "common/base/mem.h"
#include "tests/unit/quoted.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define FORM "Content-Type: application/x-www-form-urlencoded\n"

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

static const struct {
	const char *service, *op, *in, *path, *query, *headers, *body;
} requests[] = {
	{ "sts", "GetCallerIdentity", "{}", "/", "", FORM,
	    "Action=GetCallerIdentity&Version=2011-06-15" },
	{ "iam", "CreateRole",
	    "{'RoleName':'r','AssumeRolePolicyDocument':{'Version':'1'},"
	    "'Tags':[{'Key':'a b','Value':'&'},{'Key':'c','Value':''}]}",
	    "/", "", FORM,
	    "Action=CreateRole&Version=2010-05-08&RoleName=r"
	    "&AssumeRolePolicyDocument=%7B%22Version%22%3A%221%22%7D"
	    "&Tags.member.1.Key=a%20b&Tags.member.1.Value=%26"
	    "&Tags.member.2.Key=c&Tags.member.2.Value=" },
	{ "rds", "DescribeDBInstances",
	    "{'Filters':[{'Name':'n','Values':['v']}]}", "/", "", FORM,
	    "Action=DescribeDBInstances&Version=2014-10-31"
	    "&Filters.Filter.1.Name=n&Filters.Filter.1.Values.Value.1=v" },
	{ "sns", "CreateTopic",
	    "{'Name':'t','Attributes':{'DisplayName':'d'},'Tags':[]}", "/", "",
	    FORM,
	    "Action=CreateTopic&Version=2010-03-31&Name=t"
	    "&Attributes.entry.1.key=DisplayName&Attributes.entry.1.value=d"
	    "&Tags=" },
	{ "ec2", "CreateVpc",
	    "{'CidrBlock':'10.0.0.0/16','DryRun':false,'TagSpecifications':"
	    "[{'ResourceType':'vpc','Tags':[{'Key':'k','Value':'v'}]}]}",
	    "/", "", FORM,
	    "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16"
	    "&DryRun=false&TagSpecification.1.ResourceType=vpc"
	    "&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value="
	    "v" },
	{ "ec2", "DescribeVpcs", "{'VpcIds':[],'Filters':null}", "/", "", FORM,
	    "Action=DescribeVpcs&Version=2016-11-15" },
	{ "ec2", "DescribeVpcs", "{'VpcIds':['vpc-1','vpc-2']}", "/", "", FORM,
	    "Action=DescribeVpcs&Version=2016-11-15&VpcId.1=vpc-1"
	    "&VpcId.2=vpc-2" },
	{ "sqs", "CreateQueue",
	    "{'QueueName':'q','Attributes':{'Policy':{'a':1}},'tags':null}",
	    "/", "",
	    "Content-Type: application/x-amz-json-1.0\n"
	    "X-Amz-Target: AmazonSQS.CreateQueue\n"
	    "x-amzn-query-mode: true\n",
	    "{\"QueueName\":\"q\",\"Attributes\":{\"Policy\":"
	    "\"{\\\"a\\\":1}\"}}" },
	{ "ecs", "ListClusters", "{}", "/", "",
	    "Content-Type: application/x-amz-json-1.1\n"
	    "X-Amz-Target: AmazonEC2ContainerServiceV20141113.ListClusters\n",
	    "{}" },
	{ "logs", "PutLogEvents",
	    "{'logGroupName':'g\\n','logStreamName':'s\\u00e9','logEvents':"
	    "[{'timestamp':1500000000000,'message':'\\u0001'}]}",
	    "/", "",
	    "Content-Type: application/x-amz-json-1.1\n"
	    "X-Amz-Target: Logs_20140328.PutLogEvents\n",
	    "{\"logGroupName\":\"g\\u000a\",\"logStreamName\":\"s\xc3\xa9\","
	    "\"logEvents\":[{\"timestamp\":1500000000000,\"message\":"
	    "\"\\u0001\"}]}" },
	{ "cloudwatch", "PutMetricData",
	    "{'Namespace':'n','MetricData':[{'MetricName':'m','Timestamp':"
	    "'2015-01-25T08:00:00.5Z','Value':0.1}]}",
	    "/", "",
	    "Content-Type: application/x-amz-json-1.0\n"
	    "X-Amz-Target: GraniteServiceVersion20100801.PutMetricData\n"
	    "x-amzn-query-mode: true\n",
	    "{\"Namespace\":\"n\",\"MetricData\":[{\"MetricName\":\"m\","
	    "\"Timestamp\":1422172800.500,\"Value\":0.1}]}" },
	{ "lambda", "GetFunction",
	    "{'FunctionName':'arn:aws:x/y','Qualifier':'a b'}",
	    "/2015-03-31/functions/arn%3Aaws%3Ax%2Fy", "Qualifier=a%20b", "",
	    "" },
	{ "lambda", "UpdateFunctionCode",
	    "{'FunctionName':'f','ZipFile':'UEsD','Publish':true}",
	    "/2015-03-31/functions/f/code", "",
	    "Content-Type: application/json\n",
	    "{\"ZipFile\":\"UEsD\",\"Publish\":true}" },
	{ "lambda", "TagResource", "{'Resource':'r','Tags':{'a':'b'}}",
	    "/2017-03-31/tags/r", "", "Content-Type: application/json\n",
	    "{\"Tags\":{\"a\":\"b\"}}" },
	{ "lambda", "UntagResource", "{'Resource':'r','TagKeys':['a','b']}",
	    "/2017-03-31/tags/r", "tagKeys=a&tagKeys=b", "", "" },
	{ "lambda", "Invoke", "{'FunctionName':'f','Payload':'e30='}",
	    "/2015-03-31/functions/f/invocations", "",
	    "Content-Type: application/octet-stream\n", "{}" },
	{ "apigateway", "GetRestApis", "{'limit':5}", "/restapis", "limit=5",
	    "Accept: application/json\n", "" },
	{ "apigatewayv2", "CreateApi", "{'Name':'n','ProtocolType':'HTTP'}",
	    "/v2/apis", "", "Content-Type: application/json\n",
	    "{\"name\":\"n\",\"protocolType\":\"HTTP\"}" },
	/* a list without items is a header without a value */
	{ "s3", "GetObjectAttributes",
	    "{'Bucket':'b','Key':'k','ObjectAttributes':[]}", "/b/k",
	    "attributes=", "x-amz-object-attributes: \n", "" },
	{ "s3", "GetObjectAttributes",
	    "{'Bucket':'b','Key':'k','ObjectAttributes':['ETag','Checksum']}",
	    "/b/k", "attributes=", "x-amz-object-attributes: ETag, Checksum\n",
	    "" },
	{ "s3", "CreateBucket", "{'Bucket':'b'}", "/b", "", "", "" },
	{ "s3", "CreateBucket",
	    "{'Bucket':'b','CreateBucketConfiguration':"
	    "{'LocationConstraint':'eu-west-1'}}",
	    "/b", "", "Content-Type: application/xml\n",
	    "<CreateBucketConfiguration "
	    "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
	    "<LocationConstraint>eu-west-1</LocationConstraint>"
	    "</CreateBucketConfiguration>" },
	{ "s3", "PutBucketTagging",
	    "{'Bucket':'b','Tagging':{'TagSet':[{'Key':'a<','Value':'1\\r'}]}}",
	    "/b", "tagging=",
	    "Content-Type: application/xml\n"
	    "x-amz-sdk-checksum-algorithm: CRC32\n"
	    "x-amz-checksum-crc32: w/9Z1A==\n",
	    "<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
	    "<TagSet><Tag><Key>a&lt;</Key><Value>1&#13;</Value></Tag></TagSet>"
	    "</Tagging>" },
	{ "s3", "GetObject", "{'Bucket':'b','Key':'a/b c/../d'}",
	    "/b/a/b%20c/../d", "", "x-amz-checksum-mode: ENABLED\n", "" },
	{ "s3", "ListObjectsV2", "{'Bucket':'b','Prefix':'p'}", "/b",
	    "list-type=2&prefix=p&encoding-type=url", "", "" },
	{ "s3", "PutObject",
	    "{'Bucket':'b','Key':'k','Body':'aGk=','Metadata':{'owner':'me'}}",
	    "/b/k", "",
	    "x-amz-meta-owner: me\n"
	    "Content-Type: application/octet-stream\n"
	    "x-amz-sdk-checksum-algorithm: CRC32\n"
	    "x-amz-checksum-crc32: 2JMqrA==\n",
	    "hi" },
	{ "s3", "GetObject", "{'Bucket':'b','Key':'/a//b/'}", "/b//a//b/", "",
	    "x-amz-checksum-mode: ENABLED\n", "" },
	{ "s3", "CreateMultipartUpload",
	    "{'Bucket':'b','Key':'k','Metadata':{'owner':'me ~'},"
	    "'ChecksumAlgorithm':'SHA1'}",
	    "/b/k", "uploads=",
	    "x-amz-meta-owner: me ~\nx-amz-checksum-algorithm: SHA1\n", "" },
	{ "route53", "ListHostedZonesByName",
	    "{'HostedZoneId':'/hostedzone/Z1','DNSName':'a/b'}",
	    "/2013-04-01/hostedzonesbyname", "dnsname=a%2Fb&hostedzoneid=Z1",
	    "", "" },
	{ "route53", "CreateHostedZone",
	    "{'Name':'a.b','CallerReference':'r/1',"
	    "'DelegationSetId':'/delegationset/N1'}",
	    "/2013-04-01/hostedzone", "", "Content-Type: application/xml\n",
	    "<CreateHostedZoneRequest "
	    "xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">"
	    "<Name>a.b</Name><CallerReference>r/1</CallerReference>"
	    "<DelegationSetId>N1</DelegationSetId></CreateHostedZoneRequest>" },
	{ "route53", "GetHostedZone", "{'Id':'/hostedzone/Z1'}",
	    "/2013-04-01/hostedzone/Z1", "", "", "" },
	{ "cloudfront", "TagResource",
	    "{'Resource':'arn:x','Tags':{'Items':[{'Key':'k','Value':'v'}]}}",
	    "/2020-05-31/tagging", "Operation=Tag&Resource=arn%3Ax",
	    "Content-Type: application/xml\n",
	    "<Tags xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\">"
	    "<Items><Tag><Key>k</Key><Value>v</Value></Tag></Items></Tags>" },
};

START_TEST(request)
{
	struct aws_operation o = operation(
	    requests[_i].service, requests[_i].op);
	struct aws_request req = AWS_REQUEST_INIT;
	json_auto_t *in = parse(requests[_i].in);
	struct err err = { 0 };

	ck_assert_msg(codec_request(&o, in, &req, &err) == 0, "%s", err.msg);
	ck_assert_str_eq(req.path.data, requests[_i].path);
	ck_assert_str_eq(req.query.data, requests[_i].query);
	ck_assert_str_eq(req.headers.data, requests[_i].headers);
	ck_assert_str_eq(req.body.data, requests[_i].body);
	if (strcmp(requests[_i].service, "s3") == 0)
		ck_assert_str_eq(req.bucket, "b");
	aws_request_free(&req);
}
END_TEST

static const struct {
	const char *service, *op, *headers, *body, *want;
} answers[] = {
	{ "sts", "GetCallerIdentity", "",
	    "<GetCallerIdentityResponse xmlns='https://x/'>"
	    "<GetCallerIdentityResult><Arn>a&amp;b</Arn><Account>1</Account>"
	    "<Other><Arn>no</Arn></Other></GetCallerIdentityResult>"
	    "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
	    "</GetCallerIdentityResponse>",
	    "{'Account':'1','Arn':'a&b'}" },
	{ "sts", "GetCallerIdentity", "", /* names without a name */
	    "<R><GetCallerIdentityResult><a:>x</a:><Arn>a</Arn><:/>"
	    "<x:Arn>b</x:Arn></GetCallerIdentityResult></R>",
	    "{'Arn':'b'}" },
	{ "iam", "GetRolePolicy", "",
	    "<R><GetRolePolicyResult><RoleName>r</RoleName><PolicyDocument>"
	    "%7B%22Statement%22%3A%5B%5D%7D</PolicyDocument>"
	    "</GetRolePolicyResult></R>",
	    "{'PolicyDocument':{'Statement':[]},'RoleName':'r'}" },
	{ "iam", "DeleteRole", "", "<DeleteRoleResponse/>", "{}" },
	{ "s3", "DeleteBucket", "", "OK", "{}" },
	{ "ec2", "DescribeVpcs", "",
	    "<DescribeVpcsResponse><requestId>r</requestId><vpcSet><item>"
	    "<vpcId>vpc-1</vpcId><isDefault>true</isDefault><tagSet/></item>"
	    "<item/></vpcSet></DescribeVpcsResponse>",
	    "{'Vpcs':[{'IsDefault':true,'Tags':[],'VpcId':'vpc-1'},{}]}" },
	{ "sns", "GetTopicAttributes", "",
	    "<R><GetTopicAttributesResult><Attributes>"
	    "<entry><key>a</key><value> 1 </value></entry>"
	    "<entry><key>b</key><value/></entry>"
	    "</Attributes></GetTopicAttributesResult></R>",
	    "{'Attributes':{'a':' 1 ','b':''}}" },
	{ "sqs", "ListQueues", "", "{'QueueUrls':['u'],'x':1,'NextToken':null}",
	    "{'QueueUrls':['u']}" },
	{ "sqs", "DeleteQueue", "", "", "{}" },
	{ "logs", "DescribeLogGroups", "",
	    "{'logGroups':[{'logGroupName':'g','creationTime':1.5e12,"
	    "'retentionInDays':'7'}]}",
	    "{'logGroups':[{'creationTime':1500000000000,'logGroupName':'g',"
	    "'retentionInDays':7}]}" },
	{ "ecr", "DescribeRepositories", "",
	    "{'repositories':[{'createdAt':1422172800.123}]}",
	    "{'repositories':[{'createdAt':"
	    "'2015-01-25T08:00:00.123000+00:00'}]}" },
	{ "lambda", "GetPolicy", "", "{'Policy':'{}','RevisionId':'r'}",
	    "{'Policy':'{}','RevisionId':'r'}" },
	{ "lambda", "Invoke", "x-amz-function-error: Unhandled\n", "{}",
	    "{'FunctionError':'Unhandled','Payload':'e30=','StatusCode':200}" },
	{ "s3", "GetBucketLocation", "",
	    "<LocationConstraint xmlns='http://s3/'>eu-west-1"
	    "</LocationConstraint>",
	    "{'LocationConstraint':'eu-west-1'}" },
	{ "s3", "GetBucketLocation", "", "<LocationConstraint/>", "{}" },
	{ "s3", "HeadObject",
	    "content-length: 5\netag: \"x\"\nx-amz-meta-owner: me\n"
	    "last-modified: Sun, 25 Jan 2015 08:00:00 GMT\n",
	    "",
	    "{'ContentLength':5,'ETag':'\\\"x\\\"','LastModified':"
	    "'2015-01-25T08:00:00+00:00','Metadata':{'owner':'me'}}" },
	/* an object may have been stored with any */
	{ "s3", "HeadObject", "expires: soon\nx-amz-meta-name: \xe4\n", "",
	    "{'Expires':'soon','Metadata':{'name':'\u00e4'}}" },
	{ "s3", "ListObjectsV2", "",
	    "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>"
	    "a%2Bb+c</Key><Size>1</Size></Contents><Contents><Key>d</Key>"
	    "</Contents></ListBucketResult>",
	    "{'Contents':[{'Key':'a+b c','Size':1},{'Key':'d'}],"
	    "'EncodingType':'url'}" },
	{ "s3", "GetObject", "content-type: text/plain\n", "\x01hi",
	    "{'Body':'AWhp','ContentType':'text/plain','Metadata':{}}" },
	{ "s3", "GetBucketAcl", "",
	    "<AccessControlPolicy><AccessControlList><Grant><Grantee "
	    "xmlns:xsi='http://x' xsi:type='Group'><URI>u</URI></Grantee>"
	    "</Grant></AccessControlList></AccessControlPolicy>",
	    "{'Grants':[{'Grantee':{'Type':'Group','URI':'u'}}]}" },
	{ "cloudfront", "GetDistributionConfig", "etag: E1\n",
	    "<DistributionConfig><CallerReference>c</CallerReference>"
	    "<Aliases><Quantity>0</Quantity></Aliases></DistributionConfig>",
	    "{'DistributionConfig':{'Aliases':{'Quantity':0},"
	    "'CallerReference':'c'},'ETag':'E1'}" },
	{ "apigateway", "GetRestApis", "",
	    "{'item':[{'id':'1','createdDate':1422172800}]}",
	    "{'items':[{'createdDate':'2015-01-25T08:00:00+00:00','id':"
	    "'1'}]}" },
};

static int
answer(struct aws_operation *o, int status, const char *headers,
    const char *body, json_t **ret, struct err *err)
{
	auto_buf struct buf h = BUF_INIT, b = BUF_INIT;
	struct aws_answer a = { status, &h, &b };

	buf_adds(&h, headers);
	buf_adds(&b, body);
	if (*body == '{')
		for (char *c = b.data; *c != 0; c++)
			if (*c == '\'')
				*c = '"';
	return codec_response(o, &a, ret, err);
}

START_TEST(response)
{
	struct aws_operation o = operation(answers[_i].service, answers[_i].op);
	json_auto_t *have = NULL, *want = parse(answers[_i].want);
	auto_free char *a = NULL, *b = NULL;
	struct err err = { 0 };

	ck_assert_msg(answer(&o, 200, answers[_i].headers, answers[_i].body,
			  &have, &err) == 0,
	    "%s", err.msg);
	a = js_dump(have);
	b = js_dump(want);
	ck_assert_str_eq(a, b);
}
END_TEST

/* A success is known by the id that AWS gave it, for the history. */
static const struct {
	const char *headers, *want;
} request_ids[] = {
	{ "x-amzn-requestid: aa-1\n", "aa-1" },
	{ "x-amz-request-id: S3ID\nx-amz-id-2: long\n", "S3ID" },
	{ "", "" },
};

START_TEST(request_id_of_success)
{
	struct aws_operation o = operation("sqs", "ListQueues");
	json_auto_t *have = NULL;
	struct err err = { .request_id = "of a failure before" };

	ck_assert_int_eq(
	    answer(&o, 200, request_ids[_i].headers, "{}", &have, &err), 0);
	ck_assert_str_eq(err.request_id, request_ids[_i].want);
}
END_TEST

/* What a 200 must not hold: the answer stays unknown. */
static const struct {
	const char *service, *op, *body, *message;
} garbled[] = {
	{ "sqs", "ListQueues", "{'QueueUrls':", "the answer is not JSON" },
	{ "ec2", "DescribeVpcs", "<DescribeVpcsResponse>",
	    "the answer is not XML" },
	{ "ec2", "DescribeVpcs", "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
	    "declares entities" },
	{ "sns", "ListTopics", "<html><body>Please log in</body></html>",
	    "the answer is a web page and not AWS's" },
};

START_TEST(garbled_answer)
{
	struct aws_operation o = operation(garbled[_i].service, garbled[_i].op);
	json_auto_t *have = NULL;
	struct err err = { 0 };

	ck_assert_int_eq(
	    answer(&o, 200, "", garbled[_i].body, &have, &err), -1);
	ck_assert_int_eq(err.kind, ERR_UNKNOWN);
	ck_assert_msg(
	    strstr(err.msg, garbled[_i].message) != NULL, "%s", err.msg);
	ck_assert_ptr_null(have);
}
END_TEST

static const struct {
	const char *service, *op, *headers;
	bool damaged;
} checked[] = {
	{ "dynamodb", "ListTables", "x-amz-crc32: 2745614147\n", false },
	{ "dynamodb", "ListTables", "x-amz-crc32: 2745614146\n", true },
	{ "dynamodb", "ListTables", "x-amz-crc32: no\n", true },
	{ "dynamodb", "ListTables", "", false },
	{ "sqs", "ListQueues", "x-amz-crc32: 1\n", false },
};

START_TEST(checked_answer)
{
	struct aws_operation o = operation(checked[_i].service, checked[_i].op);
	json_auto_t *have = NULL;
	struct err err = { 0 };
	int rc = answer(&o, 200, checked[_i].headers, "{}", &have, &err);

	ck_assert_int_eq(rc, checked[_i].damaged ? -1 : 0);
	if (rc == -1) {
		ck_assert_int_eq(err.kind, ERR_UNKNOWN);
		ck_assert_ptr_nonnull(strstr(err.msg, "damaged on its way"));
	}
}
END_TEST

START_TEST(deep_answer)
{
	struct aws_operation o = operation("ec2", "DescribeVpcs");
	auto_buf struct buf b = BUF_INIT;
	json_auto_t *have = NULL;
	struct err err = { 0 };

	for (int i = 0; i < 100; i++)
		buf_adds(&b, "<a>");
	ck_assert_int_eq(answer(&o, 200, "", b.data, &have, &err), -1);
	ck_assert_str_eq(err.msg, "the answer is nested too deeply");
}
END_TEST

/* One token per call: filled once, kept when there. */
START_TEST(tokens)
{
	struct aws_operation o = operation("ec2", "CreateNatGateway");
	json_auto_t *in = json_object();
	auto_free char *first = NULL;

	codec_fill_tokens(&o, in);
	ck_assert_ptr_nonnull(js_str(in, "ClientToken"));
	first = mem_str(js_str(in, "ClientToken"));
	ck_assert_uint_eq(strlen(first), 36);
	codec_fill_tokens(&o, in);
	ck_assert_str_eq(js_str(in, "ClientToken"), first);
}
END_TEST

#define ROWS(x) (int)(sizeof(x) / sizeof(*(x)))

int
main(void)
{
	Suite *s = suite_create("codec");
	TCase *t = tcase_create("rows");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, request_id_of_success, 0,
	    sizeof(request_ids) / sizeof(*request_ids));
	tcase_add_loop_test(t, request, 0, ROWS(requests));
	tcase_add_loop_test(t, response, 0, ROWS(answers));
	tcase_add_loop_test(t, garbled_answer, 0, ROWS(garbled));
	tcase_add_loop_test(t, checked_answer, 0, ROWS(checked));
	tcase_add_test(t, deep_answer);
	tcase_add_test(t, tokens);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
