/* One manifest: its envelope, its references, the check of its spec. */

#include "common/base/text.h"
#include "common/manifest/check.h"
#include "common/manifest/common_fields.h"
#include "common/manifest/path.h"
#include "common/manifest/unit.h"

#include <stdlib.h>
#include <string.h>

static const struct field envelope[] = {
	{ "apiVersion", F_ENUM, F_REQUIRED, .values = "convergd/v1",
	    .help = "version of the manifest's form" },
	{ "kind", F_STRING, F_REQUIRED, .min = 1, .help = "what it describes" },
	{ "metadata", F_DOCUMENT, F_REQUIRED, .help = "name, labels, policy" },
	{ "spec", F_DOCUMENT, .help = "what is wanted" },
	{ 0 },
};

int
manifest_envelope(const struct doc *doc, struct errors *errors)
{
	json_t *checked;

	if (check_fields(envelope, doc, "", doc->root, &checked, errors) == -1)
		return -1;
	js_free(checked);
	return 0;
}

json_t *
manifest_metadata(
    const struct scope *scope, const struct doc *doc, struct errors *errors)
{
	const json_t *raw = js_get(doc->root, "metadata");
	json_auto_t *resolved = NULL;
	json_t *checked = NULL;
	struct scope early = *scope;
	int rc;

	early.output = NULL;
	if (raw == NULL)
		return NULL;
	rc = reference_resolve(
	    &early, doc, "/metadata", raw, &resolved, errors);
	if (check_fields(metadata_fields, doc, "/metadata", resolved, &checked,
		errors) == -1)
		return NULL;
	if (rc == 0)
		return checked;
	js_free(checked);
	return NULL;
}

/* ---- opening ---- */

static void
unknown_kind(struct manifest *m, const char *kind)
{
	struct nearest near = { 0 };
	struct place at = doc_place(m->doc, "/kind");
	struct errors *errors = &m->unit->errors;

	for (size_t i = 0; m->unit->registry->modules[i] != NULL; i++)
		text_nearest(&near, kind, m->unit->registry->modules[i]->kind);
	text_nearest(&near, kind, "Architecture");
	if (near.best != NULL)
		errors_add(errors, m->doc->file, at,
		    "unknown kind `%s`; did you mean `%s`?", kind, near.best);
	else
		errors_add(errors, m->doc->file, at,
		    "unknown kind `%s`; `convergctl explain` lists all", kind);
}

/* What a kind that holds data starts with, and what others do. */
static json_t *
policy_of(const struct module *module, const json_t *metadata)
{
	json_t *policy = js_copy(js_get(metadata, "policy"));

	if (js_get(policy, "prune") == NULL)
		js_set_str(
		    policy, "prune", module->stateful ? "confirm" : "auto");
	if (js_get(policy, "replace") == NULL)
		js_set_str(
		    policy, "replace", module->stateful ? "never" : "auto");
	return policy;
}

static void
enter_index(struct manifest *m)
{
	struct unit *u = m->unit;
	const json_t *other = js_get(u->index, m->target);

	if (other != NULL) {
		const struct doc *doc = u->list[json_integer_value(other)].doc;

		errors_add(&u->errors, m->doc->file,
		    doc_place(m->doc, "/metadata/name"),
		    "%s is already defined at %s:%d", m->target, doc->file,
		    doc_place(doc, "/metadata/name").line);
		return;
	}
	js_set(u->index, m->target, json_integer(m - u->list));
}

static void
open_it(struct manifest *m)
{
	const char *kind = m->doc->kind;
	struct scope scope = unit_scope(m->unit);
	json_auto_t *metadata = NULL;

	m->directory = path_directory(m->doc->file);
	manifest_envelope(m->doc, &m->unit->errors);
	metadata = manifest_metadata(&scope, m->doc, &m->unit->errors);
	if (kind == NULL)
		return;
	m->module = registry_module(m->unit->registry, kind);
	if (m->module == NULL) {
		unknown_kind(m, kind);
		return;
	}
	if (metadata == NULL)
		return;
	m->name = mem_str(js_str(metadata, "name"));
	m->target = mem_fmt("%s/%s", kind, m->name);
	m->policy = packed_take(policy_of(m->module, metadata));
	enter_index(m);
}

