/*
 * The controller with a compiler and passes that do as they are told, for
 * test_controller.c and test_orders.c. It stands in for compile() and the
 * pass, so it is included once by a program.
 */
#ifndef TESTS_UNIT_STAGE_H
#define TESTS_UNIT_STAGE_H

#include <check.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/engine/pass.h"
#include "common/loop/pool.h"
#include "daemon/clients.h"
#include "daemon/controller.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "daemon/orders.h"
#include "daemon/seen.h"
#include "daemon/settings.h"

/* ---- the compiler: "shop good, web bad, ? bad" ---- */

static const char *script; /* what the next compile finds */

static inline void
add(struct compiled *c, const char *name, const char *how)
{
	struct compiled_architecture *a;

	c->list = mem_grow(c->list, c->n * sizeof(*a), (c->n + 1) * sizeof(*a));
	a = &c->list[c->n++];
	a->name = strcmp(name, "?") == 0 ? NULL : mem_str(name);
	if (strcmp(how, "bad") == 0) {
		errors_add(
		    &a->errors, "x.yaml", (struct place){ 3, 7 }, "wrong \xff");
		return;
	}
	a->graph = graph_new();
	a->graph->arch.name = mem_str(name);
	a->graph->arch.revision = mem_str("main@sha1:1f3c9ae");
	a->graph->arch.region = mem_str("eu-west-1");
	a->graph->arch.mode = mem_str(
	    strcmp(how, "observe") == 0 || strcmp(how, "approve") == 0
		? how
		: "enforce");
	if (strcmp(how, "role") == 0)
		a->graph->arch.assume_role = mem_str("arn:aws:iam::1:role/x");
}

int
compile(const struct registry *r, const struct tree *t, const char *path,
    struct compiled *ret)
{
	const char *s = script;
	char name[32], how[32];
	int n;

	(void)r, (void)t, (void)path;
	memset(ret, 0, sizeof(*ret));
	for (; sscanf(s, " %31s %31[a-z]%n", name, how, &n) == 2; s += n) {
		add(ret, name, how);
		n += s[n] == ',';
	}
	return 0;
}

void
compiled_errors(const struct compiled *c, struct errors *ret)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->list[i].errors.n; k++) {
			const struct error_at *e = &c->list[i].errors.list[k];

			errors_add(ret, e->file, e->at, "%s", e->text);
		}
}

void
compiled_free(struct compiled *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->list[i].name);
		graph_free(c->list[i].graph);
		errors_free(&c->list[i].errors);
	}
	free(c->list);
}

/* ---- passes ---- */

struct pass {
	struct pass_options o;
	bool cancelled;
	const char *result;
};

static json_t *plan; /* that every pass makes */
static struct packed_doc *packed_plan;
static const char *failure;     /* kind of error that every pass reports */
static struct pass *passes[16]; /* every one that was started, NULL: freed */
static size_t n_passes;

struct pass *
pass_start(const struct pass_options *o)
{
	struct pass *p = mem_of(struct pass);

	p->o = *o;
	must(n_passes < 16);
	passes[n_passes++] = p;
	return p;
}

void
pass_cancel(struct pass *p)
{
	p->cancelled = true;
}

void
pass_free(struct pass *p)
{
	for (size_t i = 0; i < n_passes; i++)
		if (passes[i] == p)
			passes[i] = NULL;
	free(p);
}

struct packed_doc *
pass_plan(const struct pass *p)
{
	(void)p;
	packed_doc_free(packed_plan);
	packed_plan = plan ? packed_doc_of(plan, PLAN_ARRAYS) : NULL;
	return packed_plan;
}

struct packed_doc *
pass_report(
    const struct pass *p, void (*edit)(void *arg, json_t *resource), void *arg)
{
	const struct architecture *a = &p->o.graph->arch;
	json_t *error = failure ? js_pack("{s:s}", "kind", failure) : NULL;
	json_auto_t *report = js_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:o*, s:s?, s:[{s:s, s:s, s:s, s:s}]}",
	    "architecture", a->name, "revision", a->revision, "mode", a->mode,
	    "account", "123456789012", "result",
	    p->result ? p->result : "Progressing", "error", error, "guard",
	    p->result && strcmp(p->result, "Refused") == 0 ? "stale-plan"
							   : NULL,
	    "resources", "address", "shop/SqsQueue/a/queue", "kind", "SqsQueue",
	    "name", "a", "sync",
	    p->result && strcmp(p->result, "Synced") == 0 ? "Synced"
							  : "OutOfSync");
	const json_t *resource;
	size_t i;

	js_each (js_get(report, "resources"), i, resource)
		if (edit != NULL)
			edit(arg, (json_t *)resource);
	return packed_doc_of(report, "resources");
}

