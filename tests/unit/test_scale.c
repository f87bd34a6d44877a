/*
 * Ten thousand resources: what a pass needs of memory for each, and that its
 * time grows no faster than their number. AWS is the toy; what is measured is
 * the heap of graph, pass, plan and report beyond what was there before.
 */

#include <check.h>
#include <ev.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/buf.h"
#include "common/engine/pass.h"
#include "common/loop/pool.h"
#include "tests/unit/toy_aws.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define MANY        10000
#define FEW         (MANY / 4)
#define SAMPLE      64 /* turns of the loop, or events, between two looks */

/* As long as what AWS tells of a queue. */
#define TEXT                                                                   \
	"{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{"             \
	"\\\"Effect\\\":"                                                      \
	"\\\"Allow\\\",\\\"Principal\\\":{\\\"Service\\\":\\\"sns.amazonaws."  \
	"com\\\"},\\\"Action\\\":\\\"sqs:SendMessage\\\",\\\"Resource\\\":"    \
	"\\\"arn:aws:sqs:eu-west-1:123456789012:orders\\\"}]}"

static const struct row {
	const char *what;
	const char *exists; /* Size of what is there; NULL: nothing is */
	bool wanted;        /* false: all of it is to go */
	bool chain;         /* each needs the one before */
	bool fails;         /* the first create does */
	bool write;
	bool index; /* the toy gives it whole, so that memory says nothing */
	const char *result;
	const char *health; /* of the first in the report */
	int changed;        /* actions for each hundred, in the plan */
	size_t most_bytes;  /* for each resource; 0: see index */
	bool later;         /* a second pass, while the first one's report is
			       kept */
} rows[] = {
	{ "nothing to do", "1", true, false, false, true, false, "Synced",
	    "Healthy", 0, 1800, false },
	{ "nothing to do, later", "1", true, false, false, true, false,
	    "Synced", "Healthy", 0, 2400, true },
	{ "all to be made", NULL, true, false, false, false, false, "OutOfSync",
	    "Missing", 100, 2400, false },
	{ "all to be changed", "2", true, false, false, false, false,
	    "OutOfSync", "Healthy", 100, 2400, false },
	{ "a chain", "1", true, true, false, true, false, "Synced", "Healthy",
	    0, 2400, false },
	{ "a chain whose first link fails", NULL, true, true, true, true, false,
	    "Failed", "Degraded", 100, 4096, false },
	{ "all to be deleted", "1", false, false, false, true, true, "Synced",
	    NULL, 100, 0, false },
};

/* ---- the world ---- */

static void
add_thing(const struct row *row, int i, struct buf *b)
{
	buf_addf(b,
	    "%s\"t%d\":{\"Name\":\"t%d\",\"Size\":%s,\"Other\":\"" TEXT
	    "\",\"Tags\":{\"convergd:installation\":\"test\","
	    "\"convergd:architecture\":\"shop\",\"convergd:resource\":"
	    "\"shop/Toy/t%d/main\"}",
	    i > 0 ? "," : "", i, i, row->exists, i);
	if (row->chain && i > 0)
		buf_addf(b,
		    ",\"Entries\":{\"before\":\"arn:aws:toy:mars:1:t%d\"}",
		    i - 1);
	buf_addc(b, '}');
}

static void
make_world(const struct row *row, int n)
{
	auto_buf struct buf b = BUF_INIT;

	buf_adds(&b, "{\"fail\":[");
	if (!row->index)
		buf_adds(&b, "[\"GetResources\",\"AccessDenied\",\"no\"]");
	if (row->fails)
		buf_adds(&b, ",[\"CreateThing\",\"Bad\",\"no\"]");
	buf_adds(&b, "],\"things\":{");
	for (int i = 0; i < n && row->exists != NULL; i++)
		add_thing(row, i, &b);
	buf_adds(&b, "}}");
	toy_world(b.data);
}

static struct packed *
props_of(const struct row *row, int i)
{
	json_t *props = js_pack("{s:o, s:i, s:s}", "Name", js_fmt("t%d", i),
	    "Size", 1, "Other", "");
	auto_free char *before = mem_fmt("shop/Toy/t%d/main", i - 1);
	auto_free char *text = NULL;
	struct err err;
	json_t *other = NULL;

	text = mem_fmt("\"%s\"", TEXT);
	ck_assert_int_eq(js_parse(text, strlen(text), &other, &err), 0);
	js_set(props, "Other", other);
	if (row->chain && i > 0)
		js_set(props, "Entries",
		    js_pack(
			"{s:{s:[s, s]}}", "before", "$ref", before, "@arn"));
	return packed_take(props);
}

static struct graph *
make_graph(const struct row *row, int n)
{
	struct graph *g = graph_new();
	struct err err;

	g->arch.name = mem_str("shop");
	g->arch.revision = mem_str("main@sha1:1f3c9ae0000");
	g->arch.mode = mem_str("enforce");
	g->arch.region = mem_str("mars");
	g->arch.prune = true;
	g->arch.max_deletes = n;
	g->arch.max_delete_percent = g->arch.max_missing_percent = 100;
	for (int i = 0; i < n && row->wanted; i++)
		graph_add(g, &(struct resource){
				 .address = mem_fmt("shop/Toy/t%d/main", i),
				 .display = mem_fmt("Toy/t%d", i),
				 .kind = "Toy",
				 .name = "t",
				 .pool = "toy",
				 .type = &toy_thing,
				 .props = props_of(row, i),
				 .tags = packed_take(json_object()),
				 .file = mem_str("toys.yaml"),
			     });
	ck_assert_int_eq(graph_finish(g, &err), 0);
	return g;
}

