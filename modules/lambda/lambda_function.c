/* LambdaFunction: a function with its role, logs, triggers and versions. */

#include "modules/lambda/lambda.h"

static const struct output outputs[] = {
	{ "arn", "function", "@arn", "ARN" },
	{ "name", "function", "FunctionName", "AWS name" },
	{ "version", "version", "Version", "published version; needs `alias`" },
	{ "aliasArn", "alias", "@arn", "ARN of the alias" },
	{ "url", "url", "FunctionUrl", "its own URL" },
	{ "roleArn", "role", "@arn", "ARN of its own role" },
	{ "roleName", "role", "RoleName", "name of its own role" },
	{ "logGroup", "logs", "logGroupName", "name of its log group" },
	{ 0 },
};

static const struct connection connections[] = {
	{ "invoke", "lambda:InvokeFunction", "arn arn+:*", "FUNCTION=name",
	    "call the function" },
	{ 0 },
};

/* ---- checks ---- */

static void
check_role(struct expansion *x)
{
	if (js_get(x->spec, "role") == NULL)
		return;
	if (js_len(js_get(x->spec, "uses")) > 0)
		expansion_error(x, "/uses",
		    "permissions of `uses` go to the function's own role; "
		    "remove `role`, or give the role its `policies` and pass "
		    "names in `environment`");
	if (js_len(js_get(x->spec, "policy")) > 0)
		expansion_error(x, "/policy",
		    "statements go to the function's own role; remove `role`, "
		    "or write them into that role");
}

static void
check_code(struct expansion *x)
{
	const json_t *code = js_get(x->spec, "code");
	const char *image = js_str(code, "image");
	const char *wanted[] = { "runtime", "handler" };

	if (json_is_object(code) &&
	    (image != NULL) == (js_get(code, "s3") != NULL))
		expansion_error(x, "/code", "give either `s3` or `image`");
	if (image != NULL && strstr(image, "@sha256:") == NULL)
		expansion_error(x, "/code/image",
		    "\"%s\" is not pinned; write repository@sha256:<digest>, "
		    "so that the same commit always runs the same image",
		    image);
	for (size_t i = 0; i < 2; i++) {
		auto_free char *at = mem_fmt("/%s", wanted[i]);
		bool given = js_get(x->spec, wanted[i]) != NULL;

		if (given == (image != NULL))
			expansion_error(x, given ? at : "",
			    image ? "an image brings its own %s; remove it"
				  : "`%s` is missing; a package needs it",
			    wanted[i]);
	}
}

/* One target as both would get every failed call twice. */
static void
check_failure(struct expansion *x)
{
	const char *dead = js_str(x->spec, "deadLetter");
	const char *failure = js_pathstr(x->spec, "retries.onFailure");

	if (dead != NULL && failure != NULL && strcmp(dead, failure) == 0)
		expansion_error(x, "/deadLetter",
		    "%s is retries.onFailure too and would get every failed "
		    "call twice; remove deadLetter, onFailure tells more",
		    dead);
}

static void
check(struct expansion *x)
{
	module_name_fits(x, x->aws_name, 64);
	check_role(x);
	check_code(x);
	check_failure(x);
	if (js_path(x->spec, "concurrency.provisioned") != NULL &&
	    !lambda_has_alias(x))
		expansion_error(x, "/concurrency/provisioned",
		    "only versions can be kept warm; add `alias: {}`");
}

/* ---- code ---- */

struct code {
	char *path, *sha256;
};

static void
code_free(struct code *c)
{
	free(c->path);
	free(c->sha256);
}

static void
set_image(json_t *props, const json_t *code)
{
	static const char *const names[][2] = {
		{ "Command", "command" },
		{ "EntryPoint", "entryPoint" },
		{ "WorkingDirectory", "workingDirectory" },
	};
	json_t *config = json_object();

	for (size_t i = 0; i < 3; i++)
		js_set(config, names[i][0], js_copy(js_get(code, names[i][1])));
	js_set_str(props, "PackageType", "Image");
	js_set(props, "ImageUri", js_copy(js_get(code, "image")));
	if (js_len(config) > 0)
		js_set(props, "ImageConfig", js_copy(config));
	js_free(config);
}

static void
set_code(struct expansion *x, json_t *props, struct code *c)
{
	const json_t *code = js_get(x->spec, "code");
	const json_t *s3 = js_get(code, "s3");

	if (js_get(code, "image") != NULL) {
		set_image(props, code);
		return;
	}
	js_set_str(props, "PackageType", "Zip");
	js_set(props, "Runtime", js_copy(js_get(x->spec, "runtime")));
	js_set(props, "Handler", js_copy(js_get(x->spec, "handler")));
	js_set(props, "S3Bucket", js_copy(js_get(s3, "bucket")));
	js_set(props, "S3Key", js_copy(js_get(s3, "key")));
	js_set(props, "S3ObjectVersion", js_copy(js_get(s3, "version")));
	if (json_is_string(code) &&
	    expansion_code(
		x, "/code", json_string_value(code), &c->path, &c->sha256) == 0)
		js_set_str(props, "CodeSha256", c->sha256);
}

