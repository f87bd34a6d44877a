/* Making a client, and the signed requests that it prints. */

#include "tests/unit/script.h"

static const struct made {
	const char *setting, *region, *dflt, *attempts, *profile;
	const char *wanted; /* region */
	const char *error;
} made[] = {
	{ "eu-west-1", "us-east-1", NULL, NULL, NULL, "eu-west-1", NULL },
	{ NULL, "us-east-1", "us-east-2", NULL, NULL, "us-east-1", NULL },
	{ NULL, NULL, "us-east-2", NULL, NULL, "us-east-2", NULL },
	{ NULL, NULL, NULL, NULL, NULL, NULL, "no AWS region" },
	{ "eu-west-1", NULL, NULL, "x", NULL, NULL, "AWS_MAX_ATTEMPTS" },
	{ "eu-west-1", NULL, NULL, "0", NULL, NULL, "must be 1 to 100" },
	{ "eu-west-1", NULL, NULL, NULL, "nope", NULL,
	    "profile \"nope\" does not exist" },
};

static void
set_or_clear(const char *name, const char *value)
{
	if (value == NULL)
		unsetenv(name);
	else
		setenv(name, value, 1);
}

START_TEST(making)
{
	const struct made *m = &made[_i];
	struct aws_settings s = { .region = m->setting, .profile = m->profile };
	auto_of(aws_free) struct aws *aws = NULL;
	struct err err = { 0 };

	set_up();
	set_or_clear("AWS_REGION", m->region);
	set_or_clear("AWS_DEFAULT_REGION", m->dflt);
	set_or_clear("AWS_MAX_ATTEMPTS", m->attempts);
	if (m->wanted == NULL) {
		ck_assert_int_eq(aws_new(&s, NULL, &aws, &err), -1);
		ck_assert_int_eq(err.kind, ERR_INPUT);
		ck_assert_ptr_nonnull(strstr(err.msg, m->error));
		return;
	}
	ck_assert_msg(aws_new(&s, NULL, &aws, &err) == 0, "%s", err.msg);
	ck_assert_str_eq(aws_region(aws), m->wanted);
	ck_assert_str_eq(aws_partition(aws), "aws");
}
END_TEST

