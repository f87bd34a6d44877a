/*
 * Listings: many objects from one call, matched by key with what is desired.
 * What they do not show is not there; what they show beyond is an extra.
 */

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/engine/pass_private.h"

#define each_of_family(p, of_type, parent, node)                               \
	for (struct node *node = pass_family((p), (of_type), (parent));        \
	     node != NULL; node = node->next_sibling)                          \
		if (node->type == (of_type))

static void
run_list(struct job *job)
{
	struct task *t = (struct task *)job;

	t->rc = object_list(
	    t->realm, t->type, t->input, &t->output, &t->calls, &t->err);
}

/* What the key's properties say, as one text. */
static char *
key_text(const struct resource_type *type, const json_t *x)
{
	struct buf b = BUF_INIT;

	words_each (type->key, w, n) {
		auto_free char *name = mem_strn(w, n);
		auto_free char *value = js_dump(js_get(x, name));

		buf_adds(&b, value);
		buf_addc(&b, '\n');
	}
	return buf_take(&b);
}

static char *
key_of_node(const struct node *node)
{
	if (strcmp(node->type->key, "@address") == 0)
		return mem_str(node->object.address);
	return key_text(
	    node->type, node->want ? node->object.desired : node->object.live);
}

static char *
key_of_item(const struct task *t, const json_t *item)
{
	struct object o = { .type = t->type };
	char *key;

	if (strcmp(t->type->key, "@address") != 0)
		return key_text(t->type, item);
	object_take_item(&o, js_copy(item));
	key = object_ownership(t->realm, o.tags) == OWNED
		  ? mem_str(js_str(o.tags, TAG_RESOURCE))
		  : NULL;
	object_free(&o);
	return key;
}

/* {key: index of the node} of what the listing may show. */
static json_t *
expected(const struct task *t)
{
	json_t *map = json_object();

	each_of_family (t->pass, t->type, t->node, node) {
		auto_free char *key = NULL;

		if (node->state != NODE_UNSEEN)
			continue;
		key = key_of_node(node);
		if (key != NULL)
			js_set(map, key, json_integer((json_int_t)node->index));
	}
	return map;
}

/* By its address tag: desired as a type that shares the listing, or taken
 * as an extra by one already. */
static bool
is_accounted_for(const struct pass *p, const json_t *tags)
{
	const char *address = js_str(tags, TAG_RESOURCE);

	if (address == NULL)
		return false;
	if (pass_find(p, address) != NULL)
		return true;
	for (size_t i = p->options.graph->n; i < p->n; i++)
		if (p->nodes[i]->object.address != NULL &&
		    strcmp(p->nodes[i]->object.address, address) == 0)
			return true;
	return false;
}

static bool
is_extra(const struct task *t, const struct object *o)
{
	if (t->node != NULL)
		return t->type->exclusive || t->node->want == NULL;
	if (object_ownership(t->realm, o->tags) != OWNED)
		return false;
	return strcmp(t->type->key, "@address") != 0 ||
	       !is_accounted_for(t->pass, o->tags);
}

static void
take_unexpected(struct task *t, const json_t *item)
{
	struct object o = { .type = t->type };
	struct node *node;

	object_take_item(&o, js_copy(item));
	if (is_extra(t, &o)) {
		node = pass_add_extra(t->pass, t->type, js_move(&o.live),
		    js_move(&o.tags), t->node);
		node->state = t->type->list.full ? NODE_SEEN : NODE_UNSEEN;
	}
	object_free(&o);
}

/* Tags that no listing holds come from the index, or are asked for. */
static bool
knows_tags(const struct pass *p, struct object *o)
{
	auto_free char *arn = NULL;

	if (o->type->tags.shape == TAGS_NONE || o->tags != NULL)
		return true;
	arn = object_arn(&p->realm, o->type, o->desired, o->live);
	o->tags = arn ? js_copy(js_get(p->index, arn)) : NULL;
	return o->tags != NULL;
}

static void
take_expected(struct node *node, const json_t *item)
{
	struct object *o = &node->object;

	object_take_item(o, js_copy(item));
	if (node->type->list.full && !object_wants_more(o) &&
	    knows_tags(node->pass, o))
		node->state = NODE_SEEN;
}

/* A listing tells of absence too: what it does not show is not there. */
static void
settle_missing(const struct task *t)
{
	each_of_family (t->pass, t->type, t->node, node)
		if (node->state == NODE_UNSEEN && node->object.live == NULL)
			node->state = NODE_SEEN;
}

static void
fail_listed(struct task *t)
{
	each_of_family (t->pass, t->type, t->node, node) {
		node_fail(node, &t->err);
		node->state = NODE_SEEN;
	}
}

/* Items of the listing and nodes of the type below t->node find each other. */
static void
match(struct task *t)
{
	struct pass *p = t->pass;
	json_auto_t *map = expected(t);
	size_t i;
	json_t *item;

	if (t->rc == -1 && t->err.kind != ERR_ABSENT)
		fail_listed(t);
	js_each (t->output, i, item) {
		auto_free char *key = key_of_item(t, item);
		const json_t *at = key ? js_get(map, key) : NULL;

		if (at != NULL)
			take_expected(p->nodes[json_integer_value(at)], item);
		else
			take_unexpected(t, item);
	}
	if (t->rc == 0 || t->err.kind == ERR_ABSENT)
		settle_missing(t);
}

