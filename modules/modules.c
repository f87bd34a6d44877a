/* The one explicit list of kinds and resource types. */

#include "modules/modules.h"

extern const struct module kind_dynamodb_table;
extern const struct module kind_http_api;
extern const struct module kind_iam_role;
extern const struct module kind_lambda_function;
extern const struct module kind_sns_topic;
extern const struct module kind_sqs_queue;

static const struct module *const modules[] = {
	&kind_dynamodb_table,
	&kind_http_api,
	&kind_iam_role,
	&kind_lambda_function,
	&kind_sns_topic,
	&kind_sqs_queue,
	NULL,
};

extern const struct resource_type type_apigatewayv2_api;
extern const struct resource_type type_apigatewayv2_authorizer;
extern const struct resource_type type_apigatewayv2_integration;
extern const struct resource_type type_apigatewayv2_openapi;
extern const struct resource_type type_apigatewayv2_openapi_stage;
extern const struct resource_type type_apigatewayv2_route;
extern const struct resource_type type_apigatewayv2_stage;
extern const struct resource_type type_autoscaling_policy;
extern const struct resource_type type_autoscaling_target;
extern const struct resource_type type_cloudwatch_alarm;
extern const struct resource_type type_dynamodb_table;
extern const struct resource_type type_iam_instance_profile;
extern const struct resource_type type_iam_role;
extern const struct resource_type type_lambda_alias;
extern const struct resource_type type_lambda_alias_event_source_mapping;
extern const struct resource_type type_lambda_alias_event_invoke_config;
extern const struct resource_type type_lambda_alias_permission;
extern const struct resource_type type_lambda_alias_url;
extern const struct resource_type type_lambda_event_invoke_config;
extern const struct resource_type type_lambda_event_source_mapping;
extern const struct resource_type type_lambda_function;
extern const struct resource_type type_lambda_permission;
extern const struct resource_type type_lambda_provisioned_concurrency;
extern const struct resource_type type_lambda_url;
extern const struct resource_type type_lambda_version;
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
	&type_dynamodb_table,
	&type_autoscaling_target,
	&type_autoscaling_policy,
	&type_lambda_function,
	&type_lambda_version,
	&type_lambda_alias,
	&type_lambda_provisioned_concurrency,
	&type_lambda_event_invoke_config,
	&type_lambda_alias_event_invoke_config,
	&type_apigatewayv2_api,
	&type_apigatewayv2_openapi,
	&type_apigatewayv2_authorizer,
	&type_apigatewayv2_integration,
	&type_apigatewayv2_route,
	&type_apigatewayv2_stage,
	&type_apigatewayv2_openapi_stage,
	&type_lambda_permission,
	&type_lambda_alias_permission,
	&type_lambda_event_source_mapping,
	&type_lambda_alias_event_source_mapping,
	&type_lambda_url,
	&type_lambda_alias_url,
	&type_sns_subscription,
	&type_cloudwatch_alarm,
	NULL,
};

const struct registry modules_registry = { modules, types };
