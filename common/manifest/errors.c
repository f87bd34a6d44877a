/* Everything that is wrong, with its places: see doc.h. */

#include "common/manifest/doc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
error_free(struct error_at *e)
{
	free(e->file);
	free(e->text);
}

void
errors_free(struct errors *errors)
{
	for (size_t i = 0; i < errors->n; i++)
		error_free(&errors->list[i]);
	free(errors->list);
	*errors = (struct errors){ 0 };
}

/* Room for one more; it doubles, so the size follows from n alone. */
static struct error_at *
grow(struct errors *errors)
{
	size_t n = errors->n, one = sizeof(*errors->list);

	if ((n & (n - 1)) == 0)
		errors->list = mem_grow(
		    errors->list, n * one, (n == 0 ? 1 : 2 * n) * one);
	errors->n++;
	return &errors->list[n];
}

void
errors_add(struct errors *errors, const char *file, struct place at,
    const char *fmt, ...)
{
	struct error_at *e = grow(errors);
	va_list ap;

	*e = (struct error_at){ .file = mem_str(file), .at = at };
	va_start(ap, fmt);
	must(vasprintf(&e->text, fmt, ap) != -1);
	va_end(ap);
}

static int
compare(const void *left, const void *right)
{
	const struct error_at *a = left, *b = right;
	int files = strcmp(a->file, b->file);

	if (files != 0)
		return files;
	if (a->at.line != b->at.line)
		return a->at.line < b->at.line ? -1 : 1;
	if (a->at.column != b->at.column)
		return a->at.column < b->at.column ? -1 : 1;
	return strcmp(a->text, b->text);
}

void
errors_sort(struct errors *errors)
{
	struct errors once = { 0 };

	if (errors->n == 0)
		return;
	qsort(errors->list, errors->n, sizeof(*errors->list), compare);
	for (size_t i = 0; i < errors->n; i++) {
		struct error_at *e = &errors->list[i];

		if (once.n > 0 && compare(&once.list[once.n - 1], e) == 0)
			error_free(e);
		else
			*grow(&once) = *e;
	}
	free(errors->list);
	*errors = once;
}

void
errors_print(const struct errors *errors, struct buf *b)
{
	for (size_t i = 0; i < errors->n; i++) {
		const struct error_at *e = &errors->list[i];

		buf_adds(b, e->file);
		if (e->at.line > 0)
			buf_addf(b, ":%d:%d", e->at.line, e->at.column);
		buf_addf(b, ": %s\n", e->text);
	}
}
