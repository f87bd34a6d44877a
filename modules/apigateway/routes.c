/* Routes, integrations and authorizers of an HttpApi. */

#include "modules/apigateway/apigateway.h"

enum target_sort { TARGET_NONE, TARGET_FUNCTION, TARGET_URL };

static enum target_sort
sort_of(const char *target)
{
	if (target == NULL)
		return TARGET_NONE;
	if (module_is(target, "LambdaFunction") ||
	    (text_starts(target, "arn:") && strstr(target, ":lambda:") != NULL))
		return TARGET_FUNCTION;
	return text_starts(target, "https://") ? TARGET_URL : TARGET_NONE;
}

char *
http_api_slug(const char *text)
{
	char *slug = mem_str(text), *to = slug;

	for (const char *c = text; *c != '\0'; c++)
		if (c[0] == ' ' && c[1] == '/')
			continue;
		else
			*to++ = *c == '/' || *c == ' ' ? ':' : *c;
	*to = '\0';
	return slug;
}

/* Letters, digits and dashes, and a hash because that is not unique. */
char *
http_api_statement(const struct expansion *x, const char *what)
{
	auto_free char *hash = module_hash(what, 8);
	char *id = mem_fmt("HttpApi-%.40s-%.36s-%s", x->name, what, hash);

	for (char *c = id; *c != '\0'; c++)
		if (strchr("abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
			*c) == NULL)
			*c = '-';
	return id;
}

/* ---- authorizers ---- */

static json_t *
authorizer_uri(json_t *take_function)
{
	return expansion_join(js_pack("[s, o, s, o, s, o, s]", "arn:",
	    module_aws("partition"), ":apigateway:", module_aws("region"),
	    ":lambda:path/2015-03-31/functions/", take_function,
	    "/invocations"));
}

static void
allow_authorizer(struct expansion *x, const char *name, const char *authorizer)
{
	auto_free char *local = mem_fmt(
	    "permission.%s-authorizer-%s", x->name, name);
	auto_free char *what = mem_fmt("authorizer-%s", name);
	auto_free char *statement = http_api_statement(x, what);
	json_t *source = expansion_join(
	    js_pack("[o, s, o]", http_api_execution_arn(x, ""), "/authorizers/",
		expansion_own(x, authorizer, "AuthorizerId")));
	const char *target = js_str(
	    js_get(js_get(x->spec, "authorizers"), name), "lambda");

	module_allow_invoke(x, local, target,
	    js_pack("{s:s, s:s, s:s, s:o}", "StatementId", statement, "Action",
		"lambda:InvokeFunction", "Principal",
		"apigateway.amazonaws.com", "SourceArn", source));
}

static json_t *
identity_of(const json_t *authorizer)
{
	const json_t *given = js_get(authorizer, "identity");

	return js_len(given) > 0
		   ? js_copy(given)
		   : js_pack("[s]", "$request.header.Authorization");
}

static json_t *
jwt_props(const char *name, const json_t *authorizer)
{
	const json_t *jwt = js_get(authorizer, "jwt");

	return js_pack("{s:s, s:s, s:o, s:{s:O, s:O}}", "Name", name,
	    "AuthorizerType", "JWT", "IdentitySource", identity_of(authorizer),
	    "JwtConfiguration", "Issuer", js_get(jwt, "issuer"), "Audience",
	    js_get(jwt, "audience"));
}

static json_t *
lambda_props(struct expansion *x, const char *name, const json_t *authorizer)
{
	auto_free char *at = module_at("/authorizers", name, "lambda");
	json_t *arn = module_function_arn(x, at, js_str(authorizer, "lambda"));

	if (arn == NULL)
		return NULL;
	return js_pack("{s:s, s:s, s:o, s:o, s:s, s:O, s:b}", "Name", name,
	    "AuthorizerType", "REQUEST", "IdentitySource",
	    identity_of(authorizer), "AuthorizerUri", authorizer_uri(arn),
	    "AuthorizerPayloadFormatVersion", "2.0",
	    "AuthorizerResultTtlInSeconds", js_get(authorizer, "cache"),
	    "EnableSimpleResponses", 1);
}

