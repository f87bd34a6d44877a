/* Reading one AWS object, alone: see object.h. */

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/engine/object_private.h"
#include "common/engine/template.h"

/* ---- absence ---- */

/* Codes that the call itself names; in `more` a part that is not there. */
static bool
is_no_part(const struct call *call, const struct err *err)
{
	return call->absent != NULL && err->code[0] != 0 &&
	       words_has(call->absent, err->code);
}

bool
object_is_absent(const struct call *call, const struct err *err)
{
	return err->kind == ERR_ABSENT || is_no_part(call, err);
}

/* ---- one call ---- */

static bool
is_property(const struct resource_type *type, const char *name)
{
	for (const struct property *p = type->properties; p->name; p++)
		if (strcmp(p->name, name) == 0)
			return true;
	return false;
}

/* A call's input may need what nobody knows yet: then there is no object. A
 * property that is not desired is no such thing; it is left out. */
static bool
is_complete(const struct resource_type *type, const struct call *call,
    const struct scope *scope)
{
	const char *p = call->input ? call->input : "";

	for (; (p = strchr(p, '$')) != NULL; p++) {
		auto_free char *name = mem_strn(
		    p, 1 + strcspn(p + 1, " ,}]\"$"));
		json_auto_t *x = NULL;

		if (name[1] == '{' || is_property(type, name + 1))
			continue;
		x = template_eval(name, scope);
		if (x == NULL)
			return false;
	}
	return true;
}

static bool
is_wanted(const struct call *call, const struct object *o)
{
	if (call->if_any == NULL)
		return true;
	words_each (call->if_any, w, n) {
		auto_free char *name = mem_strn(w, n);

		if (js_get(o->desired, name) || js_get(o->live, name))
			return true;
	}
	return false;
}

static const json_t *
take(const struct call *call, const json_t *answer)
{
	return call->take ? js_path(answer, call->take) : answer;
}

/* Some reads answer with several: ours is the one with our key. */
static void
pick(struct object *o, const json_t *candidates)
{
	json_auto_t *list = js_copy(candidates);
	size_t i;
	json_t *item;

	js_each (list, i, item) {
		if (o->type->normalise != NULL)
			o->type->normalise(item);
		if (!object_is_item(o, item))
			continue;
		js_merge(o->live, item);
		return;
	}
	js_replace(&o->live, NULL);
}

/* Does this row tell what nobody has told yet? */
static bool
is_open(const struct call *call, const struct object *o, bool listed)
{
	return !(listed && call->listed) && is_wanted(call, o);
}

bool
object_wants_more(const struct object *o)
{
	for (size_t i = 0; i < 4 && o->type->more[i].op != NULL; i++)
		if (is_open(&o->type->more[i], o, true))
			return true;
	return false;
}

/* Puts what the call took from the answer into the live state. */
static void
absorb(const struct call *call, const json_t *answer, json_t *live)
{
	const json_t *taken = take(call, answer);

	if (taken == NULL)
		return;
	if (call->put != NULL)
		js_set(live, call->put, js_copy(taken));
	else if (json_is_object(taken)) {
		json_auto_t *copy = js_copy(taken);

		js_merge(live, copy);
	}
}

/* ---- reading ---- */

/* One call into the live state; 0 also when the object does not exist: then
 * live is NULL. */
static int
read_call(const struct realm *realm, struct object *o, const struct call *call,
    json_t *specials, struct err *err)
{
	json_auto_t *answer = NULL;

	if (object_call(realm, o, call, specials, &answer, err) == 0) {
		if (!json_is_array(take(call, answer)))
			absorb(call, answer, o->live);
		else
			pick(o, take(call, answer));
		return 0;
	}
	if (!object_is_absent(call, err))
		return -1;
	js_replace(&o->live, NULL);
	return 0;
}

static bool
can_read(const struct object *o, json_t *specials)
{
	struct scope scope = { { specials, o->desired, o->live } };

	return is_complete(o->type, &o->type->read, &scope);
}

/* The item that is the object; of several the first. */
struct search {
	const struct object *o;
	json_t *found;
};

static void
look_at(void *arg, json_t *take_item)
{
	struct search *s = arg;

	if (s->found == NULL && object_is_item(s->o, take_item))
		s->found = take_item;
	else
		js_free(take_item);
}

static int
read_listed(const struct realm *realm, struct object *o, struct err *err)
{
	struct search s = { o, NULL };
	struct lookup l = { .parent = o->parent, .item = look_at, .arg = &s };
	int rc = object_list(realm, o->type, &l, err);

	if (rc == -1)
		js_replace(&s.found, NULL);
	if (rc == -1 && err->kind != ERR_ABSENT)
		return -1;
	if (s.found == NULL) {
		js_replace(&o->live, NULL);
	} else {
		object_take_item(o, s.found);
		o->listed = false; /* the next look lists again */
	}
	return 0;
}

