/* A field table for people: terminal and Markdown. See check.h. */

#include "common/base/text.h"
#include "common/manifest/check.h"
#include "common/manifest/checker.h"
#include "common/manifest/form.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 78

/* ---- finding a row ---- */

static const struct field *
named(const struct field *fields, const char *name, size_t len)
{
	for (; fields != NULL && fields->name != NULL; fields++) {
		if (strlen(fields->name) == len &&
		    memcmp(fields->name, name, len) == 0)
			return fields;
	}
	return NULL;
}

/* The row called name below row; elements of maps, lists and choices are
 * looked through, or named by "*". */
static const struct field *
below(const struct field *row, const char *name, size_t len)
{
	const struct field *found = NULL;

	if (row->fields == NULL)
		return NULL;
	if (row->type == F_OBJECT)
		return named(row->fields, name, len);
	if (row->type != F_CHOICE)
		return len == 1 && *name == '*' ? row->fields
						: below(row->fields, name, len);
	for (const struct field *f = row->fields; f->name != NULL; f++) {
		found = below(f, name, len);
		if (found != NULL)
			return found;
	}
	return named(row->fields, name, len);
}

const struct field *
field_find(const struct field *fields, const char *dotted)
{
	size_t len = strcspn(dotted, ".");
	const struct field *row = named(fields, dotted, len);

	while (row != NULL && dotted[len] != 0) {
		dotted += len + 1;
		len = strcspn(dotted, ".");
		row = below(row, dotted, len);
	}
	return row;
}

/* ---- words for types and limits ---- */

static const char *const type_names[] = {
	[F_STRING] = "string",
	[F_BOOL] = "boolean",
	[F_INT] = "integer",
	[F_NUMBER] = "number",
	[F_DURATION] = "duration",
	[F_SIZE] = "size",
	[F_ENUM] = "enum",
	[F_REF] = "reference",
	[F_PATH] = "path",
	[F_OBJECT] = "map",
	[F_MAP] = "map",
	[F_LIST] = "list",
	[F_CHOICE] = "choice",
	[F_DOCUMENT] = "document",
};

static void
add_type(struct buf *b, const struct field *row)
{
	switch (row->type) {
	case F_LIST:
		buf_adds(b, "list of ");
		add_type(b, row->fields);
		break;
	case F_MAP:
		buf_adds(b, "map of name to ");
		add_type(b, row->fields);
		break;
	case F_CHOICE:
		for (const struct field *f = row->fields; f->name != NULL;
		     f++) {
			if (f != row->fields)
				buf_adds(b, " or ");
			add_type(b, f);
		}
		break;
	case F_ENUM:
		check_words(b, row->values, " or ");
		break;
	case F_REF:
		check_describe(b, row);
		break;
	default:
		buf_adds(b, type_names[row->type]);
	}
}

static void
add_number(struct buf *b, int64_t n)
{
	buf_addf(b, "%" PRId64, n);
}

static const struct {
	void (*add)(struct buf *, int64_t);
	const char *unit;
} limits[F_DOCUMENT + 1] = {
	[F_STRING] = { add_number, " characters" },
	[F_PATH] = { add_number, " characters" },
	[F_INT] = { add_number, "" },
	[F_NUMBER] = { add_number, "" },
	[F_DURATION] = { text_add_duration, "" },
	[F_SIZE] = { text_add_size, "" },
	[F_LIST] = { add_number, " elements" },
	[F_MAP] = { add_number, " members" },
};

/* "1 to 80 characters; letters, digits"; nothing if all is allowed. */
static void
add_limits(struct buf *b, const struct field *row)
{
	struct form form = { 0 };

	if (limits[row->type].add != NULL && (row->min > 0 || row->max != 0)) {
		buf_adds(b, row->max == 0 ? "at least " : "");
		limits[row->type].add(b, row->min);
		if (row->max != 0) {
			buf_adds(b, " to ");
			limits[row->type].add(b, row->max);
		}
		buf_adds(b, limits[row->type].unit);
	}
	if (row->form == NULL)
		return;
	form = form_of(row->form);
	buf_adds(b, b->len > 0 ? "; " : "");
	buf_adds(b, form.help != NULL ? form.help : form.pattern);
}

/* ---- terminal ---- */

