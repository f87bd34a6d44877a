/* What kind of failure an error code of AWS is. */

#include "common/aws/codec_impl.h"
#include "common/base/text.h"

#include <string.h>

/* Exceptions from the rules below; NULL matches anything. First one wins. */
static const struct {
	const char *service, *code, *message; /* code: glob; message: part */
	enum err_kind kind;
} overrides[] = {
	/* Rights and roles that were just made take time to spread. */
	{ NULL, NULL, "annot be assumed", ERR_BUSY },
	{ NULL, NULL, "nable to assume", ERR_BUSY },
	{ NULL, NULL, "not authorized to assume", ERR_BUSY },
	{ NULL, "*MalformedPolicy*", "Invalid principal", ERR_BUSY },
	{ "ec2", "InvalidParameterValue", "Invalid IAM Instance Profile",
	    ERR_BUSY },
	{ "lambda", "InvalidParameterValueException",
	    "provided execution role does not have permissions", ERR_BUSY },
	{ "secretsmanager", "InvalidRequestException", "scheduled for deletion",
	    ERR_BUSY },
	{ "secretsmanager", "InvalidRequestException", "marked for deletion",
	    ERR_BUSY },
	{ NULL, "LimitExceeded*", "Rate exceeded", ERR_THROTTLED },
	/* One code for "in use" and for "is there already". */
	{ NULL, "*Conflict*", "already exist", ERR_EXISTS },
	{ NULL, "*InUse*", "already exist", ERR_EXISTS },
	{ "apigateway", "BadRequestException", "already exists", ERR_EXISTS },
	{ "rds", "DBSubnetGroupDoesNotCoverEnoughAZs", NULL, ERR_TERMINAL },
	{ "ec2", "*.Malformed", NULL, ERR_TERMINAL },
	{ "ec2", "Invalid*.Conflict", NULL, ERR_TERMINAL },
	{ "ec2", "Gateway.NotAttached", NULL, ERR_ABSENT },
	{ "ec2", "*.Associated", NULL, ERR_BUSY },
	{ "ec2", "VolumeInUse", NULL, ERR_BUSY },
	{ "ec2", "InvalidParameterCombination", NULL, ERR_TERMINAL },
	{ "ec2", "DryRunOperation", NULL, ERR_TERMINAL },
	{ "ecs", "ClusterContains*", NULL, ERR_BUSY },
	{ "ecs", "ServiceNotActiveException", NULL, ERR_ABSENT },
	{ "iam", "EntityTemporarilyUnmodifiable", NULL, ERR_BUSY },
	{ "cloudfront", "*NotDisabled", NULL, ERR_BUSY },
	{ "cloudfront", "InvalidIfMatchVersion", NULL, ERR_BUSY },
	{ "cloudcontrol", "NotStabilizedException", NULL, ERR_BUSY },
	{ "cloudcontrol", "HandlerInternalFailureException", NULL,
	    ERR_TRANSIENT },
	{ "cloudcontrol", "NetworkFailureException", NULL, ERR_TRANSIENT },
	{ "cloudcontrol", "ServiceInternalErrorException", NULL,
	    ERR_TRANSIENT },
	{ "cloudcontrol", "InvalidCredentialsException", NULL, ERR_AUTH },
	{ "wafv2", "WAFAssociatedItemException", NULL, ERR_BUSY },
	{ "wafv2", "WAFUnavailableEntityException", NULL, ERR_BUSY },
	{ "wafv2", "WAFOptimisticLockException", NULL, ERR_BUSY },
	{ "elbv2", "DuplicateTagKeys", NULL, ERR_TERMINAL },
	{ "elbv2", "TargetGroupAssociationLimit", NULL, ERR_QUOTA },
	{ "lambda", "CodeStorageExceededException", NULL, ERR_QUOTA },
	{ "lambda", "PolicyLengthExceededException", NULL, ERR_TERMINAL },
	{ "lambda", "ResourceNotReadyException", NULL, ERR_BUSY },
	{ "sns", "StaleTag*", NULL, ERR_BUSY },
	{ "sqs", "*QueueDeletedRecently", NULL, ERR_BUSY },
	{ "sqs", "OverLimit", NULL, ERR_QUOTA },
	{ "sqs", "*InvalidSecurity", NULL, ERR_AUTH },
	{ "kms", "KMSInvalidStateException", NULL, ERR_BUSY },
	{ "kms", "DependencyTimeoutException", NULL, ERR_TRANSIENT },
	{ "logs", "OperationAbortedException", NULL, ERR_BUSY },
	{ "stepfunctions", "InvalidToken", NULL, ERR_TERMINAL },
	{ "stepfunctions", "StateMachineDeleting", NULL, ERR_BUSY },
	{ "sso-oidc", "authorization_pending", NULL, ERR_BUSY },
	{ "sso-oidc", "AuthorizationPendingException", NULL, ERR_BUSY },
	{ "sso-oidc", "InvalidGrantException", NULL, ERR_AUTH },
	{ "sso-oidc", "expired_token", NULL, ERR_AUTH },
	{ "sso-oidc", "invalid_grant", NULL, ERR_AUTH },
	{ "s3", "BucketAlreadyOwnedByYou", NULL, ERR_EXISTS },
	{ "s3", "InvalidBucketState", NULL, ERR_TERMINAL },
	{ NULL, "UnknownOperationException", NULL, ERR_TERMINAL },
	{ NULL, "Insufficient*Capacity*", NULL, ERR_BUSY },
	{ NULL, "Invalid*State", NULL, ERR_BUSY },
	{ NULL, "Invalid*StateFault", NULL, ERR_BUSY },
	{ NULL, "Invalid*StateException", NULL, ERR_BUSY },
};

