/*
 * Removing what left Git: last, children and later types first, and within a
 * type what nobody else of it needs.
 */

#include <stdlib.h>
#include <string.h>

#include "common/engine/pass_private.h"

/* What was refused waits for a person; deletes do not wait for that. */
bool
pass_is_converged(const struct pass *p)
{
	for (size_t i = 0; i < p->options.graph->n; i++)
		if (p->nodes[i]->state != NODE_DONE &&
		    p->nodes[i]->refused == NULL)
			return false;
	return true;
}

static bool
is_to_prune(const struct node *node)
{
	return node->action == ACT_DELETE && node->refused == NULL &&
	       node->state == NODE_SEEN;
}

void
pass_postpone_deletes(struct pass *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (is_to_prune(p->nodes[i]))
			node_set_message(p->nodes[i],
			    "to be deleted once everything else has "
			    "converged");
}

/* Does the live state of one name the other, which then has to stay longer?
 * What P_LOOSE properties name need not exist. */
static bool
names(const struct node *a, const struct node *b)
{
	json_auto_t *live = packed_open(a->live), *other = packed_open(b->live);
	auto_free char *arn = object_arn(&a->pass->realm, b->type, NULL, other);
	auto_free char *text = NULL;

	for (const struct property *p = a->type->properties; p->name; p++)
		if (p->flags & P_LOOSE)
			js_del(live, p->name);
	text = js_dump(live);
	return a != b && arn != NULL && strstr(text, arn) != NULL;
}

static bool
is_named_by_another(const struct pass *p, const struct node *node)
{
	for (size_t i = p->options.graph->n; i < p->n; i++)
		if (p->nodes[i]->type == node->type &&
		    is_to_prune(p->nodes[i]) && names(p->nodes[i], node))
			return true;
	return false;
}

/* Starts what of a type nobody of the same type needs; in a circle all. */
static bool
prune_type(struct pass *p, const struct resource_type *type)
{
	struct node **group = mem_array(struct node *, p->n + 1);
	size_t n = 0, free_ones = 0;

	for (size_t i = p->options.graph->n; i < p->n; i++)
		if (p->nodes[i]->type == type && is_to_prune(p->nodes[i]))
			group[n++] = p->nodes[i];
	for (size_t i = 0; i < n; i++)
		if (!is_named_by_another(p, group[i])) {
			struct node *swap = group[free_ones];

			group[free_ones++] = group[i];
			group[i] = swap;
		}
	for (size_t i = 0; i < (free_ones ? free_ones : n); i++)
		pass_start_node(group[i]);
	free(group);
	return n > 0;
}

/* The next type downwards that has something to remove. */
void
pass_prune(struct pass *p)
{
	for (; p->prune_rank > 0; p->prune_rank--)
		if (prune_type(p, p->options.types[p->prune_rank - 1]))
			return;
	pass_finish(p);
}
