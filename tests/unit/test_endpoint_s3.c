/* Endpoints of S3: buckets, ARNs, directory buckets, Outposts. */

#include "common/aws/endpoint.h"
#include "common/base/mem.h"

#include <check.h>
#include <string.h>

#define S3(where, what, ...)                                                   \
	{                                                                      \
		.service = "s3", .prefix = "s3", .region = (where),            \
		.bucket = (what), __VA_ARGS__                                  \
	}
#define LOCAL  "http://127.0.0.1:5000"
#define VPC    "https://bucket.vpce-1a2b-5e6f.s3.eu-west-1.vpce.amazonaws.com"
#define POINT  "arn:aws:s3:eu-west-1:123456789012:accesspoint/orders"
#define LAMBDA "arn:aws:s3-object-lambda:eu-west-1:123456789012:accesspoint/o"
#define MRAP   "arn:aws:s3::123456789012:accesspoint:abc.mrap"
#define RACK   "arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-01/"
#define ALIAS  "x-o0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3"
#define ZONAL  "orders--euw1-az1--x-s3"

static const struct row {
	struct endpoint_query q;
	const char *url;  /* " *" behind it: without the bucket in the path */
	const char *sign; /* region and name to sign for */
	enum endpoint_auth auth;
} rows[] = {
	/* buckets */
	{ S3("eu-west-1", "my-bucket"),
	    "https://my-bucket.s3.eu-west-1.amazonaws.com *", "eu-west-1 s3" },
	{ S3("eu-west-1", "my.bucket"), "https://s3.eu-west-1.amazonaws.com",
	    "eu-west-1 s3" },
	{ S3("eu-west-1", "My_Bucket"), "https://s3.eu-west-1.amazonaws.com",
	    "eu-west-1 s3" },
	{ S3("eu-west-1", "ab"), "https://s3.eu-west-1.amazonaws.com",
	    "eu-west-1 s3" },
	{ S3("eu-west-1", ""), "https://s3.eu-west-1.amazonaws.com",
	    "eu-west-1 s3" },
	{ S3("eu-west-1", NULL), "https://s3.eu-west-1.amazonaws.com",
	    "eu-west-1 s3" },
	{ S3("cn-north-1", "b-1", .set.dual_stack = true),
	    "https://b-1.s3.dualstack.cn-north-1.amazonaws.com.cn *",
	    "cn-north-1 s3" },
	{ S3("eu-west-1", "b-1", .set.s3_dual_stack = true),
	    "https://b-1.s3.dualstack.eu-west-1.amazonaws.com *",
	    "eu-west-1 s3" },
	{ S3("us-gov-west-1", "b-1", .set.fips = true, .set.dual_stack = true),
	    "https://b-1.s3-fips.dualstack.us-gov-west-1.amazonaws.com *",
	    "us-gov-west-1 s3" },
	{ S3("eu-west-1", "b-1", .set.s3_style = STYLE_PATH),
	    "https://s3.eu-west-1.amazonaws.com", "eu-west-1 s3" },

	/* URLs: the path by default, as emulators want it */
	{ S3("eu-west-1", "b-1", .url = LOCAL), LOCAL, "eu-west-1 s3" },
	{ S3("eu-west-1", "b-1", .url = VPC), VPC, "eu-west-1 s3" },
	{ S3("eu-west-1", "b-1", .url = VPC, .set.s3_style = STYLE_VIRTUAL),
	    "https://b-1.bucket.vpce-1a2b-5e6f.s3.eu-west-1.vpce.amazonaws.com "
	    "*",
	    "eu-west-1 s3" },
	{ S3("eu-west-1", "b-1", .url = LOCAL, .set.s3_style = STYLE_VIRTUAL),
	    LOCAL, "eu-west-1 s3" },
	{ S3("eu-west-1", "b-1", .url = "http://[::1]:1",
	      .set.s3_style = STYLE_VIRTUAL),
	    "http://[::1]:1", "eu-west-1 s3" },
	{ S3("eu-west-1", "b.1", .url = "http://store.lan:9000/x/",
	      .set.s3_style = STYLE_VIRTUAL),
	    "http://b.1.store.lan:9000/x *", "eu-west-1 s3" },
	{ S3("eu-west-1", "b.1", .url = "https://store.lan",
	      .set.s3_style = STYLE_VIRTUAL),
	    "https://store.lan", "eu-west-1 s3" },
	{ S3("eu-west-1", "1.2.3.4", .url = "http://store.lan",
	      .set.s3_style = STYLE_VIRTUAL),
	    "http://store.lan", "eu-west-1 s3" },
	{ S3("", "b-1", .url = LOCAL), LOCAL, "us-east-1 s3" },

	/* the global endpoint */
	{ S3("us-east-1", "b-1"), "https://b-1.s3.us-east-1.amazonaws.com *",
	    "us-east-1 s3" },
	{ S3("us-east-1", "b-1", .set.s3_legacy = true),
	    "https://b-1.s3.amazonaws.com *", "us-east-1 s3" },
	{ S3("eu-west-1", "b-1", .set.s3_legacy = true),
	    "https://b-1.s3.eu-west-1.amazonaws.com *", "eu-west-1 s3" },
	{ S3("us-east-1", "b-1", .set.s3_legacy = true, .set.fips = true),
	    "https://b-1.s3-fips.us-east-1.amazonaws.com *", "us-east-1 s3" },
	{ S3("aws-global", "b-1"), "https://b-1.s3.amazonaws.com *",
	    "us-east-1 s3" },
	{ S3("aws-cn-global", "b-1"), "https://b-1.s3.amazonaws.com.cn *",
	    "cn-northwest-1 s3" },

	/* acceleration, but for what it does not know */
	{ S3("eu-west-1", "b-1", .set.s3_accelerate = true),
	    "https://b-1.s3-accelerate.amazonaws.com *", "eu-west-1 s3" },
	{ S3("eu-west-1", "b-1", .set.s3_accelerate = true,
	      .set.s3_dual_stack = true),
	    "https://b-1.s3-accelerate.dualstack.amazonaws.com *",
	    "eu-west-1 s3" },
	{ S3("eu-west-1", "b-1", .set.s3_accelerate = true,
	      .operation = "CreateBucket"),
	    "https://b-1.s3.eu-west-1.amazonaws.com *", "eu-west-1 s3" },
	{ S3("eu-west-1", NULL, .set.s3_accelerate = true),
	    "https://s3.eu-west-1.amazonaws.com", "eu-west-1 s3" },

	/* ARNs */
	{ S3("us-west-2", POINT),
	    "https://orders-123456789012.s3-accesspoint.eu-west-1.amazonaws.com"
	    " *",
	    "eu-west-1 s3" },
	{ S3("eu-west-1", POINT, .set.s3_own_region = true, .set.fips = true,
	      .set.dual_stack = true),
	    "https://orders-123456789012.s3-accesspoint-fips.dualstack."
	    "eu-west-1.amazonaws.com *",
	    "eu-west-1 s3" },
	{ S3("eu-west-1", POINT, .url = "http://store.lan:9000/x"),
	    "http://orders-123456789012.store.lan:9000/x *", "eu-west-1 s3" },
	{ S3("us-east-1", LAMBDA, .set.fips = true),
	    "https://o-123456789012.s3-object-lambda-fips.eu-west-1.amazonaws."
	    "com *",
	    "eu-west-1 s3-object-lambda" },
	{ S3("us-east-1", RACK "accesspoint/o"),
	    "https://o-123456789012.op-01.s3-outposts.eu-west-1.amazonaws.com "
	    "*",
	    "eu-west-1 s3-outposts" },
	{ S3("us-east-1", ALIAS),
	    "https://" ALIAS
	    ".op-0b1d075431d83bebd.s3-outposts.us-east-1.amazonaws.com *",
	    "us-east-1 s3-outposts" },
	{ S3("eu-west-1", MRAP),
	    "https://abc.mrap.accesspoint.s3-global.amazonaws.com *",
	    "eu-west-1 s3", AUTH_SIGV4A },
	{ S3("eu-west-1", NULL, .operation = "WriteGetObjectResponse"),
	    "https://s3-object-lambda.eu-west-1.amazonaws.com",
	    "eu-west-1 s3-object-lambda" },

	/* directory buckets */
	{ S3("eu-west-1", ZONAL, .operation = "GetObject"),
	    "https://" ZONAL ".s3express-euw1-az1.eu-west-1.amazonaws.com *",
	    "eu-west-1 s3express", AUTH_S3EXPRESS },
	{ S3("eu-west-1", ZONAL, .operation = "GetObject", .set.fips = true,
	      .set.dual_stack = true, .set.s3_no_sessions = true),
	    "https://" ZONAL
	    ".s3express-fips-euw1-az1.dualstack.eu-west-1.amazonaws.com *",
	    "eu-west-1 s3express" },
	{ S3("eu-west-1", ZONAL, .operation = "CopyObject"),
	    "https://" ZONAL ".s3express-euw1-az1.eu-west-1.amazonaws.com *",
	    "eu-west-1 s3express" },
	{ S3("eu-west-1", "a--b--euw1-az1--xa-s3", .operation = "HeadBucket"),
	    "https://a--b--euw1-az1--xa-s3.s3express-euw1-az1.eu-west-1."
	    "amazonaws.com *",
	    "eu-west-1 s3express", AUTH_S3EXPRESS },
	{ S3("eu-west-1", ZONAL, .operation = "PutBucketPolicy"),
	    "https://s3express-control.eu-west-1.amazonaws.com",
	    "eu-west-1 s3express" },
	{ S3("eu-west-1", ZONAL, .operation = "PutPublicAccessBlock",
	      .set.fips = true),
	    "https://s3express-control-fips.eu-west-1.amazonaws.com",
	    "eu-west-1 s3express" },
	{ S3("eu-west-1", NULL, .operation = "ListDirectoryBuckets"),
	    "https://s3express-control.eu-west-1.amazonaws.com",
	    "eu-west-1 s3express" },
	{ S3("eu-west-1", ZONAL, .operation = "DeleteBucket", .url = LOCAL),
	    LOCAL, "eu-west-1 s3express" },
};

