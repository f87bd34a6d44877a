/* The fields of HttpApi. */

#include "modules/apigateway/apigateway.h"

static const struct field throttle[] = {
	{ "rate", F_NUMBER, .dflt = "1000", .min = 0, .max = 10000,
	    .help = "requests per second" },
	{ "burst", F_INT, .dflt = "500", .min = 0, .max = 5000,
	    .help = "requests at once" },
	{ 0 },
};

static const struct field route_fields[] = {
	{ "target", F_STRING, F_REQUIRED | F_LITERAL,
	    .help = "LambdaFunction/name, the ARN of a function, or an https "
		    "URL" },
	{ "authorizer", F_STRING, F_LITERAL,
	    .help = "name of an authorizer, or AWS_IAM" },
	{ "scopes", F_LIST, F_UNIQUE, .fields = module_word,
	    .help = "JWT: one of these scopes is needed" },
	{ "timeout", F_DURATION, F_LITERAL, "30s", .min = 1, .max = 30,
	    .help = "how long the target may take" },
	{ "throttle", F_OBJECT, .fields = throttle,
	    .help = "limits of this route" },
	{ 0 },
};
static const struct field route[] = {
	{ "route", F_OBJECT, .fields = route_fields, .help = "one route" },
	{ 0 },
};

static const struct field jwt[] = {
	{ "issuer", F_STRING, F_REQUIRED, .form = "https",
	    .help = "URL of the token's issuer" },
	{ "audience", F_LIST, F_REQUIRED | F_UNIQUE, .fields = module_word,
	    .help = "one of them must be in the token" },
	{ 0 },
};
static const struct field authorizer_fields[] = {
	{ "jwt", F_OBJECT, .fields = jwt, .help = "JSON web tokens" },
	{ "lambda", F_REF, F_LITERAL, .values = "LambdaFunction",
	    .help = "a function that answers isAuthorized" },
	{ "identity", F_LIST, .fields = module_word,
	    .help = "where the token is; $request.header.Authorization unless "
		    "said" },
	{ "cache", F_DURATION, .dflt = "5m", .max = 3600,
	    .help = "lambda: how long an answer is remembered" },
	{ 0 },
};
static const struct field authorizer[] = {
	{ "authorizer", F_OBJECT, .fields = authorizer_fields,
	    .help = "one authorizer" },
	{ 0 },
};

static const struct field access_log_fields[] = {
	{ "retention", F_DURATION, F_LITERAL, "30d", .min = 86400,
	    .help = "how long lines are kept" },
	{ "format", F_STRING,
	    .help = "a line, with $context variables; ten fields as JSON "
		    "unless said" },
	{ 0 },
};
static const struct field access_logs[] = {
	{ "off", F_BOOL, .help = "false: no access log" },
	{ "log", F_OBJECT, .fields = access_log_fields,
	    .help = "log group /aws/apigateway/<name>" },
	{ 0 },
};

static const struct field function[] = {
	{ "function", F_REF, .values = "LambdaFunction", .help = "a function" },
	{ 0 },
};

const struct field http_api_fields[] = {
	{ "description", F_STRING, .dflt = "\"\"", .max = 1024,
	    .help = "what the API is for" },
	{ "routes", F_MAP, F_LITERAL, .fields = route,
	    .help = "`METHOD /path/{parameter}` or $default -> target; all "
		    "others are removed" },
	{ "openapi", F_PATH, F_LITERAL,
	    .help = "OpenAPI 3 document of the repository, instead of routes" },
	{ "functions", F_LIST, F_UNIQUE | F_LITERAL, .fields = function,
	    .help = "functions that the OpenAPI document calls: they let this "
		    "API invoke them" },
	{ "cors", F_OBJECT, .fields = module_cors_fields,
	    .help = "calls from web pages of other origins" },
	{ "authorizers", F_MAP, F_LITERAL, .fields = authorizer,
	    .help = "who may call; routes name one" },
	{ "throttle", F_OBJECT, .dflt = "{}", .fields = throttle,
	    .help = "limits of every route" },
	{ "accessLogs", F_CHOICE, F_LITERAL, "{}", .fields = access_logs,
	    .help = "a line per request; false: none" },
	{ "detailedMetrics", F_BOOL, .dflt = "true",
	    .help = "metrics per route" },
	{ "disableDefaultEndpoint", F_BOOL, .dflt = "false",
	    .help = "no execute-api address" },
	{ 0 },
};
