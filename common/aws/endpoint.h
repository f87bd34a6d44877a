/*
 * Where requests go: partitions, regions, exceptions, overrides, and the
 * addressing of S3 buckets. All rules are rows of tables. Pure; any thread.
 */
#ifndef COMMON_AWS_ENDPOINT_H
#define COMMON_AWS_ENDPOINT_H

#include <stdbool.h>

#include "common/aws/config.h"
#include "common/base/buf.h"
#include "common/base/err.h"

/* "aws", "aws-cn", ...; unknown regions belong to "aws". */
const char *endpoint_partition(const char *region);

struct endpoint_query {
	const char *service; /* name of the model: "elbv2" */
	const char *prefix;  /* its endpoint prefix */
	const char *region;
	bool fips, dual_stack;
	const char *url;         /* an override; NULL: the AWS endpoint */
	const char *host_prefix; /* "sync-" or "": not with an override */
	const char *bucket;      /* of S3, or "" */
};

struct endpoint {
	char scheme[8];
	char host[512];  /* with the port, if the URL has one */
	char path[256];  /* before the request's path, without '/' at the end */
	char region[64]; /* to sign for */
	bool bucket_in_host; /* take "/BUCKET" off the request's path */
};

/* ERR_INPUT: no such endpoint, or a name that cannot be one. */
int endpoint_resolve(
    const struct endpoint_query *, struct endpoint *ret, struct err *);

/*
 * The override in force for a service, or false: setting, then
 * AWS_ENDPOINT_URL_<ID>, AWS_ENDPOINT_URL, the profile's services section,
 * its endpoint_url. service_id as in the model: "Elastic Load Balancing v2".
 */
bool endpoint_override(const char *setting, const struct config *,
    const char *profile, const char *service_id, struct buf *ret_url);

#endif
