/* lambda.function: code and configuration of a function. */

#include "modules/module.h"

/*
 * Beside the members of CreateFunction:
 *	CodeSha256	hash of the package that Git wants
 *	S3Bucket ...	where else the code comes from; AWS does not tell
 *			afterwards, a tag of ours does
 *	ReservedConcurrentExecutions
 */
static const struct property properties[] = {
	{ "FunctionName", .flags = P_FIXED },
	{ "PackageType", .flags = P_FIXED, .dflt = "\"Zip\"" },
	{ "CodeSha256", .flags = P_OURS | P_UNMANAGED },
	{ "S3Bucket", .flags = P_OURS | P_UNMANAGED },
	{ "S3Key", .flags = P_OURS | P_UNMANAGED },
	{ "S3ObjectVersion", .flags = P_OURS | P_UNMANAGED },
	{ "ImageUri", .flags = P_OURS | P_UNMANAGED },
	{ "Architectures" },
	{ "Runtime" },
	{ "Handler" },
	{ "Role" },
	{ "Description", .dflt = "\"\"", .unset = "\"\"" },
	{ "Timeout" },
	{ "MemorySize" },
	{ "EphemeralStorage", .dflt = "{\"Size\": 512}" },
	{ "Environment", .dflt = "{\"Variables\": {}}",
	    .unset = "{\"Variables\": {}}" },
	{ "Layers", .dflt = "[]", .unset = "[]", .risk = "more" },
	{ "ImageConfig", .unset = "{}" },
	{ "TracingConfig", .dflt = "{\"Mode\": \"PassThrough\"}" },
	{ "DeadLetterConfig", .flags = P_IF_TOLD, .dflt = "{}",
	    .unset = "{\"TargetArn\": \"\"}" },
	{ "KMSKeyArn", .dflt = "\"\"", .unset = "\"\"", .risk = "null" },
	/* places without the newer controls do not show it */
	{ "LoggingConfig", .flags = P_IF_TOLD },
	{ "ReservedConcurrentExecutions", .flags = P_OURS },
	{ 0 },
};

/* "bucket/key@version", as the kind's page writes it. */
static void
split_s3(json_t *live, const char *text)
{
	const char *slash = strchr(text, '/'), *at = strrchr(text, '@');

	if (slash == NULL || at == NULL || at < slash)
		return;
	js_set(live, "S3Bucket", js_new_strn(text, (size_t)(slash - text)));
	js_set(live, "S3Key", js_new_strn(slash + 1, (size_t)(at - slash - 1)));
	if (at[1] != '\0')
		js_set_str(live, "S3ObjectVersion", at + 1);
}

static void
normalise_code(json_t *live)
{
	const json_t *image = js_path(live, "Code.ResolvedImageUri");
	const char *s3 = js_pathstr(live, "Tags.convergd:code");

	if (image == NULL)
		image = js_path(live, "Code.ImageUri");
	js_set(live, "ImageUri", js_copy(image));
	if (s3 != NULL)
		split_s3(live, s3);
	js_del(live, "Code");
}

/* [{Arn, ...}] -> [ARN] */
static void
normalise_layers(json_t *live)
{
	const json_t *given = js_get(live, "Layers");
	json_t *arns;
	size_t i;
	json_t *layer;

	if (!json_is_object(js_at(given, 0)))
		return;
	arns = json_array();
	js_each (given, i, layer)
		js_push(arns, js_copy(js_get(layer, "Arn")));
	js_set(live, "Layers", arns);
}

/* GetFunction's answer becomes flat, in the shape of CreateFunction. */
static void
function_normalise(json_t *live)
{
	json_auto_t *config = js_copy(js_get(live, "Configuration"));
	const json_t *reserved = js_path(
	    live, "Concurrency.ReservedConcurrentExecutions");

	js_del(live, "Configuration");
	js_merge(live, config);
	js_set(live, "ReservedConcurrentExecutions", js_copy(reserved));
	js_set(live, "ImageConfig",
	    js_copy(js_path(live, "ImageConfigResponse.ImageConfig")));
	if (js_get(js_get(live, "Environment"), "Variables") == NULL)
		js_del(live, "Environment");
	normalise_code(live);
	normalise_layers(live);
}

