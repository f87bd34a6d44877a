/* common/source: reading trees of commits and directories, and packing. */

#include "common/base/text.h"
#include "common/source/source.h"
#include "tests/unit/gitrepo.h"

#include <pthread.h>
#include <zip.h>

/* ---- the two sorts of the same content ---- */

static struct tree *
of_branch(const char *branch)
{
	auto_free char *url = at("origin.git"), *mirror = at("state/mirror");
	struct source_settings settings = {
		.url = url, .branch = branch, .mirror = mirror
	};
	auto_of(source_free) struct source *s = NULL;
	struct tree *t = NULL;
	struct fetched f;
	struct err err;

	ck_assert_msg(source_new(&settings, &s, &err) == 0, "%s", err.msg);
	ck_assert_msg(source_fetch(s, &f, &err) == 0, "%s", err.msg);
	ck_assert_msg(source_tree(s, &t, &err) == 0, "%s", err.msg);
	return t;
}

static struct tree *
of_dir(const char *dir)
{
	struct tree *t = NULL;
	struct err err;

	ck_assert_msg(tree_of_directory(dir, &t, &err) == 0, "%s", err.msg);
	return t;
}

/* A commit and a work tree with names that sort oddly, an executable, an
 * empty file, all bytes, a link, an ignored file and one that is tracked
 * although it is ignored. */
static void
fill(void)
{
	unsigned char all[512];

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (unsigned char)i;
	run("work", "mkdir -p fn/a fn/a-b fn/deep/er logs empty");
	write_file("work/.gitignore", "*.log\n/logs/\n");
	write_file("work/fn/a/x.py", "print(1)\n");
	write_file("work/fn/a-b/y.py", "print(2)\n");
	write_file("work/fn/a.py", "print(3)\n");
	write_file("work/fn/empty", "");
	write_bytes("work/fn/deep/er/bytes", all, sizeof(all), 0644);
	write_bytes("work/fn/run.sh", "#!/bin/sh\n", 10, 0755);
	write_file("work/kept.log", "tracked");
	run("work", "git add -f kept.log");
	push_file("top.yaml", "kind: Architecture\n", "fill");
	write_file("work/debug.log", "ignored");
	write_file("work/logs/today", "ignored");
}

static void
both(struct tree *ret[2])
{
	fill();
	ret[0] = of_branch("main");
	ret[1] = of_dir("work");
}

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
		ck_assert_str_eq(b.data, "a 1\n");
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

/* ---- packing ---- */

static void
pack(const struct tree *t, const char *path, struct buf *ret)
{
	struct err err;

	ck_assert_msg(tree_pack(t, path, ret, &err) == 0, "%s", err.msg);
}

static const char *
type_of(zip_t *z, zip_uint64_t i, const zip_stat_t *st)
{
	zip_uint32_t mode = 0;
	zip_uint8_t system = 0;
	struct tm tm = { 0 };

	ck_assert_int_eq(
	    zip_file_get_external_attributes(z, i, 0, &system, &mode), 0);
	ck_assert_int_eq(system, ZIP_OPSYS_UNIX);
	ck_assert_ptr_nonnull(localtime_r(&st->mtime, &tm));
	ck_assert_int_eq(tm.tm_year, 80);
	ck_assert_int_eq(tm.tm_yday, 0);
	return mode >> 16 == 0100755 ? "x" : mode >> 16 == 0100644 ? "-" : "?";
}

/* "name size mode" of every entry, and the bytes are right */
static void
zip_list(const struct buf *zip, const struct tree *t, const char *dir,
    struct buf *ret)
{
	zip_source_t *source = zip_source_buffer_create(
	    zip->data, zip->len, 0, NULL);
	zip_t *z = zip_open_from_source(source, ZIP_CHECKCONS, NULL);

	ck_assert_ptr_nonnull(z);
	for (zip_int64_t i = 0; i < zip_get_num_entries(z, 0); i++) {
		auto_buf struct buf want = BUF_INIT;
		auto_free char *path = NULL, *got = NULL;
		zip_file_t *f = zip_fopen_index(z, (zip_uint64_t)i, 0);
		zip_stat_t st;
		struct err err;

		ck_assert_int_eq(zip_stat_index(z, (zip_uint64_t)i, 0, &st), 0);
		buf_addf(ret, "%s %d %s\n", st.name, (int)st.size,
		    type_of(z, (zip_uint64_t)i, &st));
		path = mem_fmt("%s/%s", dir, st.name);
		got = mem_new(st.size + 1);
		ck_assert_int_eq(
		    zip_fread(f, got, st.size), (zip_int64_t)st.size);
		ck_assert_int_eq(tree_read(t, path, st.size, &want, &err), 0);
		ck_assert_int_eq(memcmp(got, want.data, st.size), 0);
		zip_fclose(f);
	}
	zip_discard(z);
}