/* AWS forgets where a package came from: a tag remembers. */
static void
tag_code(struct expansion *x, struct resource *r)
{
	const json_t *s3 = js_path(x->spec, "code.s3");
	const char *version = js_str(s3, "version");
	auto_free char *code = NULL;

	if (s3 == NULL)
		return;
	code = mem_fmt("%s/%s@%s", js_str(s3, "bucket"), js_str(s3, "key"),
	    version == NULL ? "" : version);
	resource_add_tag(r, "convergd:code", code);
}

/* ---- configuration ---- */

static json_t *
environment_of(struct expansion *x)
{
	json_t *all = expansion_uses_environment(x);

	js_merge(all, js_get(x->spec, "environment"));
	return js_pack("{s:o}", "Variables", all);
}

static json_t *
logging_of(struct expansion *x)
{
	const json_t *logs = js_get(x->spec, "logs");
	const char *format = js_str(logs, "format");
	json_t *config = js_pack("{s:s, s:o}", "LogFormat",
	    format == NULL ? "JSON" : format, "LogGroup",
	    expansion_own(x, "logs", "logGroupName"));

	if (format != NULL && strcmp(format, "JSON") == 0) {
		js_set(config, "ApplicationLogLevel",
		    js_copy(js_get(logs, "level")));
		js_set(config, "SystemLogLevel",
		    js_copy(js_get(logs, "systemLevel")));
	}
	return config;
}

static json_t *
role_of(struct expansion *x)
{
	const char *role = js_str(x->spec, "role");

	return role == NULL ? expansion_own(x, "role", "@arn")
			    : expansion_output(x, "/role", role, "arn");
}

static json_t *
mebibytes(const json_t *spec, const char *field, int dflt)
{
	return json_integer(js_int(spec, field, (json_int_t)dflt << 20) >> 20);
}

static void
set_optional(struct expansion *x, json_t *props)
{
	const char *dead = js_str(x->spec, "deadLetter");
	json_t *arn = dead == NULL
			  ? NULL
			  : expansion_output(x, "/deadLetter", dead, "arn");

	if (arn != NULL)
		js_set(props, "DeadLetterConfig",
		    js_pack("{s:o}", "TargetArn", arn));
	js_set(props, "KMSKeyArn", js_copy(js_get(x->spec, "kmsKey")));
	js_set(props, "ReservedConcurrentExecutions",
	    js_copy(js_path(x->spec, "concurrency.reserved")));
	if (js_len(js_get(x->spec, "layers")) > 0)
		js_set(props, "Layers", js_copy(js_get(x->spec, "layers")));
}

static json_t *
function_props(struct expansion *x)
{
	json_t *props = js_pack("{s:s, s:[O], s:O, s:o, s:{s:o}, s:{s:O}}",
	    "FunctionName", x->aws_name, "Architectures",
	    js_get(x->spec, "architecture"), "Timeout",
	    js_get(x->spec, "timeout"), "MemorySize",
	    mebibytes(x->spec, "memory", 256), "EphemeralStorage", "Size",
	    mebibytes(x->spec, "ephemeralStorage", 512), "TracingConfig",
	    "Mode", js_get(x->spec, "tracing"));

	js_set(props, "Role", role_of(x));
	js_set(props, "Environment", environment_of(x));
	js_set(props, "LoggingConfig", logging_of(x));
	set_optional(x, props);
	return props;
}

/* With published versions, the hash of all the above: see lambda.version. */
static char *
description_of(struct expansion *x, const json_t *props)
{
	const char *said = js_str(x->spec, "description");
	auto_free char *text = NULL, *hash = NULL;

	said = said == NULL ? "" : said;
	if (!js_bool(js_get(x->spec, "alias"), "publish", false))
		return mem_str(said);
	text = js_dump(props);
	hash = module_hash(text, 12);
	return mem_fmt("%s%s[%s]", said, *said == '\0' ? "" : " ", hash);
}

static void
add_logs(struct expansion *x)
{
	auto_free char *name = mem_fmt("/aws/lambda/%s", x->aws_name);
	json_int_t keep = js_int(
	    js_get(x->spec, "logs"), "retention", 30 * 86400);

	module_add_log_group(
	    x, "logs", name, module_retention_days(x, "/logs/retention", keep));
}

static char *
add_function(struct expansion *x)
{
	__attribute__((cleanup(code_free))) struct code code = { 0 };
	json_t *props = function_props(x);
	struct resource *r;
	char *description;

	set_code(x, props, &code);
	description = description_of(x, props);
	js_set_str(props, "Description", description);
	r = expansion_add(x, "function", "lambda.function", props);
	if (r != NULL) {
		r->artifact = mem_move(&code.path);
		tag_code(x, r);
	}
	return description;
}

static void
expand(struct expansion *x)
{
	auto_free char *description = NULL;

	check(x);
	description = add_function(x);
	if (js_get(x->spec, "role") == NULL)
		lambda_add_role(x);
	add_logs(x);
	lambda_add_alias(x, description);
	lambda_add_events(x);
	lambda_add_url(x);
	lambda_add_invoke_config(x);
}

const struct module kind_lambda_function = {
	.kind = "LambdaFunction",
	.folder = "lambda",
	.summary = "a function with its role, logs, events and versions",
	.page = "https://docs.aws.amazon.com/lambda/latest/dg/welcome.html",
	.spec = lambda_fields,
	.outputs = outputs,
	.connections = connections,
	.expand = expand,
};
