/*
 * Where S3 requests go: the service, buckets, directory buckets and their
 * zones, aliases on Outposts. ARNs are in endpoint_s3_arn.c.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */

#include "common/aws/endpoint_impl.h"
#include "common/base/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *host; /* a template, see endpoint_expand */
	const char *sign_name;
	const char *who; /* does not support: */
	bool no_fips, no_dual, no_accelerate;
} families[] = {
	[S3_GENERAL] = { "s3%f%d.%r.%n", "s3", "S3" },
	[S3_GLOBAL] = { "s3.%n", "s3", "S3" },
	[S3_ACCELERATE] = { "s3-accelerate%d.%n", "s3", "S3" },
	/* with dual-stack, "aws-global" is a region here, and only here */
	[S3_ACCELERATE_GLOBAL] = { "s3-accelerate%d.%r.%n", "s3", "S3" },
	[S3_ACCESS_POINT] = { "s3-accesspoint%f%d.%r.%n", "s3",
	    "an S3 access point", .no_accelerate = true },
	[S3_MULTI_REGION] = { "accesspoint.s3-global.%n", "s3", "S3 MRAP", true,
	    true, true },
	[S3_OBJECT_LAMBDA] = { "s3-object-lambda%f.%r.%n", "s3-object-lambda",
	    "S3 Object Lambda", .no_dual = true, .no_accelerate = true },
	[S3_OUTPOST] = { "s3-outposts.%r.%n", "s3-outposts", "S3 Outposts",
	    true, true, true },
	[S3_ZONE] = { "s3express%f-%z%d.%r.%n", "s3express", "S3Express",
	    .no_accelerate = true },
	[S3_ZONE_CONTROL] = { "s3express-control%f%d.%r.%n", "s3express",
	    "S3Express", .no_accelerate = true },
};

int
endpoint_s3_refuse(
    const struct endpoint_query *q, enum s3_family family, struct err *err)
{
	const char *what = families[family].no_dual && q->set.dual_stack
			       ? "Dual-stack"
			   : families[family].no_fips && q->set.fips ? "FIPS"
			   : families[family].no_accelerate &&
				   q->set.s3_accelerate
			       ? "S3 Accelerate"
			       : NULL;

	return what == NULL ? 0
			    : err_set(err, ERR_INPUT, "%s does not support %s",
				  families[family].who, what);
}

/* What no bucket could have. */
static int
check_settings(const struct endpoint_query *q, struct err *err)
{
	if (q->set.fips && strcmp(endpoint_partition(q->region), "aws-cn") == 0)
		return err_set(
		    err, ERR_INPUT, "s3 has no FIPS endpoint in %s", q->region);
	if (q->set.s3_accelerate && q->set.fips)
		return err_set(
		    err, ERR_INPUT, "S3 Accelerate cannot be used with FIPS");
	if (q->set.s3_accelerate && q->url != NULL)
		return err_set(err, ERR_INPUT,
		    "endpoint URL %s: cannot be an S3 Accelerate endpoint as "
		    "well; unset one of the two",
		    q->url);
	return 0;
}

/* --- names ------------------------------------------------------------ */

/* Small letters, digits and hyphens; with dots: several such labels, which
 * together are no address. */
static bool
is_bucket_host(const char *s, bool dots)
{
	struct in_addr ip;
	size_t n = strlen(s);

	for (const char *p = s; *p != 0; p++)
		if (isupper((unsigned char)*p))
			return false;
	return n >= 3 && n <= 63 && endpoint_is_label(s, dots) &&
	       inet_pton(AF_INET, s, &ip) != 1;
}

/* "10.0.0.1:5000", "[::1]" */
static bool
is_address(const char *host)
{
	char text[16];
	struct in_addr ip;
	size_t n = strcspn(host, ":");

	if (*host == '[')
		return true;
	if (n >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)n, host);
	return inet_pton(AF_INET, text, &ip) == 1;
}

/* May the bucket stand before the host? With dots not behind TLS: the
 * certificate would not match. */
static bool
is_host(const struct endpoint_query *q, const struct endpoint *e)
{
	bool custom = q->url != NULL;

	if (q->set.s3_style == STYLE_PATH ||
	    (custom && q->set.s3_style == STYLE_AUTO))
		return false;
	return is_bucket_host(
		   q->bucket, custom && strcmp(e->scheme, "http") == 0) &&
	       !(custom && is_address(e->host));
}

