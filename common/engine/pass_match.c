/*
 * What a listing showed and what is desired find each other by key. What it
 * did not show is not there; what it shows beyond is an extra.
 */

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/engine/pass_private.h"

/* What a listing shows of the children of a parent, or of a type's roots. */
struct shown {
	struct pass *pass;
	const struct resource_type *type;
	struct node *parent;            /* or NULL */
	const struct packed_doc *items; /* pass_private.h */
	const json_t *which;   /* positions of its own; NULL: all are */
	const struct err *err; /* the listing failed; or NULL */
};

static bool
is_by_address(const struct shown *f)
{
	return strcmp(f->type->key, "@address") == 0;
}

static char *
key_of_node(const struct node *node)
{
	json_auto_t *x = NULL;

	if (strcmp(node->type->key, "@address") == 0)
		return mem_str(node->address);
	x = node->want ? node_desired(node) : packed_open(node->live);
	return object_key(node->type->key, x);
}

/* The address that a person has said this object is; one that has its object
 * needs no other. */
static const char *
adopted_as(const struct shown *f, const json_t *live)
{
	const char *id = js_str(live, f->type->id), *address;
	json_t *said;

	js_foreach (f->pass->options.adopt, address, said) {
		const struct node *node = pass_find(f->pass, address);

		if (id != NULL && json_is_string(said) &&
		    strcmp(js_text(said), id) == 0 && node != NULL &&
		    node->type == f->type && node->live == NULL)
			return address;
	}
	return NULL;
}

static char *
key_of_item(const struct shown *f, const json_t *item)
{
	struct object o = { .type = f->type };
	char *key;

	if (!is_by_address(f))
		return object_key(f->type->key, item);
	object_take_item(&o, js_copy(item));
	key = mem_str(object_ownership(&f->pass->realm, o.tags) == OWNED
			  ? js_str(o.tags, TAG_RESOURCE)
			  : adopted_as(f, o.live));
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
		return pass_is_exclusive(f->type, f->parent) ||
		       f->parent->want == NULL;
	if (object_ownership(&f->pass->realm, o->tags) != OWNED)
		return false;
	return !is_by_address(f) || (!is_accounted_for(f->pass, o->tags) &&
					!pass_is_awaited(f->pass, f->items, o));
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
	} else if (f->parent != NULL && !f->type->history &&
		   !f->type
			->recorded) { /* which the next pass takes for drift */
		pass_note_child(f->pass, f->parent, f->type, o.live);
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
	if (node->type->list.full && o.listed && !object_wants_more(&o) &&
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
match_item(const struct shown *f, const json_t *expect, const json_t *heirs,
    const json_t *item)
{
	auto_free char *key = key_of_item(f, item);
	const char *id = heirs ? js_str(item, f->type->id) : NULL;
	const json_t *heir = id ? js_get(heirs, id) : NULL;
	const json_t *at = json_is_integer(heir) ? heir
			   : key                 ? js_get(expect, key)
						 : NULL;

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
	json_auto_t *expect = expected(f), *heirs = NULL;
	size_t n = f->which ? js_len(f->which)
			    : packed_doc_len(f->items, PASS_ITEMS);

	if (f->err != NULL && f->err->kind != ERR_ABSENT) {
		fail_listed(f);
		return;
	}
	if (is_by_address(f) && f->err == NULL)
		heirs = pass_heirs(f->pass, f->type, f->items);
	for (size_t i = 0; i < n && f->err == NULL; i++) {
		json_auto_t *item = packed_doc_at(f->items, PASS_ITEMS,
		    f->which ? (size_t)json_integer_value(js_at(f->which, i))
			     : i);

		match_item(f, expect, heirs, item);
	}
	settle_missing(f);
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

void
pass_match(const struct task *t)
{
	struct shown shown = shown_by(t);

	match(&shown);
}

/* ---- one listing for the children of all parents ---- */

bool
pass_is_parent(const struct node *node, const struct resource_type *type)
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

	packed_doc_each (f->items, PASS_ITEMS, item) {
		auto_free char *owner = object_key(f->type->list.owner, item);

		if (js_get(map, owner) == NULL)
			js_set(map, owner, json_array());
		js_push((json_t *)js_get(map, owner),
		    json_integer((json_int_t)at++));
	}
	return map;
}

static void
move_positions(
    json_t *to, json_t *owners, const char *words, const json_t *owner)
{
	auto_free char *key = object_key(words, owner);
	const json_t *its = js_get(owners, key);

	for (size_t i = 0; i < js_len(its); i++)
		js_push(to, js_copy(js_at(its, i)));
	js_del(owners, key);
}

/* Taken out of owners. Of an attribute that is an array, every element
 * owns. */
static json_t *
positions_of(const struct listing *list, json_t *owners, const json_t *parent)
{
	const json_t *all = js_get(parent, list->owner_is);
	json_t *which = json_array();

	if (!json_is_array(all))
		move_positions(which, owners, list->owner_is, parent);
	for (size_t i = 0; json_is_array(all) && i < js_len(all); i++) {
		json_auto_t *one = json_object();

		js_set(one, list->owner_is, js_copy(js_at(all, i)));
		move_positions(which, owners, list->owner_is, one);
	}
	return which;
}

/* The part of a listing for all parents that is about one. */
static void
match_parent(const struct shown *all, json_t *owners, struct node *parent)
{
	json_auto_t *live = packed_open(parent->live);
	json_auto_t *which = positions_of(&all->type->list, owners, live);
	struct shown one = *all;

	one.parent = parent;
	one.which = which;
	match(&one);
}

/* Items of no parent that the pass has seen. */
static void
match_rest(const struct shown *all, const json_t *owners)
{
	const char *owner;
	json_t *its;

	js_foreach (owners, owner, its)
		for (size_t i = 0; i < js_len(its); i++) {
			json_auto_t *item = packed_doc_at(all->items,
			    PASS_ITEMS,
			    (size_t)json_integer_value(js_at(its, i)));

			pass_take_lost(all->pass, all->type, item);
		}
}

void
pass_match_all(const struct task *t)
{
	struct shown all = shown_by(t);
	json_auto_t *owners = by_owner(&all);
	size_t n = t->pass->n;

	for (size_t i = 0; i < n; i++)
		if (pass_is_parent(t->pass->nodes[i], t->type))
			match_parent(&all, owners, t->pass->nodes[i]);
	if (all.err == NULL)
		match_rest(&all, owners);
}
