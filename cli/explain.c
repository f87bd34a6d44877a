/* explain and schema: what the field tables say, for people and editors. */

#include <stdio.h>
#include <string.h>

#include "cli/kinds.h"
#include "common/base/text.h"

static int
unknown_kind(const char *name, const char *nearest)
{
	if (nearest != NULL)
		return fail(EXIT_ERROR, "unknown kind `%s`; did you mean `%s`?",
		    name, nearest);
	return fail(EXIT_ERROR,
	    "unknown kind `%s`; `convergctl explain` lists all", name);
}

static int
list_kinds(void)
{
	auto_buf struct buf out = BUF_INIT;
	struct table t = { .columns = 2 };
	struct kind kind;

	for (size_t i = 0; kind_at(i, &kind); i++) {
		table_add(&t, kind.name);
		table_add(&t, kind.summary);
	}
	table_print(&t, "", &out);
	table_free(&t);
	return print_buf(&out);
}

static void
add_field(struct table *t, const struct field *row)
{
	auto_buf struct buf type = BUF_INIT, left = BUF_INIT;

	kind_type(&type, row);
	if (row->dflt != NULL)
		buf_addf(&left, "default %s", row->dflt);
	else if (row->flags & F_REQUIRED)
		buf_adds(&left, "required");
	table_add(t, row->name);
	table_add(t, type.len > 40 ? "choice" : type.data);
	table_add(t, left.data);
	table_add(t, row->help);
}

static void
add_fields(struct buf *out, const char *title, const struct field *rows)
{
	struct table t = { .columns = 4 };

	if (rows == NULL || rows->name == NULL)
		return;
	buf_addf(out, "%s%s:\n", out->len > 0 ? "\n" : "", title);
	for (; rows->name != NULL; rows++)
		add_field(&t, rows);
	table_print(&t, "  ", out);
	table_free(&t);
}

static void
add_outputs(struct buf *out, const struct module *m)
{
	struct table t = { .columns = 2 };

	for (const struct output *o = m->outputs; o && o->name; o++) {
		table_add(&t, o->name);
		table_add(&t, o->help);
	}
	if (t.n > 0)
		buf_addf(out, "\noutputs, as ${%s/NAME.OUTPUT}:\n", m->kind);
	table_print(&t, "  ", out);
	table_free(&t);
}

static void
add_connections(struct buf *out, const struct module *m)
{
	struct table t = { .columns = 2 };

	for (const struct connection *c = m->connections; c && c->access; c++) {
		table_add(&t, c->access);
		table_add(&t, c->help != NULL ? c->help : c->actions);
	}
	if (t.n > 0)
		buf_adds(out, "\naccess, in `uses` of other kinds:\n");
	table_print(&t, "  ", out);
	table_free(&t);
}

static void
explain_kind(const struct kind *kind, const struct field *spec, struct buf *out)
{
	buf_addf(out, "%s: %s\n", kind->name, kind->summary);
	if (kind->page != NULL)
		buf_addf(out, "%s\n", kind->page);
	add_fields(out, "metadata", metadata_fields);
	add_fields(out, "spec", spec);
	if (kind->module == NULL)
		return;
	add_outputs(out, kind->module);
	add_connections(out, kind->module);
}

/* The nearest name at the level where the path stops being right. */
static int
unknown_field(const char *kind, const struct field *table, const char *path)
{
	struct nearest near = { 0 };
	const char *last = strrchr(path, '.');
	const struct field *row;

	last = last == NULL ? path : last + 1;
	if (last != path) {
		auto_free char *parent = mem_strn(
		    path, (size_t)(last - path - 1));

		row = field_find(table, parent);
		if (row == NULL)
			return unknown_field(kind, table, parent);
		table = row->fields;
	}
	for (; table != NULL && table->name != NULL; table++)
		text_nearest(&near, last, table->name);
	if (near.best != NULL)
		return fail(EXIT_ERROR,
		    "%s has no field `%s`; did you mean `%s`?", kind, path,
		    near.best);
	return fail(EXIT_ERROR, "%s has no field `%s`", kind, path);
}

static int
explain_path(const struct kind *kind, const struct field *spec,
    const char *path, struct buf *out)
{
	const struct field *table = spec, *row;
	auto_free char *title = NULL;
	const char *top = "spec";

	if (text_starts(path, "metadata.")) {
		top = "metadata";
		table = metadata_fields;
	}
	if (text_starts(path, top) && path[strlen(top)] == '.')
		path += strlen(top) + 1;
	row = field_find(table, path);
	if (row == NULL)
		return unknown_field(kind->name, table, path);
	title = mem_fmt("%s.%s.%s", kind->name, top, path);
	field_explain(out, row, title);
	return EXIT_OK;
}

static int
explain(const struct kind *kind, const char *path, struct buf *out)
{
	auto_free struct field *spec = kind_spec(kind);

	if (*path == 0) {
		explain_kind(kind, spec, out);
		return EXIT_OK;
	}
	path++;
	if (strcmp(path, "spec") == 0 || strcmp(path, "metadata") == 0) {
		add_fields(out, path, *path == 's' ? spec : metadata_fields);
		return EXIT_OK;
	}
	return explain_path(kind, spec, path, out);
}

int
verb_explain(const struct args *args)
{
	auto_buf struct buf out = BUF_INIT;
	const char *word = args_word(args, 0), *nearest;
	auto_free char *name = NULL;
	struct kind kind;
	size_t len;
	int code;

	if (word == NULL)
		return list_kinds();
	len = strcspn(word, ".");
	name = mem_strn(word, len);
	if (!kind_find(name, &kind, &nearest))
		return unknown_kind(name, nearest);
	code = explain(&kind, word + len, &out);
	return code != EXIT_OK ? code : print_buf(&out);
}

static const char dialect[] = "https://json-schema.org/draft/2020-12/schema";

/* Any kind: the kind decides which schema the document must fit. */
static json_t *
schema_of_all(void)
{
	json_t *names = json_array(), *rules = json_array(), *defs;
	struct kind kind;

	defs = json_object();
	for (size_t i = 0; kind_at(i, &kind); i++) {
		js_push(names, js_new_str(kind.name));
		js_set(defs, kind.name, kind_schema(&kind));
		js_push(
		    rules, js_pack("{s:{s:{s:{s:s}}}, s:{s:o}}", "if",
			       "properties", "kind", "const", kind.name, "then",
			       "$ref", js_fmt("#/$defs/%s", kind.name)));
	}
	return js_pack("{s:s, s:s, s:s, s:{s:{s:o}}, s:[s,s,s], s:o, s:o}",
	    "$schema", dialect, "title", "convergd manifest", "type", "object",
	    "properties", "kind", "enum", names, "required", "apiVersion",
	    "kind", "metadata", "allOf", rules, "$defs", defs);
}

int
verb_schema(const struct args *args)
{
	const char *word = args_word(args, 0), *nearest;
	json_auto_t *schema = NULL, *body = NULL;
	struct kind kind;

	if (word == NULL) {
		schema = schema_of_all();
		return print_json(schema, 2);
	}
	if (!kind_find(word, &kind, &nearest))
		return unknown_kind(word, nearest);
	schema = js_pack("{s:s}", "$schema", dialect);
	body = kind_schema(&kind);
	js_merge(schema, body);
	return print_json(schema, 2);
}
