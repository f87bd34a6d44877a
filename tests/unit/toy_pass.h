/*
 * Whole passes against a toy AWS, as rows: for test_pass.c and
 * test_guard.c.
 */
#ifndef TESTS_UNIT_TOY_PASS_H
#define TESTS_UNIT_TOY_PASS_H

#include <check.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>

#include "common/engine/pass.h"
#include "common/loop/pool.h"
#include "tests/unit/toy_aws.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define OURS(address)                                                          \
	"\"Tags\":{\"convergd:installation\":\"test\","                        \
	"\"convergd:architecture\":\"shop\",\"convergd:resource\":\"shop/"     \
	"Toy/" address "\"}"
#define A "\"a\":{\"Name\":\"a\",\"Size\":1," OURS("a/main") "}"

#define KEPT(prune)                                                            \
	"\"a\":{\"Name\":\"a\",\"Tags\":{\"convergd:installation\":\"test\","  \
	"\"convergd:architecture\":\"shop\",\"convergd:resource\":\"shop/"     \
	"Toy/a/main\",\"convergd:prune\":\"" prune "\"}}"

#define KEPT_C                                                                 \
	"\"c\":{\"Name\":\"c\",\"Tags\":{\"convergd:installation\":\"test\","  \
	"\"convergd:architecture\":\"shop\",\"convergd:resource\":\"shop/"     \
	"Toy/c/main\",\"convergd:prune\":\"confirm\"}}"

#define THREE                                                                  \
	"{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1}],"        \
	"\"b/main\":[\"toy.thing\",null,{\"Name\":\"b\"}],"                    \
	"\"c/main\":[\"toy.thing\",null,{\"Name\":\"c\"}]}"
#define ALL_THREE                                                              \
	A ",\"b\":{\"Name\":\"b\"," OURS(                                      \
	    "b/main") "},\"c\":{\"Name\":\"c\"," OURS("c/main") "}"

/* Desired: {"local": [type, parent or null, props]}; address shop/Toy/local. */
struct row {
	const char *what;
	const char *desired, *world;
	const char *writes; /* in order, each with a blank behind */
	const char *result;
	const char *message; /* of the first resource with an error, or NULL */
	const char *policy;  /* metadata.policy, or NULL */
	bool prune_off, plan_only;
	int max_deletes, max_percent;
	const char *account, *mode;
	bool approved, confirmed;
	const char *adopt, *adopt_id; /* an address; AWS's id, or NULL */
	const char *expect;           /* the id of a plan */
	const char *state; /* "path=text" that the world must hold, or NULL */
	const char *peer;  /* desired by the architecture "web", or NULL */
	bool broken;       /* the source has errors */
	const char *reads; /* part of the calls that observe, or NULL */
};

static inline json_t *
parse(const char *text)
{
	json_t *x = NULL;
	struct err err;

	ck_assert_msg(js_parse(text, strlen(text), &x, &err) == 0, "%s", text);
	return x;
}

static inline void
add(struct graph *g, const char *local, const json_t *given, const char *policy)
{
	const char *parent = js_text(js_at(given, 1));
	const char *name = js_text(js_at(given, 0));
	struct resource r = {
		.address = mem_fmt("%s/Toy/%s", g->arch.name, local),
		.display = mem_fmt("Toy/%s", local),
		.kind = "Toy",
		.name = "toy",
		.pool = "toy",
		.type = strcmp(name, "toy.child") == 0   ? &toy_child
			: strcmp(name, "toy.net") == 0   ? &toy_net
			: strcmp(name, "toy.guest") == 0 ? &toy_guest
							 : &toy_thing,
		.parent = parent ? mem_fmt("%s/Toy/%s", g->arch.name, parent)
				 : NULL,
		.props = packed_of(js_at(given, 2)),
		.tags = packed_take(json_object()),
		.policy = policy ? packed_take(parse(policy)) : NULL,
	};

	graph_add(g, &r);
}

