/* ARNs and properties before anything exists: see iam_place.h. */

#include "cli/iam_place.h"

#include <string.h>

#include "common/base/text.h"
#include "common/engine/template.h"

/* ---- what properties say before a pass ---- */

/* "shop-orders", "/aws/lambda/shop-orders" -> "...shop-*". */
static char *
name_pattern(const struct iam_finder *f, const char *text)
{
	const char *own = f->graph ? f->graph->arch.name : "";
	const char *slash = strrchr(text, '/');
	const char *name = slash ? slash + 1 : text;
	size_t n = strlen(own);

	if (f->scope->exact || n == 0 || strncmp(name, own, n) != 0 ||
	    name[n] != '-')
		return mem_str(text);
	return mem_fmt("%.*s-*", (int)(name - text + (long)n), text);
}

static json_t *known(const struct iam_finder *, const json_t *);

json_t *
iam_props(const struct iam_finder *f, const struct resource *r)
{
	json_auto_t *raw = packed_open(r->props);

	return known(f, raw);
}

static char *
reference_text(const struct iam_finder *f, const json_t *ref)
{
	const char *address = js_text(js_at(ref, 0));
	const char *attribute = js_text(js_at(ref, 1));
	const struct resource *r = graph_find(f->graph, address);
	json_auto_t *props = NULL;
	char *text;

	if (strcmp(address, "aws") == 0)
		return mem_str(js_str(f->specials, attribute));
	must(r != NULL); /* graph_finish refuses the others */
	props = iam_props(f, r);
	text = strcmp(attribute, "@arn") == 0
		   ? iam_arn(f, r->type, props)
		   : mem_str(js_str(props, attribute));
	return text ? text : mem_str("*");
}

/* Of a string with references; NULL: it is none. */
static char *
text_of(const struct iam_finder *f, const json_t *x)
{
	const json_t *join = js_get(x, "$join"), *part;
	struct buf text = BUF_INIT;
	size_t i;

	if (json_is_string(x))
		return name_pattern(f, js_text(x));
	if (js_get(x, "$ref") != NULL)
		return reference_text(f, js_get(x, "$ref"));
	if (js_get(x, "$weak") != NULL)
		return text_of(f, js_get(x, "$weak"));
	if (join == NULL)
		return NULL;
	js_each (join, i, part) {
		auto_free char *piece = text_of(f, part);

		buf_adds(&text, piece ? piece : "*");
	}
	return buf_take(&text);
}

/* Strings as they will be, as far as that is known; "*" for the rest. */
static json_t *
known(const struct iam_finder *f, const json_t *x)
{
	auto_free char *text = text_of(f, x);
	const char *key;
	json_t *value, *members;

	if (text != NULL)
		return js_new_str(text);
	if (!json_is_object(x))
		return js_copy(x);
	members = json_object();
	js_foreach (x, key, value)
		js_set(members, key, known(f, value));
	return members;
}

/* ---- ARNs ---- */

struct filling {
	const struct iam_finder *finder;
	json_t *props;
};

static void
fill(void *arg, const char *name, size_t len)
{
	struct filling *to = arg;
	auto_free char *variable = mem_strn(name, len);

	if (js_str(to->finder->specials, variable) == NULL &&
	    js_str(to->props, variable) == NULL)
		js_set_str(to->props, variable, "*");
}

/* Two of them are no more than one. */
static char *
squeezed(char *take_pattern)
{
	auto_free char *pattern = take_pattern;
	struct buf once = BUF_INIT;

	if (pattern == NULL)
		return NULL;
	for (const char *c = pattern; *c != '\0'; c++)
		if (c[0] != '*' || c[1] != '*')
			buf_addc(&once, *c);
	return buf_take(&once);
}

/* What the template names and nobody knows yet is any. */
char *
iam_pattern(
    const struct iam_finder *f, const char *template, const json_t *props)
{
	json_auto_t *filled = js_copy(props);
	struct filling to = { f, filled };
	struct scope scope = { { f->specials, filled } };

	template_variables(template, fill, &to);
	return squeezed(template_text(template, &scope));
}

char *
iam_arn(const struct iam_finder *f, const struct resource_type *type,
    const json_t *props)
{
	return type->arn ? iam_pattern(f, type->arn, props) : NULL;
}
