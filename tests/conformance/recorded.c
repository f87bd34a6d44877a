/* Recorded answers of services whose models we have. */

#include "tests/conformance/conformance.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

static bool
same_letters(const char *kebab, const char *name)
{
	for (; *kebab != 0; kebab++) {
		if (*kebab == '-')
			continue;
		if (tolower((unsigned char)*name++) != *kebab)
			return false;
	}
	return *name == 0;
}

/* "ec2-describe-vpcs": the service and operation of our own models. */
static struct aws_operation
builtin_operation(const char *file)
{
	struct aws_operation none = { &model_builtin, NULL, NULL };
	const struct model *m = &model_builtin;

	for (size_t i = 0; i < m->n_services; i++) {
		const struct model_service *s = &m->services[i];
		const char *name = model_str(m, s->name);
		size_t n = strlen(name);

		if (strncmp(file, name, n) != 0 || file[n] != '-')
			continue;
		for (size_t k = 0; k < s->n_ops; k++) {
			const struct model_op *op = &m->ops[s->first_op + k];

			if (same_letters(file + n + 1, model_str(m, op->name)))
				return (struct aws_operation){ m, s, op };
		}
	}
	return none;
}

static bool
recorded_ok(const struct aws_operation *o, const struct buf *body, json_t *want,
    struct buf *why)
{
	auto_buf struct buf headers = BUF_INIT;
	const char *code = js_pathstr(want, "Error.Code");
	struct aws_answer a = { code != NULL ? 400 : 200, &headers, body };
	json_auto_t *have = NULL;
	struct err err = { 0 };
	int failed = codec_response(o, &a, &have, &err);

	js_del(want, "ResponseMetadata");
	if (code != NULL) {
		buf_addf(why, "    error %s\n", err.msg);
		return failed == -1 && strcmp(err.code, code) == 0 &&
		       strstr(err.msg, js_pathstr(want, "Error.Message")) !=
			   NULL;
	}
	if (failed == 0)
		return result_ok(o, have, want, why);
	buf_addf(why, "    error %s\n", err.msg);
	return false;
}

void
run_recorded(struct tally *t, const char *dir)
{
	auto_free char *pattern = mem_fmt("%s/responses/xml/[er]*/*.json", dir);
	glob_t files;

	if (glob(pattern, 0, NULL, &files) != 0)
		return;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		auto_buf struct buf body = BUF_INIT, why = BUF_INIT;
		auto_free char *id = mem_str(
				   strrchr(files.gl_pathv[i], '/') + 1),
			       *xml = mem_fmt("%.*s.xml",
				   (int)strlen(files.gl_pathv[i]) - 5,
				   files.gl_pathv[i]);
		json_error_t e;
		json_auto_t *want = json_load_file(files.gl_pathv[i], 0, &e);
		struct aws_operation o;

		id[strlen(id) - 5] = 0;
		o = builtin_operation(id);
		if (o.op == NULL || o.service->protocol == PROTO_JSON) {
			t->skipped++;
			continue;
		}
		count(t, id,
		    read_file(xml, &body) && recorded_ok(&o, &body, want, &why),
		    &why);
	}
	globfree(&files);
}