START_TEST(resolves)
{
	const struct row *r = &rows[_i];
	auto_free char *url = NULL, *sign = NULL;
	struct endpoint e;
	struct err err = { 0 };

	ck_assert_msg(endpoint_resolve(&r->q, &e, &err) == 0, "%s", err.msg);
	url = mem_fmt("%s://%s%s%s", e.scheme, e.host, e.path,
	    e.bucket_in_host ? " *" : "");
	sign = mem_fmt("%s %s", e.region, e.sign_name);
	ck_assert_str_eq(url, r->url);
	ck_assert_str_eq(sign, r->sign);
	ck_assert_int_eq(e.auth, r->auth);
	ck_assert_int_eq(
	    endpoint_check_auth(&e, &err), r->auth == AUTH_SIGV4 ? 0 : -1);
}
END_TEST

static const struct {
	struct endpoint_query q;
	const char *wanted;
} refused[] = {
	{ S3("cn-north-1", "b-1", .set.fips = true),
	    "s3 has no FIPS endpoint in cn-north-1" },
	{ S3("eu-west-1", "b-1", .url = LOCAL, .set.dual_stack = true),
	    "cannot be a dual-stack endpoint as well" },
	{ S3("eu-west-1", "b-1", .url = LOCAL, .set.s3_dual_stack = true),
	    "cannot be a dual-stack endpoint as well" },
	{ S3("eu-west-1", "b-1", .url = LOCAL, .set.s3_accelerate = true),
	    "cannot be an S3 Accelerate endpoint as well" },
	{ S3("eu-west-1", "b-1", .set.fips = true, .set.s3_accelerate = true),
	    "S3 Accelerate cannot be used with FIPS" },
	{ S3("cn-north-1", "b-1", .set.s3_accelerate = true),
	    "S3 Accelerate cannot be used in this region" },
	{ S3("eu-west-1", "b.1", .set.s3_accelerate = true),
	    "Path-style addressing cannot be used with S3 Accelerate" },
	{ S3("eu-west-1", "abc.mrap"), "is named by its ARN" },

	{ S3("eu-west-1", "arn:aws"), "`arn:aws` was not a valid ARN" },
	{ S3("eu-west-1", "arn:aws:s3:::b"), "Unrecognized format" },
	{ S3("eu-west-1", "arn:aws:s3:eu-west-1:1:/x"), "No ARN type" },
	{ S3("eu-west-1", "arn:aws:s3:eu-west-1:1:accesspoint"),
	    "no name was provided" },
	{ S3("eu-west-1", "arn:aws:sqs:eu-west-1:1:accesspoint/a"),
	    "not for the S3 service, found: sqs" },
	{ S3("eu-west-1", POINT "/object"), "single resource component" },
	{ S3("us-west-2", POINT, .set.s3_own_region = true),
	    "region from ARN `eu-west-1` does not match client region "
	    "`us-west-2`" },
	{ S3("cn-north-1", POINT), "configured for partition `aws-cn`" },
	{ S3("eu-west-1", POINT, .set.s3_style = STYLE_PATH),
	    "Path-style addressing cannot be used with ARN buckets" },
	{ S3("eu-west-1", POINT, .set.s3_accelerate = true),
	    "access point does not support S3 Accelerate" },
	{ S3("eu-west-1", POINT, .operation = "CreateBucket"),
	    "Access points are not supported for this operation" },
	{ S3("eu-west-1", "arn:aws:s3:eu west:1:accesspoint/a"),
	    "Invalid region in ARN: `eu west`" },
	{ S3("eu-west-1", "arn:aws:s3:eu-west-1::accesspoint/a"),
	    "Missing account id" },
	{ S3("eu-west-1", "arn:aws:s3:eu-west-1:evil.com/:accesspoint/a"),
	    "account id may only contain" },
	{ S3("eu-west-1", "arn:aws:s3:eu-west-1:1:accesspoint/a.b"),
	    "access point name may only contain" },
	{ S3("eu-west-1", LAMBDA, .set.dual_stack = true),
	    "S3 Object Lambda does not support Dual-stack" },
	{ S3("eu-west-1", "arn:aws:s3-object-lambda:eu-west-1:1:bucket/a"),
	    "found: `bucket`" },
	{ S3("eu-west-1", MRAP, .set.s3_no_mrap = true),
	    "Multi-Region Access Point ARNs are disabled" },
	{ S3("eu-west-1", MRAP, .set.dual_stack = true),
	    "S3 MRAP does not support Dual-stack" },
	{ S3("cn-north-1", MRAP), "bucket referred to partition `aws`" },
	{ S3("eu-west-1", "arn:aws:s3::1:accesspoint:a@b"),
	    "Invalid Access Point Name" },

	{ S3("eu-west-1", RACK "accesspoint/o", .set.fips = true),
	    "S3 Outposts does not support FIPS" },
	{ S3("eu-west-1", RACK "accesspoint/o/x"), "contains sub resources" },
	{ S3("eu-west-1", RACK "bucket/o"), "found bucket" },
	{ S3("eu-west-1", "arn:aws:s3-outposts:eu-west-1:1:outpost"),
	    "The Outpost Id was not set" },
	{ S3("eu-west-1", "arn:aws:s3-outposts:eu-west-1:1:outpost/o_p/a/b"),
	    "outpost Id may only contain" },
	{ S3("eu-west-1", "short--op-s3"), "hardware type o or e but got ?" },
	{ S3("eu-west-1", "Not.A.Host--op-s3"), "must be a valid bucket name" },

	{ S3("eu-west-1", "a--az1--x-s3"), "bucket name format" },
	{ S3("eu-west-1", "a--this-zone-has-too-long-a-name--x-s3"),
	    "bucket name format" },
	{ S3("eu-west-1", "--x-s3"), "valid virtual hostable name" },
	{ S3("eu-west-1", "a.b--euw1-az1--x-s3"),
	    "valid virtual hostable name" },
	{ S3("eu-west-1", ZONAL, .set.s3_accelerate = true),
	    "S3Express does not support S3 Accelerate" },
};

START_TEST(refuses)
{
	struct endpoint e;
	struct err err = { 0 };

	ck_assert_msg(endpoint_resolve(&refused[_i].q, &e, &err) == -1,
	    "%s://%s", e.scheme, e.host);
	ck_assert_int_eq(err.kind, ERR_INPUT);
	ck_assert_msg(
	    strstr(err.msg, refused[_i].wanted) != NULL, "%s", err.msg);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("endpoint_s3");
	TCase *t = tcase_create("endpoint_s3");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, resolves, 0, LEN(rows));
	tcase_add_loop_test(t, refuses, 0, LEN(refused));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
