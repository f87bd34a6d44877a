/* HttpApi: an API with its routes, one stage, and access logs. */

#include "modules/apigateway/apigateway.h"

static const struct output outputs[] = {
	{ "url", "api", "ApiEndpoint", "address of the API" },
	{ "id", "api", "ApiId", "id" },
	{ "arn", "api", "@arn", "ARN" },
	{ "executionArn", "stage", "ExecutionArn",
	    "what permissions to call it name" },
	{ "stage", "stage", "StageName", "name of the stage" },
	{ 0 },
};

#define LINE                                                                   \
	"{\"requestId\":\"$context.requestId\","                               \
	"\"ip\":\"$context.identity.sourceIp\","                               \
	"\"requestTime\":\"$context.requestTime\","                            \
	"\"httpMethod\":\"$context.httpMethod\","                              \
	"\"routeKey\":\"$context.routeKey\","                                  \
	"\"status\":\"$context.status\","                                      \
	"\"protocol\":\"$context.protocol\","                                  \
	"\"responseLength\":\"$context.responseLength\","                      \
	"\"errorMessage\":\"$context.error.message\","                         \
	"\"integrationError\":\"$context.integrationErrorMessage\"}"

json_t *
http_api_execution_arn(struct expansion *x, const char *suffix)
{
	return expansion_join(js_pack("[s, o, s, o, s, o, s, o, s]",
	    "arn:", module_aws("partition"),
	    ":execute-api:", module_aws("region"), ":", module_aws("account"),
	    ":", expansion_own(x, "api", "ApiId"), suffix));
}

/* ---- the stage ---- */

static json_t *
limits(const json_t *throttle)
{
	json_t *rate = js_copy(js_get(throttle, "rate"));

	return js_pack("{s:o, s:I}", "ThrottlingRateLimit",
	    rate != NULL ? rate : json_integer(1000), "ThrottlingBurstLimit",
	    js_int(throttle, "burst", 500));
}

/* Settings of routes that have limits of their own, and references to the
 * routes, which must exist before. */
static void
set_route_settings(struct expansion *x, json_t *props)
{
	json_t *settings = json_object(), *routes = json_array(), *route;
	bool metrics = js_bool(x->spec, "detailedMetrics", true);
	const char *key;

	js_foreach (js_get(x->spec, "routes"), key, route) {
		auto_free char *slug = http_api_slug(key);
		auto_free char *local = mem_fmt("route.%s", slug);
		json_t *own;

		if (js_get(route, "throttle") == NULL)
			continue;
		own = limits(js_get(route, "throttle"));
		js_set(own, "DetailedMetricsEnabled", json_boolean(metrics));
		js_set(settings, key, own);
		js_push(routes, expansion_own(x, local, "RouteId"));
	}
	if (js_len(settings) > 0) {
		js_set(props, "RouteSettings", js_copy(settings));
		js_set(props, "Routes", js_copy(routes));
	}
	js_free(settings);
	js_free(routes);
}

static void
set_access_logs(struct expansion *x, json_t *props)
{
	const json_t *logs = js_get(x->spec, "accessLogs");
	const json_t *format = js_get(logs, "format");
	auto_free char *name = mem_fmt("/aws/apigateway/%s", x->aws_name);

	if (json_is_true(logs))
		expansion_error(x, "/accessLogs",
		    "they are on unless it is false; remove it, or give "
		    "{ retention }");
	if (!json_is_object(logs))
		return;
	js_set(props, "AccessLogSettings",
	    js_pack("{s:o, s:o}", "DestinationArn",
		expansion_own(x, "logs", "@arn"), "Format",
		format != NULL ? js_copy(format) : js_new_str(LINE)));
	module_add_log_group(x, "logs", name,
	    module_retention_days(x, "/accessLogs/retention",
		js_int(logs, "retention", 30 * 86400)));
}

void
http_api_add_stage(struct expansion *x, const char *type)
{
	json_t *settings = limits(js_get(x->spec, "throttle"));
	json_t *props = js_pack("{s:s, s:b, s:o, s:o, s:o}", "StageName",
	    "$default", "AutoDeploy", 1, "DefaultRouteSettings", settings,
	    "ApiId", expansion_own(x, "api", "ApiId"), "ExecutionArn",
	    http_api_execution_arn(x, ""));

	js_set(settings, "DetailedMetricsEnabled",
	    json_boolean(js_bool(x->spec, "detailedMetrics", true)));
	set_access_logs(x, props);
	set_route_settings(x, props);
	expansion_add_child(x, "stage", "api", type, props);
}

