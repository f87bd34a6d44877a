/* What a check says: what a field wants, what a value is. See checker.h. */

#include "common/base/text.h"
#include "common/manifest/checker.h"
#include "common/manifest/form.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "deadLetter.target[2]" of "/spec/deadLetter/target/2": the last name and
 * the indices behind it. */
static void
add_label(struct buf *b, const char *pointer)
{
	const char *from = strrchr(pointer, '/');

	while (from != NULL && from > pointer &&
	       from[1 + strspn(from + 1, "0123456789")] ==
		   (strchr(from + 1, '/') ? '/' : 0) &&
	       from[1] != 0) {
		do
			from--;
		while (from > pointer && *from != '/');
	}
	if (from == NULL) {
		buf_adds(b, "the document");
		return;
	}
	buf_addc(b, '`');
	for (const char *s = from + 1; *s != 0; s++) {
		if (*s == '~' && (s[1] == '0' || s[1] == '1'))
			buf_addc(b, *++s == '0' ? '~' : '/');
		else if (*s == '/')
			buf_addc(b, '.');
		else
			buf_addc(b, *s);
	}
	buf_addc(b, '`');
}

json_t *
check_error(struct checker *c, const char *fmt, ...)
{
	struct place at = doc_place(c->doc, c->pointer.data);
	auto_buf struct buf label = BUF_INIT;
	auto_free char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	must(vasprintf(&text, fmt, ap) != -1);
	va_end(ap);
	add_label(&label, c->pointer.data);
	errors_add(c->errors, c->doc->file, at, "%s %s", label.data, text);
	c->n_errors++;
	return NULL;
}

static void
describe_string(struct buf *b, const struct field *row)
{
	struct form form = { 0 };

	if (row->form != NULL)
		form = form_of(row->form);
	buf_adds(b, form.help != NULL ? form.help : "a string");
}

static void
describe_enum(struct buf *b, const struct field *row)
{
	check_words(b, row->values, " or ");
}

static void
describe_ref(struct buf *b, const struct field *row)
{
	if (row->values == NULL) {
		buf_adds(b, "Kind/name");
	} else {
		words_each (row->values, w, n) {
			buf_addf(b, "%.*s/name, ", (int)n, w);
		}
		b->len -= 2;
		b->data[b->len] = 0;
	}
	buf_adds(b, " or an ARN");
}

static void
describe_object(struct buf *b, const struct field *row)
{
	size_t n = 0;

	while (row->fields[n].name != NULL)
		n++;
	buf_adds(b, n <= 8 ? "a map with " : "a map");
	for (const struct field *f = row->fields; n <= 8 && f->name != NULL;
	     f++)
		buf_addf(b, "%s%s", f == row->fields ? "" : ", ", f->name);
}

static void
describe_choice(struct buf *b, const struct field *row)
{
	for (const struct field *f = row->fields; f->name != NULL; f++) {
		if (f != row->fields)
			buf_adds(b, f[1].name == NULL ? " or " : ", ");
		check_describe(b, f);
	}
}

static const struct {
	const char *text;
	void (*add)(struct buf *, const struct field *);
} descriptions[] = {
	[F_STRING] = { NULL, describe_string },
	[F_BOOL] = { "true or false", NULL },
	[F_INT] = { "a whole number", NULL },
	[F_NUMBER] = { "a number", NULL },
	[F_DURATION] = { "a duration such as 30s or 1h30m", NULL },
	[F_SIZE] = { "a size such as 512MiB", NULL },
	[F_ENUM] = { NULL, describe_enum },
	[F_REF] = { NULL, describe_ref },
	[F_PATH] = { "a path in the repository", NULL },
	[F_OBJECT] = { NULL, describe_object },
	[F_MAP] = { "a map", NULL },
	[F_LIST] = { "a list", NULL },
	[F_CHOICE] = { NULL, describe_choice },
	[F_DOCUMENT] = { "any value", NULL },
};

void
check_describe(struct buf *b, const struct field *row)
{
	if (descriptions[row->type].text != NULL)
		buf_adds(b, descriptions[row->type].text);
	else
		descriptions[row->type].add(b, row);
}

/* "the number 30", "a list". */
static void
describe_value(struct buf *b, const struct field *row, const json_t *value)
{
	auto_free char *text = NULL;

	if (row->flags & F_SECRET) {
		buf_adds(b, "something else");
	} else if (json_is_object(value) || json_is_array(value)) {
		buf_adds(b, json_is_object(value) ? "a map" : "a list");
	} else {
		text = js_dump(value);
		buf_addf(b, "%s%.60s%s",
		    json_is_number(value) ? "the number " : "", text,
		    strlen(text) > 60 ? "..." : "");
	}
}

/* A choice: one of its words may have been meant. */
static void
add_nearest(struct buf *b, const struct field *row, const json_t *value)
{
	const char *s = js_text(value);

	if (row->type != F_CHOICE || s == NULL)
		return;
	for (const struct field *f = row->fields; f->name != NULL; f++) {
		auto_free char *near = f->type == F_ENUM
					   ? check_nearest_word(f->values, s)
					   : NULL;

		if (near != NULL)
			buf_addf(b, "; did you mean `%s`?", near);
	}
}

/* What the writer most likely meant. */
static void
add_hint(struct buf *b, const struct field *row, const json_t *value)
{
	bool scalar = json_is_number(value) || json_is_boolean(value);
	auto_free char *text = scalar ? js_dump(value) : NULL;

	if (text == NULL)
		return;
	if (row->flags & F_SECRET) {
		buf_adds(b, "; quote it");
		return;
	}
	if (json_is_integer(value) && row->type == F_DURATION)
		buf_addf(b, "; write %ss for seconds", text);
	else if (json_is_integer(value) && row->type == F_SIZE)
		buf_addf(b, "; write %sB, %sKiB or %sMiB", text, text, text);
	else if (row->type == F_STRING || row->type == F_ENUM)
		buf_addf(b, "; quote it: \"%s\"", text);
}

json_t *
check_type_error(
    struct checker *c, const struct field *row, const json_t *value)
{
	auto_buf struct buf b = BUF_INIT;

	if (json_is_null(value))
		return check_error(c, "has no value; give one or remove it");
	buf_adds(&b, "must be ");
	check_describe(&b, row);
	buf_adds(&b, ", is ");
	describe_value(&b, row, value);
	add_hint(&b, row, value);
	add_nearest(&b, row, value);
	return check_error(c, "%s", b.data);
}