static const struct update updates[] = {
	{ "UpdateFunctionCode",
	    "{FunctionName: $FunctionName, ZipFile: $artifact, S3Bucket: "
	    "$S3Bucket, S3Key: $S3Key, S3ObjectVersion: $S3ObjectVersion, "
	    "ImageUri: $ImageUri, Architectures: $Architectures}",
	    .of = "CodeSha256 S3Bucket S3Key S3ObjectVersion ImageUri "
		  "Architectures",
	    .alone = true },
	{ "PutFunctionConcurrency",
	    "{FunctionName: $FunctionName, ReservedConcurrentExecutions: "
	    "$ReservedConcurrentExecutions}",
	    .of = "ReservedConcurrentExecutions", .on = ON_ADD | ON_CHANGE },
	{ "DeleteFunctionConcurrency", "{FunctionName: $FunctionName}",
	    .of = "ReservedConcurrentExecutions", .on = ON_REMOVE },
	{ "UpdateFunctionConfiguration",
	    "{FunctionName: $FunctionName, ...$changes}", .alone = true },
	{ 0 },
};

/* Idle functions are Inactive; they wake up when they are called. */
static const struct state states[] = {
	{ "State", "Active Inactive", "Failed", .reason = "StateReason" },
	{ "LastUpdateStatus", "Successful", "Failed",
	    .reason = "LastUpdateStatusReason" },
	{ 0 },
};

static const struct patience patience[] = {
	{ "InvalidParameterValueException", "cannot be assumed by Lambda",
	    120 },
	{ "InvalidParameterValueException", "does not have permissions", 120 },
	{ "ResourceConflictException", "cannot be performed at this time",
	    300 },
	{ "KMSAccessDeniedException", NULL, 60 },
	{ 0 },
};

static const struct permission permissions[] = {
	{ "iam:PassRole", "$Role", .key = "iam:PassedToService",
	    .value = "lambda.amazonaws.com" },
	{ "lambda:ListTags", .reads = true }, /* GetFunction hides them else */
	{ "lambda:GetLayerVersion", "\"*\"", .if_any = "Layers" },
	{ "s3:GetObject s3:GetObjectVersion",
	    "\"arn:${partition}:s3:::${S3Bucket}/${S3Key}\"" },
	{ "ecr:BatchGetImage ecr:GetDownloadUrlForLayer "
	  "ecr:GetRepositoryPolicy ecr:SetRepositoryPolicy",
	    "\"*\"", .if_any = "ImageUri" },
	{ "kms:CreateGrant kms:Decrypt kms:Encrypt", "$KMSKeyArn" },
	{ 0 },
};

const struct resource_type type_lambda_function = {
	.name = "lambda.function",
	.service = "lambda",
	.page = "https://docs.aws.amazon.com/lambda/latest/api/"
		"API_CreateFunction.html",
	.label = "$FunctionName",
	.key = "FunctionName",
	.arn = "\"arn:${partition}:lambda:${region}:${account}:function:"
	       "${FunctionName}\"",
	.read = { "GetFunction", "{FunctionName: $FunctionName}" },
	.create = { "CreateFunction",
	    "{...$all, Code: {ZipFile: $artifact, S3Bucket: $S3Bucket, S3Key: "
	    "$S3Key, S3ObjectVersion: $S3ObjectVersion, ImageUri: $ImageUri}, "
	    "Tags: $tags}" },
	.updates = updates,
	.beside = "VpcConfig.VpcId FileSystemConfigs[].Arn",
	.remove = { "DeleteFunction", "{FunctionName: $FunctionName}" },
	.states = states,
	.tags = {
		.shape = TAGS_MAP,
		.at = "Tags",
		.add = { "TagResource", "{Resource: $arn, Tags: $tags}" },
		.remove = { "UntagResource",
		    "{Resource: $arn, TagKeys: $keys}" },
		.on_create = true,
		.indexed = true,
	},
	.properties = properties,
	.patience = patience,
	.permissions = permissions,
	.normalise = function_normalise,
};
