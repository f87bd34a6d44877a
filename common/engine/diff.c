/* Differences of desired and live state by the type's rows: see diff.h. */

#include "common/engine/diff.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/engine/compare.h"
#include "common/engine/severity.h"

const struct property *
diff_property(const struct resource_type *type, const char *name)
{
	for (const struct property *p = type->properties; p->name; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

bool
diff_is_unknown(const json_t *x)
{
	const char *key;
	json_t *value;
	size_t i;

	if (js_get(x, "$unknown") != NULL)
		return true;
	if (json_is_object(x))
		js_foreach (x, key, value)
			if (diff_is_unknown(value))
				return true;
	if (json_is_array(x))
		js_each (x, i, value)
			if (diff_is_unknown(value))
				return true;
	return false;
}

static json_t *
scalar_as_text(const json_t *x)
{
	if (json_is_integer(x))
		return js_fmt("%" JSON_INTEGER_FORMAT, json_integer_value(x));
	if (json_is_boolean(x))
		return js_new_str(json_is_true(x) ? "true" : "false");
	return js_copy(x);
}

static bool
is_map_of_entries(const struct property *p)
{
	return p->key != NULL && strcmp(p->key, "*") == 0;
}

json_t *
diff_wire_entry(const struct property *p, const json_t *value)
{
	auto_free char *text = NULL;

	if (p->wire == W_TEXT)
		return scalar_as_text(value);
	if (p->wire == W_JSON && !json_is_string(value)) {
		text = js_dump(value);
		return js_new_str(text);
	}
	return js_copy(value);
}

json_t *
diff_wire(const struct property *p, const json_t *value)
{
	json_t *map;
	const char *name;
	json_t *entry;

	if (!is_map_of_entries(p))
		return diff_wire_entry(p, value);
	map = json_object();
	js_foreach (value, name, entry)
		js_set(map, name, diff_wire_entry(p, entry));
	return map;
}

static json_t *
documents(const struct property *p, const json_t *value)
{
	json_t *map;
	const char *name;
	json_t *entry;

	if (!is_map_of_entries(p))
		return compare_document(value);
	map = json_object();
	js_foreach (value, name, entry)
		js_set(map, name, compare_document(entry));
	return map;
}

static json_t *
or_default(const struct property *p, const json_t *value)
{
	json_t *x = NULL;
	struct err err;

	if (value != NULL && !json_is_null(value))
		return p->wire == W_JSON ? documents(p, value) : js_copy(value);
	if (p->dflt != NULL)
		must(js_parse(p->dflt, strlen(p->dflt), &x, &err) == 0);
	return x;
}

json_t *
diff_want(const struct property *p, const json_t *desired)
{
	return or_default(p, js_get(desired, p->name));
}

json_t *
diff_have(const struct property *p, const json_t *live)
{
	return or_default(p, js_get(live, p->name));
}

/* Leaves that were appended get the marks of their row. */
static void
mark(json_t *changes, size_t from, const char *property, unsigned flags)
{
	for (size_t i = from; i < js_len(changes); i++) {
		json_t *c = json_array_get(changes, i);

		js_set_str(c, "property", property);
		if (flags & P_FIXED)
			js_set(c, "fixed", json_true());
		if (flags & P_SECRET)
			js_set(c, "secret", json_true());
		if (diff_is_unknown(js_get(c, "to")))
			js_set(c, "unknown", json_true());
	}
}

static void
mark_grave(const struct property *p, json_t *changes, size_t from,
    const json_t *want, const json_t *have)
{
	for (size_t i = from; i < js_len(changes); i++) {
		json_t *c = json_array_get(changes, i);

		if (severity_is_high(p, want, have, c))
			js_set_str(c, "severity", SEVERITY_HIGH);
	}
}

static bool
is_compared(const struct object *o, const struct property *p)
{
	if (p->flags & (P_WRITE_ONLY | P_HANDED_OVER))
		return false;
	if ((p->flags & P_UNMANAGED) && js_get(o->desired, p->name) == NULL)
		return false;
	return !(p->flags & P_IF_TOLD) || o->tells ||
	       js_get(o->live, p->name) != NULL;
}

static void
diff_row(const struct object *o, const struct property *p, json_t *changes)
{
	json_auto_t *want = diff_want(p, o->desired);
	json_auto_t *have = diff_have(p, o->live);
	size_t before = js_len(changes);

	if (!is_compared(o, p))
		return;
	if (p->key == NULL && compare_equal(p->same, want, have))
		return;
	compare_leaves(changes, p->name, p->same, p->key, want, have);
	mark(changes, before, p->name, p->flags);
	mark_grave(p, changes, before, want, have);
}

static void
diff_tags(const struct object *o, json_t *changes)
{
	json_auto_t *have = json_object();
	size_t before = js_len(changes);
	const char *key;
	json_t *value;

	if (o->type->tags.shape == TAGS_NONE || o->want_tags == NULL)
		return;
	js_foreach (o->tags, key, value)
		if (js_get(o->want_tags, key) != NULL ||
		    object_owns_tag(o->tags, key))
			js_set(have, key, js_copy(value));
	compare_leaves(changes, "tags", C_EXACT, NULL, o->want_tags, have);
	mark(changes, before, "tags", 0);
}

bool
diff_is_grave(const json_t *changes)
{
	for (size_t i = 0; i < js_len(changes); i++)
		if (js_str(js_at(changes, i), "severity") != NULL)
			return true;
	return false;
}

static json_t *
grave_first(json_t *take_changes)
{
	json_auto_t *changes = take_changes;
	json_t *ordered;
	size_t i;
	json_t *c;

	if (!diff_is_grave(changes))
		return js_move(&changes);
	ordered = json_array();
	for (int grave = 1; grave >= 0; grave--)
		js_each (changes, i, c)
			if ((js_str(c, "severity") != NULL) == grave)
				js_push(ordered, js_share(c));
	return ordered;
}

json_t *
diff_object(const struct object *o)
{
	json_auto_t *changes = json_array();

	for (const struct property *p = o->type->properties; p->name; p++)
		diff_row(o, p, changes);
	diff_tags(o, changes);
	return grave_first(js_move(&changes));
}

bool
diff_is_fixed(const json_t *changes)
{
	for (size_t i = 0; i < js_len(changes); i++)
		if (js_bool(js_at(changes, i), "fixed", false))
			return true;
	return false;
}
