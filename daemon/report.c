/* Events and results of passes as log lines and metrics: see report.h. */

#include "daemon/report.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "daemon/told.h"

#include <string.h>

static const struct applied {
	const char *key, *word;
} applied[] = {
	{ "create", "created" },
	{ "update", "updated" },
	{ "replace", "replaced" },
	{ "delete", "deleted" },
};
#define N_APPLIED (sizeof(applied) / sizeof(applied[0]))

static const char *
or_empty(const char *s)
{
	return s == NULL ? "" : s;
}

/* ---- events ---- */

/* CHANGE: what a commit changes, in the place of DRIFT. */
enum { CHANGE = PASS_EXTRA + 1 };

static const struct event_row {
	enum log_level level;
	const char *before; /* the event's text */
} events[] = {
	[PASS_DRIFT] = { LEVEL_WARNING, "drift: " },
	[PASS_WRITE] = { LEVEL_INFO, "" },
	[PASS_WAIT] = { LEVEL_INFO, "waits: " },
	[PASS_FAILED] = { LEVEL_ERROR, "failed" },
	[PASS_SYNCED] = { LEVEL_DEBUG, "synced" },
	[PASS_EXTRA] = { LEVEL_INFO, "not managed: " },
	[CHANGE] = { LEVEL_DEBUG, "differs: " },
};

static const char *
past_tense(const char *action)
{
	for (size_t i = 0; i < N_APPLIED; i++)
		if (strcmp(applied[i].key, action) == 0)
			return applied[i].word;
	return action;
}

static void
add_error(struct buf *b, const struct err *err)
{
	buf_addf(b, ": %s", err->msg);
	if (err->request_id[0] != 0 &&
	    strstr(err->msg, err->request_id) == NULL)
		buf_addf(b, " (request %s)", err->request_id);
}

/* "drift: VisibilityTimeout: 30 -> 60 (sqs.queue, 0.21 s)" */
static void
event_text(const struct pass_event *e, const char *before, struct buf *b)
{
	buf_adds(b, before);
	buf_adds(b, past_tense(or_empty(e->text)));
	if (e->err != NULL)
		add_error(b, e->err);
	if (e->type == NULL)
		return;
	buf_addf(b, " (%s", e->type);
	if (e->seconds > 0)
		buf_addf(b, ", %.2f s", e->seconds);
	buf_addc(b, ')');
}

/* What left Git has no manifest: its tags told the kind. Caller frees. */
static char *
event_kind(const struct pass_event *e)
{
	bool manifest = e->module_kind != NULL && *e->module_kind != '\0';

	if (manifest || e->display == NULL)
		return mem_str(e->module_kind);
	return mem_strn(e->display, strcspn(e->display, "/"));
}

/* "LambdaFunction/orders/role" is about more than the manifest: say so. */
static const char *
event_name(const struct pass_event *e, const char *kind)
{
	size_t n = kind == NULL ? 0 : strlen(kind);

	if (e->display != NULL && n > 0 && text_starts(e->display, kind) &&
	    e->display[n] == '/')
		return e->display + n + 1;
	return e->name;
}

void
report_event(struct log *log, struct metrics *m, const struct pass_event *e,
    bool drift, bool again)
{
	const struct event_row *row =
	    &events[e->kind == PASS_DRIFT && !drift ? CHANGE : (int)e->kind];
	auto_buf struct buf text = BUF_INIT;
	auto_free char *kind = event_kind(e);
	struct log_about about = {
		.architecture = e->graph->arch.name,
		.kind = kind,
		.name = event_name(e, kind),
		.revision = e->graph->arch.revision,
	};

	if (e->err != NULL && e->err->kind == ERR_CANCELLED)
		return; /* we are the ones who cancelled it */
	event_text(e, row->before, &text);
	log_at(log, again ? LEVEL_DEBUG : row->level, &about, "%s", text.data);
	if (e->kind == PASS_WRITE && e->module_kind != NULL)
		metrics_observe(m, M_RECONCILE_DURATION, e->seconds,
		    LABELS(e->module_kind));
}

/* ---- the end of a pass: log ---- */

/* Per result: how loud when it is news, and when it is as before. */
static const struct loudness {
	const char *result;
	enum log_level news, again;
} loudness[] = {
	{ "Synced", LEVEL_INFO, LEVEL_DEBUG },
	{ "OutOfSync", LEVEL_WARNING, LEVEL_DEBUG },
	{ "Progressing", LEVEL_INFO, LEVEL_INFO },
	{ "Refused", LEVEL_WARNING, LEVEL_DEBUG },
	{ "Cancelled", LEVEL_INFO, LEVEL_INFO },
	{ "Failed", LEVEL_ERROR, LEVEL_DEBUG },
};

