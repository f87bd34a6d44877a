/*
 * What a pass over an architecture must be allowed to do, from the tables of
 * its resource types. Main thread.
 */
#ifndef CLI_IAM_GRANTS_H
#define CLI_IAM_GRANTS_H

#include <stdbool.h>

#include "common/engine/graph.h"

struct iam_scope {
	const struct resource_type *const *types; /* all; NULL ends */
	bool reads;                               /* only what looks */
	bool exact; /* names as they are; else those that begin with the
		       architecture's stand for all such */
};

/* Adds to grants, {"resource\ncondition key\nits value": {action: true}};
 * the last two may be empty. */
void iam_grants(const struct iam_scope *, const struct graph *, json_t *grants);
/* The same, of every type, in any account and region. */
void iam_grants_all(const struct iam_scope *, json_t *grants);

/* The policy document: few statements, all in order. */
json_t *iam_document(const json_t *grants);

#endif
