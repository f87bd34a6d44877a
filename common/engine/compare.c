/* Equality of desired and live values, by meaning: see compare.h. */

#include "common/engine/compare.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"

/* ---- scalars ---- */

static bool
scalar_text(const json_t *x, struct buf *b)
{
	if (json_is_string(x))
		buf_add(b, json_string_value(x), json_string_length(x));
	else if (json_is_integer(x))
		buf_addf(b, "%" JSON_INTEGER_FORMAT, json_integer_value(x));
	else if (json_is_real(x))
		buf_addf(b, "%.15g", json_real_value(x));
	else if (json_is_boolean(x))
		buf_adds(b, json_is_true(x) ? "true" : "false");
	else
		return false;
	return true;
}

static bool
scalar_equal(const json_t *a, const json_t *b, bool nocase)
{
	auto_buf struct buf ta = BUF_INIT, tb = BUF_INIT;

	if (!scalar_text(a, &ta) || !scalar_text(b, &tb))
		return js_equal(a, b);
	return nocase ? strcasecmp(ta.data, tb.data) == 0
		      : strcmp(ta.data, tb.data) == 0;
}

/* What servers leave out: false, 0, "", [], {} and structures of such. */
static bool
is_nothing(const json_t *x)
{
	const char *key;
	json_t *value;

	if (x == NULL || json_is_null(x) || json_is_false(x))
		return true;
	if (json_is_string(x))
		return json_string_length(x) == 0;
	if (json_is_integer(x))
		return json_integer_value(x) == 0;
	if (json_is_object(x))
		js_foreach (x, key, value)
			if (!is_nothing(value))
				return false;
	return json_is_object(x) || (json_is_array(x) && js_len(x) == 0);
}

/* ---- structures ---- */

/* May a member be absent that says nothing? */
static bool
is_lenient(enum compare how)
{
	return how == C_SUBSET || how == C_LEAN;
}

/* Has a no member beside those of b but empty ones? */
static bool
adds_nothing(const json_t *a, const json_t *b)
{
	const char *key;
	json_t *value;

	js_foreach (a, key, value)
		if (js_get(b, key) == NULL && !is_nothing(value))
			return false;
	return true;
}

static bool
array_equal(enum compare how, const json_t *want, const json_t *have)
{
	if (js_len(want) != js_len(have))
		return false;
	for (size_t i = 0; i < js_len(want); i++)
		if (!compare_equal(how, js_at(want, i), js_at(have, i)))
			return false;
	return true;
}

