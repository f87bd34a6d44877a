/* The calls that remove differences, row by row of the type: see object.h. */

#include <string.h>

#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/engine/compare.h"
#include "common/engine/diff.h"
#include "common/engine/object_private.h"

struct writing {
	const struct realm *realm;
	struct object *object;
	const struct update *row;
	json_t *specials;
	unsigned calls;
	struct err *err;
};

/* A row takes the properties it names; the one without names the others. */
static bool
is_for(const struct writing *w, const char *property)
{
	if (w->row->of != NULL)
		return words_has(w->row->of, property);
	for (const struct update *u = w->object->type->updates; u->op; u++)
		if (u->of != NULL && words_has(u->of, property))
			return false;
	return strcmp(property, "tags") != 0;
}

static bool
is_on(const struct writing *w, const json_t *want, const json_t *have)
{
	unsigned on = have == NULL   ? ON_ADD
		      : want == NULL ? ON_REMOVE
				     : ON_CHANGE;

	return w->row->on == 0 || (w->row->on & on);
}

static int
send(struct writing *w)
{
	w->calls++;
	return object_write_call(w->realm, w->object, w->row->op, w->row->input,
	    w->specials, NULL, w->err);
}

/* Wire value of a change: what is wanted, or what removes it. */
static json_t *
wire_change(const struct property *p, const json_t *want)
{
	json_t *x = NULL;
	struct err err;

	if (want != NULL)
		return diff_wire(p, want);
	if (p->unset != NULL)
		must(js_parse(p->unset, strlen(p->unset), &x, &err) == 0);
	return x;
}

static int
send_one(struct writing *w, const char *name, json_t *take_value)
{
	js_set_str(w->specials, "name", name);
	js_del(w->specials, "value");
	js_set(w->specials, "value", take_value);
	return send(w);
}

/* {entry: value} of a collection: map, keyed objects, or set of texts. */
static json_t *
entries(const struct property *p, const json_t *x)
{
	json_t *map = json_object();
	size_t i;
	json_t *e;

	if (json_is_object(x))
		js_merge(map, x);
	js_each (x, i, e) {
		const char *name = p->key && *p->key != '*' ? js_str(e, p->key)
							    : js_text(e);

		if (name != NULL)
			js_set(map, name, js_share(e));
	}
	return map;
}

static int
send_entry(struct writing *w, const struct property *p, const char *name,
    const json_t *want, const json_t *have, bool *stop)
{
	if (*stop || !is_on(w, want, have) ||
	    (want && have && compare_equal(p->same, want, have)))
		return 0;
	*stop = w->row->alone;
	if (send_one(w, name, diff_wire_entry(p, want ? want : have)) == 0)
		return 0;
	/* gone already, perhaps by a call whose answer was lost */
	return want == NULL && w->err->kind == ERR_ABSENT ? 0 : -1;
}

static int
send_entries(struct writing *w, const struct property *p, const json_t *want,
    const json_t *have)
{
	json_auto_t *a = entries(p, want), *b = entries(p, have);
	bool stop = false;
	const char *name;
	json_t *value;

	js_foreach (a, name, value) {
		if (send_entry(w, p, name, value, js_get(b, name), &stop) == -1)
			return -1;
	}
	js_foreach (b, name, value) {
		if (js_get(a, name) == NULL &&
		    send_entry(w, p, name, NULL, value, &stop) == -1)
			return -1;
	}
	return 0;
}

/* Only a row that is for one property alone can mean its entries. */
static bool
is_collection(const struct writing *w, const struct property *p,
    const json_t *want, const json_t *have)
{
	const json_t *x = want ? want : have;

	if (w->row->of == NULL || strchr(w->row->of, ' ') != NULL)
		return false;
	return p->key != NULL || (p->wire != W_JSON && p->same != C_POLICY &&
				     (json_is_object(x) || json_is_array(x)));
}

static int
send_property(struct writing *w, const struct property *p)
{
	json_auto_t *want = diff_want(p, w->object->desired);
	json_auto_t *have = diff_have(p, w->object->live);

	if (is_collection(w, p, want, have))
		return send_entries(w, p, want, have);
	return is_on(w, want, have) ? send_one(w, p->name, wire_change(p, want))
				    : 0;
}

/* Names of the changed properties that the row is for. */
static json_t *
properties_of(const struct writing *w, const json_t *changes)
{
	json_t *names = json_object();

	for (size_t i = 0; i < js_len(changes); i++) {
		const char *name = js_str(js_at(changes, i), "property");

		if (is_for(w, name))
			js_set(names, name, json_true());
	}
	return names;
}

