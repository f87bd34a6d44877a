/*
 * One YAML or JSON document as json_t, with the place of every node.
 *
 * YAML 1.2, core schema, by libfyaml. Bounded: bytes of a file, depth,
 * aliases and the nodes they expand to, so that no input can grow beyond a
 * fixed factor of its size. Invalid UTF-8, tabs as indentation and duplicate
 * keys are errors. Pure; any thread.
 */
#ifndef COMMON_MANIFEST_DOC_H
#define COMMON_MANIFEST_DOC_H

#include "common/base/buf.h"
#include "common/base/js.h"
#include "common/base/packed.h"

#define DOC_MAX_BYTES  (4 << 20)
#define DOC_MAX_DEPTH  64
#define DOC_MAX_NODES  200000 /* of a file, aliases expanded */
#define DOC_MAX_KEY    1024   /* bytes */
#define DOC_MAX_TOKENS 50000  /* brackets and commas in one line */
#define DOC_MAX_OPEN   5000   /* brackets that are not closed yet */
#define DOC_MAX_ERRORS 50     /* of a file; the rest is not looked at */

struct place {
	int line, column; /* both from 1; 0 if unknown */
};

struct doc {
	char *file;           /* as errors name it */
	char *version, *kind; /* its apiVersion and kind, if they are texts */
	json_t *root;         /* while it is open */
	json_t
	    *places; /* same: JSON pointer -> line << 20 | column; "#" + pointer
			is the place of the key instead of the value, and
			"$" + pointer an array: where every "${" of the
			text stands */
	struct packed *packed_root, *packed_places; /* once it has rested */
};

/* A list of everything that is wrong, in the order of its places. */
struct errors {
	struct error_at {
		char *file;
		struct place at;
		char *text;
	} * list;
	size_t n;
};

void errors_free(struct errors *);
/* Place may be {0, 0}: the file as a whole. */
void errors_add(struct errors *, const char *file, struct place,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* By file, line, column; equal ones once. */
void errors_sort(struct errors *);
/* "file:line:col: text", a line each. */
void errors_print(const struct errors *, struct buf *);

/* Appends the documents of one file to *docs (grown with mem_grow). -1 when
 * something was added to errors; documents before it are kept. */
int doc_parse(const char *file, const char *text, size_t len, struct doc **docs,
    size_t *n, struct errors *);
/* The same, but the documents are at rest. */
int doc_parse_packed(const char *file, const char *text, size_t len,
    struct doc **docs, size_t *n, struct errors *);
void doc_free(struct doc *docs, size_t n);
/* A source has many documents: they are at rest but for those that somebody
 * works on. Places are found either way. */
void doc_open(struct doc *);
void doc_rest(struct doc *);
/* Nothing of it is asked for any more, but for its file. */
void doc_drop(struct doc *);
/* The place of a JSON pointer ("/spec/delay"), or of its nearest parent. */
struct place doc_place(const struct doc *, const char *pointer);
struct place doc_key_place(const struct doc *, const char *pointer);
/* The place of the nth "${" of the text at the pointer, from 0. */
struct place doc_hole_place(
    const struct doc *, const char *pointer, size_t nth);
/* Adds "/key" to a pointer, with ~ and / of the key escaped. */
void doc_pointer_add(struct buf *pointer, const char *key);

/* Stands for a value that is wrong and was reported: checks pass it by. */
json_t *doc_bad(void);
bool doc_is_bad(const json_t *);

#endif
