/* apigatewayv2.api and what belongs to it: the AWS objects of HttpApi. */

#include <ctype.h>

#include "modules/module.h"

#define PAGE "https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/"

/* ---- the API ---- */

static const struct property api_properties[] = {
	{ "ProtocolType", .flags = P_FIXED },
	{ "Name" },
	{ "Description", .dflt = "\"\"", .unset = "\"\"" },
	{ "DisableExecuteApiEndpoint", .dflt = "false", .risk = "false" },
	{ "CorsConfiguration", .same = C_LEAN,
	    .risk = "{\"AllowOrigins\": [\"*\"]}" },
	{ 0 },
};

/* The document replaces routes and integrations; its hash is the version. */
static const struct property openapi_properties[] = {
	{ "ProtocolType", .flags = P_FIXED },
	{ "Name" },
	{ "Description", .dflt = "\"\"", .unset = "\"\"" },
	{ "DisableExecuteApiEndpoint", .dflt = "false", .risk = "false" },
	{ "CorsConfiguration", .same = C_LEAN, .flags = P_UNMANAGED },
	{ "Version", .flags = P_OURS },
	{ "Body", .flags = P_OURS | P_WRITE_ONLY },
	{ 0 },
};

#define UPDATE_API                                                             \
	{ "DeleteCorsConfiguration", "{ApiId: $ApiId}",                        \
		.of = "CorsConfiguration", .on = ON_REMOVE },                  \
	    { "UpdateApi",                                                     \
		    "{ApiId: $ApiId, CorsConfiguration: $CorsConfiguration}",  \
		    .of = "CorsConfiguration", .on = ON_ADD | ON_CHANGE },     \
	{                                                                      \
		"UpdateApi", "{ApiId: $ApiId, ...$changes}"                    \
	}

static const struct update api_updates[] = {
	UPDATE_API,
	{ 0 },
};

/* The version last: it says that the document before it is in place. */
static const struct update openapi_updates[] = {
	{ "ReimportApi", "{ApiId: $ApiId, Body: $Body, FailOnWarnings: true}",
	    .of = "Version" },
	{ "UpdateApi", "{ApiId: $ApiId, Version: $Version}", .of = "Version" },
	UPDATE_API,
	{ 0 },
};

/* Header names, methods and origins are sets, headers in any case. */
static json_t *
as_set(const json_t *list, bool lower)
{
	size_t n = js_len(list);
	char **texts = mem_array(char *, n);
	json_t *set = json_array();

	for (size_t i = 0; i < n; i++) {
		texts[i] = mem_str(js_text(js_at(list, i)));
		for (char *c = texts[i]; lower && c && *c != '\0'; c++)
			*c = (char)tolower((unsigned char)*c);
	}
	qsort(texts, n, sizeof(*texts), text_order);
	for (size_t i = 0; i < n; i++) {
		js_push(set, js_new_str(texts[i]));
		free(texts[i]);
	}
	free(texts);
	return set;
}

static void
sort_cors(json_t *tree)
{
	static const char *const lists[] = { "AllowHeaders", "ExposeHeaders",
		"AllowMethods", "AllowOrigins" };
	const json_t *cors = js_get(tree, "CorsConfiguration");
	json_t *sorted = cors == NULL ? NULL : js_copy(cors);

	for (size_t i = 0; sorted != NULL && i < 4; i++)
		if (js_get(cors, lists[i]) != NULL)
			js_set(sorted, lists[i],
			    as_set(js_get(cors, lists[i]), i < 2));
	js_set(tree, "CorsConfiguration", sorted);
}

/*
 * Both sorts of API are in one listing; a tag of ours tells them apart. The
 * other sort shows no tags, so it is neither found nor taken for an orphan.
 */
static void
hide_unless(json_t *live, bool imported)
{
	const json_t *tags = js_get(live, "Tags");

	if ((js_get(tags, "convergd:openapi") != NULL) != imported)
		js_set(live, "Tags", json_object());
	sort_cors(live);
}

static void
api_normalise(json_t *live)
{
	hide_unless(live, false);
}

static void
openapi_normalise(json_t *live)
{
	hide_unless(live, true);
}

static void
api_complete(json_t *desired, const json_t *live)
{
	(void)live;
	sort_cors(desired);
}

/* Tags that come with a create are asked for as a PUT of their own. */
#define TAG_ON_CREATE                                                          \
	{                                                                      \
		"apigateway:PUT apigateway:TagResource",                       \
		    "\"arn:${partition}:apigateway:${region}::/tags/*\""       \
	}

static const struct permission api_permissions[] = { TAG_ON_CREATE, { 0 } };