/* ---- the API ---- */

static json_t *
api_props(struct expansion *x)
{
	json_t *props = js_pack("{s:s, s:s, s:O, s:O}", "Name", x->aws_name,
	    "ProtocolType", "HTTP", "Description",
	    js_get(x->spec, "description"), "DisableExecuteApiEndpoint",
	    js_get(x->spec, "disableDefaultEndpoint"));

	js_set(
	    props, "CorsConfiguration", module_cors(js_get(x->spec, "cors")));
	return props;
}

/* Title, description and version of the document become ours: importing it
 * sets those of the API. */
static bool
set_document(struct expansion *x, json_t *props)
{
	const char *path = js_str(x->spec, "openapi");
	json_auto_t *document = NULL;
	auto_free char *text = NULL, *hash = NULL, *body = NULL;
	json_t *info;

	if (expansion_file(x, "/openapi", path, &document, &text) == -1)
		return false;
	hash = module_hash(text, 12);
	info = js_get(document, "info") == NULL
		   ? json_object()
		   : js_copy(js_get(document, "info"));
	js_set_str(info, "title", x->aws_name);
	js_set_str(info, "version", hash);
	js_set(info, "description", js_copy(js_get(x->spec, "description")));
	js_set(document, "info", info);
	body = js_dump(document);
	js_set_str(props, "Version", hash);
	js_set_str(props, "Body", body);
	return true;
}

static void
allow_function(struct expansion *x, const char *target)
{
	auto_free char *slug = http_api_slug(target);
	auto_free char *local = mem_fmt("permission.%s-%s", x->name, slug);
	auto_free char *statement = http_api_statement(x, target);

	module_allow_invoke(x, local, target,
	    js_pack("{s:s, s:s, s:s, s:o}", "StatementId", statement, "Action",
		"lambda:InvokeFunction", "Principal",
		"apigateway.amazonaws.com", "SourceArn",
		http_api_execution_arn(x, "/*/*")));
}

static void
add_openapi(struct expansion *x)
{
	json_t *props = api_props(x), *target;
	size_t i;

	set_document(x, props);
	resource_add_tag(expansion_add(x, "api", "apigatewayv2.openapi", props),
	    "convergd:openapi", "true");
	js_each (js_get(x->spec, "functions"), i, target)
		if (module_is(js_text(target), "LambdaFunction"))
			allow_function(x, js_text(target));
	http_api_add_stage(x, "apigatewayv2.openapi-stage");
}

static void
check(struct expansion *x)
{
	bool imported = js_get(x->spec, "openapi") != NULL;

	module_name_fits(x, x->aws_name, 128);
	if (imported == (js_len(js_get(x->spec, "routes")) > 0))
		expansion_error(x, imported ? "/openapi" : "",
		    "give either `routes` or `openapi`");
	if (imported && js_len(js_get(x->spec, "authorizers")) > 0)
		expansion_error(x, "/authorizers",
		    "authorizers of an OpenAPI document are written in it; "
		    "remove them here");
	if (!imported && js_len(js_get(x->spec, "functions")) > 0)
		expansion_error(x, "/functions",
		    "it is for `openapi`; routes allow their targets by "
		    "themselves");
}

static void
expand(struct expansion *x)
{
	check(x);
	if (js_get(x->spec, "openapi") != NULL) {
		add_openapi(x);
		return;
	}
	expansion_add(x, "api", "apigatewayv2.api", api_props(x));
	http_api_add_authorizers(x);
	http_api_add_routes(x);
	http_api_add_stage(x, "apigatewayv2.stage");
}

const struct module kind_http_api = {
	.kind = "HttpApi",
	.folder = "apigateway",
	.summary = "an HTTP API with its routes, stage and access logs",
	.page = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
		"http-api.html",
	.spec = http_api_fields,
	.outputs = outputs,
	.expand = expand,
};
