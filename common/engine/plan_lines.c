/* Changed fields of a plan as lines: see plan_lines.h. */

#include "common/engine/plan_lines.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define VALUE_MAX   72 /* bytes of a value that are shown */
#define VALUE_LEAD  24 /* of them, before the first difference */
#define LINE_MAX    72 /* "from -> to" beside the path */
#define SPLIT_DEPTH 32

size_t
plan_width(const char *s)
{
	size_t n = 0;

	for (; *s != 0; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

/* C0, DEL, and C1 as UTF-8 (c2 80 - c2 9f): what drives a terminal. */
static size_t
control_length(const char *s)
{
	const unsigned char *u = (const unsigned char *)s;

	if (u[0] < ' ' || u[0] == 127)
		return 1;
	return u[0] == 0xc2 && u[1] >= 0x80 && u[1] <= 0x9f ? 2 : 0;
}

void
plan_add_clean(struct buf *out, const char *s)
{
	while (s != NULL && *s != 0) {
		size_t n = control_length(s);

		buf_addc(out, n > 0 ? ' ' : *s);
		s += n > 0 ? n : 1;
	}
}

/* Start of the character that byte i belongs to. */
static size_t
character(const char *s, size_t i)
{
	while (i > 0 && (s[i] & 0xc0) == 0x80)
		i--;
	return i;
}

static size_t
common_prefix(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] != 0 && a[n] == b[n])
		n++;
	return n;
}

/* The part of a long value that shows the difference. */
static char *
window(const char *value, size_t differs)
{
	auto_buf struct buf out = BUF_INIT;
	auto_free char *part = NULL;
	size_t len = strlen(value), start = 0, end = len;

	if (len > VALUE_MAX) {
		if (differs > VALUE_LEAD)
			start = differs - VALUE_LEAD;
		if (start > len - VALUE_MAX)
			start = len - VALUE_MAX;
		start = character(value, start);
		if (start + VALUE_MAX < len)
			end = character(value, start + VALUE_MAX);
	}
	part = mem_strn(value + start, end - start);
	buf_adds(&out, start > 0 ? "..." : "");
	plan_add_clean(&out, part);
	buf_adds(&out, end < len ? "..." : "");
	return buf_take(&out);
}

static bool
is_scalar(const json_t *value)
{
	return json_is_number(value) || json_is_boolean(value);
}

/* other: what it is compared with. AWS writes many numbers as text: beside a
 * number such a text is shown as one. */
static char *
value_text(const json_t *value, const json_t *other)
{
	if (value == NULL || json_is_null(value))
		return mem_str("(none)");
	if (json_is_string(value) && is_scalar(other) && *js_text(value) != 0)
		return mem_str(js_text(value));
	return js_dump(value);
}

static void
add_line(struct plan_lines *lines, const struct plan_line *take_line)
{
	lines->list = mem_grow(lines->list, lines->n * sizeof(*lines->list),
	    (lines->n + 1) * sizeof(*lines->list));
	lines->list[lines->n++] = *take_line;
}

static void
add_leaf(struct plan_lines *lines, const char *path, const json_t *from,
    const json_t *to, const char *note)
{
	auto_free char *a = value_text(from, to), *b = value_text(to, from);
	size_t differs = common_prefix(a, b);
	auto_buf struct buf clean = BUF_INIT;

	plan_add_clean(&clean, path);
	add_line(lines, &(struct plan_line){ .path = buf_take(&clean),
			    .from = window(a, differs),
			    .to = window(b, differs),
			    .note = note });
}

static void add_difference(struct plan_lines *, const char *path,
    const json_t *from, const json_t *to, const char *note, int depth);

static void
add_members(struct plan_lines *lines, const char *path, const json_t *from,
    const json_t *to, const char *note, int depth)
{
	const char *key;
	json_t *value;

	js_foreach (from, key, value) {
		auto_free char *sub = mem_fmt("%s.%s", path, key);

		add_difference(
		    lines, sub, value, js_get(to, key), note, depth + 1);
	}
	js_foreach (to, key, value) {
		auto_free char *sub = mem_fmt("%s.%s", path, key);

		if (js_get(from, key) == NULL)
			add_difference(
			    lines, sub, NULL, value, note, depth + 1);
	}
}

static void
add_elements(struct plan_lines *lines, const char *path, const json_t *from,
    const json_t *to, const char *note, int depth)
{
	for (size_t i = 0; i < js_len(from); i++) {
		auto_free char *sub = mem_fmt("%s.%zu", path, i);

		add_difference(
		    lines, sub, js_at(from, i), js_at(to, i), note, depth + 1);
	}
}

/* Both of one shape: only what differs within is worth a line. */
static void
add_difference(struct plan_lines *lines, const char *path, const json_t *from,
    const json_t *to, const char *note, int depth)
{
	if (js_equal(from, to))
		return;
	if (depth < SPLIT_DEPTH && json_is_object(from) && json_is_object(to))
		add_members(lines, path, from, to, note, depth);
	else if (depth < SPLIT_DEPTH && json_is_array(from) &&
		 json_is_array(to) && js_len(from) == js_len(to))
		add_elements(lines, path, from, to, note, depth);
	else
		add_leaf(lines, path, from, to, note);
}

