/* cloudwatch.alarm: an alarm on one metric. */

#include "modules/module.h"

static const struct property properties[] = {
	{ "AlarmName", .flags = P_FIXED },
	{ "AlarmDescription" },
	{ "ActionsEnabled", .dflt = "true" },
	{ "AlarmActions", .same = C_SET, .dflt = "[]" },
	{ "OKActions", .same = C_SET, .dflt = "[]" },
	{ "InsufficientDataActions", .same = C_SET, .dflt = "[]" },
	{ "Namespace" },
	{ "MetricName" },
	{ "Dimensions", .same = C_SET, .dflt = "[]" },
	{ "Statistic" },
	{ "ExtendedStatistic" },
	{ "Period" },
	{ "EvaluationPeriods" },
	{ "DatapointsToAlarm" },
	{ "Threshold" },
	{ "ComparisonOperator" },
	{ "TreatMissingData", .dflt = "\"missing\"" },
	{ "Unit" },
	{ 0 },
};

const struct resource_type type_cloudwatch_alarm = {
	.name = "cloudwatch.alarm",
	.service = "cloudwatch",
	.page = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/"
		"APIReference/API_PutMetricAlarm.html",
	.label = "$AlarmName",
	.key = "AlarmName",
	.arn = "\"arn:${partition}:cloudwatch:${region}:${account}:alarm:"
	       "${AlarmName}\"",
	.list = { "DescribeAlarms", "{AlarmTypes: [MetricAlarm], MaxRecords: 100}",
	    "MetricAlarms", .full = true, .from = 4 },
	.read = { "DescribeAlarms",
	    "{AlarmNames: [$AlarmName], AlarmTypes: [MetricAlarm]}",
	    .take = "MetricAlarms" },
	.create = { "PutMetricAlarm", "{...$all, Tags: $tags}" },
	.updates =
	    (const struct update[]) {
		{ "PutMetricAlarm", "{...$all}" }, { 0 } },
	.remove = { "DeleteAlarms", "{AlarmNames: [$AlarmName]}" },
	.tags = {
		.shape = TAGS_KEY_VALUE,
		.list = { "ListTagsForResource", "{ResourceARN: $arn}",
		    .take = "Tags" },
		.add = { "TagResource", "{ResourceARN: $arn, Tags: $tags}" },
		.remove = { "UntagResource",
		    "{ResourceARN: $arn, TagKeys: $keys}" },
		.on_create = true,
		.indexed = true,
	},
	.properties = properties,
};
