/* logs.log-group: where functions, APIs and others write their lines. */

#include "modules/module.h"

static const struct property properties[] = {
	{ "logGroupName", .flags = P_FIXED },
	{ "logGroupClass", .flags = P_FIXED, .dflt = "\"STANDARD\"" },
	{ "retentionInDays" },
	{ "kmsKeyId", .risk = "null" },
	{ 0 },
};

const struct resource_type type_logs_log_group = {
	.name = "logs.log-group",
	.service = "logs",
	.page = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/"
		"APIReference/API_CreateLogGroup.html",
	.label = "$logGroupName",
	.key = "logGroupName",
	.arn = "\"arn:${partition}:logs:${region}:${account}:log-group:"
	       "${logGroupName}\"",
	.adopts = true,
	.list = { "DescribeLogGroups", "{limit: 50}", "logGroups",
	    .full = true, .from = 3 },
	.read = { "DescribeLogGroups", "{logGroupNamePrefix: $logGroupName}",
	    .take = "logGroups" },
	.create = { "CreateLogGroup",
	    "{logGroupName: $logGroupName, logGroupClass: $logGroupClass, "
	    "kmsKeyId: $kmsKeyId, tags: $tags}" },
	.updates =
	    (const struct update[]) {
		{ "PutRetentionPolicy",
		    "{logGroupName: $logGroupName, retentionInDays: "
		    "$retentionInDays}",
		    .of = "retentionInDays", .on = ON_ADD | ON_CHANGE },
		{ "DeleteRetentionPolicy", "{logGroupName: $logGroupName}",
		    .of = "retentionInDays", .on = ON_REMOVE },
		{ "AssociateKmsKey",
		    "{logGroupName: $logGroupName, kmsKeyId: $kmsKeyId}",
		    .of = "kmsKeyId", .on = ON_ADD | ON_CHANGE },
		{ "DisassociateKmsKey", "{logGroupName: $logGroupName}",
		    .of = "kmsKeyId", .on = ON_REMOVE },
		{ 0 } },
	.beside = "metricFilterCount",
	.remove = { "DeleteLogGroup", "{logGroupName: $logGroupName}" },
	.tags = {
		.shape = TAGS_MAP,
		.list = { "ListTagsForResource", "{resourceArn: $arn}",
		    .take = "tags" },
		.add = { "TagResource", "{resourceArn: $arn, tags: $tags}" },
		.remove = { "UntagResource",
		    "{resourceArn: $arn, tagKeys: $keys}" },
		.on_create = true,
		.indexed = true,
	},
	.properties = properties,
	.patience =
	    (const struct patience[]) {
		{ "OperationAbortedException", NULL, 30 }, { 0 } },
};
