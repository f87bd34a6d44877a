/* The fields of DynamoDbTable. */

#include "modules/dynamodb/dynamodb.h"

static const struct field projected[] = {
	{ "attribute", F_STRING, .min = 1, .max = 255,
	    .help = "name of an attribute" },
	{ 0 },
};

static const struct field project[] = {
	{ "what", F_ENUM, .values = "ALL KEYS_ONLY",
	    .help = "every attribute, or the keys alone" },
	{ "attributes", F_LIST, F_UNIQUE, .fields = projected,
	    .help = "the keys and these attributes" },
	{ 0 },
};

static const struct field capacity_fields[] = {
	{ "read", F_INT, F_REQUIRED, .min = 1, .max = 40000,
	    .help = "read capacity units" },
	{ "write", F_INT, F_REQUIRED, .min = 1, .max = 40000,
	    .help = "write capacity units" },
	{ 0 },
};

static const struct field index_fields[] = {
	{ "partitionKey", F_STRING, F_REQUIRED | F_LITERAL, .form = "key:S",
	    .help = "attribute and type: customer:S" },
	{ "sortKey", F_STRING, F_LITERAL, .form = "key:S",
	    .help = "attribute and type: createdAt:N" },
	{ "project", F_CHOICE, F_LITERAL, "ALL", .fields = project,
	    .help = "which attributes the index holds" },
	{ "capacity", F_OBJECT, .fields = capacity_fields,
	    .help = "provisioned billing only; the table's unless said" },
	{ 0 },
};
static const struct field index_row[] = {
	{ "index", F_OBJECT, .fields = index_fields,
	    .help = "a global secondary index" },
	{ 0 },
};

static const struct field local_fields[] = {
	{ "sortKey", F_STRING, F_REQUIRED | F_FIXED | F_LITERAL,
	    .form = "key:S", .help = "attribute and type: createdAt:N" },
	{ "project", F_CHOICE, F_FIXED | F_LITERAL, "ALL", .fields = project,
	    .help = "which attributes the index holds" },
	{ 0 },
};
static const struct field local_row[] = {
	{ "index", F_OBJECT, .fields = local_fields,
	    .help = "a local secondary index" },
	{ 0 },
};

static const struct field autoscaling[] = {
	{ "min", F_INT, F_REQUIRED, .min = 1, .max = 40000,
	    .help = "least capacity units" },
	{ "max", F_INT, F_REQUIRED, .min = 1, .max = 40000,
	    .help = "most capacity units" },
	{ "target", F_INT, .dflt = "70", .min = 20, .max = 90,
	    .help = "percent of the capacity that should be in use" },
	{ 0 },
};
static const struct field provisioned[] = {
	{ "read", F_INT, .min = 1, .max = 40000,
	    .help = "read capacity units; what autoscaling starts with" },
	{ "write", F_INT, .min = 1, .max = 40000,
	    .help = "write capacity units; what autoscaling starts with" },
	{ "autoscaling", F_OBJECT, .fields = autoscaling,
	    .help = "scale read and write capacity of table and indexes" },
	{ 0 },
};
static const struct field billing[] = {
	{ "mode", F_ENUM, .values = "onDemand",
	    .help = "pay per request, without planning" },
	{ "provisioned", F_OBJECT, .fields = provisioned,
	    .help = "capacity that is paid for" },
	{ 0 },
};

static const struct field encryption_kms[] = {
	{ "kmsKey", F_STRING, F_REQUIRED, .form = "arn",
	    .help = "ARN of the KMS key" },
	{ 0 },
};
static const struct field encryption[] = {
	{ "owner", F_ENUM, .values = "aws-owned aws-managed",
	    .help = "a key that DynamoDB owns, or the account's aws/dynamodb" },
	{ "kms", F_OBJECT, .fields = encryption_kms,
	    .help = "a key of your own" },
	{ 0 },
};

static const struct field throttle_alarms[] = {
	{ "topic", F_REF, F_REQUIRED, .values = "SnsTopic",
	    .help = "topic that is told" },
	{ "threshold", F_INT, .dflt = "10", .min = 1,
	    .help = "throttled requests in five minutes, twice in a row" },
	{ 0 },
};

const struct field table_fields[] = {
	{ "partitionKey", F_STRING, F_REQUIRED | F_FIXED | F_LITERAL,
	    .form = "key:S", .help = "attribute and type: id:S, id:N or id:B" },
	{ "sortKey", F_STRING, F_FIXED | F_LITERAL, .form = "key:S",
	    .help = "attribute and type" },
	{ "indexes", F_MAP, F_LITERAL, .fields = index_row,
	    .help = "global secondary indexes by name; made and deleted one "
		    "after the other" },
	{ "localIndexes", F_MAP, F_FIXED | F_LITERAL, .fields = local_row,
	    .help = "local secondary indexes by name" },
	{ "billing", F_CHOICE, F_LITERAL, "onDemand", .fields = billing,
	    .help = "onDemand, or provisioned capacity" },
	{ "pointInTimeRecovery", F_BOOL, .dflt = "true",
	    .help = "continuous backups, restorable to any second" },
	{ "recoveryPeriod", F_DURATION, .dflt = "35d", .min = 86400,
	    .max = 3024000, .help = "how far back one can restore" },
	{ "ttl", F_STRING, .min = 1, .max = 255,
	    .help = "attribute that holds an item's end as epoch seconds" },
	{ "stream", F_ENUM, F_LITERAL,
	    .values = "NEW_IMAGE OLD_IMAGE NEW_AND_OLD_IMAGES KEYS_ONLY",
	    .help = "stream of changes, and what a record holds" },
	{ "encryption", F_CHOICE, .dflt = "aws-owned", .fields = encryption,
	    .help = "whose key encrypts the table at rest; from a key of your "
		    "own to aws-managed by way of aws-owned, for AWS does not "
		    "tell those two apart" },
	{ "deletionProtection", F_BOOL, .dflt = "true",
	    .help = "AWS refuses to delete the table; must be false in Git "
		    "before the table is removed" },
	{ "tableClass", F_ENUM, .dflt = "STANDARD",
	    .values = "STANDARD STANDARD_INFREQUENT_ACCESS",
	    .help = "storage class" },
	{ "throttleAlarms", F_OBJECT, .fields = throttle_alarms,
	    .help = "alarms on throttled reads and writes" },
	{ 0 },
};
