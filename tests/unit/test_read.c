/* common/engine/object_read.c: several objects read together. */

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/engine/object.h"
#include "tests/unit/toy_aws.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define MOST        4
#define CREW(name)                                                             \
	"\"" name "\":{\"Rank\":1,\"Jobs\":{\"x\":1,\"y\":2},\"Tags\":{}}"
#define ABC        "{\"crews\":{" CREW("a") "," CREW("b") "," CREW("c") "}"
#define READ(name) "GetCrew(" name ") ListJobs(" name ") GetJob(x) GetJob(y) "

/* What `find` gives is what `read` needs; another service seals it; tags
 * have a call of their own. */
static const struct resource_type found = {
	.name = "toy.found",
	.service = "toy",
	.key = "Name",
	.find = { "GetThing", "{Name: $Name}" },
	.read = { "GetNet", "{Id: $Id}" },
	.more = { { "GetSeal", "{Name: $Name}", .take = "Flag", .put = "Flag",
	    .absent = "Bad", .service = "seals" } },
	.tags = { TAGS_MAP,
	    .list = { "GetThing", "{Name: $Name}", .take = "Tags" } },
	.properties = (const struct property[]){ { "Name" }, { 0 } },
};
#define FOUND(id)                                                              \
	"{\"things\":{\"a\":{\"Name\":\"a\"," id "\"Tags\":{\"k\":\"v\"}}},"   \
	"\"nets\":{\"n1\":{\"Id\":\"n1\"}},"                                   \
	"\"crews\":{\"a\":{\"Flag\":{\"Colour\":1}}}"
#define NET                                                                    \
	"{\"nets\":{\"n1\":{\"Id\":\"n1\",\"Tags\":{}},\"n2\":{\"Id\":\"n2\"," \
	"\"Tags\":{\"convergd:resource\":\"shop/b\"}}}}"

/* Whoever has read the first object cancels the rest. */
static atomic_bool cancelled;

static void
cancel(json_t *live)
{
	(void)live;
	cancelled = true;
}

static const struct resource_type cancelling = {
	.name = "toy.cancelling",
	.service = "toy",
	.key = "Name",
	.read = { "GetCrew", "{Name: $Name}" },
	.tags = { TAGS_MAP, .at = "Tags" },
	.properties = (const struct property[]){ { "Name" }, { 0 } },
	.normalise = cancel,
};

static const struct row {
	const char *what;
	const struct resource_type *type;
	const char *names; /* of the objects, each a letter */
	const char *world;
	const char *calls;
	/* Of each object: "+" it is there, "-" it is not, "!CODE" the reading
	 * failed. */
	const char *outcome;
	const char *live; /* of the first; or NULL */
	const char *tags; /* same */
	bool known;       /* the index has tags */
	bool twice;       /* read again, with what was read as identity */
} rows[] = {
	{ "none", &toy_crew, "", "{}", "", "" },
	{ "each with all that it takes", &toy_crew, "abc", ABC "}",
	    READ("a") READ("b") READ("c"), "+++",
	    "{\"Badges\":[],\"JobKeys\":[\"x\",\"y\"],\"Jobs\":{\"x\":1,\"y\":"
	    "2},"
	    "\"Name\":\"a\",\"Rank\":1,\"Tags\":{}}",
	    "{}" },
	{ "and the same again", &toy_crew, "a", ABC "}", READ("a") READ("a"),
	    "+", NULL, NULL, false, true },
	{ "one is not there", &toy_crew, "axc", ABC "}",
	    READ("a") "GetCrew(x) " READ("c"), "+-+" },
	{ "one may not be read", &toy_crew, "abc",
	    ABC ",\"fail\":[[\"GetCrew\",\"AccessDenied\",\"no\"]]}",
	    "GetCrew(a) " READ("b") READ("c"), "!AccessDenied++" },
	{ "one is throttled in the middle", &toy_crew, "ab",
	    ABC ",\"fail\":[[\"ListJobs\",\"Throttling\",\"no\"]]}",
	    "GetCrew(a) ListJobs(a) " READ("b"), "!Throttling+" },
	{ "one vanishes between two reads", &toy_crew, "ab",
	    ABC ",\"fail\":[[\"ListJobs\",\"Gone\",\"no\"]]}",
	    "GetCrew(a) ListJobs(a) " READ("b"), "-+" },
	{ "an element vanishes", &toy_crew, "a",
	    ABC ",\"fail\":[[\"GetJob\",\"Gone\",\"no\"]]}", READ("a"), "+",
	    "{\"Badges\":[],\"JobKeys\":[\"x\",\"y\"],\"Jobs\":{\"y\":2},"
	    "\"Name\":\"a\","
	    "\"Rank\":1,\"Tags\":{}}" },
	{ "an element may not be read", &toy_crew, "ab",
	    ABC ",\"fail\":[[\"GetJob\",\"AccessDenied\",\"no\"]]}",
	    "GetCrew(a) ListJobs(a) GetJob(x) " READ("b"), "!AccessDenied+" },
	{ "found first, its tags last", &found, "a",
	    FOUND("\"Id\":\"n1\",") "}",
	    "GetThing(a) GetNet(n1) GetSeal(a) GetThing(a) ", "+",
	    "{\"Flag\":{\"Colour\":1},\"Id\":\"n1\",\"Name\":\"a\","
	    "\"State\":\"Active\",\"Tags\":{\"k\":\"v\"}}",
	    "{\"k\":\"v\"}" },
	{ "the index knows the tags", &found, "a", FOUND("\"Id\":\"n1\",") "}",
	    "GetThing(a) GetNet(n1) GetSeal(a) ", "+", NULL,
	    "{\"known\":\"1\"}", true },
	{ "there is no such part", &found, "a",
	    FOUND("\"Id\":\"n1\",") ",\"fail\":[[\"GetSeal\",\"Bad\",\"\"]]}",
	    "GetThing(a) GetNet(n1) GetSeal(a) GetThing(a) ", "+",
	    "{\"Id\":\"n1\",\"Name\":\"a\",\"State\":\"Active\",\"Tags\":{"
	    "\"k\":\"v\"}}" },
	{ "nobody finds it", &found, "x", FOUND("") "}", "GetThing(x) ", "-" },
	{ "nobody knows its id", &found, "a", FOUND("") "}", "GetThing(a) ",
	    "-" },
	{ "it may not be read", &found, "a",
	    FOUND("\"Id\":\"n1\",") ",\"fail\":[[\"GetNet\",\"Bad\",\"\"]]}",
	    "GetThing(a) GetNet(n1) ", "!Bad" },
	{ "its tags may not be read", &found, "a",
	    FOUND("\"Id\":\"n1\",") ",\"fail\":[[\"GetSeal\",\"Bad\",\"\"],"
				    "[\"GetThing\",\"AccessDenied\",\"\"]]}",
	    "GetThing(a) GetNet(n1) GetSeal(a) GetThing(a) ", "!AccessDenied" },
	{ "only the list tells the id", &toy_net, "ab", NET,
	    "ListNets() ListNets() GetNet(n2) ", "-+" },
	{ "the list may not be read", &toy_net, "ab",
	    "{\"fail\":[[\"ListNets\",\"AccessDenied\",\"no\"]]}",
	    "ListNets() ListNets() ", "!AccessDenied-" },
	{ "only the list tells at all", &toy_child, "ab",
	    "{\"children\":{\"p\":{\"b\":{\"Key\":\"b\"}}}}",
	    "ListChildren() ListChildren() ", "-+" },
	{ "cancelled by the first", &cancelling, "abc", ABC "}", "GetCrew(a) ",
	    "+!cancelled!cancelled" },
};

