/* Published protocol tests against our codecs: see README of the data. */

#include "tests/conformance/conformance.h"
#include "common/aws/endpoint.h"
#include "common/aws/model_build.h"
#include "common/base/text.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
count(struct tally *t, const char *id, bool ok, const struct buf *why)
{
	if (ok) {
		t->passed++;
		return;
	}
	if (js_get(t->skips, id) != NULL) {
		t->skipped++;
		if (t->verbose)
			printf("  skipped: %s %s: %s\n", t->suite, id,
			    js_str(t->skips, id));
		return;
	}
	t->failed++;
	printf("  failed: %s %s\n", t->suite, id);
	if (t->verbose)
		printf("%s\n", why->data);
}

bool
read_file(const char *path, struct buf *ret)
{
	char chunk[4096];
	size_t n;
	FILE *f = fopen(path, "r");

	if (f == NULL)
		return false;
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(ret, chunk, n);
	fclose(f);
	return true;
}

bool
result_ok(const struct aws_operation *o, const json_t *have, const json_t *want,
    struct buf *why)
{
	json_auto_t *plain = plain_form(o->model, o->op->out, want);
	auto_free char *a = NULL, *b = NULL;

	if (same_json(plain, have))
		return true;
	a = js_dump(have);
	b = js_dump(plain);
	buf_addf(why, "    result %s\n       not %s\n", a, b);
	return false;
}

static struct aws_operation
operation(const struct model *m, const char *service, const char *name)
{
	struct aws_operation o = { m, model_service(m, service), NULL };

	if (o.service != NULL)
		o.op = model_op(m, o.service, name);
	return o;
}

/* The value of "Name: value\n" among the lines; NULL if absent. */
static char *
header_of(const struct buf *headers, const char *name)
{
	struct aws_answer a = { 200, headers, headers };
	struct span v = answer_header(&a, name);

	return v.p == NULL ? NULL : mem_strn(v.p, v.n);
}

static bool
same_headers(const struct aws_request *req, const json_t *want, struct buf *why)
{
	const char *name;
	const json_t *val;
	size_t i;
	bool ok = true;

	js_foreach (js_get(want, "headers"), name, val) {
		auto_free char *have = header_of(&req->headers, name);

		if (have != NULL && strcmp(have, js_text(val)) == 0)
			continue;
		buf_addf(why, "    header %s: %s, not %s\n", name,
		    have ? have : "(none)", js_text(val));
		ok = false;
	}
	js_each (js_get(want, "requireHeaders"), i, val) {
		if (!request_has_header(req, js_text(val)) &&
		    strcasecmp(js_text(val), "Content-Length") != 0)
			ok = false;
	}
	js_each (js_get(want, "forbidHeaders"), i, val) {
		ok &= !request_has_header(req, js_text(val));
	}
	return ok;
}

/* base: the path of the endpoint, "" mostly */
static bool
same_uri(const char *base, const struct aws_request *req, const char *want,
    struct buf *why)
{
	size_t n = strcspn(want, "?");
	const char *query = want + n + (want[n] == '?');
	auto_free char *path = mem_fmt("%s%s", base, req->path.data);
	bool ok = strlen(path) == n && memcmp(path, want, n) == 0 &&
		  same_form(query, req->query.data);

	if (!ok)
		buf_addf(why, "    uri %s?%s, not %s\n", path, req->query.data,
		    want);
	return ok;
}

/* "example.com/custom"; the suites want a prefix before it, as we do not at a
 * custom endpoint, which is an emulator. */
static bool
same_host(const struct endpoint *e, const struct aws_request *req,
    const char *want, struct buf *why)
{
	auto_free char *host = mem_fmt(
	    "%s%s%s", req->host_prefix, e->host, e->path);
	bool ok = strcmp(host, want) == 0;

	if (!ok)
		buf_addf(why, "    host %s, not %s\n", host, want);
	return ok;
}

/* Suites without an endpoint have that of example.com. */
static bool
resolve(const json_t *suite, struct endpoint *ret, struct buf *why)
{
	const char *url = js_str(suite, "clientEndpoint");
	struct endpoint_query q = { .service = "suite",
		.prefix = "suite",
		.region = "us-east-1",
		.url = url != NULL ? url : "https://example.com" };
	struct err err = { 0 };

	if (endpoint_resolve(&q, ret, &err) == 0)
		return true;
	buf_addf(why, "    error %s\n", err.msg);
	return false;
}

