/* common/engine: intents around creates, as rows of passes. */

#include <check.h>
#include <ev.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/engine/intent.h"
#include "common/engine/pass.h"
#include "common/loop/pool.h"
#include "tests/unit/toy_aws.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define OURS(name)                                                             \
	"\"Tags\":{\"convergd:installation\":\"test\","                        \
	"\"convergd:architecture\":\"shop\",\"convergd:resource\":\"shop/"     \
	"Toy/" name "\"}"
#define A(fixed)                                                               \
	"\"a\":{\"Name\":\"a\",\"Size\":1,\"Fixed\":" fixed "," OURS("a") "}"
#define WANT_A                                                                 \
	"{\"a\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1,\"Fixed\":1}]}"
#define WANT_CHILD                                                             \
	"{\"a\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1,\"Fixed\":1}]," \
	"\"z\":[\"toy.child\",\"a\",{\"Key\":\"z\"}]}"

/* ---- intents that remember what they were told ---- */

static struct {
	pthread_mutex_t lock;
	struct buf said;  /* "begin:2 ": after so many characters of calls */
	double age;       /* of the one that is open; < 0: none is */
	const char *only; /* the end of the keys that are open; NULL: all */
	bool full;
} told = { .lock = PTHREAD_MUTEX_INITIALIZER, .said = BUF_INIT };

static void
say(const char *what, const char *key)
{
	pthread_mutex_lock(&told.lock);
	buf_join(&told.said, what, "(", strrchr(key, '/') + 1, ") ");
	pthread_mutex_unlock(&told.lock);
}

static int
begin(void *arg, const char *key, struct intent *ret, struct err *err)
{
	(void)arg;
	if (told.full)
		return err_set(err, ERR_SYSTEM, "the disk is full");
	ck_assert(strstr(key, "test 1 mars toy.") == key);
	say(toy_calls(false)[0] == 0 ? "first" : "begin", key);
	memcpy(ret->generation, "g", 2);
	ret->age_sec = 0;
	return 0;
}

static int
ready(void *arg, struct err *err)
{
	(void)arg;
	return told.full ? err_set(err, ERR_SYSTEM, "the disk is full") : 0;
}

static bool
find(void *arg, const char *key, struct intent *ret)
{
	(void)arg;
	if (told.age < 0 ||
	    (told.only && strcmp(strrchr(key, '/') + 1, told.only) != 0))
		return false;
	memcpy(ret->generation, "g", 2);
	ret->age_sec = told.age;
	return true;
}

static void
end(void *arg, const char *key)
{
	(void)arg;
	say("end", key);
}

static const struct intents intents = { begin, ready, find, end, NULL };

/* ---- rows ---- */

struct row {
	const char *what, *desired, *world;
	double age; /* of an open intent; 0: none */
	const char *writes, *said, *result;
	double at_least_sec, at_most_sec; /* that the pass takes; 0: any */
	const char *only;
	bool full;
	const char *message;
};

