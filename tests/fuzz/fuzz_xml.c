/* Fuzzer: any bytes as an answer of the query, EC2 and REST-XML protocols. */

#include "tests/fuzz/fuzz_answer.h"

static const char *const operations[] = {
	"ec2 DescribeSecurityGroups",
	"ec2 DescribeVpcs",
	"iam ListRoles",
	"iam GetRolePolicy",
	"sts AssumeRole",
	"sns GetTopicAttributes",
	"rds DescribeDBInstances",
	"s3 GetBucketLifecycleConfiguration",
	"s3 GetBucketLocation",
	"s3 ListObjectsV2",
	"s3 GetBucketPolicy",
	"cloudfront GetDistributionConfig",
	"route53 ListResourceRecordSets",
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_answer(
	    operations, sizeof(operations) / sizeof(*operations), data, size);
	return 0;
}
