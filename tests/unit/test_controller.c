/* The controller: what starts when, what stays in force, what is left alone. */

#include "tests/unit/stage.h"

/* ---- scenes ---- */

START_TEST(every_good_architecture_starts)
{
	assert_ready("source: no revision compiled\n");
	revision("shop good, web observe");
	ck_assert_uint_eq(n_passes, 2);
	ck_assert_str_eq(arch_of(0), "shop");
	ck_assert(passes[0]->o.write);
	ck_assert(!passes[1]->o.write);
	assert_ready("architecture shop: first pass not done\n"
		     "architecture web: first pass not done\n");
	end_pass(0, "Synced");
	end_pass(1, "OutOfSync");
	ck_assert_ptr_null(passes[0]);
	assert_status(0, "result", "\"Synced\"");
	assert_status(1, "result", "\"OutOfSync\"");
	assert_status(0, "account", "\"123456789012\"");
	assert_ready("");
	ck_assert(controller_has_run(controller));
	ck_assert_int_eq(controller_exit_code(controller), 2);
}
END_TEST

START_TEST(newer_revision_preempts)
{
	revision("shop good");
	revision("shop good");
	ck_assert_uint_eq(n_passes, 1);
	ck_assert(passes[0]->cancelled);
	end_pass(0, "Cancelled");
	ck_assert_uint_eq(n_passes, 2);
	ck_assert(!passes[1]->cancelled);
	end_pass(1, "Synced");
	assert_status(0, "result", "\"Synced\"");
	ck_assert_uint_eq(n_passes, 2);
}
END_TEST

START_TEST(bad_revision_keeps_the_last_good)
{

	revision("shop good");
	revision("shop bad, web good");
	ck_assert(!passes[0]->cancelled);
	ck_assert_uint_eq(n_passes, 2);
	ck_assert_str_eq(arch_of(1), "web");
	assert_status(0, "errors", "[\"x.yaml:3:7: wrong \\\\xff\"]");
	end_pass(0, "Synced");
	assert_status(0, "result", "\"Synced\"");
	ck_assert_int_eq(controller_exit_code(controller), 1);
	revision("shop good, web good");
	assert_status(0, "errors", "[]");
}
END_TEST

START_TEST(never_good_is_invalid)
{
	revision("shop bad");
	ck_assert_uint_eq(n_passes, 0);
	assert_status(0, "result", "\"Invalid\"");
	assert_ready("");
	ck_assert(controller_has_run(controller));
	ck_assert_int_eq(controller_exit_code(controller), 1);
}
END_TEST

START_TEST(vanished_is_left_alone)
{
	char text[512] = "";

	revision("shop good, web good");
	end_pass(0, "Synced");
	end_pass(1, "Synced");
	revision("shop good");
	ck_assert_uint_eq(n_passes, 3);
	ck_assert_str_eq(arch_of(2), "shop");
	ck_assert_int_gt(read(log_pipe[0], text, sizeof(text) - 1), 0);
	ck_assert_ptr_nonnull(
	    strstr(text, "web: is not in Git any more: its resources are "
			 "left alone"));
	assert_status(1, "name", "null");
}
END_TEST

START_TEST(vanished_while_it_runs)
{
	revision("shop good, web good");
	end_pass(0, "Synced");
	revision("shop good");
	ck_assert(passes[1]->cancelled);
	end_pass(1, "Cancelled");
	end_pass(2, "Synced");
	ck_assert_uint_eq(n_passes, 3);
}
END_TEST

/* A file that does not parse may hold the Architecture document. */
START_TEST(missing_in_a_broken_source_stays)
{
	json_auto_t *goals = NULL;
	struct err err;

	revision("shop good, web good");
	end_pass(0, "Synced");
	end_pass(1, "Synced");
	revision("shop good, ? bad");
	end_pass(2, "Synced");
	ck_assert_int_eq(
	    controller_ask(controller, "web", clock_mono(), &goals, &err), 0);
	run_for(0.01);
	ck_assert_uint_eq(n_passes, 4);
	ck_assert_str_eq(arch_of(3), "web");
	ck_assert_int_eq(controller_exit_code(controller), 1);
	end_pass(3, "Synced");
}
END_TEST

