/* SnsTopic: a topic with its subscriptions. */

#include "modules/module.h"

static const struct field encryption_kms[] = {
	{ "kmsKey", F_STRING, .dflt = "alias/aws/sns",
	    .help = "KMS key: id, ARN or alias/name; AWS services publish only "
		    "through a key of your own that lets them" },
	{ 0 },
};

static const struct field encryption[] = {
	{ "none", F_ENUM, .values = "none",
	    .help = "no encryption at rest, for topics that only AWS services "
		    "publish to" },
	{ "kms", F_OBJECT, .fields = encryption_kms, .help = "a KMS key" },
	{ 0 },
};

static const struct field subscription_fields[] = {
	{ "protocol", F_ENUM, F_LITERAL,
	    .values = "sqs lambda https http email email-json sms firehose",
	    .help = "how it is delivered; follows from a `target` of this "
		    "architecture" },
	{ "target", F_REF, .values = "SqsQueue LambdaFunction",
	    .help = "queue or function; it is allowed to receive, too" },
	{ "endpoint", F_STRING,
	    .help = "URL, e-mail address, telephone number or ARN" },
	{ "filterPolicy", F_DOCUMENT,
	    .help = "only messages that match are delivered" },
	{ "filterScope", F_ENUM, .dflt = "MessageAttributes",
	    .values = "MessageAttributes MessageBody",
	    .help = "what the filter policy looks at" },
	{ "rawDelivery", F_BOOL, .dflt = "false",
	    .help = "the message itself, without the envelope of SNS" },
	{ "deadLetter", F_REF, .values = "SqsQueue",
	    .help = "queue for messages that could not be delivered" },
	{ "deliveryPolicy", F_DOCUMENT,
	    .help = "retries of HTTP and HTTPS endpoints" },
	{ "role", F_REF, .values = "IamRole",
	    .help = "firehose only: the role that SNS delivers with" },
	{ 0 },
};

static const struct field subscription[] = {
	{ "subscription", F_OBJECT, .fields = subscription_fields,
	    .help = "one subscription" },
	{ 0 },
};

static const struct field spec[] = {
	{ "fifo", F_BOOL, F_FIXED | F_LITERAL, "false",
	    .help = "first in, first out; the AWS name ends in .fifo" },
	{ "contentBasedDeduplication", F_BOOL, .dflt = "false",
	    .help = "FIFO only: deduplicate by the hash of the body" },
	{ "displayName", F_STRING, .max = 100,
	    .help = "sender that people see in e-mail and SMS" },
	{ "encryption", F_CHOICE, .dflt = "{ kmsKey: alias/aws/sns }",
	    .fields = encryption, .help = "encryption at rest" },
	{ "subscriptions", F_MAP, .fields = subscription,
	    .help = "name -> subscription; the endpoint is its identity" },
	{ "tracing", F_ENUM, .dflt = "PassThrough",
	    .values = "PassThrough Active", .help = "X-Ray tracing" },
	{ "signatureVersion", F_ENUM, .values = "1 2",
	    .help = "hash of message signatures: 1 is SHA-1, 2 is SHA-256; "
		    "what AWS has unless said" },
	{ "deliveryPolicy", F_DOCUMENT,
	    .help = "retries of all HTTP and HTTPS endpoints" },
	{ "dataProtection", F_DOCUMENT,
	    .help = "data protection policy; not removed from AWS when it is "
		    "removed here" },
	{ "tlsOnly", F_BOOL, .dflt = "true",
	    .help = "deny publishing without TLS" },
	FIELD_STATEMENTS,
	{ 0 },
};

static const struct output outputs[] = {
	{ "arn", "topic", "@arn", "ARN" },
	{ "name", "topic", "Name", "AWS name" },
	{ 0 },
};

static const struct connection connections[] = {
	{ "publish", "sns:Publish", "arn", "TOPIC_ARN=arn",
	    "publish messages" },
	{ 0 },
};

static bool
is_fifo(const json_t *any_spec)
{
	return js_bool(any_spec, "fifo", false);
}

static const char *
protocol_of(const json_t *sub)
{
	const char *target = js_str(sub, "target");
	const char *protocol = js_str(sub, "protocol");

	if (protocol != NULL)
		return protocol;
	return module_is(target, "SqsQueue")         ? "sqs"
	       : module_is(target, "LambdaFunction") ? "lambda"
						     : NULL;
}

static json_t *
topic_arn(struct expansion *x)
{
	return expansion_weak(expansion_own(x, "topic", "@arn"));
}

/* ---- connect: queues let the topic send to them ---- */

static void
grant_send(struct expansion *x, const char *queue)
{
	if (!module_is(queue, "SqsQueue"))
		return;
	expansion_grant(x, queue, "policy",
	    js_pack("{s:o, s:s, s:{s:s}, s:s, s:{s:{s:o}}}", "Sid",
		js_fmt("SnsTopic-%s", x->name), "Effect", "Allow", "Principal",
		"Service", "sns.amazonaws.com", "Action", "sqs:SendMessage",
		"Condition", "ArnEquals", "aws:SourceArn", topic_arn(x)));
}

