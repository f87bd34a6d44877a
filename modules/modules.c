/* The one explicit list of kinds and resource types. */

#include "modules/modules.h"

extern const struct module kind_dynamodb_table;
extern const struct module kind_iam_role;
extern const struct module kind_sns_topic;
extern const struct module kind_sqs_queue;

static const struct module *const modules[] = {
	&kind_dynamodb_table,
	&kind_iam_role,
	&kind_sns_topic,
	&kind_sqs_queue,
	NULL,
};

extern const struct resource_type type_autoscaling_policy;
extern const struct resource_type type_autoscaling_target;
extern const struct resource_type type_cloudwatch_alarm;
extern const struct resource_type type_dynamodb_table;
extern const struct resource_type type_iam_instance_profile;
extern const struct resource_type type_iam_role;
extern const struct resource_type type_logs_log_group;
extern const struct resource_type type_sns_subscription;
extern const struct resource_type type_sns_topic;
extern const struct resource_type type_sqs_queue;

static const struct resource_type *const types[] = {
	&type_iam_role,
	&type_iam_instance_profile,
	&type_logs_log_group,
	&type_sqs_queue,
	&type_sns_topic,
	&type_sns_subscription,
	&type_dynamodb_table,
	&type_autoscaling_target,
	&type_autoscaling_policy,
	&type_cloudwatch_alarm,
	NULL,
};

const struct registry modules_registry = { modules, types };
