/* SqsQueue: an Amazon SQS queue, with its dead-letter queue. */

#include "modules/module.h"

/* ---- the AWS object ---- */

static const struct property properties[] = {
	{ "QueueName", .flags = P_FIXED },
	{ "FifoQueue", W_TEXT, .flags = P_FIXED },
	{ "ContentBasedDeduplication", W_TEXT, .dflt = "false" },
	{ "DeduplicationScope", .flags = P_UNMANAGED },
	{ "FifoThroughputLimit", .flags = P_UNMANAGED },
	{ "VisibilityTimeout", W_TEXT },
	{ "MessageRetentionPeriod", W_TEXT },
	{ "DelaySeconds", W_TEXT },
	{ "MaximumMessageSize", W_TEXT },
	{ "ReceiveMessageWaitTimeSeconds", W_TEXT },
	{ "SqsManagedSseEnabled", W_TEXT, .flags = P_UNMANAGED,
	    .risk = "false" },
	{ "KmsMasterKeyId", .dflt = "\"\"", .unset = "\"\"", .risk = "null" },
	{ "KmsDataKeyReusePeriodSeconds", W_TEXT, .flags = P_UNMANAGED },
	{ "RedrivePolicy", W_JSON, .dflt = "\"\"", .unset = "\"\"" },
	{ "RedriveAllowPolicy", W_JSON, .flags = P_IF_TOLD | P_LOOSE,
	    .dflt = "\"\"", .unset = "\"\"" },
	{ "Policy", W_JSON, C_POLICY, .dflt = "\"\"", .unset = "\"\"" },
	{ 0 },
};

/* A listed queue is a URL: its last part is the name. */
static void
queue_normalise(json_t *live)
{
	const char *url = js_str(live, "QueueUrl");
	const char *slash = url == NULL ? NULL : strrchr(url, '/');

	if (slash != NULL)
		js_set_str(live, "QueueName", slash + 1);
}

const struct resource_type type_sqs_queue = {
	.name = "sqs.queue",
	.service = "sqs",
	.page = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/"
		"APIReference/API_CreateQueue.html",
	.label = "$QueueName",
	.key = "QueueName",
	.arn = "\"arn:${partition}:sqs:${region}:${account}:${QueueName}\"",
	.list = { "ListQueues", "{MaxResults: 1000}", "QueueUrls",
	    .wrap = "QueueUrl", .from = 4 },
	.find = { "GetQueueUrl", "{QueueName: $QueueName}" },
	.read = { "GetQueueAttributes",
	    "{QueueUrl: $QueueUrl, AttributeNames: [All]}",
	    .take = "Attributes" },
	.create = { "CreateQueue",
	    "{QueueName: $QueueName, Attributes: $rest, tags: $tags}" },
	.updates =
	    (const struct update[]) {
		{ "SetQueueAttributes",
		    "{QueueUrl: $QueueUrl, Attributes: {...$settable, "
		    "...$changes}}" },
		{ 0 } },
	.remove = { "DeleteQueue", "{QueueUrl: $QueueUrl}" },
	.tags = {
		.shape = TAGS_MAP,
		.list = { "ListQueueTags", "{QueueUrl: $QueueUrl}",
		    .take = "Tags" },
		.add = { "TagQueue", "{QueueUrl: $QueueUrl, Tags: $tags}" },
		.remove = { "UntagQueue",
		    "{QueueUrl: $QueueUrl, TagKeys: $keys}" },
		.on_create = true,
		.indexed = true,
	},
	.properties = properties,
	.patience =
	    (const struct patience[]) {
		{ "QueueDeletedRecently", NULL, 70 },
		{ "AWS.SimpleQueueService.QueueDeletedRecently", NULL, 70 },
		{ 0 } },
	.normalise = queue_normalise,
};

/* ---- the kind ---- */

static const struct field kms[] = {
	{ "kmsKey", F_STRING, F_REQUIRED,
	    .help = "KMS key that encrypts messages: id, ARN or alias/name" },
	{ "dataKeyReuse", F_DURATION, .dflt = "5m", .min = 60, .max = 86400,
	    .help = "how long a data key is reused before KMS is asked again" },
	{ 0 },
};

static const struct field encryption[] = {
	{ "sqs", F_ENUM, .values = "sqs",
	    .help = "keys that SQS owns, without cost" },
	{ "kms", F_OBJECT, .fields = kms, .help = "a KMS key" },
	{ 0 },
};

static const struct field dead_letter[] = {
	{ "maxReceives", F_INT, .dflt = "5", .min = 1, .max = 1000,
	    .help = "how often a message is received before it is moved" },
	{ "retention", F_DURATION, .min = 60, .max = 1209600,
	    .help = "how long the queue made for it keeps messages; 14d "
		    "unless said, the most there is" },
	{ "target", F_REF, .values = "SqsQueue",
	    .help = "an existing queue; otherwise <name>-dlq is made" },
	{ 0 },
};

