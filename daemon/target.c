/* One architecture: which revision, which pass, when the next: target.h. */

#include "common/base/clock.h"
#include "common/engine/pass.h"
#include "daemon/clients.h"
#include "daemon/delay.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "daemon/record.h"
#include "daemon/report.h"
#include "daemon/revision.h"
#include "daemon/seen.h"
#include "daemon/settings.h"
#include "daemon/target_impl.h"
#include "daemon/told.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void
target_schedule(struct target *t, double delay)
{
	ev_timer_stop(t->env->loop, &t->timer);
	ev_timer_set(&t->timer, delay, 0);
	ev_timer_start(t->env->loop, &t->timer);
}

static void
goal_set(struct goal *g, struct revision *revision, struct graph *graph)
{
	struct revision *old = g->revision;

	g->revision = revision == NULL ? NULL : revision_share(revision);
	g->graph = graph;
	revision_free(old);
}

static bool
is_outdated(const struct target *t)
{
	return t->wanted.revision != t->used.revision;
}

/* ---- a pass ends ---- */

static bool
is(const char *result, const char *word)
{
	return result != NULL && strcmp(result, word) == 0;
}

static void
observe_applied(struct target *t, const char *result)
{
	double committed = revision_committed(t->used.revision);

	if (t->was_true || !is(result, "Synced"))
		return;
	t->was_true = true;
	if (committed > 0)
		metrics_observe(t->env->metrics, M_COMMIT_TO_APPLIED,
		    fmax(0, clock_wall() - committed), LABELS());
}

static void
conclude(
    struct target *t, struct packed_doc *take_report, struct packed_doc *plan)
{
	const json_t *head = packed_doc_head(take_report);
	auto_of(packed_doc_free) struct packed_doc *old = mem_move(&t->report);
	const char *before = js_str(packed_doc_head(old), "result");
	struct report_pass p = {
		.arch = &t->used.graph->arch,
		.report = take_report,
		.plan = plan,
		.before = packed_doc_head(old),
		.why = t->running_why,
		.drift = t->drift,
		.apart = t->verdict_at == 0 ? 0 : t->started - t->verdict_at,
	};

	t->report = take_report;
	target_used(t, head, plan);
	seen_keep(t->env->seen, t->name, js_get(t->memory, "seen"));
	report_pass(t->env->log, t->env->metrics, &p);
	record_pass(t->env->history, head, before, p.why);
	t->verdict_at = t->started;
	t->ended_wall = clock_wall();
	t->completed = t->sequence;
	observe_applied(t, js_str(head, "result"));
	target_schedule_next(t, take_report);
}

/* The pass goes before its outcome is spread: what lives on would lie
 * scattered among its memory, and keep that from being given back. */
static void
finish(struct target *t)
{
	auto_of(packed_doc_free) struct packed_doc *plan = packed_doc_share(
	    pass_plan(t->pass));
	struct packed_doc *report = pass_report(
	    t->pass, target_mark_suspended, t);

	pass_free(mem_move(&t->pass));
	mem_trim();
	if (is(js_str(packed_doc_head(report), "result"), "Cancelled")) {
		packed_doc_free(report);
		target_unused(t);
	} else {
		conclude(t, report, plan);
	}
	t->finished = false;
	if ((is_outdated(t) || t->restart) && t->wanted.revision != NULL &&
	    !t->stopped)
		target_schedule(t, 0);
	t->restart = false;
	t->env->ended(t->env->arg);
}

/* ---- a pass begins ---- */

/* A resource looks again and again whether it may go on: say it once. */
static bool
is_said(struct target *t, const struct pass_event *e)
{
	auto_buf struct buf text = BUF_INIT;
	const char *before;

	if (e->kind != PASS_WAIT || e->address == NULL || e->text == NULL)
		return false;
	log_clean(&text, e->text);
	before = js_str(t->waits, e->address);
	if (before != NULL && strcmp(before, text.data) == 0)
		return true;
	js_set_str(t->waits, e->address, text.data);
	return false;
}

static void
on_event(void *arg, const struct pass_event *e)
{
	struct target *t = arg;
	bool again;

	if (is_said(t, e))
		return;
	again = told_again(t->told, e);
	record_event(t->env->history, e, t->drift, again);
	report_event(t->env->log, t->env->metrics, e, t->drift,
	    again && is(t->running_why, "poll"));
}

/* The pass may still be on the stack: the next step frees it. */
static void
on_done(void *arg, struct pass *p)
{
	struct target *t = arg;

	(void)p;
	t->finished = true;
	target_schedule(t, 0);
}