/* A queue may be target and dead-letter queue of many subscriptions; one
 * statement is enough. */
static void
connect_queues(struct expansion *x)
{
	json_auto_t *queues = json_object();
	const json_t *sub, *unused;
	const char *name, *queue;

	js_foreach (js_get(x->spec, "subscriptions"), name, sub) {
		if (js_str(sub, "target") != NULL)
			js_set(queues, js_str(sub, "target"), json_true());
		if (js_str(sub, "deadLetter") != NULL)
			js_set(queues, js_str(sub, "deadLetter"), json_true());
	}
	js_foreach (queues, queue, unused)
		grant_send(x, queue);
}

/* ---- checks ---- */

static void
check_queue(struct expansion *x, const char *at, const char *target)
{
	const json_t *peer = expansion_peer(x, target);
	const char *key = js_pathstr(peer, "encryption.kmsKey");

	if (peer != NULL && is_fifo(peer) && !is_fifo(x->spec))
		expansion_error(x, at,
		    "%s is a FIFO queue, to which only FIFO topics deliver; "
		    "set fifo: true here or use a standard queue",
		    target);
	if (key != NULL && strcmp(key, "alias/aws/sqs") == 0)
		expansion_error(x, at,
		    "%s is encrypted with alias/aws/sqs, which SNS may not "
		    "use; set its encryption to sqs or to a key of your own",
		    target);
}

static void
check_subscription(struct expansion *x, const char *name, const json_t *sub)
{
	auto_free char *at = module_at("/subscriptions", name, "");
	auto_free char *at_target = module_at("/subscriptions", name, "target");
	const char *target = js_str(sub, "target");
	const char *protocol = protocol_of(sub);

	if ((target != NULL) == (js_get(sub, "endpoint") != NULL))
		expansion_error(x, at,
		    "give either `target` (a queue or function) or "
		    "`endpoint`");
	if (protocol == NULL)
		expansion_error(x, at, "give the `protocol`");
	else if (is_fifo(x->spec) && strcmp(protocol, "sqs") != 0)
		expansion_error(x, at,
		    "a FIFO topic delivers to SQS queues only; put a queue "
		    "between");
	if (target != NULL && module_is(target, "SqsQueue"))
		check_queue(x, at_target, target);
}

/* Two subscriptions of one endpoint would be one in AWS. */
static void
check_unique(struct expansion *x)
{
	json_auto_t *seen = json_object();
	const json_t *sub, *to;
	const char *name;

	js_foreach (js_get(x->spec, "subscriptions"), name, sub) {
		to = js_get(sub, "target");
		if (to == NULL)
			to = js_get(sub, "endpoint");
		const char *key = js_text(to);
		if (key == NULL)
			continue;
		const char *other = js_str(seen, key);
		auto_free char *at = module_at("/subscriptions", name, "");
		if (other != NULL)
			expansion_error(x, at,
			    "%s is subscribed by \"%s\" already; one endpoint "
			    "has one subscription",
			    key, other);
		js_set_str(seen, key, name);
	}
}

static void
check(struct expansion *x, const char *aws_name)
{
	const json_t *sub;
	const char *name;

	module_name_fits(x, aws_name, 256);
	if (!is_fifo(x->spec) &&
	    js_bool(x->spec, "contentBasedDeduplication", false))
		expansion_error(x, "/contentBasedDeduplication",
		    "only FIFO topics deduplicate; set fifo: true or remove "
		    "it");
	js_foreach (js_get(x->spec, "subscriptions"), name, sub)
		check_subscription(x, name, sub);
	check_unique(x);
}

/* ---- expand ---- */

/* What AWS gives every topic: the account itself, and its services. */
static json_t *
owner_statement(const json_t *self)
{
	return js_pack(
	    "{s:s, s:s, s:{s:s}, s:[s,s,s,s,s,s,s,s], s:o, s:{s:{s:o}}}", "Sid",
	    "__default_statement_ID", "Effect", "Allow", "Principal", "AWS",
	    "*", "Action", "SNS:GetTopicAttributes", "SNS:SetTopicAttributes",
	    "SNS:AddPermission", "SNS:RemovePermission", "SNS:DeleteTopic",
	    "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish",
	    "Resource", js_copy(self), "Condition", "StringEquals",
	    "AWS:SourceOwner", module_aws("account"));
}

static json_t *
topic_policy(struct expansion *x)
{
	json_auto_t *self = topic_arn(x);
	json_auto_t *more = module_resource_statements(x, "SNS:Publish", self);
	json_t *statements = js_pack("[o]", owner_statement(self));

	json_array_extend(statements, more);
	return module_policy(statements);
}

