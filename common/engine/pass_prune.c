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

/* What of one type is to go now. */
struct group {
	struct node **list;
	size_t n;
	json_t *named; /* ARN -> is it named by another? */
};

static char *
arn_of(const struct node *node)
{
	json_auto_t *live = packed_open(node->live);

	return object_arn(&node->pass->realm, node->type, NULL, live);
}

/* The ARN, and what it begins with up to a ':' or '/', is named. */
static void
name_arn(json_t *named, const char *own, const char *arn, size_t len)
{
	for (size_t n = len; n > 0; n--) {
		auto_free char *part = NULL;

		if (n < len && strchr(":/", arn[n]) == NULL)
			continue;
		part = mem_strn(arn, n);
		if (js_get(named, part) != NULL &&
		    (own == NULL || strcmp(part, own) != 0))
			js_set(named, part, json_true());
	}
}

/* Live state names others, which then have to stay longer: ARNs wherever they
 * stand, also in documents as text. What P_LOOSE properties name need not
 * exist. */
static void
name_others(json_t *named, const struct node *node)
{
	json_auto_t *live = packed_open(node->live);
	auto_free char *own = arn_of(node), *text = NULL;

	for (const struct property *p = node->type->properties; p->name; p++)
		if (p->flags & P_LOOSE)
			js_del(live, p->name);
	text = js_dump(live);
	for (const char *at = text; (at = strstr(at, "arn:")) != NULL;) {
		size_t len = strcspn(at, "\"\\ ,*?$");

		name_arn(named, own, at, len);
		at += len;
	}
}

static struct group
group_of(const struct pass *p, const struct resource_type *type)
{
	struct group g = { .list = mem_array(struct node *, p->n + 1),
		.named = json_object() };

	for (size_t i = p->options.graph->n; i < p->n; i++) {
		auto_free char *arn = NULL;

		if (p->nodes[i]->type != type || !is_to_prune(p->nodes[i]))
			continue;
		g.list[g.n++] = p->nodes[i];
		arn = arn_of(p->nodes[i]);
		if (arn != NULL)
			js_set(g.named, arn, json_false());
	}
	for (size_t i = 0; i < g.n; i++)
		name_others(g.named, g.list[i]);
	return g;
}

static bool
is_named(const struct group *g, const struct node *node)
{
	auto_free char *arn = arn_of(node);

	return arn != NULL && json_is_true(js_get(g->named, arn));
}

/* Starts what of a type nobody of the same type needs; in a circle all. */
static bool
prune_type(struct pass *p, const struct resource_type *type)
{
	struct group g = group_of(p, type);
	size_t free_ones = 0;

	for (size_t i = 0; i < g.n; i++)
		if (!is_named(&g, g.list[i])) {
			struct node *swap = g.list[free_ones];

			g.list[free_ones++] = g.list[i];
			g.list[i] = swap;
		}
	for (size_t i = 0; i < (free_ones ? free_ones : g.n); i++)
		pass_start_node(g.list[i]);
	free(g.list);
	js_free(g.named);
	return g.n > 0;
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
