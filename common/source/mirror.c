/* The bare mirror in the state directory: see mirror.h. */

#include "common/source/mirror.h"
#include "common/base/text.h"
#include "common/source/tree.h"
#include "common/source/url.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum whose { NOBODYS, OURS, FOREIGN };

static bool
is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	if (d == NULL)
		return false;
	while ((e = readdir(d)) != NULL)
		n += strcmp(e->d_name, ".") != 0 &&
		     strcmp(e->d_name, "..") != 0;
	closedir(d);
	return n == 0;
}

static enum whose
whose(const char *dir)
{
	auto_free char *mark = mem_fmt("%s/" MIRROR_MARK, dir);
	struct stat st;

	if (lstat(mark, &st) == 0 && S_ISREG(st.st_mode))
		return OURS;
	if (lstat(dir, &st) == -1 && errno == ENOENT)
		return NOBODYS;
	return is_empty(dir) ? NOBODYS : FOREIGN;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	/* the mark goes last, so that an interrupted removal goes on */
	if (at->level == 1 && text_ends(path, "/" MIRROR_MARK))
		return 0;
	return at->level == 0 ? 0 : remove(path);
}

static int
remove_mirror(const char *dir, struct err *err)
{
	auto_free char *mark = mem_fmt("%s/" MIRROR_MARK, dir);

	if (nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0 ||
	    unlink(mark) == -1)
		return err_errno(err, "cannot remove the old mirror %s", dir);
	return 0;
}

static int
make_dirs(const char *dir, struct err *err)
{
	auto_free char *path = mem_str(dir);

	for (char *s = path + 1;; s++) {
		char c = *s;

		if (c != '/' && c != 0)
			continue;
		*s = 0;
		if (mkdir(path, 0700) == -1 && errno != EEXIST)
			return err_errno(err, "cannot make %s", path);
		*s = c;
		if (c == 0)
			return 0;
	}
}

static int
write_mark(const char *dir, const char *url, struct err *err)
{
	auto_free char *path = mem_fmt("%s/" MIRROR_MARK, dir);
	auto_fd int fd = open(
	    path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t n = strlen(url);

	if (fd == -1 || write(fd, url, n) != (ssize_t)n)
		return err_errno(err, "cannot write %s", path);
	return 0;
}

static bool
mark_says(const char *dir, const char *url)
{
	auto_free char *path = mem_fmt("%s/" MIRROR_MARK, dir);
	size_t want = strlen(url);
	auto_free char *text = mem_new(want + 2);
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd != -1 && read(fd, text, want + 1) == (ssize_t)want &&
	       memcmp(text, url, want) == 0;
}

static int
make(const char *dir, const char *url, git_repository **ret, struct err *err)
{
	git_repository_init_options opts;
	int rc;

	must(git_repository_init_options_init(
		 &opts, GIT_REPOSITORY_INIT_OPTIONS_VERSION) == 0);
	opts.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_NO_REINIT |
		     GIT_REPOSITORY_INIT_MKDIR;
	if (make_dirs(dir, err) == -1 || write_mark(dir, url, err) == -1)
		return -1;
	rc = git_repository_init_ext(ret, dir, &opts);
	if (rc != 0)
		return git_fail(err, rc, "cannot make the mirror", dir);
	return 0;
}

/* What a crash left behind: lock files stop libgit2 for ever. */
static void
sweep(const char *dir, const char *branch)
{
	auto_free char *ref = mem_fmt("%s/refs/heads/%s.lock", dir, branch);
	auto_free char *packed = mem_fmt("%s/packed-refs.lock", dir);
	auto_free char *packs = mem_fmt("%s/objects/pack", dir);
	DIR *d = opendir(packs);
	struct dirent *e;

	unlink(ref);
	unlink(packed);
	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' && !text_ends(e->d_name, ".pack") &&
		    !text_ends(e->d_name, ".idx"))
			unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
}

static bool
usable(git_repository *repo, const char *branch)
{
	char hex[65];
	git_oid id;

	mirror_tip(repo, branch, hex);
	if (hex[0] == 0)
		return true;
	return git_oid_fromstr(&id, hex) == 0 &&
	       mirror_check(repo, &id, true) == 0;
}

/* The branch of yesterday's settings: its name may be in the way ("a" of
 * "a/b"). */
static void
drop_others(git_repository *repo, const char *branch)
{
	git_strarray all = { 0 };
	auto_free char *keep = mem_fmt("refs/heads/%s", branch);

	if (git_reference_list(&all, repo) != 0)
		return;
	for (size_t i = 0; i < all.count; i++)
		if (strcmp(all.strings[i], keep) != 0)
			git_reference_remove(repo, all.strings[i]);
	git_strarray_dispose(&all);
}

