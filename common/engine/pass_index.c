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
	json_t *index = arg;
	size_t i;
	json_t *one;

	js_each (js_get(answer, "ResourceTagMappingList"), i, one) {
		json_auto_t *tags = json_object();
		auto_free char *text = NULL;
		size_t j;
		json_t *tag;

		js_each (js_get(one, "Tags"), j, tag)
			js_set(tags, js_str(tag, "Key"),
			    js_copy(js_get(tag, "Value")));
		text = js_dump(tags);
		js_set_str(index, js_str(one, "ResourceARN"), text);
	}
	return 0;
}

static json_t *
parse_tags(const json_t *text)
{
	json_t *tags = NULL;
	struct err err;

	if (text != NULL)
		must(js_parse(js_text(text), json_string_length(text), &tags,
			 &err) == 0);
	return tags;
}

json_t *
pass_index_tags(const struct pass *p, const char *arn)
{
	return arn ? parse_tags(js_get(p->index, arn)) : NULL;
}

static void
run_index(struct work *w)
{
	json_auto_t *input = js_pack("{s:[{s:s, s:[s]}, {s:s, s:[s]}]}",
	    "TagFilters", "Key", TAG_INSTALLATION, "Values",
	    w->realm->installation, "Key", TAG_ARCHITECTURE, "Values",
	    w->realm->architecture);

	w->output = json_object();
	w->rc = aws_pages(w->realm->aws, "resourcegroupstaggingapi",
	    "GetResources", input, index_page, w->output, &w->err);
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
		p->index = js_move(&t->work->output);
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
	const char *arn;
	json_t *text;

	js_foreach (p->index, arn, text) {
		json_auto_t *tags = NULL;
		const char *address;

		if (js_get(desired, arn) != NULL)
			continue;
		tags = parse_tags(text);
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
