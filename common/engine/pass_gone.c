/*
 * What left Git, or is in what is ours and never was in Git: whether it is to
 * go, and what keeps it.
 */

#include <string.h>

#include "common/engine/pass_private.h"

static void
set_display(struct node *node)
{
	const char *address = node->address;
	const char *rest = address ? strchr(address, '/') : NULL;
	const char *local = rest ? strrchr(rest, '/') : NULL;

	if (local != NULL && local > rest)
		node->display = mem_strn(rest + 1, (size_t)(local - rest) - 1);
	else if (node->parent_node != NULL)
		node->display = mem_fmt(
		    "%s/%s", node->parent_node->display, node->label);
	else
		node->display = mem_str(node->label);
}

/* A pending subscription, say, cannot be removed before it settles. */
static bool
is_unsettled(const struct object *o)
{
	char reason[256];
	enum object_state state = object_state(o, reason);

	return state == OBJECT_PROGRESSING || state == OBJECT_PARKED;
}

/* A child that nobody desires goes with its parent, else by itself. */
static bool
is_child_to_delete(const struct node *node, const struct object *o)
{
	if (!is_unsettled(o))
		return true;
	if (node->parent_node->want != NULL)
		pass_note_child(
		    node->pass, node->parent_node, node->type, o->live);
	return false;
}

/* What belongs to a table that may not be deleted is needed by it. */
static bool
stays_with_parent(const struct node *node)
{
	const struct node *parent = node->parent_node;

	return parent != NULL && parent->want == NULL &&
	       parent->refused != NULL;
}

/* The policy that it had in Git: on a tag, or the usual one of its type. */
static bool
is_gone_as(const struct node *node, const char *word)
{
	json_auto_t *tags = packed_open(node->tags);
	const char *prune = js_str(tags, TAG_PRUNE);

	if (prune == NULL)
		prune = node->type->stateful ? "confirm" : "auto";
	return strcmp(prune, word) == 0;
}

static bool
is_ours_to_delete(struct node *node)
{
	struct object o;
	bool ours;

	node_object(node, &o);
	node->label = object_label(node->type, NULL, o.live);
	set_display(node);
	ours = node->parent_node != NULL
		   ? is_child_to_delete(node, &o)
		   : object_ownership(&node->pass->realm, o.tags) == OWNED;
	object_free(&o);
	return ours;
}

/* What keeps it from being deleted. */
static void
refuse_delete(struct node *node)
{
	const struct pass *p = node->pass;

	if (stays_with_parent(node)) {
		node->confirm = node->parent_node->confirm;
		node_refuse(node, node->parent_node->guard, "%s stays",
		    node->parent_node->display);
	} else if (p->options.broken && node->parent_node == NULL) {
		node_refuse(node, "source",
		    "the source has errors: it may have moved to where they "
		    "are");
	} else if (!p->options.graph->arch.prune) {
		node_refuse(
		    node, "prune", "the Architecture says prune: false");
	} else if (is_gone_as(node, "never")) {
		node_refuse(node, "prune",
		    "metadata.policy.prune was never; set it to auto or "
		    "confirm in a commit before the one that removes it");
	} else if (is_gone_as(node, "confirm") && node_asks(node)) {
		node_refuse(node, node->type->stateful ? "stateful" : "prune",
		    "%s`convergctl approve --confirm` deletes it, or "
		    "metadata.policy.prune: auto in a commit before the one "
		    "that removes it",
		    node->type->stateful ? "it holds data; " : "");
	}
}

void
node_plan_extra(struct node *node)
{
	const struct node *parent = node->parent_node;

	if (node->live == NULL || node->err != NULL ||
	    !is_ours_to_delete(node) || pass_is_claimed(node))
		return;
	node->action = ACT_DELETE;
	if (node_is_retired(node)) /* its replacement was allowed */
		return;
	refuse_delete(node);
	if (parent != NULL && parent->want != NULL) {
		node->grave = node->type->grants;
		node_plan_mode(node, parent);
	}
}