static void
add_change(struct plan_lines *lines, const json_t *change, const char *note)
{
	const char *path = js_str(change, "path");
	const json_t *from = js_get(change, "from");
	bool unknown = js_bool(change, "unknown", false);
	auto_free char *a = NULL;

	if (path == NULL)
		path = "";
	if (js_bool(change, "secret", false)) {
		add_line(lines,
		    &(struct plan_line){ mem_str(path), mem_str("(sensitive)"),
			mem_str("(sensitive)"), note });
	} else if (unknown) {
		a = value_text(from, NULL);
		add_line(
		    lines, &(struct plan_line){ mem_str(path), window(a, 0),
			       mem_str("(known after apply)"), note });
	} else {
		add_difference(
		    lines, path, from, js_get(change, "to"), note, 0);
	}
}

static const char *
note_of(const json_t *change)
{
	static const char *const notes[2][2] = {
		{ NULL, "less secure than Git" },
		{ "forces replacement",
		    "less secure than Git, forces replacement" },
	};

	return notes[js_bool(change, "fixed", false)]
		    [js_str(change, "severity") != NULL];
}

void
plan_lines_of(const json_t *action, struct plan_lines *ret)
{
	const json_t *change;
	size_t i;

	*ret = (struct plan_lines){ NULL, 0 };
	js_each (js_get(action, "changes"), i, change)
		add_change(ret, change, note_of(change));
}

void
plan_lines_free(struct plan_lines *lines)
{
	for (size_t i = 0; i < lines->n; i++) {
		free(lines->list[i].path);
		free(lines->list[i].from);
		free(lines->list[i].to);
	}
	free(lines->list);
}

bool
plan_line_is_long(const struct plan_line *line)
{
	return plan_width(line->from) + plan_width(line->to) > LINE_MAX;
}

static const struct {
	const char *action, *symbol;
} symbols[] = {
	{ "create", "+" },
	{ "update", "~" },
	{ "replace", "-/+" },
	{ "delete", "-" },
};

const char *
plan_symbol(const json_t *action)
{
	const char *name = js_str(action, "action");

	if (js_bool(action, "createFirst", false))
		return "+/-";
	for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++)
		if (name != NULL && strcmp(symbols[i].action, name) == 0)
			return symbols[i].symbol;
	return "?";
}

void
plan_add_revision(struct buf *out, const char *revision)
{
	const char *colon = revision == NULL ? NULL : strrchr(revision, ':');

	if (revision == NULL)
		return;
	if (colon == NULL || strlen(colon + 1) <= 7) {
		plan_add_clean(out, revision);
		return;
	}
	buf_add(out, revision, (size_t)(colon - revision) + 8);
}

static size_t
count_actions(const struct packed_doc *plan)
{
	size_t n = 0;

	packed_doc_each (plan, "actions", action)
		n += js_get(action, "refused") == NULL;
	return n;
}

void
plan_add_header(struct buf *out, const struct packed_doc *plan)
{
	const json_t *head = packed_doc_head(plan);
	const char *account = js_str(head, "account");
	const char *region = js_str(head, "region");
	const char *revision = js_str(head, "revision");
	size_t n = count_actions(plan);

	plan_add_clean(out, js_str(head, "architecture"));
	if (n > 0)
		buf_addf(out, ": %zu to change", n);
	else
		buf_adds(out, ": nothing to change");
	if (revision != NULL) {
		buf_adds(out, " at ");
		plan_add_revision(out, revision);
	}
	if (account == NULL && region == NULL)
		return;
	buf_adds(out, " (");
	if (account != NULL)
		buf_addf(out, "account %s%s", account, region ? ", " : "");
	buf_addf(out, "%s)", region != NULL ? region : "");
}

void
plan_add_summary(struct buf *out, const struct packed_doc *plan)
{
	const json_t *s = js_get(packed_doc_head(plan), "summary");

	if (packed_doc_len(plan, "actions") == 0 &&
	    packed_doc_len(plan, "errors") == 0) {
		buf_adds(out, "No changes.");
		return;
	}
	buf_addf(out, "Plan: %d to add, %d to change, %d to destroy.",
	    (int)js_int(s, "add", 0), (int)js_int(s, "change", 0),
	    (int)js_int(s, "destroy", 0));
}

void
plan_add_reason(struct buf *out, const json_t *action)
{
	const char *reason = js_str(action, "reason");
	const char *refused = js_str(action, "refused");

	plan_add_clean(out, reason);
	if (refused == NULL)
		return;
	buf_addf(out, "%srefused: ", reason != NULL ? "; " : "");
	plan_add_clean(out, refused);
}

size_t
plan_unnamed_extras(const struct packed_doc *plan)
{
	const json_t *summary = js_get(packed_doc_head(plan), "summary");
	json_int_t n = (json_int_t)packed_doc_len(plan, "extras");
	json_int_t all = js_int(summary, "extra", n);

	return all > n ? (size_t)(all - n) : 0;
}
