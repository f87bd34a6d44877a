/* One architecture on its way from documents to a graph: see unit.h. */

#include "common/manifest/unit.h"
#include "common/base/text.h"
#include "common/manifest/check.h"

#include <stdlib.h>
#include <string.h>

/* ---- the Architecture document ---- */

struct scope
unit_scope(const struct unit *u)
{
	return (struct scope){ .architecture = u->name == NULL ? "" : u->name,
		.region = u->region == NULL ? "" : u->region,
		.variables = u->variables };
}

/* Variables first: the rest of the document may use them. */
static int
resolve_variables(struct unit *u, const json_t *raw)
{
	struct scope scope = unit_scope(u);

	if (raw == NULL)
		return 0;
	return reference_resolve(
	    &scope, u->doc, "/spec/variables", raw, &u->variables, &u->errors);
}

static void
check_spec(struct unit *u)
{
	const json_t *raw = js_get(u->doc->root, "spec");
	json_auto_t *rest = json_object(), *resolved = NULL;
	struct scope scope;
	int rc;

	js_merge(rest, raw);
	js_del(rest, "variables");
	rc = resolve_variables(u, js_get(raw, "variables"));
	scope = unit_scope(u);
	rc |= reference_resolve(
	    &scope, u->doc, "/spec", rest, &resolved, &u->errors);
	js_set(resolved, "variables", js_copy(u->variables));
	if (raw != NULL && !json_is_object(raw))
		js_replace(&resolved, js_copy(raw));
	if (check_fields(architecture_fields, u->doc, "/spec", resolved,
		&u->spec, &u->errors) == -1)
		u->spec = NULL;
	if (rc != 0)
		js_replace(&u->spec, NULL);
}

void
unit_open(struct unit *u)
{
	const json_t *spec = js_get(u->doc->root, "spec");
	struct scope scope;
	json_auto_t *metadata = NULL;

	u->index = json_object();
	u->addresses = json_object();
	u->packed = json_object();
	u->region = js_str(spec, "region");
	manifest_envelope(u->doc, &u->errors);
	scope = unit_scope(u);
	metadata = manifest_metadata(&scope, u->doc, &u->errors);
	if (metadata != NULL) {
		free(u->name);
		u->name = mem_str(js_str(metadata, "name"));
	}
	check_spec(u);
	if (u->spec != NULL)
		u->region = js_str(u->spec, "region");
}

struct manifest *
unit_add(struct unit *u, struct doc *doc)
{
	size_t n = u->n, one = sizeof(*u->list);

	if ((n & (n - 1)) == 0)
		u->list = mem_grow(
		    u->list, n * one, (n == 0 ? 1 : 2 * n) * one);
	u->list[n] = (struct manifest){ .unit = u, .doc = doc };
	u->n++;
	return &u->list[n];
}

void
unit_check(struct unit *u)
{
	for (size_t i = 0; i < u->n; i++)
		manifest_open(&u->list[i]);
	for (size_t i = 0; i < u->n; i++)
		manifest_check(&u->list[i]);
}

/* ---- finding ---- */

static char *
why_unknown(const struct unit *u, const char *target)
{
	const char *slash = strchr(target, '/'), *key;
	size_t n = slash == NULL ? 0 : (size_t)(slash - target);
	auto_free char *kind = mem_strn(target, n);
	struct nearest near = { 0 };
	const json_t *value;

	if (slash == NULL || slash[1] == 0)
		return mem_fmt("`%s` is not Kind/name", target);
	if (registry_module(u->registry, kind) == NULL) {
		for (size_t i = 0; u->registry->modules[i] != NULL; i++)
			text_nearest(
			    &near, kind, u->registry->modules[i]->kind);
		return near.best == NULL
			   ? mem_fmt("unknown kind `%s`", kind)
			   : mem_fmt("unknown kind `%s`; did you mean `%s`?",
				 kind, near.best);
	}
	js_foreach (u->index, key, value) {
		text_nearest(&near, target, key);
	}
	return near.best == NULL
		   ? mem_fmt("%s is not in this architecture", target)
		   : mem_fmt("%s is not in this architecture; did you mean "
			     "`%s`?",
			 target, near.best);
}

struct manifest *
unit_find(const struct unit *u, const char *target, char **ret_why)
{
	const json_t *position = js_get(u->index, target);

	if (position != NULL)
		return &u->list[json_integer_value(position)];
	*ret_why = why_unknown(u, target);
	return NULL;
}

static const struct output *
find_output(const struct manifest *m, const char *name, char **ret_why)
{
	auto_buf struct buf names = BUF_INIT;
	struct nearest near = { 0 };

	for (const struct output *o = m->module->outputs; o && o->name; o++) {
		if (strcmp(o->name, name) == 0)
			return o;
		text_nearest(&near, name, o->name);
		buf_addf(&names, "%s%s", names.len > 0 ? ", " : "", o->name);
	}
	if (near.best != NULL)
		*ret_why = mem_fmt("%s has no output `%s`; did you mean `%s`?",
		    m->target, name, near.best);
	else
		*ret_why = mem_fmt("%s has no output `%s`; there are: %s",
		    m->target, name, names.len > 0 ? names.data : "none");
	return NULL;
}

