/* common/source: packing trees into zips. */

#include "tests/unit/trees.h"

#include <zip.h>

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
	Suite *suite = suite_create("packs");
	TCase *t = tcase_create("packs");
	SRunner *r = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(t, repo_open, room_close);
	tcase_set_timeout(t, 60);
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
