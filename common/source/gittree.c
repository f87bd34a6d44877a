/*
 * The tree of one commit, read from the object database of the mirror.
 *
 * Each tree has its own handle on the mirror: the source may fetch in
 * another thread meanwhile. libgit2 handles are not to be shared, so a mutex
 * makes the threads that read the same tree take turns.
 */

#include "common/source/git.h"
#include "common/source/mirror.h"
#include "common/source/tree.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct gittree {
	struct tree tree; /* first: they are cast into each other */
	char *mirror;
	git_repository *repo;
	git_odb *odb;
	git_tree *root;
	pthread_mutex_t lock;
};

static struct gittree *
of(const struct tree *t)
{
	return (struct gittree *)t;
}

static void
unlock(pthread_mutex_t **m)
{
	must(pthread_mutex_unlock(*m) == 0);
}

static pthread_mutex_t *
lock(struct gittree *g)
{
	must(pthread_mutex_lock(&g->lock) == 0);
	return &g->lock;
}

#define auto_unlock __attribute__((cleanup(unlock), unused))

/* What Git's tree names but the mirror cannot give is damage. */
static int
damaged(struct gittree *g, int rc, const char *path, struct err *err)
{
	mirror_mark_damaged(g->mirror);
	git_fail(err, rc, "cannot read", path);
	err->kind = ERR_TRANSIENT;
	return err_wrap(err,
	    "the mirror %s is damaged, the next fetch makes it anew",
	    g->mirror);
}

static enum entry_kind
kind_of(const git_tree_entry *e)
{
	/* Old trees hold modes like 0100664: Git reads them by these bits. */
	unsigned mode = git_tree_entry_filemode_raw(e);

	switch (mode & 0170000) {
	case GIT_FILEMODE_TREE:
		return ENTRY_DIR;
	case GIT_FILEMODE_LINK:
		return ENTRY_LINK;
	case GIT_FILEMODE_COMMIT:
		return ENTRY_MODULE;
	default:
		return mode & 0100 ? ENTRY_EXEC : ENTRY_FILE;
	}
}

static int
size_of(struct gittree *g, const git_oid *id, const char *path,
    size_t *ret_size, struct err *err)
{
	git_object_t type;
	int rc = git_odb_read_header(ret_size, &type, g->odb, id);

	return rc == 0 ? 0 : damaged(g, rc, path, err);
}

/* The entry at a path; the root has none, so "" must not come here. */
static int
entry_at(
    struct gittree *g, const char *path, git_tree_entry **ret, struct err *err)
{
	int rc = git_tree_entry_bypath(ret, g->root, path);

	if (rc == GIT_ENOTFOUND)
		return err_set(err, ERR_ABSENT, "%s: no such file in %s", path,
		    g->tree.revision);
	return rc == 0 ? 0 : damaged(g, rc, path, err);
}

static int
git_find(
    const struct tree *t, const char *path, struct entry *ret, struct err *err)
{
	struct gittree *g = of(t);
	auto_unlock pthread_mutex_t *held = lock(g);
	auto_of(git_tree_entry_free) git_tree_entry *e = NULL;

	*ret = (struct entry){ .kind = ENTRY_DIR };
	if (path[0] == 0)
		return 0;
	if (entry_at(g, path, &e, err) == -1)
		return -1;
	ret->kind = kind_of(e);
	if (ret->kind == ENTRY_FILE || ret->kind == ENTRY_EXEC)
		return size_of(g, git_tree_entry_id(e), path, &ret->size, err);
	return 0;
}

static int list_tree(struct gittree *, const git_tree *, const char *dir,
    int depth, struct entries *, struct err *);

static int
list_dir(struct gittree *g, const git_oid *id, const char *dir, int depth,
    struct entries *ret, struct err *err)
{
	auto_of(git_tree_free) git_tree *tree = NULL;
	int rc;

	if (depth == DEPTH_MAX)
		return err_set(err, ERR_INPUT,
		    "%s: more than %d directories deep", dir, DEPTH_MAX);
	rc = git_tree_lookup(&tree, g->repo, id);
	if (rc != 0)
		return damaged(g, rc, dir, err);
	return list_tree(g, tree, dir, depth + 1, ret, err);
}

/* Git's own tools never make such names; somebody else's might. */
static bool
is_hostile(const char *name)
{
	return name[0] == 0 || strchr(name, '/') != NULL ||
	       strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	       strcasecmp(name, ".git") == 0;
}

static int
list_entry(struct gittree *g, const git_tree_entry *e, const char *dir,
    int depth, struct entries *ret, struct err *err)
{
	auto_free char *path = tree_join(dir, git_tree_entry_name(e));
	const git_oid *id = git_tree_entry_id(e);
	enum entry_kind kind = kind_of(e);
	size_t size = 0;

	if (is_hostile(git_tree_entry_name(e)))
		return err_set(err, ERR_INPUT,
		    "%s: no file can have this name; look who made %s", path,
		    g->tree.revision);
	if (kind == ENTRY_DIR)
		return list_dir(g, id, path, depth, ret, err);
	if ((kind == ENTRY_FILE || kind == ENTRY_EXEC) &&
	    size_of(g, id, path, &size, err) == -1)
		return -1;
	return entries_add(ret, path, kind, size, err);
}

