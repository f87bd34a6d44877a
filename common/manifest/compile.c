/* A revision's files become graphs: see compile.h. */

#include "common/base/text.h"
#include "common/manifest/collect.h"
#include "common/manifest/path.h"
#include "common/manifest/unit.h"

#include <stdlib.h>
#include <string.h>

struct compiler {
	const struct registry *registry;
	const struct tree *tree;
	struct files files;
	struct unit *units;
	size_t n;
	json_t *covered; /* set of paths that manifests name as code or file */
	struct errors *errors; /* of the source as a whole */
};

const struct module *
registry_module(const struct registry *r, const char *kind)
{
	for (size_t i = 0; r->modules[i] != NULL; i++) {
		if (strcmp(r->modules[i]->kind, kind) == 0)
			return r->modules[i];
	}
	return NULL;
}

const struct resource_type *
registry_type(const struct registry *r, const char *name)
{
	for (size_t i = 0; r->types[i] != NULL; i++) {
		if (strcmp(r->types[i]->name, name) == 0)
			return r->types[i];
	}
	return NULL;
}

/* ---- architectures ---- */

static bool
is_architecture(const struct doc *doc)
{
	return doc_is_manifest(doc) && doc->kind != NULL &&
	       strcmp(doc->kind, "Architecture") == 0;
}

static struct unit *
unit_of(struct compiler *c, const char *directory)
{
	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->units[i].directory, directory) == 0)
			return &c->units[i];
	}
	return NULL;
}

/* The architecture that owns a directory: of itself or the nearest above. */
static struct unit *
owner_of(struct compiler *c, const char *directory)
{
	struct unit *best = NULL;

	for (size_t i = 0; i < c->n; i++) {
		struct unit *u = &c->units[i];

		if (path_is_below(directory, u->directory) &&
		    (best == NULL ||
			path_is_below(u->directory, best->directory)))
			best = u;
	}
	return best;
}

static void
add_unit(struct compiler *c, const struct file *f, struct doc *doc)
{
	struct unit *u = unit_of(c, f->directory);

	if (u != NULL) {
		errors_add(&u->errors, doc->file, doc_place(doc, ""),
		    "a second Architecture in one directory; the first is at "
		    "%s:%d",
		    u->doc->file, doc_place(u->doc, "").line);
		return;
	}
	doc_open(doc);
	c->units = mem_grow(
	    c->units, c->n * sizeof(*c->units), (c->n + 1) * sizeof(*c->units));
	c->units[c->n++] = (struct unit){ .registry = c->registry,
		.tree = c->tree,
		.doc = doc,
		.name = mem_str(js_pathstr(doc->root, "metadata.name")),
		.directory = mem_str(f->directory),
		.covered = c->covered };
}

static void
same_name(struct unit *u, const struct unit *other)
{
	struct place at = doc_place(other->doc, "/metadata/name");

	errors_add(&u->errors, u->doc->file,
	    doc_place(u->doc, "/metadata/name"),
	    "the architecture `%s` is also defined at %s:%d", u->name,
	    other->doc->file, at.line);
}

/* Which of two is meant nobody knows: both are wrong. */
static void
check_names(struct compiler *c)
{
	json_auto_t *names = json_object();

	for (size_t i = 0; i < c->n; i++) {
		struct unit *u = &c->units[i];
		const json_t *first;

		if (u->name == NULL)
			continue;
		first = js_get(names, u->name);
		if (first == NULL) {
			js_set(names, u->name, json_integer((json_int_t)i));
			continue;
		}
		same_name(u, &c->units[json_integer_value(first)]);
		same_name(&c->units[json_integer_value(first)], u);
	}
}

/* ---- documents ---- */

#define each_doc(c, f, d)                                                      \
	for (struct file *f = (c)->files.list;                                 \
	     (c)->files.n && f < (c)->files.list + (c)->files.n; f++)          \
		for (struct doc *d = f->docs; f->n && d < f->docs + f->n; d++)

static void
find_units(struct compiler *c)
{
	each_doc (c, f, doc) {
		if (is_architecture(doc))
			add_unit(c, f, doc);
	}
	check_names(c);
}

static void
assign(struct compiler *c)
{
	each_doc (c, f, doc) {
		struct unit *u = owner_of(c, f->directory);

		if (!doc_is_manifest(doc) || is_architecture(doc))
			continue;
		if (u != NULL)
			unit_add(u, doc);
		else if (c->n > 0)
			errors_add(c->errors, doc->file, doc_place(doc, ""),
			    "belongs to no architecture: neither this "
			    "directory nor one above it has an Architecture "
			    "document");
	}
}

/* Named by a manifest as its code or file, or below such a directory. */
static bool
is_covered(const struct compiler *c, const char *path)
{
	auto_free char *at = mem_str(path);

	while (strcmp(at, ".") != 0) {
		char *up;

		if (js_get(c->covered, at) != NULL)
			return true;
		up = path_directory(at);
		free(at);
		at = up;
	}
	return js_get(c->covered, ".") != NULL;
}

