/*
 * The engine without manifests, for tests that walk the tables of the modules.
 *
 *	engine tables	prints every resource type and every kind as JSON
 *	engine pass	one pass for every line of standard input:
 *	    {"resources": {address: {"type", "parent", "props", "policy"}},
 *	     "region", "revision", "tree": directory, "write": bool}
 *	  without "resources" those that the tree's manifests want,
 *	  and prints {"plan", "report", "events": [...]} or {"error"}
 *
 * A value {"$code": path} in props is the hash of what is packed from the
 * tree; the resource's artifact is that path.
 */
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/aws/aws.h"
#include "common/base/buf.h"
#include "common/base/crypto.h"
#include "common/base/err.h"
#include "common/engine/pass.h"
#include "common/loop/http.h"
#include "common/loop/pool.h"
#include "common/source/source.h"
#include "modules/modules.h"

#define LIMIT_SEC 30.0 /* of one pass: a test that waits longer is wrong */

/* ---- tables ---- */

static const struct {
	unsigned flag;
	const char *word;
} flags[] = {
	{ P_FIXED, "fixed" },
	{ P_WRITE_ONLY, "writeOnly" },
	{ P_SECRET, "secret" },
	{ P_OURS, "ours" },
	{ P_UNMANAGED, "unmanaged" },
	{ P_HANDED_OVER, "handedOver" },
	{ P_IF_TOLD, "ifTold" },
	{ P_LOOSE, "loose" },
};

static json_t *
flag_words(unsigned set)
{
	json_t *words = json_array();

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (set & flags[i].flag)
			js_push(words, js_new_str(flags[i].word));
	return words;
}

static json_t *
properties(const struct resource_type *type)
{
	json_t *all = json_object();

	for (const struct property *p = type->properties; p->name; p++) {
		json_t *row = js_pack("{s:o, s:b, s:b}", "flags",
		    flag_words(p->flags), "json", p->wire == W_JSON, "set",
		    p->same == C_SET);

		js_set_str(row, "dflt", p->dflt);
		js_set_str(row, "key", p->key);
		js_set(all, p->name, row);
	}
	return all;
}

static json_t *
updates(const struct resource_type *type)
{
	json_t *rows = json_array();

	for (const struct update *u = type->updates; u && u->op; u++) {
		json_t *row = js_pack("{s:s, s:i, s:b}", "op", u->op, "on",
		    (int)u->on, "each", u->each);

		js_set_str(row, "of", u->of);
		js_push(rows, row);
	}
	return rows;
}

static json_t *
type_json(const struct resource_type *type)
{
	json_t *x = js_pack("{s:s, s:s, s:s, s:b, s:b, s:b, s:o, s:o}",
	    "service", type->service, "key", type->key, "create",
	    type->create.op, "exclusive", type->exclusive, "stateful",
	    type->stateful, "tagged", type->tags.shape != TAGS_NONE,
	    "properties", properties(type), "updates", updates(type));

	js_set_str(x, "parent", type->parent);
	js_set_str(x, "remove", type->remove.op);
	js_set_str(x, "tag", type->tags.add.op);
	js_set_str(x, "untag", type->tags.remove.op);
	return x;
}

/* How a field's children are written below it. Alternatives of a choice take
 * its own place; elements of maps and lists are "*". */
static char *
path_below(const char *at, const struct field *f, enum field_type parent)
{
	if (parent == F_CHOICE)
		return mem_str(at);
	if (parent == F_MAP || parent == F_LIST)
		return mem_fmt("%s.*", at);
	return mem_fmt("%s%s%s", at, *at ? "." : "", f->name);
}

static void
add_fields(json_t *all, const char *at, const struct field *fields,
    enum field_type parent)
{
	for (const struct field *f = fields; f && f->name; f++) {
		auto_free char *path = path_below(at, f, parent);

		if (js_get(all, path) == NULL)
			js_set_name(all, path,
			    js_pack("{s:b, s:b}", "fixed",
				(f->flags & F_FIXED) != 0, "inner",
				f->fields != NULL));
		add_fields(all, path, f->fields, f->type);
	}
}

static json_t *
kind_json(const struct module *module)
{
	json_t *all = json_object();

	add_fields(all, "", module->spec, F_OBJECT);
	return all;
}