static json_t *
wire_changes(const struct writing *w, const json_t *names, bool *any)
{
	json_t *x = json_object();
	const char *name;
	json_t *unused;

	js_foreach (names, name, unused) {
		const struct property *p = diff_property(w->object->type, name);
		json_auto_t *want = diff_want(p, w->object->desired);
		json_auto_t *have = diff_have(p, w->object->live);

		if (!is_on(w, want, have))
			continue;
		*any = true;
		if (!(p->flags & P_OURS) || w->row->of != NULL)
			js_set(x, name, wire_change(p, want));
	}
	return x;
}

static int
run_row(struct writing *w, const json_t *changes)
{
	json_auto_t *names = properties_of(w, changes);
	bool any = false;
	const char *name;
	json_t *unused;

	if (!w->row->each) {
		js_set(w->specials, "changes", wire_changes(w, names, &any));
		return any ? send(w) : 0;
	}
	js_foreach (names, name, unused) {
		if (send_property(w, diff_property(w->object->type, name)) ==
		    -1)
			return -1;
		if (w->row->alone && w->calls > 0)
			return 0;
	}
	return 0;
}

/* ---- tags ---- */

static json_t *
keys_to_remove(const struct object *o)
{
	json_t *keys = json_array();
	const char *key;
	json_t *value;

	js_foreach (o->tags, key, value) {
		if (js_get(o->want_tags, key) == NULL &&
		    object_owns_tag(o->tags, key))
			js_push(keys, js_new_str(key));
	}
	return keys;
}

static json_t *
tags_to_set(const struct object *o)
{
	json_t *set = json_object();
	const char *key;
	json_t *value;

	js_foreach (o->want_tags, key, value) {
		if (!js_equal(value, js_get(o->tags, key)))
			js_set(set, key, js_copy(value));
	}
	return set;
}

/* What is there now. */
static void
note_tags(struct object *o, const json_t *removed)
{
	json_t *now = o->tags ? js_copy(o->tags) : json_object();

	for (size_t i = 0; i < js_len(removed); i++)
		js_del(now, js_text(js_at(removed, i)));
	js_merge(now, o->want_tags);
	js_replace(&o->tags, now);
}

/* What is to go is on the record until it is gone: removing comes first. */
static int
write_tags(const struct realm *realm, struct object *o, struct err *err)
{
	const struct tagging *t = &o->type->tags;
	json_auto_t *specials = object_write_specials(realm, o);
	json_auto_t *keys = keys_to_remove(o), *set = tags_to_set(o);

	js_set(specials, "tags", tags_shaped(t->shape, set));
	js_set(specials, "keys", js_copy(keys));
	if (js_len(keys) > 0 && t->remove.op != NULL &&
	    object_write_call(realm, o, t->remove.op, t->remove.input, specials,
		NULL, err) == -1)
		return -1;
	if (js_len(set) > 0 && object_write_call(realm, o, t->add.op,
				   t->add.input, specials, NULL, err) == -1)
		return -1;
	note_tags(o, keys);
	return 0;
}

bool
object_creates_first(const struct resource_type *type)
{
	return strcmp(type->key, "@address") == 0 && type->tags.add.op != NULL;
}

int
object_retire(
    const struct realm *realm, const struct object *o, struct err *err)
{
	const struct tagging *t = &o->type->tags;
	json_auto_t *specials = object_write_specials(realm, o);
	json_auto_t *set = json_object();

	js_set(set, TAG_RESOURCE, js_fmt("%s" ADDRESS_RETIRED, o->address));
	js_set(specials, "tags", tags_shaped(t->shape, set));
	return object_write_call(
	    realm, o, t->add.op, t->add.input, specials, NULL, err);
}

static bool
has_tag_changes(const json_t *changes)
{
	for (size_t i = 0; i < js_len(changes); i++)
		if (strcmp(js_str(js_at(changes, i), "property"), "tags") == 0)
			return true;
	return false;
}

int
object_update(const struct realm *realm, struct object *o,
    const json_t *changes, bool *ret_more, struct err *err)
{
	json_auto_t *specials = object_write_specials(realm, o);
	struct writing w = {
		.realm = realm, .object = o, .specials = specials, .err = err
	};

	*ret_more = false;
	o->listed = false; /* what the listing said is over */
	if (has_tag_changes(changes) && write_tags(realm, o, err) == -1)
		return -1;
	for (w.row = o->type->updates; w.row && w.row->op; w.row++) {
		w.calls = 0;
		if (run_row(&w, changes) == -1)
			return -1;
		if (w.row->alone && w.calls > 0) {
			*ret_more = true;
			return 0;
		}
	}
	return 0;
}
