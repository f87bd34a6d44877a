/* common/engine: which calls a pass makes to look at what is there. */

#include <check.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>

#include "common/engine/pass.h"
#include "common/loop/pool.h"
#include "tests/unit/toy_aws.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define TAGS(name)                                                             \
	"\"Tags\":{\"convergd:installation\":\"test\","                        \
	"\"convergd:architecture\":\"shop\",\"convergd:resource\":"            \
	"\"shop/Toy/" name "\"}"
#define CREW(name)                                                             \
	"\"" name "\":{\"Rank\":1,\"Jobs\":{\"x\":1,\"y\":2}," TAGS(name) "}"
#define THING(name) "\"" name "\":{\"Name\":\"" name "\"," TAGS(name) "}"
#define NO_CREWS    "GetResources() ListRanks() ListCrews() "
#define READ_A      "GetCrew(a) ListJobs(a) GetJob(x) GetJob(y) "

/* Everything is as desired. */
struct row {
	const char *what;
	const char *crews;  /* desired, each a letter */
	const char *things; /* same; each has a collection of children */
	const char *world;
	const char *first, *second; /* calls of two passes of a revision */
	const char *third;          /* of one at the next revision; or NULL */
	int looked; /* seconds that pass between the first two */
};

static const struct row rows[] = {
	{ "nobody desires one: looked for once in every revision", "", "", "{}",
	    NO_CREWS, "GetResources() ", NO_CREWS },
	{ "a list and what it does not show", "a", "",
	    "{\"crews\":{" CREW("a") "}}", NO_CREWS "GetFlag(a) ", NO_CREWS,
	    NO_CREWS "GetFlag(a) " },
	{ "pages of a large account cost more than reading: listed only to "
	  "find what left Git",
	    "a", "",
	    "{\"page\":1,\"crews\":{" CREW("a") "," CREW("b") "," CREW("c") "}"
									    "}",
	    "GetResources() ListRanks() ListRanks() ListRanks() ListCrews() "
	    "ListCrews() ListCrews() GetFlag(a) ",
	    "GetResources() ListRanks() ListRanks() ListRanks() ListCrews() "
	    "ListCrews() ListCrews() ",
	    NULL },
	{ "a flag that nobody desires is looked for until it is gone", "a", "",
	    "{\"crews\":{\"a\":{\"Rank\":1,\"Flag\":{\"Colour\":1},"
	    "\"Jobs\":{\"x\":1,\"y\":2}," TAGS("a") "}}}",
	    NO_CREWS "GetFlag(a) ", NO_CREWS "GetFlag(a) ", NULL },
	{ "a flag of long ago: looked for again", "a", "",
	    "{\"crews\":{" CREW("a") "}}", NO_CREWS "GetFlag(a) ",
	    NO_CREWS "GetFlag(a) ", NULL, .looked = 3601 },
	{ "a flag of a while ago", "a", "", "{\"crews\":{" CREW("a") "}}",
	    NO_CREWS "GetFlag(a) ", NO_CREWS, NULL, .looked = 3500 },
	{ "whoever made a badge may have made a flag", "ab", "",
	    "{\"crews\":{" CREW(
		"a") ",\"b\":{\"Badges\":[{\"Key\":\"k\"}],"
		     "\"Rank\":1,\"Jobs\":{\"x\":1,\"y\":2}," TAGS("b") "}}}",
	    NO_CREWS "GetFlag(a) GetFlag(b) ", NO_CREWS "GetFlag(b) ", NULL },
	{ "one list is a moment older than the other", "a", "",
	    "{\"crews\":{\"a\":{\"New\":true,\"Rank\":1,\"Jobs\":"
	    "{\"x\":1,\"y\":2}," TAGS("a") "}}}",
	    NO_CREWS READ_A "GetFlag(a) ", NO_CREWS READ_A, NULL },
	{ "others' are no reason to list again", "a", "",
	    "{\"page\":1,\"crews\":{" CREW(
		"a") ",\"b\":{\"Tags\":{}},\"c\":{\"Tags\":{}}}}",
	    "GetResources() ListRanks() ListRanks() ListRanks() ListCrews() "
	    "ListCrews() ListCrews() GetFlag(a) ",
	    "GetResources() " READ_A, NULL },
	{ "one list for the children of all", "", "abc",
	    "{\"things\":{" THING("a") "," THING("b") "," THING(
		"c") "},\"children\":{\"a\":{\"z\":{\"Key\":\"z\"}}}}",
	    "GetResources() GetThing(a) GetThing(b) GetThing(c) "
	    "ListChildren() ",
	    "GetResources() GetThing(a) GetThing(b) GetThing(c) "
	    "ListChildren() ",
	    NULL },
	{ "unless it has more pages than there are parents", "", "ab",
	    "{\"page\":1,\"things\":{" THING("a") "," THING(
		"b") "},\"children\":{\"q\":{\"1\":{},\"2\":{},\"3\":{},"
		     "\"4\":{}}}}",
	    "GetResources() GetResources() GetThing(a) GetThing(b) "
	    "ListChildren() ListChildren() ListChildren() ListChildren(a) "
	    "ListChildren(b) ",
	    "GetResources() GetResources() GetThing(a) GetThing(b) "
	    "ListChildren(a) ListChildren(b) ",
	    NULL },
};

