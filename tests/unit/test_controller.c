/*
 * The controller with a compiler and passes that do as they are told: what
 * starts when, what stays in force, what is left alone.
 */

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
#include "daemon/settings.h"

/* ---- the compiler: "shop good, web bad, ? bad" ---- */

static const char *script; /* what the next compile finds */

static void
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

static json_t *plan;            /* that every pass makes */
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

const json_t *
pass_plan(const struct pass *p)
{
	(void)p;
	return plan;
}

json_t *
pass_report(const struct pass *p)
{
	const struct architecture *a = &p->o.graph->arch;

	return js_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:[{s:s, s:s, s:s}]}",
	    "architecture", a->name, "revision", a->revision, "mode", a->mode,
	    "account", "123456789012", "result",
	    p->result ? p->result : "Progressing", "guard",
	    p->result && strcmp(p->result, "Refused") == 0 ? "stale-plan"
							   : NULL,
	    "resources", "kind", "SqsQueue", "name", "a", "sync",
	    p->result && strcmp(p->result, "Synced") == 0 ? "Synced"
							  : "OutOfSync");
}

/* ---- the stage ---- */

static struct ev_loop *loop;
static struct pools *pools;
static struct metrics *metrics;
static struct clients *clients;
static struct settings *settings;
static struct orders *orders;
static struct controller *controller;
static struct log log_;
static int log_pipe[2];
static const struct module *const no_modules[] = { NULL };
static const struct resource_type *const no_types[] = { NULL };
static const struct registry registry = { no_modules, no_types };

static unsigned
one(void *arg, const char *name)
{
	(void)arg, (void)name;
	return 1;
}

static void
on_ended(void *arg)
{
	(void)arg;
}

static char orders_path[64];

