/* Names of IAM: see iam_names.h. */

#include "cli/iam_names.h"

#include <string.h>

#include "common/aws/aws.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/text.h"

/* Services that are not as they are called; the others are, and their
 * operations, too. */
static const struct name {
	const char *service, *prefix;
	bool by_method;    /* actions are methods, resources are paths */
	const char *whole; /* operations that know no resource, or are asked
			      about all there is */
	const char *tail;  /* see iam_tail() */
} names[] = {
	{ "apigatewayv2", "apigateway", .by_method = true },
	{ "application-autoscaling", "application-autoscaling",
	    .whole = "DescribeScalableTargets DescribeScalingPolicies" },
	{ "cloudwatch", "cloudwatch", .whole = "DescribeAlarms" },
	{ "iam", "iam", .whole = "GetAccountAuthorizationDetails ListRoles" },
	{ "kms", "kms", .whole = "DescribeKey" },
	{ "lambda", "lambda",
	    .whole = "CreateEventSourceMapping ListEventSourceMappings",
	    .tail = ":*" },
	{ "logs", "logs", .whole = "DescribeLogGroups", .tail = ":*" },
	{ "resourcegroupstaggingapi", "tag", .whole = "GetResources" },
	{ "sns", "sns",
	    .whole = "GetSubscriptionAttributes ListSubscriptions "
		     "SetSubscriptionAttributes Unsubscribe" },
	{ "sqs", "sqs", .whole = "ListQueues" },
};

static const struct name *
name_of(const char *service)
{
	static const struct name plain = { 0 };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i].service, service) == 0)
			return &names[i];
	return &plain;
}

char *
iam_action(const char *service, const char *operation)
{
	const struct name *name = name_of(service);
	const char *prefix = name->prefix ? name->prefix : service;
	const char *method = NULL, *uri = NULL;

	if (name->by_method)
		must(aws_operation_http(service, operation, &method, &uri));
	return mem_fmt("%s:%s", prefix, method ? method : operation);
}

/* "/v2/apis/{ApiId}/routes": of one API all that is in it. */
static char *
path_of(const char *uri)
{
	const char *path = uri + strcspn(uri + 1, "/") + 1;
	size_t first = strcspn(path + 1, "/") + 1;

	return mem_fmt("%.*s%s", (int)first, path, path[first] ? "/*" : "");
}

char *
iam_resource(const char *service, const char *operation, const char *partition,
    const char *region, const char *arn)
{
	const struct name *name = name_of(service);
	const char *method = NULL, *uri = NULL;
	auto_free char *path = NULL;

	if (!name->by_method)
		return mem_str(
		    arn == NULL || (name->whole != NULL &&
				       words_has(name->whole, operation))
			? "*"
			: arn);
	must(aws_operation_http(service, operation, &method, &uri));
	path = path_of(uri);
	return mem_fmt(
	    "arn:%s:%s:%s::%s", partition, name->prefix, region, path);
}

const char *
iam_tail(const char *service)
{
	return name_of(service)->tail;
}
