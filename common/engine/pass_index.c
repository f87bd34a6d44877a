/*
 * The bulk index: the tags of all that is ours, a hundred a call. What it
 * shows and nobody desires any more are the extras.
 */

#include <stdlib.h>
#include <string.h>

#include "common/aws/aws.h"
#include "common/engine/pass_private.h"
#include "common/engine/template.h"

/* ---- the index: tags of everything that is ours, 100 a call ---- */

static int
index_page(void *arg, const json_t *answer)
{
	struct packed_map *index = arg;
	size_t i;
	json_t *one;

	js_each (js_get(answer, "ResourceTagMappingList"), i, one) {
		json_auto_t *tags = json_object();
		const char *arn = js_str(one, "ResourceARN");
		size_t j;
		json_t *tag;

		js_each (js_get(one, "Tags"), j, tag)
			js_set(tags, js_str(tag, "Key"),
			    js_copy(js_get(tag, "Value")));
		if (arn != NULL)
			packed_map_add(index, arn, tags);
	}
	return 0;
}

json_t *
pass_index_tags(const struct pass *p, const char *arn)
{
	return arn ? packed_map_get(p->index, arn) : NULL;
}

static void
run_index(struct work *w)
{
	json_auto_t *input = js_pack("{s:[{s:s, s:[s]}, {s:s, s:[s]}]}",
	    "TagFilters", "Key", TAG_INSTALLATION, "Values",
	    w->realm->installation, "Key", TAG_ARCHITECTURE, "Values",
	    w->realm->architecture);

	w->index = packed_map_new();
	w->rc = aws_pages(w->realm->aws, "resourcegroupstaggingapi",
	    "GetResources", input, index_page, w->index, &w->err);
	packed_map_finish(w->index);
}

/* Without the permission every object is asked for its tags, and what left
 * Git is not found; any other failure ends the pass. */
static void
index_known(struct task *t)
{
	struct pass *p = t->pass;

	if (p->cancelled || p->finished)
		return;
	if (t->work->rc == 0)
		p->index = mem_move(&t->work->index);
	else if (t->work->err.kind != ERR_DENIED) {
		pass_fail(p, &t->work->err);
		return;
	}
	pass_observe_level(p);
}

/* ---- extras: ours, but nobody desires them ---- */

struct node *
pass_add_extra(struct pass *p, const struct resource_type *type,
    json_t *take_live, json_t *take_tags, struct node *parent)
{
	struct node *node = pass_add_node(p, NULL, type);
	const char *address = js_str(take_tags, TAG_RESOURCE);

	node->address = mem_str(address);
	node->live = packed_take(take_live);
	node->tags = packed_take(take_tags);
	node->parent_node = parent;
	if (node->address != NULL)
		js_set(p->extras, node->address, json_true());
	pass_link_node(node);
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
		json_auto_t *props = packed_open(node->want->props);
		auto_free char *arn = object_arn(
		    &p->realm, node->type, props, NULL);

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
add_unexpected(struct pass *p, const char *arn, json_t *take_tags)
{
	json_t *names = NULL;
	const struct resource_type *type = type_of_arn(p, arn, &names);

	if (type == NULL) {
		pass_note_tagged(p, arn, take_tags);
		js_free(take_tags);
		return;
	}
	js_del(names, "account");
	js_del(names, "region");
	js_del(names, "partition");
	pass_add_extra(p, type, names, take_tags, NULL);
}

void
pass_extras_of_index(struct pass *p)
{
	json_auto_t *desired = desired_names(p);

	for (size_t i = 0; i < packed_map_len(p->index); i++) {
		const char *arn = packed_map_name(p->index, i), *address;
		json_auto_t *tags = NULL;

		if (js_get(desired, arn) != NULL)
			continue;
		tags = packed_map_at(p->index, i);
		address = js_str(tags, TAG_RESOURCE);
		if (address == NULL || js_get(desired, address) == NULL)
			add_unexpected(p, arn, js_move(&tags));
	}
}

static const struct errand indexing = { NULL, run_index, index_known };

void
pass_observe(struct pass *p)
{
	pass_submit(p, "observe", &indexing, NULL, NULL);
}