/* --- buckets of general purpose --------------------------------------- */

/* Operations that acceleration does not know. */
static const char not_accelerated[] = "CreateBucket DeleteBucket ListBuckets";

static int
accelerated(
    const struct endpoint_query *q, struct s3_place *ret, struct err *err)
{
	if (words_has(not_accelerated, q->operation))
		return 0;
	if (*ret->label == 0)
		return err_set(err, ERR_INPUT,
		    "Path-style addressing cannot be used with S3 Accelerate");
	if (strcmp(endpoint_partition(q->region), "aws-cn") == 0)
		return err_set(err, ERR_INPUT,
		    "S3 Accelerate cannot be used in this region");
	ret->family = q->set.dual_stack && endpoint_is_global(q->region)
			  ? S3_ACCELERATE_GLOBAL
			  : S3_ACCELERATE;
	return 0;
}

static int
general(const struct endpoint_query *q, const struct endpoint *e,
    struct s3_place *ret, struct err *err)
{
	bool global = endpoint_is_global(q->region) ||
		      (q->set.s3_legacy && strcmp(q->region, "us-east-1") == 0);

	ret->family = global && !q->set.fips && !q->set.dual_stack ? S3_GLOBAL
								   : S3_GENERAL;
	if (q->bucket == NULL)
		return 0;
	if (is_host(q, e))
		snprintf(ret->label, sizeof(ret->label), "%s", q->bucket);
	return q->set.s3_accelerate ? accelerated(q, ret, err) : 0;
}

/* The operations of a service, not of a bucket. */
static int
service(const struct endpoint_query *q, const struct endpoint *e,
    struct s3_place *ret, struct err *err)
{
	static const struct {
		const char *operation;
		enum s3_family family;
	} others[] = {
		{ "WriteGetObjectResponse", S3_OBJECT_LAMBDA },
		{ "ListDirectoryBuckets", S3_ZONE_CONTROL },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(others[i].operation, q->operation) == 0) {
			ret->family = others[i].family;
			return endpoint_s3_refuse(q, ret->family, err);
		}
	return general(q, e, ret, err);
}

/* --- directory buckets ------------------------------------------------ */

/* Buckets themselves are the region's; what is in them is the zone's. */
static bool
is_control(const char *operation)
{
	static const char zonal[] =
	    "HeadBucket GetBucketAbac PutBucketAbac ListBuckets";

	return (strstr(operation, "Bucket") != NULL ||
		   text_ends(operation, "PublicAccessBlock")) &&
	       !words_has(zonal, operation);
}

/* Operations whose keys are never those of a session. */
static const char sessionless[] = "CopyObject CreateSession UploadPartCopy";

/* "bucket--usw2-az1--x-s3": the zone is what the last but one dashes begin. */
static bool
read_zone(const struct endpoint_query *q, const char *suffix, char ret[24])
{
	size_t end = strlen(q->bucket) - strlen(suffix), at = end;

	while (at >= 2 && strncmp(q->bucket + at - 2, "--", 2) != 0)
		at--;
	if (at < 2 || end - at < 8 || end - at > 20)
		return false;
	snprintf(ret, 24, "%.*s", (int)(end - at), q->bucket + at);
	return true;
}

static int
directory(const struct endpoint_query *q, const char *suffix,
    struct endpoint *e, struct s3_place *ret, struct err *err)
{
	bool control = is_control(q->operation),
	     in_path = q->url != NULL ? is_address(e->host) : control;

	ret->family = control ? S3_ZONE_CONTROL : S3_ZONE;
	e->auth = control || q->set.s3_no_sessions ||
			  words_has(sessionless, q->operation)
		      ? AUTH_SIGV4
		      : AUTH_S3EXPRESS;
	if (endpoint_s3_refuse(q, ret->family, err) == -1)
		return -1;
	if (!in_path && !is_bucket_host(q->bucket, false))
		return err_set(err, ERR_INPUT,
		    "S3Express bucket name is not a valid virtual hostable "
		    "name.");
	if (q->url == NULL && !control && !read_zone(q, suffix, ret->zone))
		return err_set(err, ERR_INPUT,
		    "Unrecognized S3Express bucket name format.");
	if (!in_path)
		snprintf(ret->label, sizeof(ret->label), "%s", q->bucket);
	return 0;
}

/* --- aliases of access points on Outposts ----------------------------- */

/* "NAME-" hardware, 17 characters of the Outpost, 20 others, region, suffix:
 * where they begin, from the end. */
