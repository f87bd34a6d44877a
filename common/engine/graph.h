/*
 * The graph of desired resources of one architecture at one revision.
 *
 * Built by compile in one worker, then read-only: any thread. Owned by who has
 * it compiled (a target, a command), for longer than the passes over it.
 *Property values have the shape of the API's own input and may hold references:
 *	{"$ref": ["shop/SqsQueue/a/queue", "QueueUrl"]}	live attribute of
 *			another resource; "@arn" is its ARN
 *	{"$ref": ["aws", "account"]}	also "region", "partition"
 *	{"$join": ["text", {"$ref": ...}, "text"]}	a string with holes
 *	{"$weak": {"$ref": ...}}	a predictable ARN: no ordering
 * A plain string is literal whatever it holds.
 */
#ifndef COMMON_ENGINE_GRAPH_H
#define COMMON_ENGINE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/js.h"
#include "common/base/mem.h"
#include "common/base/packed.h"
#include "common/engine/type.h"

struct resource {
	char *address; /* "shop/SqsQueue/shipments/queue" */
	char *display; /* "SqsQueue/shipments", or ".../dlq" for further ones */
	const char *kind; /* borrowed from the module table */
	const char *name; /* metadata.name; graph_add copies it */
	const char *pool; /* module folder: which workers */
	const struct resource_type *type;
	char *parent;         /* address of the parent resource, or NULL */
	struct packed *props; /* desired, with references */
	struct packed *tags;  /* user's tags; ownership tags are the engine's */
	struct packed *policy; /* metadata.policy with defaults, or NULL; in
				  place of adopt: require, all but the main
				  resource of a manifest have ifExists and
				  `with`, the main one's address */
	char *artifact; /* path in the tree that $artifact packs, or NULL */
	char *file;     /* manifest that wants it */
	int line;
	size_t *needs; /* indices of resources that must exist before */
	size_t n_needs;
};

struct architecture {
	char *name;
	char *directory; /* of its manifests, within the source */
	char *revision;
	char *region;
	char *account;       /* guard, or NULL */
	char *assume_role;   /* or NULL */
	char *mode;          /* enforce, approve, observe */
	double interval_sec; /* 0: the settings' own */
	json_t *tags;
	bool prune;
	int max_deletes;         /* of one pass */
	int max_delete_percent;  /* of what exists */
	int max_missing_percent; /* of what existed */
};

struct graph {
	struct architecture arch;
	struct resource *list; /* sorted by address */
	size_t n;
	size_t manifests; /* that it was made from */
	char *texts; /* of all resources, in one block; NULL: not finished */
};

struct graph *graph_new(void);
void graph_free(struct graph *);
AUTO_DEFINE(struct graph, graph_free)
/* Takes the members of *r; later changes are through the result, which is
 * valid until the next graph_add. */
struct resource *graph_add(struct graph *, const struct resource *take_r);
void resource_add_tag(struct resource *, const char *key, const char *value);
/*
 * Sorts, finds the dependencies in the references and parents, and moves all
 * texts together; nothing can be added or changed from then on. Fails with
 * ERR_INPUT and the whole cycle ("a -> b -> a"), or naming a resource that
 * is referred to and does not exist.
 */
int graph_finish(struct graph *, struct err *);
const struct resource *graph_find(const struct graph *, const char *address);

#endif
