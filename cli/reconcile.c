/* reconcile: tells the daemon to fetch and look now. */

#include <stdio.h>
#include <string.h>

#include "cli/control.h"
#include "cli/passes.h"
#include "common/engine/plan_lines.h"

#define ANSWER_SEC  10.0
#define TIMEOUT_SEC 1800.0

const struct option reconcile_options[] = {
	{ "wait", 0, NULL, NULL, "until the pass is over" },
	{ "timeout", 0, "DURATION", NULL, "of --wait (default 30m)" },
	{ 0 },
};

static bool
is_meant(const json_t *architecture, const char *only)
{
	const char *name = js_str(architecture, "name");

	return only == NULL || (name != NULL && strcmp(name, only) == 0);
}

/* One architecture of the answer, and what its result means for a script. */
static int
show_result(const json_t *a, struct buf *out)
{
	const char *result = js_str(a, "result");
	const char *waits = js_pathstr(a, "approval.plan");
	const json_t *error;
	size_t i;
	int code = passes_code(a);

	plan_add_clean(out, js_str(a, "name"));
	buf_addf(out, ": %s\n", result != NULL ? result : "no pass yet");
	if (waits != NULL)
		buf_addf(out, "  waits for approval of plan %s\n", waits);
	js_each (js_get(a, "errors"), i, error) {
		buf_adds(out, "  ! ");
		plan_add_clean(out, js_text(error));
		buf_addc(out, '\n');
	}
	if (code == EXIT_CHANGES && js_get(a, "approval") != NULL)
		return EXIT_APPROVAL;
	return code == EXIT_CHANGES ? EXIT_ERROR : code;
}

int
results_show(const struct args *args, const json_t *answer, const char *only)
{
	auto_buf struct buf out = BUF_INIT;
	const json_t *a;
	size_t i;
	int code = EXIT_OK, printed;

	js_each (js_get(answer, "architectures"), i, a) {
		if (is_meant(a, only))
			code = passes_graver(code, show_result(a, &out));
	}
	printed = args_output_is(args, "json") ? print_json(answer, 2)
					       : print_buf(&out);
	return passes_graver(code, printed);
}

static bool
is_old(const json_t *a)
{
	const char *result = js_str(a, "result");

	return result != NULL && strcmp(result, "Synced") == 0 &&
	       js_len(js_get(a, "errors")) > 0;
}

/* Synced at the last good revision is not what was asked for, when the newest
 * one could not be fetched or has errors. */
static int
check_newest(const json_t *answer, const char *only)
{
	const char *unfetched = js_pathstr(answer, "source.error");
	const json_t *a, *line;
	size_t i;
	int code = EXIT_OK;

	if (unfetched != NULL)
		code = fail(EXIT_ERROR, "%s", unfetched);
	js_each (js_path(answer, "source.errors"), i, line)
		if (only == NULL)
			code = fail(EXIT_ERROR, "%s", js_text(line));
	js_each (js_get(answer, "architectures"), i, a)
		if (is_meant(a, only) && is_old(a))
			code = fail(EXIT_ERROR,
			    "%s: the newest commit has errors; the last good "
			    "one stays in force",
			    js_str(a, "name"));
	return code;
}

int
verb_reconcile(const struct args *args)
{
	bool wait = args_has(args, "wait");
	const char *only = args_word(args, 0);
	json_auto_t *request = NULL, *answer = NULL;
	double timeout;
	int code = args_seconds(args, "timeout", TIMEOUT_SEC, &timeout);

	if (code != EXIT_OK)
		return code;
	request = js_pack("{s:s, s:s?, s:b}", "command", "reconcile",
	    "architecture", only, "wait", (int)wait);
	code = control_ask(args, request, wait ? timeout : ANSWER_SEC, &answer);
	if (code != EXIT_OK)
		return code;
	if (wait)
		return passes_graver(results_show(args, answer, only),
		    check_newest(answer, only));
	if (args_output_is(args, "json"))
		return print_json(answer, 2);
	puts("requested");
	return EXIT_OK;
}
