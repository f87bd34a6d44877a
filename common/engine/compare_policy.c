/* IAM policies in one canonical form: see compare.h. */

#include "common/engine/compare_impl.h"

#include <ctype.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"

static json_t *
as_list(const json_t *x)
{
	json_t *list;

	if (json_is_array(x))
		return compare_sorted(x);
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
	return compare_sorted(list);
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
		js_set(all, key, compare_sorted(plain));
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

				compare_text(js_at(list, i), &b);
				js_push(texts, js_new_str(b.data));
			}
			js_set(one, key, compare_sorted(texts));
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
	if (compare_is_nothing(js_get(s, "Sid")))
		js_del(s, "Sid");
	if (compare_is_nothing(js_get(s, "Condition")))
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
	js_set(canonical, "Statement", compare_sorted(statements));
	if (js_str(document, "Version") == NULL)
		js_set_str(canonical, "Version", "2008-10-17");
	if (compare_is_nothing(js_get(canonical, "Id")))
		js_del(canonical, "Id");
	return canonical;
}
