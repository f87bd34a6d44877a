/* common/engine: what is there beside what Git says is told and left alone. */

#include "common/base/buf.h"
#include "tests/unit/toy_pass.h"

#define THING_A "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1}]}"
#define WITH_Z                                                                 \
	"{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1}],"        \
	"\"a/z\":[\"toy.child\",\"a/main\",{\"Key\":\"z\"}]}"
#define MINE(address)                                                          \
	"{\"convergd:installation\":\"test\",\"convergd:architecture\":"       \
	"\"shop\",\"convergd:resource\":\"shop/Toy/" address "\"}"
#define TAGGED                                                                 \
	"\"a\":{\"Name\":\"a\",\"Size\":1,\"Tags\":{\"convergd:installation\"" \
	":\"test\",\"convergd:architecture\":\"shop\",\"convergd:resource\":"  \
	"\"shop/Toy/a/main\",\"team\":\"x\",\"cost\":\"1\",\"aws:x\":\"y\"}}"

/* Types as the row wants them; a test runs in a process of its own. */
static struct resource_type thing, child;
static const struct resource_type *const types[] = { &toy_net, &thing, &child,
	NULL };

static const struct state child_states[] = {
	{ "State", "Active", .parked = "Pending" },
	{ 0 },
};

static void
make_types(bool exclusive, bool history)
{
	thing = toy_thing;
	thing.beside = "Size2 Copies[].Where Net.Id Missing.Path";
	child = toy_child;
	child.exclusive = exclusive;
	child.history = history;
	child.list.from = 1;
	child.list.wide = NULL;
	child.states = child_states;
}

/* What a pass says: "display type id|" each in plan; events "text|". */
struct said {
	struct buf plan, events;
	int64_t all;
	char *writes, *result;
};

static void
hear(void *arg, const struct pass_event *e)
{
	struct buf *events = arg;

	if (e->kind == PASS_EXTRA)
		buf_addf(events, "%s %s %s|", e->address, e->type, e->text);
}

static void
on_done(void *arg, struct pass *pass)
{
	(void)arg, (void)pass;
	ev_break(ev_default_loop(0), EVBREAK_ALL);
}

static struct graph *
graph_of(const char *desired, const char *policy)
{
	struct row row = { .policy = policy };
	struct graph *g = graph_named(&row, "shop", desired);

	for (size_t i = 0; i < g->n; i++)
		g->list[i].type = g->list[i].type == &toy_child ? &child
								: &thing;
	return g;
}

static void
take(struct pass *pass, struct said *ret)
{
	const struct packed_doc *plan = pass_plan(pass);
	struct packed_doc *report = pass_report(pass, NULL, NULL);

	packed_doc_each (plan, "extras", x)
		buf_addf(&ret->plan, "%s %s %s|", js_str(x, "display"),
		    js_str(x, "type"), js_str(x, "id"));
	ret->all = js_int(
	    js_get(packed_doc_head(plan), "summary"), "extra", -1);
	ck_assert_int_eq(
	    ret->all, js_int(packed_doc_head(report), "extra", -1));
	ret->result = mem_str(js_str(packed_doc_head(report), "result"));
	packed_doc_free(report);
}

static void
pass_of(
    const char *desired, const char *policy, json_t *memory, struct said *ret)
{
	struct ev_loop *loop = ev_default_loop(0);
	auto_of(pools_free) struct pools *pools = pools_new(loop, four, NULL);
	auto_of(graph_free) struct graph *g = graph_of(desired, policy);
	size_t before = strlen(toy_calls(false));
	struct pass *pass;

	*ret = (struct said){ BUF_INIT, BUF_INIT, 0, NULL, NULL };
	pass = pass_start(&(struct pass_options){
	    .loop = loop,
	    .pools = pools,
	    .aws = toy_aws(),
	    .installation = "test",
	    .types = types,
	    .graph = g,
	    .write = true,
	    .memory = memory,
	    .event = hear,
	    .done = on_done,
	    .arg = &ret->events,
	});
	ev_run(loop, 0);
	take(pass, ret);
	pass_free(pass);
	ret->writes = mem_str(toy_calls(false) + before);
}