/* Most likely meant as a manifest, wherever it is. */
static bool
looks_like_manifest(const struct compiler *c, const struct doc *doc)
{
	const char *kind = doc->kind;

	if (doc->version != NULL)
		return text_starts(doc->version, "converg");
	return kind != NULL && (registry_module(c->registry, kind) != NULL ||
				   strcmp(kind, "Architecture") == 0);
}

static void
other_document(
    const struct compiler *c, const struct unit *u, const struct doc *doc)
{
	struct errors *to = u != NULL ? (struct errors *)&u->errors : c->errors;
	const char *version = doc->version;

	if (u == NULL && !looks_like_manifest(c, doc))
		return;
	if (version != NULL)
		errors_add(to, doc->file, doc_place(doc, "/apiVersion"),
		    "`apiVersion` must be convergd/v1, is \"%.60s\"", version);
	else
		errors_add(to, doc->file, doc_place(doc, ""),
		    "no manifest: `apiVersion: convergd/v1` is missing; "
		    "files whose name starts with _ are left out");
}

/* What is no manifest, and what could not be parsed. */
static void
check_rest(struct compiler *c)
{
	for (size_t i = 0; i < c->files.n; i++) {
		struct file *f = &c->files.list[i];
		struct unit *u = owner_of(c, f->directory);

		if (!f->is_manifest && is_covered(c, f->path))
			continue;
		for (size_t j = 0; j < f->errors.n; j++)
			errors_add(u != NULL ? &u->errors : c->errors,
			    f->errors.list[j].file, f->errors.list[j].at, "%s",
			    f->errors.list[j].text);
		for (size_t j = 0; j < f->n; j++) {
			if (doc_is_manifest(&f->docs[j]))
				continue;
			other_document(c, u, &f->docs[j]);
			if (!f->is_manifest)
				break; /* once says it of the file */
		}
	}
}

static void
build(struct compiler *c, const char *path)
{
	find_units(c);
	assign(c);
	for (size_t i = 0; i < c->n; i++)
		unit_open(&c->units[i]);
	for (size_t i = 0; i < c->n; i++)
		unit_check(&c->units[i]);
	check_rest(c);
	if (c->n == 0)
		errors_add(c->errors, path, (struct place){ 0, 0 },
		    "no Architecture document in any *.yaml, *.yml or *.json "
		    "below it");
	for (size_t i = 0; i < c->n; i++)
		unit_expand(&c->units[i]);
}

/* ---- the result ---- */

static void
give(struct unit *u, struct compiled_architecture *to)
{
	errors_sort(&u->errors);
	*to = (struct compiled_architecture){ .name = mem_move(&u->name),
		.directory = mem_move(&u->directory),
		.graph = u->errors.n == 0 ? mem_move(&u->graph) : NULL,
		.errors = u->errors };
	u->errors = (struct errors){ 0 };
}

static int
give_all(struct compiler *c, struct compiled *ret)
{
	size_t good = 0;

	ret->list = mem_array(struct compiled_architecture, c->n);
	ret->n = c->n;
	ret->graphs = mem_array(struct graph *, c->n + 1);
	for (size_t i = 0; i < c->n; i++) {
		give(&c->units[i], &ret->list[i]);
		if (ret->list[i].graph != NULL)
			ret->graphs[good++] = ret->list[i].graph;
	}
	errors_sort(&ret->errors);
	ret->broken = ret->errors.n > 0 || good < c->n;
	return ret->broken ? -1 : 0;
}

int
compile(const struct registry *registry, const struct tree *tree,
    const char *path, struct compiled *ret)
{
	struct compiler c = { .registry = registry,
		.tree = tree,
		.covered = json_object(),
		.errors = &ret->errors };
	int rc;

	*ret = (struct compiled){ 0 };
	if (collect(tree, path, &c.files, &ret->errors) == 0)
		build(&c, path);
	rc = give_all(&c, ret);
	for (size_t i = 0; i < c.n; i++)
		unit_fini(&c.units[i]);
	free(c.units);
	files_free(&c.files);
	js_free(c.covered);
	return rc;
}

void
compiled_free(struct compiled *compiled)
{
	for (size_t i = 0; i < compiled->n; i++) {
		struct compiled_architecture *a = &compiled->list[i];

		free(a->name);
		free(a->directory);
		graph_free(a->graph);
		errors_free(&a->errors);
	}
	free(compiled->list);
	free(compiled->graphs);
	errors_free(&compiled->errors);
	*compiled = (struct compiled){ 0 };
}

static void
add_errors(struct errors *to, const struct errors *from)
{
	for (size_t i = 0; i < from->n; i++)
		errors_add(to, from->list[i].file, from->list[i].at, "%s",
		    from->list[i].text);
}

void
compiled_errors(const struct compiled *compiled, struct errors *ret)
{
	add_errors(ret, &compiled->errors);
	for (size_t i = 0; i < compiled->n; i++)
		add_errors(ret, &compiled->list[i].errors);
	errors_sort(ret);
}
