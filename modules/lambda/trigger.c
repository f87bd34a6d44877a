/* What calls a function: permissions, event sources, its URL. */

#include "modules/module.h"

/* ---- permissions: statements of the function's policy ---- */

static const struct property permission_properties[] = {
	{ "StatementId", .flags = P_FIXED },
	{ "Action", .flags = P_FIXED },
	{ "Principal", .flags = P_FIXED },
	{ "SourceArn", .flags = P_FIXED },
	{ "SourceAccount", .flags = P_FIXED },
	{ "PrincipalOrgID", .flags = P_FIXED },
	{ "FunctionUrlAuthType", .flags = P_FIXED },
	{ "InvokedViaFunctionUrl", .flags = P_FIXED },
	{ 0 },
};

/* Condition key, whatever its operator, and the member it came from. */
static const struct {
	const char *key, *member;
} conditions[] = {
	{ "AWS:SourceArn", "SourceArn" },
	{ "AWS:SourceAccount", "SourceAccount" },
	{ "aws:PrincipalOrgID", "PrincipalOrgID" },
	{ "lambda:FunctionUrlAuthType", "FunctionUrlAuthType" },
	{ "lambda:InvokedViaFunctionUrl", "InvokedViaFunctionUrl" },
};

static void
normalise_condition(json_t *live, const char *key, const json_t *value)
{
	const char *text = js_text(value);
	bool truth = text != NULL &&
		     (strcmp(text, "true") == 0 || strcmp(text, "false") == 0);

	for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++)
		if (strcasecmp(key, conditions[i].key) == 0)
			js_set(live, conditions[i].member,
			    truth ? json_boolean(*text == 't')
				  : js_copy(value));
}

/* {"AWS": "arn:aws:iam::1:root"} was given as the account's number. */
static json_t *
principal_of(const json_t *principal)
{
	const json_t *aws = js_get(principal, "AWS");
	const char *arn = js_text(aws);
	const char *id = arn == NULL ? NULL : strstr(arn, ":iam::");

	if (json_is_string(principal))
		return js_copy(principal);
	if (js_get(principal, "Service") != NULL)
		return js_copy(js_get(principal, "Service"));
	if (id != NULL && text_ends(arn, ":root"))
		return js_new_strn(id + 6, strlen(id + 6) - strlen(":root"));
	return js_copy(aws);
}

static void
permission_normalise(json_t *live)
{
	json_auto_t *condition = js_copy(js_get(live, "Condition"));
	json_auto_t *principal = principal_of(js_get(live, "Principal"));
	const char *op, *key;
	json_t *keys, *value;

	if (js_get(live, "Sid") != NULL)
		js_set(live, "StatementId", js_copy(js_get(live, "Sid")));
	js_set(live, "Principal", js_move(&principal));
	js_foreach (condition, op, keys)
		js_foreach (keys, key, value)
			normalise_condition(live, key, value);
	js_del(live, "Sid");
	js_del(live, "Condition");
}

static const struct patience permission_patience[] = {
	{ "ResourceConflictException", "cannot be performed at this time",
	    300 },
	{ "ResourceConflictException", "concurrent", 60 },
	{ 0 },
};

#define PERMISSION(type_name, parent_name, qualifier)                          \
	{                                                                      \
		.name = type_name, .service = "lambda",                        \
		.page = "https://docs.aws.amazon.com/lambda/latest/api/"       \
			"API_AddPermission.html",                              \
		.label = "$StatementId", .key = "StatementId",                 \
		.parent = parent_name, .exclusive = true, .grants = true,      \
		.list = { "GetPolicy",                                         \
			"{FunctionName: $parent.FunctionName" qualifier "}",   \
			"Statement", .text = "Policy", .full = true },         \
		.create = { "AddPermission",                                   \
			"{FunctionName: $parent.FunctionName" qualifier        \
			", ...$all}" },                                        \
		.remove = { "RemovePermission",                                \
			"{FunctionName: $parent.FunctionName" qualifier        \
			", StatementId: $StatementId}" },                      \
		.properties = permission_properties,                           \
		.patience = permission_patience,                               \
		.normalise = permission_normalise,                             \
	}

const struct resource_type type_lambda_permission = PERMISSION(
    "lambda.permission", "lambda.function", "");
const struct resource_type type_lambda_alias_permission = PERMISSION(
    "lambda.alias-permission", "lambda.alias", ", Qualifier: $parent.Name");

/* ---- event sources ---- */

static const struct property mapping_properties[] = {
	{ "EventSourceArn", .flags = P_FIXED },
	{ "StartingPosition", .flags = P_FIXED | P_UNMANAGED },
	{ "Enabled", .dflt = "true" },
	{ "BatchSize" },
	{ "MaximumBatchingWindowInSeconds", .dflt = "0" },
	{ "FilterCriteria", .dflt = "{\"Filters\": []}",
	    .unset = "{\"Filters\": []}" },
	{ "ScalingConfig", .dflt = "{}", .unset = "{}" },
	{ "FunctionResponseTypes", .dflt = "[]", .unset = "[]" },
	{ "DestinationConfig", .same = C_LEAN, .unset = "{\"OnFailure\": {}}" },
	{ "BisectBatchOnFunctionError", .flags = P_UNMANAGED },
	{ "MaximumRetryAttempts", .flags = P_UNMANAGED },
	{ "MaximumRecordAgeInSeconds", .flags = P_UNMANAGED },
	{ "ParallelizationFactor", .flags = P_UNMANAGED },
	{ 0 },
};

