/*
 * Observing: the bulk index of tags and the listings of a level first, then
 * what they did not tell one by one; then the level below, whose objects
 * need their parents' live state.
 */

#include <stdlib.h>
#include <string.h>

#include "common/aws/aws.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/engine/pass_private.h"
#include "common/engine/template.h"

static void observe_level(struct pass *);
static void read_level(struct pass *);

static int
depth_of(const struct pass *p, const struct resource_type *type)
{
	int depth = 0;

	for (; type->parent != NULL; depth++)
		type = pass_type(p, type->parent);
	return depth;
}

/* ---- the index: tags of everything that is ours, 100 a call ---- */

struct indexing {
	json_t *index;
};

static int
index_page(void *arg, const json_t *answer)
{
	struct indexing *x = arg;
	size_t i;
	json_t *one;

	js_each (js_get(answer, "ResourceTagMappingList"), i, one) {
		json_t *tags = json_object();
		size_t j;
		json_t *tag;

		js_each (js_get(one, "Tags"), j, tag)
			js_set(tags, js_str(tag, "Key"),
			    js_copy(js_get(tag, "Value")));
		js_set(x->index, js_str(one, "ResourceARN"), tags);
	}
	return 0;
}

static void
run_index(struct job *job)
{
	struct task *t = (struct task *)job;
	struct indexing x = { json_object() };
	json_auto_t *input = js_pack("{s:[{s:s, s:[s]}, {s:s, s:[s]}]}",
	    "TagFilters", "Key", TAG_INSTALLATION, "Values",
	    t->realm->installation, "Key", TAG_ARCHITECTURE, "Values",
	    t->realm->architecture);

	t->rc = aws_pages(t->realm->aws, "resourcegroupstaggingapi",
	    "GetResources", input, index_page, &x, &t->err);
	t->output = x.index;
}

/* Without the permission every object is asked for its tags, and what left
 * Git is not found; any other failure ends the pass. */
static void
index_known(struct task *t)
{
	struct pass *p = t->pass;

	if (p->cancelled || p->finished)
		return;
	if (t->rc == 0)
		p->index = js_move(&t->output);
	else if (t->err.kind != ERR_DENIED) {
		pass_fail(p, &t->err);
		return;
	}
	observe_level(p);
}

/* ---- extras: ours, but nobody desires them ---- */

static struct node *
add_extra(struct pass *p, const struct resource_type *type, json_t *take_live,
    json_t *take_tags, struct node *parent)
{
	struct node *node = pass_add_node(p, NULL, type);
	const char *address = js_str(take_tags, TAG_RESOURCE);

	node->object.live = take_live;
	node->object.tags = take_tags;
	node->parent_node = parent;
	if (parent != NULL)
		node->object.parent = js_copy(parent->object.live);
	if (address != NULL)
		node->object.address = mem_str(address);
	return node;
}

/* What is desired, by its ARN or, when that cannot be told yet, by the
 * address in its tags: whatever else its tags say, it is no extra. */
static json_t *
desired_names(const struct pass *p)
{
	json_t *arns = json_object();

	for (size_t i = 0; i < p->options.graph->n; i++) {
		const struct node *node = p->nodes[i];
		auto_free char *arn = object_arn(
		    &p->realm, node->type, node->want->props, NULL);

		js_set(arns, arn ? arn : node->want->address, json_true());
	}
	return arns;
}

static const struct resource_type *
type_of_arn(const struct pass *p, const char *arn, json_t **ret_names)
{
	for (size_t i = 0; p->options.types[i] != NULL; i++) {
		const struct resource_type *type = p->options.types[i];

		if (type->parent == NULL && type->tags.indexed && type->arn &&
		    template_match(type->arn, arn, ret_names))
			return type;
	}
	return NULL;
}

static void
extras_of_index(struct pass *p)
{
	json_auto_t *desired = desired_names(p);
	const char *arn;
	json_t *tags;

	js_foreach (p->index, arn, tags) {
		json_t *names = NULL;
		const struct resource_type *type;
		const char *address = js_str(tags, TAG_RESOURCE);

		if (js_get(desired, arn) != NULL ||
		    (address != NULL && js_get(desired, address) != NULL))
			continue;
		type = type_of_arn(p, arn, &names);
		if (type == NULL)
			continue;
		js_del(names, "account");
		js_del(names, "region");
		js_del(names, "partition");
		add_extra(p, type, names, js_copy(tags), NULL);
	}
}

/* ---- listings ---- */

