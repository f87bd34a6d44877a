/* reconcile: tells the daemon to fetch and look now. */

#include <string.h>

#include "cli/control.h"
#include "cli/passes.h"
#include "common/engine/plan_lines.h"

#define ANSWER_SEC  10.0
#define TIMEOUT_SEC 1800.0

const struct option reconcile_options[] = {
	{ "wait", 0, NULL, NULL, "until the pass is over" },
	{ "timeout", 0, "DURATION", NULL, "of --wait (default 30m)" },
	{ NULL },
};

static int
show_results(const struct args *args, const json_t *answer)
{
	const char *name = args_word(args, 0);
	auto_buf struct buf out = BUF_INIT;
	const json_t *a;
	size_t i;
	int code = EXIT_OK;

	js_each (js_get(answer, "architectures"), i, a) {
		const char *result = js_str(a, "result");

		if (name != NULL && js_str(a, "name") != NULL &&
		    strcmp(js_str(a, "name"), name) != 0)
			continue;
		plan_add_clean(&out, js_str(a, "name"));
		buf_addf(&out, ": %s\n", result != NULL ? result : "Unknown");
		code = passes_graver(code, passes_code(a));
	}
	if (out.len == 0)
		buf_adds(
		    &out, args_has(args, "wait") ? "done\n" : "requested\n");
	if (!args_has(args, "wait"))
		code = EXIT_OK;
	return passes_graver(code, print_buf(&out));
}

int
verb_reconcile(const struct args *args)
{
	bool wait = args_has(args, "wait");
	json_auto_t *request = NULL, *answer = NULL;
	double timeout;
	int code = args_seconds(args, "timeout", TIMEOUT_SEC, &timeout);

	if (code != EXIT_OK)
		return code;
	request = js_pack("{s:s, s:s?, s:b}", "command", "reconcile",
	    "architecture", args_word(args, 0), "wait", (int)wait);
	code = control_ask(args, request, wait ? timeout : ANSWER_SEC, &answer);
	if (code != EXIT_OK)
		return code;
	return args_output_is(args, "json") ? print_json(answer, 2)
					    : show_results(args, answer);
}
