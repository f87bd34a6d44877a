/* common/source: the mirror and fetching from this machine. */

#include "common/base/clock.h"
#include "common/base/js.h"
#include "common/source/source.h"
#include "tests/unit/gitrepo.h"

/* ---- fetching ---- */

static struct source *
new_source(const char *branch)
{
	auto_free char *url = at("origin.git"), *mirror = at("state/mirror");
	struct source_settings s = {
		.url = url, .branch = branch, .mirror = mirror
	};
	struct source *source = NULL;
	struct err err;

	ck_assert_msg(source_new(&s, &source, &err) == 0, "%s", err.msg);
	return source;
}

static struct fetched
fetch_ok(struct source *s)
{
	struct fetched f;
	struct err err;

	ck_assert_msg(source_fetch(s, &f, &err) == 0, "%s", err.msg);
	return f;
}

static void
fetch_fails(struct source *s, enum err_kind kind, const char *text)
{
	struct fetched f;
	struct err err;

	ck_assert_int_eq(source_fetch(s, &f, &err), -1);
	ck_assert_msg(strstr(err.msg, text) != NULL, "%s", err.msg);
	ck_assert_int_eq(err.kind, kind);
	ck_assert_str_eq(f.revision, "");
}

static void
content_is(struct source *s, const char *path, const char *want)
{
	auto_of(tree_free) struct tree *t = NULL;
	auto_buf struct buf b = BUF_INIT;
	struct err err;

	ck_assert_msg(source_tree(s, &t, &err) == 0, "%s", err.msg);
	ck_assert_msg(tree_read(t, path, 1000, &b, &err) == 0, "%s", err.msg);
	ck_assert_str_eq(b.data, want);
}

static char *
tip(void)
{
	return output("work", "git rev-parse HEAD");
}

START_TEST(follow)
{
	auto_of(source_free) struct source *s = NULL;
	auto_free char *first = NULL, *second = NULL, *third = NULL;
	char want[200];
	struct fetched f;

	push_file("a", "1", "one");
	first = tip();
	s = new_source("main");
	f = fetch_ok(s);
	snprintf(want, sizeof(want), "main@sha1:%s", first);
	ck_assert_str_eq(f.revision, want);
	ck_assert(f.changed && !f.forced);
	ck_assert_str_eq(f.old, "");
	content_is(s, "a", "1");

	f = fetch_ok(s);
	ck_assert_str_eq(f.revision, want);
	ck_assert(!f.changed && !f.forced);
	ck_assert_str_eq(f.old, first);

	push_file("a", "2", "two");
	second = tip();
	f = fetch_ok(s);
	ck_assert(f.changed && !f.forced);
	ck_assert_str_eq(f.old, first);
	content_is(s, "a", "2");

	run("work", "git reset -q --hard %s", first);
	push_file("b", "3", "three");
	third = tip();
	f = fetch_ok(s);
	ck_assert(f.changed && f.forced);
	ck_assert_str_eq(f.old, second);
	snprintf(want, sizeof(want), "main@sha1:%s", third);
	ck_assert_str_eq(f.revision, want);
	content_is(s, "b", "3");

	run("work", "git reset -q --hard %s", first);
	run("work", "git push -q -f origin HEAD:main");
	f = fetch_ok(s);
	ck_assert(f.changed && f.forced);
	ck_assert_str_eq(f.old, third);
}
END_TEST

START_TEST(force_push_and_gc)
{
	auto_of(source_free) struct source *s = NULL;
	auto_of(tree_free) struct tree *old = NULL;
	auto_buf struct buf b = BUF_INIT;
	struct fetched f;
	struct err err;

	push_file("a", "1", "one");
	s = new_source("main");
	fetch_ok(s);
	ck_assert_int_eq(source_tree(s, &old, &err), 0);
	run("work", "git checkout -q --orphan fresh");
	push_file("a", "2", "two");
	run("origin.git", "git reflog expire --expire=now --all");
	run("origin.git", "git gc -q --prune=now");
	f = fetch_ok(s);
	ck_assert(f.forced);
	content_is(s, "a", "2");
	/* the tree in force stays readable */
	ck_assert_int_eq(tree_read(old, "a", 10, &b, &err), 0);
	ck_assert_str_eq(b.data, "1");
}
END_TEST

START_TEST(no_commits)
{
	auto_of(source_free) struct source *s = new_source("main");
	auto_of(tree_free) struct tree *t = NULL;
	struct err err;

	fetch_fails(s, ERR_ABSENT, "has no commits yet; push a branch main");
	ck_assert_int_eq(source_tree(s, &t, &err), -1);
	ck_assert_int_eq(err.kind, ERR_ABSENT);
	push_file("a", "1", "one");
	fetch_ok(s);
	content_is(s, "a", "1");
}
END_TEST

