/* Grants as a policy: what may do the same is one statement. */

#include <stdlib.h>
#include <string.h>

#include "cli/iam_grants.h"
#include "common/base/text.h"

/* The keys of an object, in order. */
static json_t *
keys_of(const json_t *map)
{
	const char **keys = mem_array(const char *, js_len(map) + 1);
	json_t *list = json_array(), *value;
	const char *key;
	size_t n = 0;

	js_foreach (map, key, value)
		keys[n++] = key;
	qsort(keys, n, sizeof(*keys), text_order);
	for (size_t i = 0; i < n; i++)
		js_push(list, js_new_str(keys[i]));
	free(keys);
	return list;
}

/* Without what is allowed everywhere, but for the grant that says so. */
static json_t *
actions_of(const json_t *grants, const char *place)
{
	const json_t *everywhere = js_get(grants, "*\n\n");
	json_auto_t *left = js_copy(js_get(grants, place));
	const char *action;
	json_t *value;

	if (strcmp(place, "*\n\n") != 0)
		js_foreach (everywhere, action, value)
			js_del(left, action);
	return keys_of(left);
}

/* {"actions\ncondition": {resource: true}} */
static json_t *
by_actions(const json_t *grants)
{
	json_t *merged = json_object(), *value;
	const char *place;

	js_foreach (grants, place, value) {
		size_t n = strcspn(place, "\n");
		json_auto_t *actions = actions_of(grants, place);
		auto_free char *text = js_dump(actions);
		auto_free char *same = mem_fmt("%s%s", text, place + n);
		auto_free char *resource = mem_strn(place, n);

		if (js_len(actions) == 0)
			continue;
		if (js_get(merged, same) == NULL)
			js_set(merged, same, json_object());
		js_set((json_t *)js_get(merged, same), resource, json_true());
	}
	return merged;
}

/* Is it another pattern's already? */
static bool
is_covered(const json_t *resources, const char *one)
{
	const char *other;
	json_t *value;

	js_foreach (resources, other, value)
		if (strcmp(other, one) != 0 && text_glob(other, one))
			return true;
	return false;
}

static json_t *
widest(const json_t *resources)
{
	json_auto_t *kept = json_object();
	const char *one;
	json_t *value;

	js_foreach (resources, one, value)
		if (!is_covered(resources, one))
			js_set(kept, one, json_true());
	return keys_of(kept);
}

/* One of one is written without the list. */
static json_t *
plain(json_t *take_list)
{
	json_auto_t *list = take_list;

	return js_copy(js_len(list) == 1 ? js_at(list, 0) : list);
}

static json_t *
statement(const char *same, const json_t *resources)
{
	size_t n = strcspn(same, "\n"), k = strcspn(same + n + 1, "\n");
	auto_free char *key = mem_strn(same + n + 1, k);
	json_t *actions = NULL, *x;
	struct err err;

	must(js_parse(same, n, &actions, &err) == 0);
	x = js_pack("{s:s, s:o, s:o}", "Effect", "Allow", "Action",
	    plain(actions), "Resource", plain(widest(resources)));
	if (k > 0)
		js_set(x, "Condition",
		    js_pack("{s:{s:s}}", "StringEquals", key,
			same + n + 1 + k + 1));
	return x;
}

json_t *
iam_document(const json_t *grants)
{
	json_auto_t *merged = by_actions(grants), *order = keys_of(merged);
	json_t *statements = json_array(), *same;
	size_t i;

	js_each (order, i, same)
		js_push(statements,
		    statement(js_text(same), js_get(merged, js_text(same))));
	return js_pack(
	    "{s:s, s:o}", "Version", "2012-10-17", "Statement", statements);
}
