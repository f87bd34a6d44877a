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

#define ITEMS "items"

/* What a listing shows of the children of a parent, or of a type's roots. */
struct shown {
	struct pass *pass;
	const struct resource_type *type;
	struct node *parent;            /* or NULL */
	const struct packed_doc *items; /* see run_list */
	const json_t *which;   /* positions of its own; NULL: all are */
	const struct err *err; /* the listing failed; or NULL */
};

static void
keep_item(void *arg, json_t *take_item)
{
	packed_doc_push(arg, ITEMS, take_item);
}

static void
run_list(struct work *w)
{
	w->items = packed_doc_new(NULL);
	w->rc = object_list(w->realm, w->type, w->input, keep_item, w->items,
	    &w->calls, &w->err);
}

static void
ready_list(struct task *t)
{
	if (t->node != NULL)
		t->work->input = packed_open(t->node->live);
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
	json_auto_t *x = NULL;

	if (strcmp(node->type->key, "@address") == 0)
		return mem_str(node->address);
	x = node->want ? node_desired(node) : packed_open(node->live);
	return key_text(node->type, x);
}

static char *
key_of_item(const struct shown *f, const json_t *item)
{
	struct object o = { .type = f->type };
	char *key;

	if (strcmp(f->type->key, "@address") != 0)
		return key_text(f->type, item);
	object_take_item(&o, js_copy(item));
	key = object_ownership(&f->pass->realm, o.tags) == OWNED
		  ? mem_str(js_str(o.tags, TAG_RESOURCE))
		  : NULL;
	object_free(&o);
	return key;
}

/* {key: index of the node} of what the listing may show. */
static json_t *
expected(const struct shown *f)
{
	json_t *map = json_object();

	each_of_family (f->pass, f->type, f->parent, node) {
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

	return address != NULL && (pass_find(p, address) != NULL ||
				      js_get(p->extras, address) != NULL);
}

static bool
is_extra(const struct shown *f, const struct object *o)
{
	if (f->parent != NULL)
		return f->type->exclusive || f->parent->want == NULL;
	if (object_ownership(&f->pass->realm, o->tags) != OWNED)
		return false;
	return strcmp(f->type->key, "@address") != 0 ||
	       !is_accounted_for(f->pass, o->tags);
}

static void
take_unexpected(const struct shown *f, const json_t *item)
{
	struct object o = { .type = f->type };
	struct node *node;

	object_take_item(&o, js_copy(item));
	if (is_extra(f, &o)) {
		node = pass_add_extra(f->pass, f->type, js_move(&o.live),
		    js_move(&o.tags), f->parent);
		node->state = f->type->list.full ? NODE_SEEN : NODE_UNSEEN;
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
	o->tags = pass_index_tags(p, arn);
	return o->tags != NULL;
}

static void
take_expected(struct node *node, const json_t *item)
{
	struct object o;

	node_object(node, &o);
	object_take_item(&o, js_copy(item));
	if (node->type->list.full && !object_wants_more(&o) &&
	    knows_tags(node->pass, &o))
		node->state = NODE_SEEN;
	node_rest(node, &o);
	object_free(&o);
}

/* A listing tells of absence too: what it does not show is not there. */
static void
settle_missing(const struct shown *f)
{
	each_of_family (f->pass, f->type, f->parent, node)
		if (node->state == NODE_UNSEEN && node->live == NULL)
			node->state = NODE_SEEN;
}

static void
fail_listed(const struct shown *f)
{
	each_of_family (f->pass, f->type, f->parent, node) {
		node_fail(node, f->err);
		node->state = NODE_SEEN;
	}
}

static void
match_item(const struct shown *f, const json_t *expect, const json_t *item)
{
	auto_free char *key = key_of_item(f, item);
	const json_t *at = key ? js_get(expect, key) : NULL;

	if (at != NULL)
		take_expected(f->pass->nodes[json_integer_value(at)], item);
	else
		take_unexpected(f, item);
}

/* Items of the listing and nodes of the type below the parent find each
 * other. */
static void
match(const struct shown *f)
{
	json_auto_t *expect = expected(f);
	size_t n = f->which ? js_len(f->which)
			    : packed_doc_len(f->items, ITEMS);

	if (f->err != NULL && f->err->kind != ERR_ABSENT) {
		fail_listed(f);
		return;
	}
	for (size_t i = 0; i < n && f->err == NULL; i++) {
		json_auto_t *item = packed_doc_at(f->items, ITEMS,
		    f->which ? (size_t)json_integer_value(js_at(f->which, i))
			     : i);

		match_item(f, expect, item);
	}
	settle_missing(f);
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

static struct shown
shown_by(const struct task *t)
{
	const struct work *w = t->work;

	return (struct shown){ .pass = t->pass,
		.type = t->type,
		.parent = t->node,
		.items = w->items,
		.err = w->rc == -1 ? &w->err : NULL };
}

static void
listed(struct task *t)
{
	struct shown shown = shown_by(t);

	note_calls(t->pass, t->type, t->work->calls);
	match(&shown);
	go_on(t->pass);
}

static bool
is_parent(const struct node *node, const struct resource_type *type)
{
	return strcmp(node->type->name, type->parent) == 0 &&
	       node->live != NULL && node->err == NULL;
}

/* {owner: [positions of its items]} */
static json_t *
by_owner(const struct shown *f)
{
	json_t *map = json_object();
	size_t at = 0;

	packed_doc_each(f->items, ITEMS, item)
	{
		auto_free char *owner = js_dump(
		    js_get(item, f->type->list.owner));

		if (js_get(map, owner) == NULL)
			js_set(map, owner, json_array());
		js_push((json_t *)js_get(map, owner),
		    json_integer((json_int_t)at++));
	}
	return map;
}

/* The part of a listing for all parents that is about one. */
static void
match_parent(const struct shown *all, const json_t *owners, struct node *parent)
{
	json_auto_t *live = packed_open(parent->live), *none = json_array();
	auto_free char *owner = js_dump(
	    js_path(live, all->type->list.owner_is));
	struct shown one = *all;

	one.parent = parent;
	one.which = js_get(owners, owner) ? js_get(owners, owner) : none;
	match(&one);
}

/* One listing for the children of all parents. */
static void
listed_for_all(struct task *t)
{
	struct shown all = shown_by(t);
	json_auto_t *owners = by_owner(&all);
	size_t n = t->pass->n;

	for (size_t i = 0; i < n; i++)
		if (is_parent(t->pass->nodes[i], t->type))
			match_parent(&all, owners, t->pass->nodes[i]);
	go_on(t->pass);
}

static const struct errand listing = { ready_list, run_list, listed };
static const struct errand listing_for_all = { ready_list, run_list,
	listed_for_all };

static void
submit_list(struct pass *p, const struct resource_type *type,
    struct node *parent, const struct errand *errand)
{
	pass_submit(p,
	    parent && parent->want ? parent->want->pool : pass_pool(p, type),
	    errand, parent, type);
}

struct count {
	size_t desired, unknown; /* unknown: read needs what nobody told */
};

static bool
can_read(const struct node *node)
{
	return node->type->find.op == NULL || node->live != NULL;
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
		submit_list(p, type, NULL, &listing_for_all);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (is_listed(p, type, p->nodes[i]))
			submit_list(p, type, p->nodes[i], &listing);
}

void
pass_list(struct pass *p, const struct resource_type *type)
{
	if (type->parent != NULL)
		list_children(p, type);
	else if (is_worth_listing(p, type, NULL))
		submit_list(p, type, NULL, &listing);
}
