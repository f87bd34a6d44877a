/* Equality of desired and live values, by meaning: see compare.h. */

#include "common/engine/compare_impl.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/text.h"

/* ---- scalars ---- */

bool
compare_text(const json_t *x, struct buf *b)
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

	if (!compare_text(a, &ta) || !compare_text(b, &tb))
		return js_equal(a, b);
	return nocase ? strcasecmp(ta.data, tb.data) == 0
		      : strcmp(ta.data, tb.data) == 0;
}

bool
compare_is_nothing(const json_t *x)
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
			if (!compare_is_nothing(value))
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
		if (js_get(b, key) == NULL && !compare_is_nothing(value))
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

		if (is_lenient(how) && other == NULL &&
		    compare_is_nothing(value))
			continue;
		if (!compare_equal(how, value, other))
			return false;
	}
	return true;
}

json_t *
compare_sorted(const json_t *array)
{
	size_t n = js_len(array);
	char **text = mem_array(char *, n);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		text[i] = js_dump(js_at(array, i));
	qsort(text, n, sizeof(*text), text_order);
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
	json_auto_t *a = compare_sorted(want), *b = compare_sorted(have);

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
		return is_lenient(how) ? compare_is_nothing(want) &&
					     compare_is_nothing(have)
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