START_TEST(unknown_names)
{
	json_auto_t *goals = NULL;
	struct err err;

	revision("shop good");
	ck_assert_int_eq(controller_check(controller, "shp", &err), -1);
	ck_assert_str_eq(
	    err.msg, "no architecture `shp` is known; did you mean `shop`?");
	ck_assert_int_eq(
	    controller_ask(controller, "elsewhere", 0, &goals, &err), -1);
	ck_assert_str_eq(err.msg, "no architecture `elsewhere` is known");
	end_pass(0, "Synced");
}
END_TEST

/* What nobody's status can say is the source's. */
START_TEST(errors_of_no_architecture)
{
	auto_free char *lines = NULL;

	revision("? bad");
	lines = js_dump(controller_errors(controller));
	ck_assert_str_eq(lines, "[\"x.yaml:3:7: wrong \\\\xff\"]");
	assert_ready("source: no architecture in the newest revision\n");
	revision("shop bad");
	ck_assert_uint_eq(js_len(controller_errors(controller)), 0);
	assert_ready("");
}
END_TEST

START_TEST(failed_is_retried_later_and_later)
{
	revision("shop good");
	end_pass(0, "Failed");
	run_for(0.5);
	ck_assert_uint_eq(n_passes, 1);
	run_for(0.8);
	ck_assert_uint_eq(n_passes, 2);
	end_pass(1, "Failed");
	run_for(1.5);
	ck_assert_uint_eq(n_passes, 2);
	run_for(0.9);
	ck_assert_uint_eq(n_passes, 3);
	end_pass(2, "Synced");
	run_for(1);
	ck_assert_uint_eq(n_passes, 3);
}
END_TEST

/* What failed: how many further passes within 1.5 s. */
static const struct class_row {
	const char *kind;
	size_t tries;
} classes[] = {
	{ "input", 0 },
	{ "terminal", 0 },
	{ "refused", 0 },
	{ "exists", 0 },
	{ "quota", 0 },
	{ "transient", 1 },
	{ "throttled", 1 },
	{ "network", 1 },
	{ "denied", 1 },
	{ "busy", 1 },
	{ "auth", 1 },
};

START_TEST(failures_by_class)
{
	revision("shop good");
	failure = classes[_i].kind;
	end_pass(0, "Failed");
	run_for(1.5);
	ck_assert_msg(n_passes == 1 + classes[_i].tries, "%s: %zu passes",
	    classes[_i].kind, n_passes);
	/* a commit is tried at once, whatever failed before */
	if (classes[_i].tries > 0)
		return;
	revision("shop good");
	ck_assert_uint_eq(n_passes, 2);
}
END_TEST

static size_t
passes_since(size_t since, double sec)
{
	run_for(sec);
	return n_passes - since;
}

/* Three targets with the same credentials, one with others. */
START_TEST(one_try_for_all_with_refused_credentials)
{
	json_auto_t *goals = NULL;
	struct err err;

	revision("shop good, web good, blog good, tools role");
	failure = "auth";
	for (size_t i = 0; i < 4; i++)
		if (strcmp(arch_of(i), "tools") != 0)
			end_pass(i, "Failed");
	ck_assert_uint_eq(passes_since(4, 0.6), 0);
	ck_assert_uint_eq(passes_since(4, 1.0), 1);
	end_pass(4, "Failed"); /* twice the pause */
	ck_assert_uint_eq(passes_since(5, 1.4), 0);
	/* a person may look before its end */
	ck_assert_int_eq(
	    controller_ask(controller, "web", clock_mono(), &goals, &err), 0);
	ck_assert_uint_eq(passes_since(5, 0.01), 1);
	failure = NULL;
	end_pass(5, "Synced");
	ck_assert_uint_eq(passes_since(6, 2.5), 2); /* the others */
}
END_TEST

START_TEST(asked_pass_begins_after_the_question)
{
	json_auto_t *goals = NULL;
	struct err err;

	revision("shop good, web good");
	end_pass(1, "Synced");
	ck_assert_int_eq(
	    controller_ask(controller, "nowhere", clock_mono(), &goals, &err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "`nowhere`"));
	ck_assert_int_eq(
	    controller_ask(controller, NULL, clock_mono(), &goals, &err), 0);
	end_pass(0, "Synced"); /* began before */
	ck_assert(!controller_reached(controller, goals));
	ck_assert_uint_eq(n_passes, 4);
	end_pass(2, "Synced");
	ck_assert(!controller_reached(controller, goals));
	end_pass(3, "Failed");
	ck_assert(controller_reached(controller, goals));
}
END_TEST

