/* The ids that Git would give a plain directory and its files. */

#include "common/source/git.h"
#include "common/source/tree.h"

#include <string.h>

#define FILE_MAX ((size_t)1 << 30)

static const char *const modes[] = {
	[ENTRY_FILE] = "100644",
	[ENTRY_EXEC] = "100755",
	[ENTRY_LINK] = "120000",
	[ENTRY_DIR] = "40000",
};

static int
hash(git_oid *ret, git_object_t type, const struct buf *content,
    const char *path, struct err *err)
{
	int rc = git_odb_hash(ret, content->data, content->len, type);

	return rc == 0 ? 0 : git_fail(err, rc, "cannot hash", path);
}

static int
blob_id(
    const struct tree *t, const struct entry *e, git_oid *ret, struct err *err)
{
	auto_buf struct buf content = BUF_INIT;
	int rc = e->kind == ENTRY_LINK
		     ? dirtree_link(t, e->path, &content, err)
		     : t->ops->read(t, e->path, FILE_MAX, &content, err);

	if (rc == -1)
		return -1;
	return hash(ret, GIT_OBJECT_BLOB, &content, e->path, err);
}

static void
add_row(struct buf *rows, enum entry_kind kind, const char *name, size_t n,
    const git_oid *id)
{
	buf_addf(rows, "%s %.*s", modes[kind], (int)n, name);
	buf_addc(rows, 0);
	buf_add(rows, id->id, sizeof(id->id));
}

/*
 * The id of the directory that all[*i] and its followers are in, as long as
 * their paths share the first `skip` bytes. The list is in Git's order of a
 * tree already. Submodules are left out: their commit is not ours to read.
 */
static int
fold(const struct tree *t, const struct entries *all, size_t *i, size_t skip,
    git_oid *ret, struct err *err)
{
	auto_buf struct buf rows = BUF_INIT;
	const char *dir = *i < all->n ? all->rows[*i].path : "";

	while (*i < all->n && strncmp(all->rows[*i].path, dir, skip) == 0) {
		const struct entry *e = &all->rows[*i];
		const char *name = e->path + skip;
		size_t n = strcspn(name, "/");
		bool deeper = name[n] == '/';
		git_oid id;

		if (deeper && fold(t, all, i, skip + n + 1, &id, err) == -1)
			return -1;
		if (!deeper && e->kind != ENTRY_MODULE &&
		    blob_id(t, e, &id, err) == -1)
			return -1;
		if (deeper || e->kind != ENTRY_MODULE)
			add_row(
			    &rows, deeper ? ENTRY_DIR : e->kind, name, n, &id);
		*i += !deeper;
	}
	return hash(ret, GIT_OBJECT_TREE, &rows, dir, err);
}

int
dirtree_id(const struct tree *t, const char *path, char ret[static 65],
    struct err *err)
{
	auto_entries struct entries all = { 0 };
	struct entry e;
	git_oid id;
	size_t i = 0;
	int rc;

	if (t->ops->find(t, path, &e, err) == -1)
		return -1;
	e.path = (char *)path;
	if (e.kind != ENTRY_DIR)
		rc = blob_id(t, &e, &id, err);
	else if (t->ops->list(t, path, &all, err) == -1)
		return -1;
	else
		rc = fold(
		    t, &all, &i, path[0] ? strlen(path) + 1 : 0, &id, err);
	if (rc == 0)
		git_oid_tostr(ret, 65, &id);
	return rc;
}
