/* The daemon's history, and the command that asks for it. */

#include <stdlib.h>
#include <string.h>

#include "common/loop/pool.h"
#include "daemon/control.h"
#include "daemon/daemon_impl.h"
#include "daemon/history.h"
#include "daemon/metrics.h"
#include "daemon/settings.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     10000

/* ---- its troubles ---- */

static void
on_trouble(void *arg, const char *why)
{
	struct daemon *d = arg;

	if (why == NULL)
		log_info(&d->log, "the history is written again");
	else
		log_error(&d->log,
		    "the history cannot be written, all else goes on: %s", why);
}

static void
on_damaged(void *arg, const char *aside)
{
	struct daemon *d = arg;

	log_warning(&d->log,
	    "the history was damaged: it is put aside as %s, and a new one "
	    "begun",
	    aside);
}

static void
on_lost(void *arg, size_t rows)
{
	struct daemon *d = arg;

	metrics_add(d->metrics, M_HISTORY_ERRORS, (double)rows, LABELS());
}

/* Stopping waits until the last rows are on the disk. */
static void
on_idle(void *arg)
{
	struct daemon *d = arg;

	if (d->stopping)
		daemon_settle(d);
}

void
daemon_history_start(struct daemon *d)
{
	auto_free char *path = mem_fmt("%s/history.db", d->state_directory);
	struct history_options o = {
		.pool = pools_get(d->pools, "history"),
		.path = path,
		.keep_sec = d->settings->history.keep_sec,
		.rows = d->settings->history.rows,
		.trouble = on_trouble,
		.lost = on_lost,
		.damaged = on_damaged,
		.idle = on_idle,
		.arg = d,
	};

	metrics_add(d->metrics, M_HISTORY_ERRORS, 0, LABELS());
	d->history = history_new(&o);
}

void
daemon_history_commit(
    struct daemon *d, const char *revision, const json_t *commit)
{
	json_t *row = js_copy(commit);

	js_set_str(row, "revision", revision);
	history_revision(d->history, row);
}

/* ---- the command ---- */

static void
on_answer(void *arg, json_t *take_events, const struct err *err)
{
	json_t *answer;

	if (err != NULL) {
		control_refuse(arg, err->msg);
		return;
	}
	answer = js_pack("{s:b}", "ok", 1);
	js_set(answer, "events", take_events);
	control_answer(arg, answer);
}

void
daemon_history_ask(
    struct daemon *d, struct control_client *c, const json_t *request)
{
	json_int_t limit = js_int(request, "limit", LIMIT_DEFAULT);
	struct history_query q = {
		.below = js_str(request, "below"),
		.kinds = js_str(request, "kinds"),
		.limit = (size_t)limit,
		.answer = on_answer,
		.arg = c,
	};

	if (limit < 1 || limit > LIMIT_MAX)
		control_refuse(c, "limit must be 1 to 10000");
	else
		history_ask(d->history, &q);
}
