/*
 * A zip that depends on nothing but the content of a tree: libzip asks for
 * one file after the other, so memory holds one file and the archive.
 */

#include "common/source/tree.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

#define UNPACKED_MAX ((size_t)250 << 20)
#define LEVEL        6
#define DOS_TIME     0                     /* 00:00:00 */
#define DOS_DATE     (0 << 9 | 1 << 5 | 1) /* 1980-01-01, the first day */

/* One file of the archive while it is made; libzip owns and frees it. */
struct member {
	const struct tree *tree;
	char *path;
	size_t size;
	struct buf content;
	size_t at;
	struct err *err; /* of tree_pack */
	zip_error_t zerr;
};

static zip_int64_t
member_open(struct member *m)
{
	m->at = 0;
	if (tree_read(m->tree, m->path, UNPACKED_MAX, &m->content, m->err) == 0)
		return 0;
	zip_error_set(&m->zerr, ZIP_ER_READ, 0);
	return -1;
}

static zip_int64_t
member_read(struct member *m, void *data, size_t n)
{
	size_t left = m->content.len - m->at;

	if (n > left)
		n = left;
	memcpy(data, m->content.data + m->at, n);
	m->at += n;
	return (zip_int64_t)n;
}

static zip_int64_t
member_stat(struct member *m, zip_stat_t *st)
{
	zip_stat_init(st);
	st->valid = ZIP_STAT_SIZE;
	st->size = m->size;
	return sizeof(*st);
}

static zip_int64_t
member_free(struct member *m)
{
	buf_free(&m->content);
	zip_error_fini(&m->zerr);
	free(m->path);
	free(m);
	return 0;
}

static zip_int64_t
member_call(void *arg, void *data, zip_uint64_t n, zip_source_cmd_t cmd)
{
	struct member *m = arg;

	switch (cmd) {
	case ZIP_SOURCE_OPEN:
		return member_open(m);
	case ZIP_SOURCE_READ:
		return member_read(m, data, n);
	case ZIP_SOURCE_CLOSE:
		buf_free(&m->content);
		return 0;
	case ZIP_SOURCE_STAT:
		return member_stat(m, data);
	case ZIP_SOURCE_ERROR:
		return zip_error_to_data(&m->zerr, data, n);
	case ZIP_SOURCE_FREE:
		return member_free(m);
	case ZIP_SOURCE_SUPPORTS:
		return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN,
		    ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
		    ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
	default:
		zip_error_set(&m->zerr, ZIP_ER_OPNOTSUPP, 0);
		return -1;
	}
}

static int
add(zip_t *zip, const struct tree *t, const struct entry *e, const char *name,
    struct err *err)
{
	struct member *m = mem_of(struct member);
	unsigned mode = e->kind == ENTRY_EXEC ? 0100755 : 0100644;
	zip_source_t *source;
	zip_int64_t i;

	*m = (struct member){ .tree = t,
		.path = mem_str(e->path),
		.size = e->size,
		.content = BUF_INIT,
		.err = err };
	zip_error_init(&m->zerr);
	source = zip_source_function(zip, member_call, m);
	must(source != NULL);
	i = zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8);
	if (i == -1) {
		zip_source_free(source);
		return err_set(err, ERR_INPUT, "cannot pack %s: %s", e->path,
		    zip_strerror(zip));
	}
	must(zip_set_file_compression(
		 zip, (zip_uint64_t)i, ZIP_CM_DEFLATE, LEVEL) == 0);
	must(zip_file_set_dostime(
		 zip, (zip_uint64_t)i, DOS_TIME, DOS_DATE, 0) == 0);
	must(zip_file_set_external_attributes(zip, (zip_uint64_t)i, 0,
		 ZIP_OPSYS_UNIX, (zip_uint32_t)mode << 16) == 0);
	return 0;
}

