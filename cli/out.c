/* Output of convergctl: messages, JSON, aligned columns. */

#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/engine/plan_lines.h"

static void
message(const char *fmt, va_list ap)
{
	fflush(stdout);
	fputs("convergctl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

int
fail(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(fmt, ap);
	va_end(ap);
	return code;
}

static int
code_of(enum err_kind kind)
{
	if (kind == ERR_DENIED || kind == ERR_AUTH)
		return EXIT_NO_PERMISSION;
	return kind == ERR_REFUSED ? EXIT_GUARD : EXIT_ERROR;
}

int
fail_err(const struct err *err)
{
	auto_buf struct buf more = BUF_INIT;

	if (err->code[0] != 0 && strstr(err->msg, err->code) == NULL)
		buf_addf(&more, " (%s)", err->code);
	if (err->request_id[0] != 0 &&
	    strstr(err->msg, err->request_id) == NULL)
		buf_addf(&more, " (request %s)", err->request_id);
	return fail(code_of(err->kind), "%s%s", err->msg, more.data);
}

int
usage_error(const struct args *args, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(fmt, ap);
	va_end(ap);
	if (args->verb != NULL)
		fprintf(stderr,
		    "usage: convergctl %s%s%s\n"
		    "`convergctl help %s` says more.\n",
		    args->verb->name, *args->verb->usage != 0 ? " " : "",
		    args->verb->usage, args->verb->name);
	else
		fputs("`convergctl help` lists the verbs.\n", stderr);
	return EXIT_USAGE;
}

int
print_buf(const struct buf *text)
{
	if (fwrite(text->data, 1, text->len, stdout) != text->len ||
	    fflush(stdout) != 0)
		return errno == EPIPE /* the reader has seen enough */
			   ? EXIT_ERROR
			   : fail(EXIT_ERROR,
				 "cannot write to standard output: %s",
				 strerror(errno));
	return EXIT_OK;
}

int
print_json(const json_t *value, size_t indent)
{
	auto_free char *text = json_dumps(value,
	    JSON_INDENT(indent) | JSON_REAL_PRECISION(15) | JSON_ENCODE_ANY);
	auto_buf struct buf out = BUF_INIT;

	must(text != NULL);
	buf_addf(&out, "%s\n", text);
	return print_buf(&out);
}

void
table_add(struct table *t, const char *cell)
{
	auto_buf struct buf copy = BUF_INIT;

	plan_add_clean(&copy, cell);
	if ((t->n & (t->n - 1)) == 0) /* doubles: the size follows from n */
		t->cells = mem_grow(t->cells, t->n * sizeof(*t->cells),
		    (t->n ? t->n * 2 : 1) * sizeof(*t->cells));
	t->cells[t->n++] = buf_take(&copy);
}

static size_t *
column_widths(const struct table *t)
{
	size_t *widths = mem_array(size_t, t->columns);

	for (size_t i = 0; i < t->n; i++) {
		size_t width = plan_width(t->cells[i]);
		size_t *most = &widths[i % t->columns];

		*most = width > *most ? width : *most;
	}
	return widths;
}

static void
pad(struct buf *out, size_t n)
{
	while (n-- > 0)
		buf_addc(out, ' ');
}

void
table_print(const struct table *t, const char *indent, struct buf *out)
{
	auto_free size_t *widths = column_widths(t);

	for (size_t row = 0; row < t->n; row += t->columns) {
		size_t owed = 0; /* spaces, only if something follows */

		buf_adds(out, indent);
		for (size_t i = 0; i < t->columns; i++) {
			const char *cell = t->cells[row + i];

			if (*cell != 0) {
				pad(out, owed);
				buf_adds(out, cell);
				owed = 0;
			}
			owed += widths[i] - plan_width(cell) + 2;
		}
		buf_addc(out, '\n');
	}
}

void
table_free(struct table *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->cells[i]);
	free(t->cells);
}