static bool
same_body(const struct aws_operation *o, const char *have, const char *want,
    struct buf *why)
{
	json_error_t e;
	json_auto_t *a = json_loads(have, JSON_DECODE_ANY, &e);
	json_auto_t *b = json_loads(want, JSON_DECODE_ANY, &e);
	bool ok = strcmp(have, want) == 0;

	if (!ok && o->service->protocol <= PROTO_EC2)
		ok = same_form(have, want);
	else if (!ok && a != NULL && b != NULL)
		ok = same_json(a, b);
	else if (!ok && o->service->protocol == PROTO_REST_XML)
		ok = same_xml(have, want);
	if (!ok)
		buf_addf(why, "    body %s\n     not %s\n", have, want);
	return ok;
}

/* Tokens that we fill in become the one the tests expect. */
static void
fill_tokens(const struct aws_operation *o, json_t *in)
{
	const struct model_shape *s = model_shape(o->model, o->op->in);

	json_auto_t *before = js_copy(in);

	codec_fill_tokens(o, in);
	for (uint16_t i = 0; s != NULL && i < s->n; i++) {
		const struct model_member *mb = &o->model->members[s->a + i];
		const char *name = model_str(o->model, mb->name);
		const char *token = js_str(in, name);

		if ((mb->flags & M_TOKEN) != 0 &&
		    js_get(before, name) == NULL && token != NULL &&
		    strlen(token) == 36 && token[14] == '4')
			js_set_str(
			    in, name, "00000000-0000-4000-8000-000000000000");
	}
}

static bool
input_ok(const struct aws_operation *o, const json_t *suite, const json_t *one,
    struct buf *why)
{
	json_auto_t *in = plain_form(
	    o->model, o->op->in, js_get(one, "params"));
	const json_t *want = js_get(one, "serialized");
	const char *body = js_str(want, "body"), *host = js_str(want, "host");
	struct aws_request req = AWS_REQUEST_INIT;
	struct endpoint endpoint;
	struct err err = { 0 };
	bool ok = resolve(suite, &endpoint, why);

	fill_tokens(o, in);
	if (ok && codec_request(o, in, &req, &err) == -1) {
		buf_addf(why, "    error %s\n", err.msg);
		ok = false;
	} else if (ok) {
		ok = same_headers(&req, want, why);
		ok &= same_uri(endpoint.path, &req, js_str(want, "uri"), why);
		ok &= strcmp(req.method, js_str(want, "method")) == 0;
		if (body != NULL)
			ok &= same_body(o, req.body.data, body, why);
		if (host != NULL)
			ok &= same_host(&endpoint, &req, host, why);
	}
	aws_request_free(&req);
	return ok;
}

static void
add_headers(struct buf *b, const json_t *headers)
{
	const char *name;
	const json_t *val;

	js_foreach (headers, name, val) {
		for (const char *c = name; *c != 0; c++)
			buf_addc(b, (char)tolower((unsigned char)*c));
		buf_addf(b, ": %s\n", js_text(val));
	}
}

static bool
output_ok(const struct aws_operation *o, const json_t *suite, const json_t *one,
    struct buf *why)
{
	const json_t *response = js_get(one, "response");
	const char *body = js_str(response, "body"),
		   *code = js_str(one, "errorCode"),
		   *message = js_str(one, "errorMessage");
	auto_buf struct buf headers = BUF_INIT, bytes = BUF_INIT;
	struct aws_answer a = { (int)js_int(response, "status_code", 200),
		&headers, &bytes };
	json_auto_t *out = NULL;
	struct err err = { 0 };
	int failed;

	(void)suite;
	add_headers(&headers, js_get(response, "headers"));
	buf_adds(&bytes, body != NULL ? body : "");
	failed = codec_response(o, &a, &out, &err);
	if (code != NULL) {
		buf_addf(why, "    error %s, not %s\n", err.msg, code);
		return failed == -1 && strcmp(err.code, code) == 0 &&
		       (message == NULL || strstr(err.msg, message) != NULL);
	}
	if (failed == 0)
		return result_ok(o, out, js_get(one, "result"), why);
	buf_addf(why, "    error %s\n", err.msg);
	return false;
}

typedef bool run_case(const struct aws_operation *, const json_t *suite,
    const json_t *one, struct buf *why);

