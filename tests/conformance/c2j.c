/* API models of the c2j format to our compact form. */

#include "tests/conformance/conformance.h"

#include <stdio.h>
#include <string.h>

struct conversion {
	const json_t *shapes; /* of the suite, by name */
	json_t *index;        /* name: place in rows */
	json_t *rows;
};

static const struct {
	const char *name, *letter;
} scalars[] = { { "string", "s" }, { "character", "s" }, { "integer", "i" },
	{ "long", "l" }, { "float", "f" }, { "double", "d" },
	{ "boolean", "b" }, { "blob", "B" }, { "timestamp", "t" },
	{ "iso8601", "ti" }, { "unixTimestamp", "tu" }, { "rfc822", "tr" } };

static const char *
letter(const char *name)
{
	for (size_t i = 0; i < sizeof(scalars) / sizeof(*scalars); i++)
		if (strcmp(scalars[i].name, name) == 0)
			return scalars[i].letter;
	return NULL;
}

static const char *
ref_str(const json_t *ref, const json_t *shape, const char *key)
{
	const char *s = js_str(ref, key);

	return s != NULL ? s : js_str(shape, key);
}

static json_t *row_of(struct conversion *, const json_t *shape);

/* The type a reference names: a letter or a number. */
static json_t *
type_of(struct conversion *c, const json_t *ref)
{
	const char *name = js_str(ref, "shape"), *type, *format;
	const json_t *shape = js_get(c->shapes, name);
	json_t *row;
	size_t at;

	type = js_str(shape, "type");
	format = ref_str(ref, shape, "timestampFormat");
	if (js_bool(shape, "document", false))
		return js_new_str("D");
	if (letter(type) != NULL)
		return js_new_str(letter(
		    format != NULL && strcmp(type, "timestamp") == 0 ? format
								     : type));
	if (js_get(c->index, name) == NULL) {
		at = js_len(c->rows);
		js_set(c->index, name, json_integer((json_int_t)at));
		js_push(c->rows, json_null());
		row = row_of(c, shape);
		json_array_set_new(c->rows, at, row);
	}
	return js_copy(js_get(c->index, name));
}

static json_t *
namespace_of(const json_t *ref, const json_t *shape)
{
	const json_t *ns = js_get(ref, "xmlNamespace");
	const char *prefix;

	if (ns == NULL)
		ns = js_get(shape, "xmlNamespace");
	if (ns == NULL)
		return NULL;
	if (json_is_string(ns))
		return js_pack("[s, s]", js_text(ns), "");
	prefix = js_str(ns, "prefix");
	return js_pack("[s, s]", js_str(ns, "uri"), prefix ? prefix : "");
}

static bool
is_required(const json_t *shape, const char *member)
{
	const json_t *name;
	size_t i;

	js_each (js_get(shape, "required"), i, name) {
		if (strcmp(js_text(name), member) == 0)
			return true;
	}
	return false;
}

static json_t *
flags_of(const json_t *ref, const json_t *target, bool required)
{
	static const struct {
		const char *trait, *flag;
		bool of_target;
	} rows[] = { { "idempotencyToken", "k", false },
		{ "flattened", "f", false }, { "xmlAttribute", "a", false },
		{ "hostLabel", "h", false }, { "streaming", "s", true },
		{ "jsonvalue", "j", true } };
	auto_buf struct buf flags = BUF_INIT;

	if (required)
		buf_addc(&flags, 'r');
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (js_bool(ref, rows[i].trait, false) ||
		    (rows[i].of_target &&
			js_bool(target, rows[i].trait, false)))
			buf_adds(&flags, rows[i].flag);
	return flags.len != 0 ? js_new_str(flags.data) : NULL;
}

/* A payload is called as its shape is, unless it has a name of its own: one
 * that only repeats the member is none. */
static const char *
wire_name(const json_t *shape, const char *name, const json_t *ref,
    const json_t *target)
{
	const char *payload = js_str(shape, "payload"),
		   *of_shape = js_str(target, "locationName"),
		   *given = js_str(ref, "locationName");

	if (payload == NULL || strcmp(payload, name) != 0 ||
	    (given != NULL && strcmp(given, name) != 0))
		return given;
	return of_shape != NULL ? of_shape : js_str(ref, "shape");
}

