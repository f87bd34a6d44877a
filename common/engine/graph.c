/* The graph of desired resources: see graph.h. */

#include "common/engine/graph.h"
#include "common/base/buf.h"

#include <stdlib.h>
#include <string.h>

struct graph *
graph_new(void)
{
	return mem_of(struct graph);
}

#define TEXTS 9

/* All that a resource owns but for its needs. */
static void
texts_of(struct resource *r, char **ret[static TEXTS])
{
	char **const all[TEXTS] = { &r->address, &r->display,
		(char **)&r->name, /* const for readers; graph_add made it */
		&r->parent, (char **)&r->props, (char **)&r->tags,
		(char **)&r->policy, &r->artifact, &r->file };

	memcpy(ret, all, sizeof(all));
}

static void
resource_fini(struct resource *r, bool has_texts)
{
	char **texts[TEXTS];

	texts_of(r, texts);
	for (size_t i = 0; i < TEXTS && has_texts; i++)
		free(*texts[i]);
	free(r->needs);
}

/* The same text of the resource before, which is often equal: policy, tags,
 * file. NULL: it is not. */
static char *
same_before(struct graph *g, size_t i, size_t k)
{
	char **mine[TEXTS], **before[TEXTS];

	if (i == 0)
		return NULL;
	texts_of(&g->list[i], mine);
	texts_of(&g->list[i - 1], before);
	if (*mine[k] == NULL || *before[k] == NULL)
		return NULL;
	return strcmp(*mine[k], *before[k]) == 0 ? *before[k] : NULL;
}

static size_t
size_of_texts(struct graph *g)
{
	char **texts[TEXTS];
	size_t size = 0;

	for (size_t i = 0; i < g->n; i++) {
		texts_of(&g->list[i], texts);
		for (size_t k = 0; k < TEXTS; k++)
			if (*texts[k] != NULL && same_before(g, i, k) == NULL)
				size += strlen(*texts[k]) + 1;
	}
	return size;
}

/* The text's place in the block; its own memory goes. */
static char *
move_text(char *take_text, char *same, char **at)
{
	size_t size = strlen(take_text) + 1;
	char *to = same;

	if (same == NULL) {
		to = memcpy(*at, take_text, size);
		*at += size;
	}
	free(take_text);
	return to;
}

/* Graphs live long: their texts, one by one, would lie scattered among all
 * that compiling them needed, and keep its memory from being given back. */
static void
gather_texts(struct graph *g)
{
	char *at = mem_new(size_of_texts(g));
	char **texts[TEXTS];

	g->texts = at;
	for (size_t i = 0; i < g->n; i++) {
		texts_of(&g->list[i], texts);
		for (size_t k = 0; k < TEXTS; k++)
			if (*texts[k] != NULL)
				*texts[k] = move_text(
				    *texts[k], same_before(g, i, k), &at);
	}
}

static void
architecture_fini(struct architecture *a)
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
		resource_fini(&g->list[i], g->texts == NULL);
	free(g->list);
	free(g->texts);
	architecture_fini(&g->arch);
	free(g);
}

struct resource *
graph_add(struct graph *g, const struct resource *take_r)
{
	size_t n = g->n, one = sizeof(*g->list);

	if ((n & (n - 1)) == 0) /* doubles: the size follows from n */
		g->list = mem_grow(
		    g->list, n * one, (n == 0 ? 1 : 2 * n) * one);
	g->list[n] = *take_r;
	g->list[n].name = mem_str(take_r->name);
	g->n++;
	return &g->list[n];
}

void
resource_add_tag(struct resource *r, const char *key, const char *value)
{
	json_t *tags = r->tags ? packed_open(r->tags) : json_object();

	js_set_str(tags, key, value);
	packed_replace(&r->tags, packed_take(tags));
}

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

	if (g->n == 0)
		return NULL;
	return bsearch(&key, g->list, g->n, sizeof(key), by_address);
}

/* ---- what a resource needs ---- */

struct needs {
	const struct graph *graph;
	const struct resource *of;
	size_t *list;
	size_t n;
	struct err *err;
};

static int
missing(const struct needs *needs, const char *address)
{
	return err_set(needs->err, ERR_INPUT,
	    "%s refers to %s, which does not exist", needs->of->display,
	    address);
}

static int
add_need(struct needs *needs, const char *address)
{
	const struct resource *r = graph_find(needs->graph, address);
	size_t n = needs->n, one = sizeof(*needs->list);

	if (r == NULL)
		return missing(needs, address);
	if ((n & (n - 1)) == 0)
		needs->list = mem_grow(
		    needs->list, n * one, (n == 0 ? 1 : 2 * n) * one);
	needs->list[needs->n++] = (size_t)(r - needs->graph->list);
	return 0;
}

/* The address in {"$ref": [address, attribute]}, NULL for anything else and
 * for what AWS itself tells. */