static void
add_authorizer(struct expansion *x, const char *name, const json_t *authorizer)
{
	auto_free char *local = mem_fmt("authorizer.%s", name);
	auto_free char *at = module_at("/authorizers", name, "");
	const char *target = js_str(authorizer, "lambda");
	json_t *props;

	if ((js_get(authorizer, "jwt") != NULL) == (target != NULL)) {
		expansion_error(x, at, "give either `jwt` or `lambda`");
		return;
	}
	props = target == NULL ? jwt_props(name, authorizer)
			       : lambda_props(x, name, authorizer);
	if (props == NULL)
		return;
	expansion_add_child(x, local, "api", "apigatewayv2.authorizer", props);
	if (module_is(target, "LambdaFunction"))
		allow_authorizer(x, name, local);
}

void
http_api_add_authorizers(struct expansion *x)
{
	const char *name;
	json_t *authorizer;

	js_foreach (js_get(x->spec, "authorizers"), name, authorizer)
		add_authorizer(x, name, authorizer);
}

/* ---- integrations: one per target and timeout ---- */

static char *
integration_key(const json_t *route)
{
	json_int_t timeout = js_int(route, "timeout", 30);

	return timeout == 30 ? mem_str(js_str(route, "target"))
			     : mem_fmt("%s %" JSON_INTEGER_FORMAT "s",
				   js_str(route, "target"), timeout);
}

static char *
integration_local(const char *key)
{
	auto_free char *slug = http_api_slug(key);
	auto_free char *hash = NULL;

	if (text_starts(key, "LambdaFunction/"))
		return mem_fmt("integration.%s", slug);
	hash = module_hash(key, 8);
	return mem_fmt("integration.%s", hash);
}

static json_t *
integration_props(
    struct expansion *x, const char *at, const char *key, const json_t *route)
{
	const char *target = js_str(route, "target");
	bool function = sort_of(target) == TARGET_FUNCTION;
	json_t *uri = function ? module_function_arn(x, at, target)
			       : js_new_str(target);

	if (uri == NULL)
		return NULL;
	return js_pack("{s:s, s:s, s:o, s:s, s:s, s:I, s:s}", "Description",
	    key, "IntegrationType", function ? "AWS_PROXY" : "HTTP_PROXY",
	    "IntegrationUri", uri, "IntegrationMethod",
	    function ? "POST" : "ANY", "PayloadFormatVersion",
	    function ? "2.0" : "1.0", "TimeoutInMillis",
	    js_int(route, "timeout", 30) * 1000, "ConnectionType", "INTERNET");
}

/* done: keys of integrations that exist already. */
static bool
add_integration(struct expansion *x, const char *at, const char *key,
    const json_t *route, json_t *done)
{
	auto_free char *local = integration_local(key);
	json_t *props;

	if (js_get(done, key) != NULL)
		return true;
	props = integration_props(x, at, key, route);
	if (props == NULL)
		return false;
	js_set(done, key, json_true());
	expansion_add_child(x, local, "api", "apigatewayv2.integration", props);
	return true;
}

/* ---- routes ---- */

static bool
is_route_key(const char *key)
{
	const char *space = strchr(key, ' ');
	auto_free char *method = space == NULL
				     ? NULL
				     : mem_strn(key, (size_t)(space - key));

	if (strcmp(key, "$default") == 0)
		return true;
	return method != NULL && space[1] == '/' &&
	       words_has("GET POST PUT PATCH DELETE HEAD OPTIONS ANY", method);
}

