/* dynamodb.table: a table, its indexes, backups and time to live. */

#include "modules/module.h"

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

static bool
is_word(const char *word, const char *words)
{
	return word != NULL && words_has(words, word);
}

static json_t *
throughput(const json_t *described)
{
	return js_pack("{s:I, s:I}", "ReadCapacityUnits",
	    js_int(described, "ReadCapacityUnits", 0), "WriteCapacityUnits",
	    js_int(described, "WriteCapacityUnits", 0));
}

/* Two capacities of the table or of one index, without their history. */
static void
normalise_throughput(json_t *live)
{
	bool provisioned = strcmp(js_str(live, "BillingMode"), "PROVISIONED") ==
			   0;
	const json_t *own = js_get(live, "ProvisionedThroughput");
	json_t *indexes = json_object(), *index;
	size_t i;

	js_each (js_get(live, "GlobalSecondaryIndexes"), i, index) {
		const json_t *its = js_get(index, "ProvisionedThroughput");
		json_t *plain = its && provisioned ? throughput(its) : NULL;

		js_del(index, "ProvisionedThroughput");
		js_set(index, "ProvisionedThroughput", js_copy(plain));
		js_set(indexes, js_str(index, "IndexName"), plain);
	}
	js_set(live, "IndexThroughput", indexes);
	if (!provisioned)
		js_del(live, "ProvisionedThroughput");
	else if (own != NULL)
		js_set(live, "ProvisionedThroughput", throughput(own));
}

static void
normalise_billing(json_t *live)
{
	const char *mode = js_pathstr(live, "BillingModeSummary.BillingMode");

	if (js_str(live, "BillingMode") == NULL)
		js_set_str(live, "BillingMode", mode ? mode : "PROVISIONED");
	normalise_throughput(live);
}

static void
add_keys(json_t *keys, const json_t *schema)
{
	size_t i;
	json_t *row;

	js_each (schema, i, row)
		js_set(keys, js_str(row, "AttributeName"), json_true());
}

static void
normalise_key_types(json_t *live)
{
	json_t *types = json_object(), *row;
	json_auto_t *keys = json_object();
	size_t i;

	add_keys(keys, js_get(live, "KeySchema"));
	js_each (js_get(live, "LocalSecondaryIndexes"), i, row)
		add_keys(keys, js_get(row, "KeySchema"));
	js_each (js_get(live, "AttributeDefinitions"), i, row) {
		const char *name = js_str(row, "AttributeName");

		if (js_get(keys, name) != NULL)
			js_set(
			    types, name, js_copy(js_get(row, "AttributeType")));
	}
	js_set(live, "KeyTypes", types);
}

static void
normalise_encryption(json_t *live)
{
	const json_t *sse = js_get(live, "SSEDescription");
	const char *status = js_str(sse, "Status");
	bool on = is_word(status, "ENABLED ENABLING UPDATING");
	json_t *spec;

	if (sse == NULL)
		return;
	spec = js_pack("{s:b}", "Enabled", on);
	if (on) {
		js_set(spec, "SSEType", js_copy(js_get(sse, "SSEType")));
		js_set(spec, "KMSMasterKeyId",
		    js_copy(js_get(sse, "KMSMasterKeyArn")));
	}
	js_set(live, "SSESpecification", spec);
}

static void
normalise_backups(json_t *live)
{
	const json_t *pitr = js_path(
	    live, "ContinuousBackups.PointInTimeRecoveryDescription");
	json_t *spec;

	if (pitr == NULL)
		return;
	spec = js_pack("{s:b}", "PointInTimeRecoveryEnabled",
	    is_word(js_str(pitr, "PointInTimeRecoveryStatus"), "ENABLED"));
	js_set(spec, "RecoveryPeriodInDays",
	    js_copy(js_get(pitr, "RecoveryPeriodInDays")));
	js_set(live, "PointInTimeRecoverySpecification", spec);
}

static void
normalise_ttl(json_t *live)
{
	const json_t *ttl = js_get(live, "TimeToLive");
	bool on = is_word(js_str(ttl, "TimeToLiveStatus"), "ENABLED ENABLING");
	json_t *spec;

	if (ttl == NULL)
		return;
	spec = js_pack("{s:b}", "Enabled", on);
	if (on)
		js_set(spec, "AttributeName",
		    js_copy(js_get(ttl, "AttributeName")));
	js_set(live, "TimeToLiveSpecification", spec);
}

/* ScalingIds: what application-autoscaling calls the table and its indexes. */
static void
note_scaling_ids(json_t *live)
{
	const char *name = js_str(live, "TableName");
	json_t *ids = json_array(), *index;
	size_t i;

	if (name != NULL)
		js_push(ids, js_fmt("table/%s", name));
	js_each (js_get(live, "GlobalSecondaryIndexes"), i, index)
		js_push(ids, js_fmt("table/%s/index/%s", name,
				 js_str(index, "IndexName")));
	js_set(live, "ScalingIds", ids);
}

static void
table_normalise(json_t *live)
{
	const json_t *class = js_path(live, "TableClassSummary.TableClass");

	if (js_get(live, "TableDescription") != NULL) {
		js_merge(live, js_get(live, "TableDescription"));
		js_del(live, "TableDescription");
	}
	if (class != NULL)
		js_set(live, "TableClass", js_copy(class));
	normalise_billing(live);
	normalise_key_types(live);
	normalise_encryption(live);
	normalise_backups(live);
	normalise_ttl(live);
	note_scaling_ids(live);
}

/* ---- what is wanted depends on what is there ---- */

