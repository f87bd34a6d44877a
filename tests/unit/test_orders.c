/* What people tell the controller: suspend, look, approve, adopt. */

#include "tests/unit/stage.h"

static void
suspend(const char *name, double until)
{
	struct err err;

	ck_assert_int_eq(
	    orders_suspend(orders, name, "freeze", until, &err), 0);
	controller_ordered(controller, name);
	run_for(0.01);
}

START_TEST(suspended_looks_and_does_not_write)
{
	struct err err;

	revision("shop good, web good");
	suspend("shop", 0);
	ck_assert(passes[0]->cancelled);
	ck_assert(!passes[1]->cancelled);
	end_pass(0, "Cancelled");
	ck_assert_uint_eq(n_passes, 3);
	ck_assert(!passes[2]->o.write);
	end_pass(2, "OutOfSync");
	assert_status(0, "resources",
	    "[{\"address\":\"shop/SqsQueue/a/"
	    "queue\",\"ageSeconds\":0,\"health\":\"Suspended\",\"kind\":"
	    "\"SqsQueue\",\"name\":\"a\",\"sync\":\"OutOfSync\"}]");
	assert_status(1, "suspended", "null");
	ck_assert_int_eq(orders_resume(orders, "shop", &err), 0);
	controller_ordered(controller, "shop");
	run_for(0.01);
	ck_assert_uint_eq(n_passes, 4);
	ck_assert(passes[3]->o.write);
	assert_status(0, "suspended", "null");
}
END_TEST

START_TEST(suspension_ends_by_itself)
{
	revision("shop good");
	end_pass(0, "Synced");
	suspend("*", clock_wall() + 0.4);
	ck_assert(!passes[1]->o.write);
	end_pass(1, "OutOfSync");
	ck_assert_uint_eq(n_passes, 2);
	run_for(0.6);
	ck_assert_uint_eq(n_passes, 3);
	ck_assert(passes[2]->o.write);
}
END_TEST

START_TEST(suspension_outlives_the_process)
{
	suspend("shop", clock_wall() + 100);
	controller_free(controller);
	orders_free(orders);
	orders = orders_open(orders_path);
	ck_assert_ptr_null(orders_damage(orders));
	controller = NULL;
	ck_assert_str_eq(
	    js_str(orders_suspension(orders, "shop", &(double){ 0 }), "reason"),
	    "freeze");
	ck_assert_ptr_null(orders_suspension(orders, "web", &(double){ 0 }));
}
END_TEST

/* What it said is not known: nothing is written until a person says so. */
START_TEST(unreadable_orders_suspend_all)
{
	FILE *f = fopen(orders_path, "w");
	struct err err;
	double until;

	fputs("{\"suspended\": {", f);
	fclose(f);
	orders_free(orders);
	orders = orders_open(orders_path);
	ck_assert_ptr_nonnull(orders_damage(orders));
	ck_assert_ptr_nonnull(orders_suspension(orders, "shop", &until));
	ck_assert_int_eq(orders_resume(orders, "shop", &err), -1);
	ck_assert_int_eq(orders_resume(orders, ORDERS_ALL, &err), 0);
	ck_assert_ptr_null(orders_suspension(orders, "shop", &until));
}
END_TEST

START_TEST(look_writes_nothing_and_is_answered_by_itself)
{
	auto_of(packed_doc_free) struct packed_doc *plans = packed_doc_new(
	    json_object());
	json_auto_t *goals = NULL, *asked = NULL;
	struct err err;

	plan = js_pack("{s:s, s:[]}", "id", "0123456789ab", "actions");
	revision("shop good");
	ck_assert_int_eq(controller_look(controller, "web", &goals, &err), -1);
	ck_assert_int_eq(controller_look(controller, "shop", &goals, &err), 0);
	end_pass(0, "Synced"); /* began before, and wrote */
	ck_assert(!controller_looked(controller, goals));
	ck_assert_uint_eq(n_passes, 2);
	ck_assert(!passes[1]->o.write);
	/* an ordinary pass is not the one that looks */
	ck_assert_int_eq(
	    controller_ask(controller, "shop", 0, &asked, &err), 0);
	end_pass(1, "OutOfSync");
	ck_assert(controller_looked(controller, goals));
	ck_assert(!controller_reached(controller, asked));
	controller_add_plans(controller, goals, plans);
	ck_assert_uint_eq(packed_doc_len(plans, "plans"), 1);
	ck_assert_uint_eq(n_passes, 3);
	ck_assert(passes[2]->o.write);
	end_pass(2, "Synced");
	ck_assert(controller_reached(controller, asked));
}
END_TEST

