/* Endpoints: where requests go, and what is refused. */

#include "common/aws/endpoint.h"
#include "common/base/mem.h"

#include <check.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *region, *wanted;
} parts[] = {
	{ "eu-west-1", "aws" },
	{ "us-gov-east-1", "aws-us-gov" },
	{ "cn-north-1", "aws-cn" },
	{ "us-iso-east-1", "aws-iso" },
	{ "us-isob-east-1", "aws-iso-b" },
	{ "eu-isoe-west-1", "aws-iso-e" },
	{ "us-isof-south-1", "aws-iso-f" },
	{ "eusc-de-east-1", "aws-eusc" },
	{ "xx-new-9", "aws" },
};

START_TEST(partition)
{
	ck_assert_str_eq(
	    endpoint_partition(parts[_i].region), parts[_i].wanted);
}
END_TEST

#define DYNAMODB(where, mode, ...)                                             \
	{                                                                      \
		.service = "dynamodb", .prefix = "dynamodb",                   \
		.region = (where), .set.account = (mode), __VA_ARGS__          \
	}

static const struct row {
	struct endpoint_query q;
	const char *url;    /* NULL: error */
	const char *region; /* to sign for; or the error's text */
} rows[] = {
	{ { .service = "sqs", .prefix = "sqs", .region = "eu-west-1" },
	    "https://sqs.eu-west-1.amazonaws.com", "eu-west-1" },
	{ { .service = "iam", .prefix = "iam", .region = "eu-west-1" },
	    "https://iam.amazonaws.com", "us-east-1" },
	{ { .service = "iam", .prefix = "iam", .region = "cn-north-1" },
	    "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1" },
	{ { .service = "cloudfront",
	      .prefix = "cloudfront",
	      .region = "eu-west-1" },
	    "https://cloudfront.amazonaws.com", "us-east-1" },
	{ { .service = "route53",
	      .prefix = "route53",
	      .region = "us-gov-east-1" },
	    "https://route53.us-gov.amazonaws.com", "us-gov-west-1" },
	{ { .service = "sts",
	      .prefix = "sts",
	      .region = "us-gov-west-1",
	      .set.fips = true },
	    "https://sts.us-gov-west-1.amazonaws.com", "us-gov-west-1" },
	{ { .service = "ecr",
	      .prefix = "api.ecr",
	      .region = "us-east-1",
	      .set.dual_stack = true },
	    "https://ecr.us-east-1.api.aws", "us-east-1" },
	{ { .service = "stepfunctions",
	      .prefix = "states",
	      .region = "eu-west-1",
	      .host_prefix = "sync-" },
	    "https://sync-states.eu-west-1.amazonaws.com", "eu-west-1" },
	{ { .service = "stepfunctions",
	      .prefix = "states",
	      .region = "eu-west-1",
	      .host_prefix = "sync-",
	      .url = "http://127.0.0.1:5000/base//" },
	    "http://127.0.0.1:5000/base", "eu-west-1" },
	{ { .service = "iam",
	      .prefix = "iam",
	      .region = "eu-west-1",
	      .url = "https://[::1]:1" },
	    "https://[::1]:1", "us-east-1" },
	{ { .service = "sqs", .prefix = "sqs", .region = "eu west" }, NULL,
	    "\"eu west\" is not a name" },
	{ { .service = "sqs", .prefix = "sqs", .region = "evil.com/" }, NULL,
	    "is not a name of a region" },
	{ { .service = "sqs", .prefix = "sqs", .region = "" }, NULL,
	    "is not a name of a region" },
	{ { .service = "sqs",
	      .prefix = "sqs",
	      .region = "eu-west-1",
	      .url = "127.0.0.1:5000" },
	    NULL, "must start with http" },
	{ { .service = "sqs",
	      .prefix = "sqs",
	      .region = "eu-west-1",
	      .url = "ftp://127.0.0.1" },
	    NULL, "must start with http" },
	{ { .service = "sqs",
	      .prefix = "sqs",
	      .region = "eu-west-1",
	      .url = "http://" },
	    NULL, "only scheme, host" },
	{ { .service = "sqs",
	      .prefix = "sqs",
	      .region = "eu-west-1",
	      .url = "http://u:p@127.0.0.1/" },
	    NULL, "only scheme, host" },
	{ { .service = "sqs",
	      .prefix = "sqs",
	      .region = "eu-west-1",
	      .url = "http://127.0.0.1/?a=b" },
	    NULL, "only scheme, host" },
	{ { .service = "sqs",
	      .prefix = "sqs",
	      .region = "eu-west-1",
	      .url = "http://127.0.0.1",
	      .set.fips = true },
	    NULL, "cannot be a FIPS endpoint as well" },
	{ { .service = "sqs",
	      .prefix = "sqs",
	      .region = "eu-west-1",
	      .url = "http://127.0.0.1\r\nX: y" },
	    NULL, "only scheme, host" },

	/* pseudo-regions, and the endpoints of old */
	{ { .service = "sts", .prefix = "sts", .region = "aws-global" },
	    "https://sts.amazonaws.com", "us-east-1" },
	{ { .service = "sts",
	      .prefix = "sts",
	      .region = "eu-west-1",
	      .set.sts_legacy = true },
	    "https://sts.amazonaws.com", "us-east-1" },
	{ { .service = "sts",
	      .prefix = "sts",
	      .region = "eu-south-1",
	      .set.sts_legacy = true },
	    "https://sts.eu-south-1.amazonaws.com", "eu-south-1" },
	{ { .service = "sts",
	      .prefix = "sts",
	      .region = "eu-west-1",
	      .set.sts_legacy = true,
	      .set.dual_stack = true },
	    "https://sts.eu-west-1.api.aws", "eu-west-1" },
	{ { .service = "iam", .prefix = "iam", .region = "aws-global" },
	    "https://iam.amazonaws.com", "us-east-1" },
	{ { .service = "sqs", .prefix = "sqs", .region = "aws-global" }, NULL,
	    "sqs has no endpoint in aws-global: set a region" },
	{ { .service = "sqs",
	      .prefix = "sqs",
	      .region = "",
	      .url = "http://127.0.0.1:5000" },
	    "http://127.0.0.1:5000", "us-east-1" },

	/* of several regions */
	{ { .service = "events",
	      .prefix = "events",
	      .region = "eu-west-1",
	      .multi_region = "abc.def" },
	    "https://abc.def.endpoint.events.amazonaws.com", "eu-west-1" },
	{ { .service = "events",
	      .prefix = "events",
	      .region = "eu-west-1",
	      .multi_region = "evil.com/" },
	    NULL, "must be a valid host label" },
	{ { .service = "events",
	      .prefix = "events",
	      .region = "eu-west-1",
	      .multi_region = "abc.def",
	      .set.fips = true },
	    NULL, "FIPS is not supported with EventBridge" },

	/* of an account */
	{ DYNAMODB("eu-west-1", ACCOUNT_PREFERRED, .account = NULL),
	    "https://dynamodb.eu-west-1.amazonaws.com", "eu-west-1" },
	{ DYNAMODB("eu-west-1", ACCOUNT_PREFERRED, .account = "1234"),
	    "https://1234.ddb.eu-west-1.amazonaws.com", "eu-west-1" },
	{ DYNAMODB("eu-west-1", ACCOUNT_DISABLED, .account = "1234"),
	    "https://dynamodb.eu-west-1.amazonaws.com", "eu-west-1" },
	{ DYNAMODB("eu-west-1", ACCOUNT_PREFERRED, .account = "1234",
	      .arn = "arn:aws:dynamodb:eu-west-1:99:table/x",
	      .set.dual_stack = true),
	    "https://99.ddb.eu-west-1.api.aws", "eu-west-1" },
	{ DYNAMODB("eu-west-1", ACCOUNT_PREFERRED, .account = "1234",
	      .arn = "arn:aws:dynamodb:us-east-1:99:table/x"),
	    "https://1234.ddb.eu-west-1.amazonaws.com", "eu-west-1" },
	{ DYNAMODB("eu-west-1", ACCOUNT_PREFERRED, .account = "1234",
	      .arn = "orders"),
	    "https://1234.ddb.eu-west-1.amazonaws.com", "eu-west-1" },
	{ DYNAMODB("cn-north-1", ACCOUNT_PREFERRED, .account = "1234"),
	    "https://dynamodb.cn-north-1.amazonaws.com.cn", "cn-north-1" },
	{ DYNAMODB("eu-west-1", ACCOUNT_REQUIRED, .account = "1234",
	      .url = "http://127.0.0.1:8000"),
	    "http://127.0.0.1:8000", "eu-west-1" },
	{ DYNAMODB("local", ACCOUNT_PREFERRED, .account = "1234"),
	    "http://localhost:8000", "us-east-1" },
	{ DYNAMODB("eu-west-1", ACCOUNT_REQUIRED, .account = NULL), NULL,
	    "the account is not known" },
	{ DYNAMODB("cn-north-1", ACCOUNT_REQUIRED, .account = "1234"), NULL,
	    "this partition has no endpoints of accounts" },
	{ DYNAMODB("eu-west-1", ACCOUNT_REQUIRED, .account = "1234",
	      .set.fips = true),
	    NULL, "no FIPS endpoint is of an account" },
	{ DYNAMODB("eu-west-1", ACCOUNT_PREFERRED, .account = "12/34"), NULL,
	    "is not a name of an account" },
	{ DYNAMODB("local", ACCOUNT_DISABLED, .set.fips = true), NULL,
	    "cannot be a FIPS endpoint as well" },
	{ DYNAMODB("eu-west-1", ACCOUNT_DISABLED,
	      .url = "https://dynamodb.eu-west-1.api.aws/"),
	    NULL, "set use_dualstack_endpoint instead" },
};

