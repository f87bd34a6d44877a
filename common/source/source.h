/*
 * Where manifests and code come from: a Git repository, or a directory.
 *
 * A tree is the read-only content of one revision. Manifests and code are
 * read from Git's object database, never from a work tree, so links and ".."
 * cannot lead outside. A tree may be read by several threads; a source
 * belongs to one thread at a time (fetching blocks: run it in a pool).
 */
#ifndef COMMON_SOURCE_SOURCE_H
#define COMMON_SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/js.h"
#include "common/base/mem.h"

struct tree;
struct source;

/* ---- tree ---- */

/* A plain directory as it is now ("worktree"), .git left out. */
int tree_of_directory(const char *path, struct tree **ret, struct err *);
void tree_free(struct tree *);
AUTO_DEFINE(struct tree, tree_free)
/* "main@sha1:1f3c9ae..." or "worktree" */
const char *tree_revision(const struct tree *);

/* Every file below dir ("." for all) in byte order of the paths: 0 to go on.
 * Paths are relative to the tree's root. Symbolic links are listed, but cannot
 * be read; submodules are left out; a name that is not UTF-8 is an error. */
int tree_walk(const struct tree *, const char *dir,
    int (*file)(void *arg, const char *path, size_t size), void *arg,
    struct err *);
/* One file; more than max bytes is an error that says both numbers. */
int tree_read(const struct tree *, const char *path, size_t max,
    struct buf *ret, struct err *);
bool tree_has(const struct tree *, const char *path); /* file or directory */
/* Git's id of the file or directory; for a directory source the id that Git
 * would give. Decides whether code changed. */
int tree_id(
    const struct tree *, const char *path, char ret[static 65], struct err *);
/*
 * A zip of the file or directory that depends on nothing but its content:
 * entries in byte order, one fixed time, modes 0644 or 0755, one
 * compression level. Same tree, same bytes. Links are an error that names
 * them; bounded at 250 MiB unpacked, as Lambda is.
 */
int tree_pack(
    const struct tree *, const char *path, struct buf *ret_zip, struct err *);

/* ---- source ---- */

struct source_settings {
	const char *url; /* path, file://, https://, ssh://, git@host:path */
	const char *branch;
	const char *mirror; /* directory of the bare mirror, ours */
	/* credentials, any may be NULL */
	const char *username, *password; /* https: token or basic */
	const char *ca_bundle;
	const char *ssh_key, *ssh_public_key, *ssh_passphrase;
	const char *known_hosts; /* checked; NULL: ~/.ssh/known_hosts */
	double timeout_sec;      /* of one fetch; 0: 60 */
};

/* Opens or creates the mirror; a broken or foreign mirror is made anew. */
int source_new(
    const struct source_settings *, struct source **ret, struct err *);
void source_free(struct source *);
AUTO_DEFINE(struct source, source_free)

struct fetched {
	char revision[160]; /* "main@sha1:<hex>", "" after a failure */
	bool changed;       /* the branch moved (or this is the first fetch) */
	bool forced;        /* the old tip is no ancestor of the new one */
	char old[65];       /* hex of the old tip, "" if none */
};
/*
 * Gets the branch. On failure the mirror keeps the last good revision; a
 * repository without the branch, or without any commit, is ERR_ABSENT and
 * the text names the branches that exist.
 */
int source_fetch(struct source *, struct fetched *ret, struct err *);
/* The newest revision that the mirror has. */
int source_tree(struct source *, struct tree **ret, struct err *);
/* A commit of the mirror: {sha, author, time, subject}. */
int source_commit(struct source *, const char *hex, json_t **ret, struct err *);
/*
 * For a local repository its git directory, else NULL; borrowed. NULL too
 * while the repository cannot be opened: ask again after a fetch. A push
 * renames a file in <dir>/refs/heads (for a branch "a/b" in
 * <dir>/refs/heads/a), "git pack-refs" renames <dir>/packed-refs: watch both
 * directories for IN_MOVED_TO, IN_CREATE and IN_DELETE, then fetch.
 */
const char *source_watch_path(const struct source *);

#endif
