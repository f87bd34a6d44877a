/*
 * The tree of a plain directory, as it is now.
 *
 * Every path is opened one component at a time without following links, from
 * a descriptor of the root, so nothing outside can be reached, not even by a
 * directory that is exchanged for a link meanwhile. Inside a Git work tree,
 * what .gitignore excludes and Git does not track is left out. Files are
 * taken as they are: no line ending conversion, no filters. A repository in
 * the repository counts as a submodule.
 */

#include "common/source/git.h"
#include "common/source/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct dirtree {
	struct tree tree; /* first: they are cast into each other */
	char *path;       /* for texts */
	int root;
	/* below: NULL outside of a work tree; libgit2 is under the lock */
	git_repository *repo;
	git_index *index;
	char *prefix; /* of the root inside the work tree: "" or "a/b/" */
	pthread_mutex_t lock;
};

static struct dirtree *
of(const struct tree *t)
{
	return (struct dirtree *)t;
}

static int
fail(struct err *err, const char *path, const struct dirtree *d)
{
	bool absent = errno == ENOENT || errno == ENOTDIR;

	if (strcmp(d->path, ".") == 0)
		err_errno(err, "%s", path[0] ? path : ".");
	else
		err_errno(err, "%s in %s", path[0] ? path : ".", d->path);
	if (absent)
		err->kind = ERR_ABSENT;
	return -1;
}

/* A descriptor of the directory that holds path; *ret_name is the last
 * component of path, or "." for the root. -1 and errno */
