/*
 * Observing: the bulk index of tags and the listings of a level first, then
 * what they did not tell one by one; then the level below, whose objects
 * need their parents' live state.
 */

#include <stdlib.h>
#include <string.h>

#include "common/engine/pass_private.h"

int
pass_depth(const struct pass *p, const struct resource_type *type)
{
	int depth = 0;

	for (; type->parent != NULL; depth++)
		type = pass_type(p, type->parent);
	return depth;
}

/* ---- reads ---- */

static void
run_read(struct work *w)
{
	w->rc = object_read(w->realm, &w->object, js_move(&w->input), &w->err);
}

static void
run_reads(struct work *const *works, size_t n)
{
	struct look looks[POOL_TOGETHER];

	for (size_t i = 0; i < n; i++)
		looks[i] = (struct look){ .object = &works[i]->object,
			.known_tags = js_move(&works[i]->input),
			.err = &works[i]->err };
	object_read_many(works[0]->realm, looks, n);
	for (size_t i = 0; i < n; i++)
		works[i]->rc = looks[i].rc;
}

static void
was_read(struct task *t)
{
	struct pass *p = t->pass;
	struct node *node = t->node;

	node->state = NODE_SEEN;
	if (t->work->rc == -1)
		node_fail(node, &t->work->err);
	if (p->flying == 0 && !p->cancelled)
		pass_read_level(p);
}

/* An extra is asked for its tags itself: the index may be minutes old. */
static json_t *
known_tags(const struct node *node, const struct object *o)
{
	auto_free char *arn = NULL;

	if (node->want == NULL)
		return node->type->tags.list.op ? NULL : js_copy(o->tags);
	arn = object_arn(&node->pass->realm, node->type, o->desired, o->live);
	return pass_index_tags(node->pass, arn);
}

static void
ready_read(struct task *t)
{
	node_object(t->node, &t->work->object);
	t->work->input = known_tags(t->node, &t->work->object);
}

static const struct errand reading = { .ready = ready_read,
	.run_all = run_reads,
	.then = was_read };
/* Each through a listing, which blocks. */
static const struct errand looking_up = { ready_read, run_read, was_read };

static void
submit_read(struct pass *p, struct node *node)
{
	pass_submit(p, node->want ? node->want->pool : "observe",
	    node->type->read.op != NULL ? &reading : &looking_up, node, NULL);
}

static bool
parent_is_missing(const struct node *node)
{
	return node->parent_node != NULL && node->parent_node->live == NULL;
}

static bool
has_failed_parent(const struct node *node)
{
	return node->parent_node != NULL && node->parent_node->err != NULL;
}

/* ---- levels ---- */

static bool
is_same_object(const struct node *node, const json_t *known)
{
	struct object o = { .type = node->type,
		.address = node->address,
		.desired = node_desired(node) };
	bool same = object_is_item(&o, known);

	js_free(o.desired);
	return same;
}

/* What an earlier pass learnt saves the calls that find it; another key is
 * another object. */
static void
remember(struct pass *p, struct node *node)
{
	const char *text = js_str(
	    js_get(p->options.memory, "ids"), node->address);
	json_auto_t *known = NULL;
	struct err err;

	if (node->want == NULL || text == NULL)
		return;
	must(js_parse(text, strlen(text), &known, &err) == 0); /* it was one */
	if (is_same_object(node, known))
		packed_replace(&node->live, packed_of(known));
}

static bool
is_on_level(const struct pass *p, const struct node *node)
{
	return pass_depth(p, node->type) == p->level;
}

static void
prepare_level(struct pass *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct node *node = p->nodes[i];

		if (node->state != NODE_UNSEEN || !is_on_level(p, node))
			continue;
		if (has_failed_parent(node)) {
			node_fail(node, node->parent_node->err);
			node->state = NODE_SEEN;
		} else if (parent_is_missing(node))
			node->state = NODE_SEEN;
		else if (node->type->find.op != NULL)
			remember(p, node);
	}
}

void
pass_observe_level(struct pass *p)
{
	bool any = false;

	if (p->level == 0)
		pass_extras_of_index(p);
	prepare_level(p);
	for (size_t i = 0; p->options.types[i] != NULL; i++) {
		const struct resource_type *type = p->options.types[i];

		if (pass_depth(p, type) < p->level)
			continue;
		any = true;
		if (pass_depth(p, type) > p->level)
			continue;
		pass_list(p, type);
	}
	if (!any)
		pass_make_plan(p);
	else if (p->flying == 0)
		pass_read_level(p);
}

void
pass_read_level(struct pass *p)
{
	pass_probe_suspects(p);
	for (size_t i = 0; i < p->n; i++) {
		struct node *node = p->nodes[i];

		if (node->state != NODE_UNSEEN || !is_on_level(p, node))
			continue;
		if (node->type->read.op == NULL && node->want == NULL)
			node->state = NODE_SEEN;
		else
			submit_read(p, node);
	}
	if (p->flying > 0)
		return;
	pass_note_singles(p);
	p->level++;
	pass_observe_level(p);
}
