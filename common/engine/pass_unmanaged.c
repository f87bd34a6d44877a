/*
 * What is there beside what Git says, and stays: it is no difference, nothing
 * is written because of it, and plans show it apart. A pass learns of it from
 * the calls that it makes anyway, in an order that is not always the same:
 * kept are the first ones by their names, the others are counted.
 */

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/engine/pass_private.h"
#include "common/engine/template.h"

#define MOST_KEYS 8 /* of tags that are named */

/* ---- keeping ---- */

static int
compare(const struct unmanaged *a, const struct unmanaged *b)
{
	int order = (int)a->tags - (int)b->tags;

	order = order ? order : strcmp(a->display, b->display);
	order = order ? order : strcmp(a->type, b->type);
	return order ? order : strcmp(a->id, b->id);
}

static void
forget(struct unmanaged *x)
{
	free(x->display);
	free(x->id);
}

static void
keep(struct pass *p, struct unmanaged take_new)
{
	size_t at = p->n_unmanaged;

	p->all_unmanaged++;
	if (at == UNMANAGED_MOST &&
	    compare(&take_new, &p->unmanaged[--at]) > 0) {
		forget(&take_new);
		return;
	}
	if (p->n_unmanaged == UNMANAGED_MOST)
		forget(&p->unmanaged[at]);
	else
		p->n_unmanaged++;
	for (; at > 0 && compare(&take_new, &p->unmanaged[at - 1]) < 0; at--)
		p->unmanaged[at] = p->unmanaged[at - 1];
	p->unmanaged[at] = take_new;
}

void
pass_forget_unmanaged(struct pass *p)
{
	while (p->n_unmanaged > 0)
		forget(&p->unmanaged[--p->n_unmanaged]);
}

/* ---- what there is ---- */

void
pass_note_child(struct pass *p, const struct node *parent,
    const struct resource_type *type, const json_t *live)
{
	char *id = object_label(type, NULL, live);

	keep(p, (struct unmanaged){ false,
		    mem_fmt("%s/%s", parent->display, id), type->name, id });
}

void
pass_note_tagged(struct pass *p, const char *arn, const json_t *tags)
{
	const char *address = js_str(tags, TAG_RESOURCE);
	const char *rest = address ? strchr(address, '/') : NULL;

	for (size_t i = 0; p->options.types[i] != NULL; i++)
		if (p->options.types[i]->arn != NULL &&
		    template_match(p->options.types[i]->arn, arn, NULL))
			return;
	keep(p, (struct unmanaged){ false, mem_str(rest ? rest + 1 : arn),
		    "unknown", mem_str(arn) });
}

struct walk {
	struct node *node;
	const char *path;
};

static void
keep_part(void *arg, const json_t *value)
{
	const struct walk *w = arg;
	const char *text = js_text(value);
	json_int_t count = json_integer_value(value);
	char *id = NULL;

	if (text != NULL && *text != '\0')
		id = mem_str(text);
	else if (json_is_integer(value) && count > 0)
		id = mem_fmt("%" JSON_INTEGER_FORMAT, count);
	if (id != NULL)
		keep(w->node->pass,
		    (struct unmanaged){ false,
			mem_fmt("%s/%.*s", w->node->display,
			    (int)strcspn(w->path, "[."), w->path),
			w->node->type->name, id });
}

/* "Replicas[].RegionName": of every element. */
static void
note_parts(struct node *node, const json_t *live)
{
	const char *words = node->type->beside;

	words_each (words ? words : "", at, len) {
		auto_free char *path = mem_strn(at, len);
		struct walk w = { node, path };

		object_walk(live, path, keep_part, &w);
	}
}

/* AWS tells them in any order. */
static char *
names_of(const char **keys, size_t n)
{
	struct buf names = BUF_INIT;

	qsort(keys, n, sizeof(*keys), text_order);
	for (size_t i = 0; i < n && i < MOST_KEYS; i++)
		buf_addf(&names, "%s%s", i > 0 ? ", " : "", keys[i]);
	if (n > MOST_KEYS)
		buf_addf(&names, " and %zu more", n - MOST_KEYS);
	return buf_take(&names);
}

static bool
is_others_tag(const struct object *o, const char *key)
{
	return js_get(o->want_tags, key) == NULL && !text_starts(key, "aws:") &&
	       !object_owns_tag(o->tags, key);
}

static void
note_tags(struct node *node, const struct object *o)
{
	const char **keys = mem_array(const char *, js_len(o->tags) + 1);
	const char *key;
	json_t *value;
	size_t n = 0;

	js_foreach (o->tags, key, value)
		if (is_others_tag(o, key))
			keys[n++] = key;
	if (n > 0)
		keep(node->pass,
		    (struct unmanaged){ true, mem_fmt("%s/tags", node->display),
			node->type->name, names_of(keys, n) });
	free(keys);
}

void
pass_note_inside(struct node *node, const struct object *o)
{
	note_parts(node, o->live);
	note_tags(node, o);
}

/* ---- telling ---- */

void
pass_add_unmanaged(const struct pass *p, struct packed_doc *plan)
{
	packed_doc_array(plan, "extras");
	for (size_t i = 0; i < p->n_unmanaged; i++) {
		const struct unmanaged *x = &p->unmanaged[i];

		packed_doc_push(plan, "extras",
		    js_pack("{s:s, s:s, s:s}", "display", x->display, "type",
			x->type, "id", x->id));
	}
}

static void
tell(const struct pass *p, const char *word, const json_t *about)
{
	const char *display = js_text(js_at(about, 0));
	const char *architecture = p->options.graph->arch.name;
	auto_free char *address = mem_fmt("%s/%s", architecture, display);
	auto_free char *text = mem_fmt("%s %s", word, js_text(js_at(about, 2)));
	struct pass_event event = { .kind = PASS_EXTRA,
		.graph = p->options.graph,
		.address = address,
		.display = display,
		.type = js_text(js_at(about, 1)),
		.module_kind = "",
		.name = "",
		.text = text,
		.request_id = "" };

	if (p->options.event != NULL)
		p->options.event(p->options.arg, &event);
}

/* What of `these` is not in `others`; both are {text: [display, type, id]}. */
static void
tell_news(const struct pass *p, const char *word, const json_t *these,
    const json_t *others)
{
	const char *text;
	json_t *about;

	js_foreach (these, text, about)
		if (js_get(others, text) == NULL)
			tell(p, word, about);
}

static json_t *
as_set(const struct pass *p)
{
	json_t *set = json_object();

	for (size_t i = 0; i < p->n_unmanaged; i++) {
		const struct unmanaged *x = &p->unmanaged[i];
		json_t *about = js_pack(
		    "[s, s, s]", x->display, x->type, x->id);
		auto_free char *text = js_dump(about);

		js_set(set, text, about);
	}
	return set;
}

static bool
has_failed_look(const struct pass *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->nodes[i]->err != NULL)
			return true;
	return false;
}

void
pass_tell_unmanaged(struct pass *p)
{
	json_t *memory = p->options.memory;
	const json_t *before = js_get(memory, "extras");
	json_t *now;

	if (memory == NULL)
		return;
	now = as_set(p);
	tell_news(p, "found", now, before);
	if (has_failed_look(p) && before != NULL)
		js_merge(now, before); /* not seen is not gone */
	else
		tell_news(p, "gone:", before, now);
	js_set(memory, "extras", now);
}
