/*
 * The differences between desired and live state of one object. Pure.
 */
#ifndef COMMON_ENGINE_DIFF_H
#define COMMON_ENGINE_DIFF_H

#include "common/engine/object.h"

/*
 * An array of
 *	{"property": "Environment", "path": "Environment.Variables.STAGE",
 *	 "from": ..., "to": ..., "fixed": true, "secret": true,
 *	 "unknown": true, "severity": "high"}
 * property is the row's name, or "tags". "from" or "to" is absent where
 * there is no value. severity: AWS is less safe than Git says (severity.h);
 * such changes come first. Empty when there is nothing to do.
 */
json_t *diff_object(const struct object *);
bool diff_is_fixed(const json_t *changes); /* some change needs a new one */
bool diff_is_grave(const json_t *changes); /* some change has a severity */

/* The row of a property; NULL if the type has none of that name. */
const struct property *diff_property(
    const struct resource_type *, const char *name);
/* Wire form of a property's value. New tree. */
json_t *diff_wire(const struct property *, const json_t *value);
/* Same of one entry of a collection. */
json_t *diff_wire_entry(const struct property *, const json_t *entry);
/* What is wanted and what is there, with the row's default in the place of
 * nothing. New trees, or NULL. */
json_t *diff_want(const struct property *, const json_t *desired);
json_t *diff_have(const struct property *, const json_t *live);

/* {"$unknown": "address:attribute"}: known after apply. */
bool diff_is_unknown(const json_t *);

#endif
