/*
 * Moves between architectures of one source. What left one of them and is
 * desired by another, under the same AWS identity and in the same place, is
 * handed over: the old one leaves it alone, the new one writes its tags on
 * it. Neither order of their passes deletes or makes anything.
 *
 * It is no theft: only what the old one, known in this very source, does not
 * desire any more is taken. Identity is a predictable ARN; without one see
 * pass_heirs.c.
 */

#include <stdlib.h>
#include <string.h>

#include "common/engine/pass_private.h"

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Only there does one ARN of ours mean one object. */
static bool
is_same_place(const struct architecture *a, const struct architecture *b)
{
	return same(a->region, b->region) &&
	       same(a->assume_role, b->assume_role) &&
	       same(a->account, b->account);
}

static bool
desires(const struct pass *p, const struct graph *peer,
    const struct resource_type *type, const char *arn)
{
	for (size_t i = 0; i < peer->n; i++) {
		const struct resource *r = &peer->list[i];
		json_auto_t *props = NULL;
		auto_free char *its = NULL;

		if (r->type != type)
			continue;
		props = packed_open(r->props);
		its = object_arn(&p->realm, type, props, NULL);
		if (same(its, arn))
			return true;
	}
	return false;
}

/* The peer of that name, or NULL; never the pass's own architecture. */
static const struct graph *
peer_named(const struct pass *p, const char *name)
{
	const struct graph *const *g = p->options.peers;

	for (; g != NULL && *g != NULL; g++)
		if (*g != p->options.graph && same((*g)->arch.name, name))
			return *g;
	return NULL;
}

bool
pass_is_neighbour(const struct pass *p, const struct graph *peer)
{
	return peer != p->options.graph &&
	       is_same_place(&peer->arch, &p->options.graph->arch);
}

static bool
is_desired_elsewhere(
    const struct pass *p, const struct resource_type *type, const char *arn)
{
	const struct graph *const *g = p->options.peers;

	for (; g != NULL && *g != NULL; g++)
		if (pass_is_neighbour(p, *g) && desires(p, *g, type, arn))
			return true;
	return false;
}

bool
pass_is_claimed(const struct node *extra)
{
	json_auto_t *live = NULL;
	auto_free char *arn = NULL;

	if (extra->parent_node != NULL)
		return extra->parent_node->want == NULL &&
		       pass_is_claimed(extra->parent_node);
	live = packed_open(extra->live);
	arn = object_arn(&extra->pass->realm, extra->type, NULL, live);
	return arn != NULL &&
	       is_desired_elsewhere(extra->pass, extra->type, arn);
}

const char *
pass_releaser(const struct pass *p, const json_t *tags)
{
	const char *owner = js_str(tags, TAG_ARCHITECTURE);
	const char *address = js_str(tags, TAG_RESOURCE);
	const struct graph *peer = owner ? peer_named(p, owner) : NULL;

	return peer != NULL && address != NULL && pass_is_neighbour(p, peer) &&
		       same(js_str(tags, TAG_INSTALLATION),
			   p->realm.installation) &&
		       graph_find(peer, address) == NULL
		   ? peer->arch.name
		   : NULL;
}

const char *
pass_released_by(const struct node *node, const json_t *tags)
{
	const struct pass *p = node->pass;
	const char *owner = js_str(tags, TAG_ARCHITECTURE);
	const struct graph *peer = owner ? peer_named(p, owner) : NULL;
	json_auto_t *props = NULL;
	auto_free char *arn = NULL;

	if (peer == NULL || !pass_is_neighbour(p, peer))
		return NULL;
	if (strcmp(node->type->key, "@address") == 0)
		return pass_releaser(p, tags);
	props = packed_open(node->want->props);
	arn = object_arn(&p->realm, node->type, props, NULL);
	return arn == NULL || is_desired_elsewhere(p, node->type, arn)
		   ? NULL
		   : peer->arch.name;
}