static const struct row rows[] = {
	{ "begun before the create, ended when it is shown", WANT_A,
	    "{\"hide\":1}", 0, "CreateThing(a) ", "first(a) end(a) ",
	    "Synced" },
	{ "a child has its own", WANT_CHILD, "{}", 0,
	    "CreateThing(a) CreateChild(z) ",
	    "first(a) end(a) begin(z) end(z) ", "Synced" },
	{ "an update has none", WANT_A,
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Size\":2,\"Fixed\":"
	    "1," OURS("a") "}}}",
	    0, "UpdateThing(a) ", "", "Synced" },
	{ "one that is open although all is there ends", WANT_A,
	    "{\"things\":{" A("1") "}}", 5, "", "end(a) ", "Synced" },
	{ "a young one: hidden, looked for, found", WANT_A,
	    "{\"things\":{" A("1") "},\"hide\":3}", 0.1, "", "end(a) ",
	    "Synced" },
	{ "a young one: looked for until AWS would show it", WANT_A, "{}", 18.5,
	    "CreateThing(a) ", "first(a) end(a) ", "Synced",
	    .at_least_sec = 1.4 },
	{ "an old one: a look is enough", WANT_A, "{}", 30, "CreateThing(a) ",
	    "first(a) end(a) ", "Synced", .at_most_sec = 15 },
	{ "what AWS holds unique need not wait", WANT_CHILD,
	    "{\"things\":{" A("1") "}}", 0.1, "CreateChild(z) ",
	    "end(a) first(z) end(z) ", "Synced", .at_most_sec = 15,
	    .only = "z" },
	{ "a lost answer keeps it open until the thing is shown", WANT_A,
	    "{\"hide\":2,\"fail\":[[\"CreateThing\",\"Lost\",\"reset\"]]}", 0,
	    "CreateThing(a) ", "first(a) end(a) ", "Synced" },
	{ "a refusal ends it", WANT_A,
	    "{\"fail\":[[\"CreateThing\",\"Bad\",\"no\"]]}", 0,
	    "CreateThing(a) ", "first(a) end(a) ", "Failed", .message = "no" },
	{ "a replacement begins it before the old one goes", WANT_A,
	    "{\"things\":{" A("2") "}}", 0, "DeleteThing(a) CreateThing(a) ",
	    "first(a) begin(a) end(a) ", "Synced" },
	{ "what differs may be the old one, long replaced", WANT_A,
	    "{\"things\":{" A("2") "}}", 18.5, "DeleteThing(a) CreateThing(a) ",
	    "first(a) begin(a) end(a) ", "Synced", .at_least_sec = 1.4 },
	{ "no create that cannot be written down", WANT_A, "{}", 0, "", "",
	    "Failed", .full = true, .message = "the disk is full" },
	{ "no update either", WANT_A,
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Size\":2,\"Fixed\":"
	    "1," OURS("a") "}}}",
	    0, "", "", "Failed", .full = true, .message = "the disk is full" },
	{ "no replacement", WANT_A, "{\"things\":{" A("2") "}}", 0, "", "",
	    "Failed", .full = true, .message = "the disk is full" },
	{ "no removal", "{}", "{\"things\":{" A("1") "}}", 0, "", "", "Failed",
	    .full = true, .message = "the disk is full" },
	{ "what is as it should be stays so", WANT_A,
	    "{\"things\":{" A("1") "}}", 0, "", "end(a) ", "Synced",
	    .full = true },
};

static json_t *
parse(const char *text)
{
	json_t *x = NULL;
	struct err err;

	ck_assert_msg(js_parse(text, strlen(text), &x, &err) == 0, "%s", text);
	return x;
}

static struct graph *
graph_of(const char *desired)
{
	json_auto_t *all = parse(desired);
	struct graph *g = graph_new();
	const char *name;
	json_t *given;
	struct err err;

	g->arch.name = mem_str("shop");
	g->arch.revision = mem_str("main@sha1:1f3c9ae0000");
	g->arch.mode = mem_str("enforce");
	g->arch.prune = true;
	g->arch.max_deletes = 10;
	g->arch.max_delete_percent = 100;
	g->arch.max_missing_percent = 100;
	js_foreach (all, name, given) {
		const char *parent = js_text(js_at(given, 1));

		graph_add(g,
		    &(struct resource){
			.address = mem_fmt("shop/Toy/%s", name),
			.display = mem_fmt("Toy/%s", name),
			.kind = "Toy",
			.name = "toy",
			.pool = "toy",
			.type = parent ? &toy_child : &toy_thing,
			.parent = parent ? mem_fmt("shop/Toy/%s", parent)
					 : NULL,
			.props = packed_take(js_copy(js_at(given, 2))),
			.tags = packed_take(json_object()),
			.policy = packed_take(parse("{\"replace\":\"auto\"}")),
		    });
	}
	ck_assert_int_eq(graph_finish(g, &err), 0);
	return g;
}

