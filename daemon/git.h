/*
 * Follows the source: polls with jitter, backs off when it fails, watches a
 * local repository. Fetching blocks, so it runs in a pool with one worker.
 *
 * The last good revision stays in force whatever happens here. Owner: the
 * daemon; loop's thread.
 */
#ifndef DAEMON_GIT_H
#define DAEMON_GIT_H

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/js.h"
#include "common/base/mem.h"

struct ev_loop;
struct git;
struct pool;
struct settings;
struct tree;

/* What one fetch came to. Borrowed for the call, but for the tree. */
struct git_news {
	struct tree *take_tree; /* NULL: the revision is the one known */
	const char *revision;
	bool forced;           /* history was rewritten */
	const char *old;       /* then the hex that was thrown away */
	double committed;      /* wall time of the commit; 0: unknown */
	const json_t *commit;  /* {sha, author, time, subject}, or NULL */
	double seconds;        /* the fetch took */
	const struct err *err; /* NULL: it succeeded */
};

struct git_options {
	struct ev_loop *loop;
	struct pool *pool;
	const char *mirror; /* borrowed as long as the git lives */
	void (*news)(void *arg, struct git_news *);
	void *arg;
};

/* Nothing happens before git_follow. */
struct git *git_new(const struct git_options *);
/* From now on this source; settings are copied. Fetches at once. */
void git_follow(struct git *, const struct settings *);
/* Fetches now, or again when a fetch is under way. */
void git_kick(struct git *);
/* Counts fetches: one that begins after this call has a greater number. */
unsigned long git_started(const struct git *);
/* The number of the newest fetch that has ended. */
unsigned long git_ended(const struct git *);
bool git_busy(const struct git *);
/* No further fetch starts. */
void git_stop(struct git *);
/* Its pool must be gone by then. */
void git_free(struct git *);
AUTO_DEFINE(struct git, git_free)

#endif