/* The state directory is deleted, or an older copy is put back, under us. */
START_TEST(another_mirror_in_its_place)
{
	auto_of(source_free) struct source *s = NULL;

	push_file("a", "1", "one");
	s = new_source("main");
	fetch_ok(s);
	run(".", "cp -a state old");
	push_file("a", "2", "two");
	fetch_ok(s);
	run(".", "rm -r state");
	ck_assert(fetch_ok(s).changed);
	content_is(s, "a", "2");
	run(".", "rm -r state");
	run(".", "cp -a old state");
	fetch_ok(s);
	content_is(s, "a", "2");
	run(".", "rm -r state");
	run(".", "cp -a old state");
	push_file("a", "3", "three");
	fetch_ok(s);
	content_is(s, "a", "3");
}
END_TEST

START_TEST(branch_absent_or_deleted)
{
	auto_of(source_free) struct source *other = NULL, *s = NULL;

	push_file("a", "1", "one");
	run("work", "git push -q origin HEAD:dev");
	other = new_source("mian");
	fetch_fails(other, ERR_ABSENT, "has no branch mian; it has dev, main");
	s = new_source("dev");
	fetch_ok(s);
	run("work", "git push -q origin :dev");
	fetch_fails(s, ERR_ABSENT, "has no branch dev; it has main");
	content_is(s, "a", "1");
}
END_TEST

START_TEST(repository_gone_and_back)
{
	auto_of(source_free) struct source *s = NULL;

	push_file("a", "1", "one");
	s = new_source("main");
	fetch_ok(s);
	run(".", "mv origin.git away.git");
	fetch_fails(s, ERR_ABSENT, "; check the URL, and that our user");
	content_is(s, "a", "1");
	run(".", "mv away.git origin.git");
	push_file("a", "2", "two");
	fetch_ok(s);
	content_is(s, "a", "2");
}
END_TEST

START_TEST(branch_name_in_the_way)
{
	struct source *s;

	push_file("a", "1", "one");
	run("work", "git push -q origin HEAD:dev");
	s = new_source("dev");
	fetch_ok(s);
	source_free(s);
	run("work", "git push -q origin :dev HEAD:dev/x");
	s = new_source("dev/x");
	fetch_ok(s);
	content_is(s, "a", "1");
	source_free(s);
}
END_TEST

START_TEST(other_forms_of_url)
{
	auto_free char *mirror = at("state/mirror"), *plain = at("work");
	auto_free char *git = at("work/.git");
	auto_free char *file = mem_fmt("file://%s/origin.git", room);
	const char *forms[] = { plain, git, file, "work", "../work" };

	push_file("a", "1", "one");
	run(".", "mkdir x");
	for (size_t i = 0; i < COUNT(forms); i++) {
		struct source_settings s = {
			.url = forms[i], .branch = "main", .mirror = mirror
		};
		auto_of(source_free) struct source *source = NULL;
		struct err err;

		ck_assert_int_eq(chdir(i == 4 ? "x" : room), 0);
		ck_assert_msg(
		    source_new(&s, &source, &err) == 0, "%s", err.msg);
		ck_assert(fetch_ok(source).changed);
		content_is(source, "a", "1");
	}
	ck_assert_int_eq(chdir(room), 0);
}
END_TEST

START_TEST(shallow_clone)
{
	auto_free char *url = at("shallow"), *mirror = at("state/mirror");
	struct source_settings settings = {
		.url = url, .branch = "main", .mirror = mirror
	};
	auto_of(source_free) struct source *s = NULL;
	struct fetched f;
	struct err err;

	push_file("a", "1", "one");
	push_file("a", "2", "two");
	run(".", "git clone -q --depth 1 file://%s/origin.git shallow", room);
	ck_assert_int_eq(source_new(&settings, &s, &err), 0);
	fetch_ok(s);
	content_is(s, "a", "2");
	push_file("a", "3", "three");
	run("shallow", "git pull -q");
	f = fetch_ok(s);
	ck_assert(f.changed && !f.forced);
	content_is(s, "a", "3");
}
END_TEST

START_TEST(somebody_elses_repository)
{
	auto_of(source_free) struct source *s = NULL;

	if (geteuid() != 0)
		return; /* only root can give files away */
	push_file("a", "1", "one");
	run(".", "chown -R 12345:12345 origin.git");
	s = new_source("main");
	fetch_ok(s);
	content_is(s, "a", "1");
}
END_TEST

START_TEST(fast_when_local)
{
	auto_of(source_free) struct source *s = NULL;
	double start, worst = 0;

	for (int i = 0; i < 50; i++) {
		auto_free char *path = at("work/f%d", i);

		write_file(path, "content");
	}
	push_file("a", "1", "one");
	s = new_source("main");
	fetch_ok(s);
	for (int i = 0; i < 5; i++) {
		start = clock_mono();
		ck_assert(!fetch_ok(s).changed);
		if (clock_mono() - start > worst)
			worst = clock_mono() - start;
	}
	/* 1 ms at rest; a busy machine gets room */
	ck_assert_msg(worst < 0.5, "an idle fetch took %g s", worst);
}
END_TEST

