/*
 * Children that outlived their parent (type.outlives): somebody deleted a
 * table, or Git dropped an index of it, and what scales it stays. No parent
 * shows them, so the index of tags does; a listing of all tells what they
 * are. One whose key anybody in the source desires is no extra: its parent
 * is missing, or moved, and it will be taken up again.
 */

#include <string.h>

#include "common/engine/pass_private.h"
#include "common/engine/template.h"

static bool
can_be_lost(const struct resource_type *type)
{
	return type->outlives && type->tags.indexed && type->arn != NULL &&
	       type->list.wide != NULL;
}

/* Nobody desires an object of that address, or there are two of it. */
static bool
is_doubtful(const struct pass *p, const char *address, json_t *seen)
{
	bool again = js_get(seen, address) != NULL;

	js_set(seen, address, json_true());
	return again || pass_find(p, address) == NULL;
}

bool
pass_may_be_lost(const struct pass *p, const struct resource_type *type)
{
	json_auto_t *seen = json_object();

	if (!can_be_lost(type))
		return false;
	for (size_t i = 0; i < packed_map_len(p->index); i++) {
		json_auto_t *tags = NULL;
		const char *address;

		if (!template_match(
			type->arn, packed_map_name(p->index, i), NULL))
			continue;
		tags = packed_map_at(p->index, i);
		address = js_str(tags, TAG_RESOURCE);
		if (address != NULL && is_doubtful(p, address, seen))
			return true;
	}
	return false;
}

static bool
desires(
    const struct graph *g, const struct resource_type *type, const json_t *item)
{
	auto_free char *key = object_key(type->key, item);

	for (size_t i = 0; i < g->n; i++) {
		json_auto_t *props = NULL;
		auto_free char *its = NULL;

		if (g->list[i].type != type)
			continue;
		props = packed_open(g->list[i].props);
		its = object_key(type->key, props);
		if (strcmp(key, its) == 0)
			return true;
	}
	return false;
}

static bool
is_desired(
    const struct pass *p, const struct resource_type *type, const json_t *item)
{
	const struct graph *const *g = p->options.peers;

	for (; g != NULL && *g != NULL; g++)
		if (desires(*g, type, item))
			return true;
	return desires(p->options.graph, type, item);
}

void
pass_take_lost(
    struct pass *p, const struct resource_type *type, const json_t *item)
{
	auto_free char *arn = NULL;
	json_auto_t *tags = NULL;
	struct node *node;

	if (!can_be_lost(type))
		return;
	arn = object_arn(&p->realm, type, NULL, item);
	tags = pass_index_tags(p, arn);
	if (tags == NULL || is_desired(p, type, item))
		return;
	node = pass_add_extra(p, type, js_copy(item), js_move(&tags), NULL);
	node->state = type->list.full ? NODE_SEEN : NODE_UNSEEN;
}