static enum log_level
level_of(const char *result, bool news)
{
	size_t i = 0;

	while (i + 1 < sizeof(loudness) / sizeof(loudness[0]) &&
	       strcmp(loudness[i].result, result) != 0)
		i++;
	return news ? loudness[i].news : loudness[i].again;
}

static json_int_t
add_counts(const json_t *report, struct buf *b)
{
	const json_t *counts = js_get(report, "applied");
	json_int_t sum = 0;

	for (size_t i = 0; i < N_APPLIED; i++) {
		json_int_t n = js_int(counts, applied[i].key, 0);

		if (n > 0)
			buf_addf(b, "%s%lld %s", sum == 0 ? ": " : ", ",
			    (long long)n, applied[i].word);
		sum += n;
	}
	return sum;
}

static double
phase(const json_t *report, const char *name)
{
	return json_number_value(js_get(js_get(report, "seconds"), name));
}

static bool
same(const struct report_pass *p, const char *member)
{
	return strcmp(or_empty(js_str(p->before, member)),
		   or_empty(js_str(packed_doc_head(p->report), member))) == 0;
}

/* Is there more to say than at the last look for drift? */
static bool
is_news(const struct report_pass *p)
{
	const json_t *report = packed_doc_head(p->report);
	auto_buf struct buf unused = BUF_INIT;

	return add_counts(report, &unused) > 0 || p->before == NULL ||
	       strcmp(p->why, "poll") != 0 || !same(p, "result") ||
	       !same(p, "guard") ||
	       !told_same(js_get(p->before, "error"), js_get(report, "error"));
}

static void
log_result(struct log *log, const struct report_pass *p, bool news)
{
	const json_t *report = packed_doc_head(p->report);
	const char *result = or_empty(js_str(report, "result"));
	const char *why = js_pathstr(report, "error.message");
	const char *guard = js_str(report, "guard");
	auto_buf struct buf text = BUF_INIT;
	struct log_about about = {
		.architecture = p->arch->name,
		.revision = p->arch->revision,
	};

	buf_addf(&text, "%s at %s", result, or_empty(p->arch->revision));
	if (guard != NULL)
		buf_addf(&text, " by the guard %s", guard);
	add_counts(report, &text);
	buf_addf(&text, " (%.2f s)",
	    phase(report, "observe") + phase(report, "plan") +
		phase(report, "converge"));
	if (why != NULL)
		buf_addf(&text, ": %s", why);
	log_at(log, level_of(result, news), &about, "%s", text.data);
}

/* What the plan holds and policy or a guard keeps from happening. */
static void
log_refusals(struct log *log, const struct report_pass *p, bool news)
{
	enum log_level level = news ? LEVEL_WARNING : LEVEL_DEBUG;

	packed_doc_each (p->plan, "actions", action) {
		const char *refused = js_str(action, "refused");
		const char *what = js_str(action, "display");
		struct log_about about = {
			.architecture = p->arch->name,
			.revision = p->arch->revision,
			.kind = js_str(action, "kind"),
			.name = js_str(action, "name"),
		};

		if (refused != NULL && *refused != 0)
			log_at(log, level, &about, "%s %s refused: %s",
			    or_empty(js_str(action, "action")), or_empty(what),
			    refused);
	}
}

/* ---- the end of a pass: metrics ---- */

static const char *
verdict(const json_t *resource)
{
	return js_get(resource, "error") != NULL
		   ? "Failed"
		   : or_empty(js_str(resource, "sync"));
}

/* What the pass before did not see, this one saw: it took so long at most. */
static void
observe_detection(struct metrics *m, const struct report_pass *p)
{
	const json_t *report = packed_doc_head(p->report);

	if (p->apart > 0 &&
	    strcmp(or_empty(js_str(p->before, "result")), "Synced") == 0)
		metrics_observe(m, M_DRIFT_DETECTION,
		    p->apart + phase(report, "observe"), LABELS());
}

/* How many resources differ, also when none does. */
static void
count_severity(
    struct metrics *m, const char *architecture, const json_t *resource)
{
	const char *sync = or_empty(js_str(resource, "sync"));
	bool grave = js_str(resource, "severity") != NULL;
	bool differs = strcmp(sync, "OutOfSync") == 0;

	metrics_add(m, M_DRIFT_SEVERITY, differs && grave,
	    LABELS(architecture, "high"));
	metrics_add(m, M_DRIFT_SEVERITY, differs && !grave,
	    LABELS(architecture, "normal"));
}