static bool
check_route(struct expansion *x, const char *key, const json_t *route)
{
	auto_free char *at = module_at("/routes", key, "");
	auto_free char *at_target = module_at("/routes", key, "target");
	auto_free char *at_who = module_at("/routes", key, "authorizer");
	const char *who = js_str(route, "authorizer");
	const char *target = js_str(route, "target");
	bool good = true;

	if (!is_route_key(key)) {
		expansion_error(x, at,
		    "\"%s\" is no route; write METHOD /path (GET /orders/{id}, "
		    "ANY /{proxy+}) or $default",
		    key);
		good = false;
	}
	if (sort_of(target) == TARGET_NONE) {
		expansion_error(x, at_target,
		    "\"%s\" is no target; give LambdaFunction/name, the ARN of "
		    "a function, or an https URL",
		    target == NULL ? "" : target);
		good = false;
	}
	if (who != NULL && strcmp(who, "AWS_IAM") != 0 &&
	    js_get(js_get(x->spec, "authorizers"), who) == NULL) {
		expansion_error(x, at_who,
		    "there is no authorizer \"%s\"; add it to `authorizers`",
		    who);
		good = false;
	}
	return good;
}

static void
set_authorization(struct expansion *x, json_t *props, const json_t *route)
{
	const char *who = js_str(route, "authorizer");
	const json_t *scopes = js_get(route, "scopes");
	auto_free char *local = mem_fmt(
	    "authorizer.%s", who == NULL ? "" : who);
	const json_t *authorizer = js_get(
	    js_get(x->spec, "authorizers"), who == NULL ? "" : who);

	if (authorizer == NULL) {
		js_set_str(props, "AuthorizationType",
		    who == NULL ? "NONE" : "AWS_IAM");
		return;
	}
	js_set_str(props, "AuthorizationType",
	    js_get(authorizer, "jwt") != NULL ? "JWT" : "CUSTOM");
	js_set(props, "AuthorizerId", expansion_own(x, local, "AuthorizerId"));
	if (js_len(scopes) > 0)
		js_set(props, "AuthorizationScopes", js_copy(scopes));
}

/* "GET /a" -> "/STAGE/GET/a" of any stage, ANY is every method. */
static json_t *
route_source(struct expansion *x, const char *key)
{
	const char *space = strchr(key, ' ');
	bool any = text_starts(key, "ANY ");
	auto_free char *suffix = space == NULL
				     ? mem_fmt("/*/%s", key)
				     : mem_fmt("/*/%.*s%s",
					   any ? 1 : (int)(space - key),
					   any ? "*" : key, space + 1);

	return http_api_execution_arn(x, suffix);
}

static void
allow_route(struct expansion *x, const char *key, const char *target)
{
	auto_free char *slug = http_api_slug(key);
	auto_free char *local = mem_fmt("permission.%s-%s", x->name, slug);
	auto_free char *statement = http_api_statement(x, key);

	module_allow_invoke(x, local, target,
	    js_pack("{s:s, s:s, s:s, s:o}", "StatementId", statement, "Action",
		"lambda:InvokeFunction", "Principal",
		"apigateway.amazonaws.com", "SourceArn", route_source(x, key)));
}

static void
add_route(struct expansion *x, const char *key, const json_t *route,
    json_t *integrations)
{
	auto_free char *at = module_at("/routes", key, "target");
	auto_free char *slug = http_api_slug(key);
	auto_free char *local = mem_fmt("route.%s", slug);
	auto_free char *with = NULL, *integration = NULL;
	json_t *props;

	if (!check_route(x, key, route))
		return;
	with = integration_key(route);
	integration = integration_local(with);
	if (!add_integration(x, at, with, route, integrations))
		return;
	props = js_pack("{s:s, s:o}", "RouteKey", key, "Target",
	    expansion_join(js_pack("[s, o]", "integrations/",
		expansion_own(x, integration, "IntegrationId"))));
	set_authorization(x, props, route);
	expansion_add_child(x, local, "api", "apigatewayv2.route", props);
	if (module_is(js_str(route, "target"), "LambdaFunction"))
		allow_route(x, key, js_str(route, "target"));
}

void
http_api_add_routes(struct expansion *x)
{
	json_auto_t *integrations = json_object();
	const char *key;
	json_t *route;

	js_foreach (js_get(x->spec, "routes"), key, route)
		add_route(x, key, route, integrations);
}
