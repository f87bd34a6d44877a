/* sns.topic and sns.subscription: the AWS objects of SnsTopic. */

#include "modules/module.h"

static const struct property topic_properties[] = {
	{ "Name", .flags = P_FIXED },
	{ "FifoTopic", W_TEXT, .flags = P_FIXED, .dflt = "false" },
	{ "ContentBasedDeduplication", W_TEXT, .dflt = "false" },
	{ "DisplayName", .dflt = "\"\"", .unset = "\"\"" },
	{ "KmsMasterKeyId", .dflt = "\"\"", .unset = "\"\"", .risk = "null" },
	{ "TracingConfig", .dflt = "\"PassThrough\"",
	    .unset = "\"PassThrough\"" },
	{ "SignatureVersion", .flags = P_UNMANAGED },
	{ "DeliveryPolicy", W_JSON, C_SUBSET, .unset = "\"\"" },
	{ "DataProtectionPolicy", W_JSON, .flags = P_UNMANAGED,
	    .risk = "null" },
	{ "Policy", W_JSON, C_POLICY, .flags = P_UNMANAGED },
	{ 0 },
};

static void
topic_normalise(json_t *live)
{
	const char *arn = js_str(live, "TopicArn");
	const char *colon = arn == NULL ? NULL : strrchr(arn, ':');

	if (colon != NULL)
		js_set_str(live, "Name", colon + 1);
}

const struct resource_type type_sns_topic = {
	.name = "sns.topic",
	.service = "sns",
	.page = "https://docs.aws.amazon.com/sns/latest/api/"
		"API_CreateTopic.html",
	.label = "$Name",
	.key = "Name",
	.arn = "\"arn:${partition}:sns:${region}:${account}:${Name}\"",
	.read = { "GetTopicAttributes", "{TopicArn: $arn}",
	    .take = "Attributes" },
	.more = { { "GetDataProtectionPolicy", "{ResourceArn: $arn}",
	    .if_any = "DataProtectionPolicy" } },
	.create = { "CreateTopic",
	    "{Name: $Name, Attributes: $rest, Tags: $tags, "
	    "DataProtectionPolicy: $DataProtectionPolicy}" },
	.updates =
	    (const struct update[]) {
		{ "PutDataProtectionPolicy",
		    "{ResourceArn: $arn, DataProtectionPolicy: $value}",
		    .of = "DataProtectionPolicy", .each = true },
		{ "SetTopicAttributes",
		    "{TopicArn: $arn, AttributeName: $name, "
		    "AttributeValue: $value}",
		    .each = true },
		{ 0 } },
	.remove = { "DeleteTopic", "{TopicArn: $arn}" },
	.tags = {
		.shape = TAGS_KEY_VALUE,
		.list = { "ListTagsForResource", "{ResourceArn: $arn}",
		    .take = "Tags" },
		.add = { "TagResource", "{ResourceArn: $arn, Tags: $tags}" },
		.remove = { "UntagResource",
		    "{ResourceArn: $arn, TagKeys: $keys}" },
		.on_create = true,
		.indexed = true,
	},
	.properties = topic_properties,
	.normalise = topic_normalise,
};

/* ---- subscriptions: the endpoint is the identity ---- */

static const struct property subscription_properties[] = {
	{ "Protocol", .flags = P_FIXED },
	{ "Endpoint", .flags = P_FIXED },
	{ "FilterPolicyScope", .dflt = "\"MessageAttributes\"",
	    .unset = "\"MessageAttributes\"" },
	{ "FilterPolicy", W_JSON, .dflt = "{}", .unset = "\"{}\"" },
	{ "RawMessageDelivery", W_TEXT, .dflt = "false", .unset = "\"false\"" },
	{ "RedrivePolicy", W_JSON, .dflt = "\"\"", .unset = "\"\"" },
	{ "DeliveryPolicy", W_JSON, C_SUBSET, .unset = "\"\"" },
	{ "SubscriptionRoleArn" },
	{ 0 },
};

/* Until somebody confirmed it, a subscription has no ARN and no attributes. */
static void
subscription_normalise(json_t *live)
{
	const char *arn = js_str(live, "SubscriptionArn");

	if (arn != NULL && !text_starts(arn, "arn:"))
		js_set_str(live, "PendingConfirmation", "true");
}

const struct resource_type type_sns_subscription = {
	.name = "sns.subscription",
	.service = "sns",
	.page = "https://docs.aws.amazon.com/sns/latest/api/"
		"API_Subscribe.html",
	.label = "\"${Protocol} ${Endpoint}\"",
	.key = "Protocol Endpoint",
	.parent = "sns.topic",
	.exclusive = true,
	.grants = true,
	.list = { "ListSubscriptionsByTopic", "{TopicArn: $parent.TopicArn}",
	    "Subscriptions", .from = 2, .wide = "ListSubscriptions",
	    .owner = "TopicArn", .owner_is = "TopicArn" },
	.more = { { "GetSubscriptionAttributes",
	    "{SubscriptionArn: $SubscriptionArn}", .take = "Attributes",
	    .absent = "InvalidParameter" } },
	.create = { "Subscribe",
	    "{TopicArn: $parent.TopicArn, Protocol: $Protocol, Endpoint: "
	    "$Endpoint, Attributes: $rest, ReturnSubscriptionArn: true}" },
	.updates =
	    (const struct update[]){
		/* the scope says how the policy is read: before it */
		{ "SetSubscriptionAttributes",
		    "{SubscriptionArn: $SubscriptionArn, AttributeName: $name, "
		    "AttributeValue: $value}",
		    .of = "FilterPolicyScope", .each = true },
		{ "SetSubscriptionAttributes",
		    "{SubscriptionArn: $SubscriptionArn, AttributeName: $name, "
		    "AttributeValue: $value}",
		    .each = true },
		{ 0 } },
	.remove = { "Unsubscribe", "{SubscriptionArn: $SubscriptionArn}" },
	.states = (const struct state[]){ { "PendingConfirmation", "false",
					      .parked = "true" },
	    { 0 } },
	.properties = subscription_properties,
	.normalise = subscription_normalise,
};
