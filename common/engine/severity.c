/* Differences that make AWS less safe: see severity.h. */

#include "common/engine/severity.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/engine/compare.h"

/* ---- policies ---- */

/* Canonical documents have lists: is every element matched by a pattern? */
static bool
all_match(const json_t *patterns, const json_t *values)
{
	for (size_t i = 0; i < js_len(values); i++) {
		const char *value = js_text(js_at(values, i));
		bool found = false;

		for (size_t k = 0; k < js_len(patterns) && !found; k++) {
			const char *pattern = js_text(js_at(patterns, k));

			found = value != NULL && pattern != NULL &&
				text_glob(pattern, value);
		}
		if (!found)
			return false;
	}
	return true;
}

/* {"AWS": [...], "Service": [...]}; "*" is everybody. */
static bool
covers_principal(const json_t *wide, const json_t *narrow)
{
	const char *key;
	json_t *values;

	js_foreach (narrow, key, values)
		if (!all_match(js_get(wide, key), values) &&
		    !all_match(js_get(wide, "AWS"), values))
			return false;
	return (wide == NULL) == (narrow == NULL);
}

static bool
covers_list(const json_t *wide, const json_t *narrow, const char *element)
{
	const json_t *a = js_get(wide, element), *b = js_get(narrow, element);

	return a == NULL || b == NULL ? a == b : all_match(a, b);
}

/* Elements that are no plain lists cover only what equals them; a statement
 * without conditions covers one with. */
static bool
covers(const json_t *wide, const json_t *narrow)
{
	static const char *const exact[] = { "Effect", "NotAction",
		"NotResource", "NotPrincipal" };
	const json_t *condition = js_get(wide, "Condition");

	for (size_t i = 0; i < sizeof(exact) / sizeof(*exact); i++)
		if (!js_equal(js_get(wide, exact[i]), js_get(narrow, exact[i])))
			return false;
	return (condition == NULL ||
		   js_equal(condition, js_get(narrow, "Condition"))) &&
	       covers_list(wide, narrow, "Action") &&
	       covers_list(wide, narrow, "Resource") &&
	       covers_principal(
		   js_get(wide, "Principal"), js_get(narrow, "Principal"));
}

/* Has `in` a statement of that effect that nothing in `by` covers? */
static bool
has_uncovered(const json_t *in, const json_t *by, const char *effect)
{
	size_t i, k;
	json_t *one, *other;

	js_each (js_get(in, "Statement"), i, one) {
		const char *its = js_str(one, "Effect");
		bool covered = its == NULL || strcmp(its, effect) != 0;

		js_each (js_get(by, "Statement"), k, other)
			covered |= covers(other, one);
		if (!covered)
			return true;
	}
	return false;
}

bool
severity_widens(const json_t *want, const json_t *have)
{
	json_auto_t *desired = compare_policy(want);
	json_auto_t *live = compare_policy(have);

	return has_uncovered(live, desired, "Allow") ||
	       has_uncovered(desired, live, "Deny");
}

/* ---- rows ---- */

static bool
has_more(const json_t *want, const json_t *have)
{
	for (size_t i = 0; i < js_len(have); i++) {
		bool wanted = false;

		for (size_t k = 0; k < js_len(want) && !wanted; k++)
			wanted = js_equal(js_at(want, k), js_at(have, i));
		if (!wanted)
			return true;
	}
	return false;
}

/* An array as a whole, or an entry that nobody wants. */
static bool
is_more(const struct property *p, const json_t *change)
{
	const json_t *from = js_get(change, "from"), *to = js_get(change, "to");

	return p->key != NULL ? from != NULL && to == NULL : has_more(to, from);
}

static bool
is_nothing(const json_t *x)
{
	return x == NULL || json_is_null(x) || js_len(x) == 0;
}

/* Is the live value the one that the row names? Then the desired is not. */
static bool
is_risky(const char *risk, const json_t *have)
{
	json_auto_t *value = NULL;
	struct err ignored; /* a test parses those of all types */

	if (strcmp(risk, "null") == 0)
		return json_is_string(have) ? *js_text(have) == 0
					    : is_nothing(have);
	return js_parse(risk, strlen(risk), &value, &ignored) == 0 &&
	       compare_equal(C_SUBSET, value, have);
}

bool
severity_is_high(const struct property *p, const json_t *want,
    const json_t *have, const json_t *change)
{
	if (p->same == C_POLICY)
		return severity_widens(
		    js_get(change, "to"), js_get(change, "from"));
	if (p->risk == NULL)
		return false;
	if (strcmp(p->risk, "more") == 0)
		return is_more(p, change);
	return is_risky(p->risk, have) && !is_risky(p->risk, want);
}