static int
print_tables(void)
{
	json_auto_t *types = json_object(), *kinds = json_object();
	const struct registry *r = &modules_registry;

	for (size_t i = 0; r->types[i] != NULL; i++)
		js_set(types, r->types[i]->name, type_json(r->types[i]));
	for (size_t i = 0; r->modules[i] != NULL; i++)
		js_set(kinds, r->modules[i]->kind, kind_json(r->modules[i]));
	json_auto_t *all = js_pack(
	    "{s:O, s:O}", "types", types, "kinds", kinds);
	auto_free char *text = js_pretty(all);
	puts(text);
	return 0;
}

/* ---- passes ---- */

struct session {
	struct ev_loop *loop;
	struct pools *pools;
	struct http *http;
	struct tree *tree;
	json_t *events;
	json_t *memory; /* between passes, as the daemon keeps it */
	struct pass *pass;
	bool done;
	ev_timer limit;
};

static unsigned
four(void *arg, const char *name)
{
	(void)arg;
	(void)name;
	return 4;
}

static void
on_event(void *arg, const struct pass_event *e)
{
	struct session *s = arg;

	js_push(s->events,
	    js_fmt("%d %s %s%s", (int)e->kind, e->address ? e->address : "",
		e->text ? e->text : "", e->err ? e->err->msg : ""));
}

static void
on_done(void *arg, struct pass *pass)
{
	struct session *s = arg;

	(void)pass;
	s->done = true;
	ev_break(s->loop, EVBREAK_ALL);
}

/* {"$code": path} becomes the hash of the package. */
static int
pack_code(struct session *s, struct resource *r, json_t *props, struct err *err)
{
	const char *path = js_pathstr(props, "CodeSha256.$code");
	auto_buf struct buf zip = BUF_INIT, text = BUF_INIT;
	uint8_t hash[SHA256_LEN];

	if (path == NULL)
		return 0;
	if (tree_pack(s->tree, path, &zip, err) == -1)
		return -1;
	crypto_sha256(zip.data, zip.len, hash);
	crypto_add_base64(&text, hash, sizeof(hash));
	r->artifact = mem_str(path);
	js_set_str(props, "CodeSha256", text.data);
	return 0;
}

static int
add_resource(struct session *s, struct graph *g, const char *address,
    const json_t *given, struct err *err)
{
	const char *type = js_str(given, "type");
	const char *parent = js_str(given, "parent");
	const json_t *tags = js_get(given, "tags");
	json_auto_t *props = js_copy(js_get(given, "props"));
	struct resource r = {
		.address = mem_str(address),
		.display = mem_str(address),
		.kind = "Test",
		.name = "test",
		.type = registry_type(&modules_registry, type),
		.parent = parent ? mem_str(parent) : NULL,
		.tags = packed_take(tags ? js_copy(tags) : json_object()),
		.policy = packed_of(js_get(given, "policy")),
	};
	int rc;

	if (r.type == NULL)
		return err_set(err, ERR_INPUT, "no type %s", type);
	r.pool = r.type->service;
	rc = pack_code(s, &r, props, err);
	r.props = packed_of(props);
	graph_add(g, &r);
	return rc;
}

static struct graph *
make_graph(struct session *s, const json_t *request, struct err *err)
{
	auto_of(graph_free) struct graph *g = graph_new();
	const char *address;
	json_t *given;

	g->arch.name = mem_str("shop");
	g->arch.revision = mem_str(js_str(request, "revision"));
	g->arch.region = mem_str(js_str(request, "region"));
	g->arch.mode = mem_str("enforce");
	g->arch.prune = true;
	g->arch.max_deletes = -1;
	g->arch.max_delete_percent = 100;
	g->arch.max_missing_percent = 100;
	js_foreach (js_get(request, "resources"), address, given)
		if (add_resource(s, g, address, given, err) == -1)
			return NULL;
	return graph_finish(g, err) == -1 ? NULL : mem_move(&g);
}

static void
on_limit(struct ev_loop *loop, ev_timer *e, int events)
{
	struct session *s = e->data;

	(void)loop;
	(void)events;
	pass_cancel(s->pass);
}

