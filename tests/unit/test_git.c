/* Following a repository: pushes are seen at once, failures change nothing. */

#include <ev.h>

#include "common/base/clock.h"
#include "common/loop/pool.h"
#include "common/source/source.h"
#include "daemon/delay.h"
#include "daemon/git.h"
#include "daemon/settings.h"
#include "daemon/state.h"
#include "daemon/url.h"
#include "tests/unit/gitrepo.h"

static struct ev_loop *loop;
static struct pool *pool;
static struct git *git;
static char *mirror;
static struct settings *settings;

/* What the last fetches told. */
static struct {
	unsigned all, trees, failures;
	bool forced;
	char revision[160], error[1024];
	double committed;
} seen;

static void
on_news(void *arg, struct git_news *n)
{
	(void)arg;
	seen.all++;
	seen.trees += n->take_tree != NULL;
	seen.failures += n->err != NULL;
	seen.forced = n->forced;
	if (n->take_tree != NULL)
		seen.committed = n->committed;
	snprintf(seen.revision, sizeof(seen.revision), "%s", n->revision);
	snprintf(
	    seen.error, sizeof(seen.error), "%s", n->err ? n->err->msg : "");
	tree_free(n->take_tree);
}

static void
follow(const char *branch)
{
	auto_free char *text = mem_fmt("source: { url: %s/origin.git, "
				       "branch: %s, interval: 1h }\n",
	    room, branch);
	struct errors errors = { NULL, 0 };

	settings_free(settings);
	ck_assert_int_eq(
	    settings_parse("f", text, strlen(text), &settings, &errors), 0);
	git_follow(git, settings);
}

static void
setup(void)
{
	struct git_options o;

	repo_open();
	memset(&seen, 0, sizeof(seen));
	loop = ev_loop_new(EVFLAG_AUTO);
	pool = pool_new(loop, "git", 1);
	mirror = at("mirror");
	o = (struct git_options){ loop, pool, mirror, on_news, NULL };
	git = git_new(&o);
}

static void
teardown(void)
{
	pool_free(pool);
	git_free(git);
	settings_free(settings);
	ev_loop_destroy(loop);
	free(mirror);
	room_close();
}

static void
on_time(struct ev_loop *l, ev_timer *w, int revents)
{
	(void)w, (void)revents;
	ev_break(l, EVBREAK_ALL);
}

static void
run_for(double sec)
{
	ev_timer t;

	ev_timer_init(&t, on_time, sec, 0);
	ev_timer_start(loop, &t);
	ev_run(loop, 0);
	ev_timer_stop(loop, &t);
}

/* Until so many trees came, at most 3 s: how long it took. */
static double
wait_for_trees(unsigned n)
{
	double start = clock_mono();

	while (seen.trees < n && clock_mono() - start < 3)
		run_for(0.01);
	ck_assert_uint_eq(seen.trees, n);
	return clock_mono() - start;
}

START_TEST(push_is_seen_at_once)
{
	push_file("a.yaml", "a: 1\n", "one");
	follow("main");
	wait_for_trees(1);
	ck_assert_ptr_nonnull(strstr(seen.revision, "main@sha1:"));
	ck_assert_double_eq(seen.committed, 1795348800);
	run_for(0.1); /* the watch is there */
	push_file("a.yaml", "a: 2\n", "two");
	ck_assert_double_lt(wait_for_trees(2), 2);
	ck_assert_uint_eq(seen.failures, 0);
	ck_assert(!seen.forced);
}
END_TEST

/* The directory refs/heads/a does not exist when the watch begins. */
START_TEST(branch_with_a_slash)
{
	push_file("a.yaml", "a: 1\n", "one");
	follow("a/b/c");
	for (int i = 0; i < 300 && seen.failures == 0; i++)
		run_for(0.01);
	ck_assert_uint_eq(seen.trees, 0);
	ck_assert_uint_ge(seen.failures, 1);
	run("work", "git push -q origin HEAD:a/b/c");
	ck_assert_double_lt(wait_for_trees(1), 2);
	run("work", "git commit -q --allow-empty -m two");
	run("work", "git push -q origin HEAD:a/b/c");
	ck_assert_double_lt(wait_for_trees(2), 2);
}
END_TEST

START_TEST(rewritten_history_is_told)
{
	push_file("a.yaml", "a: 1\n", "one");
	follow("main");
	wait_for_trees(1);
	run_for(0.1);
	run("work", "git commit -q --amend -m other");
	run("work", "git push -q -f origin HEAD:main");
	wait_for_trees(2);
	ck_assert(seen.forced);
}
END_TEST