/* ---- the stage ---- */

static struct ev_loop *loop;
static struct pools *pools;
static struct metrics *metrics;
static struct clients *clients;
static struct settings *settings;
static struct orders *orders;
static struct seen *seen;
static struct controller *controller;
static struct log log_;
static int log_pipe[2];
static const struct module *const no_modules[] = { NULL };
static const struct resource_type *const no_types[] = { NULL };
static const struct registry registry = { no_modules, no_types };

static inline unsigned
one(void *arg, const char *name)
{
	(void)arg, (void)name;
	return 1;
}

static inline void
on_ended(void *arg)
{
	(void)arg;
}

static char orders_path[64], seen_path[64];

/* What the daemon makes of the files of its state directory. */
static inline void
open_stage(bool once)
{
	struct target_env env;

	orders = orders_open(orders_path);
	seen = seen_open(seen_path);
	env = (struct target_env){ .loop = loop,
		.orders = orders,
		.seen = seen,
		.pools = pools,
		.clients = clients,
		.log = &log_,
		.metrics = metrics,
		.registry = &registry,
		.settings = settings,
		.installation = "default",
		.once = once,
		.ended = on_ended };
	controller = controller_new(&env);
}

static inline void
setup_mode(bool once)
{
	static const char text[] = "source: { url: x }\n"
				   "reconcile: { interval: 1h }\n";
	struct errors errors = { NULL, 0 };

	setenv("AWS_ACCESS_KEY_ID", "x", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "x", 1);
	n_passes = 0;
	failure = NULL;
	snprintf(orders_path, sizeof(orders_path), "/tmp/convergd-orders-%d",
	    (int)getpid());
	snprintf(seen_path, sizeof(seen_path), "/tmp/convergd-seen-%d",
	    (int)getpid());
	ck_assert_int_eq(
	    settings_parse("f", text, strlen(text), &settings, &errors), 0);
	ck_assert_int_eq(pipe(log_pipe), 0);
	log_ = (struct log){ LEVEL_WARNING, FORMAT_TEXT, log_pipe[1] };
	loop = ev_loop_new(EVFLAG_AUTO);
	pools = pools_new(loop, one, NULL);
	metrics = metrics_new();
	clients = clients_new(NULL, metrics);
	open_stage(once);
}

static inline void
setup(void)
{
	setup_mode(false);
}

static inline void
teardown(void)
{
	pools_free(pools);
	controller_free(controller);
	orders_free(orders);
	seen_free(seen);
	unlink(orders_path);
	unlink(seen_path);
	js_replace(&plan, NULL);
	packed_doc_free(mem_move(&packed_plan));
	clients_free(clients);
	metrics_free(metrics);
	settings_free(settings);
	ev_loop_destroy(loop);
	close(log_pipe[0]);
	close(log_pipe[1]);
}

static inline void
on_time(struct ev_loop *l, ev_timer *w, int revents)
{
	(void)w, (void)revents;
	ev_break(l, EVBREAK_ALL);
}

static inline void
run_for(double sec)
{
	ev_timer t;

	ev_timer_init(&t, on_time, sec, 0);
	ev_timer_start(loop, &t);
	ev_run(loop, 0);
	ev_timer_stop(loop, &t);
}

/* A new revision, as the fetch gives it. */
static inline void
revision(const char *what)
{
	struct tree *tree = NULL;
	struct err err;

	script = what;
	ck_assert_int_eq(tree_of_directory("/proc/self/task", &tree, &err), 0);
	controller_tree(controller, tree, clock_wall() - 1);
	do
		run_for(0.01);
	while (controller_compiling(controller));
	run_for(0.01);
}

static inline void
end_pass(size_t i, const char *result)
{
	ck_assert_uint_lt(i, n_passes);
	passes[i]->result = result;
	passes[i]->o.done(passes[i]->o.arg, passes[i]);
	run_for(0.01);
}

static inline const char *
arch_of(size_t i)
{
	return passes[i]->o.graph->arch.name;
}

/* A member of the i-th architecture's status, as compact JSON. */
static inline void
assert_status(size_t i, const char *member, const char *want)
{
	auto_of(packed_doc_free) struct packed_doc *doc = packed_doc_new(
	    json_object());
	json_auto_t *status = NULL;
	auto_free char *text = NULL;

	controller_add_status(controller, doc);
	status = packed_doc_at(doc, "architectures", i);
	text = js_dump(js_get(status, member));
	ck_assert_str_eq(text, want);
}

static inline void
assert_ready(const char *want)
{
	auto_buf struct buf b = BUF_INIT;

	controller_readiness(controller, &b);
	ck_assert_str_eq(b.data, want);
}

#endif