/* Settings of one variable: what is refused, and with which words. */
static const struct {
	const char *variable, *value, *error; /* NULL: fine */
} variables[] = {
	{ "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "0", NULL },
	{ "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "10485760", NULL },
	{ "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "10485761",
	    "(request_min_compression_size_bytes) is \"10485761\", must be 0 "
	    "to 10485760" },
	{ "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "1k", "is \"1k\"" },
	{ "AWS_REQUEST_CHECKSUM_CALCULATION", "when_supported", NULL },
	{ "AWS_REQUEST_CHECKSUM_CALCULATION", "WHEN_REQUIRED", NULL },
	{ "AWS_REQUEST_CHECKSUM_CALCULATION", "never",
	    "(request_checksum_calculation) is \"never\", must be "
	    "when_supported or when_required" },
	{ "AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required", NULL },
	{ "AWS_RESPONSE_CHECKSUM_VALIDATION", "no",
	    "(response_checksum_validation) is \"no\"" },
};

START_TEST(one_variable)
{
	struct aws_settings s = { .region = "eu-west-1" };
	auto_of(aws_free) struct aws *aws = NULL;
	const char *wanted = variables[_i].error;
	struct err err = { 0 };

	setenv(variables[_i].variable, variables[_i].value, 1);
	ck_assert_int_eq(aws_new(&s, NULL, &aws, &err), wanted ? -1 : 0);
	if (wanted != NULL)
		ck_assert_msg(strstr(err.msg, wanted) != NULL, "%s", err.msg);
}
END_TEST

static const struct {
	const char *service, *operation, *in, *url, *method, *body;
	bool base64;
} printed[] = {
	{ "sqs", "CreateQueue", "{\"QueueName\":\"q\"}",
	    "https://sqs.eu-west-1.amazonaws.com/", "POST",
	    "{\"QueueName\":\"q\"}", false },
	{ "iam", "GetRole", "{\"RoleName\":\"r\"}",
	    "https://iam.amazonaws.com/", "POST",
	    "Action=GetRole&Version=2010-05-08&RoleName=r", false },
	{ "s3", "GetObject", "{\"Bucket\":\"my-bucket\",\"Key\":\"a/b c\"}",
	    "https://my-bucket.s3.eu-west-1.amazonaws.com/a/b%20c", "GET", "",
	    false },
	{ "s3", "HeadBucket", "{\"Bucket\":\"my-bucket\"}",
	    "https://my-bucket.s3.eu-west-1.amazonaws.com/", "HEAD", "",
	    false },
	{ "s3", "HeadBucket", "{\"Bucket\":\"my.bucket\"}",
	    "https://s3.eu-west-1.amazonaws.com/my.bucket", "HEAD", "", false },
	{ "s3", "PutObject",
	    "{\"Bucket\":\"my-bucket\",\"Key\":\"k\",\"Body\":\"/wA=\"}",
	    "https://my-bucket.s3.eu-west-1.amazonaws.com/k", "PUT",
	    "/wA=", true },
	{ "lambda", "GetFunction", "{\"FunctionName\":\"a:b\"}",
	    "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/"
	    "a%3Ab",
	    "GET", "", false },
	{ "dynamodb", "DescribeTable",
	    "{\"TableName\":\"arn:aws:dynamodb:eu-west-1:99:table/t\"}",
	    "https://99.ddb.eu-west-1.amazonaws.com/", "POST",
	    "{\"TableName\":\"arn:aws:dynamodb:eu-west-1:99:table/t\"}",
	    false },
};

START_TEST(printing)
{
	struct aws_settings s = { .region = "eu-west-1" };
	auto_of(aws_free) struct aws *aws = NULL;
	json_auto_t *in = NULL, *out = NULL;
	const char *text = printed[_i].in;
	struct err err = { 0 };

	ck_assert_int_eq(aws_new(&s, NULL, &aws, &err), 0);
	ck_assert_int_eq(js_parse(text, strlen(text), &in, &err), 0);
	ck_assert_msg(aws_print(aws, printed[_i].service, printed[_i].operation,
			  in, &out, &err) == 0,
	    "%s", err.msg);
	ck_assert_str_eq(js_str(out, "url"), printed[_i].url);
	ck_assert_str_eq(js_str(out, "method"), printed[_i].method);
	ck_assert_str_eq(js_str(out, "body"), printed[_i].body);
	ck_assert_int_eq(
	    js_bool(out, "bodyIsBase64", false), printed[_i].base64);
	ck_assert_ptr_nonnull(js_pathstr(out, "headers.Authorization"));
}
END_TEST

/* Names that decide on endpoint, signature, or whether anything is sent. */
static const struct {
	const char *variable; /* set to true; or NULL */
	const char *service, *operation, *in;
	const char *url, *scope; /* NULL: the error is the text */
	const char *text;
} aimed[] = {
	{ NULL, "s3", "GetObject",
	    "{\"Bucket\":\"arn:aws:s3:us-west-2:99:accesspoint/orders\","
	    "\"Key\":\"a/b c\"}",
	    "https://orders-99.s3-accesspoint.us-west-2.amazonaws.com/a/b%20c",
	    "/us-west-2/s3/aws4_request", "x-amz-content-sha256" },
	{ NULL, "s3", "ListObjectsV2",
	    "{\"Bucket\":\"arn:aws:s3-outposts:us-west-2:99:outpost:op-1:"
	    "accesspoint:o\"}",
	    "https://o-99.op-1.s3-outposts.us-west-2.amazonaws.com/"
	    "?list-type=2&encoding-type=url",
	    "/us-west-2/s3-outposts/aws4_request", "x-amz-content-sha256" },
	{ "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH", "s3", "HeadObject",
	    "{\"Bucket\":\"o--euw1-az1--x-s3\",\"Key\":\"k\"}",
	    "https://o--euw1-az1--x-s3.s3express-euw1-az1.eu-west-1.amazonaws."
	    "com/k",
	    "/eu-west-1/s3express/aws4_request", "x-amz-content-sha256" },
	{ NULL, "s3", "HeadObject",
	    "{\"Bucket\":\"o--euw1-az1--x-s3\",\"Key\":\"k\"}", NULL, NULL,
	    "set s3_disable_express_session_auth" },
	{ NULL, "s3", "HeadObject",
	    "{\"Bucket\":\"arn:aws:s3::99:accesspoint:a.mrap\",\"Key\":\"k\"}",
	    NULL, NULL, "SigV4A, which is not supported" },
	{ NULL, "events", "PutEvents",
	    "{\"EndpointId\":\"abc.def\",\"Entries\":[]}", NULL, NULL,
	    "SigV4A, which is not supported" },
};

START_TEST(aiming)
{
	struct aws_settings s = { .region = "eu-west-1" };
	auto_of(aws_free) struct aws *aws = NULL;
	json_auto_t *in = NULL, *out = NULL;
	const char *text = aimed[_i].in, *signature;
	struct err err = { 0 };
	int rc;

	if (aimed[_i].variable != NULL)
		setenv(aimed[_i].variable, "true", 1);
	ck_assert_int_eq(aws_new(&s, NULL, &aws, &err), 0);
	ck_assert_int_eq(js_parse(text, strlen(text), &in, &err), 0);
	rc = aws_print(
	    aws, aimed[_i].service, aimed[_i].operation, in, &out, &err);
	if (aimed[_i].url == NULL) {
		ck_assert_int_eq(rc, -1);
		ck_assert_int_eq(err.kind, ERR_INPUT);
		ck_assert_msg(strstr(err.msg, aimed[_i].text), "%s", err.msg);
		return;
	}
	ck_assert_msg(rc == 0, "%s", err.msg);
	ck_assert_str_eq(js_str(out, "url"), aimed[_i].url);
	signature = js_pathstr(out, "headers.Authorization");
	ck_assert_ptr_nonnull(strstr(signature, aimed[_i].scope));
	ck_assert_ptr_nonnull(strstr(signature, aimed[_i].text));
}
END_TEST

/* Without a transport a role cannot be assumed: an error, no crash. */
START_TEST(printing_with_a_role)
{
	static const char text[] =
	    "[default]\nrole_arn = arn:aws:iam::1:role/r\n"
	    "source_profile = default\naws_access_key_id = k\n"
	    "aws_secret_access_key = s\n";
	struct aws_settings s = { .region = "eu-west-1" };
	auto_of(aws_free) struct aws *aws = NULL;
	char path[] = "/tmp/test_aws_new.XXXXXX";
	int fd = mkstemp(path);
	json_auto_t *out = NULL;
	struct err err = { 0 };

	ck_assert_int_eq(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	setenv("AWS_CONFIG_FILE", path, 1);
	unsetenv("AWS_ACCESS_KEY_ID");
	unsetenv("AWS_SECRET_ACCESS_KEY");
	ck_assert_int_eq(aws_new(&s, NULL, &aws, &err), 0);
	ck_assert_int_eq(
	    aws_print(aws, "sqs", "ListQueues", NULL, &out, &err), -1);
	unlink(path);
	ck_assert_int_eq(err.kind, ERR_AUTH);
	ck_assert_ptr_nonnull(strstr(err.msg, "there is no network"));
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("aws_new");
	TCase *t = tcase_create("aws_new");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_loop_test(t, making, 0, LEN(made));
	tcase_add_loop_test(t, one_variable, 0, LEN(variables));
	tcase_add_loop_test(t, printing, 0, LEN(printed));
	tcase_add_loop_test(t, aiming, 0, LEN(aimed));
	tcase_add_test(t, printing_with_a_role);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
