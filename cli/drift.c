/* drift: has the daemon compare AWS with Git now, and write nothing. */

#include <string.h>

#include "cli/control.h"
#include "cli/passes.h"

#define TIMEOUT_SEC 600.0

const struct option drift_options[] = {
	{ "detailed-exitcode", 0, NULL, NULL,
	    "exit with 2 when there are differences" },
	{ "timeout", 0, "DURATION", NULL, "of the look (default 10m)" },
	{ 0 },
};

static const json_t *
plan_of(const json_t *answer, const char *name)
{
	const json_t *plan;
	size_t i;

	js_each (js_get(answer, "plans"), i, plan) {
		const char *of = js_str(plan, "architecture");

		if (of != NULL && strcmp(of, name) == 0)
			return plan;
	}
	return NULL;
}

/* A look without a plan has failed, and the status says why. */
static int
check(const struct args *args, const json_t *answer)
{
	const char *only = args_word(args, 0);
	const json_t *a, *error;
	size_t i, k;
	int code = EXIT_OK;

	js_each (js_get(answer, "architectures"), i, a) {
		const char *name = js_str(a, "name");

		if ((only != NULL && strcmp(name, only) != 0) ||
		    plan_of(answer, name) != NULL)
			continue;
		code = fail(EXIT_ERROR, "%s: could not be compared", name);
		js_each (js_get(a, "errors"), k, error)
			fail(EXIT_ERROR, "%s", js_text(error));
	}
	return code;
}

static int
code_of(const struct args *args, const json_t *answer)
{
	int code = check(args, answer);
	bool changes = false;
	const json_t *plan;
	size_t i;

	js_each (js_get(answer, "plans"), i, plan) {
		changes |= js_len(js_get(plan, "actions")) > 0;
		if (js_len(js_get(plan, "errors")) > 0)
			code = EXIT_ERROR;
	}
	if (code == EXIT_OK && changes && args_has(args, "detailed-exitcode"))
		code = EXIT_CHANGES;
	return code;
}

int
verb_drift(const struct args *args)
{
	json_auto_t *request = NULL, *answer = NULL;
	struct docs plans;
	double timeout;
	int code = args_seconds(args, "timeout", TIMEOUT_SEC, &timeout);

	if (code != EXIT_OK)
		return code;
	request = js_pack("{s:s, s:s?}", "command", "drift", "architecture",
	    args_word(args, 0));
	code = control_ask(args, request, timeout, &answer);
	if (code != EXIT_OK)
		return code;
	plans = plans_of(js_get(answer, "plans"));
	code = plans_print(args, &plans);
	docs_free(&plans);
	return code != EXIT_OK ? code : code_of(args, answer);
}
