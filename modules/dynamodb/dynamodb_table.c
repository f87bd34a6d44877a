/* DynamoDbTable: a table with its indexes, backups, scaling and alarms. */

#include "modules/dynamodb/dynamodb.h"

static const struct output outputs[] = {
	{ "name", "table", "TableName", "AWS name" },
	{ "arn", "table", "@arn", "ARN" },
	{ "streamArn", "table", "LatestStreamArn", "ARN of the stream" },
	{ 0 },
};

#define READS                                                                  \
	"dynamodb:GetItem dynamodb:BatchGetItem dynamodb:Query "               \
	"dynamodb:Scan dynamodb:ConditionCheckItem dynamodb:DescribeTable"
#define WRITES                                                                 \
	"dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem "            \
	"dynamodb:BatchWriteItem"

static const struct connection connections[] = {
	{ "read", READS, "arn arn+/index/*", "TABLE=name", "read items" },
	{ "write", WRITES " dynamodb:DescribeTable", "arn", "TABLE=name",
	    "write items" },
	{ "readWrite", READS " " WRITES, "arn arn+/index/*", "TABLE=name",
	    "read and write items" },
	{ "stream",
	    "dynamodb:GetRecords dynamodb:GetShardIterator "
	    "dynamodb:DescribeStream dynamodb:ListStreams",
	    "arn+/stream/*", "STREAM_ARN=streamArn", "read the stream" },
	{ 0 },
};

/* ---- keys: "name:S" ---- */

static const char *
key_type(const char *key)
{
	const char *colon = strrchr(key, ':');

	return colon == NULL ? "S" : colon + 1;
}

static char *
key_name(const char *key)
{
	const char *colon = strrchr(key, ':');

	return mem_strn(
	    key, colon == NULL ? strlen(key) : (size_t)(colon - key));
}

static void
add_key(json_t *schema, const char *key, const char *role)
{
	auto_free char *name = key == NULL ? NULL : key_name(key);

	if (name != NULL)
		js_push(schema, js_pack("{s:s, s:s}", "AttributeName", name,
				    "KeyType", role));
}

static json_t *
key_schema(const char *partition, const char *sort)
{
	json_t *schema = json_array();

	add_key(schema, partition, "HASH");
	add_key(schema, sort, "RANGE");
	return schema;
}

/* ---- attributes: every key has one type, wherever it is used ---- */

static void
note_type(struct expansion *x, json_t *types, const char *key, const char *at)
{
	auto_free char *name = key == NULL ? NULL : key_name(key);
	const char *before = name == NULL ? NULL : js_str(types, name);

	if (name == NULL)
		return;
	if (before != NULL && strcmp(before, key_type(key)) != 0)
		expansion_error(x, at,
		    "%s is of type %s here and of type %s elsewhere; an "
		    "attribute has one type",
		    name, key_type(key), before);
	js_set_str(types, name, key_type(key));
}

static void
note_indexes(struct expansion *x, json_t *types, const char *field)
{
	auto_free char *base = mem_fmt("/%s", field);
	const char *name;
	json_t *index;

	js_foreach (js_get(x->spec, field), name, index) {
		auto_free char *at = module_at(base, name, "");

		note_type(x, types, js_str(index, "partitionKey"), at);
		note_type(x, types, js_str(index, "sortKey"), at);
	}
}

static json_t *
definitions(const json_t *types)
{
	json_t *list = json_array();
	const char *name;
	json_t *type;

	js_foreach (types, name, type)
		js_push(list, js_pack("{s:s, s:O}", "AttributeName", name,
				  "AttributeType", type));
	return list;
}

static void
set_keys(struct expansion *x, json_t *props)
{
	const char *partition = js_str(x->spec, "partitionKey");
	const char *sort = js_str(x->spec, "sortKey");
	json_auto_t *types = json_object();

	note_type(x, types, partition, "/partitionKey");
	note_type(x, types, sort, "/sortKey");
	js_set(props, "KeySchema", key_schema(partition, sort));
	note_indexes(x, types, "localIndexes");
	js_set(props, "KeyTypes", js_copy(types));
	note_indexes(x, types, "indexes");
	js_set(props, "AttributeDefinitions", definitions(types));
}

/* ---- capacity ---- */

