/* Published versions of a function, the alias that follows them, and what
 * belongs to either. */

#include <time.h>

#include "modules/module.h"

/*
 * A version is found by its description, which holds the hash of what Git
 * wants; the function has the same one, so that a change of the hash is a
 * change of the function, without which AWS publishes nothing. Old versions
 * stay: an alias may still lead to them.
 */
static const struct property version_properties[] = {
	{ "Description", .flags = P_FIXED },
	{ 0 },
};

static void
version_normalise(json_t *live)
{
	const char *version = js_str(live, "Version");

	if (version != NULL && strcmp(version, "$LATEST") == 0)
		js_del(live, "Description");
}

const struct resource_type type_lambda_version = {
	.name = "lambda.version",
	.service = "lambda",
	.page = "https://docs.aws.amazon.com/lambda/latest/api/"
		"API_PublishVersion.html",
	.label = "$Version",
	.key = "Description",
	.parent = "lambda.function",
	.history = true,
	.list = { "ListVersionsByFunction",
	    "{FunctionName: $parent.FunctionName}", "Versions", .full = true },
	.create = { "PublishVersion",
	    "{FunctionName: $parent.FunctionName, CodeSha256: "
	    "$parent.CodeSha256, Description: $Description}" },
	.remove = { "DeleteFunction",
	    "{FunctionName: $parent.FunctionName, Qualifier: $Version}" },
	.states = (const struct state[]){ { "State", "Active Inactive",
					      "Failed",
					      .reason = "StateReason" },
	    { 0 } },
	.properties = version_properties,
	.patience =
	    (const struct patience[]){
		{ "ResourceConflictException",
		    "cannot be performed at this time", 300 },
		{ 0 } },
	.normalise = version_normalise,
};

/*
 * Rollout {Percent, Minutes} of a version published at PublishedAt: until
 * the time is over, the alias keeps its version and gives the new one its
 * share of the calls.
 */
static const struct property alias_properties[] = {
	{ "FunctionName", .flags = P_FIXED },
	{ "Name", .flags = P_FIXED },
	{ "FunctionVersion" },
	{ "Description", .dflt = "\"\"", .unset = "\"\"" },
	{ "RoutingConfig", .dflt = "{\"AdditionalVersionWeights\": {}}",
	    .unset = "{\"AdditionalVersionWeights\": {}}" },
	{ "Rollout", .flags = P_OURS | P_WRITE_ONLY },
	{ "PublishedAt", .flags = P_OURS | P_WRITE_ONLY },
	{ 0 },
};

/* "arn:...:function:NAME:ALIAS" tells children the function. */
static void
alias_normalise(json_t *live)
{
	const char *arn = js_str(live, "AliasArn");
	const char *name = arn == NULL ? NULL : strstr(arn, ":function:");

	if (name == NULL)
		return;
	name += strlen(":function:");
	js_set(live, "FunctionName", js_new_strn(name, strcspn(name, ":")));
}

static bool
is_rolling_out(const json_t *desired)
{
	const char *at = js_str(desired, "PublishedAt");
	const json_t *rollout = js_get(desired, "Rollout");
	struct tm tm = { 0 };

	if (rollout == NULL || at == NULL ||
	    strptime(at, "%Y-%m-%dT%H:%M:%S", &tm) == NULL)
		return false;
	return time(NULL) < timegm(&tm) + 60 * js_int(rollout, "Minutes", 0);
}

static void
alias_complete(json_t *desired, const json_t *live)
{
	const char *want = js_str(desired, "FunctionVersion");
	const char *have = js_str(live, "FunctionVersion");
	json_t *weights;

	if (want == NULL || have == NULL || strcmp(want, have) == 0 ||
	    strcmp(have, "$LATEST") == 0 || !is_rolling_out(desired))
		return; /* the latest code gives no share to a version */
	weights = json_object();
	js_set(weights, want,
	    json_real((double)js_int(js_get(desired, "Rollout"), "Percent", 0) /
		      100.0));
	js_set(desired, "RoutingConfig",
	    js_pack("{s:o}", "AdditionalVersionWeights", weights));
	js_set_str(desired, "FunctionVersion", have);
}

