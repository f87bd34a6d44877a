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
struct plans {
	json_t *list;
	bool changes;
};

static int
plan_one(struct passes *p, size_t i, struct plans *plans)
{
	struct pass_result r;
	int code = passes_plan(p, i, 0, &r);

	if (code == EXIT_OK)
		code = passes_code(r.report);
	/* "out of sync" is what a plan is about */
	if (code == EXIT_CHANGES)
		code = EXIT_OK;
	if (js_len(js_get(r.plan, "errors")) > 0)
		code = passes_graver(code, EXIT_ERROR);
	plans->changes |= js_len(js_get(r.plan, "actions")) > 0;
	if (r.plan != NULL)
		js_push(plans->list, js_move(&r.plan));
	pass_result_free(&r);
	return code;
}

int
plans_print(const struct args *args, const json_t *list)
{
	auto_buf struct buf out = BUF_INIT;
	json_auto_t *doc = NULL;
	const json_t *plan;
	size_t i;

	if (args_output_is(args, "json")) {
		doc = json_object();
		js_set(doc, "plans", js_copy(list));
		return print_json(doc, 2);
	}
	js_each (list, i, plan) {
		buf_adds(&out, i > 0 ? "\n" : "");
		if (args_output_is(args, "markdown"))
			plan_markdown(plan, &out);
		else
			plan_text(plan, args->colour, &out);
	}
	return print_buf(&out);
}

static int
plan_all(struct passes *p)
{
	json_auto_t *list = json_array();
	struct plans plans = { .list = list };
	int code = EXIT_OK;

	for (size_t i = 0; i < p->n; i++)
		code = passes_graver(code, plan_one(p, i, &plans));
	code = passes_graver(code, plans_print(p->args, list));
	if (code == EXIT_OK && args_has(p->args, "out"))
		code = planfile_write(p->args, args_get(p->args, "out"), list);
	if (code == EXIT_OK && plans.changes &&
	    args_has(p->args, "detailed-exitcode"))
		return EXIT_CHANGES;
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

	if (doc == NULL)
		return fail(EXIT_ERROR, "%s:%d:%d: %s", args_word(args, 0),
		    e.line, e.column, e.text);
	list = js_get(doc, "plans") != NULL ? js_copy(js_get(doc, "plans"))
					    : js_pack("[o]", js_share(doc));
	return plans_print(args, list);
}