static void
count_drift(struct metrics *m, const struct report_pass *p,
    const json_t *resource, const char *kind)
{
	const char *arch = p->arch->name;
	const char *name = or_empty(js_str(resource, "name"));
	double fields = (double)js_int(resource, "driftFields", 0);
	double found = p->drift ? (double)js_int(resource, "driftFound", 0) : 0;

	metrics_add(m, M_DRIFT_FIELDS, fields, LABELS(arch, kind, name));
	if (found > 0) {
		metrics_add(
		    m, M_DRIFT_DETECTED, found, LABELS(arch, kind, p->why));
		observe_detection(m, p);
	}
	if (p->drift && js_bool(resource, "healed", false))
		metrics_add(m, M_DRIFT_HEALED, 1, LABELS(arch, kind));
	if (js_bool(resource, "notConverging", false))
		metrics_set(m, M_NOT_CONVERGING, 1, LABELS(arch, kind, name));
}

static void
count_resource(
    struct metrics *m, const struct report_pass *p, const json_t *resource)
{
	const char *kind = or_empty(js_str(resource, "kind"));
	const char *sync = or_empty(js_str(resource, "sync"));
	const char *health = or_empty(js_str(resource, "health"));

	metrics_add(
	    m, M_RESOURCES, 1, LABELS(p->arch->name, kind, sync, health));
	metrics_add(m, M_RECONCILE, 1, LABELS(kind, verdict(resource)));
	count_drift(m, p, resource, kind);
	count_severity(m, p->arch->name, resource);
}

static void
count_plan(struct metrics *m, const struct report_pass *p)
{
	double counts[N_APPLIED] = { 0 };

	packed_doc_each (p->plan, "actions", action)
		for (size_t i = 0; i < N_APPLIED; i++)
			counts[i] += strcmp(or_empty(js_str(action, "action")),
					 applied[i].key) == 0;
	for (size_t i = 0; i < N_APPLIED; i++)
		metrics_set(m, M_PLAN_CHANGES, counts[i],
		    LABELS(p->arch->name, applied[i].key));
	if (p->plan != NULL)
		metrics_set(m, M_EXTRA_RESOURCES,
		    (double)js_int(packed_doc_head(p->report), "extra", 0),
		    LABELS(p->arch->name));
}

static void
count_result(struct metrics *m, const struct report_pass *p)
{
	static const char *const phases[] = { "observe", "plan", "converge" };
	const json_t *report = packed_doc_head(p->report);
	const char *result = or_empty(js_str(report, "result"));

	for (size_t i = 0; i < 3; i++)
		metrics_observe(m, M_PASS_DURATION, phase(report, phases[i]),
		    LABELS(p->arch->name, phases[i]));
	if (strcmp(result, "Synced") == 0)
		metrics_set(
		    m, M_LAST_SUCCESS, clock_wall(), LABELS(p->arch->name));
	if (strcmp(result, "Refused") == 0)
		metrics_add(m, M_GUARD_REFUSALS, 1,
		    LABELS(or_empty(js_str(report, "guard"))));
}

/* Gauges that name what is there now. */
static const enum metric gauges[] = { M_RESOURCES, M_DRIFT_FIELDS,
	M_NOT_CONVERGING, M_ARCHITECTURE_INFO, M_PLAN_CHANGES, M_DRIFT_SEVERITY,
	M_EXTRA_RESOURCES };

static void
drop_gauges(struct metrics *m, const char *architecture)
{
	for (size_t i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++)
		metrics_drop(m, gauges[i], architecture);
}

void
report_forget(struct metrics *m, const char *architecture)
{
	drop_gauges(m, architecture);
	metrics_drop(m, M_VERDICT_AGE, architecture);
	metrics_drop(m, M_LAST_SUCCESS, architecture);
	metrics_drop(m, M_SUSPENDED, architecture);
	metrics_drop(m, M_PLAN_WAITING, architecture);
}

void
report_pass(struct log *log, struct metrics *m, const struct report_pass *p)
{
	bool news = is_news(p);

	log_refusals(log, p, news);
	log_result(log, p, news);
	drop_gauges(m, p->arch->name);
	metrics_set(m, M_ARCHITECTURE_INFO, 1,
	    LABELS(p->arch->name, or_empty(p->arch->revision),
		or_empty(p->arch->mode)));
	packed_doc_each (p->report, "resources", resource)
		count_resource(m, p, resource);
	count_plan(m, p);
	count_result(m, p);
}
