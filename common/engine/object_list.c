/* Objects that a listing tells of: see object.h. */

#include <string.h>

#include "common/aws/aws.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/packed.h"
#include "common/base/text.h"
#include "common/engine/compare.h"
#include "common/engine/object_private.h"
#include "common/engine/template.h"

struct collecting {
	const struct resource_type *type;
	struct lookup *lookup;
	json_t *where;             /* {key: position} of what `also` shows */
	struct packed_doc *others; /* that; or NULL */
};

/* Marks an item that one list shows and the other, a moment older, does not:
 * it is read alone. */
#define PARTIAL  "convergd:partial"
#define OTHERS   "others"
#define TOO_DEAR 1 /* the walk ends; nothing failed */

char *
object_key(const char *words, const json_t *x)
{
	struct buf b = BUF_INIT;

	words_each (words, w, n) {
		auto_free char *name = mem_strn(w, n);
		auto_free char *value = js_dump(js_get(x, name));

		buf_adds(&b, value);
		buf_addc(&b, '\n');
	}
	return buf_take(&b);
}

/* The members that another list shows of the item. */
static void
join(const struct collecting *c, json_t *item)
{
	auto_free char *key = object_key(c->type->key, item);
	const json_t *at = js_get(c->where, key);
	json_auto_t *other = at == NULL ? NULL
					: packed_doc_at(c->others, OTHERS,
					      (size_t)json_integer_value(at));

	if (other != NULL)
		js_merge(item, other);
	else
		js_set(item, PARTIAL, json_true());
}

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
	if (c->others != NULL)
		join(c, one);
	if (c->type->normalise != NULL)
		c->type->normalise(one);
	c->lookup->item(c->lookup->arg, one);
}

static int
count_page(struct lookup *l)
{
	l->calls++;
	l->dear = l->most > 0 && l->calls > l->most;
	return l->dear ? TOO_DEAR : 0;
}

static void
give_all(struct collecting *c, const json_t *items)
{
	size_t i;
	json_t *item;

	js_each (items, i, item)
		give(c, item);
}

static int
collect(void *arg, const json_t *answer)
{
	struct collecting *c = arg;
	const struct listing *list = &c->type->list;
	json_auto_t *document =
	    list->text ? compare_document(js_path(answer, list->text)) : NULL;

	if (count_page(c->lookup) == TOO_DEAR)
		return TOO_DEAR;
	give_all(c, js_path(document ? document : answer, list->items));
	return 0;
}

static int
collect_other(void *arg, const json_t *answer)
{
	struct collecting *c = arg;
	size_t i;
	json_t *item;

	if (count_page(c->lookup) == TOO_DEAR)
		return TOO_DEAR;
	js_each (js_path(answer, c->type->also.items), i, item) {
		auto_free char *key = object_key(c->type->key, item);

		js_set(c->where, key,
		    json_integer(
			(json_int_t)packed_doc_len(c->others, OTHERS)));
		packed_doc_push(c->others, OTHERS, js_copy(item));
	}
	return 0;
}

static int
walk(const struct realm *realm, struct collecting *c, const char *op,
    const char *input, int (*page)(void *arg, const json_t *), struct err *err)
{
	json_auto_t *specials = object_specials(realm, c->lookup->parent);
	struct scope scope = { { specials } };
	json_auto_t *in = input ? template_eval(input, &scope) : NULL;

	return aws_pages(realm->aws, c->type->service, op, in, page, c, err);
}

/* `also` first, then each item of `list` as it comes. */
static int
walk_both(const struct realm *realm, struct collecting *c, struct err *err)
{
	const struct listing *list = &c->type->list, *also = &c->type->also;
	bool wide = c->lookup->parent == NULL && c->type->parent != NULL;
	int rc = 0;

	if (also->op != NULL) {
		c->where = json_object();
		c->others = packed_doc_new(NULL);
		rc = walk(realm, c, also->op, also->input, collect_other, err);
	}
	return rc != 0 ? rc
		       : walk(realm, c, wide ? list->wide : list->op,
			     list->input, collect, err);
}

int
object_list(const struct realm *realm, const struct resource_type *type,
    struct lookup *l, struct err *err)
{
	struct collecting c = { .type = type, .lookup = l };
	const json_t *held = type->list.held
				 ? js_get(l->parent, type->list.held)
				 : NULL;
	int rc = 0;

	l->calls = 0;
	l->dear = false;
	if (held != NULL)
		give_all(&c, held);
	else
		rc = walk_both(realm, &c, err);
	js_free(c.where);
	packed_doc_free(c.others);
	return rc == -1 ? -1 : 0;
}

void
object_take_item(struct object *o, json_t *take_item)
{
	js_replace(&o->live, take_item);
	o->listed = (o->type->list.full || o->type->read.op == NULL) &&
		    js_get(o->live, PARTIAL) == NULL;
	js_del(o->live, PARTIAL);
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