/* Of the table, or of an index that says otherwise; NULL when on demand. */
static json_t *
capacity(struct expansion *x, const json_t *own)
{
	const json_t *billing_ = js_get(x->spec, "billing");
	const json_t *from = own != NULL ? own : billing_;
	json_int_t least = js_int(table_scaling(x), "min", 1);

	if (!json_is_object(billing_))
		return NULL;
	return js_pack("{s:I, s:I}", "ReadCapacityUnits",
	    js_int(from, "read", least), "WriteCapacityUnits",
	    js_int(from, "write", least));
}

static void
set_billing(struct expansion *x, json_t *props)
{
	json_t *own = capacity(x, NULL);

	js_set_str(props, "BillingMode",
	    own == NULL ? "PAY_PER_REQUEST" : "PROVISIONED");
	js_set(props, "ProvisionedThroughput", own);
	if (table_scaling(x) != NULL)
		js_set(props, "Autoscaled", json_true());
}

/* ---- indexes ---- */

static json_t *
projection(const json_t *what)
{
	if (json_is_array(what))
		return js_pack("{s:s, s:O}", "ProjectionType", "INCLUDE",
		    "NonKeyAttributes", what);
	return js_pack("{s:O}", "ProjectionType", what);
}

static void
set_global_indexes(struct expansion *x, json_t *props)
{
	json_t *list = json_array(), *sizes = json_object();
	const char *name;
	json_t *index;

	js_foreach (js_get(x->spec, "indexes"), name, index) {
		json_t *size = capacity(x, js_get(index, "capacity"));
		json_t *row = js_pack("{s:s, s:o, s:o}", "IndexName", name,
		    "KeySchema",
		    key_schema(js_str(index, "partitionKey"),
			js_str(index, "sortKey")),
		    "Projection", projection(js_get(index, "project")));

		js_set(row, "ProvisionedThroughput", js_copy(size));
		js_set(sizes, name, size);
		js_push(list, row);
	}
	if (js_len(sizes) > 0)
		js_set(props, "IndexThroughput", js_copy(sizes));
	if (js_len(list) > 0)
		js_set(props, "GlobalSecondaryIndexes", js_copy(list));
	js_free(list);
	js_free(sizes);
}

static void
set_local_indexes(struct expansion *x, json_t *props)
{
	const json_t *given = js_get(x->spec, "localIndexes");
	json_t *list = js_len(given) > 0 ? json_array() : NULL;
	const char *name;
	json_t *index;

	js_foreach (given, name, index)
		js_push(list,
		    js_pack("{s:s, s:o, s:o}", "IndexName", name, "KeySchema",
			key_schema(js_str(x->spec, "partitionKey"),
			    js_str(index, "sortKey")),
			"Projection", projection(js_get(index, "project"))));
	js_set(props, "LocalSecondaryIndexes", list);
}

/* ---- the rest of the table ---- */

static json_t *
encryption_of(const json_t *given)
{
	const char *owner = js_text(given);
	json_t *sse;

	if (owner != NULL && strcmp(owner, "aws-owned") == 0)
		return js_pack("{s:b}", "Enabled", 0);
	sse = js_pack("{s:b, s:s}", "Enabled", 1, "SSEType", "KMS");
	js_set(sse, "KMSMasterKeyId", js_copy(js_get(given, "kmsKey")));
	return sse;
}

static bool
has_managed_key(const json_t *encryption)
{
	const char *owner = js_text(encryption);

	return owner != NULL && strcmp(owner, "aws-managed") == 0;
}

static json_t *
stream_of(const json_t *view)
{
	if (view == NULL)
		return js_pack("{s:b}", "StreamEnabled", 0);
	return js_pack(
	    "{s:b, s:O}", "StreamEnabled", 1, "StreamViewType", view);
}

static json_t *
backups_of(const json_t *spec_)
{
	bool on = js_bool(spec_, "pointInTimeRecovery", true);
	json_t *pitr = js_pack("{s:b}", "PointInTimeRecoveryEnabled", on);

	if (on)
		js_set(pitr, "RecoveryPeriodInDays",
		    json_integer(
			js_int(spec_, "recoveryPeriod", 3024000) / 86400));
	return pitr;
}