int
mirror_open(const char *dir, const char *url, const char *branch,
    git_repository **ret, struct err *err)
{
	auto_of(git_repository_free) git_repository *repo = NULL;
	auto_free char *shown = url_shown(url);
	enum whose owner = whose(dir);

	if (owner == FOREIGN)
		return err_set(err, ERR_INPUT,
		    "%s: holds files that are no mirror of convergd; give "
		    "another state directory or empty this one",
		    dir);
	if (owner == NOBODYS)
		return make(dir, shown, ret, err);
	sweep(dir, branch);
	if (mark_says(dir, shown) && !mirror_is_damaged(dir) &&
	    git_repository_open_bare(&repo, dir) == 0 && usable(repo, branch)) {
		drop_others(repo, branch);
		*ret = mem_move(&repo);
		return 0;
	}
	if (remove_mirror(dir, err) == -1)
		return -1;
	return make(dir, shown, ret, err);
}

void
mirror_mark_damaged(const char *dir)
{
	auto_free char *path = mem_fmt("%s/" MIRROR_DAMAGED, dir);
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	(void)fd; /* if it cannot be written, starting again checks all */
}

bool
mirror_is_damaged(const char *dir)
{
	auto_free char *path = mem_fmt("%s/" MIRROR_DAMAGED, dir);

	return access(path, F_OK) == 0;
}

void
mirror_stamp(const char *dir, struct mirror_stamp *ret)
{
	auto_free char *mark = mem_fmt("%s/" MIRROR_MARK, dir);
	struct stat st;

	*ret = (struct mirror_stamp){ .sec = 0 };
	if (lstat(mark, &st) == 0)
		*ret = (struct mirror_stamp){ st.st_dev, st.st_ino,
			st.st_ctim.tv_sec, st.st_ctim.tv_nsec };
}

bool
mirror_is_same(const char *dir, const struct mirror_stamp *then)
{
	struct mirror_stamp now;

	mirror_stamp(dir, &now);
	return now.device == then->device && now.inode == then->inode &&
	       now.sec == then->sec && now.nsec == then->nsec;
}

void
mirror_tip(git_repository *repo, const char *branch, char ret[static 65])
{
	auto_free char *name = mem_fmt("refs/heads/%s", branch);
	git_oid id;

	ret[0] = 0;
	if (git_reference_name_to_id(&id, repo, name) == 0)
		git_oid_tostr(ret, 65, &id);
}

struct check {
	git_repository *repo;
	git_odb *odb;
	bool content;
	size_t left; /* bounds the work */
};

static int check_tree(struct check *, const git_oid *, int depth);

static int
check_entry(struct check *c, const git_tree_entry *e, int depth)
{
	auto_of(git_odb_object_free) git_odb_object *object = NULL;
	const git_oid *id = git_tree_entry_id(e);

	if (git_tree_entry_type(e) == GIT_OBJECT_TREE)
		return check_tree(c, id, depth + 1);
	if (git_tree_entry_type(e) != GIT_OBJECT_BLOB)
		return 0; /* a submodule: its commit is elsewhere */
	if (!c->content)
		return git_odb_exists(c->odb, id) ? 0 : GIT_ENOTFOUND;
	return git_odb_read(&object, c->odb, id); /* compares the hash */
}

/* What is beyond the bounds is not checked: listing it is refused anyway. */
static int
check_tree(struct check *c, const git_oid *id, int depth)
{
	auto_of(git_tree_free) git_tree *tree = NULL;
	int rc = depth > DEPTH_MAX ? 0 : git_tree_lookup(&tree, c->repo, id);

	if (tree == NULL)
		return rc;
	for (size_t i = 0; i < git_tree_entrycount(tree) && c->left > 0; i++) {
		c->left--;
		rc = check_entry(c, git_tree_entry_byindex(tree, i), depth);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int
mirror_check(git_repository *repo, const git_oid *id, bool content)
{
	auto_of(git_odb_free) git_odb *odb = NULL;
	auto_of(git_commit_free) git_commit *commit = NULL;
	struct check c = { repo, NULL, content, ENTRIES_MAX };
	int rc = git_repository_odb(&odb, repo);

	c.odb = odb;
	if (rc == 0)
		rc = git_commit_lookup(&commit, repo, id);
	if (rc == 0)
		rc = check_tree(&c, git_commit_tree_id(commit), 0);
	return rc;
}

int
mirror_set_tip(git_repository *repo, const char *branch, const git_oid *id,
    struct err *err)
{
	auto_of(git_reference_free) git_reference *ref = NULL;
	auto_free char *name = mem_fmt("refs/heads/%s", branch);
	int rc = git_reference_create(&ref, repo, name, id, 1, NULL);

	if (rc != 0)
		return git_fail(err, rc, "cannot write to the mirror",
		    git_repository_path(repo));
	return 0;
}

bool
mirror_is_forced(git_repository *repo, const git_oid *tip, const git_oid *old)
{
	return !git_oid_equal(tip, old) &&
	       git_graph_descendant_of(repo, tip, old) == 0;
}