static const struct {
	const char *codes;
	enum err_kind kind;
} exact[] = {
	{ "Throttling ThrottlingException ThrottledException Throttled "
	  "RequestThrottledException RequestThrottled "
	  "TooManyRequestsException TooManyRequests "
	  "ProvisionedThroughputExceededException RequestLimitExceeded "
	  "TransactionInProgressException BandwidthLimitExceeded SlowDown "
	  "PriorRequestNotComplete EC2ThrottledException SnsThrottled "
	  "KMSThrottlingException KMSThrottled slow_down SlowDownException",
	    ERR_THROTTLED },
	{ "RequestTimeout RequestTimeoutException InternalError "
	  "InternalFailure InternalServerError InternalServerException "
	  "InternalServiceError InternalErrorException ServiceUnavailable "
	  "ServiceUnavailableException Unavailable ServiceFailure "
	  "InternalServiceException IDPCommunicationError "
	  "WAFInternalErrorException WAFTagOperationInternalErrorException "
	  "ServerException InternalException KMSInternalException "
	  "KeyUnavailableException OpenIdIdpCommunicationError",
	    ERR_TRANSIENT },
	{ "ExpiredToken ExpiredTokenException TokenRefreshRequired "
	  "RequestTimeTooSkewed RequestExpired RequestInTheFuture "
	  "InvalidSignatureException SignatureDoesNotMatch AuthFailure "
	  "UnrecognizedClientException InvalidClientTokenId "
	  "InvalidAccessKeyId InvalidToken MissingAuthenticationToken "
	  "MissingAuthenticationTokenException IncompleteSignature "
	  "IncompleteSignatureException InvalidIdentityToken "
	  "UnauthorizedException NotSignedUp",
	    ERR_AUTH },
	{ "AccessDenied AccessDeniedException UnauthorizedOperation "
	  "NotAuthorized NotAuthorizedException AuthorizationError "
	  "AuthorizationErrorException AllAccessDisabled "
	  "OptInRequired SubscriptionRequiredException RegionDisabledException "
	  "KMSAccessDenied KMSAccessDeniedException "
	  "AccountProblem ForbiddenException",
	    ERR_DENIED },
	{ "OperationAborted ConditionalRequestConflict PreconditionFailed "
	  "PreconditionFailedException",
	    ERR_BUSY },
};

