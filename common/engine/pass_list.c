/*
 * Listings: many objects from one call, where that costs less than reading
 * one by one, or where nothing else tells.
 */

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/engine/pass_private.h"

#define SINGLES_SEC 3600 /* a look for what nobody desires holds so long */

/* ---- what the next pass should know ---- */

static void
note(struct pass *p, const char *what, const struct resource_type *type,
    json_t *take_value)
{
	json_t *memory = p->options.memory;

	if (memory != NULL && js_get(memory, what) == NULL)
		js_set(memory, what, json_object());
	if (memory != NULL)
		js_set((json_t *)js_get(memory, what), type->name, take_value);
	else
		js_free(take_value);
}

/* What the listing cost decides whether the next pass lists again. */
static void
note_calls(const struct task *t)
{
	if (t->work->rc == 0 && t->node == NULL)
		note(t->pass, "calls", t->type,
		    json_integer(t->work->lookup.calls));
}

static const char *
revision_of(const struct pass *p)
{
	const char *revision = p->options.graph->arch.revision;

	return revision != NULL ? revision : "";
}

/* Is it one that nobody desires? Where a look failed, it may be. */
static bool
may_be_extra(const struct node *node, const struct resource_type *type)
{
	if (node->type == type)
		return node->err != NULL ||
		       (node->want == NULL && node->live != NULL);
	return node->err != NULL && type->parent != NULL &&
	       strcmp(node->type->name, type->parent) == 0;
}

/* At this revision nothing of the type is there that nobody desires. */
static void
note_no_extras(struct pass *p, const struct resource_type *type)
{
	for (size_t i = 0; i < p->n; i++)
		if (may_be_extra(p->nodes[i], type))
			return;
	note(p, "none", type, js_new_str(revision_of(p)));
	note(p, "looked", type, json_integer((json_int_t)clock_wall()));
}

static bool
had_no_extras(const struct pass *p, const struct resource_type *type)
{
	const char *none = js_str(
	    js_get(p->options.memory, "none"), type->name);

	return none != NULL && strcmp(none, revision_of(p)) == 0;
}

/* What only Git brings forth is looked for when Git changes; what anybody
 * can make, now and then as well. */
static bool
is_out_of_date(const struct pass *p, const struct resource_type *type)
{
	json_int_t looked = js_int(
	    js_get(p->options.memory, "looked"), type->name, 0);

	return !had_no_extras(p, type) || clock_wall() - looked > SINGLES_SEC ||
	       clock_wall() < looked;
}

/* The only one of its sort in its parent, which may be there though nobody
 * desires it. */
static bool
is_single(const struct resource_type *type)
{
	return type->key[0] == 0 && (type->exclusive || type->recorded) &&
	       type->list.items == NULL;
}

void
pass_note_singles(struct pass *p)
{
	for (size_t i = 0; p->options.types[i] != NULL; i++)
		if (is_single(p->options.types[i]) &&
		    pass_depth(p, p->options.types[i]) == p->level)
			note_no_extras(p, p->options.types[i]);
}

/* ---- which is cheaper? ---- */

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

/* Types that the index does not know are listed whatever it costs: what left
 * Git must be found. Once all was desired, that is remembered until Git
 * changes, for only we make them. */
static bool
may_hold_extras(const struct pass *p, const struct resource_type *type)
{
	return type->parent == NULL && !type->tags.indexed &&
	       type->tags.at != NULL && !had_no_extras(p, type);
}

/* Nothing else tells. */
static bool
must_list(const struct pass *p, const struct resource_type *type)
{
	return type->read.op == NULL || strcmp(type->key, "@address") == 0 ||
	       may_hold_extras(p, type);
}

/* Calls that read one object alone; those of `each` are not known before. */
static size_t
cost_of_reading(const struct resource_type *type)
{
	size_t n = 1;

	for (size_t i = 0; i < 4 && type->more[i].op != NULL; i++)
		n += type->more[i].listed;
	return n;
}

static size_t count_listed(const struct pass *, const struct resource_type *);

/* Calls that a listing of root resources, or of the children of all parents,
 * saves; more it must not take. */
static size_t
worth_of(const struct pass *p, const struct resource_type *type)
{
	struct count c;

	if (type->parent != NULL)
		return count_listed(p, type);
	c = count_of(p, type, NULL);
	return type->list.full ? c.desired * cost_of_reading(type) : c.unknown;
}

/* Pages of a large account may cost more than a few reads. */
static bool
is_dear(const struct pass *p, const struct resource_type *type)
{
	json_int_t calls = js_int(
	    js_get(p->options.memory, "calls"), type->name, 0);

	return calls > (json_int_t)worth_of(p, type);
}

static bool
is_worth_listing(const struct pass *p, const struct resource_type *type,
    const struct node *parent)
{
	struct count c = count_of(p, type, parent);

	if (type->list.items == NULL)
		return false;
	if (parent != NULL && parent->want == NULL)
		return type->outlives ||
		       (type->recorded && pass_is_exclusive(type, parent));
	if (parent != NULL && pass_is_exclusive(type, parent))
		return true;
	if (c.desired == 0)
		return parent == NULL && may_hold_extras(p, type);
	if (must_list(p, type))
		return true;
	if (parent == NULL && is_dear(p, type))
		return false;
	return type->list.full ? c.desired >= type->list.from
			       : c.unknown >= type->list.from;
}

