/* docs: the reference pages of all kinds, docs/modules/KIND.md. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/kinds.h"

const struct option docs_options[] = {
	{ "check", 0, NULL, NULL,
	    "write nothing; fail when a page is not what would be written" },
	{ 0 },
};

/* A cell of a Markdown table. */
static void
add_cell(struct buf *out, const char *text)
{
	for (const char *c = text == NULL ? "" : text; *c != 0; c++) {
		if (*c == '|')
			buf_addc(out, '\\');
		buf_addc(out, *c == '\n' ? ' ' : *c);
	}
}

static void
add_row(struct buf *out, const char *name, const char *help)
{
	buf_addf(out, "| `%s` | ", name);
	add_cell(out, help);
	buf_adds(out, " |\n");
}

static void
add_outputs(struct buf *out, const struct module *m)
{
	if (m->outputs == NULL || m->outputs->name == NULL)
		return;
	buf_addf(out,
	    "\n## Outputs\n\nOther manifests use them as "
	    "`${%s/NAME.OUTPUT}`.\n\n| output | what it is |\n|---|---|\n",
	    m->kind);
	for (const struct output *o = m->outputs; o->name != NULL; o++)
		add_row(out, o->name, o->help);
}

static void
add_connections(struct buf *out, const struct module *m)
{
	const struct connection *c = m->connections;

	if (c == NULL || c->access == NULL)
		return;
	buf_addf(out,
	    "\n## Access\n\nWhat `uses: [{ target: %s/NAME, access: ... }]` of "
	    "another kind may ask for.\n\n"
	    "| access | what it is | IAM actions |\n|---|---|---|\n",
	    m->kind);
	for (; c->access != NULL; c++) {
		buf_addf(out, "| `%s` | ", c->access);
		add_cell(out, c->help);
		buf_adds(out, " | ");
		add_cell(out, c->actions);
		buf_adds(out, " |\n");
	}
}

/* "<name>" of a help text is no HTML; within `code` it stands as it is. */
static void
add_rows(struct buf *out, const struct field *rows)
{
	auto_buf struct buf table = BUF_INIT;
	bool code = false;

	field_markdown(&table, rows);
	for (const char *c = table.data; *c != 0; c++) {
		code = (*c == '`') != code;
		if (*c == '<' && !code)
			buf_adds(out, "&lt;");
		else
			buf_addc(out, *c);
	}
}

static void
page_of(const struct kind *kind, struct buf *out)
{
	auto_free struct field *spec = kind_spec(kind);

	buf_addf(out, "# %s\n\n%s", kind->name, kind->summary);
	if (kind->page != NULL)
		buf_addf(out, " ([AWS documentation](%s))", kind->page);
	buf_adds(out, ".\n\nThis page is generated from the tables that check "
		      "manifests.\n\n## spec\n\n");
	add_rows(out, spec);
	if (kind->module == NULL) {
		buf_adds(out, "\n## metadata of every kind\n\n");
		add_rows(out, metadata_fields);
		return;
	}
	add_outputs(out, kind->module);
	add_connections(out, kind->module);
}

static void
index_page(struct buf *out)
{
	struct kind kind;

	buf_adds(out, "# Kinds\n\nOne page per manifest kind, generated from "
		      "the tables that check manifests.\n\n"
		      "| kind | what it is |\n|---|---|\n");
	for (size_t i = 0; kind_at(i, &kind); i++) {
		buf_addf(out, "| [%s](%s.md) | ", kind.name, kind.name);
		add_cell(out, kind.summary);
		buf_adds(out, " |\n");
	}
}

/* Reads at most one byte more than wanted: enough to see a difference. */
static bool
is_same(const char *path, const struct buf *text)
{
	auto_free char *have = mem_new(text->len + 1);
	FILE *f = fopen(path, "re");
	size_t n;

	if (f == NULL)
		return false;
	n = fread(have, 1, text->len + 1, f);
	fclose(f);
	return n == text->len && memcmp(have, text->data, n) == 0;
}

static int
write_page(const char *path, const struct buf *text)
{
	FILE *f = fopen(path, "we");
	bool good;

	if (f == NULL)
		return fail(EXIT_ERROR, "%s: %s", path, strerror(errno));
	good = fwrite(text->data, 1, text->len, f) == text->len;
	if (fclose(f) != 0 || !good)
		return fail(EXIT_ERROR, "%s: cannot write", path);
	return EXIT_OK;
}

static int
put_page(const struct args *args, const char *name, const struct buf *text)
{
	auto_free char *path = mem_fmt("%s/%s.md", args_word(args, 0), name);

	if (is_same(path, text))
		return EXIT_OK;
	if (args_has(args, "check"))
		return fail(EXIT_ERROR,
		    "%s is not current; `make docs` writes it", path);
	return write_page(path, text);
}

int
verb_docs(const struct args *args)
{
	auto_buf struct buf text = BUF_INIT;
	struct kind kind;
	int code = EXIT_OK, one;

	if (!args_has(args, "check"))
		mkdir(args_word(args, 0), 0777);
	index_page(&text);
	code = put_page(args, "README", &text);
	for (size_t i = 0; kind_at(i, &kind); i++) {
		buf_clear(&text);
		page_of(&kind, &text);
		one = put_page(args, kind.name, &text);
		code = code == EXIT_OK ? one : code;
	}
	return code;
}
