/* common/source: reading trees of commits and of directories. */

#include "common/base/text.h"
#include "tests/unit/trees.h"

#include <pthread.h>

static int
note(void *arg, const char *path, size_t size)
{
	buf_addf(arg, "%s %zu\n", path, size);
	return 0;
}

static const struct {
	const char *dir, *want;
} walks[] = {
	{ ".", ".gitignore 13\nfn/a-b/y.py 9\nfn/a.py 9\nfn/a/x.py 9\n"
	       "fn/deep/er/bytes 512\nfn/empty 0\nfn/run.sh 10\n"
	       "kept.log 7\ntop.yaml 19\n" },
	{ "fn/deep", "fn/deep/er/bytes 512\n" },
	{ "./fn//a/", "fn/a/x.py 9\n" },
};

START_TEST(walk)
{
	struct tree *t[2];
	struct err err;

	both(t);
	for (int i = 0; i < 2; i++) {
		auto_buf struct buf b = BUF_INIT;

		ck_assert_msg(
		    tree_walk(t[i], walks[_i].dir, note, &b, &err) == 0, "%s",
		    err.msg);
		ck_assert_str_eq(b.data, walks[_i].want);
		tree_free(t[i]);
	}
}
END_TEST

static int
stop(void *arg, const char *path, size_t size)
{
	(void)path;
	(void)size;
	return ++*(int *)arg == 2 ? 7 : 0;
}

/* The walk may read the same tree. */
struct reading {
	const struct tree *t;
	size_t bytes;
};

static int
read_it(void *arg, const char *path, size_t size)
{
	struct reading *r = arg;
	auto_buf struct buf b = BUF_INIT;
	struct err err;

	ck_assert_int_eq(tree_read(r->t, path, size, &b, &err), 0);
	ck_assert_uint_eq(b.len, size);
	r->bytes += b.len;
	return 0;
}

START_TEST(walk_stops_and_reads)
{
	struct tree *t[2];
	struct err err;

	both(t);
	for (int i = 0; i < 2; i++) {
		struct reading r = { t[i], 0 };
		int seen = 0;

		ck_assert_int_eq(tree_walk(t[i], ".", stop, &seen, &err), 7);
		ck_assert_int_eq(seen, 2);
		ck_assert_int_eq(tree_walk(t[i], "fn", read_it, &r, &err), 0);
		ck_assert_uint_eq(r.bytes, 549);
		tree_free(t[i]);
	}
}
END_TEST

static const struct {
	const char *path;
	size_t max;
	const char *want; /* NULL: fails, with */
	enum err_kind kind;
	const char *error;
} reads[] = {
	{ "fn/a.py", 100, "print(3)\n", 0, NULL },
	{ "./fn/a.py", 9, "print(3)\n", 0, NULL },
	{ "fn/empty", 0, "", 0, NULL },
	{ "fn/a.py", 8, NULL, ERR_INPUT, "fn/a.py: is 9B, must be 8B at most" },
	{ "fn/none", 9, NULL, ERR_ABSENT, "fn/none" },
	{ "fn/a.py/x", 9, NULL, ERR_ABSENT, "fn/a.py/x" },
	{ "fn", 9, NULL, ERR_INPUT, "fn: is no file" },
	{ ".", 9, NULL, ERR_INPUT, ".: is no file" },
	{ "/etc/passwd", 9999, NULL, ERR_INPUT, "must be relative" },
	{ "../origin.git/HEAD", 9999, NULL, ERR_INPUT, "leads out" },
	{ "fn/../../x", 9999, NULL, ERR_INPUT, "leads out" },
	{ ".git/HEAD", 9999, NULL, ERR_ABSENT, "Git's own files" },
};

START_TEST(read_file)
{
	struct tree *t[2];
	struct err err;

	both(t);
	for (int i = 0; i < 2; i++) {
		auto_buf struct buf b = BUF_INIT;
		int rc = tree_read(
		    t[i], reads[_i].path, reads[_i].max, &b, &err);

		ck_assert_int_eq(rc, reads[_i].want == NULL ? -1 : 0);
		if (rc == 0) {
			ck_assert_str_eq(b.data, reads[_i].want);
		} else {
			ck_assert_int_eq(err.kind, reads[_i].kind);
			ck_assert_msg(strstr(err.msg, reads[_i].error) != NULL,
			    "%s", err.msg);
		}
		tree_free(t[i]);
	}
}
END_TEST

