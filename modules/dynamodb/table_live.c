/* What AWS tells of a table, in the shape of its properties. */

#include "modules/dynamodb/table.h"

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

void
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
