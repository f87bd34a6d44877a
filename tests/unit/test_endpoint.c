/* Endpoints: own rows, and the published cases beside the checkout. */

#include "common/aws/endpoint.h"
#include "common/base/js.h"
#include "tests/unit/conformance.h"

#include <check.h>
#include <dirent.h>
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

/* --- the published cases ---------------------------------------------- */

/* Parameters that this client has, or that change nothing when absent. */
static bool
is_ours(const json_t *t, const char *service)
{
	static const char *const known[] = { "Region", "UseFIPS",
		"UseDualStack", "Endpoint", "Bucket", "Accelerate",
		"UseGlobalEndpoint", "ForcePathStyle" };
	const json_t *params = js_get(t, "params"), *v;
	const char *key, *region = js_str(params, "Region");

	js_foreach (params, key, v) {
		bool found = false;

		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			found |= strcmp(known[i], key) == 0;
		if (!found)
			return false;
	}
	if (js_bool(params, "Accelerate", false) ||
	    js_bool(params, "UseGlobalEndpoint", false) ||
	    js_bool(params, "ForcePathStyle", false))
		return false;
	if (js_get(params, "Endpoint") != NULL && strcmp(service, "s3") == 0)
		return false; /* we take path style there, they the host */
	return region != NULL && strstr(region, "global") == NULL &&
	       js_get(t, "expect.error") == NULL;
}

/* SDKs name what is not there; we have no such error or another text. */
static const char *
expected_url(const json_t *t)
{
	return js_pathstr(t, "expect.endpoint.url");
}

static void
check_case(const json_t *t, const char *service, const char *prefix)
{
	const json_t *p = js_get(t, "params");
	const char *bucket = js_str(p, "Bucket"), *wanted = expected_url(t);
	struct endpoint_query q = { .service = service,
		.prefix = prefix,
		.region = js_str(p, "Region"),
		.fips = js_bool(p, "UseFIPS", false),
		.dual_stack = js_bool(p, "UseDualStack", false),
		.url = js_str(p, "Endpoint"),
		.bucket = bucket };
	const json_t *scheme = js_path(
	    t, "expect.endpoint.properties.authSchemes.0");
	const char *sign = js_str(scheme, "signingRegion");
	auto_free char *url = NULL;
	struct endpoint e;
	struct err err = { 0 };

	ck_assert_msg(
	    endpoint_resolve(&q, &e, &err) == 0, "%s: %s", service, err.msg);
	url = mem_fmt("%s://%s%s%s%s", e.scheme, e.host, e.path,
	    bucket && !e.bucket_in_host ? "/" : "",
	    bucket && !e.bucket_in_host ? bucket : "");
	ck_assert_msg(strcmp(url, wanted) == 0, "%s: %s instead of %s",
	    js_str(t, "documentation"), url, wanted);
	if (sign != NULL)
		ck_assert_str_eq(e.region, sign);
}

/* Where a model's endpoint prefix is not its name. */
static const struct {
	const char *service, *prefix;
} prefixes[] = {
	{ "apigatewayv2", "apigateway" },
	{ "bedrock-agentcore-control", "bedrock-agentcore-control" },
	{ "cloudcontrol", "cloudcontrolapi" },
	{ "cloudwatch", "monitoring" },
	{ "ecr", "api.ecr" },
	{ "elbv2", "elasticloadbalancing" },
	{ "resourcegroupstaggingapi", "tagging" },
	{ "sso", "portal.sso" },
	{ "sso-oidc", "oidc" },
	{ "stepfunctions", "states" },
};

static const char *
prefix_of(const char *service)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strcmp(prefixes[i].service, service) == 0)
			return prefixes[i].prefix;
	return service;
}

static unsigned
check_file(const char *path, const char *service)
{
	auto_buf struct buf text = BUF_INIT;
	json_auto_t *all = NULL;
	struct err err;
	unsigned n = 0;
	const json_t *t;
	size_t i;

	ck_assert(conformance_read(path, &text));
	ck_assert_int_eq(js_parse(text.data, text.len, &all, &err), 0);
	js_each (js_get(all, "testCases"), i, t) {
		const char *bucket = js_pathstr(t, "params.Bucket");
		bool odd = bucket != NULL &&
			   (strstr(bucket, "--") != NULL ||
			       strncmp(bucket, "arn:", 4) == 0 ||
			       strpbrk(bucket, " !") != NULL);

		if (!is_ours(t, service) || expected_url(t) == NULL || odd)
			continue;
		check_case(t, service, prefix_of(service));
		n++;
	}
	return n;
}

START_TEST(suite)
{
	auto_free char *dir = conformance_path("endpoints");
	unsigned n = 0;
	struct dirent *e;
	DIR *d;

	if (dir == NULL)
		return;
	d = opendir(dir);
	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL) {
		auto_free char *path = mem_fmt("%s/%s", dir, e->d_name);
		auto_free char *service = mem_str(e->d_name);
		char *dot = strstr(service, ".json");

		if (dot == NULL)
			continue;
		*dot = 0;
		n += check_file(path, service);
	}
	closedir(d);
	ck_assert_uint_ge(n, 500);
	printf("%u published endpoint cases\n", n);
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
	tcase_add_test(t, suite);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