static json_t *
answer_of(const struct session *s)
{
	const struct packed_doc *plan = pass_plan(s->pass);
	auto_of(packed_doc_free) struct packed_doc *report = pass_report(
	    s->pass, NULL, NULL);

	return js_pack("{s:o, s:o, s:O}", "plan",
	    plan ? packed_doc_open(plan) : json_null(), "report",
	    packed_doc_open(report), "events", s->events);
}

static json_t *
run(struct session *s, struct aws *aws, const json_t *request, struct graph *g)
{
	struct pass_options options = {
		.loop = s->loop,
		.pools = s->pools,
		.aws = aws,
		.installation = "e2e",
		.types = modules_registry.types,
		.graph = g,
		.tree = s->tree,
		.write = js_bool(request, "write", true),
		.confirmed = true,
		.memory = s->memory,
		.event = on_event,
		.done = on_done,
		.arg = s,
	};
	json_t *answer;

	s->done = false;
	s->pass = pass_start(&options);
	ev_now_update(s->loop);
	ev_timer_init(&s->limit, on_limit, LIMIT_SEC, 0);
	s->limit.data = s;
	ev_timer_start(s->loop, &s->limit);
	while (!s->done)
		ev_run(s->loop, EVRUN_ONCE);
	ev_timer_stop(s->loop, &s->limit);
	answer = answer_of(s);
	pass_free(s->pass);
	return answer;
}

static json_t *
run_manifests(
    struct session *s, struct aws *aws, const json_t *request, struct err *err)
{
	struct compiled c = { 0 };
	json_t *answer = NULL;

	compile(&modules_registry, s->tree, ".", &c);
	if (c.n == 1 && c.list[0].graph != NULL) {
		free(c.list[0].graph->arch.revision);
		c.list[0].graph->arch.revision = mem_str(
		    js_str(request, "revision"));
		answer = run(s, aws, request, c.list[0].graph);
	} else
		err_set(err, ERR_INPUT, "%s",
		    c.n == 1 && c.list[0].errors.n > 0
			? c.list[0].errors.list[0].text
			: "not one architecture");
	compiled_free(&c);
	return answer;
}

static json_t *
serve(struct session *s, const json_t *request, struct err *err)
{
	const char *dir = js_str(request, "tree");
	struct aws_settings settings = { .region = js_str(request, "region") };
	auto_of(aws_free) struct aws *aws = NULL;
	auto_of(graph_free) struct graph *g = NULL;
	auto_of(tree_free) struct tree *tree = NULL;

	if (dir != NULL && tree_of_directory(dir, &tree, err) == -1)
		return NULL;
	s->tree = tree;
	if (aws_new(&settings, s->http, &aws, err) == -1)
		return NULL;
	if (js_get(request, "resources") == NULL)
		return run_manifests(s, aws, request, err);
	g = make_graph(s, request, err);
	return g == NULL ? NULL : run(s, aws, request, g);
}

static void
answer_line(struct session *s, const char *line, size_t n)
{
	json_auto_t *request = NULL, *answer = NULL;
	struct err err = { 0 };

	s->events = json_array();
	if (js_parse(line, n, &request, &err) == 0)
		answer = serve(s, request, &err);
	if (answer == NULL)
		answer = js_pack("{s:s}", "error", err.msg);
	auto_free char *text = js_dump(answer);
	puts(text);
	fflush(stdout);
	js_replace(&s->events, NULL);
}

static int
serve_lines(void)
{
	struct session s = { .loop = ev_loop_new(EVFLAG_AUTO) };
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	s.memory = json_object();
	s.pools = pools_new(s.loop, four, NULL);
	s.http = http_new(s.loop, 16);
	while ((n = getline(&line, &size, stdin)) > 0)
		answer_line(&s, line, (size_t)n);
	free(line);
	js_free(s.memory);
	pools_free(s.pools);
	http_free(s.http);
	ev_loop_destroy(s.loop);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *verb = argc == 2 ? argv[1] : "";

	if (strcmp(verb, "tables") == 0)
		return print_tables();
	if (strcmp(verb, "pass") == 0)
		return serve_lines();
	fputs("usage: engine tables|pass\n", stderr);
	return 2;
}
