/* What calls a LambdaFunction, and what becomes of calls that fail. */

#include "modules/lambda/lambda.h"

bool
lambda_has_alias(const struct expansion *x)
{
	return js_get(x->spec, "alias") != NULL;
}

bool
lambda_is_queue(const json_t *event)
{
	const char *source = js_str(event, "source");

	return source != NULL && (module_is(source, "SqsQueue") ||
				     strstr(source, ":sqs:") != NULL);
}

/* ---- event sources ---- */

static void
check_queue(struct expansion *x, const char *at, const json_t *event)
{
	const char *source = js_str(event, "source");
	const json_t *peer = expansion_peer(x, source);
	json_int_t hidden = js_int(peer, "visibilityTimeout", 30);
	json_int_t timeout = js_int(x->spec, "timeout", 30);
	json_int_t batch = js_int(event, "batchSize", 10);
	bool fifo = js_bool(peer, "fifo", false);

	if (peer != NULL && hidden < timeout)
		expansion_error(x, at,
		    "%s hides a received message for %" JSON_INTEGER_FORMAT
		    "s, less than this function's timeout of "
		    "%" JSON_INTEGER_FORMAT
		    "s; set its visibilityTimeout to %" JSON_INTEGER_FORMAT
		    "s, six times the timeout, or at least to the timeout",
		    source, hidden, timeout, 6 * timeout);
	if (batch > 10 && fifo)
		expansion_error(x, at,
		    "batchSize is %" JSON_INTEGER_FORMAT
		    ", a FIFO queue gives at most 10",
		    batch);
	else if (batch > 10 && js_int(event, "window", 0) < 1)
		expansion_error(x, at,
		    "batchSize is %" JSON_INTEGER_FORMAT
		    "; more than 10 need a `window` of at least 1s",
		    batch);
}

static void
check_stream(struct expansion *x, const char *at, const json_t *event)
{
	const char *source = js_str(event, "source");
	const json_t *peer = expansion_peer(x, source);

	if (peer != NULL && js_get(peer, "stream") == NULL)
		expansion_error(x, at,
		    "%s has no stream; set `stream: NEW_AND_OLD_IMAGES` there",
		    source);
	if (js_get(event, "maxConcurrency") != NULL)
		expansion_error(x, at,
		    "maxConcurrency is for queues; use `parallel` for streams");
}

static json_t *
filters_of(const json_t *event)
{
	json_t *filters = json_array(), *pattern;
	size_t i;

	js_each (js_get(event, "filters"), i, pattern) {
		auto_free char *text = js_dump(pattern);

		js_push(filters, js_pack("{s:s}", "Pattern", text));
	}
	return js_pack("{s:o}", "Filters", filters);
}

static void
set_stream(struct expansion *x, json_t *props, const json_t *event, size_t i)
{
	auto_free char *at = mem_fmt("/events/%zu/onFailure", i);
	const char *failure = js_str(event, "onFailure");
	json_t *arn = failure == NULL ? NULL
				      : expansion_output(x, at, failure, "arn");

	js_set(props, "StartingPosition",
	    js_copy(js_get(event, "startingPosition")));
	js_set(props, "BisectBatchOnFunctionError",
	    js_copy(js_get(event, "bisect")));
	js_set(
	    props, "ParallelizationFactor", js_copy(js_get(event, "parallel")));
	js_set(
	    props, "MaximumRetryAttempts", js_copy(js_get(event, "attempts")));
	js_set(props, "MaximumRecordAgeInSeconds",
	    js_copy(js_get(event, "maxAge")));
	if (arn != NULL)
		js_set(props, "DestinationConfig",
		    js_pack("{s:{s:o}}", "OnFailure", "Destination", arn));
}

static json_t *
mapping_props(
    struct expansion *x, const json_t *event, json_t *take_arn, size_t i)
{
	bool queue = lambda_is_queue(event);
	json_t *props = js_pack("{s:o, s:O, s:I, s:O}", "EventSourceArn",
	    take_arn, "Enabled", js_get(event, "enabled"), "BatchSize",
	    js_int(event, "batchSize", queue ? 10 : 100),
	    "MaximumBatchingWindowInSeconds", js_get(event, "window"));
	const json_t *most = js_get(event, "maxConcurrency");

	if (js_len(js_get(event, "filters")) > 0)
		js_set(props, "FilterCriteria", filters_of(event));
	if (js_bool(event, "partialFailures", false))
		js_set(props, "FunctionResponseTypes",
		    js_pack("[s]", "ReportBatchItemFailures"));
	if (most != NULL)
		js_set(props, "ScalingConfig",
		    js_pack("{s:O}", "MaximumConcurrency", most));
	if (!queue)
		set_stream(x, props, event, i);
	return props;
}

static void
add_event(struct expansion *x, size_t i, const json_t *event)
{
	auto_free char *at = mem_fmt("/events/%zu/source", i);
	const char *source = js_str(event, "source");
	bool alias = lambda_has_alias(x), queue = lambda_is_queue(event);
	auto_free char *local = mem_fmt("event.%s", source ? source : "");
	json_t *arn = source == NULL ? NULL
				     : expansion_output(x, at, source,
					   queue ? "arn" : "streamArn");

	if (arn == NULL)
		return;
	if (queue)
		check_queue(x, at, event);
	else
		check_stream(x, at, event);
	for (char *c = local; *c != '\0'; c++)
		*c = *c == '/' ? '-' : *c;
	expansion_add_child(x, local, alias ? "alias" : "function",
	    alias ? "lambda.alias-event-source-mapping"
		  : "lambda.event-source-mapping",
	    mapping_props(x, event, arn, i));
}

