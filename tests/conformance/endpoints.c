/* Published cases of endpoints: where a request goes, and for which region. */

#include "common/aws/endpoint.h"
#include "common/base/text.h"
#include "tests/conformance/conformance.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

static bool
is_set(const json_t *v)
{
	return v != NULL && !json_is_null(v) && !json_is_false(v);
}

/* "endpoints/X" of the first thing that a case wants and we do not do. */
static char *
class_of(const json_t *t)
{
	static const char known[] =
	    "Region UseFIPS UseDualStack Bucket Endpoint";
	const json_t *params = js_get(t, "params"), *v;
	const char *key, *bucket = js_str(params, "Bucket"),
			 *region = js_str(params, "Region"),
			 *url = js_str(params, "Endpoint");

	js_foreach (params, key, v) {
		if (!words_has(known, key) && is_set(v))
			return mem_fmt("endpoints/%s", key);
	}
	if (region == NULL || strcmp(region, "aws-global") == 0)
		return mem_str("endpoints/without-region");
	if (url != NULL && strstr(url, ".api.aws") != NULL)
		return mem_str("endpoints/dual-stack-url");
	if (bucket != NULL && text_starts(bucket, "arn:"))
		return mem_str("endpoints/bucket-arn");
	if (bucket != NULL && strstr(bucket, "--") != NULL)
		return mem_str("endpoints/bucket-suffix");
	if (bucket != NULL)
		return mem_str("endpoints/bucket-and-url");
	return NULL;
}

static bool
same_endpoint(const struct endpoint *e, const char *bucket,
    const json_t *wanted, struct buf *why)
{
	bool in_path = bucket != NULL && !e->bucket_in_host;
	auto_buf struct buf url = BUF_INIT;
	const char *sign = js_pathstr(
	    wanted, "properties.authSchemes.0.signingRegion");
	const char *want = js_str(wanted, "url");
	size_t n = strlen(want);

	buf_addf(&url, "%s://%s%s%s", e->scheme, e->host, e->path,
	    in_path ? "/" : "");
	if (in_path)
		text_add_percent(&url, bucket, strlen(bucket), false);
	while (n > 0 && want[n - 1] == '/')
		n--;
	buf_addf(why, "    %s for %s, not %s for %s\n", url.data, e->region,
	    want, sign ? sign : "any");
	return url.len == n && memcmp(url.data, want, n) == 0 &&
	       (sign == NULL || strcmp(e->region, sign) == 0);
}

static bool
endpoint_ok(const struct model_service *s, const json_t *t, struct buf *why)
{
	const struct model *m = &model_builtin;
	const json_t *p = js_get(t, "params");
	const char *region = js_str(p, "Region");
	struct endpoint_query q = { .service = model_str(m, s->name),
		.prefix = model_str(m, s->endpoint_prefix),
		.region = region ? region : "",
		.fips = js_bool(p, "UseFIPS", false),
		.dual_stack = js_bool(p, "UseDualStack", false),
		.url = js_str(p, "Endpoint"),
		.bucket = js_str(p, "Bucket") };
	const char *error = js_pathstr(t, "expect.error");
	struct endpoint e;
	struct err err = { 0 };
	int rc = endpoint_resolve(&q, &e, &err);

	if (error != NULL) {
		buf_addf(why, "    no error: %s\n", error);
		return rc == -1;
	}
	if (rc == 0)
		return same_endpoint(
		    &e, q.bucket, js_path(t, "expect.endpoint"), why);
	buf_addf(why, "    error %s\n", err.msg);
	return false;
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
