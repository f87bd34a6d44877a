/* What every tree does alike: paths, lists, the public functions. */

#include "common/source/tree.h"
#include "common/base/text.h"

#include <stdlib.h>
#include <string.h>

void
entries_free(struct entries *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->rows[i].path);
	free(e->rows);
	*e = (struct entries){ 0 };
}

int
entries_add(struct entries *e, const char *path, enum entry_kind kind,
    size_t size, struct err *err)
{
	size_t grown = e->cap ? 2 * e->cap : 64;

	if (e->n == ENTRIES_MAX)
		return err_set(err, ERR_INPUT,
		    "%s: more than %d files; point the source to a smaller "
		    "directory",
		    path, ENTRIES_MAX);
	if (e->n == e->cap) {
		e->rows = mem_grow(e->rows, e->cap * sizeof(*e->rows),
		    grown * sizeof(*e->rows));
		e->cap = grown;
	}
	e->rows[e->n++] =
	    (struct entry){ .path = mem_str(path), .kind = kind, .size = size };
	return 0;
}

int
tree_path(const char *path, char **ret, struct err *err)
{
	auto_buf struct buf b = BUF_INIT;
	const char *whole = path;

	if (path[0] == '/')
		return err_set(err, ERR_INPUT,
		    "%s: must be relative to the root of the source", path);
	while (*path != 0) {
		size_t n = strcspn(path, "/");

		if (n == 2 && memcmp(path, "..", 2) == 0)
			return err_set(err, ERR_INPUT,
			    "%s: leads out of the source", whole);
		if (n == 4 && memcmp(path, ".git", 4) == 0)
			return err_set(err, ERR_ABSENT,
			    "%s: Git's own files are no part of the source",
			    whole);
		if (n > 0 && !(n == 1 && path[0] == '.')) {
			if (b.len > 0)
				buf_addc(&b, '/');
			buf_add(&b, path, n);
		}
		path += n + (path[n] == '/');
	}
	*ret = buf_take(&b);
	return 0;
}

char *
tree_join(const char *dir, const char *name)
{
	return dir[0] == 0 ? mem_str(name) : mem_fmt("%s/%s", dir, name);
}

int
tree_is_link(struct err *err, const char *path)
{
	return err_set(err, ERR_INPUT,
	    "%s: is a symbolic link; put a copy of the file there", path);
}

int
tree_too_large(struct err *err, const char *path, size_t size, size_t max)
{
	auto_buf struct buf is = BUF_INIT, may = BUF_INIT;

	text_add_size(&is, (int64_t)size);
	text_add_size(&may, (int64_t)max);
	return err_set(err, ERR_INPUT, "%s: is %s, must be %s at most", path,
	    is.data, may.data);
}

int
tree_check_name(const char *path, struct err *err)
{
	auto_buf struct buf shown = BUF_INIT;

	if (text_is_utf8(path, strlen(path)))
		return 0;
	for (; *path != 0; path++) {
		unsigned char c = (unsigned char)*path;

		buf_addf(&shown, c < 0x80 ? "%c" : "\\x%02x", c);
	}
	return err_set(err, ERR_INPUT, "%s: the name of the file is not UTF-8",
	    shown.data);
}

void
tree_free(struct tree *t)
{
	if (t != NULL)
		t->ops->free(t);
}

const char *
tree_revision(const struct tree *t)
{
	return t->revision;
}

int
tree_walk(const struct tree *t, const char *dir,
    int (*file)(void *arg, const char *path, size_t size), void *arg,
    struct err *err)
{
	auto_free char *clean = NULL;
	auto_entries struct entries all = { 0 };

	if (tree_path(dir, &clean, err) == -1 ||
	    t->ops->list(t, clean, &all, err) == -1)
		return -1;
	for (size_t i = 0; i < all.n; i++) {
		const struct entry *e = &all.rows[i];
		int rc;

		if (e->kind == ENTRY_MODULE)
			continue;
		if (tree_check_name(e->path, err) == -1)
			return -1;
		rc = file(arg, e->path, e->size);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int
tree_read(const struct tree *t, const char *path, size_t max, struct buf *ret,
    struct err *err)
{
	auto_free char *clean = NULL;

	if (tree_path(path, &clean, err) == -1)
		return -1;
	return t->ops->read(t, clean, max, ret, err);
}

bool
tree_has(const struct tree *t, const char *path)
{
	auto_free char *clean = NULL;
	struct entry e;
	struct err ignored;

	if (tree_path(path, &clean, &ignored) == -1 ||
	    t->ops->find(t, clean, &e, &ignored) == -1)
		return false;
	return e.kind == ENTRY_FILE || e.kind == ENTRY_EXEC ||
	       e.kind == ENTRY_DIR;
}

int
tree_id(const struct tree *t, const char *path, char ret[static 65],
    struct err *err)
{
	auto_free char *clean = NULL;

	if (tree_path(path, &clean, err) == -1)
		return -1;
	return t->ops->id(t, clean, ret, err);
}
