/* Evaluates the request templates of resource types: see template.h. */

#include "common/engine/template.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"

struct reader {
	const char *at;
	const char *text;
	const struct scope *scope;
};

static json_t *read_value(struct reader *);

static bool
is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '@' ||
	       c == '.' || c == ':' || c == '/' || c == '*';
}

static size_t
name_len(const char *s)
{
	size_t n = 0;

	while (is_name(s[n]) && s[n] != ':' && s[n] != '*' && s[n] != '/')
		n++;
	return n;
}

static void
skip(struct reader *r)
{
	while (isspace((unsigned char)*r->at))
		r->at++;
}

static void
expect(struct reader *r, char c)
{
	skip(r);
	must(*r->at == c);
	r->at++;
	skip(r);
}

/* ---- variables ---- */

static const json_t *
lookup(const struct scope *scope, const char *name, size_t len)
{
	auto_free char *path = mem_strn(name, len);

	for (size_t i = 0; i < 4; i++) {
		const json_t *x = js_path(scope->layers[i], path);

		if (x != NULL && !json_is_null(x))
			return x;
	}
	return NULL;
}

static json_t *
rest_of(struct reader *r)
{
	json_t *rest = js_copy(lookup(r->scope, "all", 3));
	const char *p = r->text;

	while (rest != NULL && (p = strchr(p, '$')) != NULL) {
		auto_free char *name = mem_strn(p + 1, name_len(p + 1));

		js_del(rest, name);
		p++;
	}
	return rest;
}

static json_t *
variable(struct reader *r)
{
	const char *name = r->at + 1;
	size_t len = name_len(name);
	const json_t *x;

	must(len > 0);
	r->at = name + len;
	if (len == 4 && memcmp(name, "rest", 4) == 0)
		return rest_of(r);
	x = lookup(r->scope, name, len);
	/* packed code is a long text */
	return json_is_string(x) ? js_share(x) : js_copy(x);
}

/* ---- texts ---- */

static bool
add_scalar(struct buf *b, const json_t *x)
{
	if (json_is_string(x))
		buf_add(b, json_string_value(x), json_string_length(x));
	else if (json_is_integer(x))
		buf_addf(b, "%" JSON_INTEGER_FORMAT, json_integer_value(x));
	else if (json_is_boolean(x))
		buf_adds(b, json_is_true(x) ? "true" : "false");
	else
		return false;
	return true;
}

/* ${name} at p: adds its value, sets *len to what it takes up. */
static bool
add_hole(struct buf *b, const struct scope *scope, const char *p, size_t *len)
{
	const char *end = strchr(p, '}');

	must(end != NULL);
	*len = (size_t)(end - p) + 1;
	return add_scalar(b, lookup(scope, p + 2, (size_t)(end - p) - 2));
}

static json_t *
text(struct reader *r)
{
	auto_buf struct buf b = BUF_INIT;
	bool whole = true;

	for (r->at++; *r->at != '"';) {
		size_t len = 1;

		must(*r->at != 0);
		if (r->at[0] == '$' && r->at[1] == '{')
			whole &= add_hole(&b, r->scope, r->at, &len);
		else
			buf_addc(&b, *r->at);
		r->at += len;
	}
	r->at++;
	return whole ? js_new_strn(b.data, b.len) : NULL;
}

static json_t *
word(struct reader *r)
{
	const char *start = r->at;
	json_t *x = NULL;
	struct err ignored;

	while (is_name(*r->at))
		r->at++;
	must(r->at > start);
	if (js_parse(start, (size_t)(r->at - start), &x, &ignored) == 0)
		return x;
	return js_new_strn(start, (size_t)(r->at - start));
}

/* ---- structure ---- */

static void
member(struct reader *r, json_t *obj)
{
	json_auto_t *value = NULL;
	auto_free char *key = NULL;
	size_t len;

	if (strncmp(r->at, "...$", 4) == 0) {
		r->at += 3;
		value = variable(r);
		js_merge(obj, value);
		return;
	}
	for (len = 0; is_name(r->at[len]) && r->at[len] != ':';)
		len++;
	must(len > 0);
	key = mem_strn(r->at, len);
	r->at += len;
	expect(r, ':');
	js_set(obj, key, read_value(r));
}

static json_t *
object(struct reader *r)
{
	json_t *obj = json_object();

	expect(r, '{');
	while (*r->at != '}') {
		member(r, obj);
		skip(r);
		if (*r->at == ',')
			expect(r, ',');
	}
	r->at++;
	return obj;
}

static json_t *
array(struct reader *r)
{
	json_t *list = json_array();

	expect(r, '[');
	while (*r->at != ']') {
		json_t *x = read_value(r);

		if (x != NULL)
			js_push(list, x);
		skip(r);
		if (*r->at == ',')
			expect(r, ',');
	}
	r->at++;
	return list;
}

static json_t *
read_value(struct reader *r)
{
	skip(r);
	switch (*r->at) {
	case '{':
		return object(r);
	case '[':
		return array(r);
	case '$':
		return variable(r);
	case '"':
		return text(r);
	default:
		return word(r);
	}
}

json_t *
template_eval(const char *source, const struct scope *scope)
{
	struct reader r = { .at = source, .text = source, .scope = scope };
	json_t *x = read_value(&r);

	skip(&r);
	must(*r.at == 0);
	return x;
}

char *
template_text(const char *source, const struct scope *scope)
{
	json_auto_t *x = template_eval(source, scope);
	struct buf b = BUF_INIT;

	return x != NULL && add_scalar(&b, x) ? buf_take(&b) : NULL;
}

/* ---- looking at templates ---- */

void
template_variables(const char *source,
    void (*found)(void *arg, const char *name, size_t len), void *arg)
{
	for (const char *p = source; (p = strchr(p, '$')) != NULL; p++) {
		const char *name = p + 1 + (p[1] == '{');

		found(arg, name, name_len(name));
	}
}

struct mention {
	const char *name;
	bool found;
};

static void
note_mention(void *arg, const char *name, size_t len)
{
	struct mention *m = arg;

	m->found |= strlen(m->name) == len && memcmp(m->name, name, len) == 0;
}

bool
template_mentions(const char *source, const char *name)
{
	struct mention m = { .name = name };

	if (source != NULL)
		template_variables(source, note_mention, &m);
	return m.found;
}

/* The value of the hole before `stop`: up to it, or to the end. */
static size_t
hole_len(const char *value, char stop)
{
	const char *end = stop ? strchr(value, stop) : NULL;

	return end ? (size_t)(end - value) : stop ? 0 : strlen(value);
}

bool
template_match(const char *source, const char *value, json_t **ret)
{
	json_auto_t *found = json_object();
	const char *p = source + (*source == '"');

	while (*p != 0 && *p != '"') {
		if (p[0] == '$' && p[1] == '{') {
			const char *end = strchr(p, '}');
			auto_free char *name = mem_strn(
			    p + 2, (size_t)(end - p) - 2);
			size_t n = hole_len(value, end[1] == '"' ? 0 : end[1]);

			if (n == 0)
				return false;
			js_set(found, name, js_new_strn(value, n));
			value += n;
			p = end + 1;
		} else if (*p++ != *value++) {
			return false;
		}
	}
	if (*value != 0)
		return false;
	if (ret != NULL)
		*ret = js_move(&found);
	return true;
}