START_TEST(watch_path)
{
	auto_of(source_free) struct source *s = new_source("main");
	auto_of(source_free) struct source *late = NULL;
	auto_free char *want = at("origin.git/");
	auto_free char *mirror = at("state/late"), *url = at("late.git");
	struct source_settings settings = {
		.url = url, .branch = "main", .mirror = mirror
	};
	struct err err;

	ck_assert_str_eq(source_watch_path(s), want);
	ck_assert_int_eq(source_new(&settings, &late, &err), 0);
	ck_assert_ptr_null(source_watch_path(late));
	push_file("a", "1", "one");
	run(".", "git clone -q --bare work late.git");
	fetch_ok(late);
	ck_assert_ptr_nonnull(source_watch_path(late));
}
END_TEST

START_TEST(commit_facts)
{
	auto_of(source_free) struct source *s = NULL;
	auto_free char *hex = NULL, *got = NULL, *want = NULL;
	json_auto_t *x = NULL;
	struct err err;

	setenv("GIT_AUTHOR_NAME", "Ad\xc3\xa9", 1);
	push_file("a", "1", "one");
	hex = tip();
	s = new_source("main");
	fetch_ok(s);
	ck_assert_int_eq(source_commit(s, hex, &x, &err), 0);
	got = js_dump(x);
	want = mem_fmt("{\"author\":\"Ad\xc3\xa9\",\"sha\":\"%s\","
		       "\"subject\":\"one\",\"time\":\"2026-11-22T12:00:00Z\"}",
	    hex);
	ck_assert_str_eq(got, want);
	ck_assert_int_eq(source_commit(s, "abc", &x, &err), -1);
	ck_assert_int_eq(
	    source_commit(
		s, "0000000000000000000000000000000000000001", &x, &err),
	    -1);
	ck_assert_int_eq(err.kind, ERR_ABSENT);
}
END_TEST

/* ---- the mirror ---- */

static void
damage_packs(void)
{
	auto_buf struct buf out = BUF_INIT;

	run_in("state/mirror",
	    "find objects -name *.pack -exec truncate -s 40 {} +", &out);
}

static const char *const damages[] = {
	"rm -r objects",
	"rm HEAD",
	"rm config",
	"rm -r refs",
	"truncate -s 0 config HEAD",
	"find objects -type f -delete",
	"find objects -name *.idx -delete",
	"find objects -name *.pack -exec chmod 600 {} + -exec truncate -s 40 "
	"{} +",
	"touch convergd-damaged",
};

START_TEST(damaged_at_start)
{
	auto_of(source_free) struct source *again = NULL;
	struct source *s;

	push_file("a", "1", "one");
	s = new_source("main");
	fetch_ok(s);
	source_free(s);
	run("state/mirror", "%s", damages[_i]);
	again = new_source("main");
	fetch_ok(again);
	content_is(again, "a", "1");
}
END_TEST

START_TEST(damaged_while_running)
{
	auto_of(source_free) struct source *s = NULL;
	auto_of(tree_free) struct tree *t = NULL;
	auto_buf struct buf b = BUF_INIT;
	struct err err;

	push_file("a", "1", "one");
	s = new_source("main");
	fetch_ok(s);
	damage_packs();
	if (source_tree(s, &t, &err) == 0)
		ck_assert_int_eq(tree_read(t, "a", 10, &b, &err), -1);
	ck_assert_int_eq(err.kind, ERR_TRANSIENT);
	ck_assert_msg(strstr(err.msg, "is damaged, the next fetch makes it "
				      "anew") != NULL,
	    "%s", err.msg);
	fetch_ok(s);
	content_is(s, "a", "1");
}
END_TEST

START_TEST(other_url)
{
	auto_free char *url = at("work"), *mirror = at("state/mirror");
	struct source_settings settings = {
		.url = url, .branch = "main", .mirror = mirror
	};
	auto_of(source_free) struct source *again = NULL;
	auto_of(tree_free) struct tree *t = NULL;
	struct source *s;
	struct err err;

	push_file("a", "1", "one");
	s = new_source("main");
	fetch_ok(s);
	source_free(s);
	ck_assert_int_eq(source_new(&settings, &again, &err), 0);
	ck_assert_int_eq(source_tree(again, &t, &err), -1);
	ck_assert_int_eq(err.kind, ERR_ABSENT);
	ck_assert(fetch_ok(again).changed);
}
END_TEST