/* Git sorts a directory as "name/": walking it gives whole-path order. */
static int
list_tree(struct gittree *g, const git_tree *tree, const char *dir, int depth,
    struct entries *ret, struct err *err)
{
	for (size_t i = 0; i < git_tree_entrycount(tree); i++) {
		const git_tree_entry *e = git_tree_entry_byindex(tree, i);

		if (list_entry(g, e, dir, depth, ret, err) == -1)
			return -1;
	}
	return 0;
}

static int
git_list(
    const struct tree *t, const char *dir, struct entries *ret, struct err *err)
{
	struct gittree *g = of(t);
	auto_unlock pthread_mutex_t *held = lock(g);
	auto_of(git_tree_entry_free) git_tree_entry *e = NULL;

	if (dir[0] == 0)
		return list_tree(g, g->root, "", 0, ret, err);
	if (entry_at(g, dir, &e, err) == -1)
		return -1;
	if (kind_of(e) != ENTRY_DIR)
		return err_set(err, ERR_INPUT, "%s: is no directory in %s", dir,
		    t->revision);
	return list_dir(g, git_tree_entry_id(e), dir, 0, ret, err);
}

static int
git_read(const struct tree *t, const char *path, size_t max, struct buf *ret,
    struct err *err)
{
	struct gittree *g = of(t);
	auto_unlock pthread_mutex_t *held = lock(g);
	auto_of(git_tree_entry_free) git_tree_entry *e = NULL;
	auto_of(git_odb_object_free) git_odb_object *blob = NULL;
	enum entry_kind kind = ENTRY_DIR;
	size_t size;
	int rc;

	if (path[0] != 0 && entry_at(g, path, &e, err) == -1)
		return -1;
	if (e != NULL)
		kind = kind_of(e);
	if (kind == ENTRY_LINK)
		return tree_is_link(err, path);
	if (kind != ENTRY_FILE && kind != ENTRY_EXEC)
		return err_set(err, ERR_INPUT, "%s: is no file in %s",
		    path[0] ? path : ".", t->revision);
	if (size_of(g, git_tree_entry_id(e), path, &size, err) == -1)
		return -1;
	if (size > max)
		return tree_too_large(err, path, size, max);
	rc = git_odb_read(&blob, g->odb, git_tree_entry_id(e));
	if (rc != 0)
		return damaged(g, rc, path, err);
	buf_add(ret, git_odb_object_data(blob), git_odb_object_size(blob));
	return 0;
}

static int
git_id(const struct tree *t, const char *path, char ret[static 65],
    struct err *err)
{
	struct gittree *g = of(t);
	auto_unlock pthread_mutex_t *held = lock(g);
	auto_of(git_tree_entry_free) git_tree_entry *e = NULL;

	if (path[0] != 0 && entry_at(g, path, &e, err) == -1)
		return -1;
	git_oid_tostr(
	    ret, 65, e == NULL ? git_tree_id(g->root) : git_tree_entry_id(e));
	return 0;
}

static void
git_free(struct tree *t)
{
	struct gittree *g = of(t);

	git_tree_free(g->root);
	git_odb_free(g->odb);
	git_repository_free(g->repo);
	pthread_mutex_destroy(&g->lock);
	free(g->mirror);
	free(g);
}

static const struct tree_ops ops = {
	.free = git_free,
	.find = git_find,
	.list = git_list,
	.read = git_read,
	.id = git_id,
};

static int
open_root(struct gittree *g, const char *hex)
{
	auto_of(git_commit_free) git_commit *commit = NULL;
	git_oid id;
	int rc = git_repository_open_bare(&g->repo, g->mirror);

	if (rc == 0)
		rc = git_repository_odb(&g->odb, g->repo);
	if (rc == 0)
		rc = git_oid_fromstr(&id, hex);
	if (rc == 0)
		rc = git_commit_lookup(&commit, g->repo, &id);
	if (rc == 0)
		rc = git_commit_tree(&g->root, commit);
	return rc;
}

int
tree_of_commit(const char *mirror, const char *branch, const char *hex,
    struct tree **ret, struct err *err)
{
	auto_of(tree_free) struct tree *t = NULL;
	struct gittree *g = mem_of(struct gittree);
	int rc;

	t = &g->tree;
	t->ops = &ops;
	g->mirror = mem_str(mirror);
	must(pthread_mutex_init(&g->lock, NULL) == 0);
	must(snprintf(t->revision, sizeof(t->revision), "%s@sha1:%s", branch,
		 hex) < (int)sizeof(t->revision));
	rc = open_root(g, hex);
	if (rc != 0)
		return damaged(g, rc, hex, err);
	*ret = mem_move(&t);
	return 0;
}
