/*
 * ARNs in place of a bucket's name: access points, also of several regions,
 * of Outposts and of Object Lambda. See endpoint_impl.h.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html
 */

#include "common/aws/endpoint_impl.h"
#include "common/base/text.h"

#include <stdio.h>
#include <string.h>

static int
check_operation(const struct endpoint_query *q, struct err *err)
{
	return strcmp(q->operation, "CreateBucket") != 0
		   ? 0
		   : err_set(err, ERR_INPUT,
			 "Access points are not supported for this operation");
}

/* Region and partition of the ARN beside those of the client. */
static int
check_region(
    const struct endpoint_query *q, const struct arn *a, struct err *err)
{
	const char *ours = endpoint_partition(q->region),
		   *its = endpoint_partition(a->region);

	if (q->set.s3_own_region && strcmp(a->region, q->region) != 0)
		return err_set(err, ERR_INPUT,
		    "region from ARN `%s` does not match client region `%s` "
		    "and UseArnRegion is `false`",
		    a->region, q->region);
	if (strcmp(ours, its) != 0)
		return err_set(err, ERR_INPUT,
		    "Client was configured for partition `%s` but ARN (`%s`) "
		    "has `%s`",
		    ours, q->bucket, its);
	if (!endpoint_is_label(a->region, false))
		return err_set(err, ERR_INPUT,
		    "Invalid region in ARN: `%s` (invalid DNS name)",
		    a->region);
	return 0;
}

/* The label is made of both. */
static int
check_names(const struct arn *a, const char *point, struct err *err)
{
	if (*a->account == 0)
		return err_set(
		    err, ERR_INPUT, "Invalid ARN: Missing account id");
	if (!endpoint_is_label(a->account, false))
		return err_set(err, ERR_INPUT,
		    "Invalid ARN: The account id may only contain a-z, A-Z, "
		    "0-9 and `-`. Found: `%s`",
		    a->account);
	if (!endpoint_is_label(point, false))
		return err_set(err, ERR_INPUT,
		    "Invalid ARN: The access point name may only contain a-z, "
		    "A-Z, 0-9 and `-`. Found: `%s`",
		    point);
	return 0;
}

/* An access point of one region, with or without Object Lambda. */
static int
access_point(
    const struct endpoint_query *q, struct s3_place *ret, struct err *err)
{
	const struct arn *a = &ret->arn;

	if (check_operation(q, err) == -1)
		return -1;
	if (a->n > 2)
		return err_set(err, ERR_INPUT,
		    "Invalid ARN: The ARN may only contain a single resource "
		    "component after `accesspoint`.");
	if (check_region(q, a, err) == -1)
		return -1;
	if (ret->family == S3_ACCESS_POINT && strcmp(a->service, "s3") != 0)
		return err_set(err, ERR_INPUT,
		    "Invalid ARN: The ARN was not for the S3 service, found: "
		    "%s",
		    a->service);
	if (check_names(a, a->part[1], err) == -1)
		return -1;
	snprintf(
	    ret->label, sizeof(ret->label), "%s-%s", a->part[1], a->account);
	return 0;
}

static int
multi_region(
    const struct endpoint_query *q, struct s3_place *ret, struct err *err)
{
	const struct arn *a = &ret->arn;
	const char *ours = endpoint_partition(q->region);

	if (check_operation(q, err) == -1)
		return -1;
	if (a->n > 2 || !endpoint_is_label(a->part[1], true))
		return err_set(err, ERR_INPUT, "Invalid Access Point Name");
	if (q->set.s3_no_mrap)
		return err_set(err, ERR_INPUT,
		    "Multi-Region Access Point ARNs are disabled.");
	if (strcmp(a->partition, ours) != 0)
		return err_set(err, ERR_INPUT,
		    "Client was configured for partition `%s` but bucket "
		    "referred to partition `%s`",
		    ours, a->partition);
	ret->region = q->region;
	snprintf(ret->label, sizeof(ret->label), "%s", a->part[1]);
	return 0;
}

