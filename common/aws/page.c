/* Lists of many pages: aws_pages and aws_collect of aws.h. */

#include "common/aws/aws.h"
#include "common/aws/model.h"

#include <stdlib.h>
#include <string.h>

#define MAX_PAGES 10000 /* a service that never ends its list */

/* Names are comma-separated and may be dotted, as in the models. */
struct paginator {
	const char *in, *out, *result, *more;
};

/* What the models forgot. */
#define TOKENS "NextToken", "NextToken"
#define SMALL  "nextToken", "nextToken"
#define WAF    "NextMarker", "NextMarker"
#define S3     "ContinuationToken", "NextContinuationToken"
#define CDN(list)                                                              \
	{                                                                      \
		"Marker", list ".NextMarker", list ".Items", ""                \
	}
static const struct {
	const char *service, *operation;
	struct paginator p;
} forgotten[] = {
	{ "apigatewayv2", "GetApiMappings", { TOKENS, "Items", "" } },
	{ "apigatewayv2", "GetVpcLinks", { TOKENS, "Items", "" } },
	{ "cloudfront", "ListCachePolicies", CDN("CachePolicyList") },
	{ "cloudfront", "ListConflictingAliases",
	    CDN("ConflictingAliasesList") },
	{ "cloudfront", "ListFunctions", CDN("FunctionList") },
	{ "cloudfront", "ListKeyGroups", CDN("KeyGroupList") },
	{ "cloudfront", "ListOriginRequestPolicies",
	    CDN("OriginRequestPolicyList") },
	{ "cloudfront", "ListResponseHeadersPolicies",
	    CDN("ResponseHeadersPolicyList") },
	{ "cloudfront", "ListVpcOrigins", CDN("VpcOriginList") },
	{ "cloudwatch", "ListMetricStreams", { TOKENS, "Entries", "" } },
	{ "ecs", "DescribeCapacityProviders",
	    { SMALL, "capacityProviders,failures", "" } },
	{ "ecs", "ListServiceDeployments",
	    { SMALL, "serviceDeployments", "" } },
	{ "events", "ListApiDestinations", { TOKENS, "ApiDestinations", "" } },
	{ "events", "ListArchives", { TOKENS, "Archives", "" } },
	{ "events", "ListConnections", { TOKENS, "Connections", "" } },
	{ "events", "ListEventBuses", { TOKENS, "EventBuses", "" } },
	{ "logs", "DescribeQueryDefinitions",
	    { SMALL, "queryDefinitions", "" } },
	{ "logs", "ListLogGroups", { SMALL, "logGroups", "" } },
	{ "s3", "ListBucketAnalyticsConfigurations",
	    { S3, "AnalyticsConfigurationList", "IsTruncated" } },
	{ "s3", "ListBucketIntelligentTieringConfigurations",
	    { S3, "IntelligentTieringConfigurationList", "IsTruncated" } },
	{ "s3", "ListBucketInventoryConfigurations",
	    { S3, "InventoryConfigurationList", "IsTruncated" } },
	{ "s3", "ListBucketMetricsConfigurations",
	    { S3, "MetricsConfigurationList", "IsTruncated" } },
	{ "secretsmanager", "BatchGetSecretValue",
	    { TOKENS, "SecretValues,Errors", "" } },
	{ "secretsmanager", "ListSecretVersionIds",
	    { TOKENS, "Versions", "" } },
	{ "stepfunctions", "ListStateMachineAliases",
	    { SMALL, "stateMachineAliases", "" } },
	{ "stepfunctions", "ListStateMachineVersions",
	    { SMALL, "stateMachineVersions", "" } },
	{ "wafv2", "ListAvailableManagedRuleGroups",
	    { WAF, "ManagedRuleGroups", "" } },
	{ "wafv2", "ListIPSets", { WAF, "IPSets", "" } },
	{ "wafv2", "ListLoggingConfigurations",
	    { WAF, "LoggingConfigurations", "" } },
	{ "wafv2", "ListRegexPatternSets", { WAF, "RegexPatternSets", "" } },
	{ "wafv2", "ListRuleGroups", { WAF, "RuleGroups", "" } },
	{ "wafv2", "ListTagsForResource",
	    { WAF, "TagInfoForResource.TagList", "" } },
	{ "wafv2", "ListWebACLs", { WAF, "WebACLs", "" } },
};

static bool
find_forgotten(
    const char *service, const char *operation, struct paginator *ret)
{
	for (size_t i = 0; i < sizeof(forgotten) / sizeof(forgotten[0]); i++)
		if (strcmp(forgotten[i].service, service) == 0 &&
		    strcmp(forgotten[i].operation, operation) == 0) {
			*ret = forgotten[i].p;
			return true;
		}
	return false;
}

/* False: the operation is one page. */
static bool
find_paginator(
    const char *service, const char *operation, struct paginator *ret)
{
	const struct model *m = &model_builtin;
	const struct model_service *s = model_service(m, service);
	const struct model_op *op = s == NULL ? NULL
					      : model_op(m, s, operation);
	const struct model_paginator *p;

	if (op == NULL)
		return false;
	if (op->paginator == 0)
		return find_forgotten(service, operation, ret);
	p = &m->paginators[op->paginator - 1];
	*ret = (struct paginator){ model_str(m, p->in), model_str(m, p->out),
		model_str(m, p->result), model_str(m, p->more) };
	return true;
}