static const struct realm realm = { .installation = "test",
	.architecture = "shop",
	.account = "1",
	.cancelled = &cancelled };

struct subject {
	struct object object;
	struct err err;
	char address[8];
};

static void
prepare(const struct row *row, size_t i, struct subject *s, struct look *look)
{
	const char *key = row->type == &toy_child ? "Key" : "Name";
	char name[2] = { row->names[i], '\0' };

	memcpy(s->address, "shop/?", 7);
	s->address[5] = name[0];
	s->object.type = row->type;
	s->object.address = s->address;
	js_replace(&s->object.desired, js_pack("{s:s}", key, name));
	*look = (struct look){ &s->object,
		row->known ? js_pack("{s:s}", "known", "1") : NULL, &s->err,
		0 };
}

static void
add_outcome(struct buf *b, const struct look *look)
{
	if (look->rc == -1)
		buf_addf(b, "!%s",
		    *look->err->code ? look->err->code
				     : err_kind_name(look->err->kind));
	else
		buf_addc(b, look->object->live != NULL ? '+' : '-');
}

static void
check_json(const struct row *row, const json_t *got, const char *want)
{
	auto_free char *text = js_dump(got);

	ck_assert_msg(want == NULL || strcmp(text, want) == 0, "%s: %s, not %s",
	    row->what, text, want);
}

static void
read_all(const struct row *row, struct subject *subjects, struct buf *outcome)
{
	struct look looks[MOST];
	size_t n = strlen(row->names);

	for (size_t i = 0; i < n; i++)
		prepare(row, i, &subjects[i], &looks[i]);
	object_read_many(&realm, looks, n);
	buf_clear(outcome);
	for (size_t i = 0; i < n; i++) {
		add_outcome(outcome, &looks[i]);
		ck_assert_ptr_null(looks[i].known_tags);
	}
}

START_TEST(reads)
{
	const struct row *row = &rows[_i];
	struct subject subjects[MOST] = { 0 };
	auto_buf struct buf outcome = BUF_INIT;

	cancelled = false;
	toy_world(row->world);
	for (int i = row->twice ? 2 : 1; i > 0; i--)
		read_all(row, subjects, &outcome);
	ck_assert_msg(strcmp(toy_calls(true), row->calls) == 0, "%s: %s",
	    row->what, toy_calls(true));
	ck_assert_msg(strcmp(outcome.data, row->outcome) == 0, "%s: %s",
	    row->what, outcome.data);
	check_json(row, subjects[0].object.live, row->live);
	check_json(row, subjects[0].object.tags, row->tags);
	for (size_t i = 0; i < MOST; i++)
		object_free(&subjects[i].object);
}
END_TEST

/* A step has to see what it wrote: only looking around is cancelled. */
START_TEST(one_is_read_to_its_end)
{
	struct subject s = { 0 };
	struct look look;

	cancelled = true;
	toy_world(rows[1].world);
	prepare(&rows[1], 0, &s, &look);
	ck_assert_int_eq(object_read(&realm, &s.object, NULL, &s.err), 0);
	ck_assert_str_eq(toy_calls(true), READ("a"));
	object_free(&s.object);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("read");
	TCase *t = tcase_create("read");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, reads, 0, COUNT(rows));
	tcase_add_test(t, one_is_read_to_its_end);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