#define API(type_name, rows, changes, hook)                                    \
	{                                                                      \
		.name = type_name, .service = "apigatewayv2",                  \
		.page = PAGE "apis.html", .label = "$Name", .key = "@address", \
		.id = "ApiId", .doubles = true,                                \
		.arn = "\"arn:${partition}:apigateway:${region}::/apis/"       \
		       "${ApiId}\"",                                           \
		.list = { "GetApis", "{MaxResults: \"500\"}", "Items",         \
			.full = true, .from = 1 },                             \
		.read = { "GetApi", "{ApiId: $ApiId}" },                       \
		.create = { "CreateApi", "{...$all, Tags: $tags}" },           \
		.updates = changes,                                            \
		.remove = { "DeleteApi", "{ApiId: $ApiId}" },                  \
		.tags = { .shape = TAGS_MAP,                                   \
			.at = "Tags",                                          \
			.add = { "TagResource",                                \
			    "{ResourceArn: $arn, Tags: $tags}" },              \
			.remove = { "UntagResource",                           \
			    "{ResourceArn: $arn, TagKeys: $keys}" },           \
			.on_create = true },                                   \
		.properties = rows, .normalise = hook,                         \
		.complete = api_complete, .permissions = api_permissions,      \
	}

const struct resource_type type_apigatewayv2_api = API(
    "apigatewayv2.api", api_properties, api_updates, api_normalise);
const struct resource_type type_apigatewayv2_openapi = API(
    "apigatewayv2.openapi", openapi_properties, openapi_updates,
    openapi_normalise);

/* ---- integrations: the description is our name for each ---- */

static const struct property integration_properties[] = {
	{ "Description", .flags = P_FIXED },
	{ "IntegrationType", .flags = P_FIXED },
	{ "IntegrationUri" },
	{ "IntegrationMethod", .flags = P_UNMANAGED },
	{ "PayloadFormatVersion", .dflt = "\"1.0\"" },
	{ "TimeoutInMillis", .dflt = "30000" },
	{ "ConnectionType", .dflt = "\"INTERNET\"" },
	{ "ConnectionId" },
	{ "RequestParameters", .dflt = "{}" },
	{ 0 },
};

const struct resource_type type_apigatewayv2_integration = {
	.name = "apigatewayv2.integration",
	.service = "apigatewayv2",
	.page = PAGE "apis-apiid-integrations.html",
	.label = "$Description",
	.key = "Description",
	.parent = "apigatewayv2.api",
	.exclusive = true,
	.doubles = true,
	.list = { "GetIntegrations",
	    "{ApiId: $parent.ApiId, MaxResults: \"500\"}", "Items",
	    .full = true },
	.create = { "CreateIntegration", "{ApiId: $parent.ApiId, ...$all}" },
	.updates =
	    (const struct update[]){
		{ "UpdateIntegration",
		    "{ApiId: $parent.ApiId, IntegrationId: $IntegrationId, "
		    "...$changes}" },
		{ 0 } },
	.remove = { "DeleteIntegration",
	    "{ApiId: $parent.ApiId, IntegrationId: $IntegrationId}" },
	.properties = integration_properties,
	/* a route that targets it is going away in the same pass */
	.patience = (const struct patience[]){ { "ConflictException", NULL,
						   30 },
	    { 0 } },
};

/* ---- routes ---- */

static const struct property route_properties[] = {
	{ "RouteKey", .flags = P_FIXED },
	{ "Target" },
	{ "AuthorizationType", .dflt = "\"NONE\"", .risk = "\"NONE\"" },
	{ "AuthorizerId", .flags = P_UNMANAGED },
	{ "AuthorizationScopes", .same = C_SET, .dflt = "[]", .unset = "[]",
	    .risk = "[]" },
	{ "ApiKeyRequired", .dflt = "false", .risk = "false" },
	{ 0 },
};

const struct resource_type type_apigatewayv2_route = {
	.name = "apigatewayv2.route",
	.service = "apigatewayv2",
	.page = PAGE "apis-apiid-routes.html",
	.label = "$RouteKey",
	.key = "RouteKey",
	.parent = "apigatewayv2.api",
	.exclusive = true,
	.grants = true,
	.list = { "GetRoutes", "{ApiId: $parent.ApiId, MaxResults: \"500\"}",
	    "Items", .full = true },
	.create = { "CreateRoute", "{ApiId: $parent.ApiId, ...$all}" },
	.updates =
	    (const struct update[]){
		{ "UpdateRoute", "{ApiId: $parent.ApiId, RouteId: $RouteId, "
				 "...$changes}" },
		{ 0 } },
	.remove = { "DeleteRoute",
	    "{ApiId: $parent.ApiId, RouteId: $RouteId}" },
	.properties = route_properties,
};

/* ---- authorizers ---- */

static const struct property authorizer_properties[] = {
	{ "Name", .flags = P_FIXED },
	{ "AuthorizerType", .flags = P_FIXED },
	{ "IdentitySource", .same = C_SET },
	{ "JwtConfiguration" },
	{ "AuthorizerUri" },
	{ "AuthorizerPayloadFormatVersion" },
	{ "AuthorizerResultTtlInSeconds", .dflt = "0" },
	{ "EnableSimpleResponses", .dflt = "false" },
	{ 0 },
};

