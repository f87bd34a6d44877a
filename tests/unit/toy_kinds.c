/* Kinds for the tests of compile: see toy_kinds.h. */

#include "tests/unit/toy_kinds.h"

#include <stdlib.h>

static const struct resource_type queue_type = { .name = "toy.queue" };
static const struct resource_type function_type = { .name = "toy.function" };
static const struct resource_type role_type = { .name = "toy.role" };
static const struct resource_type rule_type = { .name = "toy.rule",
	.parent = "toy.queue" };

static const struct resource_type *const types[] = {
	&queue_type,
	&function_type,
	&role_type,
	&rule_type,
	NULL,
};

/* ---- Queue: with `dead: true` a second one ---- */

static const struct field queue_spec[] = {
	{ "delay", F_DURATION, .dflt = "0s", .max = 900, .help = "delay" },
	{ "dead", F_BOOL, .dflt = "false", .help = "a dead-letter queue" },
	{ 0 },
};

static const struct output queue_outputs[] = {
	{ "url", "queue", "QueueUrl", "URL" },
	{ "arn", "queue", "@arn", "ARN" },
	{ "deadArn", "dlq", "@arn", "ARN of the dead-letter queue" },
	{ 0 },
};

static const struct connection queue_connections[] = {
	{ "send", "sqs:SendMessage sqs:GetQueueUrl",
	    "arn arn+/x/"
	    "*",
	    "QUEUE_URL=url =arn", "send" },
	{ "receive", "sqs:ReceiveMessage", "arn", "QUEUE_URL=url", "receive" },
	{ "bury", "sqs:SendMessage", "deadArn", NULL, "to the dead" },
	{ 0 },
};

static void
queue_expand(struct expansion *x)
{
	json_t *props = js_pack("{s:s, s:O, s:O}", "Name", x->aws_name, "Delay",
	    js_get(x->spec, "delay"), "Policy", expansion_granted(x, "policy"));

	if (js_bool(x->spec, "dead", false)) {
		js_set(props, "Dead", expansion_own(x, "dlq", "@arn"));
		expansion_add(x, "queue", "toy.queue", props);
		expansion_add(x, "dlq", "toy.queue", json_object());
		return;
	}
	expansion_add(x, "queue", "toy.queue", props);
}

static const struct module queue_kind = {
	.kind = "Queue",
	.folder = "toyqueue",
	.spec = queue_spec,
	.outputs = queue_outputs,
	.connections = queue_connections,
	.stateful = true,
	.expand = queue_expand,
};

/* ---- Function ---- */

static const struct field environment[] = {
	{ "value", F_STRING },
	{ 0 },
};

static const struct field function_spec[] = {
	{ "code", F_PATH, .help = "code" },
	{ "document", F_PATH, .help = "a document" },
	{ "source", F_REF, .values = "Queue", .help = "queue" },
	{ "environment", F_MAP, .fields = environment, .help = "variables" },
	{ "text", F_STRING, .help = "any" },
	FIELD_USES,
	FIELD_STATEMENTS,
	{ 0 },
};

static const struct output function_outputs[] = {
	{ "arn", "function", "@arn", "ARN" },
	{ 0 },
};

static void
function_connect(struct expansion *x)
{
	const char *source = js_str(x->spec, "source");

	if (source != NULL)
		expansion_grant(x, source, "policy",
		    expansion_weak(expansion_own(x, "function", "@arn")));
}

static void
add_code(struct expansion *x, json_t *props, char **ret_path)
{
	const char *code = js_str(x->spec, "code");
	auto_free char *hash = NULL;

	if (code != NULL &&
	    expansion_code(x, "/code", code, ret_path, &hash) == 0)
		js_set_str(props, "Hash", hash);
}

static void
function_expand(struct expansion *x)
{
	const char *source = js_str(x->spec, "source");
	const char *document = js_str(x->spec, "document");
	json_t *props = json_object();
	json_t *environ_all = expansion_uses_environment(x);
	json_t *parsed = NULL;
	auto_free char *path = NULL;

	js_merge(environ_all, js_get(x->spec, "environment"));
	js_set(props, "Environment", environ_all);
	js_set(props, "Role", expansion_own(x, "role", "@arn"));
	if (source != NULL)
		js_set(props, "Source",
		    expansion_output(x, "/source", source, "arn"));
	if (document != NULL &&
	    expansion_file(x, "/document", document, &parsed, NULL) == 0)
		js_set(props, "Document", parsed);
	add_code(x, props, &path);
	expansion_add(x, "function", "toy.function", props)->artifact =
	    mem_move(&path);
	expansion_add(x, "role", "toy.role",
	    js_pack("{s:o}", "Statement", expansion_uses_statements(x)));
	if (js_str(x->spec, "text") != NULL &&
	    js_str(x->spec, "text")[0] == '!')
		expansion_error(x, "/text", "must not start with !");
}

static const struct module function_kind = {
	.kind = "Function",
	.folder = "toyfunction",
	.spec = function_spec,
	.outputs = function_outputs,
	.connect = function_connect,
	.expand = function_expand,
};

/* ---- Rule: a child of a queue ---- */

static const struct field rule_spec[] = {
	{ "queue", F_REF, F_REQUIRED, .values = "Queue", .help = "its queue" },
	{ 0 },
};

static void
rule_expand(struct expansion *x)
{
	expansion_add_to(x, "rule", js_str(x->spec, "queue"), "queue",
	    "toy.rule",
	    js_pack("{s:o}", "Name",
		expansion_join(js_pack("[s, s]", x->aws_name, "-rule"))));
	expansion_add_child(x, "below", "rule", "toy.rule", json_object());
}

static const struct module rule_kind = {
	.kind = "Rule",
	.folder = "toyrule",
	.spec = rule_spec,
	.expand = rule_expand,
};

static const struct module *const modules[] = {
	&queue_kind,
	&function_kind,
	&rule_kind,
	NULL,
};

const struct registry toy_registry = { modules, types };
