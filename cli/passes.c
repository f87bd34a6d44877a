/* Passes over the architectures of a source: see passes.h. */

#include "cli/passes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/engine/pass.h"
#include "common/engine/plan_lines.h"

static void
choose(struct passes *p, const char *only)
{
	const struct compiled *c = &p->loaded.compiled;

	p->graphs = mem_array(struct graph *, c->n);
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].graph != NULL &&
		    (only == NULL || strcmp(c->list[i].name, only) == 0))
			p->graphs[p->n++] = c->list[i].graph;
}

static int
unknown_architecture(const struct passes *p, const char *only)
{
	struct nearest near = { 0 };

	for (size_t i = 0; i < p->loaded.compiled.n; i++)
		if (p->loaded.compiled.list[i].name != NULL)
			text_nearest(
			    &near, only, p->loaded.compiled.list[i].name);
	if (near.best != NULL)
		return fail(EXIT_ERROR,
		    "no architecture `%s`; did you mean `%s`?", only,
		    near.best);
	return fail(EXIT_ERROR, "no architecture `%s`", only);
}

static int
open_loaded(struct passes *ret, const char *only)
{
	struct err err = { 0 };

	if (load_errors(&ret->loaded, only) > 0)
		return EXIT_ERROR;
	choose(ret, only);
	if (ret->n == 0)
		return unknown_architecture(ret, only != NULL ? only : "");
	if (session_new(ret->args, &ret->session, &err) == -1)
		return fail_err(&err);
	return EXIT_OK;
}

int
passes_open(const struct args *args, struct passes *ret)
{
	int code;

	*ret = (struct passes){ .args = args, .told = json_object() };
	code = load(args, &ret->loaded);
	if (code != EXIT_OK)
		return code;
	return open_loaded(ret, args_get(args, "architecture"));
}

/* What the command line says comes first. */
int
passes_open_file(
    const struct args *args, const json_t *file, struct passes *ret)
{
	const char *source = args_get(args, "source");
	const char *branch = args_get(args, "branch");
	struct load_from from = {
		.source = source ? source : js_str(file, "source"),
		.branch = branch ? branch : js_str(file, "branch"),
		.dir = js_str(file, "directory"),
	};
	int code;

	*ret = (struct passes){ .args = args,
		.installation = js_str(file, "installation"),
		.told = json_object() };
	code = load_from(&from, &ret->loaded);
	if (code != EXIT_OK)
		return code;
	return open_loaded(ret, args_get(args, "architecture"));
}

void
passes_free(struct passes *p)
{
	session_free(&p->session);
	js_free(p->told);
	free(p->graphs);
	loaded_free(&p->loaded);
}

/* The same news twice, as while something is waited for, is told once. */
static bool
is_news(struct passes *p, const struct pass_event *e, const char *line)
{
	auto_free char *key = mem_fmt("%s %s", e->display, e->type);
	const char *last = js_str(p->told, key);

	if (last != NULL && strcmp(last, line) == 0)
		return false;
	/* an error's text may be cut within a letter */
	if (text_is_utf8(line, strlen(line)))
		js_set_str(p->told, key, line);
	return true;
}

/* "  SqsQueue/shipments (sqs.queue): create (0.2s)" */
static void
show_event(void *arg, const struct pass_event *e)
{
	static const char *const words[] = {
		[PASS_DRIFT] = NULL, /* the plan has shown it */
		[PASS_WRITE] = "",
		[PASS_WAIT] = "waits for ",
		[PASS_FAILED] = "failed: ",
		[PASS_SYNCED] = NULL,
		[PASS_EXTRA] = NULL, /* same */
	};
	const char *text = e->err != NULL ? e->err->msg : e->text;
	auto_buf struct buf line = BUF_INIT;

	if (words[e->kind] == NULL || text == NULL)
		return;
	buf_adds(&line, words[e->kind]);
	plan_add_clean(&line, text);
	if (e->kind == PASS_WRITE)
		buf_addf(&line, " (%.1fs)", e->seconds);
	if (is_news(arg, e, line.data))
		fprintf(
		    stderr, "  %s (%s): %s\n", e->display, e->type, line.data);
}