static const struct {
	const char *path;
	bool want;
} has[] = {
	{ ".", true },
	{ "fn", true },
	{ "fn/", true },
	{ "fn/a.py", true },
	{ "fn/none", false },
	{ "fn/a.py/x", false },
	{ "..", false },
	{ ".git", false },
	{ "/", false },
};

START_TEST(has_file)
{
	struct tree *t[2];

	both(t);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(tree_has(t[i], has[_i].path), has[_i].want);
		tree_free(t[i]);
	}
}
END_TEST

static const char *const ids[] = { "fn", "fn/a", "fn/a.py", "fn/run.sh",
	"fn/deep", "kept.log" };

START_TEST(ids_are_gits)
{
	struct tree *t[2];
	char id[65];
	struct err err;

	both(t);
	for (int i = 0; i < 2; i++) {
		auto_free char *root = output(
		    "work", "git rev-parse HEAD^{tree}");

		ck_assert_int_eq(tree_id(t[i], ".", id, &err), 0);
		ck_assert_str_eq(id, root);
		for (size_t k = 0; k < COUNT(ids); k++) {
			auto_free char *want = output(
			    "work", "git rev-parse HEAD:%s", ids[k]);

			ck_assert_int_eq(tree_id(t[i], ids[k], id, &err), 0);
			ck_assert_str_eq(id, want);
		}
		ck_assert_int_eq(tree_id(t[i], "none", id, &err), -1);
		ck_assert_int_eq(err.kind, ERR_ABSENT);
		tree_free(t[i]);
	}
}
END_TEST

START_TEST(revisions)
{
	auto_free char *hex = NULL, *want = NULL;
	struct tree *t[2];

	both(t);
	hex = output("work", "git rev-parse HEAD");
	want = mem_fmt("main@sha1:%s", hex);
	ck_assert_str_eq(tree_revision(t[0]), want);
	ck_assert_str_eq(tree_revision(t[1]), "worktree");
	tree_free(t[0]);
	tree_free(t[1]);
}
END_TEST

START_TEST(mode_changes_the_id)
{
	auto_of(tree_free) struct tree *t = NULL;
	char before[65], after[65];
	struct err err;

	run(".", "mkdir plain");
	write_file("plain/x", "x");
	t = of_dir("plain");
	ck_assert_int_eq(tree_id(t, ".", before, &err), 0);
	ck_assert_int_eq(chmod("plain/x", 0755), 0);
	ck_assert_int_eq(tree_id(t, ".", after, &err), 0);
	ck_assert_str_ne(before, after);
}
END_TEST

