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
	pass_observe_level(p);
}

/* ---- extras: ours, but nobody desires them ---- */

struct node *
pass_add_extra(struct pass *p, const struct resource_type *type,
    json_t *take_live, json_t *take_tags, struct node *parent)
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

void
pass_extras_of_index(struct pass *p)
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
		pass_add_extra(p, type, names, js_copy(tags), NULL);
	}
}

void
pass_observe(struct pass *p)
{
	pass_submit(p, "observe", run_index, pass_task(p, NULL, index_known));
}
