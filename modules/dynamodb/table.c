/* dynamodb.table: a table, its indexes, backups and time to live. */

#include "modules/dynamodb/table.h"

/*
 * Beside the members of CreateTable:
 *	KeyTypes	types of the key attributes of table and local indexes,
 *			which cannot change
 *	IndexThroughput	capacity of the indexes, by name
 *	IndexUpdates	what a change of the billing mode says about indexes
 *	Autoscaled	the capacity is another controller's
 *	ManagedKey	the key is to be AWS's own of the account
 */
static const struct property properties[] = {
	{ "TableName", .flags = P_FIXED },
	{ "KeySchema", .flags = P_FIXED },
	{ "KeyTypes", .flags = P_FIXED | P_OURS },
	{ "LocalSecondaryIndexes", .same = C_SUBSET, .flags = P_FIXED,
	    .key = "IndexName" },
	{ "AttributeDefinitions", .flags = P_HANDED_OVER },
	{ "BillingMode" },
	{ "ProvisionedThroughput", .flags = P_UNMANAGED },
	{ "GlobalSecondaryIndexes", .same = C_SUBSET, .key = "IndexName" },
	{ "IndexThroughput", .flags = P_OURS | P_UNMANAGED, .key = "*" },
	{ "IndexUpdates", .flags = P_OURS | P_WRITE_ONLY },
	{ "Autoscaled", .flags = P_OURS | P_WRITE_ONLY },
	{ "StreamSpecification", .dflt = "{\"StreamEnabled\": false}" },
	{ "ManagedKey", .flags = P_OURS | P_WRITE_ONLY },
	{ "SSESpecification", .same = C_LEAN, .dflt = "{\"Enabled\": false}",
	    .risk = "{\"Enabled\": false}" },
	{ "TableClass", .dflt = "\"STANDARD\"" },
	{ "DeletionProtectionEnabled", .dflt = "false", .risk = "false" },
	{ "PointInTimeRecoverySpecification", .same = C_SUBSET, .flags = P_OURS,
	    .dflt = "{\"PointInTimeRecoveryEnabled\": false}",
	    .risk = "{\"PointInTimeRecoveryEnabled\": false}" },
	{ "TimeToLiveSpecification", .flags = P_OURS,
	    .dflt = "{\"Enabled\": false}" },
	{ 0 },
};

/* ---- the type; one UpdateTable at a time, each waits for ACTIVE ---- */

static const struct update updates[] = {
	{ "UpdateTable",
	    "{TableName: $TableName, GlobalSecondaryIndexUpdates: "
	    "[{Delete: {IndexName: $name}}]}",
	    .of = "GlobalSecondaryIndexes", .on = ON_CHANGE | ON_REMOVE,
	    .each = true, .alone = true },
	{ "UpdateTable",
	    "{TableName: $TableName, AttributeDefinitions: "
	    "$AttributeDefinitions, GlobalSecondaryIndexUpdates: "
	    "[{Create: $value}]}",
	    .of = "GlobalSecondaryIndexes", .on = ON_ADD, .each = true,
	    .alone = true },
	{ "UpdateTable",
	    "{TableName: $TableName, BillingMode: $BillingMode, "
	    "ProvisionedThroughput: $ProvisionedThroughput, "
	    "GlobalSecondaryIndexUpdates: $IndexUpdates}",
	    .of = "BillingMode ProvisionedThroughput", .alone = true },
	{ "UpdateTable",
	    "{TableName: $TableName, GlobalSecondaryIndexUpdates: [{Update: "
	    "{IndexName: $name, ProvisionedThroughput: $value}}]}",
	    .of = "IndexThroughput", .on = ON_CHANGE, .each = true,
	    .alone = true },
	{ "UpdateTable", "{TableName: $TableName, ...$changes}",
	    .of = "StreamSpecification", .alone = true },
	{ "UpdateTable", "{TableName: $TableName, ...$changes}",
	    .of = "SSESpecification", .alone = true },
	{ "UpdateTable", "{TableName: $TableName, ...$changes}",
	    .of = "TableClass DeletionProtectionEnabled", .alone = true },
	{ "UpdateContinuousBackups", "{TableName: $TableName, ...$changes}",
	    .of = "PointInTimeRecoverySpecification" },
	{ "UpdateTimeToLive", "{TableName: $TableName, ...$changes}",
	    .of = "TimeToLiveSpecification", .alone = true },
	{ 0 },
};

static const struct state states[] = {
	{ "TableStatus", "ACTIVE",
	    "INACCESSIBLE_ENCRYPTION_CREDENTIALS ARCHIVED" },
	{ "GlobalSecondaryIndexes[].IndexStatus", "ACTIVE", NULL },
	{ 0 },
};

static const struct patience patience[] = {
	{ "ContinuousBackupsUnavailableException", NULL, 600 },
	{ "ResourceInUseException", NULL, 600 },
	{ "LimitExceededException", NULL, 600 },
	/* a TTL switched off can be switched on an hour later */
	{ "ValidationException", "imeToLive", 3900 },
	{ "ValidationException", "ime to live", 3900 },
	{ 0 },
};

/* DynamoDB uses the key with the permissions of who makes the table. */
static const struct permission permissions[] = {
	{ "kms:CreateGrant kms:Decrypt kms:DescribeKey kms:Encrypt "
	  "kms:GenerateDataKey kms:ReEncryptFrom kms:ReEncryptTo",
	    "$SSESpecification.KMSMasterKeyId" },
	{ 0 },
};

const struct resource_type type_dynamodb_table = {
	.name = "dynamodb.table",
	.service = "dynamodb",
	.page = "https://docs.aws.amazon.com/amazondynamodb/latest/"
		"APIReference/API_CreateTable.html",
	.label = "$TableName",
	.key = "TableName",
	.arn = "\"arn:${partition}:dynamodb:${region}:${account}:table/"
	       "${TableName}\"",
	.stateful = true,
	.read = { "DescribeTable", "{TableName: $TableName}",
	    .take = "Table" },
	.more = { { "DescribeContinuousBackups", "{TableName: $TableName}",
		      .take = "ContinuousBackupsDescription",
		      .put = "ContinuousBackups" },
	    { "DescribeTimeToLive", "{TableName: $TableName}",
		.take = "TimeToLiveDescription", .put = "TimeToLive" },
	    { "DescribeKey", "{KeyId: $SSEDescription.KMSMasterKeyArn}",
		.service = "kms", .if_any = "ManagedKey",
		.take = "KeyMetadata.KeyManager", .put = "KeyManager",
		.absent = "AccessDeniedException NotFoundException" } },
	.create = { "CreateTable", "{...$all, Tags: $tags}",
	    .take = "TableDescription" },
	.updates = updates,
	.beside = "Replicas[].RegionName",
	.permissions = permissions,
	.remove = { "DeleteTable", "{TableName: $TableName}" },
	.states = states,
	.tags = {
		.shape = TAGS_KEY_VALUE,
		.list = { "ListTagsOfResource", "{ResourceArn: $arn}",
		    .take = "Tags" },
		.add = { "TagResource", "{ResourceArn: $arn, Tags: $tags}" },
		.remove = { "UntagResource",
		    "{ResourceArn: $arn, TagKeys: $keys}" },
		.on_create = true,
		.indexed = true,
	},
	.properties = properties,
	.patience = patience,
	.normalise = table_normalise,
	.complete = table_complete,
};