void
manifest_open(struct manifest *m)
{
	doc_open(m->doc);
	m->line = doc_place(m->doc, "").line;
	open_it(m);
	doc_rest(m->doc);
}

/* ---- checking ---- */

static json_t *
output(void *arg, const char *target, const char *name, struct place at,
    char **ret_why)
{
	struct manifest *m = arg;

	return unit_output(m->unit, target, name, m->doc->file, at, ret_why);
}

static void
found_path(struct manifest *m, const char *pointer, const char *text)
{
	auto_free char *path = path_join(m->directory, text);
	struct place at = doc_place(m->doc, pointer);

	if (path == NULL)
		errors_add(&m->unit->errors, m->doc->file, at,
		    "the path %s leads out of the repository; it starts at "
		    "the directory of this file",
		    text);
	else if (!tree_has(m->unit->tree, path))
		errors_add(&m->unit->errors, m->doc->file, at,
		    "there is no file or directory %s in the repository", path);
	else
		js_set(m->unit->covered, path, json_true());
}

static void
found(void *arg, const struct field *row, const char *pointer, const char *text)
{
	struct manifest *m = arg;
	auto_free char *why = NULL;

	if (row->type == F_PATH)
		found_path(m, pointer, text);
	else if (unit_find(m->unit, text, &why) == NULL)
		errors_add(&m->unit->errors, m->doc->file,
		    doc_place(m->doc, pointer), "%s", why);
}

/* Spec with its references put in, checked; NULL after errors. *ret_uses:
 * spec.uses, also of a spec with errors. */
static json_t *
checked_spec(struct manifest *m, json_t **ret_uses)
{
	struct scope scope = unit_scope(m->unit);
	struct check_hook hook = { found, m };
	auto_free struct field *fields = module_fields(m->module);
	json_auto_t *none = json_object(), *resolved = NULL;
	const json_t *raw = js_get(m->doc->root, "spec");
	json_t *checked = NULL;
	int rc;

	scope.output = output;
	scope.arg = m;
	rc = reference_resolve(&scope, m->doc, "/spec",
	    raw == NULL || json_is_null(raw) ? none : raw, &resolved,
	    &m->unit->errors);
	*ret_uses = js_copy(js_get(resolved, "uses"));
	if (check_fields_hook(fields, m->doc, "/spec", resolved, &hook,
		&checked, &m->unit->errors) == -1)
		return NULL;
	if (rc == 0)
		return checked;
	js_free(checked);
	return NULL;
}

static json_t *
tags_of(const struct manifest *m, const json_t *spec)
{
	json_t *tags = json_object();

	js_merge(tags, js_get(m->unit->spec, "tags"));
	js_merge(tags, js_get(spec, "tags"));
	return tags;
}

static void
check_it(struct manifest *m)
{
	json_auto_t *uses = NULL, *spec = checked_spec(m, &uses);
	const char *aws_name = js_str(spec, "name");

	uses_check(m, uses);
	if (spec == NULL || m->name == NULL)
		return;
	m->aws_name = aws_name != NULL
			  ? mem_str(aws_name)
			  : mem_fmt("%s-%s", m->unit->name, m->name);
	m->tags = packed_take(tags_of(m, spec));
	m->spec = packed_of(spec);
}

void
manifest_check(struct manifest *m)
{
	if (m->module == NULL)
		return;
	doc_open(m->doc);
	check_it(m);
	doc_rest(m->doc);
}

void
manifest_fini(struct manifest *m)
{
	free(m->name);
	free(m->target);
	free(m->directory);
	free(m->aws_name);
	packed_free(m->spec);
	packed_free(m->policy);
	free(m->main);
	packed_free(m->tags);
	js_free(m->grants);
}