static const struct field spec[] = {
	{ "fifo", F_BOOL, F_FIXED | F_LITERAL, "false",
	    .help = "first in, first out, exactly once; the AWS name ends in "
		    ".fifo" },
	{ "contentBasedDeduplication", F_BOOL, .dflt = "false",
	    .help = "FIFO only: deduplicate by the hash of the body" },
	{ "highThroughput", F_BOOL, .dflt = "false",
	    .help = "FIFO only: order and limits per message group" },
	{ "visibilityTimeout", F_DURATION, F_LITERAL, "30s", .max = 43200,
	    .help = "how long a received message stays hidden; at least the "
		    "timeout of a function that consumes the queue" },
	{ "messageRetention", F_DURATION, .dflt = "4d", .min = 60,
	    .max = 1209600, .help = "how long a message is kept" },
	{ "delay", F_DURATION, .dflt = "0s", .max = 900,
	    .help = "how long a new message stays hidden" },
	{ "maxMessageSize", F_SIZE, .dflt = "256KiB", .min = 1024,
	    .max = 1048576, .help = "largest message" },
	{ "receiveWait", F_DURATION, .dflt = "20s", .max = 20,
	    .help = "how long a receive call waits for a message; long polls "
		    "cost less and find every message" },
	{ "encryption", F_CHOICE, .dflt = "sqs", .fields = encryption,
	    .help = "`sqs` or a KMS key; never off" },
	{ "deadLetter", F_OBJECT, .fields = dead_letter,
	    .help = "where messages go that nobody could process" },
	{ "tlsOnly", F_BOOL, .dflt = "true",
	    .help = "deny every call that does not use TLS" },
	FIELD_STATEMENTS,
	{ 0 },
};

static const struct output outputs[] = {
	{ "url", "queue", "QueueUrl", "URL that the SQS API wants" },
	{ "arn", "queue", "@arn", "ARN" },
	{ "name", "queue", "QueueName", "AWS name" },
	{ "deadLetterUrl", "dlq", "QueueUrl", "URL of the queue made for it" },
	{ "deadLetterArn", "dlq", "@arn", "ARN of the queue made for it" },
	{ "deadLetterName", "dlq", "QueueName", "its AWS name" },
	{ 0 },
};

static const struct connection connections[] = {
	{ "send", "sqs:SendMessage sqs:GetQueueUrl sqs:GetQueueAttributes",
	    "arn", "QUEUE_URL=url", "send messages" },
	{ "receive",
	    "sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility "
	    "sqs:GetQueueUrl sqs:GetQueueAttributes",
	    "arn", "QUEUE_URL=url", "receive and delete messages" },
	{ 0 },
};

static bool
is_fifo(const json_t *queue_spec)
{
	return js_bool(queue_spec, "fifo", false);
}

/* "orders", "-dlq" -> "orders-dlq", of FIFO queues "orders-dlq.fifo". */
static char *
queue_name(const struct expansion *x, const char *suffix)
{
	const char *fifo = is_fifo(x->spec) ? ".fifo" : "";
	size_t n = strlen(x->aws_name);

	if (text_ends(x->aws_name, ".fifo"))
		n -= strlen(".fifo");
	return mem_fmt("%.*s%s%s", (int)n, x->aws_name, suffix, fifo);
}

static void
set_encryption(json_t *props, const json_t *kms_key)
{
	js_set(props, "SqsManagedSseEnabled", json_boolean(!js_len(kms_key)));
	js_set(props, "KmsMasterKeyId", js_copy(js_get(kms_key, "kmsKey")));
	js_set(props, "KmsDataKeyReusePeriodSeconds",
	    js_copy(js_get(kms_key, "dataKeyReuse")));
}

static void
set_fifo(json_t *props, const json_t *queue_spec)
{
	bool fast = js_bool(queue_spec, "highThroughput", false);

	js_set(props, "FifoQueue", json_true());
	js_set(props, "ContentBasedDeduplication",
	    js_copy(js_get(queue_spec, "contentBasedDeduplication")));
	js_set_str(
	    props, "DeduplicationScope", fast ? "messageGroup" : "queue");
	js_set_str(props, "FifoThroughputLimit",
	    fast ? "perMessageGroupId" : "perQueue");
}

