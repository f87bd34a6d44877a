/* A plan as a comment on a pull request. */

#include <string.h>

#include "common/base/mem.h"
#include "common/engine/pass.h"
#include "common/engine/plan_lines.h"

static const struct {
	char c;
	const char *html;
} entities[] = {
	{ '<', "&lt;" }, { '>', "&gt;" }, { '&', "&amp;" },
	{ '@', "&#64;" }, /* no mentions */
};

static const char *
entity(char c)
{
	for (size_t i = 0; i < sizeof(entities) / sizeof(*entities); i++)
		if (entities[i].c == c)
			return entities[i].html;
	return NULL;
}

/* Text outside of code: nothing of it may become markup or HTML. Within
 * HTML, Markdown is not read: pass "" for its special characters. */
static void
add_escaped(struct buf *out, const char *text, const char *special)
{
	auto_buf struct buf clean = BUF_INIT;

	plan_add_clean(&clean, text);
	for (const char *c = clean.data; *c != 0; c++) {
		if (entity(*c) != NULL)
			buf_adds(out, entity(*c));
		else if (strchr(special, *c) != NULL)
			buf_addf(out, "\\%c", *c);
		else
			buf_addc(out, *c);
	}
}

static void
add_text(struct buf *out, const char *text)
{
	add_escaped(out, text, "\\`*_{}[]|~#");
}

static size_t
longest_run(const char *text, char of)
{
	size_t most = 0, run = 0;

	for (; *text != 0; text++) {
		run = *text == of ? run + 1 : 0;
		most = run > most ? run : most;
	}
	return most;
}

/* A fence that nothing in the text can close. */
static void
add_fence(struct buf *out, const char *text, const char *language)
{
	size_t n = longest_run(text, '`');

	for (size_t i = 0; i < (n < 3 ? 3 : n + 1); i++)
		buf_addc(out, '`');
	buf_addf(out, "%s\n", language);
}

static void
add_cells(struct buf *out, const json_t *x)
{
	static const char *const members[] = { "display", "type", "id" };

	for (size_t i = 0; i < 3; i++) {
		add_text(out, js_str(x, members[i]));
		buf_adds(out, i < 2 ? " | " : " |");
	}
}

static void
add_row(struct buf *out, const char *symbol, const json_t *x)
{
	buf_addf(out, "| `%s` | ", symbol);
	add_cells(out, x);
	buf_addc(out, ' ');
}

static void
add_action_row(struct buf *out, const json_t *action)
{
	auto_buf struct buf reason = BUF_INIT;

	add_row(out, plan_symbol(action), action);
	plan_add_reason(&reason, action);
	add_text(out, reason.data);
	buf_adds(out, " |\n");
}

static void
add_error_row(struct buf *out, const json_t *error)
{
	add_row(out, "!", error);
	add_text(out, js_pathstr(error, "error.message"));
	buf_adds(out, " |\n");
}

static void
add_table(struct buf *out, const struct packed_doc *plan)
{
	if (packed_doc_len(plan, "actions") + packed_doc_len(plan, "errors") ==
	    0)
		return;
	buf_adds(out, "|   | resource | type | id | why |\n"
		      "|---|---|---|---|---|\n");
	packed_doc_each (plan, "actions", x)
		add_action_row(out, x);
	packed_doc_each (plan, "errors", x)
		add_error_row(out, x);
	buf_addc(out, '\n');
}

/* "- path: old" and "+ path: new", coloured by the diff language. */
static void
add_lines(struct buf *out, const json_t *action)
{
	const char *name = js_str(action, "action");
	struct plan_lines lines;

	plan_lines_of(action, &lines);
	for (size_t i = 0; i < lines.n; i++) {
		const struct plan_line *l = &lines.list[i];

		if (name == NULL || strcmp(name, "create") != 0)
			buf_addf(out, "- %s: %s\n", l->path, l->from);
		buf_addf(out, "+ %s: %s", l->path, l->to);
		if (l->note != NULL)
			buf_addf(out, "  # %s", l->note);
		buf_addc(out, '\n');
	}
	plan_lines_free(&lines);
}

static void
add_details(struct buf *out, const json_t *action)
{
	auto_buf struct buf lines = BUF_INIT;

	if (strcmp(plan_symbol(action), "-") == 0)
		return;
	add_lines(&lines, action);
	if (lines.len == 0)
		return;
	buf_addf(out, "<details><summary>%s ", plan_symbol(action));
	add_escaped(out, js_str(action, "display"), "");
	buf_adds(out, "</summary>\n\n");
	add_fence(out, lines.data, "diff");
	buf_adds(out, lines.data);
	add_fence(out, lines.data, "");
	buf_adds(out, "\n</details>\n\n");
}

static void
add_extras(struct buf *out, const struct packed_doc *plan)
{
	size_t n = packed_doc_len(plan, "extras");
	size_t unnamed = plan_unnamed_extras(plan);

	if (n == 0)
		return;
	buf_addf(out,
	    "<details><summary>" PLAN_EXTRAS ": %zu</summary>\n\n"
	    "| resource | type | id |\n|---|---|---|\n",
	    n + unnamed);
	packed_doc_each (plan, "extras", x) {
		buf_adds(out, "| ");
		add_cells(out, x);
		buf_addc(out, '\n');
	}
	if (unnamed > 0)
		buf_addf(out, "\nand %zu more\n", unnamed);
	buf_adds(out, "\n</details>\n\n");
}

void
plan_markdown(const struct packed_doc *plan, struct buf *out)
{
	auto_buf struct buf line = BUF_INIT;

	plan_add_header(&line, plan);
	buf_adds(out, "### ");
	add_text(out, line.data);
	buf_adds(out, "\n\n");
	add_table(out, plan);
	packed_doc_each (plan, "actions", x)
		add_details(out, x);
	add_extras(out, plan);
	buf_clear(&line);
	plan_add_summary(&line, plan);
	buf_addf(out, "**%s**\n", line.data);
}
