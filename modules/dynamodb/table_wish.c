/* What is wanted of a table, as far as it depends on what is there. */

#include "modules/dynamodb/table.h"

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

void
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
