/*
 * Getting a branch into the mirror. The objects arrive; moving the branch is
 * the caller's. One thread; both block.
 */
#ifndef COMMON_SOURCE_FETCH_H
#define COMMON_SOURCE_FETCH_H

#include "common/source/git.h"
#include "common/source/source.h"

struct fetch {
	const struct source_settings *settings;
	git_repository *mirror;
	const char *have; /* hex of the mirror's tip, "" if none */
	const char *path; /* of a local repository, else NULL */
};

/* Settings that hold for the process: the CA bundle. */
int fetch_prepare(const struct source_settings *, struct err *);
/* Both set *ret to the branch's tip; ERR_ABSENT names what there is. */
int fetch_local(const struct fetch *, git_oid *ret, struct err *);
int fetch_remote(const struct fetch *, git_oid *ret, struct err *);

/* "the repository x has no branch y; it has a, b"; -1 */
int fetch_no_branch(
    const struct fetch *, const struct buf *names, size_t n, struct err *);
/* Adds what to do to libgit2's text; -1. */
int fetch_hint(struct err *);
/* Adds a branch's name to that list, up to a bound. */
void fetch_add_branch(struct buf *names, size_t *n, const char *name);

#endif