static void
add_topic(struct expansion *x, const char *name)
{
	json_t *props = js_pack("{s:s, s:O, s:o}", "Name", name,
	    "TracingConfig", js_get(x->spec, "tracing"), "Policy",
	    topic_policy(x));

	if (is_fifo(x->spec)) {
		js_set(props, "FifoTopic", json_true());
		js_set(props, "ContentBasedDeduplication",
		    js_copy(js_get(x->spec, "contentBasedDeduplication")));
	}
	js_set(props, "SignatureVersion",
	    js_copy(js_get(x->spec, "signatureVersion")));
	js_set(props, "DisplayName", js_copy(js_get(x->spec, "displayName")));
	js_set(props, "KmsMasterKeyId",
	    js_copy(js_get(js_get(x->spec, "encryption"), "kmsKey")));
	js_set(props, "DeliveryPolicy",
	    js_copy(js_get(x->spec, "deliveryPolicy")));
	js_set(props, "DataProtectionPolicy",
	    js_copy(js_get(x->spec, "dataProtection")));
	expansion_add(x, "topic", "sns.topic", props);
}

static json_t *
endpoint_of(struct expansion *x, const char *name, const json_t *sub)
{
	auto_free char *at = module_at("/subscriptions", name, "target");
	const char *target = js_str(sub, "target");

	if (target == NULL)
		return js_copy(js_get(sub, "endpoint"));
	return module_is(target, "LambdaFunction")
		   ? module_function_arn(x, at, target)
		   : expansion_output(x, at, target, "arn");
}

static json_t *
dead_letter_of(struct expansion *x, const char *name, const json_t *sub)
{
	auto_free char *at = module_at("/subscriptions", name, "deadLetter");
	const char *target = js_str(sub, "deadLetter");
	json_t *arn = target == NULL ? NULL
				     : expansion_output(x, at, target, "arn");

	return arn == NULL ? NULL
			   : js_pack("{s:o}", "deadLetterTargetArn", arn);
}

static json_t *
role_of(struct expansion *x, const char *name, const json_t *sub)
{
	auto_free char *at = module_at("/subscriptions", name, "role");
	const char *role = js_str(sub, "role");

	return role == NULL ? NULL : expansion_output(x, at, role, "arn");
}

/* The function lets this topic invoke it. */
static void
add_permission(struct expansion *x, const char *name, const char *target)
{
	auto_free char *local = mem_fmt("permission.sns-%s-%s", x->name, name);

	module_allow_invoke(x, local, target,
	    js_pack("{s:o, s:s, s:s, s:o}", "StatementId",
		js_fmt("SnsTopic-%s-%s", x->name, name), "Action",
		"lambda:InvokeFunction", "Principal", "sns.amazonaws.com",
		"SourceArn", topic_arn(x)));
}

static void
add_subscription(struct expansion *x, const char *name, const json_t *sub)
{
	auto_free char *local = mem_fmt("subscription.%s", name);
	const char *target = js_str(sub, "target");
	const char *protocol = protocol_of(sub);
	json_t *endpoint = endpoint_of(x, name, sub), *props;

	if (protocol == NULL || endpoint == NULL) {
		js_free(endpoint); /* reported */
		return;
	}
	props = js_pack("{s:s, s:o, s:O}", "Protocol", protocol, "Endpoint",
	    endpoint, "RawMessageDelivery", js_get(sub, "rawDelivery"));
	js_set(props, "FilterPolicy", js_copy(js_get(sub, "filterPolicy")));
	if (js_get(sub, "filterPolicy") != NULL)
		js_set(props, "FilterPolicyScope",
		    js_copy(js_get(sub, "filterScope")));
	js_set(props, "RedrivePolicy", dead_letter_of(x, name, sub));
	js_set(props, "DeliveryPolicy", js_copy(js_get(sub, "deliveryPolicy")));
	js_set(props, "SubscriptionRoleArn", role_of(x, name, sub));
	expansion_add_child(x, local, "topic", "sns.subscription", props);
	if (module_is(target, "LambdaFunction"))
		add_permission(x, name, target);
}

static void
expand(struct expansion *x)
{
	bool suffix = is_fifo(x->spec) && !text_ends(x->aws_name, ".fifo");
	auto_free char *aws_name = mem_fmt(
	    "%s%s", x->aws_name, suffix ? ".fifo" : "");
	const json_t *sub;
	const char *name;

	check(x, aws_name);
	add_topic(x, aws_name);
	js_foreach (js_get(x->spec, "subscriptions"), name, sub)
		add_subscription(x, name, sub);
}

const struct module kind_sns_topic = {
	.kind = "SnsTopic",
	.folder = "sns",
	.summary = "a topic with its subscriptions",
	.page = "https://docs.aws.amazon.com/sns/latest/dg/welcome.html",
	.spec = spec,
	.outputs = outputs,
	.connections = connections,
	.connect = connect_queues,
	.expand = expand,
};
