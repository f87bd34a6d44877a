/* history and events: what was done, when, and for which commit. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/control.h"
#include "common/base/clock.h"
#include "common/engine/plan_lines.h"

#define ANSWER_SEC 30.0
#define LIMIT      "50"
#define LIMIT_MAX  10000

const struct option history_options[] = {
	{ "limit", 'n', "N", NULL, "the newest N (default " LIMIT ")" },
	{ 0 },
};

static const char *
or_dash(const char *s)
{
	return s == NULL || *s == 0 ? "-" : s;
}

/* ---- cells ---- */

static void
add_time(struct table *t, const json_t *e)
{
	auto_buf struct buf when = BUF_INIT;

	clock_add_iso(&when, json_number_value(js_get(e, "time")));
	table_add(t, when.data);
}

/* "1f3c9ae Add a queue" */
static void
add_commit(struct table *t, const json_t *e)
{
	const char *revision = js_str(e, "revision");
	const char *hex = revision ? strstr(revision, "@sha1:") : NULL;
	const char *subject = js_str(e, "subject");
	auto_buf struct buf b = BUF_INIT;

	if (hex != NULL)
		buf_addf(&b, "%.7s", hex + strlen("@sha1:"));
	else
		buf_adds(&b, or_dash(revision));
	if (subject != NULL)
		buf_addf(&b, " %s", subject);
	table_add(t, b.data);
}

/* "shop SqsQueue/orders" */
static void
add_resource(struct table *t, const json_t *e)
{
	const char *architecture = or_dash(js_str(e, "architecture"));
	const char *display = js_str(e, "display");
	auto_free char *text = mem_fmt(
	    "%s%s%s", architecture, display ? " " : "", display ? display : "");

	table_add(t, text);
}

static void
add_action(struct table *t, const json_t *e)
{
	const char *error = js_str(e, "error");
	auto_free char *text = error == NULL ? mem_str(js_str(e, "text"))
					     : mem_fmt("failed: %s", error);

	table_add(t, or_dash(text));
}

/* Of an order its name comes first: "suspend: release freeze". */
static void
add_what(struct table *t, const json_t *e)
{
	const char *kind = js_str(e, "kind"), *text = js_str(e, "text");
	const char *error = js_str(e, "error");
	bool order = kind != NULL && strcmp(kind, "order") == 0;
	auto_buf struct buf b = BUF_INIT;

	if (order)
		buf_adds(&b, or_dash(js_str(e, "type")));
	if (text != NULL)
		buf_addf(&b, "%s%s", order ? ": " : "", text);
	if (error != NULL)
		buf_addf(&b, "%s%s", b.len > 0 ? ": " : "", error);
	table_add(t, b.data);
}

static void
add_kind(struct table *t, const json_t *e)
{
	table_add(t, js_str(e, "kind"));
}

static void
add_request(struct table *t, const json_t *e)
{
	table_add(t, or_dash(js_str(e, "request")));
}

/* ---- tables ---- */

struct column {
	const char *title;
	void (*add)(struct table *, const json_t *event);
};
static const struct column history_columns[] = {
	{ "TIME", add_time },
	{ "COMMIT", add_commit },
	{ "RESOURCE", add_resource },
	{ "REQUEST", add_request },
	{ "ACTION", add_action },
	{ NULL, NULL },
};
static const struct column event_columns[] = {
	{ "TIME", add_time },
	{ "KIND", add_kind },
	{ "RESOURCE", add_resource },
	{ "COMMIT", add_commit },
	{ "WHAT", add_what },
	{ NULL, NULL },
};

static int
print_table(const struct column *columns, const json_t *events)
{
	struct table t = { 0 };
	auto_buf struct buf out = BUF_INIT;
	const json_t *e;
	size_t i;

	while (columns[t.columns].title != NULL)
		t.columns++;
	for (i = 0; i < t.columns; i++)
		table_add(&t, columns[i].title);
	js_each (events, i, e)
		for (size_t k = 0; k < t.columns; k++)
			columns[k].add(&t, e);
	table_print(&t, "", &out);
	table_free(&t);
	return print_buf(&out);
}

static int
limit_of(const struct args *args, long *ret)
{
	const char *text = args_get(args, "limit");
	char *end;

	*ret = strtol(text ? text : LIMIT, &end, 10);
	if (*end != 0 || *ret < 1 || *ret > LIMIT_MAX)
		return usage_error(args,
		    "--limit is `%s`; it is a number from 1 to %d", text,
		    LIMIT_MAX);
	return EXIT_OK;
}

static int
show(const struct args *args, const char *kinds, const struct column *columns)
{
	json_auto_t *request = NULL, *answer = NULL, *doc = NULL;
	long limit;
	int code = limit_of(args, &limit);

	if (code != EXIT_OK)
		return code;
	request = js_pack("{s:s, s:s?, s:s?, s:I}", "command", "history",
	    "below", args_word(args, 0), "kinds", kinds, "limit",
	    (json_int_t)limit);
	code = control_ask(args, request, ANSWER_SEC, &answer);
	if (code != EXIT_OK)
		return code;
	if (!args_output_is(args, "json")) {
		if (js_len(js_get(answer, "events")) == 0)
			fail(EXIT_OK, "nothing is recorded%s%s",
			    args_word(args, 0) ? " of " : "",
			    args_word(args, 0) ? args_word(args, 0) : "");
		return print_table(columns, js_get(answer, "events"));
	}
	doc = js_pack("{s:o}", "events", js_copy(js_get(answer, "events")));
	return print_json(doc, 2);
}

int
verb_history(const struct args *args)
{
	return show(args, "write failed", history_columns);
}

int
verb_events(const struct args *args)
{
	return show(args, NULL, event_columns);
}
