/* Rows of the history: see record.h. */

#include "daemon/record.h"
#include "common/base/clock.h"
#include "daemon/history.h"
#include "daemon/log.h"

#include <string.h>

/* Texts may quote what is no UTF-8, or be cut in the middle of a letter. */
static void
set_clean(json_t *row, const char *key, const char *text)
{
	auto_buf struct buf b = BUF_INIT;

	if (text == NULL || *text == 0)
		return;
	log_clean(&b, text);
	js_set_str(row, key, b.data);
}

static json_t *
row_new(const char *kind, const char *architecture)
{
	json_t *row = js_pack("{s:f, s:s}", "time", clock_wall(), "kind", kind);

	set_clean(row, "architecture", architecture);
	return row;
}

static const char *
kind_of(const struct pass_event *e, bool drift)
{
	static const char *const kinds[] = {
		[PASS_DRIFT] = "drift",
		[PASS_WRITE] = "write",
		[PASS_WAIT] = NULL,
		[PASS_FAILED] = "failed",
		[PASS_SYNCED] = NULL,
		[PASS_EXTRA] = "extra",
	};

	return e->kind == PASS_DRIFT && !drift ? NULL : kinds[e->kind];
}

void
record_event(
    struct history *h, const struct pass_event *e, bool drift, bool again)
{
	const char *kind = kind_of(e, drift);
	json_t *row;

	if (h == NULL || kind == NULL || again ||
	    (e->err != NULL && e->err->kind == ERR_CANCELLED))
		return;
	row = row_new(kind, e->graph->arch.name);
	set_clean(row, "address", e->address);
	set_clean(row, "display", e->display);
	set_clean(row, "type", e->type);
	set_clean(row, "text", e->text);
	set_clean(row, "revision", e->graph->arch.revision);
	if (e->err != NULL) {
		set_clean(row, "error", e->err->msg);
		set_clean(row, "request", e->err->request_id);
	} else if (e->kind == PASS_WRITE) {
		set_clean(row, "request", e->request_id);
	}
	if (e->kind == PASS_WRITE)
		js_set(row, "seconds", json_real(e->seconds));
	history_event(h, row);
}

/* ---- passes ---- */

/* "Synced: 2 created, 1 deleted"; says whether anything was written. */
static bool
add_applied(const json_t *report, struct buf *text)
{
	static const struct {
		const char *key, *word;
	} words[] = { { "create", "created" }, { "update", "updated" },
		{ "replace", "replaced" }, { "delete", "deleted" } };
	bool any = false;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		int n = (int)js_int(js_get(report, "applied"), words[i].key, 0);

		if (n > 0)
			buf_addf(text, "%s%d %s", any ? ", " : ": ", n,
			    words[i].word);
		any |= n > 0;
	}
	return any;
}

static double
seconds_of(const json_t *report)
{
	const char *key;
	json_t *part;
	double sum = 0;

	js_foreach (js_get(report, "seconds"), key, part)
		sum += json_number_value(part);
	return sum;
}

void
record_pass(struct history *h, const json_t *report, const char *before,
    const char *why)
{
	const char *result = js_str(report, "result");
	auto_buf struct buf text = BUF_INIT;
	json_t *row;
	bool wrote;

	if (h == NULL || result == NULL)
		return;
	buf_adds(&text, result);
	wrote = add_applied(report, &text);
	if (!wrote && before != NULL && strcmp(before, result) == 0 &&
	    strcmp(why, "git") != 0)
		return;
	row = row_new("pass", js_str(report, "architecture"));
	set_clean(row, "text", text.data);
	set_clean(row, "type", why);
	set_clean(row, "revision", js_str(report, "revision"));
	set_clean(row, "error", js_pathstr(report, "error.message"));
	set_clean(row, "request", js_pathstr(report, "error.requestId"));
	js_set(row, "seconds", json_real(seconds_of(report)));
	history_event(h, row);
}

/* ---- orders ---- */

void
record_order(struct history *h, const char *architecture, const char *address,
    const char *order, const char *text)
{
	json_t *row;

	if (h == NULL)
		return;
	row = row_new("order", architecture);
	set_clean(row, "address", address);
	set_clean(row, "display", address);
	set_clean(row, "type", order);
	set_clean(row, "text", text);
	history_event(h, row);
}
