/*
 * Between endpoint.c and the services that have rules of their own. Private.
 */
#ifndef COMMON_AWS_ENDPOINT_IMPL_H
#define COMMON_AWS_ENDPOINT_IMPL_H

#include "common/aws/endpoint.h"

struct partition {
	const char *name;
	const char *regions; /* their prefix; "" takes what is left */
	const char *suffix, *dual_suffix;
	const char *global; /* region that global services sign for */
};
const struct partition *endpoint_partition_of(const char *region);

/* What stands in for the letters of a template; see endpoint_expand. */
struct endpoint_parts {
	const struct partition *partition;
	const char *prefix, *region;
	const char *zone; /* of a directory bucket */
	bool fips, dual_stack;
};
/*
 * %p prefix, %f "-fips" or nothing, %d ".dualstack" or nothing, %r region, %g
 * the partition's global region, %s its suffix (of dual-stack when asked
 * for), %n its plain suffix, %z zone.
 */
void endpoint_expand(
    const struct endpoint_parts *, const char *template, struct buf *ret);

/* "aws-global" is no place, but some services take it. */
bool endpoint_is_global(const char *region);
/* A label of a host's name; with dots: several of them. */
bool endpoint_is_label(const char *, bool dots);

/* Scheme, host and path of q->url. */
int endpoint_from_url(
    const struct endpoint_query *, struct endpoint *ret, struct err *);
/* https and this host. */
int endpoint_from_host(const char *host, struct endpoint *ret, struct err *);
/* "LABEL." before the host. */
int endpoint_add_label(const char *label, struct endpoint *ret, struct err *);

/* "arn:aws:s3:eu-west-1:123456789012:accesspoint/x" in its parts. */
#define ARN_PARTS 6
struct arn {
	char text[512]; /* the rest points into it */
	const char *partition, *service, *region, *account;
	const char *part[ARN_PARTS]; /* of the resource; what follows is lost */
	size_t n;
};
/* false: it is none */
bool endpoint_parse_arn(const char *, struct arn *ret);

/* By the rows of the tables alone. */
int endpoint_plain(
    const struct endpoint_query *, struct endpoint *ret, struct err *);
/* Services with rules of their own; ret is all zero before. */
int endpoint_s3(
    const struct endpoint_query *, struct endpoint *ret, struct err *);
int endpoint_dynamodb(
    const struct endpoint_query *, struct endpoint *ret, struct err *);
int endpoint_sts(
    const struct endpoint_query *, struct endpoint *ret, struct err *);
int endpoint_events(
    const struct endpoint_query *, struct endpoint *ret, struct err *);

/* --- within S3 -------------------------------------------------------- */

/* What a bucket's name turned out to be. */
enum s3_family {
	S3_GENERAL, /* the service; a bucket of general purpose */
	S3_GLOBAL,
	S3_ACCELERATE,
	S3_ACCELERATE_GLOBAL,
	S3_ACCESS_POINT,
	S3_MULTI_REGION,
	S3_OBJECT_LAMBDA,
	S3_OUTPOST,
	S3_ZONE, /* a directory bucket */
	S3_ZONE_CONTROL
};
struct s3_place {
	enum s3_family family;
	char label[512];    /* before the host; "": a bucket is in the path */
	const char *region; /* where: the query's, or points into arn */
	struct arn arn;
	char zone[24];
};
/* Refuses what the family and the settings of the query do not share. */
int endpoint_s3_refuse(
    const struct endpoint_query *, enum s3_family, struct err *);
/* q->bucket begins like an ARN. */
int endpoint_s3_arn(
    const struct endpoint_query *, struct s3_place *ret, struct err *);

#endif