/* Can it be in a zip at all? Adds its size to *sum. */
static int
check(const struct entry *e, size_t *sum, struct err *err)
{
	if (e->kind == ENTRY_LINK)
		return tree_is_link(err, e->path);
	if (e->kind == ENTRY_MODULE)
		return err_set(err, ERR_INPUT,
		    "%s: is a submodule, whose files are not in this source",
		    e->path);
	if (tree_check_name(e->path, err) == -1)
		return -1;
	*sum += e->size;
	if (e->size > UNPACKED_MAX || *sum > UNPACKED_MAX)
		return err_set(err, ERR_INPUT,
		    "%s: with this file it is more than 250MiB unpacked",
		    e->path);
	return 0;
}

static int
add_all(zip_t *zip, const struct tree *t, const struct entries *all,
    size_t skip, struct err *err)
{
	size_t sum = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct entry *e = &all->rows[i];

		if (check(e, &sum, err) == -1 ||
		    add(zip, t, e, e->path + skip, err) == -1)
			return -1;
	}
	return 0;
}

/* The file itself as the only row, or all files of the directory. */
static int
rows_of(const struct tree *t, const char *path, struct entries *ret,
    size_t *ret_skip, struct err *err)
{
	struct entry e;
	const char *slash;

	if (t->ops->find(t, path, &e, err) == -1)
		return -1;
	if (e.kind != ENTRY_DIR) {
		slash = strrchr(path, '/');
		*ret_skip = slash == NULL ? 0 : (size_t)(slash - path) + 1;
		return entries_add(ret, path, e.kind, e.size, err);
	}
	*ret_skip = path[0] == 0 ? 0 : strlen(path) + 1;
	if (t->ops->list(t, path, ret, err) == -1)
		return -1;
	if (ret->n == 0)
		return err_set(err, ERR_INPUT, "%s: has no files to pack",
		    path[0] == 0 ? "." : path);
	return 0;
}

static int
copy_out(zip_source_t *archive, struct buf *ret)
{
	zip_stat_t st;
	zip_int64_t n;

	if (zip_source_stat(archive, &st) == -1 ||
	    zip_source_open(archive) == -1)
		return -1;
	buf_reserve(ret, st.size);
	n = zip_source_read(archive, ret->data + ret->len, st.size);
	zip_source_close(archive);
	if (n < 0 || (zip_uint64_t)n != st.size)
		return -1;
	ret->len += st.size;
	ret->data[ret->len] = 0;
	return 0;
}

/* zip_close writes everything; only then is an error of a member known. */
static int
write_zip(zip_source_t *archive, const struct tree *t,
    const struct entries *all, size_t skip, struct err *err)
{
	zip_t *zip = zip_open_from_source(
	    archive, ZIP_CREATE | ZIP_TRUNCATE, NULL);

	must(zip != NULL);
	zip_source_keep(archive); /* zip_close would free it */
	if (add_all(zip, t, all, skip, err) == -1) {
		zip_discard(zip);
		return -1;
	}
	err->kind = ERR_NONE;
	if (zip_close(zip) == -1) {
		if (err->kind == ERR_NONE)
			err_set(err, ERR_SYSTEM, "cannot pack: %s",
			    zip_strerror(zip));
		zip_discard(zip);
		return -1;
	}
	return 0;
}

int
tree_pack(const struct tree *t, const char *path, struct buf *ret_zip,
    struct err *err)
{
	auto_free char *clean = NULL;
	auto_entries struct entries all = { 0 };
	zip_source_t *archive;
	size_t skip;
	int rc;

	if (tree_path(path, &clean, err) == -1 ||
	    rows_of(t, clean, &all, &skip, err) == -1)
		return -1;
	archive = zip_source_buffer_create(NULL, 0, 0, NULL);
	must(archive != NULL);
	rc = write_zip(archive, t, &all, skip, err);
	if (rc == 0 && copy_out(archive, ret_zip) == -1)
		rc = err_set(
		    err, ERR_SYSTEM, "cannot read the zip of %s", path);
	zip_source_free(archive);
	return rc;
}