START_TEST(pack_directory)
{
	struct buf zips[2] = { BUF_INIT, BUF_INIT };
	auto_buf struct buf list = BUF_INIT;
	auto_buf struct buf again = BUF_INIT;
	struct tree *t[2];

	both(t);
	for (int i = 0; i < 2; i++) {
		buf_clear(&list);
		buf_clear(&again);
		pack(t[i], "fn", &zips[i]);
		pack(t[i], "./fn/", &again);
		ck_assert_uint_eq(again.len, zips[i].len);
		ck_assert_mem_eq(again.data, zips[i].data, again.len);
		zip_list(&zips[i], t[i], "fn", &list);
		ck_assert_str_eq(list.data,
		    "a-b/y.py 9 -\na.py 9 -\na/x.py 9 -\n"
		    "deep/er/bytes 512 -\nempty 0 -\nrun.sh 10 x\n");
	}
	ck_assert_uint_eq(zips[0].len, zips[1].len);
	ck_assert_mem_eq(zips[0].data, zips[1].data, zips[0].len);
	buf_free(&zips[0]);
	buf_free(&zips[1]);
	tree_free(t[0]);
	tree_free(t[1]);
}
END_TEST

START_TEST(pack_depends_on_content_only)
{
	auto_buf struct buf before = BUF_INIT, after = BUF_INIT;
	auto_of(tree_free) struct tree *t = NULL;

	fill();
	t = of_dir("work");
	pack(t, "fn", &before);
	setenv("TZ", "Asia/Tokyo", 1);
	run("work", "touch -d 2001-02-03 fn/a.py fn/a");
	run("work", "chmod 600 fn/a.py");
	pack(t, "fn", &after);
	ck_assert_uint_eq(before.len, after.len);
	ck_assert_mem_eq(before.data, after.data, after.len);
	write_file("work/fn/a.py", "print(4)\n");
	buf_clear(&after);
	pack(t, "fn", &after);
	ck_assert(before.len != after.len ||
		  memcmp(before.data, after.data, after.len) != 0);
	unsetenv("TZ");
}
END_TEST

START_TEST(pack_one_file)
{
	auto_buf struct buf zip = BUF_INIT, list = BUF_INIT;
	auto_of(tree_free) struct tree *t = NULL;

	fill();
	t = of_dir("work");
	buf_adds(&zip, "");
	pack(t, "fn/deep/er/bytes", &zip);
	zip_list(&zip, t, "fn/deep/er", &list);
	ck_assert_str_eq(list.data, "bytes 512 -\n");
}
END_TEST

START_TEST(pack_too_much)
{
	auto_buf struct buf zip = BUF_INIT;
	auto_of(tree_free) struct tree *t = NULL;
	struct err err;

	run(".", "mkdir plain");
	write_file("plain/a", "1");
	write_file("plain/b", "");
	ck_assert_int_eq(truncate("plain/b", 250L << 20), 0);
	t = of_dir("plain");
	ck_assert_int_eq(tree_pack(t, ".", &zip, &err), -1);
	ck_assert_str_eq(
	    err.msg, "b: with this file it is more than 250MiB unpacked");
	ck_assert_uint_eq(zip.len, 0);
}
END_TEST

START_TEST(pack_bad_name)
{
	auto_buf struct buf zip = BUF_INIT;
	auto_of(tree_free) struct tree *t = NULL;
	struct err err;

	run(".", "mkdir plain");
	write_file("plain/\xff", "1");
	t = of_dir("plain");
	ck_assert_int_eq(tree_pack(t, ".", &zip, &err), -1);
	ck_assert_int_eq(err.kind, ERR_INPUT);
	ck_assert_int_eq(tree_pack(t, "none", &zip, &err), -1);
	ck_assert_int_eq(err.kind, ERR_ABSENT);
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
	tcase_add_test(t, submodule);
	tcase_add_loop_test(t, hostile_names, 0, COUNT(hostile));
	tcase_add_test(t, tree_bomb);
	tcase_add_test(t, two_threads);
	tcase_add_test(t, pack_directory);
	tcase_add_test(t, pack_depends_on_content_only);
	tcase_add_test(t, pack_one_file);
	tcase_add_test(t, pack_too_much);
	tcase_add_test(t, pack_bad_name);
	suite_add_tcase(suite, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
