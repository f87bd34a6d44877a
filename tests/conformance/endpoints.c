/* Published cases of endpoints: where a request goes, and for which region. */

#include "common/aws/endpoint.h"
#include "common/base/text.h"
#include "tests/conformance/conformance.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

/* "endpoints/X" of the first thing that a case wants and we do not do. */
static char *
class_of(const json_t *t)
{
	static const char known[] =
	    "Region UseFIPS UseDualStack Endpoint Bucket Accelerate "
	    "ForcePathStyle UseGlobalEndpoint UseArnRegion DisableAccessPoints "
	    "DisableMultiRegionAccessPoints UseObjectLambdaEndpoint "
	    "UseS3ExpressControlEndpoint DisableS3ExpressSessionAuth AccountId "
	    "AccountIdEndpointMode ResourceArn ResourceArnList "
	    "IsSearchOperation EndpointId";
	const char *key;
	const json_t *v;

	js_foreach (js_get(t, "params"), key, v) {
		if (!words_has(known, key))
			return mem_fmt("endpoints/%s", key);
	}
	return NULL;
}

/* --- what a case asks ------------------------------------------------- */

static const char *const modes[] = {
	[ACCOUNT_DISABLED] = "disabled",
	[ACCOUNT_PREFERRED] = "preferred",
	[ACCOUNT_REQUIRED] = "required",
};

static uint8_t
mode_of(const json_t *params)
{
	const char *mode = js_str(params, "AccountIdEndpointMode");

	for (uint8_t i = 0; mode != NULL && i < 3; i++)
		if (strcmp(mode, modes[i]) == 0)
			return i;
	return ACCOUNT_DISABLED;
}

/* Parameters that no user sets: operations have them. */
static const char *
operation_of(const json_t *t)
{
	static const struct {
		const char *parameter, *operation;
	} rows[] = {
		{ "UseObjectLambdaEndpoint", "WriteGetObjectResponse" },
		{ "DisableAccessPoints", "CreateBucket" },
		{ "UseS3ExpressControlEndpoint", "GetBucketPolicy" },
	};
	const char *given = js_pathstr(t, "operationInputs.0.operationName");

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (given == NULL &&
		    js_bool(js_get(t, "params"), rows[i].parameter, false))
			return rows[i].operation;
	return given != NULL ? given : "GetObject";
}

/* The first that is one of DynamoDB's. */
static const char *
arn_of(const json_t *params)
{
	const char *one = js_str(params, "ResourceArn");

	return one != NULL && text_glob("arn:*:dynamodb:*", one)
		   ? one
		   : js_pathstr(params, "ResourceArnList.0");
}

static struct endpoint_query
query_of(const struct model_service *s, const json_t *t)
{
	const struct model *m = &model_builtin;
	const json_t *p = js_get(t, "params");
	const char *region = js_str(p, "Region");
	bool global = js_bool(p, "UseGlobalEndpoint", false);
	struct endpoint_query q = { .service = model_str(m, s->name),
		.prefix = model_str(m, s->endpoint_prefix),
		.operation = operation_of(t),
		.region = region ? region : "",
		.url = js_str(p, "Endpoint"),
		.host_prefix = js_bool(p, "IsSearchOperation", false)
				   ? "search-"
				   : NULL,
		.bucket = js_str(p, "Bucket"),
		.arn = arn_of(p),
		.account = js_str(p, "AccountId"),
		.multi_region = js_str(p, "EndpointId") };

	q.set = (struct endpoint_settings){ .fips = js_bool(
						p, "UseFIPS", false),
		.dual_stack = js_bool(p, "UseDualStack", false),
		.s3_style = js_bool(p, "ForcePathStyle", false) ? STYLE_PATH
								: STYLE_VIRTUAL,
		.s3_accelerate = js_bool(p, "Accelerate", false),
		.s3_legacy = global,
		.sts_legacy = global,
		.s3_own_region = !js_bool(p, "UseArnRegion", true),
		.s3_no_mrap = js_bool(
		    p, "DisableMultiRegionAccessPoints", false),
		.s3_no_sessions = js_bool(
		    p, "DisableS3ExpressSessionAuth", false),
		.account = mode_of(p) };
	return q;
}

/* --- what it wants ---------------------------------------------------- */

/* One of the schemes must be ours, for the region that is signed for. */
static bool
same_auth(const struct endpoint *e, const json_t *wanted)
{
	static const char *const names[] = {
		[AUTH_SIGV4] = "sigv4",
		[AUTH_SIGV4A] = "sigv4a",
		[AUTH_S3EXPRESS] = "sigv4-s3express",
	};
	const json_t *schemes = js_path(wanted, "properties.authSchemes"), *s;
	size_t i;

	js_each (schemes, i, s) {
		const char *region = js_str(s, "signingRegion"),
			   *name = js_str(s, "signingName");

		if (strcmp(js_str(s, "name"), names[e->auth]) == 0 &&
		    (region == NULL || strcmp(region, e->region) == 0) &&
		    (*e->sign_name == 0 || strcmp(name, e->sign_name) == 0))
			return true;
	}
	return js_len(schemes) == 0;
}

