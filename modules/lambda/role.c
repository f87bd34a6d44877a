/* The role of a LambdaFunction: exactly what its spec needs. */

#include "modules/lambda/lambda.h"

/* One statement; actions as one JSON array in text. */
static void
allow(json_t *to, const char *sid, const char *actions, json_t *take_resource)
{
	json_t *list = json_array();

	if (take_resource == NULL) {
		js_free(list); /* reported */
		return;
	}
	words_each (actions, w, n)
		js_push(list, js_new_strn(w, n));
	js_push(to, js_pack("{s:s, s:s, s:o, s:o}", "Sid", sid, "Effect",
			"Allow", "Action", list, "Resource", take_resource));
}

static json_t *
suffixed(json_t *take_arn, const char *suffix)
{
	return take_arn == NULL
		   ? NULL
		   : expansion_join(js_pack("[o, s]", take_arn, suffix));
}

static void
allow_basics(struct expansion *x, json_t *to)
{
	const char *tracing = js_str(x->spec, "tracing");
	const json_t *key = js_get(x->spec, "kmsKey");

	allow(to, "Logs", "logs:CreateLogStream logs:PutLogEvents",
	    suffixed(expansion_weak(expansion_own(x, "logs", "@arn")), ":*"));
	if (tracing != NULL && strcmp(tracing, "Active") == 0)
		allow(to, "Tracing",
		    "xray:PutTraceSegments xray:PutTelemetryRecords",
		    js_new_str("*"));
	if (key != NULL)
		allow(to, "Environment", "kms:Decrypt", js_copy(key));
}

/* Sending to a queue, topic or function; told apart by kind or ARN. */
static const struct {
	const char *kind, *arn, *action;
} senders[] = {
	{ "SqsQueue", ":sqs:", "sqs:SendMessage" },
	{ "SnsTopic", ":sns:", "sns:Publish" },
	{ "LambdaFunction", ":lambda:", "lambda:InvokeFunction" },
	{ NULL, ":events:", "events:PutEvents" },
};

static void
allow_send(struct expansion *x, json_t *to, const char *sid, const char *at,
    const char *target)
{
	for (size_t i = 0; i < sizeof(senders) / sizeof(*senders); i++) {
		bool is = senders[i].kind != NULL &&
			  module_is(target, senders[i].kind);

		is |= text_starts(target, "arn:") &&
		      strstr(target, senders[i].arn) != NULL;
		if (!is)
			continue;
		allow(to, sid, senders[i].action,
		    module_weak_output(x, at, target, "arn"));
		return;
	}
}

static void
allow_destinations(struct expansion *x, json_t *to)
{
	static const struct {
		const char *path, *at, *sid;
	} places[] = {
		{ "deadLetter", "/deadLetter", "DeadLetter" },
		{ "retries.onFailure", "/retries/onFailure", "OnFailure" },
		{ "retries.onSuccess", "/retries/onSuccess", "OnSuccess" },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		const char *target = js_pathstr(x->spec, places[i].path);

		if (target != NULL)
			allow_send(x, to, places[i].sid, places[i].at, target);
	}
}

#define READ_QUEUE                                                             \
	"sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes "         \
	"sqs:ChangeMessageVisibility"
#define READ_STREAM                                                            \
	"dynamodb:GetRecords dynamodb:GetShardIterator "                       \
	"dynamodb:DescribeStream dynamodb:ListStreams"

static void
allow_event(struct expansion *x, json_t *to, size_t i, const json_t *event)
{
	auto_free char *at = mem_fmt("/events/%zu/source", i);
	auto_free char *at_failure = mem_fmt("/events/%zu/onFailure", i);
	auto_free char *sid = mem_fmt("Event%zu", i);
	auto_free char *sid_failure = mem_fmt("Event%zuFailure", i);
	const char *source = js_str(event, "source");
	const char *failure = js_str(event, "onFailure");
	json_t *arn;

	if (source == NULL)
		return;
	arn = module_weak_output(x, at, source, "arn");
	if (lambda_is_queue(event))
		allow(to, sid, READ_QUEUE, arn);
	else
		allow(to, sid, READ_STREAM,
		    text_starts(source, "arn:") ? arn
						: suffixed(arn, "/stream/*"));
	if (failure != NULL)
		allow_send(x, to, sid_failure, at_failure, failure);
}

static json_t *
statements_of(struct expansion *x)
{
	json_t *all = json_array();
	json_auto_t *used = expansion_uses_statements(x);
	json_t *event;
	size_t i;

	allow_basics(x, all);
	allow_destinations(x, all);
	js_each (js_get(x->spec, "events"), i, event)
		allow_event(x, all, i, event);
	module_add_statements(all, used, NULL);
	module_add_statements(all, js_get(x->spec, "policy"), NULL);
	return all;
}

/* At most 64 characters, whatever the function is called. */
static char *
role_name(const struct expansion *x)
{
	char *name = mem_fmt("%s-role", x->aws_name);
	auto_free char *hash = NULL;

	if (strlen(name) <= 64)
		return name;
	hash = module_hash(name, 8);
	free(name);
	return mem_fmt("%.50s-%s-role", x->aws_name, hash);
}

void
lambda_add_role(struct expansion *x)
{
	auto_free char *name = role_name(x);
	json_auto_t *service = js_new_str("lambda.amazonaws.com");

	expansion_add(x, "role", "iam.role",
	    js_pack("{s:s, s:o, s:o, s:{s:o}}", "RoleName", name, "Path",
		module_path(x), "AssumeRolePolicyDocument",
		module_trust(service), "Policies", "function",
		module_policy(statements_of(x))));
}