static const char *
referred(const json_t *x)
{
	const json_t *ref = js_get(x, "$ref");
	const char *address = js_text(js_at(ref, 0));

	if (js_len(x) != 1 || js_len(ref) != 2 || address == NULL ||
	    strcmp(address, "aws") == 0)
		return NULL;
	return address;
}

static int find_needs(struct needs *, const json_t *);

/* Without ordering, but what does not exist has no ARN either. */
static int
check_weak(struct needs *needs, const json_t *weak)
{
	const char *address = referred(weak);

	if (address != NULL && graph_find(needs->graph, address) == NULL)
		return missing(needs, address);
	return 0;
}

static int
find_needs(struct needs *needs, const json_t *x)
{
	const char *address = referred(x), *key;
	const json_t *value;
	size_t i;

	if (address != NULL)
		return add_need(needs, address);
	if (js_len(x) == 1 && js_get(x, "$weak") != NULL)
		return check_weak(needs, js_get(x, "$weak"));
	js_foreach (x, key, value) {
		if (find_needs(needs, value) == -1)
			return -1;
	}
	js_each (x, i, value) {
		if (find_needs(needs, value) == -1)
			return -1;
	}
	return 0;
}

static int
by_index(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return x < y ? -1 : x > y;
}

static int
collect_needs(const struct graph *g, struct resource *r, struct err *err)
{
	struct needs needs = { .graph = g, .of = r, .err = err };
	json_auto_t *props = packed_open(r->props);
	json_auto_t *tags = packed_open(r->tags);
	int rc = 0;

	if (r->parent != NULL)
		rc = add_need(&needs, r->parent);
	if (rc == 0)
		rc = find_needs(&needs, props);
	if (rc == 0)
		rc = find_needs(&needs, tags);
	if (needs.n > 1)
		qsort(needs.list, needs.n, sizeof(size_t), by_index);
	r->n_needs = 0;
	for (size_t i = 0; i < needs.n; i++) {
		if (i == 0 || needs.list[i] != needs.list[i - 1])
			needs.list[r->n_needs++] = needs.list[i];
	}
	r->needs = needs.list;
	return rc;
}

/* ---- cycles ---- */

struct walk {
	const struct graph *graph;
	enum { UNSEEN, ON_PATH, DONE } * state;
	size_t *path, *next; /* next: which need of path[i] comes next */
	size_t depth;
};

static int
name_cycle(const struct walk *w, size_t again, struct err *err)
{
	auto_buf struct buf text = BUF_INIT;
	size_t i = 0;

	while (w->path[i] != again)
		i++;
	for (; i < w->depth; i++)
		buf_addf(&text, "%s -> ", w->graph->list[w->path[i]].display);
	return err_set(err, ERR_INPUT,
	    "these need each other in a cycle: %s%s; remove one of the "
	    "references",
	    text.data, w->graph->list[again].display);
}

static void
enter(struct walk *w, size_t index)
{
	w->state[index] = ON_PATH;
	w->next[w->depth] = 0;
	w->path[w->depth++] = index;
}

/* Depth first from one resource, without recursion. */
static int
walk_from(struct walk *w, size_t start, struct err *err)
{
	enter(w, start);
	while (w->depth > 0) {
		size_t at = w->path[w->depth - 1];
		const struct resource *r = &w->graph->list[at];
		size_t i = w->next[w->depth - 1]++;

		if (i == r->n_needs) {
			w->state[at] = DONE;
			w->depth--;
		} else if (w->state[r->needs[i]] == ON_PATH) {
			return name_cycle(w, r->needs[i], err);
		} else if (w->state[r->needs[i]] == UNSEEN) {
			enter(w, r->needs[i]);
		}
	}
	return 0;
}

static int
find_cycle(const struct graph *g, struct err *err)
{
	struct walk w = { .graph = g };
	int rc = 0;

	w.state = mem_new(g->n * sizeof(*w.state));
	w.path = mem_array(size_t, g->n);
	w.next = mem_array(size_t, g->n);
	for (size_t i = 0; i < g->n && rc == 0; i++) {
		if (w.state[i] == UNSEEN)
			rc = walk_from(&w, i, err);
	}
	free(w.state);
	free(w.path);
	free(w.next);
	return rc;
}

int
graph_finish(struct graph *g, struct err *err)
{
	if (g->n > 0) /* the room for more goes */
		g->list = mem_grow(
		    g->list, g->n * sizeof(*g->list), g->n * sizeof(*g->list));
	if (g->n > 1)
		qsort(g->list, g->n, sizeof(*g->list), by_address);
	for (size_t i = 1; i < g->n; i++) {
		if (by_address(&g->list[i - 1], &g->list[i]) == 0)
			return err_set(err, ERR_INPUT, "%s is declared twice",
			    g->list[i].address);
	}
	for (size_t i = 0; i < g->n; i++) {
		if (collect_needs(g, &g->list[i], err) == -1)
			return -1;
	}
	if (find_cycle(g, err) == -1)
		return -1;
	gather_texts(g);
	return 0;
}