static void
plan_of_one(const char *id)
{
	js_replace(&plan, js_pack("{s:s, s:[{s:s}]}", "id", id, "actions",
			      "action", "create"));
}

#define WAITS(plan, confirm, only)                                             \
	"{\"confirm\":" confirm ",\"confirmOnly\":" only ",\"plan\":\"" plan   \
	"\"}"

/* A delete that policy.prune: confirm refuses, in a mode that writes. */
START_TEST(confirmation_is_said_in_so_many_words)
{
	json_auto_t *goals = NULL;
	struct err err;

	plan = js_pack("{s:s, s:[{s:s, s:s, s:b}]}", "id", "dddddddddddd",
	    "actions", "action", "delete", "refused", "why", "confirm", 1);
	revision("shop good");
	end_pass(0, "OutOfSync");
	assert_status(0, "approval", WAITS("dddddddddddd", "1", "true"));
	ck_assert_int_eq(
	    controller_approve(controller, "dddddddddddd", false, &goals, &err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "--confirm"));
	ck_assert_int_eq(
	    controller_approve(controller, "dddddddddddd", true, &goals, &err),
	    0);
	run_for(0.01);
	ck_assert(passes[1]->o.confirmed);
	ck_assert_str_eq(passes[1]->o.expect_plan, "dddddddddddd");
	end_pass(1, "OutOfSync");
	controller_ordered(controller, NULL);
	run_for(0.01);
	ck_assert(!passes[2]->o.confirmed);
	ck_assert_ptr_null(passes[2]->o.expect_plan);
}
END_TEST

START_TEST(approval_is_of_one_plan)
{
	json_auto_t *goals = NULL;
	struct err err;

	plan_of_one("aaaaaaaaaaaa");
	revision("shop approve");
	ck_assert(!passes[0]->o.write);
	end_pass(0, "OutOfSync");
	assert_status(0, "approval", WAITS("aaaaaaaaaaaa", "0", "false"));
	ck_assert_int_eq(
	    controller_approve(controller, "bbbbbbbbbbbb", false, &goals, &err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "aaaaaaaaaaaa of shop"));
	ck_assert_int_eq(
	    controller_approve(controller, "aaaaaaaaaaaa", false, &goals, &err),
	    0);
	run_for(0.01);
	ck_assert(passes[1]->o.write);
	ck_assert(passes[1]->o.approved);
	ck_assert_str_eq(passes[1]->o.expect_plan, "aaaaaaaaaaaa");
	plan_of_one("cccccccccccc");
	end_pass(1, "Refused"); /* it was another one by then */
	ck_assert(controller_decided(controller, goals));
	assert_status(0, "approval", WAITS("cccccccccccc", "0", "false"));
	js_replace(&goals, NULL);
	ck_assert_int_eq(
	    controller_approve(controller, "shop", false, &goals, &err), 0);
	run_for(0.01);
	ck_assert_str_eq(passes[2]->o.expect_plan, "cccccccccccc");
	end_pass(2, "Synced");
	assert_status(0, "approval", "null");
}
END_TEST

/* A newer revision cancels the pass, not the answer of a person. */
START_TEST(approval_survives_a_newer_revision)
{
	json_auto_t *goals = NULL;
	struct err err;

	plan_of_one("aaaaaaaaaaaa");
	revision("shop approve");
	end_pass(0, "OutOfSync");
	ck_assert_int_eq(
	    controller_approve(controller, "shop", false, &goals, &err), 0);
	run_for(0.01);
	revision("shop approve");
	end_pass(1, "Cancelled");
	ck_assert(!controller_decided(controller, goals));
	ck_assert_uint_eq(n_passes, 3);
	ck_assert_str_eq(passes[2]->o.expect_plan, "aaaaaaaaaaaa");
	end_pass(2, "Refused");
	ck_assert(controller_decided(controller, goals));
}
END_TEST

START_TEST(rejected_waits_no_more)
{
	struct err err;

	plan_of_one("aaaaaaaaaaaa");
	revision("shop approve");
	end_pass(0, "OutOfSync");
	ck_assert_int_eq(
	    orders_reject(orders, "shop", "aaaaaaaaaaaa", &err), 0);
	assert_status(0, "approval", "null");
	assert_status(0, "rejected", "\"aaaaaaaaaaaa\"");
}
END_TEST