static void
check_once(struct expansion *x)
{
	json_auto_t *seen = json_object();
	json_t *event;
	size_t i;

	js_each (js_get(x->spec, "events"), i, event) {
		auto_free char *at = mem_fmt("/events/%zu/source", i);
		const char *source = js_str(event, "source");

		if (source == NULL)
			continue;
		if (js_get(seen, source) != NULL)
			expansion_error(x, at,
			    "%s is a source already; a function reads a source "
			    "once, give several `filters` instead",
			    source);
		js_set(seen, source, json_true());
	}
}

void
lambda_add_events(struct expansion *x)
{
	json_t *event;
	size_t i;

	check_once(x);
	js_each (js_get(x->spec, "events"), i, event)
		add_event(x, i, event);
}

/* ---- URL ---- */

/* Since October 2025 a public URL needs both. */
static void
allow_everybody(struct expansion *x)
{
	bool alias = lambda_has_alias(x);
	const char *parent = alias ? "alias" : "function";
	const char *type = alias ? "lambda.alias-permission"
				 : "lambda.permission";

	expansion_add_child(x, "permission.url", parent, type,
	    js_pack("{s:s, s:s, s:s, s:s}", "StatementId", "PublicUrl",
		"Action", "lambda:InvokeFunctionUrl", "Principal", "*",
		"FunctionUrlAuthType", "NONE"));
	expansion_add_child(x, "permission.url-invoke", parent, type,
	    js_pack("{s:s, s:s, s:s, s:b}", "StatementId", "PublicUrlInvoke",
		"Action", "lambda:InvokeFunction", "Principal", "*",
		"InvokedViaFunctionUrl", 1));
}

void
lambda_add_url(struct expansion *x)
{
	const json_t *url = js_get(x->spec, "url");
	const char *auth = js_str(url, "auth");
	bool alias = lambda_has_alias(x);
	json_t *props;

	if (url == NULL || auth == NULL)
		return;
	props = js_pack("{s:s, s:s}", "AuthType", auth, "InvokeMode",
	    js_bool(url, "stream", false) ? "RESPONSE_STREAM" : "BUFFERED");
	js_set(props, "Cors", module_cors(js_get(url, "cors")));
	expansion_add_child(x, "url", alias ? "alias" : "function",
	    alias ? "lambda.alias-url" : "lambda.url", props);
	if (strcmp(auth, "NONE") == 0)
		allow_everybody(x);
}

/* ---- asynchronous calls ---- */

static void
set_destination(struct expansion *x, json_t *destinations, const char *name,
    const char *field)
{
	auto_free char *at = mem_fmt("/retries/%s", field);
	const char *target = js_str(js_get(x->spec, "retries"), field);
	json_t *arn = target == NULL ? NULL
				     : expansion_output(x, at, target, "arn");

	if (arn != NULL)
		js_set(
		    destinations, name, js_pack("{s:o}", "Destination", arn));
}

void
lambda_add_invoke_config(struct expansion *x)
{
	const json_t *retries = js_get(x->spec, "retries");
	bool alias = lambda_has_alias(x);
	json_t *destinations = json_object();
	json_t *props = js_pack("{s:I, s:I}", "MaximumRetryAttempts",
	    js_int(retries, "attempts", 2), "MaximumEventAgeInSeconds",
	    js_int(retries, "maxAge", 21600));

	set_destination(x, destinations, "OnSuccess", "onSuccess");
	set_destination(x, destinations, "OnFailure", "onFailure");
	js_set(props, "DestinationConfig", destinations);
	expansion_add_child(x, "async", alias ? "alias" : "function",
	    alias ? "lambda.alias-event-invoke-config"
		  : "lambda.event-invoke-config",
	    props);
}

/* ---- alias ---- */

static void
set_version(struct expansion *x, json_t *props, const char *description)
{
	const json_t *rollout = js_path(x->spec, "alias.rollout");

	expansion_add_child(x, "version", "function", "lambda.version",
	    js_pack("{s:s}", "Description", description));
	js_set(
	    props, "FunctionVersion", expansion_own(x, "version", "Version"));
	if (!json_is_object(rollout))
		return;
	js_set(
	    props, "PublishedAt", expansion_own(x, "version", "LastModified"));
	js_set(props, "Rollout",
	    js_pack("{s:O, s:O}", "Percent", js_get(rollout, "percent"),
		"Minutes", js_get(rollout, "minutes")));
}

void
lambda_add_alias(struct expansion *x, const char *description)
{
	const json_t *alias = js_get(x->spec, "alias");
	const json_t *warm = js_path(x->spec, "concurrency.provisioned");
	json_t *props;

	if (alias == NULL)
		return;
	props = js_pack("{s:s, s:O}", "FunctionName", x->aws_name, "Name",
	    js_get(alias, "name"));
	if (js_bool(alias, "publish", true))
		set_version(x, props, description);
	else
		js_set_str(props, "FunctionVersion", "$LATEST");
	expansion_add_child(x, "alias", "function", "lambda.alias", props);
	if (warm != NULL)
		expansion_add_child(x, "provisioned", "alias",
		    "lambda.provisioned-concurrency",
		    js_pack("{s:O}", "ProvisionedConcurrentExecutions", warm));
}
