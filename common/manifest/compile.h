/*
 * Compile: the files of a revision become graphs of desired resources.
 *
 * Pure but for reading the tree. Everything that is wrong in all files is
 * reported at once; a bad architecture has no graph, the others do.
 */
#ifndef COMMON_MANIFEST_COMPILE_H
#define COMMON_MANIFEST_COMPILE_H

#include "common/engine/graph.h"
#include "common/manifest/doc.h"
#include "common/manifest/module.h"
#include "common/source/source.h"

struct registry {
	const struct module *const *modules;      /* NULL ends */
	const struct resource_type *const *types; /* NULL ends */
};
const struct module *registry_module(const struct registry *, const char *kind);
const struct resource_type *registry_type(
    const struct registry *, const char *name);

struct compiled {
	struct compiled_architecture {
		char *name; /* also of a bad one, where it is known */
		char *directory;
		struct graph *graph; /* NULL when it has errors */
		struct errors errors;
	} * list;
	size_t n;
	struct graph **graphs; /* the good ones; NULL ends */
	bool broken;           /* anything has errors */
	struct errors errors;  /* of the source as a whole */
};
void compiled_free(struct compiled *);
/* All errors of everything, sorted. */
void compiled_errors(const struct compiled *, struct errors *ret);

/*
 * path: where manifests start ("." for the root). Files *.yaml, *.yml and
 * *.json; directories and files whose name starts with '.' or '_' are left
 * out. -1 when there are errors; ret is filled either way (compiled_free).
 *
 * A manifest belongs to the nearest directory, its own or one above, that
 * has an Architecture document. A file in an architecture's directories that
 * is no manifest (no `apiVersion: convergd/...`) is an error, so that a
 * misspelt manifest cannot vanish unseen; but where a manifest names the
 * file, or a directory above it, as its code or the like (any F_PATH field),
 * it is left alone, whatever it holds. Outside of all architectures only what
 * looks like a manifest, or cannot be read at all, is an error.
 */
int compile(const struct registry *, const struct tree *, const char *path,
    struct compiled *ret);

/* The metadata and Architecture tables, for explain and schema. */
extern const struct field metadata_fields[];
extern const struct field architecture_fields[];

#endif
