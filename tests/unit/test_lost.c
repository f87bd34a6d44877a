/* common/engine: children that outlived their parent. */

#include "tests/unit/toy_pass.h"

#define GUEST(id, host, key, address)                                          \
	"\"" id "\":{\"Host\":\"" host "\",\"Key\":\"" key                     \
	"\"," OURS(address) "}"
#define WANT_A "\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1}]"
#define WANT_X                                                                 \
	"\"a/x\":[\"toy.guest\",\"a/main\",{\"Host\":\"a\",\"Key\":\"x\"}]"
/* One that has, or had, guests. */
#define HOST                                                                   \
	"\"a\":{\"Name\":\"a\",\"Size\":1,\"Tags\":{"                          \
	"\"convergd:installation\":\"test\","                                  \
	"\"convergd:architecture\":\"shop\",\"convergd:resource\":\"shop/"     \
	"Toy/a/main\",\"convergd:children\":\"toy.guest\"}}"

static const struct row rows[] = {
	{ "of a parent that somebody deleted, and Git wants it no more",
	    "{" WANT_A "}", "{\"guests\":{" GUEST("g1", "a", "x", "a/x") "}}",
	    "CreateThing(a) DeleteGuest(x) ", "Synced" },
	{ "its parent left Git as well", "{}",
	    "{\"guests\":{" GUEST("g1", "a", "x", "a/x") "}}",
	    "DeleteGuest(x) ", "Synced" },
	{ "wanted: taken up again, not made anew", "{" WANT_A "," WANT_X "}",
	    "{\"guests\":{" GUEST("g1", "a", "x", "a/x") "}}",
	    "CreateThing(a) ", "Synced", .state = "guests.g1.Key=x" },
	{ "the parent has another name now", "{" WANT_A "," WANT_X "}",
	    "{\"things\":{" HOST "},\"guests\":{" GUEST(
		"g1", "a", "x", "a/x") "," GUEST("g2", "old", "x", "a/x") "}}",
	    "DeleteGuest(x) ", "Synced", .state = "guests.g1.Key=x" },
	{ "somebody else's are left alone", "{" WANT_A "}",
	    "{\"guests\":{\"g1\":{\"Host\":\"q\",\"Key\":\"x\"}," GUEST(
		"g2", "a", "y", "a/y") "}}",
	    "CreateThing(a) DeleteGuest(y) ", "Synced",
	    .state = "guests.g1.Key=x" },
	{ "nothing is lost: no look", "{" WANT_A "}", "{\"things\":{" A "}}",
	    "", "Synced",
	    .reads = "GetResources() GetThing(a) ListChildren(a) " },
	{ "moved to another architecture, which has not come to it yet", "{}",
	    "{\"guests\":{" GUEST("g1", "a", "x", "a/x") "}}", "", "Synced",
	    .peer = "{" WANT_A "," WANT_X "}" },
	{ "one from before they had tags", "{" WANT_A "," WANT_X "}",
	    "{\"things\":{" HOST
	    "},\"guests\":{\"g1\":{\"Host\":\"a\",\"Key\":\"x\"}}}",
	    "TagGuest(g1) ", "Synced" },
	{ "prune is off", "{}",
	    "{\"guests\":{" GUEST("g1", "a", "x", "a/x") "}}", "", "OutOfSync",
	    .prune_off = true },
	{ "the source has errors", "{}",
	    "{\"guests\":{" GUEST("g1", "a", "x", "a/x") "}}", "", "OutOfSync",
	    .broken = true },
};

START_TEST(passes)
{
	check_row(&rows[_i]);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("lost");
	TCase *t = tcase_create("lost");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, passes, 0, COUNT(rows));
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
