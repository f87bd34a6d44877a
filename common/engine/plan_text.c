/* A plan as people read it on a terminal. */

#include <string.h>

#include "common/base/mem.h"
#include "common/engine/pass.h"
#include "common/engine/plan_lines.h"

/* Columns, counted from 0; they grow when names are longer. */
#define NAME_AT   4
#define FIELD_AT  6
#define TYPE_AT   28
#define REASON_AT 30 /* behind the type */
#define WIDE_NAME 48 /* a longer name moves only its own line */
#define WIDE_TYPE 48

static const struct {
	const char *symbol, *code;
} colours[] = {
	{ "+", "\033[32m" },
	{ "~", "\033[33m" },
	{ "-/+", "\033[35m" },
	{ "+/-", "\033[35m" },
	{ "-", "\033[31m" },
	{ "!", "\033[31m" },
	{ "bold", "\033[1m" },
	{ "dim", "\033[2m" },
};

struct writer {
	struct buf *out;
	bool colour;
	size_t type_at, reason_at; /* columns */
};

static void
begin(struct writer *w, const char *what)
{
	for (size_t i = 0; i < sizeof(colours) / sizeof(*colours); i++)
		if (w->colour && strcmp(colours[i].symbol, what) == 0)
			buf_adds(w->out, colours[i].code);
}

static void
end(struct writer *w)
{
	if (w->colour)
		buf_adds(w->out, "\033[0m");
}

static void
pad(struct buf *out, size_t n)
{
	while (n-- > 0)
		buf_addc(out, ' ');
}

/* From column `at`, at least one space. */
static void
pad_to(struct writer *w, size_t at, size_t column)
{
	pad(w->out, column > at ? column - at : 1);
}

static void
widen(size_t *column, size_t need)
{
	if (need > *column)
		*column = need;
}

static void
add_type(struct buf *out, const json_t *action)
{
	const char *id = js_str(action, "id");

	plan_add_clean(out, js_str(action, "type"));
	if (id == NULL || *id == 0)
		return;
	buf_addc(out, ' ');
	plan_add_clean(out, id);
}

static bool
has_fields(const char *symbol)
{
	return strcmp(symbol, "~") == 0 || strchr(symbol, '/') != NULL;
}

static void
measure(struct writer *w, const json_t *action)
{
	const char *display = js_str(action, "display");
	size_t name = display == NULL ? 0 : plan_width(display);
	struct plan_lines lines;
	auto_buf struct buf type = BUF_INIT;

	if (name <= WIDE_NAME)
		widen(&w->type_at, NAME_AT + name + 2);
	add_type(&type, action);
	if (plan_width(type.data) <= WIDE_TYPE)
		widen(&w->reason_at, plan_width(type.data) + 2);
	if (!has_fields(plan_symbol(action)))
		return;
	plan_lines_of(action, &lines);
	for (size_t i = 0; i < lines.n; i++)
		if (plan_width(lines.list[i].path) <= WIDE_NAME)
			widen(&w->type_at,
			    FIELD_AT + plan_width(lines.list[i].path) + 2);
	plan_lines_free(&lines);
}

static void
add_long_line(struct writer *w, const struct plan_line *line)
{
	buf_adds(w->out, line->path);
	if (line->note != NULL)
		buf_addf(w->out, "  (%s)", line->note);
	buf_adds(w->out, "\n        ");
	begin(w, "-");
	buf_addf(w->out, "- %s", line->from);
	end(w);
	buf_adds(w->out, "\n        ");
	begin(w, "+");
	buf_addf(w->out, "+ %s", line->to);
	end(w);
}

static void
add_short_line(struct writer *w, const struct plan_line *line, size_t from)
{
	size_t width = plan_width(line->from);

	buf_adds(w->out, line->path);
	pad_to(w, FIELD_AT + plan_width(line->path), w->type_at);
	buf_adds(w->out, line->from);
	pad(w->out, from > width ? from - width : 0);
	begin(w, "dim");
	buf_adds(w->out, " -> ");
	end(w);
	buf_adds(w->out, line->to);
	if (line->note != NULL)
		buf_addf(w->out, "  (%s)", line->note);
}

static void
add_fields(struct writer *w, const json_t *action)
{
	struct plan_lines lines;
	size_t from = 0;

	plan_lines_of(action, &lines);
	for (size_t i = 0; i < lines.n; i++)
		if (!plan_line_is_long(&lines.list[i]))
			widen(&from, plan_width(lines.list[i].from));
	for (size_t i = 0; i < lines.n; i++) {
		pad(w->out, FIELD_AT);
		if (plan_line_is_long(&lines.list[i]))
			add_long_line(w, &lines.list[i]);
		else
			add_short_line(w, &lines.list[i], from);
		buf_addc(w->out, '\n');
	}
	plan_lines_free(&lines);
}

/* "  ~ SqsQueue/shipments      sqs.queue shop-shipments" */
static void
add_head(struct writer *w, const char *symbol, const json_t *x)
{
	const char *display = js_str(x, "display");

	pad(w->out, strlen(symbol) < 3 ? 3 - strlen(symbol) : 0);
	begin(w, symbol);
	buf_adds(w->out, symbol);
	end(w);
	buf_addc(w->out, ' ');
	plan_add_clean(w->out, display);
	pad_to(w, NAME_AT + (display ? plan_width(display) : 0), w->type_at);
}

static void
add_action(struct writer *w, const json_t *action)
{
	const char *symbol = plan_symbol(action);
	auto_buf struct buf type = BUF_INIT, reason = BUF_INIT;

	add_head(w, symbol, action);
	add_type(&type, action);
	buf_adds(w->out, type.data);
	plan_add_reason(&reason, action);
	if (reason.len > 0) {
		pad_to(w, plan_width(type.data), w->reason_at);
		buf_addf(w->out, "(%s)", reason.data);
	}
	buf_addc(w->out, '\n');
	if (has_fields(symbol))
		add_fields(w, action);
}

static void
add_error(struct writer *w, const json_t *error)
{
	const char *message = js_pathstr(error, "error.message");

	add_head(w, "!", error);
	plan_add_clean(w->out, js_str(error, "type"));
	buf_adds(w->out, ": ");
	plan_add_clean(w->out, message != NULL ? message : "unknown error");
	buf_addc(w->out, '\n');
}

/* What stays as it is, apart from what is to be done. */
static void
add_extras(struct writer *w, const struct packed_doc *plan)
{
	size_t unnamed = plan_unnamed_extras(plan);

	if (packed_doc_len(plan, "extras") == 0)
		return;
	buf_adds(w->out, PLAN_EXTRAS ":\n");
	packed_doc_each (plan, "extras", x) {
		add_head(w, "?", x);
		add_type(w->out, x);
		buf_addc(w->out, '\n');
	}
	if (unnamed > 0)
		buf_addf(w->out, "    and %zu more\n", unnamed);
}

void
plan_text(const struct packed_doc *plan, bool colour, struct buf *out)
{
	struct writer w = { out, colour, TYPE_AT, REASON_AT };

	packed_doc_each (plan, "actions", x)
		measure(&w, x);
	packed_doc_each (plan, "extras", x)
		measure(&w, x);
	begin(&w, "bold");
	plan_add_header(out, plan);
	end(&w);
	buf_addc(out, '\n');
	packed_doc_each (plan, "actions", x)
		add_action(&w, x);
	packed_doc_each (plan, "errors", x)
		add_error(&w, x);
	add_extras(&w, plan);
	plan_add_summary(out, plan);
	buf_addc(out, '\n');
}