static void
add(struct graph *g, const struct resource_type *type, char name,
    json_t *take_props)
{
	struct resource r = {
		.address = mem_fmt("shop/Toy/%c", name),
		.display = mem_fmt("Toy/%c", name),
		.kind = "Toy",
		.name = "toy",
		.pool = "toy",
		.type = type,
		.props = packed_take(take_props),
		.tags = packed_take(json_object()),
	};

	graph_add(g, &r);
}

static struct graph *
graph_of(const struct row *row, const char *revision)
{
	struct graph *g = graph_new();
	struct err err;

	g->arch.name = mem_str("shop");
	g->arch.revision = mem_str(revision);
	g->arch.mode = mem_str("enforce");
	g->arch.max_deletes = 10;
	for (const char *c = row->crews; *c != '\0'; c++)
		add(g, &toy_crew, *c,
		    js_pack("{s:o, s:i, s:{s:i, s:i}}", "Name",
			js_fmt("%c", *c), "Rank", 1, "Jobs", "x", 1, "y", 2));
	for (const char *c = row->things; *c != '\0'; c++)
		add(g, &toy_thing, *c,
		    js_pack("{s:o}", "Name", js_fmt("%c", *c)));
	ck_assert_int_eq(graph_finish(g, &err), 0);
	return g;
}

/* One worker, so that calls have an order. */
static unsigned
one(void *arg, const char *name)
{
	(void)arg, (void)name;
	return 1;
}

static void
stop(void *arg, struct pass *pass)
{
	(void)pass;
	ev_break(arg, EVBREAK_ALL);
}

/* What the pass called; it only plans. Caller frees. */
static char *
look(const struct row *row, const char *revision, json_t *memory)
{
	struct ev_loop *loop = ev_default_loop(0);
	auto_of(pools_free) struct pools *pools = pools_new(loop, one, NULL);
	auto_of(graph_free) struct graph *g = graph_of(row, revision);
	size_t before = strlen(toy_calls(true));
	struct pass *pass = pass_start(&(struct pass_options){ .loop = loop,
	    .pools = pools,
	    .aws = toy_aws(),
	    .installation = "test",
	    .types = *row->things != '\0' ? toy_types : toy_crew_types,
	    .graph = g,
	    .memory = memory,
	    .done = stop,
	    .arg = loop });
	struct packed_doc *report;

	ev_run(loop, 0);
	report = pass_report(pass, NULL, NULL);
	pass_free(pass);
	ck_assert_msg(
	    strcmp(js_str(packed_doc_head(report), "result"), "Failed") != 0,
	    "%s", row->what);
	packed_doc_free(report);
	return mem_str(toy_calls(true) + before);
}

START_TEST(calls)
{
	const struct row *row = &rows[_i];
	json_auto_t *memory = json_object();
	const char *const want[] = { row->first, row->second, row->third };
	static const char *const revisions[] = { "1", "1", "2" };

	toy_world(row->world);
	for (size_t i = 0; i < 3; i++) {
		auto_free char *got = look(row, revisions[i], memory);
		json_t *looked = (json_t *)js_get(memory, "looked");

		ck_assert_msg(want[i] == NULL || strcmp(got, want[i]) == 0,
		    "%s, pass %zu:\n%s\nnot\n%s", row->what, i + 1, got,
		    want[i]);
		if (looked != NULL)
			js_set(looked, "toy.flag",
			    json_integer(
				js_int(looked, "toy.flag", 0) - row->looked));
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("observe");
	TCase *t = tcase_create("observe");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, calls, 0, COUNT(rows));
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