/* Timers of the same moment fire in any order. */
static const struct aws *
client_of(const char *name)
{
	for (size_t i = 0; i < n_passes; i++)
		if (strcmp(arch_of(i), name) == 0)
			return passes[i]->o.aws;
	return NULL;
}

/* Going on with our own identity might write to the wrong account. */
START_TEST(role_has_a_client_of_its_own)
{
	revision("shop good, web role, blog good");
	ck_assert_uint_eq(n_passes, 3);
	ck_assert_ptr_ne(client_of("web"), client_of("shop"));
	ck_assert_ptr_eq(client_of("blog"), client_of("shop"));
}
END_TEST

START_TEST(stop_waits_for_passes)
{
	revision("shop good");
	controller_stop(controller);
	ck_assert(passes[0]->cancelled);
	ck_assert(controller_busy(controller));
	end_pass(0, "Cancelled");
	ck_assert(!controller_busy(controller));
	ck_assert_uint_eq(n_passes, 1);
}
END_TEST

static const struct code_row {
	const char *revision, *results[2];
	int want;
} codes[] = {
	{ "shop good", { "Synced" }, 0 },
	{ "shop good", { "OutOfSync" }, 2 },
	{ "shop good", { "Progressing" }, 2 },
	{ "shop good", { "Cancelled" }, 2 },
	{ "shop good", { "Failed" }, 1 },
	{ "shop good", { "Refused" }, 1 },
	{ "shop good, web good", { "Synced", "Synced" }, 0 },
	{ "shop good, web good", { "OutOfSync", "Failed" }, 1 },
	{ "shop good, web good", { "Failed", "OutOfSync" }, 1 },
	{ "shop good, web good", { "OutOfSync", "Synced" }, 2 },
	{ "shop good, web bad", { "Synced" }, 1 },
	{ "shop good, ? bad", { "Synced" }, 1 },
	{ "", { NULL }, 1 },
};

START_TEST(exit_code_of_once)
{
	const struct code_row *r = &codes[_i];

	teardown();
	setup_mode(true);
	revision(r->revision);
	for (size_t i = 0; i < 2 && r->results[i] != NULL; i++)
		end_pass(i, r->results[i]);
	ck_assert(controller_has_run(controller));
	ck_assert_int_eq(controller_exit_code(controller), r->want);
}
END_TEST

START_TEST(once_does_not_retry)
{
	teardown();
	setup_mode(true);
	revision("shop good");
	end_pass(0, "Failed");
	run_for(1.3);
	ck_assert_uint_eq(n_passes, 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("controller");
	TCase *c = tcase_create("controller");
	SRunner *sr = srunner_create(s);
	int failed;

	suite_add_tcase(s, c);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, every_good_architecture_starts);
	tcase_add_test(c, newer_revision_preempts);
	tcase_add_test(c, bad_revision_keeps_the_last_good);
	tcase_add_test(c, never_good_is_invalid);
	tcase_add_test(c, vanished_is_left_alone);
	tcase_add_test(c, vanished_while_it_runs);
	tcase_add_test(c, missing_in_a_broken_source_stays);
	tcase_add_test(c, errors_of_no_architecture);
	tcase_add_test(c, unknown_names);
	tcase_set_timeout(c, 20);
	tcase_add_test(c, failed_is_retried_later_and_later);
	tcase_add_loop_test(
	    c, failures_by_class, 0, sizeof(classes) / sizeof(classes[0]));
	tcase_add_test(c, one_try_for_all_with_refused_credentials);
	tcase_add_test(c, asked_pass_begins_after_the_question);
	tcase_add_test(c, role_has_a_client_of_its_own);
	tcase_add_test(c, stop_waits_for_passes);
	tcase_add_loop_test(
	    c, exit_code_of_once, 0, sizeof(codes) / sizeof(codes[0]));
	tcase_add_test(c, once_does_not_retry);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