/* What the listing cost decides whether the next pass lists again. */
static void
note_calls(struct pass *p, const struct resource_type *type, unsigned calls)
{
	json_t *memory = p->options.memory;

	if (memory == NULL || type->parent != NULL)
		return;
	if (js_get(memory, "calls") == NULL)
		js_set(memory, "calls", json_object());
	js_set(
	    (json_t *)js_get(memory, "calls"), type->name, json_integer(calls));
}

static void
go_on(struct pass *p)
{
	if (p->flying == 0 && !p->cancelled)
		pass_read_level(p);
}

static void
listed(struct task *t)
{
	note_calls(t->pass, t->type, t->calls);
	match(t);
	go_on(t->pass);
}

static bool
is_parent(const struct node *node, const struct resource_type *type)
{
	return strcmp(node->type->name, type->parent) == 0 &&
	       node->object.live != NULL && node->err == NULL;
}

static json_t *
items_of(const struct task *t, const struct node *parent)
{
	const struct listing *list = &t->type->list;
	const json_t *is = js_path(parent->object.live, list->owner_is);
	json_t *items = json_array();
	size_t i;
	json_t *item;

	js_each (t->output, i, item)
		if (js_equal(js_get(item, list->owner), is))
			js_push(items, js_copy(item));
	return items;
}

/* One listing for the children of all parents. */
static void
listed_for_all(struct task *t)
{
	size_t n = t->pass->n;

	for (size_t i = 0; i < n; i++) {
		struct task one = *t;

		if (!is_parent(t->pass->nodes[i], t->type))
			continue;
		one.node = t->pass->nodes[i];
		one.output = items_of(t, one.node);
		match(&one);
		js_free(one.output);
	}
	go_on(t->pass);
}

static void
submit_list(struct pass *p, const struct resource_type *type,
    struct node *parent, void (*then)(struct task *))
{
	struct task *t = pass_task(p, parent, then);

	t->type = type;
	t->input = parent ? js_copy(parent->object.live) : NULL;
	pass_submit(p,
	    parent && parent->want ? parent->want->pool : pass_pool(p, type),
	    run_list, t);
}

struct count {
	size_t desired, unknown; /* unknown: read needs what nobody told */
};

static bool
can_read(const struct node *node)
{
	return node->type->find.op == NULL || node->object.live != NULL;
}

static struct count
count_of(const struct pass *p, const struct resource_type *type,
    const struct node *parent)
{
	struct count c = { 0, 0 };

	each_of_family (p, type, parent, node) {
		if (node->state != NODE_UNSEEN)
			continue;
		c.desired++;
		c.unknown += !can_read(node);
	}
	return c;
}

/* Types that the index does not know are listed even when nobody desires
 * one: what left Git must be found. Once none was ours, that is remembered,
 * for only we make them. */
static bool
may_hold_extras(const struct pass *p, const struct resource_type *type)
{
	const json_t *none = js_get(p->options.memory, "none");

	return type->parent == NULL && !type->tags.indexed &&
	       type->tags.at != NULL && !js_bool(none, type->name, false);
}

/* Pages of a large account may cost more than a few reads. */
static bool
is_dear(const struct pass *p, const struct resource_type *type, size_t reads)
{
	json_int_t calls = js_int(
	    js_get(p->options.memory, "calls"), type->name, 0);

	return calls > (json_int_t)reads;
}

static bool
is_worth_listing(const struct pass *p, const struct resource_type *type,
    const struct node *parent)
{
	struct count c = count_of(p, type, parent);

	if (type->list.items == NULL)
		return false;
	if (parent != NULL && parent->want == NULL)
		return type->outlives;
	if (parent != NULL && type->exclusive)
		return true;
	if (c.desired == 0)
		return parent == NULL && may_hold_extras(p, type);
	if (type->read.op == NULL || strcmp(type->key, "@address") == 0)
		return true;
	if (is_dear(p, type, type->list.full ? c.desired : c.unknown))
		return false;
	return type->list.full ? c.desired >= type->list.from
			       : c.unknown >= type->list.from;
}

/* The only one of its sort in its parent: read it to see whether it is there
 * although nobody desires it. */
static void
probe_single(
    struct pass *p, const struct resource_type *type, struct node *parent)
{
	if (type->key[0] == 0 && type->exclusive && type->list.items == NULL &&
	    parent->want != NULL && count_of(p, type, parent).desired == 0)
		pass_add_extra(p, type, json_object(), NULL, parent);
}

static bool
is_listed(const struct pass *p, const struct resource_type *type,
    const struct node *parent)
{
	return is_parent(parent, type) && is_worth_listing(p, type, parent);
}

static size_t
count_listed(const struct pass *p, const struct resource_type *type)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += is_listed(p, type, p->nodes[i]);
	return n;
}

static void
list_children(struct pass *p, const struct resource_type *type)
{
	size_t n = p->n;

	for (size_t i = 0; i < n; i++)
		if (is_parent(p->nodes[i], type))
			probe_single(p, type, p->nodes[i]);
	if (type->list.owner != NULL &&
	    count_listed(p, type) >= type->list.from) {
		submit_list(p, type, NULL, listed_for_all);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (is_listed(p, type, p->nodes[i]))
			submit_list(p, type, p->nodes[i], listed);
}

void
pass_list(struct pass *p, const struct resource_type *type)
{
	if (type->parent != NULL)
		list_children(p, type);
	else if (is_worth_listing(p, type, NULL))
		submit_list(p, type, NULL, listed);
}