enum { HARDWARE = 50, OUTPOST = 49, OUTPOST_LEN = 17, ALIAS_REGION = 12 };

static int
alias(const struct endpoint_query *q, struct s3_place *ret, struct err *err)
{
	const char *end = q->bucket + strlen(q->bucket);
	char hardware = end - q->bucket < HARDWARE ? 0 : end[-HARDWARE];

	ret->family = S3_OUTPOST;
	if (!is_bucket_host(q->bucket, false))
		return err_set(err, ERR_INPUT,
		    "Invalid Outposts Bucket alias - it must be a valid bucket "
		    "name.");
	if (hardware != 'e' && hardware != 'o')
		return err_set(err, ERR_INPUT,
		    "Unrecognized hardware type: \"Expected hardware type o or "
		    "e but got %c\"",
		    hardware == 0 ? '?' : hardware);
	if (strncmp(end - ALIAS_REGION, "beta", 4) == 0 && q->url == NULL)
		return err_set(err, ERR_INPUT,
		    "Expected a endpoint to be specified but no endpoint was "
		    "found");
	if (hardware == 'e')
		snprintf(ret->label, sizeof(ret->label), "%s.ec2", q->bucket);
	else
		snprintf(ret->label, sizeof(ret->label), "%s.op-%.*s",
		    q->bucket, OUTPOST_LEN, end - OUTPOST);
	return endpoint_s3_refuse(q, ret->family, err);
}

/* --- all together ----------------------------------------------------- */

static int
find_place(const struct endpoint_query *q, struct endpoint *e,
    struct s3_place *ret, struct err *err)
{
	static const char *const suffixes[] = { "--x-s3", "--xa-s3" };

	if (q->bucket == NULL)
		return service(q, e, ret, err);
	for (size_t i = 0; i < 2; i++)
		if (text_ends(q->bucket, suffixes[i]))
			return directory(q, suffixes[i], e, ret, err);
	if (text_ends(q->bucket, "--op-s3"))
		return alias(q, ret, err);
	if (text_starts(q->bucket, "arn:"))
		return endpoint_s3_arn(q, ret, err);
	if (text_ends(q->bucket, ".mrap"))
		return err_set(err, ERR_INPUT,
		    "bucket %s: a multi-region access point is named by its "
		    "ARN",
		    q->bucket);
	return general(q, e, ret, err);
}

static int
set_host(const struct endpoint_query *q, const struct s3_place *place,
    struct endpoint *ret, struct err *err)
{
	const struct partition *p = endpoint_partition_of(place->region);
	const struct endpoint_parts parts = { .partition = p,
		.prefix = q->prefix,
		.region = ret->region,
		.zone = place->zone,
		.fips = q->set.fips,
		.dual_stack = q->set.dual_stack };
	auto_buf struct buf host = BUF_INIT;

	if (q->url != NULL)
		return 0;
	endpoint_expand(&parts, families[place->family].host, &host);
	return endpoint_from_host(host.data, ret, err);
}

static void
set_signature(const struct s3_place *place, struct endpoint *ret)
{
	const char *region = place->region;

	if (*region == 0 || endpoint_is_global(region))
		region = endpoint_partition_of(region)->global;
	snprintf(ret->region, sizeof(ret->region), "%s", region);
	snprintf(ret->sign_name, sizeof(ret->sign_name), "%s",
	    families[place->family].sign_name);
	if (place->family == S3_MULTI_REGION)
		ret->auth = AUTH_SIGV4A;
}

int
endpoint_s3(
    const struct endpoint_query *given, struct endpoint *ret, struct err *err)
{
	struct endpoint_query q = *given;
	struct s3_place place = { .region = q.region };

	q.set.dual_stack |= q.set.s3_dual_stack;
	q.operation = q.operation == NULL ? "" : q.operation;
	q.bucket = q.bucket != NULL && *q.bucket != 0 ? q.bucket : NULL;
	if (q.url != NULL && endpoint_from_url(&q, ret, err) == -1)
		return -1;
	if (check_settings(&q, err) == -1 ||
	    find_place(&q, ret, &place, err) == -1)
		return -1;
	set_signature(&place, ret);
	if (set_host(&q, &place, ret, err) == -1)
		return -1;
	ret->bucket_in_host = *place.label != 0;
	return *place.label == 0 ? 0
				 : endpoint_add_label(place.label, ret, err);
}