static void
said_free(struct said *s)
{
	buf_free(&s->plan);
	buf_free(&s->events);
	free(s->writes);
	free(s->result);
}

/* ---- rows ---- */

static const struct case_ {
	const char *what;
	const char *desired, *world, *policy;
	bool exclusive, history;
	const char *extras, *writes, *result;
} cases[] = {
	{ "nothing beside", THING_A, "{\"things\":{" A "}}", NULL, true, false,
	    "", "", "Synced" },
	{ "tags that others set, named in an order of their own", THING_A,
	    "{\"things\":{" TAGGED "}}", NULL, true, false,
	    "Toy/a/main/tags toy.thing cost, team|", "", "Synced" },
	{ "a tag that the manifest ignores", THING_A,
	    "{\"things\":{" TAGGED "}}", "{\"ignore\":[\"/spec/tags/cost\"]}",
	    true, false, "Toy/a/main/tags toy.thing team|", "", "Synced" },
	{ "a child of a type that is not exclusive", WITH_Z,
	    "{\"things\":{" A "},\"children\":{\"a\":{\"z\":{\"Key\":\"z\"},"
	    "\"y\":{\"Key\":\"y\"}}}}",
	    NULL, false, false, "Toy/a/main/y toy.child y|", "", "Synced" },
	{ "of an exclusive type it is drift", WITH_Z,
	    "{\"things\":{" A "},\"children\":{\"a\":{\"z\":{\"Key\":\"z\"},"
	    "\"y\":{\"Key\":\"y\"}}}}",
	    NULL, true, false, "", "DeleteChild(y) ", "Synced" },
	{ "but not while it is not settled", WITH_Z,
	    "{\"things\":{" A "},\"children\":{\"a\":{\"z\":{\"Key\":\"z\"},"
	    "\"y\":{\"Key\":\"y\",\"State\":\"Pending\"}}}}",
	    NULL, true, false, "Toy/a/main/y toy.child y|", "", "Synced" },
	{ "what was once wanted and stays", WITH_Z,
	    "{\"things\":{" A "},\"children\":{\"a\":{\"z\":{\"Key\":\"z\"},"
	    "\"y\":{\"Key\":\"y\"}}}}",
	    NULL, false, true, "", "", "Synced" },
	{ "parts that others add, as text, number, of every element", THING_A,
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Size\":1,\"Size2\":3,"
	    "\"Net\":{\"Id\":\"n-1\"},\"Copies\":[{\"Where\":\"mars\"},"
	    "{\"Where\":\"\"},{\"Where\":\"moon\"}]," OURS("a/main") "}}}",
	    NULL, true, false,
	    "Toy/a/main/Copies toy.thing mars|Toy/a/main/Copies toy.thing "
	    "moon|Toy/a/main/Net toy.thing n-1|Toy/a/main/Size2 toy.thing 3|",
	    "", "Synced" },
	{ "none of these", THING_A,
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Size\":1,\"Size2\":0,"
	    "\"Net\":{\"Id\":\"\"},\"Copies\":[]," OURS("a/main") "}}}",
	    NULL, true, false, "", "", "Synced" },
	{ "our tags on what no type knows", THING_A,
	    "{\"things\":{" A
	    "},\"strays\":{\"arn:aws:box:mars:1:b\":" MINE("a/main") "}}",
	    NULL, true, false, "Toy/a/main unknown arn:aws:box:mars:1:b|", "",
	    "Synced" },
	{ "what left Git and must stay is refused, not told twice", "{}",
	    "{\"things\":{" KEPT("never") "}}", NULL, true, false, "", "",
	    "OutOfSync" },
	{ "somebody else's object is not looked into", THING_A,
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Size\":1,\"Size2\":3,"
	    "\"Tags\":{\"x\":\"y\"}}}}",
	    NULL, true, false, "", "", "Failed" },
	{ "a new object has nothing beside", THING_A, "{}", NULL, true, false,
	    "", "CreateThing(a) ", "Synced" },
};

