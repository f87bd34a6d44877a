/*
 * Endpoints that depend on more than service and region: those of old, of
 * several regions, of one account. See endpoint_impl.h.
 */

#include "common/aws/endpoint_impl.h"
#include "common/base/text.h"

#include <string.h>

/* Regions that there were before the endpoints of regions. */
static const char sts_global[] =
    "ap-northeast-1 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 "
    "eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 "
    "us-east-1 us-east-2 us-west-1 us-west-2";

int
endpoint_sts(
    const struct endpoint_query *q, struct endpoint *ret, struct err *err)
{
	struct endpoint_query global = *q;

	global.region = "aws-global";
	return endpoint_plain(q->set.sts_legacy && q->url == NULL &&
				      !q->set.fips && !q->set.dual_stack &&
				      words_has(sts_global, q->region)
				  ? &global
				  : q,
	    ret, err);
}

/* The endpoint of several regions, as PutEvents may name it. */
int
endpoint_events(
    const struct endpoint_query *q, struct endpoint *ret, struct err *err)
{
	struct endpoint_query one = *q;
	const char *id = q->multi_region;
	auto_buf struct buf host = BUF_INIT;

	if (id == NULL)
		return endpoint_plain(q, ret, err);
	if (!endpoint_is_label(id, true))
		return err_set(err, ERR_INPUT,
		    "EndpointId \"%s\" must be a valid host label", id);
	if (q->set.fips)
		return err_set(err, ERR_INPUT,
		    "FIPS is not supported with EventBridge multi-region "
		    "endpoints");
	buf_join(&host, id, ".");
	one.service = "events-global";
	one.host_prefix = host.data;
	one.set.dual_stack = q->set.dual_stack && q->url == NULL;
	ret->auth = AUTH_SIGV4A;
	return endpoint_plain(&one, ret, err);
}

/* --- DynamoDB --------------------------------------------------------- */

/* Whose the table is, if its ARN says so and it lies in this region. */
static const char *
owner_of(const struct endpoint_query *q, struct arn *a)
{
	if (q->arn == NULL || !endpoint_parse_arn(q->arn, a) ||
	    strcmp(a->service, "dynamodb") != 0 ||
	    strcmp(a->region, q->region) != 0 ||
	    !endpoint_is_label(a->account, false))
		return NULL;
	return a->account;
}

/* Why there is none: NULL if nobody insists on one. */
static const char *
no_account(const struct endpoint_query *q, bool aws)
{
	if (q->set.account != ACCOUNT_REQUIRED)
		return NULL;
	if (q->set.fips)
		return "account_id_endpoint_mode is required, but no FIPS "
		       "endpoint is of an account; unset one of the two";
	return aws ? "account_id_endpoint_mode is required, but the account "
		     "is not known"
		   : "account_id_endpoint_mode is required, but this partition "
		     "has no endpoints of accounts";
}

/* *ret: whose endpoint, or NULL for that of all. */
static int
dynamodb_account(const struct endpoint_query *q, struct arn *scratch,
    const char **ret, struct err *err)
{
	bool aws = strcmp(endpoint_partition(q->region), "aws") == 0;
	const char *none = no_account(q, aws);

	*ret = NULL;
	if (q->set.account != ACCOUNT_DISABLED && aws && !q->set.fips) {
		*ret = owner_of(q, scratch);
		if (*ret == NULL)
			*ret = q->account;
	}
	if (*ret == NULL)
		return none == NULL ? 0 : err_set(err, ERR_INPUT, "%s", none);
	if (!endpoint_is_label(*ret, false))
		return err_set(
		    err, ERR_INPUT, "\"%s\" is not a name of an account", *ret);
	return 0;
}

/* It looks like the host of dual-stack, but signs and resolves as if not. */
static int
check_dynamodb_url(const struct endpoint_query *q, struct err *err)
{
	auto_buf struct buf dual = BUF_INIT;

	buf_join(&dual, "https://dynamodb.", q->region, ".",
	    endpoint_partition_of(q->region)->dual_suffix);
	if (q->set.fips || q->set.dual_stack ||
	    !text_starts(q->url, dual.data) ||
	    q->url[dual.len + (q->url[dual.len] == '/')] != 0)
		return 0;
	return err_set(err, ERR_INPUT,
	    "endpoint URL %s: set use_dualstack_endpoint instead", q->url);
}

/* What DynamoDB Local listens on. */
static int
dynamodb_local(
    const struct endpoint_query *q, struct endpoint *ret, struct err *err)
{
	struct endpoint_query local = *q;

	local.url = "http://localhost:8000";
	local.region = "us-east-1";
	return endpoint_plain(&local, ret, err);
}

int
endpoint_dynamodb(
    const struct endpoint_query *q, struct endpoint *ret, struct err *err)
{
	struct endpoint_query one = *q;
	struct arn arn;
	const char *account;

	if (q->url != NULL)
		return check_dynamodb_url(q, err) == -1
			   ? -1
			   : endpoint_plain(q, ret, err);
	if (strcmp(q->region, "local") == 0)
		return dynamodb_local(q, ret, err);
	if (dynamodb_account(q, &arn, &account, err) == -1)
		return -1;
	if (account == NULL)
		return endpoint_plain(q, ret, err);
	one.prefix = "ddb";
	return endpoint_plain(&one, ret, err) == -1
		   ? -1
		   : endpoint_add_label(account, ret, err);
}
