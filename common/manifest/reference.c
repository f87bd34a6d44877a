/* References in the texts of a manifest: see reference.h. */

#include "common/manifest/reference.h"
#include "common/base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct resolver {
	const struct scope *scope;
	const struct doc *doc;
	struct errors *errors;
	struct buf pointer;
	size_t nodes, bytes, n_errors;
};

bool
reference_is(const json_t *x)
{
	const json_t *ref = js_get(x, "$ref"), *join = js_get(x, "$join");

	if (js_len(x) != 1 || !json_is_object(x))
		return false;
	return (json_is_array(ref) && js_len(ref) == 2) ||
	       (json_is_array(join) && js_len(join) > 0) ||
	       json_is_object(js_get(x, "$weak"));
}

static json_t *
fail(struct resolver *r, struct place at, const char *text)
{
	errors_add(r->errors, r->doc->file, at, "%s", text);
	r->n_errors++;
	return NULL;
}

/* Everything put in counts, so that variables cannot multiply. */
static bool
affordable(struct resolver *r, size_t nodes, size_t bytes, struct place at)
{
	bool was = r->nodes <= DOC_MAX_NODES && r->bytes <= REFERENCE_MAX_BYTES;

	r->nodes += nodes;
	r->bytes += bytes;
	if (r->nodes <= DOC_MAX_NODES && r->bytes <= REFERENCE_MAX_BYTES)
		return true;
	if (was)
		fail(r, at,
		    "the document is too large once its references "
		    "are put in");
	return false;
}

static void
weigh(const json_t *x, size_t *nodes, size_t *bytes)
{
	const json_t *value;
	const char *key;
	size_t i;

	(*nodes)++;
	*bytes += json_string_length(x);
	js_foreach (x, key, value) {
		*bytes += strlen(key);
		weigh(value, nodes, bytes);
	}
	js_each (x, i, value) {
		weigh(value, nodes, bytes);
	}
}

/* ---- what a name means ---- */

static json_t *
variable(struct resolver *r, const char *name, struct place at)
{
	const json_t *value = js_get(r->scope->variables, name), *other;
	auto_free char *why = NULL;
	struct nearest near = { 0 };
	size_t nodes = 0, bytes = 0;
	const char *key;

	if (value != NULL) {
		weigh(value, &nodes, &bytes);
		return affordable(r, nodes, bytes, at) ? js_share(value) : NULL;
	}
	js_foreach (r->scope->variables, key, other) {
		text_nearest(&near, name, key);
	}
	why = near.best != NULL
		  ? mem_fmt("unknown variable `%s`; did you mean `%s`?", name,
			near.best)
		  : mem_fmt("unknown variable `%s`; the Architecture's "
			    "`variables` define them",
			name);
	return fail(r, at, why);
}

static json_t *
of_architecture(struct resolver *r, const char *name, struct place at)
{
	if (strcmp(name, "name") == 0)
		return js_new_str(r->scope->architecture);
	return fail(r, at,
	    "unknown reference: of the architecture there is "
	    "${architecture.name}");
}

static json_t *
of_aws(struct resolver *r, const char *name, struct place at)
{
	if (strcmp(name, "region") == 0)
		return js_new_str(r->scope->region);
	if (strcmp(name, "account") == 0 || strcmp(name, "partition") == 0)
		return js_pack("{s:[s, s]}", "$ref", "aws", name);
	return fail(r, at,
	    "unknown reference: of AWS there are "
	    "${aws.region}, ${aws.account} and "
	    "${aws.partition}");
}

static json_t *
of_manifest(
    struct resolver *r, const char *target, const char *output, struct place at)
{
	auto_free char *why = NULL;
	json_t *value;

	if (r->scope->output == NULL)
		return fail(r, at,
		    "outputs of manifests are not known here; "
		    "${var.x} is possible");
	value = r->scope->output(r->scope->arg, target, output, at, &why);
	return value != NULL ? value : fail(r, at, why);
}

/* The value of what stands between ${ and }. */
static json_t *
meaning(struct resolver *r, const char *s, size_t n, struct place at)
{
	static const struct {
		const char *prefix;
		json_t *(*get)(struct resolver *, const char *, struct place);
	} rows[] = {
		{ "var.", variable },
		{ "architecture.", of_architecture },
		{ "aws.", of_aws },
	};
	auto_free char *text = mem_strn(s, n), *why = NULL;
	char *slash = strchr(text, '/');
	char *dot = slash == NULL ? NULL : strchr(slash, '.');

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (text_starts(text, rows[i].prefix))
			return rows[i].get(
			    r, text + strlen(rows[i].prefix), at);
	}
	if (dot != NULL && slash > text && dot > slash + 1 && dot[1] != 0) {
		*dot = 0;
		return of_manifest(r, text, dot + 1, at);
	}
	why = mem_fmt("unknown reference ${%.60s}: write ${var.name}, "
		      "${Kind/name.output}, or $${ for a literal ${",
	    text);
	return fail(r, at, why);
}

/* ---- texts ---- */

/* A text under way: what is known, and parts that end in a reference. */
struct parts {
	struct buf text;
	json_t *list;
};

static void
flush(struct parts *parts)
{
	if (parts->text.len > 0)
		js_push(parts->list,
		    js_new_strn(parts->text.data, parts->text.len));
	buf_clear(&parts->text);
}

