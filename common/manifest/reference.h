/*
 * References in the texts of a manifest: ${var.x}, ${architecture.name},
 * ${aws.region}, ${aws.account}, ${aws.partition}, ${Kind/name.output};
 * $${ is a literal ${.
 *
 * What is known when manifests are compiled is put in; the rest becomes
 * {"$ref": ...} or {"$join": ...} as graph.h says. A text that is nothing
 * but one reference takes the type of what it refers to. Pure.
 */
#ifndef COMMON_MANIFEST_REFERENCE_H
#define COMMON_MANIFEST_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/manifest/doc.h"

#define REFERENCE_MAX_BYTES (8 << 20) /* of one document's texts */

/* What the names mean. */
struct scope {
	const char *architecture, *region;
	const json_t *variables; /* object, or NULL */
	/*
	 * The value of ${target.output}; NULL and *ret_why (the caller frees
	 * it) when there is no such thing. NULL function: no outputs here,
	 * because what is read is needed before manifests are known.
	 */
	json_t *(*output)(void *arg, const char *target, const char *output,
	    struct place, char **ret_why);
	void *arg;
};

/*
 * A new tree in place of `value`, the node at `pointer` of doc. Where a
 * reference is wrong an error is added and the value is doc_bad(), so that
 * everything else can still be checked. -1 then.
 */
int reference_resolve(const struct scope *, const struct doc *,
    const char *pointer, const json_t *value, json_t **ret, struct errors *);

/* {"$ref": [a, b]}, {"$join": [...]} or {"$weak": {...}}. */
bool reference_is(const json_t *);

#endif
