/*
 * Checks a document against a field table: unknown members (with the nearest
 * name), types, limits, enumerations, required ones; all errors at once.
 * Fills in defaults and turns durations and sizes into integers. Pure.
 */
#ifndef COMMON_MANIFEST_CHECK_H
#define COMMON_MANIFEST_CHECK_H

#include "common/manifest/doc.h"
#include "common/manifest/field.h"

/*
 * value: the node at `pointer` of doc (an object). *ret is a new tree with
 * defaults. -1 when something was added to errors. A value that is a
 * reference ({"$ref": ...} or {"$join": ...}) is accepted for strings unless
 * the row says F_LITERAL.
 */
int check_fields(const struct field *, const struct doc *, const char *pointer,
    const json_t *value, json_t **ret, struct errors *);

/*
 * As check_fields, and calls found() for every F_REF and F_PATH, with its
 * place and text, so that the caller can look whether the thing exists.
 */
struct check_hook {
	void (*found)(void *arg, const struct field *row, const char *pointer,
	    const char *text);
	void *arg;
};
int check_fields_hook(const struct field *, const struct doc *,
    const char *pointer, const json_t *value, const struct check_hook *,
    json_t **ret, struct errors *);

/* The row at "a.b.c" of a table; NULL if there is none. */
const struct field *field_find(const struct field *, const char *dotted);
/* What `convergctl explain` prints. */
void field_explain(struct buf *, const struct field *row, const char *title);
/* JSON Schema 2020-12 of an object with these fields. */
json_t *field_schema(const struct field *);
/* A Markdown table, nested fields as name.sub. */
void field_markdown(struct buf *, const struct field *);

#endif