/* The regular part of AWS's vocabulary, in this order. */
static const struct {
	const char *part;
	enum err_kind kind;
} parts[] = {
	{ "NoSuch", ERR_ABSENT },
	{ "NotFound", ERR_ABSENT },
	{ "DoesNotExist", ERR_ABSENT },
	{ "Nonexist", ERR_ABSENT },
	{ "NonExist", ERR_ABSENT },
	{ "LimitExceeded", ERR_QUOTA },
	{ "LimitsExceeded", ERR_QUOTA },
	{ "Quota", ERR_QUOTA },
	{ "TooMany", ERR_QUOTA },
	{ "MaximumExceeded", ERR_QUOTA },
	{ "AlreadyExist", ERR_EXISTS },
	{ "AlreadyRegistered", ERR_EXISTS },
	{ "AlreadyAssociated", ERR_EXISTS },
	{ "Exists", ERR_EXISTS },
	{ "Duplicate", ERR_EXISTS },
	{ "InUse", ERR_BUSY },
	{ "Conflict", ERR_BUSY },
	{ "DependencyViolation", ERR_BUSY },
	{ "NotEmpty", ERR_BUSY },
	{ "Concurrent", ERR_BUSY },
	{ "InProgress", ERR_BUSY },
	{ "NotReady", ERR_BUSY },
	{ "Pending", ERR_BUSY },
	{ "IncorrectState", ERR_BUSY },
	{ "IncorrectInstanceState", ERR_BUSY },
	{ "InvalidState", ERR_BUSY },
	{ "AccessDenied", ERR_DENIED },
	{ "Throttl", ERR_THROTTLED },
};

static const struct {
	int from, to;
	enum err_kind kind;
} statuses[] = {
	{ 401, 401, ERR_AUTH },
	{ 403, 403, ERR_DENIED },
	{ 404, 404, ERR_ABSENT },
	{ 409, 409, ERR_BUSY },
	{ 412, 412, ERR_BUSY },
	{ 408, 408, ERR_TRANSIENT },
	{ 500, 500, ERR_TRANSIENT },
	{ 502, 599, ERR_TRANSIENT },
};

static enum err_kind
by_override(
    const struct aws_operation *o, const char *code, const char *message)
{
	for (size_t i = 0; i < sizeof(overrides) / sizeof(*overrides); i++) {
		const char *service = overrides[i].service,
			   *glob = overrides[i].code,
			   *part = overrides[i].message;

		if ((service == NULL || special_is(o, service)) &&
		    (glob == NULL || text_glob(glob, code)) &&
		    (part == NULL || strstr(message, part) != NULL))
			return overrides[i].kind;
	}
	return ERR_NONE;
}

static enum err_kind
by_name(const char *code)
{
	for (size_t i = 0; i < sizeof(exact) / sizeof(*exact); i++)
		if (words_has(exact[i].codes, code))
			return exact[i].kind;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (strstr(code, parts[i].part) != NULL)
			return parts[i].kind;
	return ERR_NONE;
}

static enum err_kind
by_model(const struct aws_operation *o, const char *code)
{
	const struct model_error *e = model_error(
	    o->model, o->service, o->op, code);

	if (e == NULL || (e->flags & (ERRF_RETRY | ERRF_THROTTLE)) == 0)
		return ERR_NONE;
	return (e->flags & ERRF_THROTTLE) != 0 ? ERR_THROTTLED : ERR_TRANSIENT;
}

static enum err_kind
by_status(int http)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		if (http >= statuses[i].from && http <= statuses[i].to)
			return statuses[i].kind;
	return ERR_TERMINAL;
}

enum err_kind
error_class(const struct aws_operation *o, const char *code,
    const char *message, int http)
{
	enum err_kind kind = http == 429 ? ERR_THROTTLED : ERR_NONE;

	if (kind == ERR_NONE)
		kind = by_override(o, code, message);
	if (kind == ERR_NONE)
		kind = by_model(o, code);
	if (kind == ERR_NONE)
		kind = by_name(code);
	return kind == ERR_NONE ? by_status(http) : kind;
}
