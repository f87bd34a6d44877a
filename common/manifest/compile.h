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
	struct errors errors; /* of the source as a whole */
};
void compiled_free(struct compiled *);
/* All errors of everything, sorted. */
void compiled_errors(const struct compiled *, struct errors *ret);

/*
 * path: where manifests start ("." for the root). Files *.yaml, *.yml and
 * *.json; directories and files whose name starts with '.' or '_' are left
 * out, and what the `code` of a function covers. -1 when there are errors;
 * ret is filled either way (compiled_free).
 */
int compile(const struct registry *, const struct tree *, const char *path,
    struct compiled *ret);

/* The metadata and Architecture tables, for explain and schema. */
extern const struct field metadata_fields[];
extern const struct field architecture_fields[];

#endif
