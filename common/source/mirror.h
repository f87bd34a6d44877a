/*
 * The bare mirror: a directory that is ours alone, with one file of ours in
 * it (MIRROR_MARK, the URL it mirrors). Only a directory with that file is
 * ever deleted. One thread at a time, except where it is said.
 */
#ifndef COMMON_SOURCE_MIRROR_H
#define COMMON_SOURCE_MIRROR_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "common/source/git.h"

#define MIRROR_MARK    "convergd-mirror"
#define MIRROR_DAMAGED "convergd-damaged"

/*
 * Opens the mirror of url, or makes an empty one: when there is none, when it
 * mirrors another URL, when it is marked as damaged or when what `branch`
 * points to cannot be read. A directory of somebody else is an error.
 */
int mirror_open(const char *dir, const char *url, const char *branch,
    git_repository **ret, struct err *);

/* A reader met an object that is missing or wrong. Any thread. */
void mirror_mark_damaged(const char *dir);
bool mirror_is_damaged(const char *dir);

/* What tells this mirror from another one that was put in its place; all 0
 * when there is none. */
struct mirror_stamp {
	dev_t device;
	ino_t inode;
	time_t sec;
	long nsec;
};
void mirror_stamp(const char *dir, struct mirror_stamp *ret);
bool mirror_is_same(const char *dir, const struct mirror_stamp *);

/* Hex of the branch's tip; "" if the mirror has none. */
void mirror_tip(git_repository *, const char *branch, char ret[static 65]);
/* Is every object there that the commit's tree names, and (with content) is
 * it what its id says? 0 or libgit2's code. */
int mirror_check(git_repository *, const git_oid *commit, bool content);
/* Moves the branch; whatever it pointed to before is forgotten. */
int mirror_set_tip(
    git_repository *, const char *branch, const git_oid *, struct err *);
/*
 * Joins packs when there are many. True: some were removed, so handles must
 * be opened again. Trees of the last 50 revisions stay readable.
 */
bool mirror_compact(git_repository *, const git_oid *tip);

/* Is `old` certainly no ancestor of `tip`? False when history is cut. */
bool mirror_is_forced(git_repository *, const git_oid *tip, const git_oid *old);

#endif
