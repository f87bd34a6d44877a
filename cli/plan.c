/* plan: what would change and why. show-plan: the same from a file. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/passes.h"
#include "cli/planfile.h"
#include "common/engine/pass.h"

const struct option plan_options[] = {
	{ "architecture", 'a', "NAME", NULL, "only this architecture" },
	{ "installation", 0, "NAME", NULL,
	    "whose resources these are (default `default`)" },
	{ "detailed-exitcode", 0, NULL, NULL,
	    "exit with 2 when there are changes" },
	{ "out", 0, "FILE", NULL, "save it for `convergctl apply FILE`" },
	{ 0 },
};

/* All architectures before anything is printed as one JSON document. */
static int
plan_one(struct passes *p, size_t i, struct docs *plans)
{
	struct pass_result r;
	int code = passes_plan(p, i, 0, &r);

	if (code == EXIT_OK)
		code = passes_code(packed_doc_head(r.report));
	/* "out of sync" is what a plan is about */
	if (code == EXIT_CHANGES)
		code = EXIT_OK;
	if (packed_doc_len(r.plan, "errors") > 0)
		code = passes_graver(code, EXIT_ERROR);
	if (r.plan != NULL)
		docs_add(plans, packed_doc_share(r.plan));
	pass_result_free(&r);
	return code;
}

struct docs
plans_of(const json_t *list)
{
	struct docs plans = { NULL, 0 };
	const json_t *plan;
	size_t i;

	js_each (list, i, plan)
		docs_add(&plans, packed_doc_of(plan, PLAN_ARRAYS));
	return plans;
}

int
plans_print(const struct args *args, const struct docs *plans)
{
	auto_buf struct buf out = BUF_INIT;
	json_auto_t *doc = NULL;

	if (args_output_is(args, "json")) {
		doc = js_pack("{s:o}", "plans", docs_open(plans));
		return print_json(doc, 2);
	}
	for (size_t i = 0; i < plans->n; i++) {
		buf_adds(&out, i > 0 ? "\n" : "");
		if (args_output_is(args, "markdown"))
			plan_markdown(plans->list[i], &out);
		else
			plan_text(plans->list[i], args->colour, &out);
	}
	return print_buf(&out);
}

static bool
have_actions(const struct docs *plans)
{
	for (size_t i = 0; i < plans->n; i++)
		if (packed_doc_len(plans->list[i], "actions") > 0)
			return true;
	return false;
}

static int
save(const struct args *args, const struct docs *plans)
{
	json_auto_t *list = docs_open(plans);

	return planfile_write(args, args_get(args, "out"), list);
}

static int
plan_all(struct passes *p)
{
	struct docs plans = { NULL, 0 };
	int code = EXIT_OK;

	for (size_t i = 0; i < p->n && !p->session.interrupted; i++)
		code = passes_graver(code, plan_one(p, i, &plans));
	code = passes_graver(code, plans_print(p->args, &plans));
	if (code == EXIT_OK && args_has(p->args, "out"))
		code = save(p->args, &plans);
	if (code == EXIT_OK && have_actions(&plans) &&
	    args_has(p->args, "detailed-exitcode"))
		code = EXIT_CHANGES;
	docs_free(&plans);
	return code;
}

int
verb_plan(const struct args *args)
{
	struct passes p;
	int code = passes_open(args, &p);

	if (code == EXIT_OK)
		code = plan_all(&p);
	passes_free(&p);
	return code;
}

/* The file holds one plan, or what `plan --output json` printed. */
int
verb_show_plan(const struct args *args)
{
	json_error_t e;
	json_auto_t *doc = json_load_file(args_word(args, 0), 0, &e);
	json_auto_t *list = NULL;
	struct docs plans;
	int code;

	if (doc == NULL)
		return fail(EXIT_ERROR, "%s:%d:%d: %s", args_word(args, 0),
		    e.line, e.column, e.text);
	list = js_get(doc, "plans") != NULL ? js_copy(js_get(doc, "plans"))
					    : js_pack("[o]", js_share(doc));
	plans = plans_of(list);
	code = plans_print(args, &plans);
	docs_free(&plans);
	return code;
}
