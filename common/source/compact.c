/*
 * Every fetch leaves a pack, and libgit2 collects no garbage. When there are
 * many, one new pack takes all that the branch reaches. The packs that it
 * replaces go with the next compaction: a tree in force may have them open.
 */

#include "common/base/buf.h"
#include "common/base/text.h"
#include "common/source/mirror.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PACKS_MAX  50
#define LIST_MAX   (1 << 20)
#define SUPERSEDED "convergd-superseded"

/* Names of packs without their endings: "pack-1 pack-2". */
static void
list_packs(const char *dir, struct buf *ret, size_t *ret_n)
{
	DIR *d = opendir(dir);
	const struct dirent *e;

	*ret_n = 0;
	while (d != NULL && (e = readdir(d)) != NULL) {
		size_t n = strlen(e->d_name);

		if (!text_ends(e->d_name, ".pack"))
			continue;
		buf_add(ret, e->d_name, n - strlen(".pack"));
		buf_addc(ret, ' ');
		++*ret_n;
	}
	if (d != NULL)
		closedir(d);
}

static void
read_list(const char *path, struct buf *ret)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	buf_reserve(ret, LIST_MAX);
	n = fd == -1 ? 0 : read(fd, ret->data, LIST_MAX);
	ret->len = n > 0 ? (size_t)n : 0;
	ret->data[ret->len] = 0;
}

static bool
write_list(const char *path, const struct buf *list)
{
	auto_free char *next = mem_fmt("%s.new", path);
	auto_fd int fd = open(
	    next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return fd != -1 &&
	       write(fd, list->data, list->len) == (ssize_t)list->len &&
	       rename(next, path) == 0;
}

/* How many of these packs are in neither list yet to be removed. */
static size_t
count_not_in(const struct buf *packs, const struct buf *list)
{
	size_t count = 0;

	words_each (packs->data, w, n) {
		auto_free char *name = mem_strn(w, n);

		count += !words_has(list->data, name);
	}
	return count;
}

static void
remove_packs(const char *dir, const struct buf *list)
{
	words_each (list->data, w, n) {
		auto_free char *idx = mem_fmt("%s/%.*s.idx", dir, (int)n, w);
		auto_free char *pack = mem_fmt("%s/%.*s.pack", dir, (int)n, w);

		/* only what is in this directory, whatever the list says */
		if (memchr(w, '/', n) != NULL)
			continue;
		unlink(idx);
		unlink(pack);
	}
}

/* All that the branch reaches in one pack; its name goes to *ret. */
static bool
write_all(
    git_repository *repo, const char *dir, const git_oid *tip, struct buf *ret)
{
	auto_of(git_revwalk_free) git_revwalk *walk = NULL;
	auto_of(git_packbuilder_free) git_packbuilder *pack = NULL;

	if (git_revwalk_new(&walk, repo) != 0 ||
	    git_revwalk_push(walk, tip) != 0 ||
	    git_packbuilder_new(&pack, repo) != 0 ||
	    git_packbuilder_insert_walk(pack, walk) != 0 ||
	    git_packbuilder_write(pack, dir, 0, NULL, NULL) != 0)
		return false;
	buf_addf(ret, "pack-%s", git_packbuilder_name(pack));
	return true;
}

/* The old packs but the new one, and but those that are gone. */
static void
supersede(const struct buf *packs, const struct buf *gone, const char *fresh,
    struct buf *ret)
{
	words_each (packs->data, w, n) {
		auto_free char *name = mem_strn(w, n);

		if (strcmp(name, fresh) != 0 && !words_has(gone->data, name))
			buf_addf(ret, "%s ", name);
	}
}

bool
mirror_compact(git_repository *repo, const git_oid *tip)
{
	const char *root = git_repository_path(repo);
	auto_free char *dir = mem_fmt("%sobjects/pack", root);
	auto_free char *path = mem_fmt("%s" SUPERSEDED, root);
	auto_buf struct buf packs = BUF_INIT, old = BUF_INIT, next = BUF_INIT;
	auto_buf struct buf fresh = BUF_INIT;
	size_t n;

	list_packs(dir, &packs, &n);
	if (n < PACKS_MAX)
		return false;
	read_list(path, &old);
	if (count_not_in(&packs, &old) < PACKS_MAX ||
	    !write_all(repo, dir, tip, &fresh))
		return false;
	supersede(&packs, &old, fresh.data, &next);
	if (!write_list(path, &next))
		return false;
	remove_packs(dir, &old);
	return true;
}