/* The next of the comma-separated names, copied; false after the last. */
static bool
next_name(const char **list, char ret[static 128])
{
	size_t n = strcspn(*list, ",");

	if (n == 0 || n >= 128)
		return false;
	memcpy(ret, *list, n);
	ret[n] = 0;
	*list += n + ((*list)[n] == ',');
	return true;
}

static bool
is_token(const json_t *v)
{
	const char *s = js_text(v);

	return s != NULL ? *s != 0 : v != NULL && !json_is_null(v);
}

enum turn { LAST_PAGE, NEXT_PAGE, OLD_PAGE };

/*
 * Puts the tokens of out into in, unless the list ends: there is no token, or
 * the answer says that it was the last page.
 */
static enum turn
turn_page(
    const struct paginator *p, json_t *in, const json_t *out, json_t *seen)
{
	const char *ins = p->in, *outs = p->out;
	char from[128], to[128];
	json_auto_t *tokens = json_array();
	auto_free char *key = NULL;
	bool any = false;

	if (*p->more != 0 && json_is_false(js_path(out, p->more)))
		return LAST_PAGE;
	while (next_name(&outs, from) && next_name(&ins, to)) {
		const json_t *v = js_path(out, from);
		bool is_set = is_token(v);

		any |= is_set;
		js_push(tokens, is_set ? js_copy(v) : json_null());
		js_del(in, to);
		if (is_set)
			js_set(in, to, js_copy(v));
	}
	key = js_dump(tokens);
	if (!any)
		return LAST_PAGE;
	if (js_get(seen, key) != NULL)
		return OLD_PAGE;
	js_set(seen, key, json_true());
	return NEXT_PAGE;
}

int
aws_pages(struct aws *a, const char *service, const char *operation,
    const json_t *in, int (*page)(void *arg, const json_t *), void *arg,
    struct err *err)
{
	json_auto_t *input = in == NULL ? json_object() : js_copy(in);
	json_auto_t *seen = json_object();
	struct paginator p;
	bool many = find_paginator(service, operation, &p);
	enum turn turn = NEXT_PAGE;
	int rc = 0;

	for (int i = 0; rc == 0 && turn == NEXT_PAGE; i++) {
		json_auto_t *out = NULL;

		if (i == MAX_PAGES)
			return err_set(err, ERR_TERMINAL,
			    "%s %s: the list has more than %d pages", service,
			    operation, MAX_PAGES);
		if (aws_call(a, service, operation, input, &out, err) == -1)
			return -1;
		rc = page(arg, out);
		turn = many ? turn_page(&p, input, out, seen) : LAST_PAGE;
	}
	if (rc == 0 && turn == OLD_PAGE)
		return err_set(err, ERR_TERMINAL,
		    "%s %s: the service gave the token of a page for the "
		    "second time, its list has no end",
		    service, operation);
	return rc;
}

/* --- joining ---------------------------------------------------------- */

struct joint {
	const struct paginator *paginator; /* NULL: one page */
	json_t *all;
};

/* The member of a dotted path that can be changed. */
static json_t *
own(json_t *root, const char *path)
{
	return (json_t *)js_path(root, path);
}

/* Objects on the way that a page had and the first did not. */
static void
graft(json_t *all, const char *path, const json_t *value)
{
	const char *dot = strchr(path, '.');
	auto_free char *head = mem_strn(path, strcspn(path, "."));
	json_t *child;

	if (dot == NULL) {
		js_set(all, head, js_copy(value));
		return;
	}
	if (!json_is_object(js_get(all, head)))
		js_set(all, head, json_object());
	child = own(all, head);
	graft(child, dot + 1, value);
}

static void
join(json_t *all, const char *path, const json_t *more)
{
	json_t *have = own(all, path);
	const json_t *v;
	size_t i;

	if (more == NULL)
		return;
	if (have == NULL) {
		graft(all, path, more);
		return;
	}
	if (json_is_object(have))
		js_merge(have, more);
	if (!json_is_array(have))
		return;
	js_each (more, i, v)
		js_push(have, js_copy(v));
}

static int
add_page(void *arg, const json_t *out)
{
	struct joint *j = arg;
	const char *names;
	char name[128];

	if (j->all == NULL) {
		j->all = js_copy(out);
		return 0;
	}
	names = j->paginator->result;
	while (next_name(&names, name))
		join(j->all, name, js_path(out, name));
	return 0;
}

/* The joined document is complete: what says otherwise goes. */
static void
drop(json_t *all, const char *list)
{
	char name[128];

	while (next_name(&list, name)) {
		char *dot = strrchr(name, '.');

		if (dot == NULL) {
			js_del(all, name);
			continue;
		}
		*dot = 0;
		if (json_is_object(js_path(all, name)))
			js_del(own(all, name), dot + 1);
	}
}

int
aws_collect(struct aws *a, const char *service, const char *operation,
    const json_t *in, json_t **ret_out, struct err *err)
{
	struct paginator p;
	struct joint j = { NULL, NULL };
	json_auto_t *all = NULL;
	int rc;

	if (find_paginator(service, operation, &p))
		j.paginator = &p;
	rc = aws_pages(a, service, operation, in, add_page, &j, err);
	all = j.all;
	if (rc == -1)
		return -1;
	if (j.paginator != NULL) {
		drop(all, p.out);
		drop(all, p.more);
	}
	if (ret_out != NULL)
		*ret_out = js_move(&all);
	return 0;
}