static int
run(struct passes *p, size_t i, struct pass_request *request,
    struct pass_result *ret)
{
	struct err err = { 0 };

	request->graph = p->graphs[i];
	request->tree = p->loaded.tree;
	request->peers = (const struct graph *const *)p->loaded.compiled.graphs;
	request->broken = p->loaded.compiled.broken;
	request->installation = p->installation;
	*ret = (struct pass_result){ 0 };
	if (session_pass(&p->session, request, ret, &err) == -1) {
		err_wrap(&err, "%s", p->graphs[i]->arch.name);
		return fail_err(&err);
	}
	if (p->session.interrupted)
		return fail(EXIT_ERROR, "interrupted");
	return EXIT_OK;
}

int
passes_plan(struct passes *p, size_t i, double until, struct pass_result *ret)
{
	struct pass_request request = { .until = until };

	return run(p, i, &request, ret);
}

int
passes_write(struct passes *p, size_t i, const char *expect, double until,
    struct pass_result *ret)
{
	struct pass_request request = {
		.write = true,
		.expect_plan = expect,
		.until = until,
		.event = show_event,
		.arg = p,
	};

	return run(p, i, &request, ret);
}

static const struct {
	const char *result;
	int code;
} results[] = {
	{ "Synced", EXIT_OK },
	{ "OutOfSync", EXIT_CHANGES },
	{ "Progressing", EXIT_TIMED_OUT },
	{ "Refused", EXIT_GUARD },
	{ "Failed", EXIT_ERROR },
	{ "Cancelled", EXIT_TIMED_OUT },
};

/* Without permission nothing else matters. */
static bool
is_denied(const json_t *error)
{
	const char *kind = js_str(error, "kind");

	return kind != NULL && words_has("denied auth", kind);
}

int
passes_code(const json_t *report)
{
	const json_t *error = js_get(report, "error");
	const char *result = js_str(report, "result");
	const char *message = js_str(error, "message");
	const char *name = js_str(report, "architecture");
	int code = EXIT_ERROR;

	if (name == NULL) /* the daemon's status calls it so */
		name = js_str(report, "name");
	for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++)
		if (result != NULL && strcmp(results[i].result, result) == 0)
			code = results[i].code;
	if (message != NULL)
		fail(code, "%s: %s", name, message);
	if (js_str(report, "guard") != NULL)
		fail(code, "%s: refused by the guard %s", name,
		    js_str(report, "guard"));
	return is_denied(error) ? EXIT_NO_PERMISSION : code;
}

int
passes_graver(int a, int b)
{
	static const int order[] = { EXIT_OK, EXIT_CHANGES, EXIT_APPROVAL,
		EXIT_TIMED_OUT, EXIT_GUARD, EXIT_NO_PERMISSION, EXIT_ERROR };
	int graver = EXIT_OK;

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (order[i] == a || order[i] == b)
			graver = order[i];
	return graver;
}

/* ---- documents ---- */

void
docs_add(struct docs *docs, struct packed_doc *take_doc)
{
	docs->list = mem_grow(docs->list, docs->n * sizeof(*docs->list),
	    (docs->n + 1) * sizeof(*docs->list));
	docs->list[docs->n++] = take_doc;
}

json_t *
docs_open(const struct docs *docs)
{
	json_t *list = json_array();

	for (size_t i = 0; i < docs->n; i++)
		js_push(list, packed_doc_open(docs->list[i]));
	return list;
}

void
docs_free(struct docs *docs)
{
	for (size_t i = 0; i < docs->n; i++)
		packed_doc_free(docs->list[i]);
	free(docs->list);
	*docs = (struct docs){ NULL, 0 };
}
