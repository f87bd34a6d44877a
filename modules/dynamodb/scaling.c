/* What watches a DynamoDbTable: autoscaling and alarms. */

#include "modules/dynamodb/dynamodb.h"

const json_t *
table_scaling(const struct expansion *x)
{
	return js_path(x->spec, "billing.autoscaling");
}

/* ---- scaling: read and write, of the table and of each index ---- */

static void
add_scaling_policy(struct expansion *x, const char *target, const json_t *where,
    const char *metric)
{
	auto_free char *local = mem_fmt(
	    "policy.%s", target + strlen("target."));
	json_t *props = js_copy(where);

	js_set(props, "PolicyName",
	    js_fmt("%s-%s", x->aws_name, target + strlen("target.")));
	js_set_str(props, "PolicyType", "TargetTrackingScaling");
	js_set(props, "TargetTrackingScalingPolicyConfiguration",
	    js_pack("{s:f, s:{s:s}}", "TargetValue",
		(double)js_int(table_scaling(x), "target", 70),
		"PredefinedMetricSpecification", "PredefinedMetricType",
		metric));
	expansion_add_child(
	    x, local, target, "application-autoscaling.scaling-policy", props);
}

static void
add_scaling_of(struct expansion *x, const char *index, bool write)
{
	const char *what = write ? "Write" : "Read";
	const char *of = index == NULL ? "table" : "index";
	auto_free char *local = mem_fmt("target.%s%s%s",
	    write ? "write" : "read", index == NULL ? "" : "-",
	    index == NULL ? "" : index);
	auto_free char *metric = mem_fmt("DynamoDB%sCapacityUtilization", what);
	json_auto_t *where = js_pack("{s:s, s:o, s:o}", "ServiceNamespace",
	    "dynamodb", "ResourceId",
	    index == NULL ? js_fmt("table/%s", x->aws_name)
			  : js_fmt("table/%s/index/%s", x->aws_name, index),
	    "ScalableDimension",
	    js_fmt("dynamodb:%s:%sCapacityUnits", of, what));
	json_t *props = js_copy(where);

	js_set(props, "MinCapacity", js_copy(js_get(table_scaling(x), "min")));
	js_set(props, "MaxCapacity", js_copy(js_get(table_scaling(x), "max")));
	expansion_add_child(x, local, "table",
	    "application-autoscaling.scalable-target", props);
	add_scaling_policy(x, local, where, metric);
}

void
table_add_scaling(struct expansion *x)
{
	const char *name;
	json_t *index;

	if (table_scaling(x) == NULL)
		return;
	add_scaling_of(x, NULL, false);
	add_scaling_of(x, NULL, true);
	js_foreach (js_get(x->spec, "indexes"), name, index) {
		add_scaling_of(x, name, false);
		add_scaling_of(x, name, true);
	}
}

/* ---- alarms ---- */

static void
add_alarm(struct expansion *x, const char *what, const json_t *topic)
{
	auto_free char *local = mem_fmt("alarm.%s-throttle", what);
	bool write = strcmp(what, "write") == 0;

	expansion_add(x, local, "cloudwatch.alarm",
	    js_pack("{s:o, s:o, s:[O], s:s, s:s, s:[{s:s, s:o}], s:s, s:i, "
		    "s:i, s:O, s:s, s:s}",
		"AlarmName", js_fmt("%s-%s-throttle", x->aws_name, what),
		"AlarmDescription",
		js_fmt("Throttled %ss of DynamoDB table %s", what, x->aws_name),
		"AlarmActions", topic, "Namespace", "AWS/DynamoDB",
		"MetricName",
		write ? "WriteThrottleEvents" : "ReadThrottleEvents",
		"Dimensions", "Name", "TableName", "Value",
		expansion_own(x, "table", "TableName"), "Statistic", "Sum",
		"Period", 300, "EvaluationPeriods", 2, "Threshold",
		js_path(x->spec, "throttleAlarms.threshold"),
		"ComparisonOperator", "GreaterThanThreshold",
		"TreatMissingData", "notBreaching"));
}

void
table_add_alarms(struct expansion *x)
{
	const char *target = js_pathstr(x->spec, "throttleAlarms.topic");
	json_auto_t *topic = target == NULL
				 ? NULL
				 : expansion_output(x, "/throttleAlarms/topic",
				       target, "arn");

	if (topic == NULL)
		return;
	add_alarm(x, "read", topic);
	add_alarm(x, "write", topic);
}

/* The topic lets these alarms publish. */
void
table_connect_topic(struct expansion *x)
{
	const char *target = js_pathstr(x->spec, "throttleAlarms.topic");
	json_t *alarms;

	if (!module_is(target, "SnsTopic"))
		return;
	alarms = expansion_join(js_pack("[s, o, s, o, s, o, o]", "arn:",
	    module_aws("partition"), ":cloudwatch:", module_aws("region"), ":",
	    module_aws("account"), js_fmt(":alarm:%s-*", x->aws_name)));
	expansion_grant(x, target, "policy",
	    js_pack("{s:o, s:s, s:{s:s}, s:s, s:{s:{s:o}}}", "Sid",
		js_fmt("Alarms-%s", x->name), "Effect", "Allow", "Principal",
		"Service", "cloudwatch.amazonaws.com", "Action", "SNS:Publish",
		"Condition", "ArnLike", "aws:SourceArn", alarms));
}
