/* Recorded answers: with our own models, or with those of botocore. */

#include "common/aws/model_build.h"
#include "tests/conformance/conformance.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

/* An operation and, if it is not a built-in one, its tables. */
struct found {
	struct aws_operation o;
	struct model_tables *tables;
};

static const struct model_op *
find_op(const struct model *m, const struct model_service *s, const char *kebab)
{
	for (size_t k = 0; k < s->n_ops; k++) {
		const struct model_op *op = &m->ops[s->first_op + k];

		if (same_letters(kebab, model_str(m, op->name)))
			return op;
	}
	return NULL;
}

/* "ec2-describe-vpcs": the service and operation of our own models. */
static bool
find_builtin(const char *file, struct found *ret)
{
	const struct model *m = &model_builtin;

	for (size_t i = 0; i < m->n_services; i++) {
		const struct model_service *s = &m->services[i];
		const char *name = model_str(m, s->name);
		size_t n = strlen(name);

		if (strncmp(file, name, n) != 0 || file[n] != '-')
			continue;
		ret->o = (struct aws_operation){ m, s,
			find_op(m, s, file + n + 1) };
		if (ret->o.op != NULL)
			return true;
	}
	return false;
}

static bool
find_foreign(const char *file, struct found *ret)
{
	json_auto_t *services = json_object(), *suite = botocore_suite(file);
	const struct model *m;
	struct err err;

	if (suite == NULL)
		return false;
	js_set(services, "suite", c2j_service(suite));
	if (model_build(services, &ret->tables, &err) == -1) {
		printf("  %s: %s\n", file, err.msg);
		return false;
	}
	m = &ret->tables->model;
	ret->o = (struct aws_operation){ m, m->services, m->ops };
	return true;
}

/* Errors have the same form in all services of a format. */
static bool
find_any(bool is_xml, struct found *ret)
{
	return find_builtin(
	    is_xml ? "sns-list-topics" : "sqs-list-queues", ret);
}

/* Blobs and tokens are as the interface has them; the rest is not ours. */
static bool
recorded_ok(const struct aws_operation *o, const struct buf *body, json_t *want,
    struct buf *why)
{
	auto_buf struct buf headers = BUF_INIT;
	const char *code = js_pathstr(want, "Error.Code"),
		   *message = js_pathstr(want, "Error.Message");
	struct aws_answer a = { code != NULL ? 400 : 200, &headers, body };
	json_auto_t *have = NULL;
	struct err err = { 0 };
	int failed = codec_response(o, &a, &have, &err);

	js_del(want, "ResponseMetadata");
	if (code != NULL) {
		buf_addf(why, "    error %s\n", err.msg);
		return failed == -1 && strcmp(err.code, code) == 0 &&
		       (message == NULL || strstr(err.msg, message) != NULL);
	}
	if (failed == 0)
		return result_ok(o, have, want, why);
	buf_addf(why, "    error %s\n", err.msg);
	return false;
}

/* body and expected are paths of files. */
static void
run_one(struct tally *t, const char *body, const char *expected)
{
	auto_buf struct buf bytes = BUF_INIT, why = BUF_INIT;
	auto_free char *id = mem_str(strrchr(body, '/') + 1);
	bool is_xml = strstr(id, ".xml") != NULL, ok;
	json_error_t e;
	json_auto_t *want = json_load_file(expected, 0, &e);
	struct found f = { 0 };

	id[strcspn(id, ".#")] = 0; /* "NAME#2.xml" is one more of NAME */
	ok = find_builtin(id, &f) || find_foreign(id, &f) ||
	     (js_get(want, "Error") != NULL && find_any(is_xml, &f));
	/* the recording is of a protocol that the service has left */
	if (ok && is_xml && f.o.service->protocol == PROTO_JSON)
		ok = find_foreign(id, &f);
	if (!ok)
		count(t, "responses/no-model", false, &why);
	else
		count(t, id,
		    read_file(body, &bytes) &&
			recorded_ok(&f.o, &bytes, want, &why),
		    &why);
	model_tables_free(f.tables);
}

/* X.xml beside X.json; JSON bodies have the expected in another folder. */
static const struct {
	const char *bodies, *expected;
} folders[] = {
	{ "responses/xml/responses/*.xml", NULL },
	{ "responses/xml/errors/*.xml", NULL },
	{ "responses/json/responses/*.json", "responses/json/expected" },
	{ "responses/json/errors/*.json", "responses/json/expected" },
};

static char *
expected_path(const char *dir, size_t folder, const char *body)
{
	if (folders[folder].expected != NULL)
		return mem_fmt("%s/%s%s", dir, folders[folder].expected,
		    strrchr(body, '/'));
	return mem_fmt("%.*s.json", (int)strlen(body) - 4, body);
}

void
run_recorded(struct tally *t, const char *dir)
{
	for (size_t k = 0; k < sizeof(folders) / sizeof(*folders); k++) {
		auto_free char *pattern = mem_fmt(
		    "%s/%s", dir, folders[k].bodies);
		glob_t files;

		if (glob(pattern, 0, NULL, &files) != 0)
			continue;
		for (size_t i = 0; i < files.gl_pathc; i++) {
			auto_free char *expected = expected_path(
			    dir, k, files.gl_pathv[i]);

			run_one(t, files.gl_pathv[i], expected);
		}
		globfree(&files);
	}
}