static int
check_outpost(const struct arn *a, struct err *err)
{
	if (a->n > 4)
		return err_set(err, ERR_INPUT,
		    "Invalid Arn: Outpost Access Point ARN contains sub "
		    "resources");
	if (a->n < 2)
		return err_set(
		    err, ERR_INPUT, "Invalid ARN: The Outpost Id was not set");
	if (!endpoint_is_label(a->part[1], false))
		return err_set(err, ERR_INPUT,
		    "Invalid ARN: The outpost Id may only contain a-z, A-Z, "
		    "0-9 and `-`. Found: `%s`",
		    a->part[1]);
	if (a->n < 3)
		return err_set(err, ERR_INPUT,
		    "Invalid ARN: Expected a 4-component resource");
	if (a->n < 4)
		return err_set(err, ERR_INPUT,
		    "Invalid ARN: expected an access point name");
	if (strcmp(a->part[2], "accesspoint") != 0)
		return err_set(err, ERR_INPUT,
		    "Expected an outpost type `accesspoint`, found %s",
		    a->part[2]);
	return 0;
}

static int
outpost(const struct endpoint_query *q, struct s3_place *ret, struct err *err)
{
	const struct arn *a = &ret->arn;

	if (check_outpost(a, err) == -1 || check_region(q, a, err) == -1 ||
	    check_names(a, a->part[3], err) == -1)
		return -1;
	snprintf(ret->label, sizeof(ret->label), "%s-%s.%s", a->part[3],
	    a->account, a->part[1]);
	return 0;
}

/* Not all of them have a name behind their type. */
static int
check_type(const struct arn *a, struct err *err)
{
	bool point = strcmp(a->part[0], "accesspoint") == 0;

	if (*a->part[0] == 0)
		return err_set(
		    err, ERR_INPUT, "Invalid ARN: No ARN type specified");
	if (strcmp(a->service, "s3-object-lambda") == 0 && !point)
		return err_set(err, ERR_INPUT,
		    "Invalid ARN: Object Lambda ARNs only support "
		    "`accesspoint` arn types, but found: `%s`",
		    a->part[0]);
	if (point && (a->n < 2 || *a->part[1] == 0))
		return err_set(err, ERR_INPUT,
		    "Invalid ARN: Expected a resource of the format "
		    "`accesspoint:<accesspoint name>` but no name was "
		    "provided");
	return 0;
}

/* The first row that matches. */
static const struct {
	const char *service, *type; /* NULL: any */
	bool here;                  /* it names a region */
	enum s3_family family;
	int (*read)(
	    const struct endpoint_query *, struct s3_place *, struct err *);
} kinds[] = {
	{ "s3-object-lambda", "accesspoint", true, S3_OBJECT_LAMBDA,
	    access_point },
	{ NULL, "accesspoint", true, S3_ACCESS_POINT, access_point },
	{ "s3", "accesspoint", false, S3_MULTI_REGION, multi_region },
	{ "s3-outposts", NULL, true, S3_OUTPOST, outpost },
};

int
endpoint_s3_arn(
    const struct endpoint_query *q, struct s3_place *ret, struct err *err)
{
	const struct arn *a = &ret->arn;

	if (!endpoint_parse_arn(q->bucket, &ret->arn))
		return err_set(err, ERR_INPUT,
		    "Invalid ARN: `%s` was not a valid ARN", q->bucket);
	if (q->set.s3_style == STYLE_PATH)
		return err_set(err, ERR_INPUT,
		    "Path-style addressing cannot be used with ARN buckets");
	if (check_type(a, err) == -1)
		return -1;
	ret->region = a->region;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if ((kinds[i].service != NULL &&
			strcmp(kinds[i].service, a->service) != 0) ||
		    (kinds[i].type != NULL &&
			strcmp(kinds[i].type, a->part[0]) != 0) ||
		    kinds[i].here != (*a->region != 0))
			continue;
		ret->family = kinds[i].family;
		return endpoint_s3_refuse(q, ret->family, err) == -1
			   ? -1
			   : kinds[i].read(q, ret, err);
	}
	return err_set(err, ERR_INPUT,
	    "Invalid ARN: Unrecognized format: %s (type: %s)", q->bucket,
	    a->part[0]);
}
