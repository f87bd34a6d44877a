/* common/engine: whole passes against a toy AWS, as rows. */

#include "tests/unit/toy_pass.h"

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
	{ "what belongs to a manifest that is only observed stays",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1}]}",
	    "{\"things\":{" A "},\"children\":{\"a\":{\"y\":{\"Key\":\"y\"}}}}",
	    "", "OutOfSync", .policy = "{\"mode\":\"observe\"}" },
	{ "or waits for the yes that the manifest wants",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1}]}",
	    "{\"things\":{" A "},\"children\":{\"a\":{\"y\":{\"Key\":\"y\"}}}}",
	    "", "OutOfSync", .policy = "{\"mode\":\"approve\"}" },
	{ "which was said",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\",\"Size\":1}]}",
	    "{\"things\":{" A "},\"children\":{\"a\":{\"y\":{\"Key\":\"y\"}}}}",
	    "DeleteChild(y) ", "Synced", .policy = "{\"mode\":\"approve\"}",
	    .confirmed = true },
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
	{ "tags that left Git go, then the record of them; others' stay",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"a\"}]}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Tags\":{"
	    "\"convergd:installation\":\"test\",\"convergd:architecture\":"
	    "\"shop\",\"convergd:tags\":\"2d711\",\"x\":\"y\","
	    "\"z\":\"theirs\"}}}}",
	    "UntagThing(a) TagThing(a) ", "Synced",
	    .state = "things.a.Tags.z=theirs" },
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
	{ "removal: an entry that is gone already is no reason to stop", "{}",
	    "{\"things\":{\"a\":{\"Name\":\"a\",\"Entries\":{\"x\":1,\"y\":2}"
	    "," OURS(
		"a/main") "}},"
			  "\"fail\":[[\"DeleteEntry\",\"Gone\",\"no such\"]]}",
	    "DeleteEntry(x) DeleteEntry(y) DeleteThing(a) ", "Synced" },
	{ "renamed: the new one first, then the old one",
	    "{\"a/main\":[\"toy.thing\",null,{\"Name\":\"new\"}]}",
	    "{\"things\":{" A "}}", "CreateThing(new) DeleteThing(a) ",
	    "Synced" },
};

START_TEST(passes)
{
	check_row(&rows[_i]);
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
	tcase_add_test(t, plan_id_is_of_what_is_done);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