/* Whether the output's resource exists is known when all are expanded. */
static void
remember(struct unit *u, struct wanted w)
{
	size_t n = u->n_wanted, one = sizeof(*u->wanted);

	if ((n & (n - 1)) == 0)
		u->wanted = mem_grow(
		    u->wanted, n * one, (n == 0 ? 1 : 2 * n) * one);
	u->wanted[u->n_wanted++] = w;
}

static char *
output_address(const struct manifest *m, const struct output *o)
{
	return mem_fmt("%s/%s/%s", m->unit->name, m->target, o->local);
}

json_t *
unit_output(struct unit *u, const char *target, const char *output,
    const char *file, struct place at, char **ret_why)
{
	struct manifest *m = unit_find(u, target, ret_why);
	const struct output *o = m == NULL ? NULL
					   : find_output(m, output, ret_why);
	auto_free char *address = NULL;

	if (o == NULL)
		return NULL;
	address = output_address(m, o);
	remember(u, (struct wanted){ file, at, m, o });
	return js_pack("{s:[s, s]}", "$ref", address, o->attribute);
}

/* ---- the graph ---- */

static void
fill_architecture(struct unit *u)
{
	struct architecture *a = &u->graph->arch;
	const json_t *limits = js_get(u->spec, "limits");

	*a = (struct architecture){
		.name = mem_str(u->name),
		.directory = mem_str(u->directory),
		.revision = mem_str(tree_revision(u->tree)),
		.region = mem_str(js_str(u->spec, "region")),
		.account = mem_str(js_str(u->spec, "account")),
		.assume_role = mem_str(js_str(u->spec, "assumeRole")),
		.mode = mem_str(js_str(u->spec, "mode")),
		.interval_sec = (double)js_int(u->spec, "interval", 0),
		.tags = js_copy(js_get(u->spec, "tags")),
		.prune = js_bool(u->spec, "prune", true),
		.max_deletes = (int)js_int(limits, "maxDeletes", 10),
		.max_delete_percent = (int)js_int(
		    limits, "maxDeletePercent", 100),
		.max_missing_percent = (int)js_int(
		    limits, "maxMissingPercent", 50),
	};
}

static const char *
partition_of(const char *region)
{
	static const char *const rows[][2] = {
		{ "cn-", "aws-cn" },
		{ "us-gov-", "aws-us-gov" },
		{ "us-iso-", "aws-iso" },
		{ "us-isob-", "aws-iso-b" },
		{ "eu-isoe-", "aws-iso-e" },
		{ "us-isof-", "aws-iso-f" },
		{ "eusc-", "aws-eusc" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (text_starts(region, rows[i][0]))
			return rows[i][1];
	}
	return "aws";
}

static void
prepare(struct manifest *m)
{
	m->expansion = (struct expansion){ .module = m->module,
		.architecture = m->unit->name,
		.name = m->name,
		.aws_name = m->aws_name,
		.region = m->unit->region,
		.partition = partition_of(m->unit->region),
		.private_ = m };
}

/* connect() or expand() of its module; its spec is a tree meanwhile. */
static void
run(struct manifest *m, void (*step)(struct expansion *))
{
	json_auto_t *spec = packed_open(m->spec), *tags = packed_open(m->tags);

	m->unit->peers = json_array();
	m->expansion.spec = spec;
	m->expansion.tags = tags;
	step(&m->expansion);
	m->expansion.spec = m->expansion.tags = NULL;
	js_replace(&m->unit->peers, NULL);
}

static void
check_wanted(struct unit *u)
{
	for (size_t i = 0; i < u->n_wanted; i++) {
		const struct wanted *w = &u->wanted[i];
		auto_free char *address = output_address(w->target, w->output);

		if (js_get(u->addresses, address) == NULL)
			errors_add(&u->errors, w->file, w->at,
			    "%s has no %s: it is made without its `%s`",
			    w->target->target, w->output->name,
			    w->output->local);
	}
}

static void
finish(struct unit *u)
{
	struct err err = { 0 };

	check_wanted(u);
	u->graph->manifests = u->n;
	if (u->errors.n == 0 && graph_finish(u->graph, &err) == -1)
		errors_add(&u->errors, u->doc->file, doc_place(u->doc, ""),
		    "%s", err.msg);
}

void
unit_expand(struct unit *u)
{
	if (u->errors.n > 0)
		return;
	u->graph = graph_new();
	fill_architecture(u);
	for (size_t i = 0; i < u->n; i++)
		prepare(&u->list[i]);
	for (size_t i = 0; i < u->n; i++) {
		if (u->list[i].module->connect != NULL)
			run(&u->list[i], u->list[i].module->connect);
	}
	for (size_t i = 0; i < u->n; i++) {
		size_t made = u->graph->n;

		run(&u->list[i], u->list[i].module->expand);
		manifest_check_ignored(&u->list[i], made);
		doc_drop(u->list[i].doc);
	}
	finish(u);
}

void
unit_fini(struct unit *u)
{
	for (size_t i = 0; i < u->n; i++)
		manifest_fini(&u->list[i]);
	free(u->list);
	free(u->name);
	free(u->directory);
	free(u->wanted);
	js_free(u->spec);
	js_free(u->variables);
	js_free(u->index);
	js_free(u->addresses);
	js_free(u->packed);
	errors_free(&u->errors);
	graph_free(u->graph);
}
