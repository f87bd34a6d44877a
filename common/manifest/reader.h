/*
 * The reader behind doc_parse: private to doc.c and node.c. One document
 * stream, one thread; lives as long as one call of doc_parse.
 */
#ifndef COMMON_MANIFEST_READER_H
#define COMMON_MANIFEST_READER_H

#include <libfyaml.h>

#include "common/manifest/doc.h"

struct reader {
	struct fy_parser *fy;
	struct fy_diag *diag;
	const char *file, *text;
	size_t len;
	struct errors *errors;
	size_t n_errors, nodes, place_bytes;
	bool packed;     /* documents rest as soon as they are read */
	json_t *anchors; /* name -> [tree, nodes in it]; of one document */
	json_t *places;
	struct buf pointer; /* to the node that is being read */
};

/* The node that starts with this event; NULL after an error that ends the
 * file. */
json_t *reader_node(struct reader *, struct fy_event *take_e, int depth);
/* Adds an error; NULL. */
json_t *reader_fail(struct reader *, struct place, const char *text);

#endif
