/*
 * Where requests go: partitions, regions, exceptions, overrides, and the
 * addressing of S3 buckets and DynamoDB accounts. Rules are rows of tables.
 * Pure but for what says that it reads the environment; any thread.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html
 */
#ifndef COMMON_AWS_ENDPOINT_H
#define COMMON_AWS_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/aws/config.h"
#include "common/base/buf.h"
#include "common/base/err.h"

/* "aws", "aws-cn", ...; unknown regions belong to "aws". */
const char *endpoint_partition(const char *region);

/* How S3 hears of the bucket. By default as host, but in the path where the
 * name cannot be one or the endpoint is a URL, as emulators want it. */
enum endpoint_style { STYLE_AUTO, STYLE_VIRTUAL, STYLE_PATH };
/* Endpoints of one account's DynamoDB: never; where the account is known;
 * or fail. */
enum endpoint_account { ACCOUNT_DISABLED, ACCOUNT_PREFERRED, ACCOUNT_REQUIRED };

/* What the user set for all requests. All zero: AWS's own defaults. */
struct endpoint_settings {
	uint8_t fips, dual_stack; /* booleans, but for the enums above */
	uint8_t s3_style, s3_dual_stack, s3_accelerate;
	uint8_t s3_legacy;      /* us-east-1 is s3.amazonaws.com */
	uint8_t s3_own_region;  /* no ARNs of other regions */
	uint8_t s3_no_mrap;     /* no multi-region access points */
	uint8_t s3_no_sessions; /* directory buckets take plain SigV4 */
	uint8_t sts_legacy;     /* regions of old are sts.amazonaws.com */
	uint8_t account;
};
/* From the environment and the profile; ERR_INPUT: a value that is none. */
int endpoint_settings_load(const struct config *, const char *profile,
    struct endpoint_settings *ret, struct err *);

struct endpoint_query {
	const char *service; /* name of the model: "elbv2" */
	const char *prefix;  /* its endpoint prefix */
	const char *operation;
	const char *region;
	struct endpoint_settings set;
	const char *url;         /* an override; NULL: the AWS endpoint */
	const char *host_prefix; /* "sync-" or "": not with an override */
	/* What the request is about; NULL or "": nothing of the kind. */
	const char *bucket;       /* of S3: name, alias or ARN */
	const char *arn;          /* of a DynamoDB table, index, stream */
	const char *account;      /* the caller's; NULL: not known */
	const char *multi_region; /* EventBridge: its EndpointId */
};

enum endpoint_auth { AUTH_SIGV4, AUTH_SIGV4A, AUTH_S3EXPRESS };

struct endpoint {
	char scheme[8];
	char host[512];  /* with the port, if the URL has one */
	char path[256];  /* before the request's path, without '/' at the end */
	char region[64]; /* to sign for */
	char sign_name[24]; /* to sign for; "": as the model says */
	enum endpoint_auth auth;
	bool bucket_in_host; /* take "/BUCKET" off the request's path */
};

/* ERR_INPUT: no such endpoint, or a name that cannot be one. */
int endpoint_resolve(
    const struct endpoint_query *, struct endpoint *ret, struct err *);
/* ERR_INPUT: it wants a signature that this client does not make. */
int endpoint_check_auth(const struct endpoint *, struct err *);

/*
 * The override in force for a service, or false: setting, then
 * AWS_ENDPOINT_URL_<ID>, AWS_ENDPOINT_URL, the profile's services section,
 * its endpoint_url. service_id as in the model: "Elastic Load Balancing v2".
 */
bool endpoint_override(const char *setting, const struct config *,
    const char *profile, const char *service_id, struct buf *ret_url);

#endif