static void
setup_mode(bool once)
{
	static const char text[] = "source: { url: x }\n"
				   "reconcile: { interval: 1h }\n";
	struct errors errors = { NULL, 0 };
	struct target_env env;

	setenv("AWS_ACCESS_KEY_ID", "x", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "x", 1);
	n_passes = 0;
	snprintf(orders_path, sizeof(orders_path), "/tmp/convergd-orders-%d",
	    (int)getpid());
	ck_assert_int_eq(
	    settings_parse("f", text, strlen(text), &settings, &errors), 0);
	ck_assert_int_eq(pipe(log_pipe), 0);
	log_ = (struct log){ LEVEL_WARNING, FORMAT_TEXT, log_pipe[1] };
	loop = ev_loop_new(EVFLAG_AUTO);
	pools = pools_new(loop, one, NULL);
	metrics = metrics_new();
	clients = clients_new(NULL, metrics);
	orders = orders_open(orders_path);
	env = (struct target_env){ .loop = loop,
		.orders = orders,
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

static void
setup(void)
{
	setup_mode(false);
}

static void
teardown(void)
{
	pools_free(pools);
	controller_free(controller);
	orders_free(orders);
	unlink(orders_path);
	js_replace(&plan, NULL);
	clients_free(clients);
	metrics_free(metrics);
	settings_free(settings);
	ev_loop_destroy(loop);
	close(log_pipe[0]);
	close(log_pipe[1]);
}

static void
on_time(struct ev_loop *l, ev_timer *w, int revents)
{
	(void)w, (void)revents;
	ev_break(l, EVBREAK_ALL);
}

static void
run_for(double sec)
{
	ev_timer t;

	ev_timer_init(&t, on_time, sec, 0);
	ev_timer_start(loop, &t);
	ev_run(loop, 0);
	ev_timer_stop(loop, &t);
}

/* A new revision, as the fetch gives it. */
static void
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

static void
end_pass(size_t i, const char *result)
{
	ck_assert_uint_lt(i, n_passes);
	passes[i]->result = result;
	passes[i]->o.done(passes[i]->o.arg, passes[i]);
	run_for(0.01);
}

static const char *
arch_of(size_t i)
{
	return passes[i]->o.graph->arch.name;
}

/* A member of the i-th architecture's status, as compact JSON. */
static void
assert_status(size_t i, const char *member, const char *want)
{
	json_auto_t *status = controller_status(controller);
	auto_free char *text = js_dump(js_get(js_at(status, i), member));

	ck_assert_str_eq(text, want);
}

static void
assert_ready(const char *want)
{
	auto_buf struct buf b = BUF_INIT;

	controller_readiness(controller, &b);
	ck_assert_str_eq(b.data, want);
}

/* ---- scenes ---- */

START_TEST(every_good_architecture_starts)
{
	assert_ready("source: no revision compiled\n");
	revision("shop good, web observe");
	ck_assert_uint_eq(n_passes, 2);
	ck_assert_str_eq(arch_of(0), "shop");
	ck_assert(passes[0]->o.write);
	ck_assert(!passes[1]->o.write);
	assert_ready("architecture shop: first pass not done\n"
		     "architecture web: first pass not done\n");
	end_pass(0, "Synced");
	end_pass(1, "OutOfSync");
	ck_assert_ptr_null(passes[0]);
	assert_status(0, "result", "\"Synced\"");
	assert_status(1, "result", "\"OutOfSync\"");
	assert_status(0, "account", "\"123456789012\"");
	assert_ready("");
	ck_assert(controller_has_run(controller));
	ck_assert_int_eq(controller_exit_code(controller), 2);
}
END_TEST

START_TEST(newer_revision_preempts)
{
	revision("shop good");
	revision("shop good");
	ck_assert_uint_eq(n_passes, 1);
	ck_assert(passes[0]->cancelled);
	end_pass(0, "Cancelled");
	ck_assert_uint_eq(n_passes, 2);
	ck_assert(!passes[1]->cancelled);
	end_pass(1, "Synced");
	assert_status(0, "result", "\"Synced\"");
	ck_assert_uint_eq(n_passes, 2);
}
END_TEST

START_TEST(bad_revision_keeps_the_last_good)
{

	revision("shop good");
	revision("shop bad, web good");
	ck_assert(!passes[0]->cancelled);
	ck_assert_uint_eq(n_passes, 2);
	ck_assert_str_eq(arch_of(1), "web");
	assert_status(0, "errors", "[\"x.yaml:3:7: wrong \\\\xff\"]");
	end_pass(0, "Synced");
	assert_status(0, "result", "\"Synced\"");
	ck_assert_int_eq(controller_exit_code(controller), 1);
	revision("shop good, web good");
	assert_status(0, "errors", "[]");
}
END_TEST

START_TEST(never_good_is_invalid)
{
	revision("shop bad");
	ck_assert_uint_eq(n_passes, 0);
	assert_status(0, "result", "\"Invalid\"");
	assert_ready("");
	ck_assert(controller_has_run(controller));
	ck_assert_int_eq(controller_exit_code(controller), 1);
}
END_TEST

START_TEST(vanished_is_left_alone)
{
	char text[512] = "";

	revision("shop good, web good");
	end_pass(0, "Synced");
	end_pass(1, "Synced");
	revision("shop good");
	ck_assert_uint_eq(n_passes, 3);
	ck_assert_str_eq(arch_of(2), "shop");
	ck_assert_int_gt(read(log_pipe[0], text, sizeof(text) - 1), 0);
	ck_assert_ptr_nonnull(
	    strstr(text, "web: is not in Git any more: its resources are "
			 "left alone"));
	assert_status(1, "name", "null");
}
END_TEST

START_TEST(vanished_while_it_runs)
{
	revision("shop good, web good");
	end_pass(0, "Synced");
	revision("shop good");
	ck_assert(passes[1]->cancelled);
	end_pass(1, "Cancelled");
	end_pass(2, "Synced");
	ck_assert_uint_eq(n_passes, 3);
}
END_TEST

/* A file that does not parse may hold the Architecture document. */
START_TEST(missing_in_a_broken_source_stays)
{
	json_auto_t *goals = NULL;
	struct err err;

	revision("shop good, web good");
	end_pass(0, "Synced");
	end_pass(1, "Synced");
	revision("shop good, ? bad");
	end_pass(2, "Synced");
	ck_assert_int_eq(
	    controller_ask(controller, "web", clock_mono(), &goals, &err), 0);
	run_for(0.01);
	ck_assert_uint_eq(n_passes, 4);
	ck_assert_str_eq(arch_of(3), "web");
	ck_assert_int_eq(controller_exit_code(controller), 1);
	end_pass(3, "Synced");
}
END_TEST

START_TEST(failed_is_retried_later_and_later)
{
	revision("shop good");
	end_pass(0, "Failed");
	run_for(0.5);
	ck_assert_uint_eq(n_passes, 1);
	run_for(0.8);
	ck_assert_uint_eq(n_passes, 2);
	end_pass(1, "Failed");
	run_for(1.5);
	ck_assert_uint_eq(n_passes, 2);
	run_for(0.9);
	ck_assert_uint_eq(n_passes, 3);
	end_pass(2, "Synced");
	run_for(1);
	ck_assert_uint_eq(n_passes, 3);
}
END_TEST

START_TEST(asked_pass_begins_after_the_question)
{
	json_auto_t *goals = NULL;
	struct err err;

	revision("shop good, web good");
	end_pass(1, "Synced");
	ck_assert_int_eq(
	    controller_ask(controller, "nowhere", clock_mono(), &goals, &err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "`nowhere`"));
	ck_assert_int_eq(
	    controller_ask(controller, NULL, clock_mono(), &goals, &err), 0);
	end_pass(0, "Synced"); /* began before */
	ck_assert(!controller_reached(controller, goals));
	ck_assert_uint_eq(n_passes, 4);
	end_pass(2, "Synced");
	ck_assert(!controller_reached(controller, goals));
	end_pass(3, "Failed");
	ck_assert(controller_reached(controller, goals));
}
END_TEST

/* Timers of the same moment fire in any order. */
static const struct aws *
client_of(const char *name)
{
	for (size_t i = 0; i < n_passes; i++)
		if (strcmp(arch_of(i), name) == 0)
			return passes[i]->o.aws;
	return NULL;
}

/* Going on with our own identity might write to the wrong account. */
START_TEST(role_has_a_client_of_its_own)
{
	revision("shop good, web role, blog good");
	ck_assert_uint_eq(n_passes, 3);
	ck_assert_ptr_ne(client_of("web"), client_of("shop"));
	ck_assert_ptr_eq(client_of("blog"), client_of("shop"));
}
END_TEST

START_TEST(stop_waits_for_passes)
{
	revision("shop good");
	controller_stop(controller);
	ck_assert(passes[0]->cancelled);
	ck_assert(controller_busy(controller));
	end_pass(0, "Cancelled");
	ck_assert(!controller_busy(controller));
	ck_assert_uint_eq(n_passes, 1);
}
END_TEST

/* ---- orders ---- */

static void
suspend(const char *name, double until)
{
	struct err err;

	ck_assert_int_eq(
	    orders_suspend(orders, name, "freeze", until, &err), 0);
	controller_ordered(controller, name);
	run_for(0.01);
}

START_TEST(suspended_looks_and_does_not_write)
{
	struct err err;

	revision("shop good, web good");
	suspend("shop", 0);
	ck_assert(passes[0]->cancelled);
	ck_assert(!passes[1]->cancelled);
	end_pass(0, "Cancelled");
	ck_assert_uint_eq(n_passes, 3);
	ck_assert(!passes[2]->o.write);
	end_pass(2, "OutOfSync");
	assert_status(0, "resources",
	    "[{\"ageSeconds\":0,\"health\":\"Suspended\",\"kind\":"
	    "\"SqsQueue\",\"name\":\"a\",\"sync\":\"OutOfSync\"}]");
	assert_status(1, "suspended", "null");
	ck_assert_int_eq(orders_resume(orders, "shop", &err), 0);
	controller_ordered(controller, "shop");
	run_for(0.01);
	ck_assert_uint_eq(n_passes, 4);
	ck_assert(passes[3]->o.write);
	assert_status(0, "suspended", "null");
}
END_TEST

START_TEST(suspension_ends_by_itself)
{
	revision("shop good");
	end_pass(0, "Synced");
	suspend("*", clock_wall() + 0.4);
	ck_assert(!passes[1]->o.write);
	end_pass(1, "OutOfSync");
	ck_assert_uint_eq(n_passes, 2);
	run_for(0.6);
	ck_assert_uint_eq(n_passes, 3);
	ck_assert(passes[2]->o.write);
}
END_TEST

START_TEST(suspension_outlives_the_process)
{
	suspend("shop", clock_wall() + 100);
	controller_free(controller);
	orders_free(orders);
	orders = orders_open(orders_path);
	ck_assert_ptr_null(orders_damage(orders));
	controller = NULL;
	ck_assert_str_eq(
	    js_str(orders_suspension(orders, "shop", &(double){ 0 }), "reason"),
	    "freeze");
	ck_assert_ptr_null(orders_suspension(orders, "web", &(double){ 0 }));
}
END_TEST

/* What it said is not known: nothing is written until a person says so. */
START_TEST(unreadable_orders_suspend_all)
{
	FILE *f = fopen(orders_path, "w");
	struct err err;
	double until;

	fputs("{\"suspended\": {", f);
	fclose(f);
	orders_free(orders);
	orders = orders_open(orders_path);
	ck_assert_ptr_nonnull(orders_damage(orders));
	ck_assert_ptr_nonnull(orders_suspension(orders, "shop", &until));
	ck_assert_int_eq(orders_resume(orders, "shop", &err), -1);
	ck_assert_int_eq(orders_resume(orders, ORDERS_ALL, &err), 0);
	ck_assert_ptr_null(orders_suspension(orders, "shop", &until));
}
END_TEST

START_TEST(look_writes_nothing_and_is_answered_by_itself)
{
	json_auto_t *goals = NULL, *plans = NULL, *asked = NULL;
	struct err err;

	plan = js_pack("{s:s, s:[]}", "id", "0123456789ab", "actions");
	revision("shop good");
	ck_assert_int_eq(controller_look(controller, "web", &goals, &err), -1);
	ck_assert_int_eq(controller_look(controller, "shop", &goals, &err), 0);
	end_pass(0, "Synced"); /* began before, and wrote */
	ck_assert(!controller_looked(controller, goals));
	ck_assert_uint_eq(n_passes, 2);
	ck_assert(!passes[1]->o.write);
	/* an ordinary pass is not the one that looks */
	ck_assert_int_eq(
	    controller_ask(controller, "shop", 0, &asked, &err), 0);
	end_pass(1, "OutOfSync");
	ck_assert(controller_looked(controller, goals));
	ck_assert(!controller_reached(controller, asked));
	plans = controller_plans(controller, goals);
	ck_assert_uint_eq(js_len(plans), 1);
	ck_assert_uint_eq(n_passes, 3);
	ck_assert(passes[2]->o.write);
	end_pass(2, "Synced");
	ck_assert(controller_reached(controller, asked));
}
END_TEST

static void
plan_of_one(const char *id)
{
	js_replace(&plan, js_pack("{s:s, s:[{s:s}]}", "id", id, "actions",
			      "action", "create"));
}

#define WAITS(plan, confirm, only)                                             \
	"{\"confirm\":" confirm ",\"confirmOnly\":" only ",\"plan\":\"" plan   \
	"\"}"

/* A delete that policy.prune: confirm refuses, in a mode that writes. */
START_TEST(confirmation_is_said_in_so_many_words)
{
	json_auto_t *goals = NULL;
	struct err err;

	plan = js_pack("{s:s, s:[{s:s, s:s, s:b}]}", "id", "dddddddddddd",
	    "actions", "action", "delete", "refused", "why", "confirm", 1);
	revision("shop good");
	end_pass(0, "OutOfSync");
	assert_status(0, "approval", WAITS("dddddddddddd", "1", "true"));
	ck_assert_int_eq(
	    controller_approve(controller, "dddddddddddd", false, &goals, &err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "--confirm"));
	ck_assert_int_eq(
	    controller_approve(controller, "dddddddddddd", true, &goals, &err),
	    0);
	run_for(0.01);
	ck_assert(passes[1]->o.confirmed);
	ck_assert_str_eq(passes[1]->o.expect_plan, "dddddddddddd");
	end_pass(1, "OutOfSync");
	controller_ordered(controller, NULL);
	run_for(0.01);
	ck_assert(!passes[2]->o.confirmed);
	ck_assert_ptr_null(passes[2]->o.expect_plan);
}
END_TEST

START_TEST(approval_is_of_one_plan)
{
	json_auto_t *goals = NULL;
	struct err err;

	plan_of_one("aaaaaaaaaaaa");
	revision("shop approve");
	ck_assert(!passes[0]->o.write);
	end_pass(0, "OutOfSync");
	assert_status(0, "approval", WAITS("aaaaaaaaaaaa", "0", "false"));
	ck_assert_int_eq(
	    controller_approve(controller, "bbbbbbbbbbbb", false, &goals, &err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "aaaaaaaaaaaa of shop"));
	ck_assert_int_eq(
	    controller_approve(controller, "aaaaaaaaaaaa", false, &goals, &err),
	    0);
	run_for(0.01);
	ck_assert(passes[1]->o.write);
	ck_assert(passes[1]->o.approved);
	ck_assert_str_eq(passes[1]->o.expect_plan, "aaaaaaaaaaaa");
	plan_of_one("cccccccccccc");
	end_pass(1, "Refused"); /* it was another one by then */
	ck_assert(controller_decided(controller, goals));
	assert_status(0, "approval", WAITS("cccccccccccc", "0", "false"));
	js_replace(&goals, NULL);
	ck_assert_int_eq(
	    controller_approve(controller, "shop", false, &goals, &err), 0);
	run_for(0.01);
	ck_assert_str_eq(passes[2]->o.expect_plan, "cccccccccccc");
	end_pass(2, "Synced");
	assert_status(0, "approval", "null");
}
END_TEST

/* A newer revision cancels the pass, not the answer of a person. */
START_TEST(approval_survives_a_newer_revision)
{
	json_auto_t *goals = NULL;
	struct err err;

	plan_of_one("aaaaaaaaaaaa");
	revision("shop approve");
	end_pass(0, "OutOfSync");
	ck_assert_int_eq(
	    controller_approve(controller, "shop", false, &goals, &err), 0);
	run_for(0.01);
	revision("shop approve");
	end_pass(1, "Cancelled");
	ck_assert(!controller_decided(controller, goals));
	ck_assert_uint_eq(n_passes, 3);
	ck_assert_str_eq(passes[2]->o.expect_plan, "aaaaaaaaaaaa");
	end_pass(2, "Refused");
	ck_assert(controller_decided(controller, goals));
}
END_TEST

START_TEST(rejected_waits_no_more)
{
	struct err err;

	plan_of_one("aaaaaaaaaaaa");
	revision("shop approve");
	end_pass(0, "OutOfSync");
	ck_assert_int_eq(
	    orders_reject(orders, "shop", "aaaaaaaaaaaa", &err), 0);
	assert_status(0, "approval", "null");
	assert_status(0, "rejected", "\"aaaaaaaaaaaa\"");
}
END_TEST

START_TEST(adoption_is_for_one_pass)
{
	json_auto_t *all = js_pack("[s]", "shop/SqsQueue/a/queue");
	struct err err;

	revision("shop good, web good");
	end_pass(0, "Failed");
	end_pass(1, "Synced");
	ck_assert_int_eq(orders_adopt(orders, all, &err), 0);
	controller_ordered(controller, "shop");
	run_for(0.01);
	ck_assert_uint_eq(n_passes, 3);
	ck_assert_ptr_nonnull(
	    js_get(passes[2]->o.adopt, "shop/SqsQueue/a/queue"));
	plan_of_one("aaaaaaaaaaaa");
	end_pass(2, "Synced");
	controller_ordered(controller, NULL);
	run_for(0.01);
	ck_assert_uint_eq(js_len(passes[3]->o.adopt), 0);
}
END_TEST

static const struct code_row {
	const char *revision, *results[2];
	int want;
} codes[] = {
	{ "shop good", { "Synced" }, 0 },
	{ "shop good", { "OutOfSync" }, 2 },
	{ "shop good", { "Progressing" }, 2 },
	{ "shop good", { "Cancelled" }, 2 },
	{ "shop good", { "Failed" }, 1 },
	{ "shop good", { "Refused" }, 1 },
	{ "shop good, web good", { "Synced", "Synced" }, 0 },
	{ "shop good, web good", { "OutOfSync", "Failed" }, 1 },
	{ "shop good, web good", { "Failed", "OutOfSync" }, 1 },
	{ "shop good, web good", { "OutOfSync", "Synced" }, 2 },
	{ "shop good, web bad", { "Synced" }, 1 },
	{ "shop good, ? bad", { "Synced" }, 1 },
	{ "", { NULL }, 1 },
};

START_TEST(exit_code_of_once)
{
	const struct code_row *r = &codes[_i];

	teardown();
	setup_mode(true);
	revision(r->revision);
	for (size_t i = 0; i < 2 && r->results[i] != NULL; i++)
		end_pass(i, r->results[i]);
	ck_assert(controller_has_run(controller));
	ck_assert_int_eq(controller_exit_code(controller), r->want);
}
END_TEST

START_TEST(once_does_not_retry)
{
	teardown();
	setup_mode(true);
	revision("shop good");
	end_pass(0, "Failed");
	run_for(1.3);
	ck_assert_uint_eq(n_passes, 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("controller");
	TCase *c = tcase_create("controller");
	SRunner *sr = srunner_create(s);
	int failed;

	suite_add_tcase(s, c);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, every_good_architecture_starts);
	tcase_add_test(c, newer_revision_preempts);
	tcase_add_test(c, bad_revision_keeps_the_last_good);
	tcase_add_test(c, never_good_is_invalid);
	tcase_add_test(c, vanished_is_left_alone);
	tcase_add_test(c, vanished_while_it_runs);
	tcase_add_test(c, missing_in_a_broken_source_stays);
	tcase_set_timeout(c, 20);
	tcase_add_test(c, failed_is_retried_later_and_later);
	tcase_add_test(c, asked_pass_begins_after_the_question);
	tcase_add_test(c, role_has_a_client_of_its_own);
	tcase_add_test(c, stop_waits_for_passes);
	tcase_add_test(c, suspended_looks_and_does_not_write);
	tcase_add_test(c, suspension_ends_by_itself);
	tcase_add_test(c, suspension_outlives_the_process);
	tcase_add_test(c, unreadable_orders_suspend_all);
	tcase_add_test(c, look_writes_nothing_and_is_answered_by_itself);
	tcase_add_test(c, confirmation_is_said_in_so_many_words);
	tcase_add_test(c, approval_is_of_one_plan);
	tcase_add_test(c, approval_survives_a_newer_revision);
	tcase_add_test(c, rejected_waits_no_more);
	tcase_add_test(c, adoption_is_for_one_pass);
	tcase_add_loop_test(
	    c, exit_code_of_once, 0, sizeof(codes) / sizeof(codes[0]));
	tcase_add_test(c, once_does_not_retry);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