START_TEST(reported)
{
	const struct case_ *c = &cases[_i];
	struct said got;

	make_types(c->exclusive, c->history);
	toy_world(c->world);
	pass_of(c->desired, c->policy, NULL, &got);
	ck_assert_msg(
	    strcmp(got.plan.data ? got.plan.data : "", c->extras) == 0,
	    "%s: %s", c->what, got.plan.data);
	ck_assert_msg(
	    strcmp(got.writes, c->writes) == 0, "%s: %s", c->what, got.writes);
	ck_assert_msg(
	    strcmp(got.result, c->result) == 0, "%s: %s", c->what, got.result);
	ck_assert_int_eq(got.events.len, 0); /* nobody remembers */
	said_free(&got);
}
END_TEST

/* ---- events: of what changes alone ---- */

static const struct {
	const char *world, *events;
} passes[] = {
	{ "{\"things\":{" A "}}", "" },
	{ "{\"things\":{" TAGGED "}}",
	    "shop/Toy/a/main/tags toy.thing found cost, team|" },
	{ "{\"things\":{" TAGGED "}}", "" },
	/* a look that failed says nothing about what is there */
	{ "{\"things\":{" TAGGED "},\"fail\":[[\"GetThing\",\"AccessDenied\","
	  "\"no\"]]}",
	    "" },
	{ "{\"things\":{" TAGGED "}}", "" },
	{ "{\"things\":{" A "}}",
	    "shop/Toy/a/main/tags toy.thing gone: cost, team|" },
	{ "{\"things\":{" A "}}", "" },
};

START_TEST(told_when_it_changes)
{
	json_auto_t *memory = json_object();

	make_types(true, false);
	for (size_t i = 0; i < COUNT(passes); i++) {
		struct said got;

		toy_world(passes[i].world);
		pass_of(THING_A, NULL, memory, &got);
		ck_assert_msg(strcmp(got.events.data ? got.events.data : "",
				  passes[i].events) == 0,
		    "pass %zu: %s", i, got.events.data);
		said_free(&got);
	}
}
END_TEST

/* ---- a bound on what is kept, the same in whatever order it comes ---- */

static void
many_children(int n, bool backwards)
{
	auto_buf struct buf b = BUF_INIT;

	buf_adds(&b, "{\"things\":{" TAGGED "},\"children\":{\"a\":{\"z\":"
		     "{\"Key\":\"z\"}");
	for (int i = 0; i < n; i++) {
		int k = backwards ? n - 1 - i : i;

		buf_addf(&b, ",\"c%03d\":{\"Key\":\"c%03d\"}", k, k);
	}
	buf_adds(&b, "}}}");
	toy_world(b.data);
}

START_TEST(bounded)
{
	struct said got[2];

	make_types(false, false);
	for (int i = 0; i < 2; i++) {
		many_children(150, i == 1);
		pass_of(WITH_Z, NULL, NULL, &got[i]);
		ck_assert_int_eq(got[i].all, 151);
		ck_assert_ptr_nonnull(strstr(got[i].plan.data, "c099|"));
		ck_assert_ptr_null(strstr(got[i].plan.data, "c100|"));
		ck_assert_ptr_null(strstr(got[i].plan.data, "tags"));
	}
	ck_assert_str_eq(got[0].plan.data, got[1].plan.data);
	said_free(&got[0]);
	said_free(&got[1]);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("unmanaged");
	TCase *t = tcase_create("unmanaged");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, reported, 0, COUNT(cases));
	tcase_add_test(t, told_when_it_changes);
	tcase_add_test(t, bounded);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
