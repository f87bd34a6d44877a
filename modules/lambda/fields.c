/* The fields of LambdaFunction. */

#include "modules/lambda/lambda.h"

#define MIB (1024LL * 1024)

static const struct field s3[] = {
	{ "bucket", F_STRING, F_REQUIRED | F_LITERAL,
	    .help = "bucket in the function's region" },
	{ "key", F_STRING, F_REQUIRED | F_LITERAL,
	    .help = "object that holds the package" },
	{ "version", F_STRING, F_LITERAL,
	    .help = "version of the object; without it a new object under the "
		    "same key is not noticed" },
	{ 0 },
};
static const struct field code_elsewhere[] = {
	{ "s3", F_OBJECT, F_LITERAL, .fields = s3, .help = "a package in S3" },
	{ "image", F_STRING, F_LITERAL,
	    .help = "container image in ECR, pinned by digest: "
		    "repository@sha256:..." },
	{ "command", F_LIST, .fields = module_word,
	    .help = "image only: instead of the image's CMD" },
	{ "entryPoint", F_LIST, .fields = module_word,
	    .help = "image only: instead of the image's ENTRYPOINT" },
	{ "workingDirectory", F_STRING,
	    .help = "image only: instead of the image's WORKDIR" },
	{ 0 },
};
static const struct field code[] = {
	{ "path", F_PATH, F_LITERAL,
	    .help = "file or directory of the repository" },
	{ "elsewhere", F_OBJECT, .fields = code_elsewhere,
	    .help = "S3 or a container image" },
	{ 0 },
};

static const struct field variable[] = {
	{ "value", F_STRING, .help = "may hold ${Kind/name.output}" },
	{ 0 },
};

static const struct field logs[] = {
	{ "retention", F_DURATION, F_LITERAL, "30d", .min = 86400,
	    .help = "how long lines are kept" },
	{ "format", F_ENUM, .dflt = "JSON", .values = "JSON Text",
	    .help = "JSON can be filtered by level" },
	{ "level", F_ENUM, .dflt = "INFO",
	    .values = "TRACE DEBUG INFO WARN ERROR FATAL",
	    .help = "least level of the function's own lines; JSON only" },
	{ "systemLevel", F_ENUM, .dflt = "INFO", .values = "DEBUG INFO WARN",
	    .help = "least level of Lambda's lines; JSON only" },
	{ 0 },
};

static const struct field concurrency[] = {
	{ "reserved", F_INT, .min = 0,
	    .help = "most copies at once, and as many kept free for it" },
	{ "provisioned", F_INT, .min = 1,
	    .help = "copies that are always warm; needs `alias`" },
	{ 0 },
};

#define DESTINATIONS "SqsQueue SnsTopic LambdaFunction"
static const struct field retries[] = {
	{ "attempts", F_INT, .dflt = "2", .max = 2,
	    .help = "further attempts of an asynchronous call that failed" },
	{ "maxAge", F_DURATION, .dflt = "6h", .min = 60, .max = 21600,
	    .help = "how long an asynchronous call may wait" },
	{ "onFailure", F_REF, .values = DESTINATIONS,
	    .help = "where calls go that failed for good" },
	{ "onSuccess", F_REF, .values = DESTINATIONS,
	    .help = "where results of successful calls go" },
	{ 0 },
};

static const struct field filter[] = {
	{ "pattern", F_DOCUMENT, .help = "an event pattern" },
	{ 0 },
};
static const struct field event_fields[] = {
	{ "source", F_REF, F_REQUIRED, .values = "SqsQueue DynamoDbTable",
	    .help = "queue, or table with a stream" },
	{ "batchSize", F_INT, .min = 1, .max = 10000,
	    .help = "most records of one call; 10 of queues, 100 of streams "
		    "unless said" },
	{ "window", F_DURATION, .dflt = "0s", .max = 300,
	    .help = "how long to wait for a batch to fill" },
	{ "filters", F_LIST, .fields = filter,
	    .help = "only events that match one of the patterns" },
	{ "maxConcurrency", F_INT, .min = 2, .max = 1000,
	    .help = "queues only: most calls at once" },
	{ "partialFailures", F_BOOL, .dflt = "false",
	    .help = "the function answers which records failed, only those "
		    "come again" },
	{ "startingPosition", F_ENUM, F_FIXED, "LATEST",
	    .values = "LATEST TRIM_HORIZON", .help = "streams only" },
	{ "attempts", F_INT, .min = -1, .max = 10000,
	    .help = "streams only: attempts for a batch that failed; -1 is "
		    "without end" },
	{ "maxAge", F_DURATION, .min = 60, .max = 604800,
	    .help = "streams only: older records are left out" },
	{ "bisect", F_BOOL, .dflt = "true",
	    .help = "streams only: halve a batch that failed" },
	{ "parallel", F_INT, .dflt = "1", .min = 1, .max = 10,
	    .help = "streams only: batches of one shard at once" },
	{ "onFailure", F_REF, .values = "SqsQueue SnsTopic",
	    .help = "streams only: where records go that failed for good" },
	{ "enabled", F_BOOL, .dflt = "true", .help = "read the source at all" },
	{ 0 },
};
static const struct field event[] = {
	{ "event", F_OBJECT, .fields = event_fields,
	    .help = "a source of events" },
	{ 0 },
};

