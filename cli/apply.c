/* apply: show the plan, ask, and write until all is true or time is up. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/passes.h"
#include "cli/planfile.h"
#include "common/base/clock.h"
#include "common/engine/pass.h"

#define TIMEOUT_SEC 1800
#define WAIT_MAX    10.0 /* seconds between looks at what progresses */

const struct option apply_options[] = {
	{ "architecture", 'a', "NAME", NULL, "only this architecture" },
	{ "installation", 0, "NAME", NULL,
	    "whose resources these are (default `default`)" },
	{ "yes", 'y', NULL, NULL, "do not ask" },
	{ "timeout", 0, "DURATION", NULL,
	    "how long to wait for everything (default 30m)" },
	{ 0 },
};

struct apply {
	struct passes passes;
	double until;        /* clock_mono() */
	json_t *file;        /* the saved plan, or NULL */
	json_t *ids;         /* of what was shown: by architecture */
	struct docs reports; /* the last one of every architecture */
	size_t actions;      /* that the plans allow */
	size_t refused;
};

static bool
wants_json(const struct apply *a)
{
	return args_output_is(a->passes.args, "json");
}

/* The plan is data, unless a document of JSON is asked for. */
static int
show_plan(const struct apply *a, const struct packed_doc *plan)
{
	auto_buf struct buf out = BUF_INIT;

	plan_text(plan, a->passes.args->colour && !wants_json(a), &out);
	if (!wants_json(a))
		return print_buf(&out);
	fputs(out.data, stderr);
	return EXIT_OK;
}

static void
count_actions(struct apply *a, const struct packed_doc *plan)
{
	const json_t *head = packed_doc_head(plan);

	js_set(
	    a->ids, js_str(head, "architecture"), js_copy(js_get(head, "id")));
	packed_doc_each (plan, "actions", action) {
		bool refused = js_str(action, "refused") != NULL;

		a->actions += !refused;
		a->refused += refused;
	}
}

static void
keep_report(struct apply *a, struct pass_result *r)
{
	if (r->report != NULL)
		docs_add(&a->reports, mem_move(&r->report));
}

static int
plan_one(struct apply *a, size_t i)
{
	struct pass_result r;
	int code = passes_plan(&a->passes, i, a->until, &r);

	if (code == EXIT_OK)
		code = passes_code(packed_doc_head(r.report));
	if (code == EXIT_CHANGES)
		code = EXIT_OK;
	if (r.plan != NULL) {
		count_actions(a, r.plan);
		code = passes_graver(code, show_plan(a, r.plan));
	}
	keep_report(a, &r);
	pass_result_free(&r);
	return code;
}

static int
ask(const struct args *args)
{
	char answer[16];

	if (args_has(args, "yes"))
		return EXIT_OK;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return fail(EXIT_USAGE,
		    "no terminal to ask on; --yes applies without a question");
	fputs("Apply these changes? Only `yes` is taken as consent: ", stderr);
	fflush(stderr);
	if (fgets(answer, sizeof(answer), stdin) != NULL &&
	    strcmp(answer, "yes\n") == 0)
		return EXIT_OK;
	return fail(EXIT_ERROR, "nothing was changed");
}

static size_t
count_applied(const json_t *report)
{
	const char *key;
	json_t *n;
	size_t sum = 0;

	js_foreach (js_get(report, "applied"), key, n)
		sum += (size_t)json_integer_value(n);
	return sum;
}

static void
add_applied(json_t *sum, const json_t *report)
{
	const char *key;
	json_t *n;

	js_foreach (js_get(report, "applied"), key, n)
		js_set(sum, key,
		    json_integer(json_integer_value(n) + js_int(sum, key, 0)));
}

/* Is another pass likely to come further? */
static bool
goes_on(const json_t *report, int code)
{
	if (code == EXIT_TIMED_OUT)
		return true;
	return code == EXIT_CHANGES && count_applied(report) > 0;
}

/* Where people have to agree to a plan, it is that plan or nothing. */
static const char *
agreed_plan(const struct apply *a, const struct graph *g)
{
	if (a->file == NULL && strcmp(g->arch.mode, "approve") != 0)
		return NULL;
	return js_str(a->ids, g->arch.name);
}

/* Passes until it is Synced, or nothing moves any more. */
static int
apply_one(struct apply *a, size_t i, json_t *sum)
{
	const char *agreed = agreed_plan(a, a->passes.graphs[i]);
	struct pass_result r;
	double wait = 1;
	int code;

	for (;;) {
		code = passes_write(&a->passes, i, agreed, a->until, &r);
		if (code == EXIT_OK)
			code = passes_code(packed_doc_head(r.report));
		else
			a->until = 0;
		add_applied(sum, packed_doc_head(r.report));
		if (agreed != NULL ||
		    !goes_on(packed_doc_head(r.report), code) ||
		    clock_mono() + wait >= a->until)
			break;
		pass_result_free(&r);
		session_sleep(&a->passes.session, wait);
		if (a->passes.session.interrupted)
			return fail(EXIT_ERROR, "interrupted");
		wait = wait * 2 < WAIT_MAX ? wait * 2 : WAIT_MAX;
	}
	if (code == EXIT_CHANGES) /* what is left was refused, or failed */
		code = a->refused > 0 ? EXIT_GUARD : EXIT_ERROR;
	keep_report(a, &r);
	pass_result_free(&r);
	return code;
}

