/* status: what the daemon found, as tables or JSON. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/control.h"
#include "cli/status_filter.h"
#include "common/base/clock.h"
#include "common/engine/plan_lines.h"

#define ANSWER_SEC 10.0
#define WATCH_SEC  2

const struct option status_options[] = {
	{ "watch", 'w', NULL, NULL, "show it again whenever it changes" },
	{ 0 },
};

/* ---- ages ---- */

/* "5s" "3m" "2h" "4d": one unit is enough for an age. */
static char *
age_text(double sec)
{
	static const struct {
		double sec;
		char unit;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' } };

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (sec >= units[i].sec)
			return mem_fmt(
			    "%d%c", (int)(sec / units[i].sec), units[i].unit);
	return mem_fmt("%ds", sec > 0 ? (int)sec : 0);
}

/* Of a time that is seconds since 1970 or text of ISO 8601. */
static char *
since(const json_t *when)
{
	struct tm tm = { 0 };

	if (json_is_number(when))
		return age_text(clock_wall() - json_number_value(when));
	if (js_text(when) != NULL &&
	    strptime(js_text(when), "%Y-%m-%dT%H:%M:%S", &tm) != NULL)
		return age_text(clock_wall() - (double)timegm(&tm));
	return NULL;
}

/* ---- the table ---- */

struct view {
	struct buf *out;
	bool wide, colour;
};

static const struct {
	const char *word, *code;
} word_colours[] = {
	{ "Synced", "32" },
	{ "Healthy", "32" },
	{ "OutOfSync", "33" },
	{ "Progressing", "33" },
	{ "Unknown", "33" },
	{ "Suspended", "33" },
	{ "Degraded", "31" },
	{ "Missing", "31" },
	{ "Failed", "31" },
	{ "Refused", "31" },
};

static const char *
colour_of(const char *word, size_t n)
{
	for (size_t i = 0; i < sizeof(word_colours) / sizeof(*word_colours);
	     i++)
		if (strlen(word_colours[i].word) == n &&
		    memcmp(word_colours[i].word, word, n) == 0)
			return word_colours[i].code;
	return NULL;
}

/* Colours the verdicts of finished lines, so that columns stay aligned. */
static void
add_coloured(struct buf *out, const char *text)
{
	while (*text != 0) {
		size_t n = strcspn(text, " \n");
		const char *code = colour_of(text, n);

		if (code != NULL)
			buf_addf(out, "\033[%sm", code);
		buf_add(out, text, n);
		if (code != NULL)
			buf_adds(out, "\033[0m");
		text += n;
		n = strspn(text, " \n");
		buf_add(out, text, n);
		text += n;
	}
}

static char *
message_of(const json_t *r)
{
	const char *error = js_pathstr(r, "error.message");
	const char *message = js_str(r, "message");
	const char *waits = js_str(r, "waitsFor");
	int drift = (int)js_int(r, "driftFields", 0);

	if (error != NULL)
		return mem_str(error);
	if (message != NULL && *message != 0)
		return mem_str(message);
	if (waits != NULL)
		return mem_fmt("waits for %s", waits);
	if (drift > 0)
		return mem_fmt("%d field%s from Git", drift,
		    drift == 1 ? " differs" : "s differ");
	return mem_str("");
}

static void
add_resource(const struct view *v, struct table *t, const json_t *r)
{
	const json_t *age = js_get(r, "ageSeconds");
	auto_free char *text = json_is_number(age)
				   ? age_text(json_number_value(age))
				   : NULL;
	auto_free char *message = message_of(r);

	table_add(t, js_str(r, "display"));
	table_add(t, js_str(r, "type"));
	if (v->wide)
		table_add(t, js_str(r, "id"));
	table_add(t, js_str(r, "sync"));
	table_add(t, js_str(r, "health"));
	table_add(t, text);
	table_add(t, message);
}

static void
add_resources(const struct view *v, const json_t *list)
{
	static const char *const titles[] = { "RESOURCE", "TYPE", "ID", "SYNC",
		"HEALTH", "AGE", "MESSAGE" };
	struct table t = { .columns = v->wide ? 7 : 6 };
	auto_buf struct buf plain = BUF_INIT;
	const json_t *r;
	size_t i;

	if (js_len(list) == 0)
		return;
	for (i = 0; i < 7; i++)
		if (v->wide || i != 2)
			table_add(&t, titles[i]);
	js_each (list, i, r)
		add_resource(v, &t, r);
	table_print(&t, "  ", &plain);
	table_free(&t);
	if (v->colour)
		add_coloured(v->out, plain.data);
	else
		buf_adds(v->out, plain.data);
}

static void
add_errors(struct buf *out, const json_t *errors)
{
	const json_t *e;
	size_t i;

	js_each (errors, i, e) {
		const char *text = json_is_object(e) ? js_str(e, "message")
						     : js_text(e);

		buf_adds(out, "  ! ");
		plan_add_clean(out, text);
		buf_addc(out, '\n');
	}
}

/* What people said about it, and what they are asked. */
static void
add_orders(struct buf *out, const json_t *a)
{
	const json_t *suspended = js_get(a, "suspended");
	const char *until = js_str(suspended, "until");
	const char *plan = js_pathstr(a, "approval.plan");
	bool confirm = js_bool(js_get(a, "approval"), "confirmOnly", false);

	if (suspended != NULL) {
		buf_addf(out, "  suspended%s%s: ", until ? " until " : "",
		    until ? until : "");
		plan_add_clean(out, js_str(suspended, "reason"));
		buf_addc(out, '\n');
	}
	if (plan != NULL)
		buf_addf(out,
		    "  waiting for approval of plan %s: convergctl approve "
		    "%s%s\n",
		    plan, plan, confirm ? " --confirm" : "");
	if (js_str(a, "rejected") != NULL)
		buf_addf(
		    out, "  plan %s was rejected\n", js_str(a, "rejected"));
}

static void
add_extra(struct buf *out, const json_t *a)
{
	int n = (int)js_int(a, "extra", 0);

	if (n > 0)
		buf_addf(out,
		    "  %d not managed by Git, left as %s: convergctl drift "
		    "%s\n",
		    n, n == 1 ? "it is" : "they are", js_str(a, "name"));
}

static void
add_architecture(const struct view *v, const json_t *a)
{
	auto_free char *age = since(js_get(a, "lastPass"));
	const char *result = js_str(a, "result");

	buf_addc(v->out, '\n');
	plan_add_clean(v->out, js_str(a, "name"));
	buf_adds(v->out, ": ");
	buf_adds(v->out, result != NULL ? result : "no pass yet");
	if (js_str(a, "guard") != NULL)
		buf_addf(v->out, " by the guard %s", js_str(a, "guard"));
	if (js_str(a, "mode") != NULL)
		buf_addf(v->out, ", %s", js_str(a, "mode"));
	if (js_str(a, "revision") != NULL)
		buf_adds(v->out, ", ");
	plan_add_revision(v->out, js_str(a, "revision"));
	if (age != NULL)
		buf_addf(v->out, ", last pass %s ago", age);
	buf_addc(v->out, '\n');
	add_orders(v->out, a);
	add_extra(v->out, a);
	add_errors(v->out, js_get(a, "errors"));
	add_resources(v, js_get(a, "resources"));
}

static void
add_trouble(struct buf *out, const char *what, const char *text)
{
	if (text == NULL || *text == 0)
		return;
	buf_join(out, "! ", what);
	plan_add_clean(out, text);
	buf_addc(out, '\n');
}

static void
add_source(struct buf *out, const json_t *answer)
{
	auto_free char *age = since(js_path(answer, "source.lastFetch"));
	const char *version = js_str(answer, "version");
	const char *installation = js_str(answer, "installation");
	const json_t *line;
	size_t i;

	buf_addf(out, "convergd %s, installation %s\n", version ? version : "?",
	    installation ? installation : "?");
	plan_add_clean(out, js_pathstr(answer, "source.url"));
	buf_adds(out, " at ");
	if (js_str(answer, "revision") != NULL)
		plan_add_revision(out, js_str(answer, "revision"));
	else
		buf_adds(out, "no revision yet");
	if (age != NULL)
		buf_addf(out, ", fetched %s ago", age);
	buf_addc(out, '\n');
	add_trouble(out, "", js_pathstr(answer, "source.error"));
	js_each (js_path(answer, "source.errors"), i, line)
		add_trouble(out, "", js_text(line));
	add_trouble(
	    out, "history: not written: ", js_pathstr(answer, "history.error"));
	add_trouble(out, "state: nothing is written to AWS: ",
	    js_pathstr(answer, "state.error"));
}

static void
add_status(const struct view *v, const json_t *answer)
{
	const json_t *a;
	size_t i;

	add_source(v->out, answer);
	js_each (js_get(answer, "architectures"), i, a)
		add_architecture(v, a);
}

static int
show(const struct args *args, const json_t *answer, bool clear)
{
	auto_free char *filter = status_filter(args);
	json_auto_t *part = status_chosen(answer, filter);
	auto_buf struct buf out = BUF_INIT;
	struct view view = { &out, args_output_is(args, "wide"), args->colour };

	if (!status_has(answer, filter))
		return status_unknown(answer, filter);
	if (args_output_is(args, "json"))
		return print_json(part, 2);
	buf_adds(&out, clear ? "\033[H\033[2J" : "");
	add_status(&view, part);
	return print_buf(&out);
}

/* What changes with every look only because time goes by. */
static char *
fingerprint(const json_t *answer)
{
	json_auto_t *copy = js_copy(answer);
	const json_t *a, *r;
	size_t i, j;

	js_del((json_t *)js_get(copy, "source"), "lastFetch");
	js_each (js_get(copy, "architectures"), i, a) {
		js_del((json_t *)a, "lastPass");
		js_each (js_get(a, "resources"), j, r)
			js_del((json_t *)r, "ageSeconds");
	}
	return js_dump(copy);
}

int
verb_status(const struct args *args)
{
	json_auto_t *request = js_pack("{s:s}", "command", "status");
	auto_free char *seen = NULL;
	bool watch = args_has(args, "watch");
	bool clear = watch && isatty(STDOUT_FILENO);
	int code;

	for (;;) {
		json_auto_t *answer = NULL;
		auto_free char *now = NULL;

		code = control_ask(args, request, ANSWER_SEC, &answer);
		if (code != EXIT_OK)
			return code;
		now = watch ? fingerprint(answer) : NULL;
		if (clear || seen == NULL || strcmp(seen, now) != 0)
			code = show(args, answer, clear);
		if (!watch || code != EXIT_OK)
			return code;
		mem_auto_free(&seen);
		seen = mem_move(&now);
		sleep(WATCH_SEC);
	}
}
