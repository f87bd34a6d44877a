/*
 * Is what AWS says the same as what is wanted? Both sides are normalised:
 * numbers and booleans equal their text, documents in text equal documents,
 * IAM policies are compared by meaning, sets without order. Pure.
 */
#ifndef COMMON_ENGINE_COMPARE_H
#define COMMON_ENGINE_COMPARE_H

#include <stdbool.h>

#include "common/base/js.h"
#include "common/engine/type.h"

/* Either may be NULL (absent). */
bool compare_equal(enum compare, const json_t *want, const json_t *have);

/* A document given as text becomes the document; all else is copied. */
json_t *compare_document(const json_t *);

/*
 * IAM policy in one canonical form: statements, actions, resources and
 * principals as sorted lists, actions in lower case, Version filled in.
 * Follows "IAM JSON policy elements reference", IAM User Guide.
 */
json_t *compare_policy(const json_t *document);

/*
 * The places where the two differ, as changes:
 *	{"path": "Environment.Variables.STAGE", "from": ..., "to": ...}
 * appended to `changes`. `key` names the elements of arrays of objects.
 */
void compare_leaves(json_t *changes, const char *path, enum compare,
    const char *key, const json_t *want, const json_t *have);

#endif
