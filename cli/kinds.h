/*
 * Kinds as explain, schema, completion and the reference pages see them: the
 * modules, and Architecture. Pure.
 */
#ifndef CLI_KINDS_H
#define CLI_KINDS_H

#include "cli/cli.h"
#include "common/manifest/check.h"
#include "common/manifest/compile.h"

struct kind {
	const char *name;
	const char *summary, *page;  /* page may be NULL */
	const struct module *module; /* NULL: Architecture */
};

/* Its whole table, with the rows that all kinds share; free() it. */
struct field *kind_spec(const struct kind *);

/* The i-th kind: Architecture, then the modules; false after the last. */
bool kind_at(size_t i, struct kind *ret);
/* Exactly this name; otherwise false and the nearest one or NULL. */
bool kind_find(const char *name, struct kind *ret, const char **ret_nearest);

/* "duration", "list of string", "a | b" */
void kind_type(struct buf *, const struct field *);

/* JSON Schema of a document of this kind, without $schema. */
json_t *kind_schema(const struct kind *);

#endif