static int
begin(struct target *t, struct err *err)
{
	const struct target_env *env = t->env;
	const struct architecture *a = &t->used.graph->arch;
	const struct compiled *source = revision_compiled(t->used.revision);
	struct pass_options o = {
		.loop = env->loop,
		.pools = env->pools,
		.installation = env->installation,
		.types = env->registry->types,
		.graph = t->used.graph,
		.tree = revision_tree(t->used.revision),
		.peers = (const struct graph *const *)source->graphs,
		.broken = source->broken,
		.memory = t->memory,
		.intents = env->intents,
		.event = on_event,
		.done = on_done,
		.arg = t,
	};

	target_permit(t, &o);
	if (clients_get(env->clients, env->settings, a->region, a->assume_role,
		&o.aws, err) == -1)
		return -1;
	t->pass = pass_start(&o);
	return 0;
}

/* A pass that could not even start. */
static void
fail(struct target *t, const struct err *err)
{
	const struct architecture *a = &t->used.graph->arch;
	auto_buf struct buf message = BUF_INIT;
	struct packed_doc *report;

	log_clean(&message, err->msg);
	report = packed_doc_new(js_pack("{s:s, s:s, s:s, s:s, s:{s:s, s:s}}",
	    "architecture", a->name, "revision", a->revision, "mode", a->mode,
	    "result", "Failed", "error", "kind", err_kind_name(err->kind),
	    "message", message.data));
	packed_doc_array(report, "resources");
	conclude(t, report, NULL);
	t->env->ended(t->env->arg);
}

static void
start(struct target *t)
{
	struct err err = { .kind = ERR_NONE };

	if (is_outdated(t)) {
		t->why = "git";
		t->failures = 0;
		t->was_true = false;
	}
	goal_set(&t->used, t->wanted.revision, t->wanted.graph);
	js_replace(&t->waits, json_object());
	t->sequence++;
	t->started = clock_mono();
	t->running_why = t->why;
	t->drift = t->was_true;
	if (begin(t, &err) == -1)
		fail(t, &err);
}

static void
step(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct target *t = w->data;
	double wait;

	(void)loop, (void)revents;
	if (t->finished) {
		finish(t);
		return;
	}
	if (t->pass != NULL || t->wanted.revision == NULL || t->stopped)
		return;
	wait = target_breaker(t);
	if (wait > 0)
		target_schedule(t, wait);
	else
		start(t);
}

/* ---- what happens to it ---- */

struct target *
target_new(const struct target_env *env, const char *name)
{
	struct target *t = mem_of(struct target);

	t->env = env;
	t->name = mem_str(name);
	t->memory = json_object();
	/* shared: neither side changes it, only replaces it */
	js_set(t->memory, "seen", js_share(seen_get(env->seen, name)));
	target_recall(t);
	t->told = json_object();
	t->why = t->running_why = "git";
	ev_timer_init(&t->timer, step, 0, 0);
	t->timer.data = t;
	return t;
}

void
target_free(struct target *t)
{
	if (t == NULL)
		return;
	ev_timer_stop(t->env->loop, &t->timer);
	pass_free(t->pass);
	goal_set(&t->wanted, NULL, NULL);
	goal_set(&t->used, NULL, NULL);
	js_free(t->waits);
	js_free(t->memory);
	packed_doc_free(t->plan);
	js_free(t->told);
	js_free(t->adopt);
	free(t->approve);
	free(t->approving);
	packed_doc_free(t->report);
	js_free(t->errors);
	free(t->name);
	free(t);
}

/* A pass that has called done() must not be cancelled. */
void
target_cancel(struct target *t)
{
	if (t->pass != NULL && !t->finished)
		pass_cancel(t->pass);
}

void
target_want(struct target *t, struct revision *r, struct graph *g)
{
	goal_set(&t->wanted, r, g);
	js_replace(&t->errors, NULL);
	t->gone = false;
	t->why = "git";
	if (t->pass == NULL)
		target_schedule(t, 0);
	else
		target_cancel(t);
}

void
target_bad(struct target *t, const struct errors *errors)
{
	js_replace(&t->errors, target_error_lines(errors));
}

void
target_gone(struct target *t)
{
	t->gone = true;
	goal_set(&t->wanted, NULL, NULL);
	if (t->pass == NULL)
		ev_timer_stop(t->env->loop, &t->timer);
	target_cancel(t);
}

void
target_settings(struct target *t)
{
	double next = delay_jitter(
	    target_interval(t), t->env->settings->reconcile.jitter);

	if (t->pass == NULL && ev_is_active(&t->timer) &&
	    ev_timer_remaining(t->env->loop, &t->timer) > next)
		target_schedule(t, next);
}

void
target_stop(struct target *t)
{
	t->stopped = true;
	if (t->pass == NULL)
		ev_timer_stop(t->env->loop, &t->timer);
	target_cancel(t);
}

unsigned long
target_ask(struct target *t, double since)
{
	if (t->wanted.revision == NULL)
		return t->completed;
	if (t->pass != NULL && t->started >= since && !is_outdated(t) &&
	    !t->looking)
		return t->sequence;
	if (t->pass != NULL) {
		t->again = true;
	} else {
		t->why = is_outdated(t) ? "git" : "request";
		t->asked = true;
		target_schedule(t, 0);
	}
	return t->sequence + 1;
}