static const struct field url[] = {
	{ "auth", F_ENUM, .dflt = "AWS_IAM", .values = "AWS_IAM NONE",
	    .help = "NONE: anybody may call it" },
	{ "cors", F_OBJECT, .fields = module_cors_fields,
	    .help = "calls from web pages of other origins" },
	{ "stream", F_BOOL, .dflt = "false",
	    .help = "send the answer while it is made" },
	{ 0 },
};

static const struct field rollout_steps[] = {
	{ "percent", F_INT, F_REQUIRED, .min = 1, .max = 99,
	    .help = "share of the calls that the new version gets at first" },
	{ "minutes", F_INT, F_REQUIRED, .min = 1, .max = 2880,
	    .help = "after which it gets all" },
	{ 0 },
};
static const struct field rollout[] = {
	{ "at-once", F_ENUM, .values = "all-at-once",
	    .help = "the new version gets all calls" },
	{ "steps", F_OBJECT, .fields = rollout_steps,
	    .help = "first a share, then all" },
	{ 0 },
};
static const struct field alias[] = {
	{ "name", F_STRING, F_LITERAL, "live", .min = 1, .max = 128,
	    .help = "name of the alias" },
	{ "publish", F_BOOL, F_LITERAL, "true",
	    .help = "publish a version at every change; otherwise the alias "
		    "means the latest code" },
	{ "rollout", F_CHOICE, F_LITERAL, "all-at-once", .fields = rollout,
	    .help = "how a new version gets its calls" },
	{ 0 },
};

const struct field lambda_fields[] = {
	{ "code", F_CHOICE, F_REQUIRED, .fields = code,
	    .help = "path in the repository, { s3 } or { image }" },
	{ "runtime", F_STRING, F_LITERAL,
	    .help = "python3.12, nodejs22.x, ...; not with an image" },
	{ "handler", F_STRING, .help = "file.function; not with an image" },
	{ "description", F_STRING, F_LITERAL, "\"\"", .max = 230,
	    .help = "what the function does" },
	{ "architecture", F_ENUM, .dflt = "arm64", .values = "arm64 x86_64",
	    .help = "arm64 costs less for the same work" },
	{ "memory", F_SIZE, .dflt = "256MiB", .min = 128 * MIB,
	    .max = 10240 * MIB, .help = "memory; CPU grows with it" },
	{ "timeout", F_DURATION, F_LITERAL, "30s", .min = 1, .max = 900,
	    .help = "longest run of one call" },
	{ "ephemeralStorage", F_SIZE, .dflt = "512MiB", .min = 512 * MIB,
	    .max = 10240 * MIB, .help = "space in /tmp" },
	{ "environment", F_MAP, .fields = variable,
	    .help = "environment variables, beside those of `uses`" },
	{ "layers", F_LIST, F_UNIQUE, .max = 5, .fields = module_word,
	    .help = "ARNs of layer versions, in their order" },
	{ "kmsKey", F_STRING, .form = "arn",
	    .help = "KMS key that encrypts the environment" },
	{ "role", F_REF, .values = "IamRole",
	    .help = "role to run with; otherwise it gets its own" },
	{ "logs", F_OBJECT, .dflt = "{}", .fields = logs,
	    .help = "log group /aws/lambda/<name>" },
	{ "tracing", F_ENUM, .dflt = "Active", .values = "Active PassThrough",
	    .help = "X-Ray tracing" },
	{ "concurrency", F_OBJECT, .fields = concurrency,
	    .help = "copies that run at once" },
	{ "retries", F_OBJECT, .dflt = "{}", .fields = retries,
	    .help = "asynchronous calls that fail" },
	{ "deadLetter", F_REF, .values = "SqsQueue SnsTopic",
	    .help =
		"where asynchronous calls go that failed; retries.onFailure "
		"tells more" },
	{ "events", F_LIST, .fields = event,
	    .help = "queues and streams it reads" },
	{ "url", F_OBJECT, .fields = url, .help = "a URL of its own" },
	{ "alias", F_OBJECT, .fields = alias,
	    .help = "a name for published versions; callers use it" },
	FIELD_USES,
	FIELD_STATEMENTS,
	{ 0 },
};
