/* common/engine: what stops a pass before its first write. */

#include "tests/unit/toy_pass.h"

/* A net, and what names it. */
#define NETS                                                                   \
	"{\"net\":[\"toy.net\",null,{\"Cidr\":\"2\"}],\"b/main\":["            \
	"\"toy.thing\",null,{\"Name\":\"b\",\"Other\":{\"$ref\":["             \
	"\"shop/Toy/net\",\"Id\"]}}]}"
#define ONE_NET "{\"net\":[\"toy.net\",null,{\"Cidr\":\"2\"}]}"
#define NET(id, cidr, address)                                                 \
	"\"" id "\":{\"Id\":\"" id "\",\"Cidr\":\"" cidr "\"," OURS(address) "}"

#define THEIRS(installation)                                                   \
	"\"Tags\":{\"convergd:installation\":\"" installation "\","            \
	"\"convergd:architecture\":\"web\",\"convergd:resource\":"             \
	"\"web/Toy/a/main\"}"

static const struct row rows[] = {
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
	{ "a wrong account is not touched",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}", "{}", "",
	    "Refused", .account = "2" },
	{ "moved: what another architecture desires is left to it", "{}",
	    "{\"things\":{" A "}}", "", "Synced",
	    .peer = "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}" },
	{ "with its children", "{}",
	    "{\"things\":{" A "},\"children\":{\"a\":{\"z\":{\"Key\":\"z\"}}}}",
	    "", "Synced",
	    .peer = "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}" },
	{ "what no other desires is deleted", "{}", "{\"things\":{" A "}}",
	    "DeleteThing(a) ", "Synced",
	    .peer = "{\"b/main\":[\"toy.thing\",null,{\"Name\":\"b\"}]}" },
	{ "moved: taken over from one that desires it no more",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\"," THEIRS("test") "}}}",
	    "TagThing(a) ", "Synced", .peer = "{}",
	    .state = "things.a.Tags.convergd:architecture=shop" },
	{ "not from one that still does",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\"," THEIRS("test") "}}}", "",
	    "Failed", "belongs to architecture web",
	    .peer = "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}" },
	{ "not from one that the source does not know",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\"," THEIRS("test") "}}}", "",
	    "Failed", "belongs to architecture web" },
	{ "not from another installation's of that name",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\"," THEIRS("other") "}}}", "",
	    "Failed", "belongs to architecture web", .peer = "{}" },
	{ "another address of the same name: its tags follow",
	    "{\"moved/main\":[\"toy.thing\",null,{\"Name\":\"a\","
	    "\"Size\":1}]}",
	    "{\"things\":{" A "}}", "TagThing(a) ", "Synced" },
	{ "errors in the source: nothing is deleted, the rest goes on",
	    "{\"b/main\":[\"toy.thing\",null,{\"Name\":\"b\"}]}",
	    "{\"things\":{" A "}}", "CreateThing(b) ", "OutOfSync",
	    .broken = true, .confirmed = true },
	{ "adoption required: nothing is made",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}", "{}", "",
	    "OutOfSync", .policy = "{\"adopt\":\"require\"}" },
	{ "adoption required: what is there is taken",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Tags\":{}}}}", "TagThing(a) ",
	    "Synced", .policy = "{\"adopt\":\"require\"}" },
	{ "adoption required, of what AWS names: which one?", ONE_NET,
	    "{\"nets\":{\"n1\":{\"Id\":\"n1\",\"Cidr\":\"2\",\"Tags\":{}}}}",
	    "", "OutOfSync", .policy = "{\"adopt\":\"require\"}" },
	{ "this one", ONE_NET,
	    "{\"nets\":{\"n1\":{\"Id\":\"n1\",\"Cidr\":\"2\",\"Tags\":{}},"
	    "\"n2\":{\"Id\":\"n2\",\"Cidr\":\"2\",\"Tags\":{}}}}",
	    "TagNet(n2) ", "Synced", .adopt = "shop/Toy/net", .adopt_id = "n2",
	    .state = "nets.n2.Tags.convergd:resource=shop/Toy/net" },
	{ "none of that id: nothing is made in its place", ONE_NET,
	    "{\"nets\":{\"n1\":{\"Id\":\"n1\",\"Cidr\":\"2\",\"Tags\":{}}}}",
	    "", "OutOfSync", .adopt = "shop/Toy/net", .adopt_id = "n2" },
	{ "another's of that id is a conflict", ONE_NET,
	    "{\"nets\":{\"n1\":{\"Id\":\"n1\",\"Cidr\":\"2\"," THEIRS(
		"other") "}}}",
	    "", "Failed", "belongs to architecture web",
	    .adopt = "shop/Toy/net", .adopt_id = "n1" },
	{ "what has its object keeps it", ONE_NET,
	    "{\"nets\":{\"n1\":{\"Id\":\"n1\",\"Cidr\":\"2\",\"Tags\":{}}," NET(
		"n2", "2", "net") "}}",
	    "", "Synced", .adopt = "shop/Toy/net", .adopt_id = "n1" },
	{ "replaced by id: the new one first, what names it, the old one last",
	    NETS,
	    "{\"nets\":{" NET("n1", "1",
		"net") "},\"things\":{\"b\":{"
		       "\"Name\":\"b\",\"Other\":\"n1\"," OURS("b/main") "}}}",
	    "TagNet(n1) CreateNet(2) UpdateThing(b) DeleteNet(n1) ", "Synced",
	    .state = "things.b.Other=n2", .max_deletes = 0 },
	{ "a crash after the old one was retired", NETS,
	    "{\"nets\":{" NET("n1", "1",
		"net/retired") "},\"things\":{"
			       "\"b\":{\"Name\":\"b\",\"Other\":\"n1\"," OURS(
				   "b/main") "}}}",
	    "CreateNet(2) UpdateThing(b) DeleteNet(n1) ", "Synced" },
	{ "a crash after the new one was made", NETS,
	    "{\"nets\":{" NET("n1", "1", "net/retired") "," NET(
		"n2", "2", "net") "},\"things\":{\"b\":{\"Name\":\"b\","
				  "\"Other\":\"n1\"," OURS("b/main") "}}}",
	    "UpdateThing(b) DeleteNet(n1) ", "Synced" },
	{ "the old one stays while what names it cannot be changed", NETS,
	    "{\"nets\":{" NET("n1", "1",
		"net") "},\"things\":{\"b\":{"
		       "\"Name\":\"b\",\"Other\":\"n1\"," OURS(
			   "b/main") "}},\"fail\":[["
				     "\"UpdateThing\",\"Bad\",\"no\"]]}",
	    "TagNet(n1) CreateNet(2) UpdateThing(b) ", "Failed",
	    "toy UpdateThing: no" },
	{ "nothing is retired where policy forbids it", NETS,
	    "{\"nets\":{" NET("n1", "1",
		"net") "},\"things\":{\"b\":{"
		       "\"Name\":\"b\",\"Other\":\"n1\"," OURS("b/main") "}}}",
	    "", "OutOfSync", .policy = "{\"replace\":\"never\"}" },
	{ "nor where a yes is missing", NETS,
	    "{\"nets\":{" NET("n1", "1",
		"net") "},\"things\":{\"b\":{"
		       "\"Name\":\"b\",\"Other\":\"n1\"," OURS("b/main") "}}}",
	    "", "OutOfSync", .policy = "{\"replace\":\"confirm\"}" },
	{ "children of one that may not be replaced stay as they are",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1,"
	    "\"Fixed\":2}],\"a/z\":[\"toy.child\",\"a/main\",{\"Key\":"
	    "\"z\"}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Size\":1,\"Fixed\":1," OURS(
		"a/main") "}},\"children\":{\"a\":{\"z\":{\"Key\":\"z\"}}}}",
	    "", "OutOfSync", .policy = "{\"replace\":\"never\"}" },
};

START_TEST(guarded)
{
	check_row(&rows[_i]);
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

int
main(void)
{
	Suite *s = suite_create("guard");
	TCase *t = tcase_create("guard");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, guarded, 0, COUNT(rows));
	tcase_add_test(t, a_yes_lifts_the_limit_of_deletes);
	tcase_add_test(t, mass_absence_needs_a_yes);
	tcase_add_test(t, without_memory_an_empty_account_is_new);
	tcase_add_test(t, memory_is_of_a_place);
	tcase_add_test(t, what_was_deleted_is_not_missed);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