START_TEST(empty_directory)
{
	auto_of(tree_free) struct tree *t = NULL, *none = NULL;
	auto_buf struct buf b = BUF_INIT;
	char id[65];
	struct err err;

	run(".", "mkdir -p plain/inner");
	t = of_dir("plain");
	ck_assert_int_eq(tree_walk(t, ".", note, &b, &err), 0);
	ck_assert_uint_eq(b.len, 0);
	ck_assert_int_eq(tree_id(t, ".", id, &err), 0);
	ck_assert_str_eq(id, "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
	ck_assert_int_eq(tree_pack(t, ".", &b, &err), -1);
	ck_assert_str_eq(err.msg, ".: has no files to pack");
	ck_assert_int_eq(tree_of_directory("missing", &none, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "missing"));
}
END_TEST

/* ---- leading outside ---- */

static const char *const outside[] = { "file", "dir/HEAD", "up/HEAD",
	"loop/loop/x" };

START_TEST(links_lead_nowhere)
{
	struct tree *t[2];
	struct err err;

	run("work", "ln -s ../origin.git/HEAD file");
	run("work", "ln -s %s/origin.git dir", room);
	run("work", "ln -s ../origin.git up");
	run("work", "ln -s . loop");
	push_file("a", "1", "links");
	t[0] = of_branch("main");
	t[1] = of_dir("work");
	for (int i = 0; i < 2; i++) {
		auto_buf struct buf b = BUF_INIT;
		auto_free char *root = output(
		    "work", "git rev-parse HEAD^{tree}");
		char id[65];

		for (size_t k = 0; k < COUNT(outside); k++) {
			ck_assert_int_eq(
			    tree_read(t[i], outside[k], 999, &b, &err), -1);
			ck_assert(!tree_has(t[i], outside[k]));
		}
		ck_assert_uint_eq(b.len, 0);
		ck_assert_int_eq(tree_walk(t[i], ".", note, &b, &err), 0);
		ck_assert_str_eq(b.data, "a 1\ndir 0\nfile 0\nloop 0\nup 0\n");
		ck_assert_int_eq(tree_read(t[i], "up", 999, &b, &err), -1);
		ck_assert_str_eq(err.msg, "up: is a symbolic link; put a copy "
					  "of the file there");
		ck_assert_int_eq(tree_walk(t[i], "dir", note, &b, &err), -1);
		ck_assert_int_eq(tree_id(t[i], ".", id, &err), 0);
		ck_assert_str_eq(id, root);
		ck_assert_int_eq(tree_pack(t[i], ".", &b, &err), -1);
		ck_assert_str_eq(err.msg, "dir: is a symbolic link; put a copy "
					  "of the file there");
		tree_free(t[i]);
	}
}
END_TEST

START_TEST(special_files)
{
	auto_of(tree_free) struct tree *t = NULL;
	auto_buf struct buf b = BUF_INIT;
	struct err err;

	run(".", "mkdir plain");
	ck_assert_int_eq(mkfifo("plain/pipe", 0600), 0);
	write_file("plain/x", "x");
	t = of_dir("plain");
	ck_assert_int_eq(tree_read(t, "pipe", 9, &b, &err), -1);
	ck_assert_int_eq(tree_walk(t, ".", note, &b, &err), 0);
	ck_assert_str_eq(b.data, "x 1\n");
}
END_TEST

START_TEST(bad_file_name)
{
	struct tree *t[2];
	struct err err;

	write_file("work/\xff.yaml", "x");
	push_file("a", "1", "one");
	t[0] = of_branch("main");
	t[1] = of_dir("work");
	for (int i = 0; i < 2; i++) {
		auto_buf struct buf b = BUF_INIT;

		ck_assert_int_eq(tree_walk(t[i], ".", note, &b, &err), -1);
		ck_assert_str_eq(
		    err.msg, "\\xff.yaml: the name of the file is not UTF-8");
		tree_free(t[i]);
	}
}
END_TEST

START_TEST(submodule)
{
	struct tree *t[2];
	struct err err;

	run(".", "git init -q -b main other");
	run("other", "git commit -q --allow-empty -m x");
	run("work",
	    "git -c protocol.file.allow=always submodule --quiet add "
	    "%s/other sub",
	    room);
	push_file("a", "1", "sub");
	t[0] = of_branch("main");
	t[1] = of_dir("work");
	for (int i = 0; i < 2; i++) {
		auto_buf struct buf b = BUF_INIT;

		ck_assert_int_eq(tree_walk(t[i], ".", note, &b, &err), 0);
		ck_assert(text_starts(b.data, ".gitmodules "));
		ck_assert(text_ends(b.data, "\na 1\n"));
		ck_assert_int_eq(tree_pack(t[i], ".", &b, &err), -1);
		ck_assert_ptr_nonnull(strstr(err.msg, "sub: is a submodule"));
		tree_free(t[i]);
	}
}
END_TEST

static const char *const hostile[] = { "..", ".", "../../x", "/x", ".GIT",
	"a/b" };

/* A tree object that no git command would make. */
START_TEST(hostile_names)
{
	auto_of(tree_free) struct tree *t = NULL;
	auto_free char *blob = NULL, *raw = at("raw"), *id = NULL, *c = NULL;
	auto_buf struct buf b = BUF_INIT;
	struct err err;

	push_file("a", "1", "one");
	blob = output("work", "git rev-parse HEAD:a");
	buf_addf(&b, "100644 %s", hostile[_i]);
	buf_addc(&b, 0);
	for (int i = 0; i < 20; i++) {
		char two[3] = { blob[2 * i], blob[2 * i + 1], 0 };

		buf_addc(&b, (char)strtol(two, NULL, 16));
	}
	write_bytes(raw, b.data, b.len, 0644);
	buf_clear(&b);
	id = output(
	    "origin.git", "git hash-object -t tree -w --literally %s", raw);
	c = output("origin.git", "git commit-tree -m bad %s", id);
	run("origin.git", "git update-ref refs/heads/main %s", c);
	t = of_branch("main");
	ck_assert_int_eq(tree_walk(t, ".", note, &b, &err), -1);
	ck_assert_msg(strstr(err.msg, "no file can have this name") != NULL,
	    "%s", err.msg);
	ck_assert_int_eq(tree_pack(t, ".", &b, &err), -1);
	ck_assert_uint_eq(b.len, 0);
}
END_TEST

/* 2^40 files in 40 objects: refused, at once */
START_TEST(tree_bomb)
{
	auto_of(tree_free) struct tree *t = NULL;
	auto_free char *id = NULL, *c = NULL;
	auto_buf struct buf b = BUF_INIT;
	struct err err;

	push_file("a", "1", "one");
	id = output("work", "git rev-parse HEAD^{tree}");
	for (int level = 0; level < 40; level++) {
		auto_free char *raw = at("raw");
		const char *names[] = { "a", "b" };

		buf_clear(&b);
		for (int n = 0; n < 2; n++) {
			buf_addf(&b, "40000 %s", names[n]);
			buf_addc(&b, 0);
			for (int i = 0; i < 20; i++) {
				char two[3] = { id[2 * i], id[2 * i + 1], 0 };

				buf_addc(&b, (char)strtol(two, NULL, 16));
			}
		}
		write_bytes(raw, b.data, b.len, 0644);
		free(id);
		id = output("origin.git", "git hash-object -t tree -w %s", raw);
	}
	c = output("origin.git", "git commit-tree -m bomb %s", id);
	run("origin.git", "git update-ref refs/heads/main %s", c);
	t = of_branch("main");
	ck_assert_int_eq(tree_walk(t, ".", note, &b, &err), -1);
	ck_assert_msg(
	    strstr(err.msg, "more than 200000 files") != NULL, "%s", err.msg);
}
END_TEST

/* ---- several threads ---- */

static void *
read_often(void *arg)
{
	long bad = 0;

	for (int i = 0; i < 200; i++) {
		auto_buf struct buf b = BUF_INIT;
		char id[65];
		struct err err;

		bad += tree_read(arg, "fn/deep/er/bytes", 512, &b, &err) != 0 ||
		       b.len != 512;
		bad += tree_walk(arg, ".", note, &b, &err) != 0;
		bad += tree_id(arg, "fn", id, &err) != 0;
	}
	return (void *)bad;
}

START_TEST(two_threads)
{
	struct tree *t[2];

	both(t);
	for (int i = 0; i < 2; i++) {
		pthread_t threads[2];
		void *bad;

		for (int k = 0; k < 2; k++)
			ck_assert_int_eq(
			    pthread_create(&threads[k], NULL, read_often, t[i]),
			    0);
		for (int k = 0; k < 2; k++) {
			ck_assert_int_eq(pthread_join(threads[k], &bad), 0);
			ck_assert_ptr_null(bad);
		}
		tree_free(t[i]);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("trees");
	TCase *t = tcase_create("trees");
	SRunner *r = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(t, repo_open, room_close);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, walk, 0, COUNT(walks));
	tcase_add_test(t, walk_stops_and_reads);
	tcase_add_loop_test(t, read_file, 0, COUNT(reads));
	tcase_add_loop_test(t, has_file, 0, COUNT(has));
	tcase_add_test(t, ids_are_gits);
	tcase_add_test(t, revisions);
	tcase_add_test(t, mode_changes_the_id);
	tcase_add_test(t, empty_directory);
	tcase_add_test(t, links_lead_nowhere);
	tcase_add_test(t, special_files);
	tcase_add_test(t, bad_file_name);
	tcase_add_test(t, submodule);
	tcase_add_loop_test(t, hostile_names, 0, COUNT(hostile));
	tcase_add_test(t, tree_bomb);
	tcase_add_test(t, two_threads);
	suite_add_tcase(suite, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