static void
run_suite(struct tally *t, const json_t *suite, run_case *run)
{
	json_auto_t *services = json_object();
	auto_of(model_tables_free) struct model_tables *tables = NULL;
	struct err err = { 0 };
	const json_t *one;
	size_t i;

	js_set(services, "suite", c2j_service(suite));
	if (model_build(services, &tables, &err) == -1) {
		printf("  failed: %s: %s\n", js_str(suite, "description"),
		    err.msg);
		t->failed++;
		return;
	}
	js_each (js_get(suite, "cases"), i, one) {
		auto_buf struct buf why = BUF_INIT;
		struct aws_operation o = operation(
		    &tables->model, "suite", js_pathstr(one, "given.name"));

		count(t, js_str(one, "id"), run(&o, suite, one, &why), &why);
	}
}

static void
run_protocols(struct tally *t, const char *dir, run_case *run)
{
	auto_free char *pattern = mem_fmt("%s/%s/*.json", dir, t->suite);
	glob_t files;

	if (glob(pattern, 0, NULL, &files) != 0)
		return;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		json_error_t e;
		json_auto_t *suites = json_load_file(
		    files.gl_pathv[i], JSON_ALLOW_NUL, &e);
		const json_t *suite;
		size_t k;

		if (suites == NULL)
			t->failed++;
		js_each (suites, k, suite)
			run_suite(t, suite, run);
	}
	globfree(&files);
}

/* "id reason" lines; '#' starts a comment. */
static json_t *
read_skips(const char *path)
{
	auto_buf struct buf text = BUF_INIT;
	json_t *skips = json_object();

	read_file(path, &text);
	for (const char *at = text.data; *at != 0;) {
		size_t n = strcspn(at, "\n"), id = strcspn(at, " \n");
		auto_free char *name = mem_strn(at, id);

		if (id > 0 && id < n && *at != '#')
			js_set(
			    skips, name, js_new_strn(at + id + 1, n - id - 1));
		at += n + (at[n] == '\n');
	}
	return skips;
}

static unsigned
report(const struct tally *t)
{
	printf("%-47s %4u passed %4u failed %4u skipped\n", t->suite, t->passed,
	    t->failed, t->skipped);
	return t->failed;
}

static void
run_input(struct tally *t, const char *dir)
{
	run_protocols(t, dir, input_ok);
}

static void
run_output(struct tally *t, const char *dir)
{
	run_protocols(t, dir, output_ok);
}

static const struct {
	const char *folder;
	void (*run)(struct tally *, const char *dir);
} suites[] = {
	{ "protocols/input", run_input },
	{ "protocols/output", run_output },
	{ "responses", run_recorded },
	{ "sigv4", run_sigv4 },
	{ "endpoints", run_endpoints },
	{ "credentials/profile-parser-tests.json", run_profiles },
	{ "credentials/assume-role-tests.json", run_roles },
	{ "credentials/default-credential-provider-chain", run_credentials },
	{ "credentials/profile-provider", run_credentials },
};

/* Of the source tree that the program was built in, wherever it is run. */
static char *
skips_path(void)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *build = NULL;

	self[n > 0 ? n : 0] = 0;
	for (char *at = strstr(self, "/build"); at;
	     at = strstr(at + 1, "/build"))
		build = at; /* the last: above may be others of that name */
	return mem_fmt("%.*s/tests/conformance/skips.txt",
	    build ? (int)(build - self) : 1, build ? self : ".");
}

/* conformance [-v] [DIR] */
int
main(int argc, char **argv)
{
	const char *dir = getenv("CONVERGD_CONFORMANCE");
	auto_free char *list = skips_path();
	json_auto_t *skips = read_skips(list);
	bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	unsigned failed = 0;
	struct stat st;
	bool asked = argc > 1 + verbose;

	if (asked)
		dir = argv[1 + verbose];
	if (dir == NULL)
		dir = "../shared/conformance";
	if (stat(dir, &st) == -1) {
		printf("conformance %s: no %s\n", asked ? "failed" : "skipped",
		    dir);
		return asked ? 2 : 0;
	}
	for (size_t i = 0; i < sizeof(suites) / sizeof(*suites); i++) {
		struct tally t = { suites[i].folder, 0, 0, 0, skips, verbose };

		suites[i].run(&t, dir);
		failed += report(&t);
	}
	return failed == 0 ? 0 : 1;
}