static json_t *
member_row(struct conversion *c, const json_t *shape, const char *name,
    const json_t *ref)
{
	const json_t *target = js_get(c->shapes, js_str(ref, "shape"));
	json_t *extra = json_object(), *row = json_array();

	js_set_str(extra, "w", wire_name(shape, name, ref, target));
	js_set_str(extra, "q", js_str(ref, "queryName"));
	js_set_str(extra, "l", js_str(ref, "location"));
	js_set(extra, "f", flags_of(ref, target, is_required(shape, name)));
	js_set(extra, "n", namespace_of(ref, target));
	js_push(row, js_new_str(name));
	js_push(row, type_of(c, ref));
	js_push(row, extra);
	return row;
}

static json_t *
struct_row(struct conversion *c, const json_t *shape)
{
	json_t *members = json_array(), *extra = json_object();
	const char *name;
	const json_t *ref;

	js_foreach (js_get(shape, "members"), name, ref)
		js_push(members, member_row(c, shape, name, ref));
	js_set_str(extra, "p", js_str(shape, "payload"));
	if (js_bool(shape, "union", false))
		js_set(extra, "u", json_integer(1));
	return js_pack("[s, o, o]", "S", members, extra);
}

static json_t *
name_or_zero(const json_t *ref)
{
	const char *s = js_str(ref, "locationName");

	return s != NULL ? js_new_str(s) : json_integer(0);
}

static json_t *
row_of(struct conversion *c, const json_t *shape)
{
	const char *type = js_str(shape, "type");
	bool flat = js_bool(shape, "flattened", false);
	const json_t *member = js_get(shape, "member"),
		     *key = js_get(shape, "key"),
		     *value = js_get(shape, "value");
	json_t *row;

	if (strcmp(type, "structure") == 0)
		return struct_row(c, shape);
	if (strcmp(type, "list") == 0)
		row = js_pack(
		    "[s, o, o]", "L", type_of(c, member), name_or_zero(member));
	else
		row = js_pack("[s, o, o, o, o]", "M", type_of(c, key),
		    type_of(c, value), name_or_zero(key), name_or_zero(value));
	if (flat)
		js_push(row, json_integer(1));
	return row;
}

static json_t *
operation(struct conversion *c, const json_t *given)
{
	const json_t *http = js_get(given, "http"),
		     *in = js_get(given, "input"),
		     *out = js_get(given, "output");
	const json_t *shape = js_get(c->shapes, js_str(in, "shape"));
	const char *uri = js_str(http, "requestUri"),
		   *root = ref_str(shape, in, "locationName");
	json_auto_t *ns = namespace_of(in, shape);
	json_t *op = json_object();

	js_set(
	    op, "h", js_fmt("%s %s", js_str(http, "method"), uri ? uri : "/"));
	if (in != NULL)
		js_set(op, "i", type_of(c, in));
	if (out != NULL)
		js_set(op, "o", type_of(c, out));
	js_set_str(op, "rw", js_str(out, "resultWrapper"));
	js_set_str(op, "hp", js_pathstr(given, "endpoint.hostPrefix"));
	js_set(
	    op, "rqc", js_copy(js_path(given, "requestcompression.encodings")));
	if (root != NULL)
		js_set(op, "in",
		    js_pack("[s, s]", root, ns ? js_text(js_at(ns, 0)) : ""));
	return op;
}

json_t *
c2j_service(const json_t *suite)
{
	const json_t *meta = js_get(suite, "metadata"), *one;
	struct conversion c = { js_get(suite, "shapes"), json_object(),
		json_array() };
	json_t *service = json_object(), *ops = json_object();
	static const char *const names[][2] = { { "api", "apiVersion" },
		{ "proto", "protocol" }, { "jv", "jsonVersion" },
		{ "target", "targetPrefix" }, { "ep", "endpointPrefix" } };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		js_set_str(service, names[i][0], js_str(meta, names[i][1]));
	if (js_get(meta, "awsQueryCompatible") != NULL)
		js_set(service, "qc", json_integer(1));
	js_each (js_get(suite, "cases"), i, one) {
		const json_t *given = js_get(one, "given");

		js_set(ops, js_str(given, "name"), operation(&c, given));
	}
	js_set(service, "ops", ops);
	js_set(service, "errors", json_object());
	js_set(service, "shapes", c.rows);
	js_free(c.index);
	return service;
}