START_TEST(kept_over_restart)
{
	auto_of(source_free) struct source *again = NULL;
	struct source *s;

	push_file("a", "1", "one");
	s = new_source("main");
	fetch_ok(s);
	source_free(s);
	/* what a crash may leave */
	write_file("state/mirror/refs/heads/main.lock", "");
	write_file("state/mirror/objects/pack/pack_git2_x", "");
	again = new_source("main");
	ck_assert_int_eq(
	    access("state/mirror/objects/pack/pack_git2_x", F_OK), -1);
	content_is(again, "a", "1");
	ck_assert(!fetch_ok(again).changed);
	push_file("a", "2", "two");
	ck_assert(fetch_ok(again).changed);
}
END_TEST

START_TEST(foreign_directory)
{
	auto_free char *url = at("origin.git"), *mirror = at("home");
	struct source_settings settings = {
		.url = url, .branch = "main", .mirror = mirror
	};
	struct source *s = NULL;
	struct err err;

	run(".", "mkdir home");
	write_file("home/letter", "dear");
	ck_assert_int_eq(source_new(&settings, &s, &err), -1);
	ck_assert_int_eq(err.kind, ERR_INPUT);
	ck_assert_msg(
	    strstr(err.msg, "no mirror of convergd") != NULL, "%s", err.msg);
	ck_assert_int_eq(access("home/letter", F_OK), 0);
	/* a bare repository of somebody is no mirror of ours either */
	settings.mirror = url;
	ck_assert_int_eq(source_new(&settings, &s, &err), -1);
}
END_TEST

static long
packs(void)
{
	auto_free char *n = output(
	    ".", "find state/mirror/objects/pack -name *.pack -printf x");

	return (long)strlen(n);
}

START_TEST(packs_stay_few)
{
	auto_free char *url = at("work"), *mirror = at("state/mirror");
	struct source_settings settings = {
		.url = url, .branch = "main", .mirror = mirror
	};
	auto_of(source_free) struct source *s = NULL;
	auto_of(tree_free) struct tree *old = NULL;
	long most = 0;
	struct err err;

	push_file("a", "1", "one");
	ck_assert_int_eq(source_new(&settings, &s, &err), 0);
	for (int i = 0; i < 160; i++) {
		auto_buf struct buf b = BUF_INIT;

		run("work", "git commit -q --allow-empty -m %d", i);
		ck_assert(fetch_ok(s).changed);
		if (i == 40)
			ck_assert_int_eq(source_tree(s, &old, &err), 0);
		if (i == 60) /* after a compaction */
			ck_assert_int_eq(tree_read(old, "a", 9, &b, &err), 0);
		most = packs() > most ? packs() : most;
	}
	ck_assert_msg(most > 50 && most <= 110, "%ld packs", most);
	content_is(s, "a", "1");
	ck_assert_int_eq(access("state/mirror/convergd-damaged", F_OK), -1);
	source_free(s);
	s = NULL;
	ck_assert_int_eq(source_new(&settings, &s, &err), 0);
	ck_assert(!fetch_ok(s).changed);
	content_is(s, "a", "1");
}
END_TEST

static const char *const bad_branches[] = { "", "a..b", "-x", "a b", "x.lock",
	"refs/../x",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };

START_TEST(bad_branch)
{
	struct source_settings settings = { .url = "/x",
		.branch = bad_branches[_i],
		.mirror = "state/mirror" };
	struct source *s = NULL;
	struct err err;

	ck_assert_int_eq(source_new(&settings, &s, &err), -1);
	ck_assert_int_eq(err.kind, ERR_INPUT);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("source");
	TCase *repo = tcase_create("repo");
	SRunner *r = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(repo, repo_open, room_close);
	tcase_set_timeout(repo, 60);
	tcase_add_test(repo, follow);
	tcase_add_test(repo, force_push_and_gc);
	tcase_add_test(repo, no_commits);
	tcase_add_test(repo, branch_absent_or_deleted);
	tcase_add_test(repo, another_mirror_in_its_place);
	tcase_add_test(repo, repository_gone_and_back);
	tcase_add_test(repo, branch_name_in_the_way);
	tcase_add_test(repo, other_forms_of_url);
	tcase_add_test(repo, shallow_clone);
	tcase_add_test(repo, somebody_elses_repository);
	tcase_add_test(repo, fast_when_local);
	tcase_add_test(repo, watch_path);
	tcase_add_test(repo, commit_facts);
	tcase_add_loop_test(repo, damaged_at_start, 0, COUNT(damages));
	tcase_add_test(repo, damaged_while_running);
	tcase_add_test(repo, other_url);
	tcase_add_test(repo, kept_over_restart);
	tcase_add_test(repo, foreign_directory);
	tcase_add_test(repo, packs_stay_few);
	tcase_add_loop_test(repo, bad_branch, 0, COUNT(bad_branches));
	suite_add_tcase(suite, repo);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