static bool
same_endpoint(const struct endpoint *e, const char *bucket,
    const json_t *wanted, struct buf *why)
{
	bool in_path = bucket != NULL && !e->bucket_in_host;
	auto_buf struct buf url = BUF_INIT;
	const char *want = js_str(wanted, "url");
	size_t n = strlen(want);

	buf_addf(&url, "%s://%s%s%s", e->scheme, e->host, e->path,
	    in_path ? "/" : "");
	if (in_path)
		text_add_percent(&url, bucket, strlen(bucket), false);
	while (n > 0 && want[n - 1] == '/')
		n--;
	buf_addf(why, "    %s for %s %s, not %s\n", url.data, e->region,
	    e->sign_name, want);
	return url.len == n && memcmp(url.data, want, n) == 0 &&
	       same_auth(e, wanted);
}

/* Errors that say the same in other words; the others hold the text. */
static const struct {
	const char *theirs, *ours; /* globs */
} errors[] = {
	{ "*FIPS and custom endpoint*", "*cannot be a FIPS endpoint as well*" },
	{ "*combined with FIPS", "*cannot be a FIPS endpoint as well*" },
	{ "*Dualstack and custom endpoint*",
	    "*cannot be a * endpoint as well*" },
	{ "Cannot set dual-stack*", "*cannot be a * endpoint as well*" },
	{ "*combined with S3 Accelerate", "*S3 Accelerate endpoint as well*" },
	{ "Accelerate cannot*", "S3 Accelerate cannot be used with FIPS" },
	{ "*FIPS and local endpoint*", "*cannot be a FIPS endpoint as well*" },
	{ "*Dualstack and local endpoint*",
	    "*cannot be a * endpoint as well*" },
	{ "*Missing Region", "\"\" is not a name of a region" },
	{ "Invalid region: *", "* is not a name of a region" },
	{ "Partition does not support FIPS", "*no FIPS endpoint in*" },
	{ "Custom endpoint * was not a valid URI", "*must start with http*" },
	{ "Endpoint override is not*", "*set use_dualstack_endpoint instead" },
	{ "Access Points do not*", "*access point does not support S3 Acc*" },
	{ "S3Express does not support S3 Accelerate.", "S3Express does not*" },
	{ "*required and FIPS is enabled*", "*no FIPS endpoint is of*" },
	{ "*endpoints are not supported in this*", "*partition has no*" },
	{ "AccountIdEndpointMode is required but no*", "*is not known" },
	{ "Credentials-sourced account*", "*is not a name of an account" },
	{ "EndpointId must be*", "EndpointId * must be a valid host label" },
	{ "*with EventBridge multi-region*", "FIPS is not supported with Ev*" },
};

static bool
same_error(const char *theirs, const char *ours)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (text_glob(errors[i].theirs, theirs))
			return text_glob(errors[i].ours, ours);
	theirs += text_starts(theirs, "Invalid configuration: ")
		      ? strlen("Invalid configuration: ")
		      : 0;
	return strstr(ours, theirs) != NULL;
}

static bool
endpoint_ok(const struct model_service *s, const json_t *t, struct buf *why)
{
	const char *error = js_pathstr(t, "expect.error");
	struct endpoint_query q = query_of(s, t);
	struct endpoint e;
	struct err err = { 0 };
	int rc = endpoint_resolve(&q, &e, &err);

	if (rc == -1)
		buf_addf(why, "    error %s\n", err.msg);
	if (error == NULL)
		return rc == 0 && same_endpoint(&e, q.bucket,
				      js_path(t, "expect.endpoint"), why);
	buf_addf(why, "    not: %s\n", error);
	return rc == -1 && same_error(error, err.msg);
}

static void
run_file(struct tally *t, const char *path)
{
	auto_free char *name = mem_str(strrchr(path, '/') + 1);
	const struct model_service *s;
	json_error_t e;
	json_auto_t *all = json_load_file(path, 0, &e);
	const json_t *one;
	size_t i;

	name[strlen(name) - strlen(".json")] = 0;
	s = model_service(&model_builtin, name);
	js_each (js_get(all, "testCases"), i, one) {
		auto_buf struct buf why = BUF_INIT;
		bool ok = s != NULL && endpoint_ok(s, one, &why);
		auto_free char *class = s == NULL
					    ? mem_str("endpoints/no-model")
					: ok ? NULL
					     : class_of(one);
		auto_free char *id = mem_fmt(
		    "%s: %s", name, js_str(one, "documentation"));

		if (class != NULL && js_get(t->skips, class) != NULL)
			count(t, class, ok, &why);
		else
			count(t, id, ok, &why);
	}
}

void
run_endpoints(struct tally *t, const char *dir)
{
	auto_free char *pattern = mem_fmt("%s/endpoints/*.json", dir);
	glob_t files;

	if (glob(pattern, 0, NULL, &files) != 0)
		return;
	for (size_t i = 0; i < files.gl_pathc; i++)
		run_file(t, files.gl_pathv[i]);
	globfree(&files);
}