/* A value within a longer text. */
static void
add_value(struct resolver *r, struct parts *parts, const json_t *value,
    struct place at)
{
	const char *s = js_text(value);
	auto_free char *number = NULL;

	if (s != NULL) {
		buf_adds(&parts->text, s);
	} else if (json_is_number(value) || json_is_boolean(value)) {
		number = js_dump(value);
		buf_adds(&parts->text, number);
	} else if (reference_is(value)) {
		flush(parts);
		js_push(parts->list, js_share(value));
	} else {
		fail(
		    r, at, "a map, a list or nothing cannot be part of a text");
	}
}

/* One "${...}" at s; the number of bytes it took, 0 if it has no end. */
static size_t
take_hole(struct resolver *r, const char *s, size_t nth, struct parts *parts,
    bool whole, json_t **ret_whole)
{
	struct place at = doc_hole_place(r->doc, r->pointer.data, nth);
	const char *end = strchr(s, '}');
	json_auto_t *value = NULL;

	if (end == NULL) {
		fail(r, at, "${ without }; write $${ for a literal ${");
		return 0;
	}
	value = meaning(r, s + 2, (size_t)(end - s - 2), at);
	if (value != NULL && whole && end[1] == 0)
		*ret_whole = js_move(&value);
	else if (value != NULL)
		add_value(r, parts, value, at);
	return (size_t)(end - s + 1);
}

static json_t *
joined(struct parts *parts)
{
	if (js_len(parts->list) == 0)
		return js_new_strn(parts->text.data, parts->text.len);
	flush(parts);
	return js_pack("{s:O}", "$join", parts->list);
}

/* Everything of s into parts, or the one value that it is. -1 when wrong. */
static int
take_text(
    struct resolver *r, const char *s, struct parts *parts, json_t **ret_whole)
{
	const char *start = s, *hole;
	size_t before = r->n_errors;

	for (size_t nth = 0; (hole = strstr(s, "${")) != NULL; nth++) {
		bool literal = hole > s && hole[-1] == '$';
		size_t took = 2;

		buf_add(&parts->text, s, (size_t)(hole - s) - literal);
		if (literal)
			buf_adds(&parts->text, "${");
		else
			took = take_hole(
			    r, hole, nth, parts, hole == start, ret_whole);
		if (r->n_errors >= DOC_MAX_ERRORS || took == 0)
			return -1;
		s = hole + took;
	}
	buf_adds(&parts->text, s);
	return r->n_errors == before ? 0 : -1;
}

static json_t *
text(struct resolver *r, const char *s)
{
	json_auto_t *list = json_array();
	struct parts parts = { .text = BUF_INIT, .list = list };
	json_t *whole = NULL;
	json_t *value = take_text(r, s, &parts, &whole) == -1 ? doc_bad()
			: whole != NULL                       ? js_share(whole)
							      : joined(&parts);

	js_free(whole);
	buf_free(&parts.text);
	return value;
}

/* ---- trees ---- */

static json_t *node(struct resolver *, const json_t *);

static json_t *
below(struct resolver *r, const char *key, const json_t *value)
{
	size_t before = r->pointer.len;
	json_t *resolved;

	doc_pointer_add(&r->pointer, key);
	resolved = node(r, value);
	r->pointer.len = before;
	r->pointer.data[before] = 0;
	return resolved;
}

static void
member(struct resolver *r, const char *key, const json_t *value, json_t *map)
{
	auto_buf struct buf at = BUF_INIT;

	buf_adds(&at, r->pointer.data);
	doc_pointer_add(&at, key);
	if (strstr(key, "${") != NULL)
		fail(r, doc_key_place(r->doc, at.data),
		    "references are possible in values, not in names");
	js_set(map, key, below(r, key, value));
}

static json_t *
object(struct resolver *r, const json_t *value)
{
	json_t *map = json_object();
	const json_t *sub;
	const char *key;

	if (reference_is(value)) {
		fail(r, doc_place(r->doc, r->pointer.data),
		    "$ref, $join and $weak are reserved; write "
		    "${Kind/name.output}");
		js_free(map);
		return doc_bad();
	}
	js_foreach (value, key, sub) {
		member(r, key, sub, map);
	}
	return map;
}

static json_t *
array(struct resolver *r, const json_t *value)
{
	json_t *list = json_array();
	const json_t *sub;
	char key[24];
	size_t i;

	js_each (value, i, sub) {
		snprintf(key, sizeof(key), "%zu", i);
		js_push(list, below(r, key, sub));
	}
	return list;
}

static json_t *
node(struct resolver *r, const json_t *value)
{
	const char *s = js_text(value);

	r->nodes++;
	if (s != NULL)
		return strstr(s, "${") == NULL ? js_share(value) : text(r, s);
	if (doc_is_bad(value))
		return js_share(value);
	if (json_is_object(value))
		return object(r, value);
	return json_is_array(value) ? array(r, value) : js_share(value);
}

int
reference_resolve(const struct scope *scope, const struct doc *doc,
    const char *pointer, const json_t *value, json_t **ret,
    struct errors *errors)
{
	struct resolver r = { .scope = scope,
		.doc = doc,
		.errors = errors,
		.pointer = BUF_INIT };

	buf_adds(&r.pointer, pointer);
	*ret = node(&r, value);
	buf_free(&r.pointer);
	return r.n_errors == 0 ? 0 : -1;
}