/* Nobody told the identity that read needs: ask for it, or look through the
 * listing. */
static int
identify(const struct realm *realm, struct object *o, json_t *specials,
    struct err *err)
{
	if (o->type->find.op != NULL)
		return read_call(realm, o, &o->type->find, specials, err);
	if (o->type->list.items != NULL)
		return read_listed(realm, o, err);
	return 0;
}

static int
read_main(const struct realm *realm, struct object *o, json_t *specials,
    struct err *err)
{
	if (!can_read(o, specials) && identify(realm, o, specials, err) == -1)
		return -1;
	if (o->live == NULL)
		return 0;
	if (!can_read(o, specials)) {
		js_replace(&o->live, NULL);
		return 0;
	}
	return read_call(realm, o, &o->type->read, specials, err);
}

/* Gone between two reads of it: then it does not exist. */
static int
vanished(struct object *o, const struct err *err)
{
	if (err->kind != ERR_ABSENT)
		return -1;
	js_replace(&o->live, NULL);
	return 0;
}

/* A call for every element; one that is gone meanwhile is left out. */
static int
read_each(const struct realm *realm, struct object *o, const struct call *call,
    json_t *specials, struct err *err)
{
	json_auto_t *all = json_array();
	size_t i;
	json_t *element;

	js_each (js_path(o->live, call->each), i, element) {
		json_auto_t *answer = NULL;

		js_set(specials, "value", js_copy(element));
		if (object_call(realm, o, call, specials, &answer, err) == 0)
			js_push(all, js_copy(take(call, answer)));
		else if (!object_is_absent(call, err))
			return -1;
	}
	js_set(o->live, call->put, js_move(&all));
	return 0;
}

static int
read_part(const struct realm *realm, struct object *o, const struct call *call,
    json_t *specials, struct err *err)
{
	struct scope scope = { { specials, o->desired, o->live } };
	json_auto_t *answer = NULL;

	if (call->each != NULL)
		return read_each(realm, o, call, specials, err);
	if (!is_complete(o->type, call, &scope))
		return 0;
	if (object_call(realm, o, call, specials, &answer, err) == 0)
		absorb(call, answer, o->live);
	else if (!is_no_part(call, err))
		return vanished(o, err);
	return 0;
}

static int
read_more(const struct realm *realm, struct object *o, json_t *specials,
    bool listed, struct err *err)
{
	for (size_t i = 0; i < 4 && o->type->more[i].op && o->live; i++) {
		const struct call *call = &o->type->more[i];

		if (is_open(call, o, listed) &&
		    read_part(realm, o, call, specials, err) == -1)
			return -1;
	}
	return 0;
}

/* Found again in the listing, for types that have no read by name. */
static void
normalise(struct object *o)
{
	if (o->live != NULL && o->type->normalise != NULL)
		o->type->normalise(o->live);
}

/* A remembered or fresh identity is not yet live state: keep only what the
 * read template needs, so that old members cannot shadow absent ones. */
static void
keep_identity(struct object *o)
{
	json_t *identity = json_object();
	const char *key;
	json_t *value;

	js_foreach (o->live, key, value) {
		bool needed = template_mentions(o->type->read.input, key) ||
			      (o->type->key != NULL &&
				  words_has(o->type->key, key));

		for (size_t i = 0; i < 4 && o->type->more[i].op; i++)
			needed |= template_mentions(
			    o->type->more[i].input, key);
		if (needed)
			js_set(identity, key, js_copy(value));
	}
	js_replace(&o->live, identity);
}

int
object_read(const struct realm *realm, struct object *o,
    json_t *take_known_tags, struct err *err)
{
	json_auto_t *known = take_known_tags;
	json_auto_t *specials = object_specials(realm, o->parent);
	auto_free char *arn = object_arn(realm, o->type, o->desired, o->live);
	bool listed = o->listed && o->live != NULL;

	js_set_str(specials, "arn", arn);
	js_replace(&o->tags, NULL);
	if (listed) {
		o->listed = false; /* good for one look */
	} else if (o->type->read.op == NULL) {
		if (read_listed(realm, o, err) == -1)
			return -1;
	} else {
		keep_identity(o);
		if (read_main(realm, o, specials, err) == -1)
			return -1;
	}
	if (o->live == NULL)
		return 0;
	if (read_more(realm, o, specials, listed, err) == -1)
		return -1;
	if (o->live == NULL)
		return 0;
	if (o->type->read.op != NULL || o->type->more[0].op != NULL)
		normalise(o);
	return object_find_tags(realm, o, js_move(&known), err);
}
