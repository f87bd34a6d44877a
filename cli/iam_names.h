/*
 * What IAM calls the permission for a call, and on which resources it can be
 * given. https://docs.aws.amazon.com/service-authorization/latest/reference/
 * Pure; any thread.
 */
#ifndef CLI_IAM_NAMES_H
#define CLI_IAM_NAMES_H

#include <stdbool.h>

/* "sqs:CreateQueue", "apigateway:POST"; service as the client names it.
 * Caller frees. */
char *iam_action(const char *service, const char *operation);

/*
 * What the action is to be allowed on: "*" where IAM knows no resource of
 * it, the paths of API Gateway, else a copy of `arn`, "*" if that is NULL.
 * Caller frees.
 */
char *iam_resource(const char *service, const char *operation,
    const char *partition, const char *region, const char *arn);

/* What ARNs of the service may have behind the name that we know: ":*" of a
 * qualifier; or NULL. */
const char *iam_tail(const char *service);

#endif