/* ---- measuring ---- */

struct gauge {
	struct ev_loop *loop;
	struct ev_prepare turn;
	unsigned calls;
	size_t before, peak;
};

static size_t
heap(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static void
look(struct gauge *g)
{
	size_t now = heap();

	g->peak = now > g->peak ? now : g->peak;
}

static void
on_turn(struct ev_loop *loop, struct ev_prepare *w, int events)
{
	struct gauge *g = w->data;

	(void)loop, (void)events;
	if (g->calls++ % SAMPLE == 0)
		look(g);
}

static void
on_event(void *arg, const struct pass_event *e)
{
	struct gauge *g = arg;

	(void)e;
	if (g->calls++ % SAMPLE == 0)
		look(g);
}

static void
on_done(void *arg, struct pass *pass)
{
	struct gauge *g = arg;

	(void)pass;
	look(g);
	ev_break(g->loop, EVBREAK_ALL);
}

static unsigned
four(void *arg, const char *name)
{
	(void)arg, (void)name;
	return 4;
}

static double
cpu_sec(void)
{
	struct timespec t;

	ck_assert_int_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t), 0);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
check_outcome(const struct row *row, int n, const struct pass *pass,
    const struct packed_doc *report)
{
	const char *result = js_str(packed_doc_head(report), "result");

	json_auto_t *first = packed_doc_at(report, "resources", 0);
	auto_free char *text = js_dump(first);

	ck_assert_msg(strcmp(result, row->result) == 0, "%s: %s, %s", row->what,
	    result, text);
	if (row->health != NULL)
		ck_assert_str_eq(js_str(first, "health"), row->health);
	ck_assert_uint_eq(packed_doc_len(pass_plan(pass), "actions"),
	    (size_t)n * (size_t)row->changed / 100);
	ck_assert_uint_eq(
	    packed_doc_len(report, "resources"), row->wanted ? (size_t)n : 0);
}

/* One pass over the graph; what came of it. */
static struct packed_doc *
run_pass(const struct row *row, int n, struct gauge *g, struct pools *pools,
    struct graph *graph, json_t *memory)
{
	struct pass *pass = pass_start(&(struct pass_options){ .loop = g->loop,
	    .pools = pools,
	    .aws = toy_aws(),
	    .installation = "test",
	    .types = toy_types,
	    .graph = graph,
	    .write = row->write,
	    .memory = memory,
	    .event = on_event,
	    .done = on_done,
	    .arg = g });
	struct packed_doc *report;

	ev_run(g->loop, 0);
	report = pass_report(pass, NULL, NULL);
	look(g);
	check_outcome(row, n, pass, report);
	pass_free(pass);
	return report;
}

/* The pass of the row over so many; its CPU seconds, and bytes for each. */
static double
run(const struct row *row, int n, size_t *ret_bytes)
{
	struct gauge g = { .loop = ev_default_loop(0) };
	struct pools *pools = pools_new(g.loop, four, NULL);
	auto_of(packed_doc_free) struct packed_doc *report = NULL,
						   *before = NULL;
	json_auto_t *memory = json_object();
	auto_of(graph_free) struct graph *graph = NULL;
	double sec;

	make_world(row, n);
	g.before = heap();
	sec = cpu_sec();
	ev_prepare_init(&g.turn, on_turn);
	g.turn.data = &g;
	ev_prepare_start(g.loop, &g.turn);
	graph = make_graph(row, n);
	if (row->later)
		before = run_pass(row, n, &g, pools, graph, memory);
	if (row->later)
		g.peak = 0;
	report = run_pass(row, n, &g, pools, graph, memory);
	sec = cpu_sec() - sec;
	ev_prepare_stop(g.loop, &g.turn);
	pools_free(pools);
	*ret_bytes = (g.peak - g.before) / (size_t)n;
	return sec;
}

/* Four times as many may take four times as long, not sixteen times. */
START_TEST(scales)
{
	const struct row *row = &rows[_i];
	size_t bytes, ignored;
	double few, many;

	mallopt(M_ARENA_MAX, 1); /* what mallinfo2 counts */
	few = run(row, FEW, &ignored);
	many = run(row, MANY, &bytes);
	if (getenv("SCALE") != NULL)
		printf("%-32s %5zu bytes, %.3f s and %.3f s\n", row->what,
		    bytes, few, many);
	ck_assert_msg(row->index || bytes <= row->most_bytes,
	    "%s: %zu bytes for each resource", row->what, bytes);
	ck_assert_msg(many < 8 * few + 0.2, "%s: %.3f s for %d, %.3f s for %d",
	    row->what, few, FEW, many, MANY);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("scale");
	TCase *t = tcase_create("scale");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, scales, 0, COUNT(rows));
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
