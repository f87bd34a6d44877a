/* Kinds and their field tables: see kinds.h. */

#include "cli/kinds.h"

#include <string.h>

#include "common/base/text.h"
#include "common/manifest/common_fields.h"
#include "modules/modules.h"

static const struct kind architecture = {
	.name = "Architecture",
	.summary = "what the manifests beside it are deployed to, and how",
};

static struct field *
copy_of(const struct field *rows)
{
	struct field *copy;
	size_t n = 0;

	while (rows[n].name != NULL)
		n++;
	copy = mem_array(struct field, n + 1);
	memcpy(copy, rows, n * sizeof(*copy));
	return copy;
}

struct field *
kind_spec(const struct kind *kind)
{
	return kind->module == NULL ? copy_of(architecture_fields)
				    : module_fields(kind->module);
}

bool
kind_at(size_t i, struct kind *ret)
{
	const struct module *m;

	if (i == 0) {
		*ret = architecture;
		return true;
	}
	m = modules_registry.modules[i - 1];
	if (m == NULL)
		return false;
	*ret = (struct kind){ m->kind, m->summary, m->page, m };
	return true;
}

bool
kind_find(const char *name, struct kind *ret, const char **ret_nearest)
{
	struct nearest near = { 0 };

	for (size_t i = 0; kind_at(i, ret); i++) {
		if (strcmp(ret->name, name) == 0)
			return true;
		text_nearest(&near, name, ret->name);
	}
	*ret_nearest = near.best;
	return false;
}

static const char *const type_names[] = {
	[F_STRING] = "string",
	[F_BOOL] = "boolean",
	[F_INT] = "integer",
	[F_NUMBER] = "number",
	[F_DURATION] = "duration",
	[F_SIZE] = "size",
	[F_ENUM] = "word",
	[F_REF] = "reference",
	[F_PATH] = "path",
	[F_OBJECT] = "map",
	[F_MAP] = "map of ",
	[F_LIST] = "list of ",
	[F_CHOICE] = "choice",
	[F_DOCUMENT] = "document",
};

static void
add_words(struct buf *out, const char *list)
{
	size_t count = 0;

	words_each (list, w, n) {
		buf_adds(out, count++ > 0 ? " | " : "");
		buf_add(out, w, n);
	}
}

static void
add_choices(struct buf *out, const struct field *rows)
{
	for (size_t i = 0; rows[i].name != NULL; i++) {
		buf_adds(out, i > 0 ? " | " : "");
		kind_type(out, &rows[i]);
	}
}

void
kind_type(struct buf *out, const struct field *row)
{
	if (row->type == F_ENUM) {
		add_words(out, row->values);
	} else if (row->type == F_REF && row->values != NULL) {
		add_words(out, row->values);
	} else if (row->type == F_CHOICE) {
		add_choices(out, row->fields);
	} else {
		buf_adds(out, type_names[row->type]);
		if (row->type == F_MAP || row->type == F_LIST)
			kind_type(out, row->fields);
	}
}

json_t *
kind_schema(const struct kind *kind)
{
	auto_free struct field *spec = kind_spec(kind);
	bool must_spec = false;
	json_t *schema;

	for (const struct field *f = spec; f->name != NULL; f++)
		must_spec |= (f->flags & F_REQUIRED) != 0;
	schema = js_pack("{s:s, s:s, s:s, s:b, s:{s:{s:s}, s:{s:s}, s:o, s:o},"
			 " s:[s,s,s]}",
	    "title", kind->name, "description", kind->summary, "type", "object",
	    "additionalProperties", 0, "properties", "apiVersion", "const",
	    "convergd/v1", "kind", "const", kind->name, "metadata",
	    field_schema(metadata_fields), "spec", field_schema(spec),
	    "required", "apiVersion", "kind", "metadata");
	if (must_spec)
		js_push(
		    (json_t *)js_get(schema, "required"), js_new_str("spec"));
	return schema;
}
