/*
 * Children that only some parents have (type.recorded): the parent's root
 * says in a tag of which types it has had some, so that one that left Git is
 * looked for, and nobody else pays for the look. A word stays once it is
 * there: it must outlive a crash before the child is gone.
 */

#include "common/base/buf.h"
#include "common/base/text.h"
#include "common/engine/pass_private.h"

static bool
is_recorded(const json_t *tags, const struct resource_type *type)
{
	const char *words = js_str(tags, TAG_CHILDREN);

	return words != NULL && words_has(words, type->name);
}

bool
pass_is_exclusive(const struct resource_type *type, const struct node *parent)
{
	const struct node *root = parent;
	json_auto_t *tags = NULL;

	if (type->exclusive || !type->recorded)
		return type->exclusive;
	while (root->parent_node != NULL)
		root = root->parent_node;
	tags = packed_open(root->tags);
	return is_recorded(tags, type);
}

static bool
has_child(const struct node *node, const struct resource_type *type)
{
	const struct node *c = node->first_child;

	for (; c != NULL; c = c->next_sibling)
		if ((c->type == type && c->want != NULL) || has_child(c, type))
			return true;
	return false;
}

void
pass_record_children(const struct node *root, json_t *tags)
{
	const struct pass *p = root->pass;
	json_auto_t *had = packed_open(root->tags);
	auto_buf struct buf words = BUF_INIT;

	for (size_t i = 0; p->options.types[i] != NULL; i++) {
		const struct resource_type *type = p->options.types[i];

		if (!type->recorded ||
		    !(has_child(root, type) || is_recorded(had, type)))
			continue;
		buf_adds(&words, words.len > 0 ? " " : "");
		buf_adds(&words, type->name);
	}
	if (words.len > 0)
		js_set_str(tags, TAG_CHILDREN, words.data);
}