static void
run_list(struct job *job)
{
	struct task *t = (struct task *)job;

	t->rc = object_list(t->realm, t->type, t->input, &t->output, &t->err);
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

	for (size_t i = 0; i < t->pass->n; i++) {
		const struct node *node = t->pass->nodes[i];
		auto_free char *key = NULL;

		if (node->type != t->type || node->parent_node != t->node ||
		    node->state != NODE_UNSEEN)
			continue;
		key = key_of_node(node);
		if (key != NULL)
			js_set(map, key, json_integer((json_int_t)i));
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
		node = add_extra(t->pass, t->type, js_move(&o.live),
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
	for (size_t i = 0; i < t->pass->n; i++) {
		struct node *node = t->pass->nodes[i];

		if (node->type == t->type && node->parent_node == t->node &&
		    node->state == NODE_UNSEEN && node->object.live == NULL)
			node->state = NODE_SEEN;
	}
}

static void
fail_listed(struct task *t)
{
	for (size_t i = 0; i < t->pass->n; i++) {
		struct node *node = t->pass->nodes[i];

		if (node->type == t->type && node->parent_node == t->node) {
			node_fail(node, &t->err);
			node->state = NODE_SEEN;
		}
	}
}

static void
listed(struct task *t)
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
	if (p->flying == 0 && !p->cancelled)
		read_level(p);
}

static void
submit_list(
    struct pass *p, const struct resource_type *type, struct node *parent)
{
	struct task *t = pass_task(p, parent, listed);

	t->type = type;
	t->input = parent ? js_copy(parent->object.live) : NULL;
	pass_submit(p, pass_pool(p, type), run_list, t);
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

	for (size_t i = 0; i < p->n; i++) {
		const struct node *node = p->nodes[i];

		if (node->type != type || node->parent_node != parent ||
		    node->state != NODE_UNSEEN)
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
		add_extra(p, type, json_object(), NULL, parent);
}

static void
list_children(struct pass *p, const struct resource_type *type)
{
	size_t n = p->n;

	for (size_t i = 0; i < n; i++) {
		struct node *parent = p->nodes[i];

		if (strcmp(parent->type->name, type->parent) != 0 ||
		    parent->object.live == NULL || parent->err != NULL)
			continue;
		probe_single(p, type, parent);
		if (is_worth_listing(p, type, parent))
			submit_list(p, type, parent);
	}
}

/* ---- reads ---- */

static void
run_read(struct job *job)
{
	struct task *t = (struct task *)job;

	t->rc = object_read(t->realm, &t->object, js_move(&t->input), &t->err);
}

static void
was_read(struct task *t)
{
	struct pass *p = t->pass;
	struct node *node = t->node;

	node->object = t->object;
	memset(&t->object, 0, sizeof(t->object));
	node->state = NODE_SEEN;
	if (t->rc == -1)
		node_fail(node, &t->err);
	if (p->flying == 0 && !p->cancelled)
		read_level(p);
}

/* An extra is asked for its tags itself: the index may be minutes old. */
static json_t *
known_tags(const struct pass *p, const struct node *node)
{
	auto_free char *arn = NULL;

	if (node->want == NULL)
		return node->type->tags.list.op ? NULL
						: js_copy(node->object.tags);
	arn = object_arn(
	    &p->realm, node->type, node->object.desired, node->object.live);
	return arn ? js_copy(js_get(p->index, arn)) : NULL;
}

static void
submit_read(struct pass *p, struct node *node)
{
	struct task *t = pass_task(p, node, was_read);

	t->input = known_tags(p, node);
	t->object = node->object;
	memset(&node->object, 0, sizeof(node->object));
	node->object.type = node->type;
	pass_submit(p, node->want ? node->want->pool : "observe", run_read, t);
}

static bool
parent_is_missing(const struct node *node)
{
	return node->parent_node != NULL &&
	       node->parent_node->object.live == NULL;
}

static bool
has_failed_parent(const struct node *node)
{
	return node->parent_node != NULL && node->parent_node->err != NULL;
}

/* ---- levels ---- */

/* What an earlier pass learnt saves the calls that find it. */
static void
remember(struct pass *p, struct node *node)
{
	const json_t *known = js_get(
	    js_get(p->options.memory, "ids"), node->object.address);

	if (node->want != NULL && known != NULL)
		node->object.live = js_copy(known);
}

static bool
is_on_level(const struct pass *p, const struct node *node)
{
	return depth_of(p, node->type) == p->level;
}

static void
prepare_level(struct pass *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct node *node = p->nodes[i];

		if (node->state != NODE_UNSEEN || !is_on_level(p, node))
			continue;
		pass_prepare(node);
		if (has_failed_parent(node)) {
			node_fail(node, node->parent_node->err);
			node->state = NODE_SEEN;
		} else if (parent_is_missing(node))
			node->state = NODE_SEEN;
		else if (node->type->find.op != NULL)
			remember(p, node);
	}
}

static void
observe_level(struct pass *p)
{
	bool any = false;

	if (p->level == 0)
		extras_of_index(p);
	prepare_level(p);
	for (size_t i = 0; p->options.types[i] != NULL; i++) {
		const struct resource_type *type = p->options.types[i];

		if (depth_of(p, type) < p->level)
			continue;
		any = true;
		if (depth_of(p, type) > p->level)
			continue;
		if (type->parent != NULL)
			list_children(p, type);
		else if (is_worth_listing(p, type, NULL))
			submit_list(p, type, NULL);
	}
	if (!any)
		pass_make_plan(p);
	else if (p->flying == 0)
		read_level(p);
}

static void
read_level(struct pass *p)
{
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
	p->level++;
	observe_level(p);
}

void
pass_observe(struct pass *p)
{
	pass_submit(p, "observe", run_index, pass_task(p, NULL, index_known));
}
