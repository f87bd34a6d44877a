/*
 * The manifests that a verb works on: a directory, or a branch of a Git
 * repository fetched into a temporary mirror, compiled. One thread.
 */
#ifndef CLI_LOAD_H
#define CLI_LOAD_H

#include "cli/cli.h"
#include "common/manifest/compile.h"
#include "common/source/source.h"

struct loaded {
	struct source *source; /* of a repository, or NULL */
	struct tree *tree;
	char *mirror; /* temporary directory, or NULL */
	char *path;   /* of the manifests within the tree */
	char *prefix; /* of file names in messages, or NULL */
	struct compiled compiled;
};

/* Any may be NULL: ".", "main", the whole source. */
struct load_from {
	const char *source, *branch, *dir;
};

/*
 * Reads and compiles what --source and the first word name. Returns EXIT_OK
 * also when manifests are wrong: load_errors tells. Release with
 * loaded_free either way.
 */
int load(const struct args *, struct loaded *ret);
int load_from(const struct load_from *, struct loaded *ret);
void loaded_free(struct loaded *);

/*
 * Prints every error of the source and of the architecture called `only`
 * (NULL: all) on standard error, with their count. Returns the count.
 */
size_t load_errors(const struct loaded *, const char *only);

#endif