static int
open_parent(const struct dirtree *d, const char *path, const char **ret_name)
{
	int fd = fcntl(d->root, F_DUPFD_CLOEXEC, 0);
	const char *slash;

	while (fd != -1 && (slash = strchr(path, '/')) != NULL) {
		auto_free char *name = mem_strn(path, (size_t)(slash - path));
		auto_fd int up = fd;

		fd = openat(
		    up, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		path = slash + 1;
	}
	*ret_name = path[0] == 0 ? "." : path;
	return fd;
}

static int
open_at(const struct dirtree *d, const char *path, int flags)
{
	const char *name;
	auto_fd int dir = open_parent(d, path, &name);

	if (dir == -1)
		return -1;
	return openat(
	    dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags);
}

static int
stat_at(const struct dirtree *d, const char *path, struct stat *ret)
{
	const char *name;
	auto_fd int dir = open_parent(d, path, &name);

	return dir == -1 ? -1 : fstatat(dir, name, ret, AT_SYMLINK_NOFOLLOW);
}

/* Does Git leave it out? Tracked files stay, whatever .gitignore says. */
static bool
ignored(const struct dirtree *d, const char *path, bool is_dir)
{
	auto_free char *full = NULL;
	int hit = 0;

	if (d->repo == NULL)
		return false;
	full = mem_fmt("%s%s%s", d->prefix, path, is_dir ? "/" : "");
	if (git_ignore_path_is_ignored(&hit, d->repo, full) != 0 || !hit)
		return false;
	if (is_dir)
		return git_index_find_prefix(NULL, d->index, full) != 0;
	return git_index_get_bypath(d->index, full, 0) == NULL;
}

static int
not_special(const struct dirent *e)
{
	return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
	       strcmp(e->d_name, ".git") != 0;
}

/* false: neither file, directory nor link */
static bool
kind_of(const struct stat *st, enum entry_kind *ret)
{
	if (S_ISDIR(st->st_mode))
		*ret = ENTRY_DIR;
	else if (S_ISLNK(st->st_mode))
		*ret = ENTRY_LINK;
	else if (S_ISREG(st->st_mode))
		*ret = st->st_mode & S_IXUSR ? ENTRY_EXEC : ENTRY_FILE;
	else
		return false;
	return true;
}

static int list_dir(const struct dirtree *, const char *dir, int depth,
    struct entries *, struct err *);

static int
list_entry(const struct dirtree *d, const char *path, int depth,
    struct entries *ret, struct err *err)
{
	auto_free char *git = mem_fmt("%s/.git", path);
	enum entry_kind kind;
	struct stat st, inner;

	if (stat_at(d, path, &st) == -1) /* gone since it was listed */
		return errno == ENOENT ? 0 : fail(err, path, d);
	if (!kind_of(&st, &kind) || ignored(d, path, kind == ENTRY_DIR))
		return 0;
	if (kind == ENTRY_DIR && stat_at(d, git, &inner) == -1)
		return list_dir(d, path, depth, ret, err);
	if (kind == ENTRY_DIR)
		kind = ENTRY_MODULE;
	return entries_add(
	    ret, path, kind, kind == ENTRY_LINK ? 0 : (size_t)st.st_size, err);
}

static int
list_open(const struct dirtree *d, DIR *stream, const char *dir, int depth,
    struct entries *ret, struct err *err)
{
	struct dirent *e;

	while (errno = 0, (e = readdir(stream)) != NULL) {
		auto_free char *path = tree_join(dir, e->d_name);

		if (not_special(e) &&
		    list_entry(d, path, depth, ret, err) == -1)
			return -1;
	}
	return errno == 0 ? 0 : fail(err, dir, d);
}

static int
list_dir(const struct dirtree *d, const char *dir, int depth,
    struct entries *ret, struct err *err)
{
	int fd = open_at(d, dir, O_DIRECTORY), rc;
	DIR *stream = fd == -1 ? NULL : fdopendir(fd);

	if (stream == NULL)
		return fail(err, dir, d);
	rc = depth < DEPTH_MAX
		 ? list_open(d, stream, dir, depth + 1, ret, err)
		 : err_set(err, ERR_INPUT, "%s: more than %d directories deep",
		       dir, DEPTH_MAX);
	closedir(stream);
	return rc;
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(
	    ((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

static int
dir_list(
    const struct tree *t, const char *dir, struct entries *ret, struct err *err)
{
	struct dirtree *d = of(t);
	int rc;

	must(pthread_mutex_lock(&d->lock) == 0);
	rc = list_dir(d, dir, 0, ret, err);
	must(pthread_mutex_unlock(&d->lock) == 0);
	if (ret->n > 0)
		qsort(ret->rows, ret->n, sizeof(*ret->rows), by_path);
	return rc;
}

static int
dir_find(
    const struct tree *t, const char *path, struct entry *ret, struct err *err)
{
	struct stat st;

	*ret = (struct entry){ .kind = ENTRY_DIR };
	if (stat_at(of(t), path, &st) == -1)
		return fail(err, path, of(t));
	if (!kind_of(&st, &ret->kind))
		return err_set(err, ERR_INPUT,
		    "%s: is neither a file nor a directory", path);
	ret->size = (size_t)st.st_size;
	return 0;
}

static int
read_all(int fd, const char *path, size_t max, struct buf *ret, struct err *err)
{
	size_t start = ret->len;
	ssize_t n;

	do {
		buf_reserve(ret, 65536);
		n = read(fd, ret->data + ret->len, 65536);
		if (n == -1)
			return err_errno(err, "%s", path);
		ret->len += (size_t)n;
		ret->data[ret->len] = 0;
		if (ret->len - start > max) /* grew while it was read */
			return tree_too_large(err, path, ret->len - start, max);
	} while (n > 0);
	return 0;
}

static int
dir_read(const struct tree *t, const char *path, size_t max, struct buf *ret,
    struct err *err)
{
	auto_fd int fd = open_at(of(t), path, 0);
	struct stat st;

	if (fd == -1 && errno == ELOOP)
		return tree_is_link(err, path);
	if (fd == -1 || fstat(fd, &st) == -1)
		return fail(err, path, of(t));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_INPUT, "%s: is no file in %s",
		    path[0] ? path : ".", of(t)->path);
	if ((size_t)st.st_size > max)
		return tree_too_large(err, path, (size_t)st.st_size, max);
	return read_all(fd, path, max, ret, err);
}

int
dirtree_link(
    const struct tree *t, const char *path, struct buf *ret, struct err *err)
{
	const char *name;
	auto_fd int dir = open_parent(of(t), path, &name);
	char target[4096];
	ssize_t n = dir == -1 ? -1
			      : readlinkat(dir, name, target, sizeof(target));

	if (n == -1)
		return fail(err, path, of(t));
	buf_add(ret, target, (size_t)n);
	return 0;
}

static void
dir_free(struct tree *t)
{
	struct dirtree *d = of(t);

	git_index_free(d->index);
	git_repository_free(d->repo);
	if (d->root != -1)
		close(d->root);
	pthread_mutex_destroy(&d->lock);
	free(d->prefix);
	free(d->path);
	free(d);
}

static const struct tree_ops ops = {
	.free = dir_free,
	.find = dir_find,
	.list = dir_list,
	.read = dir_read,
	.id = dirtree_id,
};

/* Outside of a work tree, or in one that does not read: no .gitignore. */
static void
find_repository(struct dirtree *d)
{
	auto_of(git_repository_free) git_repository *repo = NULL;
	auto_free char *real = realpath(d->path, NULL);
	const char *top;
	size_t n;

	if (real == NULL || git_repository_open_ext(&repo, real, 0, NULL) != 0)
		return;
	top = git_repository_workdir(repo); /* ends with a slash */
	n = top == NULL ? 0 : strlen(top);
	if (n == 0 || (strncmp(real, top, n) != 0 && strlen(real) + 1 != n) ||
	    git_repository_index(&d->index, repo) != 0)
		return;
	d->prefix = strlen(real) < n ? mem_str("") : mem_fmt("%s/", real + n);
	d->repo = mem_move(&repo);
}

int
tree_of_directory(const char *path, struct tree **ret, struct err *err)
{
	auto_of(tree_free) struct tree *t = NULL;
	struct dirtree *d = mem_of(struct dirtree);

	git_start();
	t = &d->tree;
	t->ops = &ops;
	snprintf(t->revision, sizeof(t->revision), "worktree");
	must(pthread_mutex_init(&d->lock, NULL) == 0);
	d->path = mem_str(path);
	d->root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->root == -1)
		return err_errno(err, "cannot open the directory %s", path);
	find_repository(d);
	*ret = mem_move(&t);
	return 0;
}