static bool
object_equal(enum compare how, const json_t *want, const json_t *have)
{
	const char *key;
	json_t *value;

	if (!is_lenient(how) && js_len(want) != js_len(have))
		return false;
	if (how == C_LEAN && !adds_nothing(have, want))
		return false;
	js_foreach (want, key, value) {
		const json_t *other = js_get(have, key);

		if (is_lenient(how) && other == NULL && is_nothing(value))
			continue;
		if (!compare_equal(how, value, other))
			return false;
	}
	return true;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Elements in one order, that of their text. */
static json_t *
sorted(const json_t *array)
{
	size_t n = js_len(array);
	char **text = mem_array(char *, n);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		text[i] = js_dump(js_at(array, i));
	qsort(text, n, sizeof(*text), by_text);
	for (size_t i = 0; i < n; i++) {
		json_t *x = NULL;
		struct err ignored;

		must(js_parse(text[i], strlen(text[i]), &x, &ignored) == 0);
		js_push(list, x);
		free(text[i]);
	}
	free(text);
	return list;
}

static bool
set_equal(const json_t *want, const json_t *have)
{
	json_auto_t *a = sorted(want), *b = sorted(have);

	return array_equal(C_EXACT, a, b);
}

static bool
policy_equal(const json_t *want, const json_t *have)
{
	json_auto_t *a = compare_policy(want), *b = compare_policy(have);

	return js_equal(a, b);
}

bool
compare_equal(enum compare how, const json_t *want, const json_t *have)
{
	if (want == NULL || have == NULL)
		return is_lenient(how) ? is_nothing(want) && is_nothing(have)
				       : want == have;
	if (how == C_POLICY)
		return policy_equal(want, have);
	if (json_is_array(want) && json_is_array(have))
		return how == C_SET ? set_equal(want, have)
				    : array_equal(how, want, have);
	if (json_is_object(want) && json_is_object(have))
		return object_equal(how, want, have);
	return scalar_equal(want, have, how == C_NOCASE);
}

json_t *
compare_document(const json_t *x)
{
	json_t *document = NULL;
	struct err ignored;

	if (json_is_string(x) &&
	    js_parse(json_string_value(x), json_string_length(x), &document,
		&ignored) == 0)
		return document;
	return js_copy(x);
}

/* ---- IAM policies ---- */

static json_t *
as_list(const json_t *x)
{
	json_t *list;

	if (json_is_array(x))
		return sorted(x);
	list = json_array();
	js_push(list, js_copy(x));
	return list;
}

static json_t *
lower_list(const json_t *x)
{
	json_auto_t *list = json_array();
	json_auto_t *given = as_list(x);
	size_t i;
	json_t *e;

	js_each (given, i, e) {
		auto_free char *s = mem_str(json_string_value(e));

		for (char *c = s; c != NULL && *c != 0; c++)
			*c = (char)tolower((unsigned char)*c);
		js_push(list, s != NULL ? js_new_str(s) : js_copy(e));
	}
	return sorted(list);
}

/* "123456789012" and its root ARN mean the same. */
static json_t *
principal_value(const json_t *x)
{
	const char *s = json_string_value(x), *colon;
	size_t n;

	if (s == NULL || strncmp(s, "arn:", 4) != 0)
		return js_copy(x);
	n = strlen(s);
	if (n < 6 || strcmp(s + n - 5, ":root") != 0)
		return js_copy(x);
	for (colon = s + n - 6; colon > s && *colon != ':'; colon--)
		;
	return js_new_strn(colon + 1, (size_t)(s + n - 5 - colon - 1));
}

static json_t *
principal(const json_t *x)
{
	json_t *all = json_object();
	const char *key;
	json_t *value;

	if (json_is_string(x)) {
		js_set(all, "AWS", as_list(x));
		return all;
	}
	js_foreach (x, key, value) {
		json_auto_t *list = as_list(value), *plain = json_array();

		for (size_t i = 0; i < js_len(list); i++)
			js_push(plain, principal_value(js_at(list, i)));
		js_set(all, key, sorted(plain));
	}
	return all;
}

/* {operator: {key: value or values}}: values as sorted texts. */
static json_t *
condition(const json_t *x)
{
	json_t *all = json_object();
	const char *op, *key;
	json_t *keys, *value;

	js_foreach (x, op, keys) {
		json_t *one = json_object();

		js_foreach (keys, key, value) {
			json_auto_t *list = as_list(value);
			json_auto_t *texts = json_array();

			for (size_t i = 0; i < js_len(list); i++) {
				auto_buf struct buf b = BUF_INIT;

				scalar_text(js_at(list, i), &b);
				js_push(texts, js_new_str(b.data));
			}
			js_set(one, key, sorted(texts));
		}
		js_set(all, op, one);
	}
	return all;
}

static const struct {
	const char *name;
	json_t *(*canonical)(const json_t *);
} elements[] = {
	{ "Action", lower_list },
	{ "NotAction", lower_list },
	{ "Resource", as_list },
	{ "NotResource", as_list },
	{ "Principal", principal },
	{ "NotPrincipal", principal },
	{ "Condition", condition },
};

static json_t *
statement(const json_t *x)
{
	json_t *s = js_copy(x);

	for (size_t i = 0; i < sizeof(elements) / sizeof(*elements); i++) {
		const json_t *value = js_get(x, elements[i].name);

		if (value != NULL)
			js_set(
			    s, elements[i].name, elements[i].canonical(value));
	}
	if (is_nothing(js_get(s, "Sid")))
		js_del(s, "Sid");
	if (is_nothing(js_get(s, "Condition")))
		js_del(s, "Condition");
	return s;
}

json_t *
compare_policy(const json_t *given)
{
	json_auto_t *document = compare_document(given);
	json_auto_t *statements = json_array();
	const json_t *list = js_get(document, "Statement");
	json_t *canonical;

	if (!json_is_object(document))
		return js_move(&document);
	if (json_is_object(list))
		js_push(statements, statement(list));
	for (size_t i = 0; json_is_array(list) && i < js_len(list); i++)
		js_push(statements, statement(js_at(list, i)));
	canonical = js_copy(document);
	js_set(canonical, "Statement", sorted(statements));
	if (js_str(document, "Version") == NULL)
		js_set_str(canonical, "Version", "2008-10-17");
	if (is_nothing(js_get(canonical, "Id")))
		js_del(canonical, "Id");
	return canonical;
}

/* ---- where they differ ---- */

static void
add_change(
    json_t *changes, const char *path, const json_t *want, const json_t *have)
{
	json_t *change = json_object();

	js_set_str(change, "path", path);
	js_set(change, "from", js_copy(have));
	js_set(change, "to", js_copy(want));
	js_push(changes, change);
}

static void
member_leaves(json_t *changes, const char *path, enum compare how,
    const char *name, const json_t *want, const json_t *have)
{
	auto_free char *inner = mem_fmt("%s.%s", path, name);

	compare_leaves(changes, inner, how, NULL, want, have);
}

static void
object_leaves(json_t *changes, const char *path, enum compare how,
    const json_t *want, const json_t *have)
{
	const char *name;
	json_t *value;

	js_foreach (want, name, value)
		member_leaves(
		    changes, path, how, name, value, js_get(have, name));
	if (how == C_SUBSET)
		return;
	js_foreach (have, name, value) {
		if (js_get(want, name) == NULL)
			member_leaves(changes, path, how, name, NULL, value);
	}
}

/* [{key: a, ...}, ...] -> {a: {...}} */
static json_t *
keyed(const json_t *array, const char *key)
{
	json_t *map = json_object();

	if (strcmp(key, "*") == 0)
		js_merge(map, array);
	for (size_t i = 0; json_is_array(array) && i < js_len(array); i++) {
		const char *name = js_str(js_at(array, i), key);

		if (name != NULL)
			js_set(map, name, js_copy(js_at(array, i)));
	}
	return map;
}

void
compare_leaves(json_t *changes, const char *path, enum compare how,
    const char *key, const json_t *want, const json_t *have)
{
	if (key != NULL) {
		json_auto_t *a = keyed(want, key), *b = keyed(have, key);
		const char *name;
		json_t *value;

		js_foreach (a, name, value)
			member_leaves(
			    changes, path, how, name, value, js_get(b, name));
		js_foreach (b, name, value) {
			if (js_get(a, name) == NULL)
				member_leaves(
				    changes, path, how, name, NULL, value);
		}
	} else if (compare_equal(how, want, have)) {
		return;
	} else if (json_is_object(want) && json_is_object(have) &&
		   how != C_POLICY) {
		object_leaves(changes, path, how, want, have);
	} else {
		add_change(changes, path, want, have);
	}
}
