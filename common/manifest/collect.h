/*
 * The files of a revision that may hold manifests, parsed. Private to
 * common/manifest.
 */
#ifndef COMMON_MANIFEST_COLLECT_H
#define COMMON_MANIFEST_COLLECT_H

#include "common/manifest/doc.h"
#include "common/source/source.h"

struct files {
	struct file {
		char *path, *directory;
		struct doc *docs;
		size_t n;
		struct errors errors; /* of reading and parsing it */
		bool is_manifest;     /* one of its documents is one */
	} * list;
	size_t n;
};

/* Starts with `apiVersion: convergd/`. */
bool doc_is_manifest(const struct doc *);

/* What cannot be listed at all goes to errors, with -1. */
int collect(
    const struct tree *, const char *path, struct files *ret, struct errors *);
void files_free(struct files *);

#endif