const struct resource_type type_lambda_alias = {
	.name = "lambda.alias",
	.service = "lambda",
	.page = "https://docs.aws.amazon.com/lambda/latest/api/"
		"API_CreateAlias.html",
	.label = "$Name",
	.key = "Name",
	.arn = "\"arn:${partition}:lambda:${region}:${account}:function:"
	       "${FunctionName}:${Name}\"",
	.parent = "lambda.function",
	.recorded = true,
	.list = { "ListAliases", "{FunctionName: $parent.FunctionName}",
	    "Aliases", .full = true, .from = 2 },
	.read = { "GetAlias",
	    "{FunctionName: $parent.FunctionName, Name: $Name}" },
	.create = { "CreateAlias",
	    "{FunctionName: $parent.FunctionName, ...$all}" },
	.updates =
	    (const struct update[]){
		{ "UpdateAlias", "{FunctionName: "
				 "$parent.FunctionName, Name: $Name, "
				 "FunctionVersion: $FunctionVersion, "
				 "...$changes}" },
		{ 0 } },
	.remove = { "DeleteAlias",
	    "{FunctionName: $parent.FunctionName, Name: $Name}" },
	.properties = alias_properties,
	.normalise = alias_normalise,
	.complete = alias_complete,
};

/* ---- capacity that is warm, of an alias ---- */

static const struct property provisioned_properties[] = {
	{ "ProvisionedConcurrentExecutions" },
	{ 0 },
};

static void
provisioned_normalise(json_t *live)
{
	const json_t *n = js_get(
	    live, "RequestedProvisionedConcurrentExecutions");

	if (n != NULL)
		js_set(live, "ProvisionedConcurrentExecutions", js_copy(n));
}

const struct resource_type type_lambda_provisioned_concurrency = {
	.name = "lambda.provisioned-concurrency",
	.service = "lambda",
	.page = "https://docs.aws.amazon.com/lambda/latest/api/"
		"API_PutProvisionedConcurrencyConfig.html",
	.label = "provisioned",
	.key = "",
	.parent = "lambda.alias",
	.recorded = true,
	.read = { "GetProvisionedConcurrencyConfig",
	    "{FunctionName: $parent.FunctionName, Qualifier: $parent.Name}",
	    .absent = "ProvisionedConcurrencyConfigNotFoundException" },
	.create = { "PutProvisionedConcurrencyConfig",
	    "{FunctionName: $parent.FunctionName, Qualifier: $parent.Name, "
	    "...$all}" },
	.updates =
	    (const struct update[]){
		{ "PutProvisionedConcurrencyConfig",
		    "{FunctionName: $parent.FunctionName, Qualifier: "
		    "$parent.Name, ...$all}" },
		{ 0 } },
	.remove = { "DeleteProvisionedConcurrencyConfig",
	    "{FunctionName: $parent.FunctionName, Qualifier: $parent.Name}" },
	.states = (const struct state[]){ { "Status", "READY", "FAILED",
					      .reason = "StatusReason" },
	    { 0 } },
	.properties = provisioned_properties,
	.normalise = provisioned_normalise,
};

/* ---- what happens to asynchronous calls that fail ---- */

static const struct property invoke_properties[] = {
	{ "MaximumRetryAttempts" },
	{ "MaximumEventAgeInSeconds" },
	{ "DestinationConfig", .same = C_LEAN,
	    .dflt = "{\"OnSuccess\": {}, \"OnFailure\": {}}" },
	{ 0 },
};

static const struct patience invoke_patience[] = {
	{ "InvalidParameterValueException", "does not have permissions", 120 },
	{ "ResourceConflictException", NULL, 60 },
	{ 0 },
};

#define INVOKE_CONFIG(type_name, parent_name, qualifier)                       \
	{                                                                      \
		.name = type_name, .service = "lambda",                        \
		.page = "https://docs.aws.amazon.com/lambda/latest/api/"       \
			"API_PutFunctionEventInvokeConfig.html",               \
		.label = "\"asynchronous calls\"", .key = "",                  \
		.parent = parent_name, .exclusive = true,                      \
		.read = { "GetFunctionEventInvokeConfig",                      \
			"{FunctionName: $parent.FunctionName" qualifier "}" }, \
		.create = { "PutFunctionEventInvokeConfig",                    \
			"{FunctionName: $parent.FunctionName" qualifier        \
			", ...$all}" },                                        \
		.updates =                                                     \
		    (const struct update[]){                                   \
			    { "PutFunctionEventInvokeConfig",                  \
				"{FunctionName: "                              \
				"$parent.FunctionName" qualifier               \
				", ...$all}" },                                \
			    { 0 }                                              \
		    },                                                         \
		.remove = { "DeleteFunctionEventInvokeConfig",                 \
			"{FunctionName: $parent.FunctionName" qualifier "}" }, \
		.properties = invoke_properties, .patience = invoke_patience,  \
	}

const struct resource_type type_lambda_event_invoke_config = INVOKE_CONFIG(
    "lambda.event-invoke-config", "lambda.function", "");
const struct resource_type type_lambda_alias_event_invoke_config =
    INVOKE_CONFIG("lambda.alias-event-invoke-config", "lambda.alias",
	", Qualifier: $parent.Name");
