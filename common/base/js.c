/* json_t with visible ownership: see js.h. */

#include "common/base/js.h"
#include "common/base/mem.h"

#include <stdlib.h>
#include <string.h>

void
js_replace(json_t **slot, json_t *take_x)
{
	json_decref(*slot);
	*slot = take_x;
}

json_t *
js_copy(const json_t *x)
{
	json_t *copy = x == NULL ? NULL : json_deep_copy(x);

	must(x == NULL || copy != NULL);
	return copy;
}

const json_t *
js_get(const json_t *obj, const char *key)
{
	return json_object_get((json_t *)obj, key);
}

/* One step of a path: a member, or an index of an array. */
static const json_t *
step(const json_t *at, const char *name, size_t len)
{
	char key[256];

	if (len >= sizeof(key))
		return NULL;
	memcpy(key, name, len);
	key[len] = 0;
	if (json_is_array(at))
		return json_array_get(at, strtoul(key, NULL, 10));
	return js_get(at, key);
}

const json_t *
js_path(const json_t *at, const char *path)
{
	while (at != NULL && *path != 0) {
		size_t len = strcspn(path, ".");

		at = step(at, path, len);
		path += len + (path[len] == '.');
	}
	return at;
}

const char *
js_text(const json_t *x)
{
	return json_string_value(x);
}

const char *
js_str(const json_t *obj, const char *key)
{
	return js_text(js_get(obj, key));
}

const char *
js_pathstr(const json_t *x, const char *path)
{
	return js_text(js_path(x, path));
}

json_int_t
js_int(const json_t *obj, const char *key, json_int_t dflt)
{
	const json_t *x = js_get(obj, key);

	return json_is_integer(x) ? json_integer_value(x) : dflt;
}

bool
js_bool(const json_t *obj, const char *key, bool dflt)
{
	const json_t *x = js_get(obj, key);

	return json_is_boolean(x) ? json_is_true(x) : dflt;
}

size_t
js_len(const json_t *x)
{
	return json_is_object(x) ? json_object_size(x) : json_array_size(x);
}

const json_t *
js_at(const json_t *array, size_t i)
{
	return json_array_get(array, i);
}

json_t *
js_new_strn(const char *s, size_t n)
{
	json_t *x = json_stringn(s, n);

	must(x != NULL);
	return x;
}

json_t *
js_new_str(const char *s)
{
	return js_new_strn(s, strlen(s));
}

json_t *
js_fmt(const char *fmt, ...)
{
	auto_free char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	must(vasprintf(&s, fmt, ap) != -1);
	va_end(ap);
	return js_new_str(s);
}

json_t *
js_pack(const char *fmt, ...)
{
	json_t *x;
	va_list ap;

	va_start(ap, fmt);
	x = json_vpack_ex(NULL, 0, fmt, ap);
	va_end(ap);
	must(x != NULL);
	return x;
}

void
js_set(json_t *obj, const char *key, json_t *take_value)
{
	if (take_value != NULL)
		must(json_object_set_new(obj, key, take_value) == 0);
}

void
js_set_name(json_t *obj, const char *name, json_t *take_value)
{
	if (take_value != NULL)
		must(json_object_set_new_nocheck(obj, name, take_value) == 0);
}

void
js_set_str(json_t *obj, const char *key, const char *value)
{
	if (value != NULL)
		js_set(obj, key, js_new_str(value));
}

void
js_push(json_t *array, json_t *take_value)
{
	must(json_array_append_new(array, take_value) == 0);
}

void
js_merge(json_t *dst, const json_t *src)
{
	if (json_is_object(src))
		must(json_object_update(dst, (json_t *)src) == 0);
}

void
js_del(json_t *obj, const char *key)
{
	json_object_del(obj, key);
}

bool
js_equal(const json_t *a, const json_t *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return json_equal(a, b);
}

char *
js_dump(const json_t *x)
{
	char *s = x == NULL ? mem_str("null")
			    : json_dumps(x, JSON_COMPACT | JSON_SORT_KEYS |
						JSON_ENCODE_ANY);

	must(s != NULL);
	return s;
}

char *
js_pretty(const json_t *x)
{
	char *s = json_dumps(x, JSON_INDENT(2) | JSON_ENCODE_ANY);

	must(s != NULL);
	return s;
}

int
js_parse(const char *text, size_t len, json_t **ret_x, struct err *err)
{
	json_error_t e;
	json_t *x = json_loadb(
	    text, len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &e);

	if (x == NULL)
		return err_set(err, ERR_INPUT, "%d:%d: not JSON: %s", e.line,
		    e.column, e.text);
	*ret_x = x;
	return 0;
}