static void
add_table(struct expansion *x)
{
	const json_t *ttl = js_get(x->spec, "ttl");
	json_t *props = js_pack("{s:s, s:o, s:o, s:O, s:O, s:o}", "TableName",
	    x->aws_name, "StreamSpecification",
	    stream_of(js_get(x->spec, "stream")), "SSESpecification",
	    encryption_of(js_get(x->spec, "encryption")), "TableClass",
	    js_get(x->spec, "tableClass"), "DeletionProtectionEnabled",
	    js_get(x->spec, "deletionProtection"),
	    "PointInTimeRecoverySpecification", backups_of(x->spec));

	if (has_managed_key(js_get(x->spec, "encryption")))
		js_set(props, "ManagedKey", json_true());
	set_keys(x, props);
	set_billing(x, props);
	set_global_indexes(x, props);
	set_local_indexes(x, props);
	if (ttl != NULL)
		js_set(props, "TimeToLiveSpecification",
		    js_pack("{s:b, s:O}", "Enabled", 1, "AttributeName", ttl));
	expansion_add(x, "table", "dynamodb.table", props);
}

/* ---- checks ---- */

static void
check_billing(struct expansion *x)
{
	const json_t *given = js_get(x->spec, "billing");
	const json_t *scaling = table_scaling(x);
	json_int_t min = js_int(scaling, "min", 1);

	if (json_is_object(given) && scaling == NULL &&
	    (js_get(given, "read") == NULL || js_get(given, "write") == NULL))
		expansion_error(x, "/billing",
		    "give both `read` and `write`, or `autoscaling`");
	if (js_int(scaling, "max", min) < min)
		expansion_error(x, "/billing/autoscaling/max",
		    "%" JSON_INTEGER_FORMAT " is less than min, which is "
		    "%" JSON_INTEGER_FORMAT,
		    js_int(scaling, "max", min), min);
}

static void
check_index(struct expansion *x, const char *name, const json_t *index)
{
	auto_free char *at = module_at("/indexes", name, "");
	auto_free char *at_capacity = module_at("/indexes", name, "capacity");

	if (strlen(name) < 3 || strlen(name) > 255)
		expansion_error(x, at,
		    "\"%s\" has %zu characters, AWS wants 3 to 255", name,
		    strlen(name));
	if (js_get(index, "capacity") != NULL &&
	    !json_is_object(js_get(x->spec, "billing")))
		expansion_error(x, at_capacity,
		    "the table is billed on demand; remove it, or set "
		    "billing: { read, write }");
}

static void
check_indexes(struct expansion *x)
{
	const char *name;
	json_t *index;

	js_foreach (js_get(x->spec, "indexes"), name, index)
		check_index(x, name, index);
	if (js_len(js_get(x->spec, "indexes")) > 20)
		expansion_error(x, "/indexes",
		    "%zu indexes; a table has at most 20",
		    js_len(js_get(x->spec, "indexes")));
	if (js_len(js_get(x->spec, "localIndexes")) > 5)
		expansion_error(x, "/localIndexes",
		    "%zu indexes; a table has at most 5 local ones",
		    js_len(js_get(x->spec, "localIndexes")));
	if (js_len(js_get(x->spec, "localIndexes")) > 0 &&
	    js_get(x->spec, "sortKey") == NULL)
		expansion_error(x, "/localIndexes",
		    "local indexes need a table with a sortKey");
}

static void
check_alarm_topic(struct expansion *x)
{
	const char *topic = js_pathstr(x->spec, "throttleAlarms.topic");
	const char *key = topic == NULL ? NULL
					: js_pathstr(expansion_peer(x, topic),
					      "encryption.kmsKey");

	if (key != NULL && strcmp(key, "alias/aws/sns") == 0)
		expansion_error(x, "/throttleAlarms/topic",
		    "%s is encrypted with alias/aws/sns, with which CloudWatch "
		    "cannot publish; give the topic a key of your own that "
		    "lets cloudwatch.amazonaws.com use it, or `encryption: "
		    "none`",
		    topic);
}

static void
check(struct expansion *x)
{
	module_name_fits(x, x->aws_name, 255);
	if (strlen(x->aws_name) < 3)
		expansion_error(x, "/name",
		    "\"%s\" is too short; AWS wants at least 3 characters",
		    x->aws_name);
	check_billing(x);
	check_indexes(x);
	check_alarm_topic(x);
}

static void
expand(struct expansion *x)
{
	check(x);
	add_table(x);
	table_add_scaling(x);
	table_add_alarms(x);
}

const struct module kind_dynamodb_table = {
	.kind = "DynamoDbTable",
	.folder = "dynamodb",
	.summary = "a table with its indexes, backups and scaling",
	.page = "https://docs.aws.amazon.com/amazondynamodb/latest/"
		"developerguide/Introduction.html",
	.spec = table_fields,
	.outputs = outputs,
	.connections = connections,
	.stateful = true,
	.connect = table_connect_topic,
	.expand = expand,
};