static unsigned
four(void *arg, const char *name)
{
	(void)arg, (void)name;
	return 4;
}

static void
stop(void *arg, struct pass *pass)
{
	(void)pass;
	ev_break(arg, EVBREAK_ALL);
}

static json_t *
run(const char *desired, const struct intents *kept)
{
	struct ev_loop *loop = ev_default_loop(0);
	auto_of(pools_free) struct pools *pools = pools_new(loop, four, NULL);
	auto_of(graph_free) struct graph *g = graph_of(desired);
	struct pass *pass = pass_start(&(struct pass_options){ .loop = loop,
	    .pools = pools,
	    .aws = toy_aws(),
	    .installation = "test",
	    .types = toy_types,
	    .graph = g,
	    .intents = kept,
	    .write = true,
	    .done = stop,
	    .arg = loop });
	struct packed_doc *doc;
	json_t *report;

	ev_run(loop, 0);
	doc = pass_report(pass, NULL, NULL);
	report = packed_doc_open(doc);
	packed_doc_free(doc);
	pass_free(pass);
	return report;
}

static bool
says(const json_t *report, const char *text)
{
	auto_free char *all = js_dump(report);

	return strstr(all, text) != NULL;
}

START_TEST(passes)
{
	const struct row *row = &rows[_i];
	json_auto_t *report = NULL;
	double start = clock_mono(), took;

	toy_world(row->world);
	told.age = row->age > 0 ? row->age : -1;
	told.only = row->only;
	told.full = row->full;
	report = run(row->desired, &intents);
	took = clock_mono() - start;
	ck_assert_msg(strcmp(toy_calls(false), row->writes) == 0,
	    "%s: calls %s", row->what, toy_calls(true));
	ck_assert_msg(strcmp(told.said.data, row->said) == 0, "%s: %s",
	    row->what, told.said.data);
	ck_assert_msg(strcmp(js_str(report, "result"), row->result) == 0,
	    "%s: %s", row->what, js_str(report, "result"));
	ck_assert_msg(row->message == NULL || says(report, row->message),
	    "%s: not said", row->what);
	ck_assert_msg(took >= row->at_least_sec, "%s: %f s", row->what, took);
	ck_assert_msg(row->at_most_sec == 0 || took < row->at_most_sec,
	    "%s: %f s", row->what, took);
}
END_TEST

/* ---- tokens ---- */

static int
begin_as(void *arg, const char *key, struct intent *ret, struct err *err)
{
	(void)key, (void)err;
	memcpy(ret->generation, arg, 2);
	ret->age_sec = 0;
	return 0;
}

static char *
token_of(const char *desired, const struct intents *kept)
{
	json_auto_t *report = NULL;

	toy_world("{}");
	told.age = -1;
	report = run(desired, kept);
	ck_assert_str_eq(js_str(report, "result"), "Synced");
	return mem_str(js_pathstr(toy_state(), "things.a.Token"));
}

/* The wish is no part of it: what was sent before a crash has the token
 * that is sent after it, whatever Git says by then. */
START_TEST(token_is_of_address_and_generation)
{
	static const char other[] =
	    "{\"a\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":7}]}";
	char first[] = "1", second[] = "2";
	struct intents one = { begin_as, ready, find, end, first };
	struct intents two = { begin_as, ready, find, end, second };
	auto_free char *a = token_of(WANT_A, &one);
	auto_free char *again = token_of(other, &one);
	auto_free char *next = token_of(WANT_A, &two);
	auto_free char *none = token_of(WANT_A, NULL);
	auto_free char *nor = token_of(WANT_A, NULL);

	ck_assert_uint_eq(strlen(a), 36);
	ck_assert_str_eq(a, again);
	ck_assert_str_ne(a, next);
	ck_assert_str_ne(none, nor);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("intent");
	TCase *t = tcase_create("intent");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, passes, 0, COUNT(rows));
	tcase_add_test(t, token_is_of_address_and_generation);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