START_TEST(resolves)
{
	const struct row *r = &rows[_i];
	auto_free char *url = NULL;
	struct endpoint e;
	struct err err = { 0 };

	if (r->url == NULL) {
		ck_assert_int_eq(endpoint_resolve(&r->q, &e, &err), -1);
		ck_assert_int_eq(err.kind, ERR_INPUT);
		ck_assert_msg(
		    strstr(err.msg, r->region) != NULL, "%s", err.msg);
		return;
	}
	ck_assert_msg(endpoint_resolve(&r->q, &e, &err) == 0, "%s", err.msg);
	url = mem_fmt("%s://%s%s%s", e.scheme, e.host, e.path,
	    e.bucket_in_host ? " *" : "");
	ck_assert_str_eq(url, r->url);
	ck_assert_str_eq(e.region, r->region);
}
END_TEST

/* --- settings --------------------------------------------------------- */

#define AT(field) offsetof(struct endpoint_settings, field)
static const struct {
	const char *variable, *value; /* or NULL */
	const char *profile;
	size_t at;
	int wanted;        /* -1: error */
	const char *error; /* its text */
} settings[] = {
	{ NULL, NULL, "", AT(fips), false },
	{ NULL, NULL, "", AT(s3_style), STYLE_AUTO },
	{ NULL, NULL, "", AT(account), ACCOUNT_PREFERRED },
	{ NULL, NULL, "use_fips_endpoint = true\n", AT(fips), true },
	{ "AWS_USE_FIPS_ENDPOINT", "false", "use_fips_endpoint = true\n",
	    AT(fips), false },
	{ "AWS_USE_DUALSTACK_ENDPOINT", "TRUE", "", AT(dual_stack), true },
	{ NULL, NULL, "s3 =\n  addressing_style = path\n", AT(s3_style),
	    STYLE_PATH },
	{ NULL, NULL, "s3 =\n  addressing_style = virtual\n", AT(s3_style),
	    STYLE_VIRTUAL },
	{ NULL, NULL, "s3 =\n  use_dualstack_endpoint = true\n",
	    AT(s3_dual_stack), true },
	{ NULL, NULL, "s3 =\n  use_dualstack_endpoint = true\n", AT(dual_stack),
	    false },
	{ NULL, NULL,
	    "s3 =\n  max_queue_size = 9\n  use_accelerate_endpoint = true\n",
	    AT(s3_accelerate), true },
	{ NULL, NULL, "s3 =\n  use_arn_region = false\n", AT(s3_own_region),
	    true },
	{ NULL, NULL, "s3_use_arn_region = false\n", AT(s3_own_region), true },
	{ "AWS_S3_USE_ARN_REGION", "true", "s3_use_arn_region = false\n",
	    AT(s3_own_region), false },
	{ "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT", "legacy", "", AT(s3_legacy),
	    true },
	{ NULL, NULL, "s3 =\n  us_east_1_regional_endpoint = legacy\n",
	    AT(s3_legacy), true },
	{ NULL, NULL, "s3_disable_multiregion_access_points = true\n",
	    AT(s3_no_mrap), true },
	{ "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH", "true", "", AT(s3_no_sessions),
	    true },
	{ NULL, NULL, "sts_regional_endpoints = legacy\n", AT(sts_legacy),
	    true },
	{ "AWS_ACCOUNT_ID_ENDPOINT_MODE", "required",
	    "account_id_endpoint_mode = disabled\n", AT(account),
	    ACCOUNT_REQUIRED },
	{ "AWS_USE_FIPS_ENDPOINT", "yes", "", 0, -1,
	    "AWS_USE_FIPS_ENDPOINT (use_fips_endpoint) is \"yes\", must be "
	    "one of: false true" },
	{ NULL, NULL, "s3 =\n  addressing_style = patch\n", 0, -1,
	    "s3 addressing_style is \"patch\", must be one of: auto virtual "
	    "path" },
};

START_TEST(reads_settings)
{
	auto_of(config_free) struct config *c = config_new();
	auto_free char *text = mem_fmt("[profile p]\n%s", settings[_i].profile);
	struct endpoint_settings set;
	struct err err = { 0 };
	int rc;

	if (settings[_i].variable != NULL)
		setenv(settings[_i].variable, settings[_i].value, 1);
	ck_assert_int_eq(
	    config_add(c, CONFIG_FILE, "f", text, strlen(text), &err), 0);
	rc = endpoint_settings_load(c, "p", &set, &err);
	if (settings[_i].wanted == -1) {
		ck_assert_int_eq(rc, -1);
		ck_assert_str_eq(err.msg, settings[_i].error);
		return;
	}
	ck_assert_msg(rc == 0, "%s", err.msg);
	ck_assert_int_eq(
	    ((uint8_t *)&set)[settings[_i].at], settings[_i].wanted);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("endpoint");
	TCase *t = tcase_create("endpoint");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, partition, 0, LEN(parts));
	tcase_add_loop_test(t, resolves, 0, LEN(rows));
	tcase_add_loop_test(t, reads_settings, 0, LEN(settings));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
