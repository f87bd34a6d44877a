/*
 * Where the objects of an architecture will be: their ARNs and properties as
 * far as manifests tell, with "*" for what AWS decides. Inside of iam_*.c.
 */
#ifndef CLI_IAM_PLACE_H
#define CLI_IAM_PLACE_H

#include "cli/iam_grants.h"

/* One architecture while its grants are found. */
struct iam_finder {
	const struct iam_scope *scope;
	const struct graph *graph; /* NULL: any */
	json_t *specials;          /* account, region, partition */
	json_t *grants;
};

/* The desired properties as text, references too. New tree. */
json_t *iam_props(const struct iam_finder *, const struct resource *);
/* The template's text, "*" for every variable without a value; NULL: it has
 * none even so. Caller frees. */
char *iam_pattern(
    const struct iam_finder *, const char *template, const json_t *props);
/* The pattern of the type's ARN, or NULL. Caller frees. */
char *iam_arn(const struct iam_finder *, const struct resource_type *,
    const json_t *props);

#endif
