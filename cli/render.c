/* render: the desired resources, references shown as ${address:attribute}. */

#include <string.h>

#include "cli/load.h"

static json_t *shown(const json_t *);

/* A literal "${" is written "$${", so that it is told from a reference. */
static void
add_literal(struct buf *out, const char *text)
{
	for (const char *hole; (hole = strstr(text, "${")) != NULL;
	     text = hole + 2) {
		buf_add(out, text, (size_t)(hole - text));
		buf_adds(out, "$${");
	}
	buf_adds(out, text);
}

static void
add_part(struct buf *out, const json_t *part)
{
	const json_t *ref = js_get(part, "$ref"), *join = js_get(part, "$join");
	const json_t *weak = js_get(part, "$weak"), *sub;
	size_t i;

	if (json_is_string(part))
		add_literal(out, js_text(part));
	else if (ref != NULL)
		buf_addf(out, "${%s:%s}", js_text(js_at(ref, 0)),
		    js_text(js_at(ref, 1)));
	else if (weak != NULL)
		add_part(out, weak);
	js_each (join, i, sub)
		add_part(out, sub);
}

static bool
is_text(const json_t *x)
{
	return json_is_string(x) ||
	       (json_is_object(x) && js_len(x) == 1 &&
		   (js_get(x, "$ref") != NULL || js_get(x, "$join") != NULL ||
		       js_get(x, "$weak") != NULL));
}

static json_t *
shown_members(const json_t *x)
{
	json_t *copy = json_object(), *value;
	const char *key;

	js_foreach (x, key, value)
		js_set(copy, key, shown(value));
	return copy;
}

static json_t *
shown_elements(const json_t *x)
{
	json_t *copy = json_array(), *value;
	size_t i;

	js_each (x, i, value)
		js_push(copy, shown(value));
	return copy;
}

static json_t *
shown(const json_t *x)
{
	auto_buf struct buf text = BUF_INIT;

	if (is_text(x)) {
		add_part(&text, x);
		return js_new_strn(text.data, text.len);
	}
	if (json_is_object(x))
		return shown_members(x);
	return json_is_array(x) ? shown_elements(x) : js_copy(x);
}

static json_t *
shown_props(const struct resource *r)
{
	json_auto_t *raw = packed_open(r->props);
	json_t *props = shown_members(raw);
	const struct property *p = r->type->properties;

	for (; p != NULL && p->name != NULL; p++)
		if ((p->flags & P_SECRET) && js_get(props, p->name) != NULL)
			js_set_str(props, p->name, "(sensitive)");
	return props;
}

static json_t *
show_resource(const struct resource *r)
{
	json_auto_t *tags = packed_open(r->tags);
	json_t *x = js_pack(
	    "{s:s, s:s}", "address", r->address, "type", r->type->name);

	js_set_str(x, "parent", r->parent);
	js_set_str(x, "file", r->file);
	js_set(x, "line", json_integer(r->line));
	js_set_str(x, "artifact", r->artifact);
	if (js_len(tags) > 0)
		js_set(x, "tags", shown_members(tags));
	js_set(x, "properties", shown_props(r));
	return x;
}

static json_t *
show_graph(const struct graph *g)
{
	const struct architecture *a = &g->arch;
	json_t *list = json_array();
	json_t *x = js_pack("{s:s}", "architecture", a->name);

	js_set_str(x, "region", a->region);
	js_set_str(x, "account", a->account);
	js_set_str(x, "mode", a->mode);
	js_set_str(x, "revision", a->revision);
	for (size_t i = 0; i < g->n; i++)
		js_push(list, show_resource(&g->list[i]));
	js_set(x, "resources", list);
	return x;
}

static int
render_yaml(const json_t *graphs)
{
	auto_buf struct buf out = BUF_INIT;
	const json_t *graph;
	size_t i;

	js_each (graphs, i, graph) {
		buf_adds(&out, i > 0 ? "---\n" : "");
		yaml_add(&out, graph, 0);
	}
	return print_buf(&out);
}

static int
render(const struct args *args, const struct compiled *c)
{
	json_auto_t *graphs = json_array();

	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].graph != NULL)
			js_push(graphs, show_graph(c->list[i].graph));
	return args_output_is(args, "json") ? print_json(graphs, 2)
					    : render_yaml(graphs);
}

/* Good architectures are shown even when others are wrong. */
int
verb_render(const struct args *args)
{
	struct loaded l;
	int code = load(args, &l);

	if (code == EXIT_OK) {
		size_t wrong = load_errors(&l, NULL);

		code = render(args, &l.compiled);
		if (wrong > 0)
			code = EXIT_ERROR;
	}
	loaded_free(&l);
	return code;
}
