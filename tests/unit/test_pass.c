/* common/engine: whole passes against a toy AWS, as rows. */

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
	const char *adopt, *expect; /* an address; the id of a plan */
	const char *state; /* "path=text" that the world must hold, or NULL */
	const char *reads; /* part of the calls that observe, or NULL */
};

static const struct row rows[] = {
	{ "create from empty, needs first",
	    "{\"b/main\":[\"toy.thing\",null,{\"Name\":\"b\",\"Other\":"
	    "{\"$ref\":[\"shop/Toy/a/z\",\"Size\"]}}],"
	    "\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1}],"
	    "\"a/z\":[\"toy.child\",\"a/main\",{\"Key\":\"z\",\"Size\":2}]}",
	    "{}", "CreateThing(a) CreateChild(z) CreateThing(b) ", "Synced" },
	{ "nothing to do",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\","
	    "\"Size\":1}]}",
	    "{\"things\":{" A "}}", "", "Synced" },
	{ "update",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\","
	    "\"Size\":2}]}",
	    "{\"things\":{" A "}}", "UpdateThing(a) ", "Synced" },
	{ "plan only",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\","
	    "\"Size\":2}]}",
	    "{\"things\":{" A "}}", "", "OutOfSync", .plan_only = true },
	{ "observe mode never writes",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":2}]}",
	    "{\"things\":{" A "}}", "", "OutOfSync", .mode = "observe" },
	{ "approve mode waits for a yes",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":2}]}",
	    "{\"things\":{" A "}}", "", "OutOfSync", .mode = "approve" },
	{ "approved",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":2}]}",
	    "{\"things\":{" A "}}", "UpdateThing(a) ", "Synced",
	    .mode = "approve", .approved = true },
	{ "approved is another plan",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":2}]}",
	    "{\"things\":{" A "}}", "", "Refused", .mode = "approve",
	    .approved = true, .expect = "000000000000" },
	{ "a manifest that wants a yes",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":2}]}",
	    "{\"things\":{" A "}}", "", "OutOfSync",
	    .policy = "{\"mode\":\"approve\"}" },
	{ "a manifest that has got it",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":2}]}",
	    "{\"things\":{" A "}}", "UpdateThing(a) ", "Synced",
	    .policy = "{\"mode\":\"approve\"}", .confirmed = true },
	{ "replacement wants a yes",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1,"
	    "\"Fixed\":2}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Size\":1,\"Fixed\":1," OURS(
		"a/main") "}}}",
	    "", "OutOfSync", .policy = "{\"replace\":\"confirm\"}" },
	{ "replacement has got it",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1,"
	    "\"Fixed\":2}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Size\":1,\"Fixed\":1," OURS(
		"a/main") "}}}",
	    "DeleteThing(a) CreateThing(a) ", "Synced",
	    .policy = "{\"replace\":\"confirm\"}", .confirmed = true },
	{ "never stays never",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1,"
	    "\"Fixed\":2}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Size\":1,\"Fixed\":1," OURS(
		"a/main") "}}}",
	    "", "OutOfSync", .policy = "{\"replace\":\"never\"}",
	    .confirmed = true },
	{ "a delete that wants a yes", "{}",
	    "{\"things\":{" KEPT("confirm") "}}", "", "OutOfSync" },
	{ "a delete that has got it", "{}",
	    "{\"things\":{" KEPT("confirm") "}}", "DeleteThing(a) ", "Synced",
	    .confirmed = true },
	{ "a delete that nobody can allow", "{}",
	    "{\"things\":{" KEPT("never") "}}", "", "OutOfSync",
	    .confirmed = true },
	{ "what must stay says so itself",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1}]}",
	    "{\"things\":{" A "}}", "TagThing(a) ", "Synced",
	    .policy = "{\"prune\":\"never\"}" },
	{ "observe mode takes no yes",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":2}]}",
	    "{\"things\":{" A "}}", "", "OutOfSync", .mode = "observe",
	    .approved = true },
	{ "adoption by a person's yes",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Size\":1,\"Tags\":{}}}}",
	    "TagThing(a) ", "Synced", .adopt = "shop/Toy/a/main" },
	{ "a yes to another address",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Size\":1,\"Tags\":{}}}}", "",
	    "Failed", "convergctl adopt shop/Toy/a/main",
	    .adopt = "shop/Toy/b/main" },
	{ "collection: add, change, remove",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1,"
	    "\"Entries\":{\"new\":1,\"old\":2,\"same\":3}}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Size\":1,\"Entries\":{"
	    "\"old\":1,\"same\":3,\"gone\":9}," OURS("a/main") "}}}",
	    "PutEntry(new) PutEntry(old) DeleteEntry(gone) ", "Synced" },
	{ "tags by hand are put right",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Tags\":{"
	    "\"convergd:installation\":\"test\",\"convergd:architecture\":"
	    "\"shop\",\"x\":\"y\"}}}}",
	    "TagThing(a) UntagThing(a) ", "Synced" },
	{ "somebody else's: conflict, no write",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Tags\":{}}}}", "", "Failed",
	    "Conflict: toy.thing a exists already" },
	{ "another architecture's: conflict even when adopting",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Tags\":{"
	    "\"convergd:installation\":\"test\","
	    "\"convergd:architecture\":\"other\"}}}}",
	    "", "Failed", "belongs to architecture other",
	    .policy = "{\"adopt\":\"ifExists\"}" },
	{ "adoption on request",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Size\":1,\"Tags\":{}}}}",
	    "TagThing(a) ", "Synced", .policy = "{\"adopt\":\"ifExists\"}" },
	{ "replacement with its child",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1,"
	    "\"Fixed\":2}],\"a/z\":[\"toy.child\",\"a/main\",{\"Key\":\"z\"}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Size\":1,\"Fixed\":1," OURS(
		"a/main") "}}}",
	    "DeleteThing(a) CreateThing(a) CreateChild(z) ", "Synced",
	    .policy = "{\"replace\":\"auto\"}" },
	{ "replacement not allowed",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1,"
	    "\"Fixed\":2}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Size\":1,\"Fixed\":1," OURS(
		"a/main") "}}}",
	    "", "OutOfSync", .policy = "{\"replace\":\"never\"}" },
	{ "prune: children of the gone are not deleted one by one",
	    "{\"b/main\":[\"toy.thing\",null,{\"Name\":\"b\"}]}",
	    "{\"things\":{" A "},\"children\":{\"a\":{\"z\":{\"Key\":\"z\"}}}}",
	    "CreateThing(b) DeleteThing(a) ", "Synced" },
	{ "prune is off", "{}", "{\"things\":{" A "}}", "", "OutOfSync",
	    .prune_off = true },
	{ "more deletes than allowed", "{}",
	    "{\"things\":{" A ",\"c\":{\"Name\":\"c\"," OURS("c/main") "}}}",
	    "", "Refused", .max_deletes = 1 },
	{ "a larger part than allowed",
	    "{\"b/main\":[\"toy.thing\",null,{\"Name\":\"b\"}]}",
	    "{\"things\":{" A ",\"b\":{\"Name\":\"b\"," OURS("b/main") "}}}",
	    "", "Refused", .max_percent = 49 },
	{ "no larger part than allowed",
	    "{\"b/main\":[\"toy.thing\",null,{\"Name\":\"b\"}]}",
	    "{\"things\":{" A ",\"b\":{\"Name\":\"b\"," OURS("b/main") "}}}",
	    "DeleteThing(a) ", "Synced", .max_percent = 50 },
	{ "the index shows three, no read finds them", THREE,
	    "{\"things\":{" ALL_THREE "},\"hide\":3}", "", "Refused" },
	{ "the index shows three, no read is allowed", THREE,
	    "{\"things\":{" ALL_THREE "},\"fail\":[[\"GetThing\","
	    "\"AccessDenied\",\"no\"],[\"GetThing\",\"AccessDenied\",\"no\"],"
	    "[\"GetThing\",\"AccessDenied\",\"no\"]]}",
	    "", "Refused" },
	{ "one of three is drift", THREE,
	    "{\"things\":{" A ",\"b\":{\"Name\":\"b\"," OURS("b/main") "}}}",
	    "CreateThing(c) ", "Synced" },
	{ "an exclusive collection loses what nobody desires",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1}],"
	    "\"a/z\":[\"toy.child\",\"a/main\",{\"Key\":\"z\",\"Size\":2}]}",
	    "{\"things\":{" A
	    "},\"children\":{\"a\":{\"z\":{\"Key\":\"z\",\"Size\":3},"
	    "\"hand\":{\"Key\":\"hand\"}}}}",
	    "UpdateChild(z) DeleteChild(hand) ", "Synced" },
	{ "no delete while something fails",
	    "{\"b/main\":[\"toy.thing\",null,{\"Name\":\"b\"}]}",
	    "{\"things\":{" A "},\"fail\":[[\"CreateThing\",\"Bad\",\"no\"]]}",
	    "CreateThing(b) ", "Failed", "toy CreateThing: no" },
	{ "what needs the failed one waits for another pass",
	    "{\"b/main\":[\"toy.thing\",null,{\"Name\":\"b\",\"Other\":"
	    "{\"$ref\":[\"shop/Toy/a/main\",\"Size\"]}}],"
	    "\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1}],"
	    "\"c/main\":[\"toy.thing\",null,{\"Name\":\"c\"}]}",
	    "{\"things\":{\"c\":{\"Name\":\"c\"," OURS(
		"c/main") "}},"
			  "\"fail\":[[\"CreateThing\",\"Bad\",\"no\"]]}",
	    "CreateThing(a) ", "Failed", "toy CreateThing: no" },
	{ "throttling and 5xx pass",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}",
	    "{\"fail\":[[\"CreateThing\",\"Throttling\",\"slow\"],"
	    "[\"CreateThing\",\"InternalError\",\"oops\"]]}",
	    "CreateThing(a) CreateThing(a) CreateThing(a) ", "Synced" },
	{ "propagation is waited out",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}",
	    "{\"fail\":[[\"CreateThing\",\"NotYet\",\"role cannot be assumed "
	    "by toy\"]]}",
	    "CreateThing(a) CreateThing(a) ", "Synced" },
	{ "another text of the same code is final",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}",
	    "{\"fail\":[[\"CreateThing\",\"NotYet\",\"nonsense\"]]}",
	    "CreateThing(a) ", "Failed", "nonsense" },
	{ "hidden after creation: never created twice",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}",
	    "{\"hide\":2,\"pending\":2}", "CreateThing(a) ", "Synced" },
	{ "one listing for the children of all",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1}],"
	    "\"a/z\":[\"toy.child\",\"a/main\",{\"Key\":\"z\"}],"
	    "\"b/main\":[\"toy.thing\",null,{\"Name\":\"b\"}],"
	    "\"b/z\":[\"toy.child\",\"b/main\",{\"Key\":\"z\",\"Size\":2}]}",
	    "{\"things\":{" A ",\"b\":{\"Name\":\"b\"," OURS(
		"b/main") "}},"
			  "\"children\":{\"a\":{\"z\":{\"Key\":\"z\"}},\"b\":{"
			  "\"z\":{"
			  "\"Key\":\"z\",\"Size\":3},\"hand\":{\"Key\":"
			  "\"hand\"}}}}",
	    "UpdateChild(z) DeleteChild(hand) ", "Synced",
	    .reads = ") ListChildren() UpdateChild(z) " },
	{ "what is ignored is not sent along either",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":2,"
	    "\"Other\":\"ours\"}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Size\":1,\"Other\":"
	    "\"theirs\"," OURS("a/main") "}}}",
	    "UpdateThing(a) ", "Synced",
	    .policy = "{\"ignore\":[\"/spec/other\"]}",
	    .state = "things.a.Other=theirs" },
	{ "one manifest is only observed",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":2}]}",
	    "{\"things\":{" A "}}", "", "OutOfSync",
	    .policy = "{\"mode\":\"observe\"}" },
	{ "a throttled look is repeated",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1}]}",
	    "{\"things\":{" A "},\"fail\":[[\"GetThing\",\"Throttling\","
	    "\"slow\"],[\"GetThing\",\"InternalError\",\"oops\"]]}",
	    "", "Synced" },
	{ "a lost answer: looked for, never created twice",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}",
	    "{\"hide\":2,\"fail\":[[\"CreateThing\",\"Lost\",\"reset\"]]}",
	    "CreateThing(a) ", "Synced" },
	{ "what another names goes after it", "{}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Other\":"
	    "\"arn:aws:toy:mars:1:b\"," OURS(
		"a/main") "},"
			  "\"b\":{\"Name\":\"b\",\"Other\":\"arn:aws:toy:mars:"
			  "1:c\"," OURS("b/main") "},\"c\":{\"Name\":"
						  "\"c\"," OURS("c/main") "}}}",
	    "DeleteThing(a) DeleteThing(b) DeleteThing(c) ", "Synced" },
	{ "an update that does not stick ends",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":2}]}",
	    "{\"things\":{" A "},\"stuck\":[\"Size\"]}",
	    "UpdateThing(a) UpdateThing(a) ", "Failed",
	    "NotConverging: Size stays" },
	{ "a wrong account is not touched",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}", "{}", "",
	    "Refused", .account = "2" },
	{ "renamed: the new one first, then the old one",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"new\"}]}",
	    "{\"things\":{" A "}}", "CreateThing(new) DeleteThing(a) ",
	    "Synced" },
};

