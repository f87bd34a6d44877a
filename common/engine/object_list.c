/* Objects that a listing tells of: see object.h. */

#include <string.h>

#include "common/aws/aws.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/engine/compare.h"
#include "common/engine/object_private.h"
#include "common/engine/template.h"

struct collecting {
	const struct listing *list;
	json_t *items;
	unsigned calls;
};

static int
collect(void *arg, const json_t *answer)
{
	struct collecting *c = arg;
	json_auto_t *document = c->list->text ? compare_document(js_path(
						    answer, c->list->text))
					      : NULL;
	const json_t *items = js_path(
	    document ? document : answer, c->list->items);
	size_t i;
	json_t *item;

	c->calls++;
	js_each (items, i, item) {
		json_t *one = js_copy(item);

		if (c->list->wrap != NULL) {
			json_t *wrapped = json_object();

			js_set(wrapped, c->list->wrap, one);
			one = wrapped;
		}
		js_push(c->items, one);
	}
	return 0;
}

int
object_list(const struct realm *realm, const struct resource_type *type,
    const json_t *parent, json_t **ret_items, unsigned *ret_calls,
    struct err *err)
{
	json_auto_t *specials = object_specials(realm, parent);
	struct scope scope = { { specials } };
	json_auto_t *input = type->list.input
				 ? template_eval(type->list.input, &scope)
				 : NULL;
	json_auto_t *items = json_array();
	struct collecting c = { &type->list, items, 0 };
	size_t i;
	json_t *item;

	if (type->list.op == NULL)
		collect(&c, parent); /* the parent's live state holds them */
	else if (aws_pages(realm->aws, type->service, type->list.op, input,
		     collect, &c, err) == -1)
		return -1;
	if (type->normalise != NULL)
		js_each (items, i, item)
			type->normalise(item);
	*ret_items = js_move(&items);
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
