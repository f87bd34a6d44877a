/* application-autoscaling: what keeps a table's capacity near its load. */

#include "modules/module.h"

static const struct property target_properties[] = {
	{ "ServiceNamespace", .flags = P_FIXED },
	{ "ResourceId", .flags = P_FIXED },
	{ "ScalableDimension", .flags = P_FIXED },
	{ "MinCapacity" },
	{ "MaxCapacity" },
	{ 0 },
};

/* TargetId: the end of the ARN, which the type's own template has. */
static void
target_normalise(json_t *live)
{
	const char *arn = js_str(live, "ScalableTargetARN");
	const char *id = arn ? strrchr(arn, '/') : NULL;

	if (id != NULL)
		js_set_str(live, "TargetId", id + 1);
}

/* AWS makes the role with the caller's permission, and wants the caller to be
 * allowed what it will do itself: with the table, that it is ours says. */
#define SCALER "dynamodb.application-autoscaling.amazonaws.com"
static const struct permission target_permissions[] = {
	{ "iam:CreateServiceLinkedRole",
	    "\"arn:${partition}:iam::${account}:role/aws-service-role/" SCALER
	    "/*\"",
	    .key = "iam:AWSServiceName", .value = SCALER },
	{ 0 },
};

const struct resource_type type_autoscaling_target = {
	.name = "application-autoscaling.scalable-target",
	.service = "application-autoscaling",
	.page = "https://docs.aws.amazon.com/autoscaling/application/"
		"APIReference/API_RegisterScalableTarget.html",
	.label = "\"${ResourceId} ${ScalableDimension}\"",
	.key = "ResourceId ScalableDimension",
	.arn = "\"arn:${partition}:application-autoscaling:${region}:${account}:"
	       "scalable-target/${TargetId}\"",
	.parent = "dynamodb.table",
	.outlives = true,
	.recorded = true,
	.list = { "DescribeScalableTargets",
	    "{ServiceNamespace: dynamodb, ResourceIds: $parent.ScalingIds}",
	    "ScalableTargets", .full = true, .from = 2,
	    .wide = "DescribeScalableTargets", .owner = "ResourceId",
	    .owner_is = "ScalingIds" },
	.read = { "DescribeScalableTargets",
	    "{ServiceNamespace: $ServiceNamespace, ResourceIds: [$ResourceId], "
	    "ScalableDimension: $ScalableDimension}",
	    .take = "ScalableTargets" },
	.create = { "RegisterScalableTarget", "{...$all, Tags: $tags}" },
	.updates = (const struct update[]){ { "RegisterScalableTarget",
						"{...$all}" },
	    { 0 } },
	.remove = { "DeregisterScalableTarget",
	    "{ServiceNamespace: $ServiceNamespace, ResourceId: $ResourceId, "
	    "ScalableDimension: $ScalableDimension}",
	    .absent = "ObjectNotFoundException" },
	.tags = {
		.shape = TAGS_MAP,
		.list = { "ListTagsForResource", "{ResourceARN: $arn}",
		    .take = "Tags" },
		.add = { "TagResource", "{ResourceARN: $arn, Tags: $tags}" },
		.remove = { "UntagResource",
		    "{ResourceARN: $arn, TagKeys: $keys}" },
		.on_create = true,
		.indexed = true,
	},
	.properties = target_properties,
	.normalise = target_normalise,
	.permissions = target_permissions,
	.patience = (const struct patience[]){ { "ConcurrentUpdateException",
						   NULL, 60 },
	    { 0 } },
};

static const struct property policy_properties[] = {
	{ "PolicyName", .flags = P_FIXED },
	{ "ServiceNamespace", .flags = P_FIXED },
	{ "ResourceId", .flags = P_FIXED },
	{ "ScalableDimension", .flags = P_FIXED },
	{ "PolicyType", .flags = P_FIXED },
	{ "TargetTrackingScalingPolicyConfiguration", .same = C_LEAN },
	{ 0 },
};

/* The alarms that target tracking makes. */
static const struct permission policy_permissions[] = {
	{ "cloudwatch:DeleteAlarms cloudwatch:PutMetricAlarm",
	    "\"arn:${partition}:cloudwatch:${region}:${account}:alarm:"
	    "TargetTracking-*\"" },
	{ "cloudwatch:DescribeAlarms", "\"*\"" },
	{ 0 },
};

const struct resource_type type_autoscaling_policy = {
	.name = "application-autoscaling.scaling-policy",
	.service = "application-autoscaling",
	.page = "https://docs.aws.amazon.com/autoscaling/application/"
		"APIReference/API_PutScalingPolicy.html",
	.label = "$PolicyName",
	.key = "PolicyName",
	.parent = "application-autoscaling.scalable-target",
	.exclusive = true,
	.list = { "DescribeScalingPolicies",
	    "{ServiceNamespace: dynamodb, ResourceId: $parent.ResourceId, "
	    "ScalableDimension: $parent.ScalableDimension}",
	    "ScalingPolicies", .full = true, .from = 2,
	    .wide = "DescribeScalingPolicies",
	    .owner = "ResourceId ScalableDimension",
	    .owner_is = "ResourceId ScalableDimension" },
	.create = { "PutScalingPolicy", "{...$all}" },
	.updates = (const struct update[]){ { "PutScalingPolicy", "{...$all}" },
	    { 0 } },
	.remove = { "DeleteScalingPolicy",
	    "{PolicyName: $PolicyName, ServiceNamespace: $ServiceNamespace, "
	    "ResourceId: $ResourceId, ScalableDimension: $ScalableDimension}",
	    .absent = "ObjectNotFoundException" },
	.properties = policy_properties,
	.permissions = policy_permissions,
	.patience = (const struct patience[]){ { "ConcurrentUpdateException",
						   NULL, 60 },
	    { 0 } },
};