static inline struct graph *
graph_named(const struct row *row, const char *name, const char *wish)
{
	json_auto_t *desired = parse(wish);
	struct graph *g = graph_new();
	const char *local;
	json_t *given;
	struct err err;

	g->arch.name = mem_str(name);
	g->arch.revision = mem_str("main@sha1:1f3c9ae0000");
	g->arch.mode = mem_str(row->mode ? row->mode : "enforce");
	g->arch.account = mem_str(row->account);
	g->arch.prune = !row->prune_off;
	g->arch.region = mem_str("mars");
	g->arch.max_deletes = row->max_deletes ? row->max_deletes : 10;
	g->arch.max_delete_percent = row->max_percent ? row->max_percent : 100;
	g->arch.max_missing_percent = 50;
	js_foreach (desired, local, given)
		add(g, local, given, row->policy);
	ck_assert_int_eq(graph_finish(g, &err), 0);
	return g;
}

static inline unsigned
four(void *arg, const char *name)
{
	(void)arg;
	(void)name;
	return 4;
}

static inline void
stop(void *arg, struct pass *pass)
{
	(void)pass;
	ev_break(arg, EVBREAK_ALL);
}

static inline json_t *
run(const struct row *row, json_t *memory, json_t **ret_plan)
{
	struct ev_loop *loop = ev_default_loop(0);
	auto_of(pools_free) struct pools *pools = pools_new(loop, four, NULL);
	auto_of(graph_free) struct graph *g = graph_named(
	    row, "shop", row->desired);
	auto_of(graph_free) struct graph *peer = graph_named(
	    row, "web", row->peer ? row->peer : "{}");
	const struct graph *peers[] = { g, row->peer ? peer : NULL, NULL };
	json_auto_t *adopt = json_object();
	struct pass *pass = pass_start(&(struct pass_options){
	    .loop = loop,
	    .pools = pools,
	    .aws = toy_aws(),
	    .installation = "test",
	    .types = toy_types,
	    .graph = g,
	    .peers = peers,
	    .broken = row->broken,
	    .write = !row->plan_only,
	    .approved = row->approved,
	    .confirmed = row->confirmed,
	    .expect_plan = row->expect,
	    .adopt = adopt,
	    .memory = memory,
	    .done = stop,
	    .arg = loop,
	});
	struct packed_doc *doc;
	json_t *report;

	js_set(adopt, row->adopt ? row->adopt : "none",
	    row->adopt_id ? js_new_str(row->adopt_id) : json_true());
	ev_run(loop, 0);
	doc = pass_report(pass, NULL, NULL);
	report = packed_doc_open(doc);
	packed_doc_free(doc);
	if (ret_plan != NULL)
		*ret_plan = packed_doc_open(pass_plan(pass));
	pass_free(pass);
	return report;
}

static inline const char *
first_error(const json_t *report)
{
	size_t i;
	json_t *r;

	js_each (js_get(report, "resources"), i, r)
		if (js_get(r, "error") != NULL &&
		    strstr(js_pathstr(r, "error.message"), "waits for") == NULL)
			return js_pathstr(r, "error.message");
	return "";
}

static inline void
check_state(const char *wanted)
{
	const char *sign = strchr(wanted, '=');
	char path[64] = "";

	memcpy(path, wanted, (size_t)(sign - wanted));
	ck_assert_str_eq(js_pathstr(toy_state(), path), sign + 1);
}

/* The first pass is as the row says; a second one writes nothing. */
static inline void
check_row(const struct row *row)
{
	json_auto_t *memory = json_object();
	json_auto_t *report = NULL, *again = NULL;
	size_t written;

	toy_world(row->world);
	report = run(row, memory, NULL);
	ck_assert_msg(strcmp(toy_calls(false), row->writes) == 0,
	    "%s: calls %s %s", row->what, toy_calls(true), first_error(report));
	ck_assert_msg(strcmp(js_str(report, "result"), row->result) == 0,
	    "%s: %s", row->what, js_str(report, "result"));
	if (row->message != NULL)
		ck_assert_msg(strstr(first_error(report), row->message),
		    "%s: %s", row->what, first_error(report));
	if (row->reads != NULL)
		ck_assert_msg(strstr(toy_calls(true), row->reads) != NULL,
		    "%s: %s", row->what, toy_calls(true));
	if (row->state != NULL)
		check_state(row->state);
	if (strcmp(row->result, "Synced") != 0)
		return;
	written = strlen(toy_calls(false));
	again = run(row, memory, NULL);
	ck_assert_msg(strlen(toy_calls(false)) == written,
	    "%s: the second pass wrote: %s", row->what, toy_calls(false));
	ck_assert_str_eq(js_str(again, "result"), "Synced");
}

#endif
