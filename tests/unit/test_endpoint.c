/* Endpoints: where requests go, and what is refused. */

#include "common/aws/endpoint.h"
#include "common/base/mem.h"

#include <check.h>
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
	      .fips = true },
	    "https://sts.us-gov-west-1.amazonaws.com", "us-gov-west-1" },
	{ { .service = "ecr",
	      .prefix = "api.ecr",
	      .region = "us-east-1",
	      .dual_stack = true },
	    "https://ecr.us-east-1.api.aws", "us-east-1" },
	{ { .service = "stepfunctions",
	      .prefix = "states",
	      .region = "eu-west-1",
	      .host_prefix = "sync-" },
	    "https://sync-states.eu-west-1.amazonaws.com", "eu-west-1" },
	{ { .service = "s3",
	      .prefix = "s3",
	      .region = "eu-west-1",
	      .bucket = "my-bucket" },
	    "https://my-bucket.s3.eu-west-1.amazonaws.com *", "eu-west-1" },
	{ { .service = "s3",
	      .prefix = "s3",
	      .region = "eu-west-1",
	      .bucket = "my.bucket" },
	    "https://s3.eu-west-1.amazonaws.com", "eu-west-1" },
	{ { .service = "s3",
	      .prefix = "s3",
	      .region = "eu-west-1",
	      .bucket = "My_Bucket" },
	    "https://s3.eu-west-1.amazonaws.com", "eu-west-1" },
	{ { .service = "s3",
	      .prefix = "s3",
	      .region = "eu-west-1",
	      .bucket = "" },
	    "https://s3.eu-west-1.amazonaws.com", "eu-west-1" },
	{ { .service = "s3",
	      .prefix = "s3",
	      .region = "eu-west-1",
	      .bucket = "b-1",
	      .url = "http://127.0.0.1:5000" },
	    "http://127.0.0.1:5000", "eu-west-1" },
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
	{ { .service = "s3",
	      .prefix = "s3",
	      .region = "eu-west-1",
	      .bucket = "arn:aws:s3:eu-west-1:1:accesspoint/a" },
	    NULL, "ARNs of access points" },
	{ { .service = "s3",
	      .prefix = "s3",
	      .region = "eu-west-1",
	      .bucket = "b--use1-az1--x-s3" },
	    NULL, "directory buckets are not supported" },
	{ { .service = "s3",
	      .prefix = "s3",
	      .region = "cn-north-1",
	      .fips = true },
	    NULL, "no FIPS endpoint in cn-north-1" },
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
	      .fips = true },
	    NULL, "cannot be a FIPS endpoint as well" },
	{ { .service = "s3",
	      .prefix = "s3",
	      .region = "eu-west-1",
	      .url = "http://127.0.0.1",
	      .dual_stack = true },
	    NULL, "cannot be a dual-stack endpoint as well" },
	{ { .service = "sqs",
	      .prefix = "sqs",
	      .region = "eu-west-1",
	      .url = "http://127.0.0.1\r\nX: y" },
	    NULL, "only scheme, host" },
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
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