START_TEST(adoption_is_for_one_pass)
{
	json_auto_t *all = js_pack("{s:b}", "shop/SqsQueue/a/queue", 1);
	struct err err;

	revision("shop good, web good");
	end_pass(0, "Failed");
	end_pass(1, "Synced");
	ck_assert_int_eq(orders_adopt(orders, all, &err), 0);
	controller_ordered(controller, "shop");
	run_for(0.01);
	ck_assert_uint_eq(n_passes, 3);
	ck_assert_ptr_nonnull(
	    js_get(passes[2]->o.adopt, "shop/SqsQueue/a/queue"));
	plan_of_one("aaaaaaaaaaaa");
	end_pass(2, "Failed"); /* nothing was adopted: the yes is not used up */
	controller_ordered(controller, "shop");
	run_for(0.01);
	ck_assert_uint_eq(js_len(passes[3]->o.adopt), 1);
	end_pass(3, "Synced");
	controller_ordered(controller, NULL);
	run_for(0.01);
	ck_assert_uint_eq(js_len(passes[4]->o.adopt), 0);
}
END_TEST

/* The daemon dies between the order and the pass, or during it. */
static void
restart(void)
{
	pools_free(pools);
	controller_free(controller);
	orders_free(orders);
	seen_free(seen);
	pools = pools_new(loop, one, NULL);
	open_stage(false);
}

START_TEST(approval_survives_a_crash)
{
	json_auto_t *goals = NULL;
	struct err err;

	plan_of_one("aaaaaaaaaaaa");
	revision("shop approve");
	end_pass(0, "OutOfSync");
	ck_assert_int_eq(
	    controller_approve(controller, "shop", false, &goals, &err), 0);
	restart();
	revision("shop approve, web approve");
	ck_assert_str_eq(passes[1]->o.expect_plan, "aaaaaaaaaaaa");
	ck_assert(passes[1]->o.write && passes[1]->o.approved);
	ck_assert(!passes[1]->o.confirmed);
	ck_assert(!passes[2]->o.write);
	restart();
	revision("shop approve");
	ck_assert_str_eq(passes[3]->o.expect_plan, "aaaaaaaaaaaa");
	end_pass(3, "Refused"); /* what was left of it is another plan */
	restart();
	revision("shop approve");
	ck_assert_ptr_null(passes[4]->o.expect_plan);
	ck_assert(!passes[4]->o.write);
}
END_TEST

START_TEST(confirmation_and_adoption_survive_a_crash)
{
	json_auto_t *all = js_pack("{s:b}", "shop/SqsQueue/a/queue", 1);
	struct err err;

	ck_assert_int_eq(orders_adopt(orders, all, &err), 0);
	ck_assert_int_eq(
	    orders_approve(orders, "shop", "aaaaaaaaaaaa", true, &err), 0);
	restart();
	revision("shop good");
	ck_assert(passes[0]->o.confirmed);
	ck_assert_str_eq(passes[0]->o.expect_plan, "aaaaaaaaaaaa");
	ck_assert_ptr_nonnull(
	    js_get(passes[0]->o.adopt, "shop/SqsQueue/a/queue"));
}
END_TEST

/* What a pass saw is evidence for the next one, over restarts; a damaged
 * file is none. */
START_TEST(what_was_seen_survives_a_crash)
{
	FILE *f;

	revision("shop good");
	js_set(passes[0]->o.memory, "seen", js_pack("{s:s}", "account", "1"));
	end_pass(0, "Synced");
	restart();
	revision("shop good");
	ck_assert_str_eq(js_pathstr(passes[1]->o.memory, "seen.account"), "1");
	f = fopen(seen_path, "w");
	fputs("{\"shop", f);
	fclose(f);
	restart();
	revision("shop good");
	ck_assert_ptr_null(js_get(passes[2]->o.memory, "seen"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("orders");
	TCase *c = tcase_create("orders");
	SRunner *sr = srunner_create(s);
	int failed;

	suite_add_tcase(s, c);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 20);
	tcase_add_test(c, suspended_looks_and_does_not_write);
	tcase_add_test(c, suspension_ends_by_itself);
	tcase_add_test(c, suspension_outlives_the_process);
	tcase_add_test(c, unreadable_orders_suspend_all);
	tcase_add_test(c, look_writes_nothing_and_is_answered_by_itself);
	tcase_add_test(c, confirmation_is_said_in_so_many_words);
	tcase_add_test(c, approval_is_of_one_plan);
	tcase_add_test(c, approval_survives_a_newer_revision);
	tcase_add_test(c, rejected_waits_no_more);
	tcase_add_test(c, adoption_is_for_one_pass);
	tcase_add_test(c, approval_survives_a_crash);
	tcase_add_test(c, confirmation_and_adoption_survive_a_crash);
	tcase_add_test(c, what_was_seen_survives_a_crash);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
