/* Objects that a listing tells of: see object.h. */

#include <string.h>

#include "common/aws/aws.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/engine/compare.h"
#include "common/engine/object_private.h"
#include "common/engine/template.h"

struct collecting {
	const struct resource_type *type;
	void (*item)(void *arg, json_t *take_item);
	void *arg;
	unsigned calls;
};

static void
give(struct collecting *c, const json_t *item)
{
	const struct listing *list = &c->type->list;
	json_t *one = js_copy(item);

	if (list->wrap != NULL) {
		json_t *wrapped = json_object();

		js_set(wrapped, list->wrap, one);
		one = wrapped;
	}
	if (c->type->normalise != NULL)
		c->type->normalise(one);
	c->item(c->arg, one);
}

static int
collect(void *arg, const json_t *answer)
{
	struct collecting *c = arg;
	const struct listing *list = &c->type->list;
	json_auto_t *document =
	    list->text ? compare_document(js_path(answer, list->text)) : NULL;
	const json_t *items = js_path(
	    document ? document : answer, list->items);
	size_t i;
	json_t *item;

	c->calls++;
	js_each (items, i, item)
		give(c, item);
	return 0;
}

int
object_list(const struct realm *realm, const struct resource_type *type,
    const json_t *parent, void (*item)(void *arg, json_t *take_item), void *arg,
    unsigned *ret_calls, struct err *err)
{
	json_auto_t *specials = object_specials(realm, parent);
	struct scope scope = { { specials } };
	json_auto_t *input = type->list.input
				 ? template_eval(type->list.input, &scope)
				 : NULL;
	struct collecting c = { type, item, arg, 0 };

	if (type->list.op == NULL)
		collect(&c, parent); /* the parent's live state holds them */
	else if (aws_pages(realm->aws, type->service, type->list.op, input,
		     collect, &c, err) == -1)
		return -1;
	if (ret_calls != NULL)
		*ret_calls = c.calls;
	return 0;
}

void
object_take_item(struct object *o, json_t *take_item)
{
	js_replace(&o->live, take_item);
	o->listed = o->type->list.full || o->type->read.op == NULL;
	js_replace(&o->tags, tags_of_live(o->type, o->live));
}

static bool
same_text(const json_t *a, const json_t *b)
{
	return json_is_string(a) && json_is_string(b)
		   ? strcmp(json_string_value(a), json_string_value(b)) == 0
		   : js_equal(a, b);
}

bool
object_is_item(const struct object *o, const json_t *item)
{
	const struct resource_type *type = o->type;
	const json_t *from = o->desired ? o->desired : o->live;

	if (strcmp(type->key, "@address") == 0) {
		json_auto_t *tags = tags_of_live(type, item);
		const char *address = js_str(tags, TAG_RESOURCE);

		return address != NULL && o->address != NULL &&
		       strcmp(address, o->address) == 0;
	}
	words_each (type->key, w, n) {
		auto_free char *name = mem_strn(w, n);

		if (js_get(item, name) == NULL ||
		    !same_text(js_get(from, name), js_get(item, name)))
			return false;
	}
	return true;
}