static int
print_sum(const json_t *sum)
{
	auto_buf struct buf out = BUF_INIT;

	buf_addf(&out,
	    "Applied: %d created, %d updated, %d replaced, %d deleted.\n",
	    (int)js_int(sum, "create", 0), (int)js_int(sum, "update", 0),
	    (int)js_int(sum, "replace", 0), (int)js_int(sum, "delete", 0));
	return print_buf(&out);
}

/* What is not Synced, and why: for people, on standard error. */
static void
show_rest(const struct docs *reports)
{
	for (size_t i = 0; i < reports->n; i++)
		packed_doc_each (reports->list[i], "resources", r) {
			const char *sync = js_str(r, "sync");
			const char *text = js_pathstr(r, "error.message");

			if (text == NULL)
				text = js_str(r, "message");
			if (sync != NULL && strcmp(sync, "Synced") != 0)
				fprintf(stderr, "  %s (%s): %s%s%s\n",
				    js_str(r, "display"), js_str(r, "type"),
				    sync, text != NULL ? ": " : "",
				    text ? text : "");
		}
}

static int
finish(struct apply *a, const json_t *sum, int code)
{
	json_auto_t *doc = NULL;

	if (code == EXIT_TIMED_OUT)
		fail(code, "timed out; what is in progress goes on in AWS");
	if (!wants_json(a))
		return a->actions == 0 ? code
				       : passes_graver(code, print_sum(sum));
	doc = json_object();
	js_set(doc, "reports", docs_open(&a->reports));
	return passes_graver(code, print_json(doc, 2));
}

static int
write_all(struct apply *a, json_t *sum)
{
	int code = ask(a->passes.args);

	if (code != EXIT_OK)
		return code;
	docs_free(&a->reports);
	for (size_t i = 0; i < a->passes.n && !a->passes.session.interrupted;
	     i++)
		code = passes_graver(code, apply_one(a, i, sum));
	if (code != EXIT_OK)
		show_rest(&a->reports);
	return finish(a, sum, code);
}

static int
apply_all(struct apply *a)
{
	json_auto_t *sum = json_object();
	int code = EXIT_OK;

	for (size_t i = 0; i < a->passes.n && code == EXIT_OK; i++)
		code = plan_one(a, i);
	if (code == EXIT_OK && a->actions > 0)
		return write_all(a, sum);
	if (code == EXIT_OK && a->refused > 0)
		code = EXIT_GUARD;
	return finish(a, sum, code);
}

/* ---- a saved plan ---- */

static const struct graph *
graph_of(const struct apply *a, const char *name)
{
	for (size_t i = 0; name != NULL && i < a->passes.n; i++)
		if (strcmp(a->passes.graphs[i]->arch.name, name) == 0)
			return a->passes.graphs[i];
	return NULL;
}

/* Only what the file names: the others are left out. */
static void
keep_planned(struct apply *a)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->passes.n; i++)
		if (js_str(a->ids, a->passes.graphs[i]->arch.name) != NULL)
			a->passes.graphs[kept++] = a->passes.graphs[i];
	a->passes.n = kept;
}

static int
show_file(struct apply *a)
{
	const json_t *plan;
	size_t i;
	int code = EXIT_OK;

	js_each (js_get(a->file, "plans"), i, plan) {
		auto_of(packed_doc_free) struct packed_doc *doc = packed_doc_of(
		    plan, PLAN_ARRAYS);
		const char *name = js_str(plan, "architecture");

		if (js_str(plan, "id") == NULL)
			return fail(EXIT_ERROR, "the plan has no id");
		if (graph_of(a, name) == NULL)
			return fail(EXIT_GUARD,
			    "the plan is of %s, which the manifests do not "
			    "have any more",
			    name ? name : "nothing");
		count_actions(a, doc);
		code = passes_graver(code, show_plan(a, doc));
	}
	keep_planned(a);
	return code;
}

static int
apply_file(struct apply *a)
{
	json_auto_t *sum = json_object();
	int code = show_file(a);

	if (code == EXIT_OK && a->actions > 0)
		return write_all(a, sum);
	if (code == EXIT_OK && a->refused > 0)
		code = EXIT_GUARD;
	return finish(a, sum, code);
}

static int
open_and_apply(struct apply *a, const struct args *args)
{
	const char *word = args_word(args, 0);
	int code;

	if (planfile_is(word)) {
		code = planfile_read(word, &a->file);
		if (code == EXIT_OK)
			code = passes_open_file(args, a->file, &a->passes);
		return code == EXIT_OK ? apply_file(a) : code;
	}
	code = passes_open(args, &a->passes);
	return code == EXIT_OK ? apply_all(a) : code;
}

int
verb_apply(const struct args *args)
{
	struct apply a = { .until = 0 };
	double timeout;
	int code = args_seconds(args, "timeout", TIMEOUT_SEC, &timeout);

	if (code != EXIT_OK)
		return code;
	a.until = clock_mono() + timeout;
	a.ids = json_object();
	code = open_and_apply(&a, args);
	passes_free(&a.passes);
	docs_free(&a.reports);
	js_free(a.ids);
	js_free(a.file);
	return code;
}
