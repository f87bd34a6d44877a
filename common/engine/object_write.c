/* The calls that change one AWS object: see object.h. */

#include "common/engine/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/aws/aws.h"
#include "common/base/buf.h"
#include "common/base/crypto.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/engine/compare.h"
#include "common/engine/diff.h"
#include "common/engine/object_tags.h"
#include "common/engine/template.h"
#include "common/source/source.h"

/* ---- what templates see ---- */

/* Desired properties in wire form, but those with one of the flags. */
static json_t *
wire_properties(const struct object *o, unsigned without)
{
	json_t *all = json_object();

	for (const struct property *p = o->type->properties; p->name; p++) {
		const json_t *value = js_get(o->desired, p->name);

		if (value != NULL && !(p->flags & without))
			js_set(all, p->name, diff_wire(p, value));
	}
	return all;
}

/* Stable for one address and one wish: a retry after a crash repeats it. */
static json_t *
token(const struct realm *realm, const struct object *o)
{
	auto_free char *wish = js_dump(o->desired);
	auto_free char *text = mem_fmt("%s\n%s\n%s", realm->installation,
	    o->address ? o->address : "", wish);
	auto_buf struct buf hex = BUF_INIT;
	uint8_t hash[SHA256_LEN];

	crypto_sha256(text, strlen(text), hash);
	crypto_add_hex(&hex, hash, sizeof(hash));
	return js_fmt("%.8s-%.4s-%.4s-%.4s-%.12s", hex.data, hex.data + 8,
	    hex.data + 12, hex.data + 16, hex.data + 20);
}

static int
pack_artifact(const struct realm *realm, const struct object *o,
    const char *input, json_t *specials, struct err *err)
{
	auto_buf struct buf zip = BUF_INIT, text = BUF_INIT;

	if (o->artifact == NULL || !template_mentions(input, "artifact"))
		return 0;
	if (tree_pack(realm->tree, o->artifact, &zip, err) == -1)
		return err_wrap(err, "packing %s", o->artifact);
	crypto_add_base64(&text, zip.data, zip.len);
	js_set_str(specials, "artifact", text.data);
	return 0;
}

static json_t *
write_specials(const struct realm *realm, const struct object *o)
{
	json_t *x = object_specials(realm, o->parent);
	auto_free char *arn = object_arn(realm, o->type, o->desired, o->live);

	js_set_str(x, "arn", arn);
	js_set_str(x, "address", o->address);
	js_set(x, "all", wire_properties(o, P_OURS));
	js_set(x, "settable", wire_properties(o, P_OURS | P_FIXED));
	js_set(x, "token", token(realm, o));
	if (o->want_tags != NULL)
		js_set(
		    x, "tags", tags_shaped(o->type->tags.shape, o->want_tags));
	return x;
}

static int
write_call(const struct realm *realm, const struct object *o, const char *op,
    const char *input, json_t *specials, json_t **ret_answer, struct err *err)
{
	struct call call = { .op = op, .input = input };

	if (pack_artifact(realm, o, input, specials, err) == -1)
		return -1;
	return object_call(realm, o, &call, specials, ret_answer, err);
}

/* ---- create ---- */

int
object_create(const struct realm *realm, struct object *o, struct err *err)
{
	const struct call *call = &o->type->create;
	json_auto_t *specials = write_specials(realm, o);
	json_auto_t *answer = NULL;
	const json_t *taken;

	if (write_call(
		realm, o, call->op, call->input, specials, &answer, err) == -1)
		return -1;
	taken = call->take ? js_path(answer, call->take) : answer;
	js_replace(
	    &o->live, json_is_object(taken) ? js_copy(taken) : json_object());
	if (o->type->normalise != NULL)
		o->type->normalise(o->live);
	js_replace(&o->tags,
	    o->type->tags.on_create ? js_copy(o->want_tags) : json_object());
	return 0;
}

/* ---- updates ---- */

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
	return write_call(w->realm, w->object, w->row->op, w->row->input,
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
	return send_one(w, name, diff_wire_entry(p, want ? want : have));
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
		    strncmp(key, "aws:", 4) != 0)
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

static int
write_tags(const struct realm *realm, struct object *o, struct err *err)
{
	const struct tagging *t = &o->type->tags;
	json_auto_t *specials = write_specials(realm, o);
	json_auto_t *keys = keys_to_remove(o), *set = tags_to_set(o);

	js_set(specials, "tags", tags_shaped(t->shape, set));
	js_set(specials, "keys", js_copy(keys));
	if (js_len(set) > 0 && write_call(realm, o, t->add.op, t->add.input,
				   specials, NULL, err) == -1)
		return -1;
	if (js_len(keys) > 0 && t->remove.op != NULL &&
	    write_call(realm, o, t->remove.op, t->remove.input, specials, NULL,
		err) == -1)
		return -1;
	js_replace(&o->tags, js_copy(o->want_tags));
	return 0;
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
	json_auto_t *specials = write_specials(realm, o);
	struct writing w = {
		.realm = realm, .object = o, .specials = specials, .err = err
	};

	*ret_more = false;
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

/* ---- remove ---- */

/* Removes every entry of the drained properties, as if none were desired. */
static int
drain(const struct realm *realm, struct object *o, struct err *err)
{
	json_auto_t *changes = NULL, *kept = NULL;
	bool more;
	int rc;

	if (o->type->drain == NULL)
		return 0;
	changes = json_array();
	kept = js_move(&o->desired);
	words_each (o->type->drain, w, n) {
		json_t *change = json_object();

		js_set(change, "property", js_new_strn(w, n));
		js_push(changes, change);
	}
	o->desired = json_object();
	js_merge(o->desired, o->live);
	words_each (o->type->drain, w2, n2) {
		auto_free char *name = mem_strn(w2, n2);

		js_del(o->desired, name);
	}
	rc = object_update(realm, o, changes, &more, err);
	js_replace(&o->desired, js_move(&kept));
	return rc;
}

int
object_remove(const struct realm *realm, struct object *o, struct err *err)
{
	const struct call *call = &o->type->remove;
	json_auto_t *specials = NULL;

	if (drain(realm, o, err) == -1)
		return err->kind == ERR_ABSENT ? 0 : -1;
	specials = write_specials(realm, o);
	if (write_call(realm, o, call->op, call->input, specials, NULL, err) ==
		0 ||
	    err->kind == ERR_ABSENT ||
	    (call->absent && words_has(call->absent, err->code)))
		return 0;
	return -1;
}