static json_t *
parse(const char *text)
{
	json_t *x = NULL;
	struct err err;

	ck_assert_msg(js_parse(text, strlen(text), &x, &err) == 0, "%s", text);
	return x;
}

static void
add(struct graph *g, const char *local, const json_t *given, const char *policy)
{
	const char *parent = js_text(js_at(given, 1));
	bool child = strcmp(js_text(js_at(given, 0)), "toy.child") == 0;
	struct resource r = {
		.address = mem_fmt("shop/Toy/%s", local),
		.display = mem_fmt("Toy/%s", local),
		.kind = "Toy",
		.name = "toy",
		.pool = "toy",
		.type = child ? &toy_child : &toy_thing,
		.parent = parent ? mem_fmt("shop/Toy/%s", parent) : NULL,
		.props = packed_of(js_at(given, 2)),
		.tags = packed_take(json_object()),
		.policy = policy ? packed_take(parse(policy)) : NULL,
	};

	graph_add(g, &r);
}

static struct graph *
graph_of(const struct row *row)
{
	json_auto_t *desired = parse(row->desired);
	struct graph *g = graph_new();
	const char *local;
	json_t *given;
	struct err err;

	g->arch.name = mem_str("shop");
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

static unsigned
four(void *arg, const char *name)
{
	(void)arg;
	(void)name;
	return 4;
}

static void
stop(void *arg, struct pass *pass)
{
	(void)pass;
	ev_break(arg, EVBREAK_ALL);
}

static json_t *
run(const struct row *row, json_t *memory, json_t **ret_plan)
{
	struct ev_loop *loop = ev_default_loop(0);
	auto_of(pools_free) struct pools *pools = pools_new(loop, four, NULL);
	auto_of(graph_free) struct graph *g = graph_of(row);
	json_auto_t *adopt = json_object();
	struct pass *pass = pass_start(&(struct pass_options){
	    .loop = loop,
	    .pools = pools,
	    .aws = toy_aws(),
	    .installation = "test",
	    .types = toy_types,
	    .graph = g,
	    .write = !row->plan_only,
	    .approved = row->approved,
	    .confirmed = row->confirmed,
	    .expect_plan = row->expect,
	    .adopt = adopt,
	    .memory = memory,
	    .done = stop,
	    .arg = loop,
	});
	json_t *report;

	js_set(adopt, row->adopt ? row->adopt : "none", json_true());
	ev_run(loop, 0);
	report = pass_report(pass);
	if (ret_plan != NULL)
		*ret_plan = js_copy(pass_plan(pass));
	pass_free(pass);
	return report;
}

static const char *
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

static void
check_state(const char *wanted)
{
	const char *sign = strchr(wanted, '=');
	char path[64] = "";

	memcpy(path, wanted, (size_t)(sign - wanted));
	ck_assert_str_eq(js_pathstr(toy_state(), path), sign + 1);
}

START_TEST(passes)
{
	const struct row *row = &rows[_i];
	json_auto_t *memory = json_object();
	json_auto_t *report = NULL, *again = NULL;
	size_t written;

	toy_world(row->world);
	report = run(row, memory, NULL);
	ck_assert_msg(strcmp(toy_calls(false), row->writes) == 0,
	    "%s: calls %s", row->what, toy_calls(true));
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
END_TEST

START_TEST(stuck_is_not_written_again)
{
	static const struct row row = { .desired =
					    "{\"a/main\":[\"toy.thing\",null,{"
					    "\"Name\":\"a\",\"Size\":2}]}" };
	json_auto_t *memory = json_object();
	json_auto_t *first = NULL, *second = NULL;

	toy_world("{\"things\":{" A "},\"stuck\":[\"Size\"]}");
	first = run(&row, memory, NULL);
	ck_assert_str_eq(toy_calls(false), "UpdateThing(a) UpdateThing(a) ");
	second = run(&row, memory, NULL);
	ck_assert_str_eq(toy_calls(false), "UpdateThing(a) UpdateThing(a) ");
	ck_assert(strstr(first_error(second), "NotConverging: Size") != NULL);
	ck_assert(
	    js_bool(js_path(second, "resources.0"), "notConverging", false));
}
END_TEST

START_TEST(plan_says_what_and_why)
{
	static const struct row row = { .desired =
					    "{\"a/main\":[\"toy.thing\",null,{"
					    "\"Name\":\"a\",\"Size\":2}]}",
		.plan_only = true };
	json_auto_t *memory = json_object();
	json_auto_t *report = NULL, *plan = NULL;
	const json_t *update, *gone;

	toy_world(
	    "{\"things\":{" A ",\"c\":{\"Name\":\"c\"," OURS("c/main") "}}}");
	report = run(&row, memory, &plan);
	update = js_at(js_get(plan, "actions"), 0);
	gone = js_at(js_get(plan, "actions"), 1);
	ck_assert_str_eq(js_str(update, "action"), "update");
	ck_assert_str_eq(js_pathstr(update, "changes.0.path"), "Size");
	ck_assert_int_eq(js_int(js_path(update, "changes.0"), "from", 0), 1);
	ck_assert_int_eq(js_int(js_path(update, "changes.0"), "to", 0), 2);
	ck_assert_str_eq(js_str(gone, "action"), "delete");
	ck_assert_str_eq(js_str(gone, "display"), "Toy/c");
	ck_assert_str_eq(js_str(gone, "reason"), "not in Git since 1f3c9ae");
	ck_assert_int_eq(js_int(js_get(plan, "summary"), "destroy", 0), 1);
	ck_assert_str_eq(toy_calls(false), "");
}
END_TEST

/* Two deletes of one type are done at once, in any order. */
START_TEST(a_yes_lifts_the_limit_of_deletes)
{
	static const struct row row = {
		.desired = "{}", .max_deletes = 1, .confirmed = true
	};
	json_auto_t *memory = json_object();
	json_auto_t *report = NULL;

	toy_world(
	    "{\"things\":{" A ",\"c\":{\"Name\":\"c\"," OURS("c/main") "}}}");
	report = run(&row, memory, NULL);
	ck_assert_str_eq(js_str(report, "result"), "Synced");
	ck_assert_uint_eq(
	    strlen(toy_calls(false)), strlen("DeleteThing(a) DeleteThing(c) "));
}
END_TEST

/* A pass over three things; how many it has written. */
static size_t
pass_of_three(json_t *memory, bool confirmed, bool plan_only,
    const char *result, const char *message)
{
	struct row row = {
		.desired = THREE, .confirmed = confirmed, .plan_only = plan_only
	};
	size_t before = strlen(toy_calls(false));
	json_auto_t *report = run(&row, memory, NULL);
	const char *text = js_pathstr(report, "error.message");

	ck_assert_str_eq(js_str(report, "result"), result);
	ck_assert_msg(strstr(text ? text : "", message) != NULL, "%s", text);
	return (strlen(toy_calls(false)) - before) / strlen("CreateThing(a) ");
}

/* What the last pass saw is gone all at once, and the index with it. */
START_TEST(mass_absence_needs_a_yes)
{
	json_auto_t *memory = json_object();

	toy_world("{}");
	ck_assert_uint_eq(pass_of_three(memory, false, false, "Synced", ""), 3);
	toy_world("{}");
	for (int i = 0; i < 2; i++) /* looking does not make it normal */
		ck_assert_uint_eq(pass_of_three(memory, false, i, "Refused",
				      "of 3 resources that existed 3 are not "
				      "found"),
		    0);
	/* said yes, but one of them cannot be made: no second yes is asked */
	toy_world("{\"fail\":[[\"CreateThing\",\"Bad\",\"no\"]]}");
	ck_assert_uint_eq(pass_of_three(memory, true, false, "Failed", ""), 3);
	ck_assert_uint_eq(pass_of_three(memory, false, false, "Synced", ""), 1);
	ck_assert_uint_eq(pass_of_three(memory, false, false, "Synced", ""), 0);
}
END_TEST

START_TEST(without_memory_an_empty_account_is_new)
{
	json_auto_t *memory = json_object(), *other = json_object();

	toy_world("{}");
	ck_assert_uint_eq(pass_of_three(memory, false, false, "Synced", ""), 3);
	toy_world("{}");
	ck_assert_uint_eq(pass_of_three(other, false, false, "Synced", ""), 3);
}
END_TEST

/* The account that was seen is named; another region, where nothing was ever
 * seen, is no reason to stop. */
START_TEST(memory_is_of_a_place)
{
	json_auto_t *memory = json_object();
	json_t *seen;

	toy_world("{}");
	ck_assert_uint_eq(pass_of_three(memory, false, false, "Synced", ""), 3);
	seen = (json_t *)js_get(memory, "seen");
	js_set_str(seen, "account", "999");
	toy_world("{}");
	ck_assert_uint_eq(pass_of_three(memory, false, false, "Refused",
			      "worked in account 999, this one in 1"),
	    0);
	js_set_str(seen, "where", "venus - -");
	ck_assert_uint_eq(pass_of_three(memory, false, false, "Synced", ""), 3);
}
END_TEST

/* The index may show for minutes what we have deleted. */
START_TEST(what_was_deleted_is_not_missed)
{
	static const struct row none = { .desired = "{}" };
	json_auto_t *memory = json_object();
	json_auto_t *report = NULL;

	toy_world("{\"things\":{" ALL_THREE "}}");
	report = run(&none, memory, NULL);
	ck_assert_str_eq(js_str(report, "result"), "Synced");
	toy_world("{\"things\":{" ALL_THREE "},\"hide\":3}");
	ck_assert_uint_eq(pass_of_three(memory, false, false, "Synced", ""), 3);
}
END_TEST

/* What is done to AWS makes the id; not when or how often it is asked. */
START_TEST(plan_id_is_of_what_is_done)
{
	static const char *const sizes[] = { "2", "2", "3" };
	static const bool confirmed[] = { false, true, false };
	char *ids[3] = { NULL };

	for (size_t i = 0; i < 3; i++) {
		auto_free char *desired = mem_fmt(
		    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\","
		    "\"Size\":%s}]}",
		    sizes[i]);
		struct row row = { .desired = desired,
			.plan_only = true,
			.policy = "{\"mode\":\"approve\"}",
			.confirmed = confirmed[i] };
		json_auto_t *memory = json_object();
		json_auto_t *report = NULL, *plan = NULL;

		toy_world("{\"things\":{" KEPT_C "}}");
		report = run(&row, memory, &plan);
		ids[i] = mem_str(js_str(plan, "id"));
		ck_assert_uint_eq(strlen(ids[i]), 12);
	}
	ck_assert_str_eq(ids[0], ids[1]);
	ck_assert_str_ne(ids[0], ids[2]);
	for (size_t i = 0; i < 3; i++)
		free(ids[i]);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("pass");
	TCase *t = tcase_create("pass");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, passes, 0, COUNT(rows));
	tcase_add_test(t, stuck_is_not_written_again);
	tcase_add_test(t, plan_says_what_and_why);
	tcase_add_test(t, a_yes_lifts_the_limit_of_deletes);
	tcase_add_test(t, mass_absence_needs_a_yes);
	tcase_add_test(t, without_memory_an_empty_account_is_new);
	tcase_add_test(t, memory_is_of_a_place);
	tcase_add_test(t, what_was_deleted_is_not_missed);
	tcase_add_test(t, plan_id_is_of_what_is_done);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
