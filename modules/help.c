/* What several modules need to build their resources. */

#include "modules/module.h"

char *
module_at(const char *base, const char *key, const char *rest)
{
	auto_buf struct buf b = BUF_INIT;

	buf_addf(&b, "%s/", base);
	for (; *key != '\0'; key++)
		if (*key == '~')
			buf_adds(&b, "~0");
		else if (*key == '/')
			buf_adds(&b, "~1");
		else
			buf_addc(&b, *key);
	if (*rest != '\0')
		buf_addf(&b, "/%s", rest);
	return buf_take(&b);
}

json_t *
module_aws(const char *what)
{
	return js_pack("{s:[s, s]}", "$ref", "aws", what);
}

bool
module_is(const char *target, const char *kind)
{
	size_t n = strlen(kind);

	return target != NULL && strncmp(target, kind, n) == 0 &&
	       target[n] == '/';
}

bool
module_name_fits(struct expansion *x, const char *aws_name, size_t max)
{
	size_t n = strlen(aws_name);

	if (n <= max)
		return true;
	expansion_error(x, "/name",
	    "the AWS name \"%s\" has %zu characters, AWS allows %zu; give a "
	    "shorter `name`",
	    aws_name, n, max);
	return false;
}

json_t *
module_policy(json_t *take_statements)
{
	if (js_len(take_statements) == 0) {
		js_free(take_statements);
		return NULL;
	}
	return js_pack("{s:s, s:o}", "Version", "2012-10-17", "Statement",
	    take_statements);
}

void
module_add_statements(json_t *to, const json_t *statements, const json_t *self)
{
	const json_t *from;
	size_t i;

	js_each (statements, i, from) {
		json_t *copy = js_copy(from);

		if (js_get(copy, "Effect") == NULL)
			js_set_str(copy, "Effect", "Allow");
		if (self != NULL && js_get(copy, "Resource") == NULL &&
		    js_get(copy, "NotResource") == NULL)
			js_set(copy, "Resource", js_copy(self));
		js_push(to, copy);
	}
}

json_t *
module_tls_only(const char *action, const json_t *self)
{
	return js_pack("{s:s, s:s, s:s, s:s, s:o, s:{s:{s:s}}}", "Sid",
	    "TlsOnly", "Effect", "Deny", "Principal", "*", "Action", action,
	    "Resource", js_copy(self), "Condition", "Bool",
	    "aws:SecureTransport", "false");
}

json_t *
module_resource_statements(
    struct expansion *x, const char *action, const json_t *self)
{
	json_t *statements = json_array();

	if (js_bool(x->spec, "tlsOnly", false))
		js_push(statements, module_tls_only(action, self));
	module_add_statements(statements, js_get(x->spec, "policy"), self);
	module_add_statements(statements, expansion_granted(x, "policy"), self);
	return statements;
}

json_t *
module_path(const struct expansion *x)
{
	return js_fmt("/convergd/%s/", x->architecture);
}

json_t *
module_trust(const json_t *services)
{
	return module_policy(js_pack("[{s:s, s:{s:O}, s:s}]", "Effect", "Allow",
	    "Principal", "Service", services, "Action", "sts:AssumeRole"));
}

char *
module_hash(const char *text, size_t n)
{
	auto_buf struct buf b = BUF_INIT;
	uint8_t sum[SHA256_LEN];

	crypto_sha256(text, strlen(text), sum);
	crypto_add_hex(&b, sum, sizeof(sum));
	return mem_strn(b.data, n);
}

const struct field module_word[] = {
	{ "word", F_STRING, .min = 1, .help = "a name or an ARN" },
	{ 0 },
};

/* ---- functions as targets ---- */

static bool
has_alias(struct expansion *x, const char *target)
{
	return js_get(expansion_peer(x, target), "alias") != NULL;
}

json_t *
module_function_arn(struct expansion *x, const char *at, const char *target)
{
	return expansion_output(
	    x, at, target, has_alias(x, target) ? "aliasArn" : "arn");
}

void
module_allow_invoke(struct expansion *x, const char *local, const char *target,
    json_t *take_props)
{
	bool alias = has_alias(x, target);

	expansion_add_to(x, local, target, alias ? "alias" : "function",
	    alias ? "lambda.alias-permission" : "lambda.permission",
	    take_props);
}

json_t *
module_weak_output(
    struct expansion *x, const char *at, const char *target, const char *output)
{
	json_t *value = expansion_output(x, at, target, output);

	return json_is_object(value) ? expansion_weak(value) : value;
}

/* ---- logs ---- */

json_t *
module_retention_days(struct expansion *x, const char *at, int64_t sec)
{
	static const int days[] = { 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180,
		365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 };
	size_t n = sizeof(days) / sizeof(*days), i = 0;

	while (i < n && (int64_t)days[i] * 86400 < sec)
		i++;
	if (i < n && (int64_t)days[i] * 86400 == sec)
		return json_integer(days[i]);
	expansion_error(x, at,
	    "CloudWatch Logs keeps lines for fixed numbers of days only; use "
	    "%dd",
	    days[i < n ? i : n - 1]);
	return NULL;
}

void
module_add_log_group(
    struct expansion *x, const char *local, const char *name, json_t *take_days)
{
	json_t *props = js_pack("{s:s}", "logGroupName", name);

	js_set(props, "retentionInDays", take_days);
	expansion_add(x, local, "logs.log-group", props);
}

/* ---- CORS ---- */

const struct field module_cors_fields[] = {
	{ "origins", F_LIST, F_UNIQUE, .fields = module_word,
	    .help = "origins that may call: https://example.com, or *" },
	{ "methods", F_LIST, F_UNIQUE, .fields = module_word,
	    .help = "HTTP methods they may use, or *" },
	{ "headers", F_LIST, F_UNIQUE, .fields = module_word,
	    .help = "request headers they may send" },
	{ "exposeHeaders", F_LIST, F_UNIQUE, .fields = module_word,
	    .help = "answer headers they may read" },
	{ "credentials", F_BOOL, .dflt = "false",
	    .help = "let cookies and authorization through" },
	{ "maxAge", F_DURATION, .dflt = "0s", .max = 86400,
	    .help = "how long a browser remembers the answer" },
	{ 0 },
};

json_t *
module_cors(const json_t *cors)
{
	static const char *const names[][2] = {
		{ "AllowOrigins", "origins" },
		{ "AllowMethods", "methods" },
		{ "AllowHeaders", "headers" },
		{ "ExposeHeaders", "exposeHeaders" },
		{ "AllowCredentials", "credentials" },
		{ "MaxAge", "maxAge" },
	};
	json_t *shape = cors == NULL ? NULL : json_object();

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		js_set(shape, names[i][0], js_copy(js_get(cors, names[i][1])));
	return shape;
}