START_TEST(nothing_new_is_no_tree)
{
	push_file("a.yaml", "a: 1\n", "one");
	follow("main");
	wait_for_trees(1);
	git_kick(git);
	run_for(0.2);
	ck_assert_uint_ge(seen.all, 2);
	ck_assert_uint_eq(seen.trees, 1);
}
END_TEST

/* An earlier run left a mirror: better than nothing while Git is down. */
START_TEST(mirror_of_an_earlier_run)
{
	push_file("a.yaml", "a: 1\n", "one");
	follow("main");
	wait_for_trees(1);
	run(".", "mv origin.git gone.git");
	follow("main");
	wait_for_trees(2);
	ck_assert_uint_ge(seen.failures, 1);
	ck_assert_ptr_nonnull(strstr(seen.revision, "main@sha1:"));
	ck_assert_ptr_nonnull(strstr(seen.error, "origin.git"));
}
END_TEST

START_TEST(down_and_back)
{
	push_file("a.yaml", "a: 1\n", "one");
	follow("main");
	wait_for_trees(1);
	run_for(0.1);
	run(".", "mv origin.git gone.git");
	git_kick(git);
	run_for(0.2);
	ck_assert_uint_eq(seen.failures, 1);
	run(".", "mv gone.git origin.git");
	push_file("a.yaml", "a: 2\n", "two");
	wait_for_trees(2); /* by the pause that grows, 1 s at first */
	ck_assert_str_eq(seen.error, "");
	run_for(0.1);
	push_file("a.yaml", "a: 3\n", "three");
	ck_assert_double_lt(wait_for_trees(3), 0.5); /* watched again */
}
END_TEST

/* ---- small ones ---- */

START_TEST(pauses_grow)
{
	static const double want[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512,
		900, 900, 900 };

	for (unsigned i = 0; i < COUNT(want); i++)
		ck_assert_double_eq(delay_backoff(i, 0), want[i]);
	ck_assert_double_eq(delay_backoff(4000000000u, 0), 900);
	for (int i = 0; i < 100; i++) {
		double x = delay_jitter(100, 0.1);

		ck_assert(x >= 90 && x <= 110);
	}
}
END_TEST

static const struct url_row {
	const char *url, *want;
} urls[] = {
	{ "/srv/git/a.git", "/srv/git/a.git" },
	{ "file:///srv/a.git", "file:///srv/a.git" },
	{ "https://host/a", "https://host/a" },
	{ "https://token@host/a", "https://host/a" },
	{ "https://u:p@host/a", "https://host/a" },
	{ "https://u:p@ss@host/a@b", "https://host/a@b" },
	{ "https://host/a@b", "https://host/a@b" },
	{ "ssh://git@host/a", "ssh://git@host/a" },
	{ "ssh://git:p@host/a", "ssh://host/a" },
	{ "git@host:a.git", "git@host:a.git" },
};

START_TEST(public_url)
{
	auto_buf struct buf b = BUF_INIT;

	url_add_public(&b, urls[_i].url);
	ck_assert_str_eq(b.data, urls[_i].want);
}
END_TEST

START_TEST(state_directory)
{
	auto_free char *dir = at("state"), *file = at("file");
	auto_free char *below = at("file/state"), *far = at("no/state");
	int fd = -1, second = -1;
	struct stat st;
	struct err err;

	ck_assert_int_eq(state_open(dir, &fd, &err), 0);
	ck_assert_int_eq(stat(dir, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0700);
	ck_assert_int_eq(state_open(dir, &second, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "another convergd (process "));
	close(fd);
	ck_assert_int_eq(state_open(dir, &fd, &err), 0);
	close(fd);
	write_file(file, "");
	ck_assert_int_eq(state_open(file, &fd, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "is no directory"));
	ck_assert_int_eq(state_open(below, &fd, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "Not a directory"));
	ck_assert_int_eq(state_open(far, &fd, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "No such file or directory"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("git");
	TCase *c = tcase_create("git"), *small = tcase_create("small");
	SRunner *sr = srunner_create(s);
	int failed;

	suite_add_tcase(s, c);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 20);
	tcase_add_test(c, push_is_seen_at_once);
	tcase_add_test(c, branch_with_a_slash);
	tcase_add_test(c, rewritten_history_is_told);
	tcase_add_test(c, nothing_new_is_no_tree);
	tcase_add_test(c, mirror_of_an_earlier_run);
	tcase_add_test(c, down_and_back);
	suite_add_tcase(s, small);
	tcase_add_checked_fixture(small, room_open, room_close);
	tcase_add_test(small, pauses_grow);
	tcase_add_loop_test(small, public_url, 0, COUNT(urls));
	tcase_add_test(small, state_directory);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