static void
mapping_normalise(json_t *live)
{
	const char *state = js_str(live, "State");

	if (state != NULL)
		js_set(live, "Enabled",
		    json_boolean(!words_has("Disabled Disabling", state)));
}

static const struct update mapping_updates[] = {
	{ "UpdateEventSourceMapping", "{UUID: $UUID, ...$changes}" },
	{ 0 },
};

static const struct state mapping_states[] = {
	{ "State", "Enabled Disabled", NULL,
	    .reason = "StateTransitionReason" },
	{ 0 },
};

static const struct patience mapping_patience[] = {
	{ "InvalidParameterValueException", "does not have permissions", 120 },
	{ "InvalidParameterValueException", "role can perform", 120 },
	{ "InvalidParameterValueException", "cannot be assumed", 120 },
	{ "ResourceInUseException", NULL, 300 },
	{ "ResourceConflictException", "cannot be performed at this time",
	    300 },
	{ 0 },
};

#define MAPPING(type_name, parent_name, function, is)                          \
	{                                                                      \
		.name = type_name, .service = "lambda",                        \
		.page = "https://docs.aws.amazon.com/lambda/latest/api/"       \
			"API_CreateEventSourceMapping.html",                   \
		.label = "$EventSourceArn", .key = "EventSourceArn",           \
		.arn = "\"arn:${partition}:lambda:${region}:${account}:"       \
		       "event-source-mapping:${UUID}\"",                       \
		.parent = parent_name, .outlives = true, .exclusive = true,    \
		.list = { "ListEventSourceMappings",                           \
			"{FunctionName: " function "}", "EventSourceMappings", \
			.full = true, .from = 2,                               \
			.wide = "ListEventSourceMappings",                     \
			.owner = "FunctionArn", .owner_is = is },              \
		.create = { "CreateEventSourceMapping",                        \
			"{FunctionName: " function                             \
			", ...$all, Tags: $tags}" },                           \
		.updates = mapping_updates,                                    \
		.remove = { "DeleteEventSourceMapping", "{UUID: $UUID}" },     \
		.states = mapping_states,                                      \
		.tags = { .shape = TAGS_MAP,                                   \
			.list = { "ListTags", "{Resource: $arn}",              \
			    .take = "Tags" },                                  \
			.add = { "TagResource",                                \
			    "{Resource: $arn, Tags: $tags}" },                 \
			.remove = { "UntagResource",                           \
			    "{Resource: $arn, TagKeys: $keys}" },              \
			.on_create = true },                                   \
		.properties = mapping_properties,                              \
		.patience = mapping_patience, .normalise = mapping_normalise,  \
	}

const struct resource_type type_lambda_event_source_mapping = MAPPING(
    "lambda.event-source-mapping", "lambda.function", "$parent.FunctionName",
    "FunctionArn");
const struct resource_type type_lambda_alias_event_source_mapping = MAPPING(
    "lambda.alias-event-source-mapping", "lambda.alias", "$parent.AliasArn",
    "AliasArn");

/* ---- the URL: at most one ---- */

static const struct property url_properties[] = {
	{ "AuthType", .risk = "\"NONE\"" },
	{ "Cors", .same = C_LEAN, .unset = "{}" },
	{ "InvokeMode", .dflt = "\"BUFFERED\"" },
	{ 0 },
};

#define URL(type_name, parent_name, qualifier)                                 \
	{                                                                      \
		.name = type_name, .service = "lambda",                        \
		.page = "https://docs.aws.amazon.com/lambda/latest/api/"       \
			"API_CreateFunctionUrlConfig.html",                    \
		.label = "$FunctionUrl", .key = "", .parent = parent_name,     \
		.exclusive = true, .grants = true,                             \
		.read = { "GetFunctionUrlConfig",                              \
			"{FunctionName: $parent.FunctionName" qualifier "}" }, \
		.create = { "CreateFunctionUrlConfig",                         \
			"{FunctionName: $parent.FunctionName" qualifier        \
			", ...$all}" },                                        \
		.updates =                                                     \
		    (const struct update[]){ { "UpdateFunctionUrlConfig",      \
						 "{FunctionName: "             \
						 "$parent.FunctionName"        \
						 "" qualifier                  \
						 ", ...$changes}" },           \
			    { 0 } },                                           \
		.remove = { "DeleteFunctionUrlConfig",                         \
			"{FunctionName: $parent.FunctionName" qualifier "}" }, \
		.properties = url_properties, .patience = permission_patience, \
	}

const struct resource_type type_lambda_url = URL(
    "lambda.url", "lambda.function", "");
const struct resource_type type_lambda_alias_url = URL(
    "lambda.alias-url", "lambda.alias", ", Qualifier: $parent.Name");