/* Words of text in lines, each behind `indent` spaces. */
static void
add_wrapped(struct buf *b, const char *text, int indent)
{
	int column = indent;

	buf_addf(b, "%*s", indent, "");
	words_each (text, w, n) {
		if (column > indent && column + 1 + (int)n > WIDTH) {
			buf_addf(b, "\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			buf_addc(b, ' ');
			column++;
		}
		buf_add(b, w, n);
		column += (int)n;
	}
	buf_addc(b, '\n');
}

static void
add_head(struct buf *b, const char *name, const char *text)
{
	if (text != NULL && *text != 0)
		buf_addf(b, "%-10s%s\n", name, text);
}

/* A, then B in brackets: what there is to know beside the type. */
static void
add_flags(struct buf *b, const struct field *row)
{
	static const struct {
		unsigned flag;
		const char *text;
	} rows[] = {
		{ F_REQUIRED, "required" },
		{ F_FIXED, "a change replaces the resource" },
		{ F_LITERAL, "no reference to an output" },
		{ F_SECRET, "secret: never shown" },
		{ F_UNIQUE, "no element twice" },
	};
	bool first = true;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!(row->flags & rows[i].flag))
			continue;
		buf_addf(b, "%s%s", first ? "" : ", ", rows[i].text);
		first = false;
	}
}

/* The tables of members that a row leads to. */
static void
add_members(struct buf *b, const struct field *row)
{
	auto_buf struct buf type = BUF_INIT;
	bool members = row->type == F_OBJECT;

	if (row->fields == NULL)
		return;
	for (const struct field *f = row->fields; f->name != NULL; f++) {
		if (!members) {
			add_members(b, f);
			continue;
		}
		buf_clear(&type);
		add_type(&type, f);
		buf_addf(b, "  %s <%s>%s\n", f->name, type.data,
		    f->flags & F_REQUIRED ? " required" : "");
		if (f->dflt != NULL)
			buf_addf(b, "      default: %s\n", f->dflt);
		add_wrapped(b, f->help != NULL ? f->help : "", 6);
	}
}

void
field_explain(struct buf *b, const struct field *row, const char *title)
{
	auto_buf struct buf type = BUF_INIT, limit = BUF_INIT, flags = BUF_INIT;
	auto_buf struct buf members = BUF_INIT;
	size_t kind = strcspn(title, ".");
	auto_free char *name = mem_strn(title, kind);

	add_type(&type, row);
	add_limits(&limit, row);
	add_flags(&flags, row);
	add_members(&members, row);
	add_head(b, "KIND:", name);
	add_head(b, "FIELD:", title[kind] == '.' ? title + kind + 1 : "");
	add_head(b, "TYPE:", type.data);
	add_head(b, "DEFAULT:", row->dflt);
	add_head(b, "LIMITS:", limit.data);
	add_head(b, "NOTES:", flags.data);
	if (row->help != NULL) {
		buf_adds(b, "\nDESCRIPTION:\n");
		add_wrapped(b, row->help, 2);
	}
	if (members.len > 0)
		buf_addf(b, "\nFIELDS:\n%s", members.data);
}

/* ---- Markdown ---- */

/* A cell: | would end it. */
static void
add_cell(struct buf *b, const char *text)
{
	for (; *text != 0; text++)
		buf_addf(b, *text == '|' ? "\\|" : "%c", *text);
	buf_adds(b, " | ");
}

static void
add_row(struct buf *b, const struct field *row, const char *prefix)
{
	auto_buf struct buf type = BUF_INIT, about = BUF_INIT;

	add_type(&type, row);
	buf_adds(&about, row->help != NULL ? row->help : "");
	if (row->min > 0 || row->max != 0 || row->form != NULL) {
		auto_buf struct buf limit = BUF_INIT;

		add_limits(&limit, row);
		buf_addf(&about, " (%s)", limit.data);
	}
	if (row->flags & F_FIXED)
		buf_adds(&about, " A change replaces the resource.");
	buf_addf(b, "| `%s%s` | ", prefix, row->name);
	add_cell(b, type.data);
	if (row->dflt != NULL)
		buf_addf(b, "`%s` | ", row->dflt);
	else
		add_cell(b, row->flags & F_REQUIRED ? "required" : "");
	buf_adds(b, about.data);
	buf_adds(b, " |\n");
}

static void add_rows(
    struct buf *b, const struct field *fields, const char *prefix);

/* The rows of what is in maps, lists and choices, under the row's name. */
static void
add_inner(struct buf *b, const struct field *row, const char *prefix)
{
	if (row->fields == NULL)
		return;
	if (row->type == F_OBJECT) {
		add_rows(b, row->fields, prefix);
		return;
	}
	for (const struct field *f = row->fields; f->name != NULL; f++)
		add_inner(b, f, prefix);
}

static void
add_rows(struct buf *b, const struct field *fields, const char *prefix)
{
	for (const struct field *f = fields; f->name != NULL; f++) {
		const char *behind = f->type == F_MAP    ? ".*."
				     : f->type == F_LIST ? "[]."
							 : ".";
		auto_free char *inner = mem_fmt(
		    "%s%s%s", prefix, f->name, behind);

		add_row(b, f, prefix);
		add_inner(b, f, inner);
	}
}

void
field_markdown(struct buf *b, const struct field *fields)
{
	buf_adds(b, "| field | type | default | what |\n"
		    "|---|---|---|---|\n");
	add_rows(b, fields, "");
}
