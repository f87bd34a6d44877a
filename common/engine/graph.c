/* The graph of desired resources, its order and its dependencies. */

#include "common/engine/graph.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/err.h"

struct graph *
graph_new(void)
{
	struct graph *g = mem_of(struct graph);

	g->outputs = json_object();
	return g;
}

static void
resource_free(struct resource *r)
{
	free(r->address);
	free(r->display);
	free(r->parent);
	free(r->artifact);
	free(r->file);
	free(r->needs);
	js_free(r->props);
	js_free(r->tags);
	js_free(r->policy);
}

static void
architecture_free(struct architecture *a)
{
	free(a->name);
	free(a->directory);
	free(a->revision);
	free(a->region);
	free(a->account);
	free(a->assume_role);
	free(a->mode);
	js_free(a->tags);
}

void
graph_free(struct graph *g)
{
	if (g == NULL)
		return;
	for (size_t i = 0; i < g->n; i++)
		resource_free(&g->list[i]);
	free(g->list);
	architecture_free(&g->arch);
	js_free(g->outputs);
	free(g);
}

struct resource *
graph_add(struct graph *g, const struct resource *take_r)
{
	if ((g->n & (g->n - 1)) == 0) /* room for powers of two */
		g->list = mem_grow(g->list, g->n * sizeof(*g->list),
		    (g->n ? g->n * 2 : 1) * sizeof(*g->list));
	g->list[g->n] = *take_r;
	return &g->list[g->n++];
}

/* ---- lookup ---- */

static int
by_address(const void *a, const void *b)
{
	return strcmp(((const struct resource *)a)->address,
	    ((const struct resource *)b)->address);
}

const struct resource *
graph_find(const struct graph *g, const char *address)
{
	struct resource key = { .address = (char *)address };

	return g->n == 0
		   ? NULL
		   : bsearch(&key, g->list, g->n, sizeof(key), by_address);
}

/* ---- dependencies ---- */

struct linking {
	struct graph *g;
	struct resource *from;
	struct err *err;
	int rc;
};

static void
need(struct linking *l, const char *address)
{
	const struct resource *to = graph_find(l->g, address);
	struct resource *r = l->from;
	size_t index;

	if (to == NULL) {
		l->rc = err_set(l->err, ERR_INPUT,
		    "%s refers to %s, which does not exist", r->display,
		    address);
		return;
	}
	index = (size_t)(to - l->g->list);
	for (size_t i = 0; i < r->n_needs; i++)
		if (r->needs[i] == index)
			return;
	r->needs = mem_grow(r->needs, r->n_needs * sizeof(*r->needs),
	    (r->n_needs + 1) * sizeof(*r->needs));
	r->needs[r->n_needs++] = index;
}

static void
link_value(struct linking *l, const json_t *x)
{
	const json_t *ref = js_get(x, "$ref");
	const char *key;
	json_t *value;
	size_t i;

	if (ref != NULL) {
		if (strcmp(js_text(js_at(ref, 0)), "aws") != 0)
			need(l, js_text(js_at(ref, 0)));
		return;
	}
	if (js_get(x, "$weak") != NULL)
		return;
	if (json_is_object(x))
		js_foreach (x, key, value)
			link_value(l, value);
	if (json_is_array(x))
		js_each (x, i, value)
			link_value(l, value);
}

/* ---- cycles: depth first, the path is what is grey ---- */

enum colour { WHITE, GREY, BLACK };

struct search {
	const struct graph *g;
	enum colour *colour;
	size_t *path, depth;
	struct err *err;
};

static int
name_cycle(const struct search *s, size_t again)
{
	auto_buf struct buf text = BUF_INIT;
	size_t i = 0;

	while (s->path[i] != again)
		i++;
	for (; i < s->depth; i++)
		buf_addf(&text, "%s -> ", s->g->list[s->path[i]].display);
	return err_set(s->err, ERR_INPUT,
	    "these need each other in a cycle: %s%s; remove one of the "
	    "references",
	    text.data, s->g->list[again].display);
}

static int
visit(struct search *s, size_t at)
{
	const struct resource *r = &s->g->list[at];

	if (s->colour[at] == BLACK)
		return 0;
	if (s->colour[at] == GREY)
		return name_cycle(s, at);
	s->colour[at] = GREY;
	s->path[s->depth++] = at;
	for (size_t i = 0; i < r->n_needs; i++)
		if (visit(s, r->needs[i]) == -1)
			return -1;
	s->depth--;
	s->colour[at] = BLACK;
	return 0;
}

static int
find_cycle(const struct graph *g, struct err *err)
{
	auto_free enum colour *colour = mem_array(enum colour, g->n);
	auto_free size_t *path = mem_array(size_t, g->n);
	struct search s = { g, colour, path, 0, err };

	for (size_t i = 0; i < g->n; i++)
		if (visit(&s, i) == -1)
			return -1;
	return 0;
}

int
graph_finish(struct graph *g, struct err *err)
{
	struct linking l = { .g = g, .err = err };

	if (g->n > 0)
		qsort(g->list, g->n, sizeof(*g->list), by_address);
	for (size_t i = 1; i < g->n; i++)
		if (strcmp(g->list[i - 1].address, g->list[i].address) == 0)
			return err_set(err, ERR_INPUT, "%s is declared twice",
			    g->list[i].display);
	for (size_t i = 0; i < g->n && l.rc == 0; i++) {
		l.from = &g->list[i];
		if (l.from->parent != NULL)
			need(&l, l.from->parent);
		link_value(&l, l.from->props);
		link_value(&l, l.from->tags);
	}
	return l.rc == -1 ? -1 : find_cycle(g, err);
}