static bool
is_listed(const struct pass *p, const struct resource_type *type,
    const struct node *parent)
{
	return pass_is_parent(parent, type) &&
	       is_worth_listing(p, type, parent);
}

static size_t
count_listed(const struct pass *p, const struct resource_type *type)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += is_listed(p, type, p->nodes[i]);
	return n;
}

/* ---- listing ---- */

static void
keep_item(void *arg, json_t *take_item)
{
	packed_doc_push(arg, PASS_ITEMS, take_item);
}

static void
run_list(struct work *w)
{
	w->items = packed_doc_new(NULL);
	w->lookup.parent = w->input;
	w->lookup.item = keep_item;
	w->lookup.arg = w->items;
	w->rc = object_list(w->realm, w->type, &w->lookup, &w->err);
}

static void
ready_list(struct task *t)
{
	struct pass *p = t->pass;

	if (t->node != NULL)
		t->work->input = packed_open(t->node->live);
	else if (t->type->parent != NULL ? !pass_may_be_lost(p, t->type)
					 : !must_list(p, t->type))
		t->work->lookup.most = (unsigned)worth_of(p, t->type);
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
	const struct work *w = t->work;

	note_calls(t);
	if (!w->lookup.dear) /* else reading costs less */
		pass_match(t);
	if (w->rc == 0 && !w->lookup.dear && t->type->parent == NULL)
		note_no_extras(t->pass, t->type);
	go_on(t->pass);
}

static const struct errand listing = { ready_list, run_list, listed };

static void
submit_list(struct pass *p, const struct resource_type *type,
    struct node *parent, const struct errand *errand)
{
	pass_submit(p,
	    parent && parent->want ? parent->want->pool : pass_pool(p, type),
	    errand, parent, type);
}

/* ---- children ---- */

static void
list_each(struct pass *p, const struct resource_type *type)
{
	size_t n = p->n;

	for (size_t i = 0; i < n; i++)
		if (is_listed(p, type, p->nodes[i]))
			submit_list(p, type, p->nodes[i], &listing);
}

/* One listing for the children of all parents. */
static void
listed_for_all(struct task *t)
{
	note_calls(t);
	if (!t->work->lookup.dear)
		pass_match_all(t);
	else if (!t->pass->cancelled) /* theirs cost less */
		list_each(t->pass, t->type);
	go_on(t->pass);
}

static const struct errand listing_for_all = { ready_list, run_list,
	listed_for_all };

static bool
may_have_unwanted(const struct resource_type *type, const struct node *parent)
{
	return pass_is_parent(parent, type) && parent->want != NULL &&
	       pass_is_exclusive(type, parent);
}

/* Read to see whether Git had it before, or somebody made it. */
static void
probe_singles(struct pass *p, const struct resource_type *type)
{
	size_t n = p->n;

	for (size_t i = 0; i < n; i++) {
		struct node *parent = p->nodes[i];

		if (may_have_unwanted(type, parent) &&
		    count_of(p, type, parent).desired == 0)
			pass_add_extra(p, type, json_object(), NULL, parent);
	}
}

static void
list_children(struct pass *p, const struct resource_type *type)
{
	size_t parents = count_listed(p, type);

	if (is_single(type) && is_out_of_date(p, type))
		probe_singles(p, type);
	if (pass_may_be_lost(p, type) ||
	    (type->list.wide != NULL && parents >= type->list.from &&
		!is_dear(p, type)))
		submit_list(p, type, NULL, &listing_for_all);
	else
		list_each(p, type);
}

static bool
has_any(const struct pass *p, const struct resource_type *type,
    const struct node *parent)
{
	each_of_family (p, type, parent, node)
		return true;
	return false;
}

static void
probe_beside(struct pass *p, struct node *parent)
{
	for (size_t i = 0; p->options.types[i] != NULL; i++) {
		const struct resource_type *type = p->options.types[i];

		if (type->parent != NULL && is_single(type) &&
		    may_have_unwanted(type, parent) &&
		    !has_any(p, type, parent))
			pass_add_extra(p, type, json_object(), NULL, parent);
	}
}

void
pass_probe_suspects(struct pass *p)
{
	size_t n = p->n;

	for (size_t i = p->options.graph->n; i < n; i++) {
		const struct node *extra = p->nodes[i];

		if (extra->parent_node != NULL && extra->live != NULL &&
		    pass_depth(p, extra->type) == p->level)
			probe_beside(p, extra->parent_node);
	}
}

void
pass_list(struct pass *p, const struct resource_type *type)
{
	if (type->parent != NULL)
		list_children(p, type);
	else if (is_worth_listing(p, type, NULL))
		submit_list(p, type, NULL, &listing);
}