static const json_t *
index_named(const json_t *live, const char *name)
{
	const json_t *all = js_get(live, "GlobalSecondaryIndexes");

	for (size_t i = 0; i < js_len(all); i++)
		if (strcmp(js_str(js_at(all, i), "IndexName"), name) == 0)
			return js_at(all, i);
	return NULL;
}

static const char *
type_of(const json_t *table, const char *attribute)
{
	const json_t *all = js_get(table, "AttributeDefinitions");

	for (size_t i = 0; i < js_len(all); i++)
		if (strcmp(js_str(js_at(all, i), "AttributeName"), attribute) ==
		    0)
			return js_str(js_at(all, i), "AttributeType");
	return NULL;
}

/* An index does not show the types of its keys: a change of one is made to
 * show, so that the index is made anew. */
static void
show_new_types(json_t *index, const json_t *desired, const json_t *live)
{
	json_auto_t *types = json_object();
	size_t i;
	json_t *row;

	js_each (js_get(index, "KeySchema"), i, row) {
		const char *name = js_str(row, "AttributeName");
		const char *want = type_of(desired, name);
		const char *have = type_of(live, name);

		if (want != NULL && have != NULL && strcmp(want, have) != 0)
			js_set_str(types, name, want);
	}
	if (js_len(types) > 0)
		js_set(index, "KeyTypes", js_move(&types));
}

/* An index that exists is changed through IndexThroughput alone, and made
 * anew for all else. */
static void
complete_indexes(json_t *desired, const json_t *live)
{
	json_t *index;
	size_t i;

	js_each (js_get(desired, "GlobalSecondaryIndexes"), i, index) {
		const json_t *have = index_named(
		    live, js_str(index, "IndexName"));

		if (have == NULL)
			continue;
		js_del(index, "ProvisionedThroughput");
		js_set(index, "ProvisionedThroughput",
		    js_copy(js_get(have, "ProvisionedThroughput")));
		show_new_types(index, desired, live);
	}
}

/* To become PROVISIONED, every index needs its capacity in the same call. */
static void
complete_billing(json_t *desired, const json_t *live)
{
	json_t *updates = json_array();
	const char *name;
	json_t *value;

	js_foreach (js_get(desired, "IndexThroughput"), name, value)
		if (index_named(live, name) != NULL)
			js_push(updates,
			    js_pack("{s:{s:s, s:O}}", "Update", "IndexName",
				name, "ProvisionedThroughput", value));
	if (js_len(updates) > 0)
		js_set(desired, "IndexUpdates", updates);
	else
		js_free(updates);
}

/* Capacity that autoscaling chose is right, whatever it is. */
static void
keep_capacity(json_t *desired, const json_t *live)
{
	js_set(desired, "ProvisionedThroughput",
	    js_copy(js_get(live, "ProvisionedThroughput")));
	js_del(desired, "IndexThroughput");
}

/* AWS changes a stream's view or the attribute of TTL only by way of "off". */
static void
complete_stream(json_t *desired, const json_t *live)
{
	const char *want = js_pathstr(
	    desired, "StreamSpecification.StreamViewType");
	const char *have = js_pathstr(
	    live, "StreamSpecification.StreamViewType");

	if (want != NULL && have != NULL && strcmp(want, have) != 0)
		js_set(desired, "StreamSpecification",
		    js_pack("{s:b}", "StreamEnabled", 0));
}

static void
complete_ttl(json_t *desired, const json_t *live)
{
	const char *want = js_pathstr(
	    desired, "TimeToLiveSpecification.AttributeName");
	const char *have = js_pathstr(
	    live, "TimeToLiveSpecification.AttributeName");

	if (have != NULL && (want == NULL || strcmp(want, have) != 0))
		js_set(desired, "TimeToLiveSpecification",
		    js_pack("{s:b, s:s}", "Enabled", 0, "AttributeName", have));
}

/* "eu-west-1:123456789012:..." of an ARN of that service, or "". */
static const char *
place_of(const char *arn, const char *service)
{
	const char *at = arn ? strstr(arn, service) : NULL;

	return at ? at + strlen(service) : "";
}

static bool
is_same_place(const char *key, const char *table)
{
	const char *a = place_of(key, ":kms:");
	const char *b = place_of(table, ":dynamodb:");
	size_t n = strcspn(a, ":");

	n += a[n] == ':' ? 1 + strcspn(a + n + 1, ":") : 0;
	return n > 0 && strncmp(a, b, n + 1) == 0;
}

/*
 * AWS shows the key that it chose as it shows a customer's. KMS knows whose
 * one of this account is; where it may not be asked, it is taken for AWS's.
 */
static void
complete_encryption(json_t *desired, const json_t *live)
{
	const json_t *key = js_path(live, "SSESpecification.KMSMasterKeyId");
	const char *manager = js_str(live, "KeyManager");
	json_t *spec = (json_t *)js_get(desired, "SSESpecification");

	if (key == NULL || !js_bool(desired, "ManagedKey", false) ||
	    !is_same_place(js_text(key), js_str(live, "TableArn")))
		return;
	if (manager == NULL || strcmp(manager, "AWS") == 0)
		js_set(spec, "KMSMasterKeyId", js_copy(key));
}

static void
table_complete(json_t *desired, const json_t *live)
{
	const char *have = js_str(live, "BillingMode");
	const char *want = js_str(desired, "BillingMode");

	if (live == NULL)
		return;
	complete_indexes(desired, live);
	complete_encryption(desired, live);
	if (want != NULL && have != NULL && strcmp(want, have) != 0)
		complete_billing(desired, live);
	else if (js_bool(desired, "Autoscaled", false))
		keep_capacity(desired, live);
	complete_stream(desired, live);
	complete_ttl(desired, live);
}

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
