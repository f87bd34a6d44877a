/*
 * A revision: the tree of one commit and what it compiled to.
 *
 * Shared by the passes that use it and by whoever wants it next; the last
 * one frees it. Compiling reads many files, so a worker does it. Counting
 * and all else is the loop's thread.
 */
#ifndef DAEMON_REVISION_H
#define DAEMON_REVISION_H

#include "common/manifest/compile.h"

struct pool;
struct revision;

/* Compiles in the pool and then calls done on the loop's thread, which owns
 * the revision. path: of the manifests within the tree; copied. */
struct revision_job {
	struct pool *pool;
	const struct registry *registry;
	const char *path;
	struct tree *take_tree;
	double committed; /* wall time; 0: unknown */
	void (*done)(void *arg, struct revision *);
	void *arg;
};
/* The result is the pool's until done; it is returned so that shutdown can
 * free it once the pool is gone. */
struct revision *revision_compile(const struct revision_job *);

struct revision *revision_share(struct revision *);
void revision_free(struct revision *); /* one share of it */
AUTO_DEFINE(struct revision, revision_free)

const char *revision_name(const struct revision *);
const struct tree *revision_tree(const struct revision *);
double revision_committed(const struct revision *);
struct compiled *revision_compiled(struct revision *);

#endif