const struct resource_type type_apigatewayv2_authorizer = {
	.name = "apigatewayv2.authorizer",
	.service = "apigatewayv2",
	.page = PAGE "apis-apiid-authorizers.html",
	.label = "$Name",
	.key = "Name",
	.parent = "apigatewayv2.api",
	.exclusive = true,
	.doubles = true,
	.list = { "GetAuthorizers",
	    "{ApiId: $parent.ApiId, MaxResults: \"500\"}", "Items",
	    .full = true },
	.create = { "CreateAuthorizer", "{ApiId: $parent.ApiId, ...$all}" },
	.updates =
	    (const struct update[]){
		{ "UpdateAuthorizer",
		    "{ApiId: $parent.ApiId, AuthorizerId: $AuthorizerId, "
		    "...$changes}" },
		{ 0 } },
	.remove = { "DeleteAuthorizer",
	    "{ApiId: $parent.ApiId, AuthorizerId: $AuthorizerId}" },
	.properties = authorizer_properties,
};

/*
 * ---- stages ----
 * ApiId is for the ARN, Routes for the order (settings need their routes),
 * ExecutionArn is what permissions name.
 */
static const struct property stage_properties[] = {
	{ "ApiId", .flags = P_FIXED | P_WRITE_ONLY | P_OURS },
	{ "Routes", .flags = P_WRITE_ONLY | P_OURS },
	{ "ExecutionArn", .flags = P_WRITE_ONLY | P_OURS },
	{ "StageName", .flags = P_FIXED },
	{ "AutoDeploy", .dflt = "false" },
	{ "AccessLogSettings", .risk = "null" },
	{ "DefaultRouteSettings", .same = C_SUBSET },
	{ "RouteSettings", .same = C_SUBSET, .key = "*" },
	{ "StageVariables", .dflt = "{}" },
	{ 0 },
};

static const struct update stage_updates[] = {
	{ "DeleteAccessLogSettings",
	    "{ApiId: $parent.ApiId, StageName: $StageName}",
	    .of = "AccessLogSettings", .on = ON_REMOVE },
	{ "UpdateStage",
	    "{ApiId: $parent.ApiId, StageName: $StageName, AccessLogSettings: "
	    "$AccessLogSettings}",
	    .of = "AccessLogSettings", .on = ON_ADD | ON_CHANGE },
	{ "DeleteRouteSettings",
	    "{ApiId: $parent.ApiId, StageName: $StageName, RouteKey: $name}",
	    .of = "RouteSettings", .on = ON_REMOVE, .each = true },
	{ "UpdateStage",
	    "{ApiId: $parent.ApiId, StageName: $StageName, RouteSettings: "
	    "$RouteSettings}",
	    .of = "RouteSettings", .on = ON_ADD | ON_CHANGE },
	{ "UpdateStage",
	    "{ApiId: $parent.ApiId, StageName: $StageName, ...$changes}" },
	{ 0 },
};

/* Delivery of access logs is set up with the caller's permissions. */
static const struct permission stage_permissions[] = {
	TAG_ON_CREATE,
	{ "logs:CreateLogDelivery logs:DeleteLogDelivery "
	  "logs:DescribeLogGroups logs:DescribeResourcePolicies "
	  "logs:GetLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy "
	  "logs:UpdateLogDelivery",
	    "\"*\"", .if_any = "AccessLogSettings" },
	{ 0 },
};

#define STAGE(type_name, parent_name)                                          \
	{                                                                      \
		.name = type_name, .service = "apigatewayv2",                  \
		.page = PAGE "apis-apiid-stages.html", .label = "$StageName",  \
		.key = "StageName",                                            \
		.arn = "\"arn:${partition}:apigateway:${region}::/apis/"       \
		       "${ApiId}/stages/${StageName}\"",                       \
		.parent = parent_name, .exclusive = true,                      \
		.list = { "GetStages",                                         \
			"{ApiId: $parent.ApiId, MaxResults: \"500\"}",         \
			"Items", .full = true },                               \
		.create = { "CreateStage",                                     \
			"{ApiId: $parent.ApiId, ...$all, Tags: $tags}" },      \
		.updates = stage_updates,                                      \
		.remove = { "DeleteStage",                                     \
			"{ApiId: $parent.ApiId, StageName: $StageName}" },     \
		.tags = { .shape = TAGS_MAP,                                   \
			.at = "Tags",                                          \
			.add = { "TagResource",                                \
			    "{ResourceArn: $arn, Tags: $tags}" },              \
			.remove = { "UntagResource",                           \
			    "{ResourceArn: $arn, TagKeys: $keys}" },           \
			.on_create = true },                                   \
		.properties = stage_properties,                                \
		.permissions = stage_permissions,                              \
	}

const struct resource_type type_apigatewayv2_stage = STAGE(
    "apigatewayv2.stage", "apigatewayv2.api");
const struct resource_type type_apigatewayv2_openapi_stage = STAGE(
    "apigatewayv2.openapi-stage", "apigatewayv2.openapi");