/* What the queue and its dead-letter queue have in common. */
static json_t *
queue_props(
    const struct expansion *x, const char *name, const json_t *retention)
{
	json_t *props = js_pack("{s:s, s:O, s:O, s:O, s:O, s:O}", "QueueName",
	    name, "VisibilityTimeout", js_get(x->spec, "visibilityTimeout"),
	    "MessageRetentionPeriod", retention, "DelaySeconds",
	    js_get(x->spec, "delay"), "MaximumMessageSize",
	    js_get(x->spec, "maxMessageSize"), "ReceiveMessageWaitTimeSeconds",
	    js_get(x->spec, "receiveWait"));

	if (is_fifo(x->spec))
		set_fifo(props, x->spec);
	set_encryption(props, js_get(x->spec, "encryption"));
	return props;
}

static json_t *
own_arn(struct expansion *x, const char *local)
{
	return expansion_weak(expansion_own(x, local, "@arn"));
}

static void
check(struct expansion *x, const char *name)
{
	const json_t *dead = js_get(x->spec, "deadLetter");
	const char *target = js_str(dead, "target");
	const json_t *peer = target == NULL ? NULL : expansion_peer(x, target);

	module_name_fits(x, name, 80);
	if (!is_fifo(x->spec) &&
	    js_bool(x->spec, "contentBasedDeduplication", false))
		expansion_error(x, "/contentBasedDeduplication",
		    "only FIFO queues deduplicate; set fifo: true or remove "
		    "it");
	if (!is_fifo(x->spec) && js_bool(x->spec, "highThroughput", false))
		expansion_error(x, "/highThroughput",
		    "only FIFO queues have it; set fifo: true or remove it");
	if (target != NULL && js_get(dead, "retention") != NULL)
		expansion_error(x, "/deadLetter/retention",
		    "it belongs to the queue that is made; set "
		    "messageRetention of %s instead",
		    target);
	if (peer != NULL && is_fifo(peer) != is_fifo(x->spec))
		expansion_error(x, "/deadLetter/target",
		    "%s is %sa FIFO queue and this one is %s; both must be of "
		    "one sort",
		    target, is_fifo(peer) ? "" : "not ",
		    is_fifo(x->spec) ? "" : "not");
}

static json_t *
redrive(struct expansion *x, const json_t *dead)
{
	const char *target = js_str(dead, "target");
	json_t *arn;

	if (dead == NULL)
		return NULL;
	arn = target == NULL
		  ? expansion_own(x, "dlq", "@arn")
		  : expansion_output(x, "/deadLetter/target", target, "arn");
	if (arn == NULL)
		return NULL;
	return js_pack("{s:o, s:O}", "deadLetterTargetArn", arn,
	    "maxReceiveCount", js_get(dead, "maxReceives"));
}

/* `local` is a queue whose policy says what everybody may do with it. */
static void
add_queue(struct expansion *x, const char *local, json_t *take_props,
    json_t *take_statements)
{
	js_set(take_props, "Policy", module_policy(take_statements));
	expansion_add(x, local, "sqs.queue", take_props);
}

static void
add_dlq(struct expansion *x, const json_t *dead)
{
	auto_free char *name = queue_name(x, "-dlq");
	json_auto_t *self = own_arn(x, "dlq");
	json_auto_t *fortnight = json_integer(1209600);
	const json_t *retention = js_get(dead, "retention");
	json_t *props = queue_props(
	    x, name, retention != NULL ? retention : fortnight);
	json_t *statements = json_array();

	js_set(props, "DelaySeconds", json_integer(0));
	js_set(props, "RedriveAllowPolicy",
	    js_pack("{s:s, s:[o]}", "redrivePermission", "byQueue",
		"sourceQueueArns", own_arn(x, "queue")));
	module_name_fits(x, name, 80);
	if (js_bool(x->spec, "tlsOnly", true))
		js_push(statements, module_tls_only("sqs:*", self));
	add_queue(x, "dlq", props, statements);
}

static void
expand(struct expansion *x)
{
	auto_free char *name = queue_name(x, "");
	const json_t *dead = js_get(x->spec, "deadLetter");
	json_auto_t *self = own_arn(x, "queue");
	json_t *props = queue_props(
	    x, name, js_get(x->spec, "messageRetention"));

	check(x, name);
	js_set(props, "RedrivePolicy", redrive(x, dead));
	add_queue(
	    x, "queue", props, module_resource_statements(x, "sqs:*", self));
	if (dead != NULL && js_str(dead, "target") == NULL)
		add_dlq(x, dead);
}

const struct module kind_sqs_queue = {
	.kind = "SqsQueue",
	.folder = "sqs",
	.summary = "a message queue with its dead-letter queue",
	.page = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/"
		"SQSDeveloperGuide/welcome.html",
	.spec = spec,
	.outputs = outputs,
	.connections = connections,
	.expand = expand,
};
