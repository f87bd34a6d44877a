/* suspend, resume, approve, reject, adopt: what people tell the daemon. */

#include <stdio.h>
#include <string.h>

#include "cli/control.h"
#include "cli/passes.h"
#include "common/base/text.h"

#define ANSWER_SEC  10.0
#define TIMEOUT_SEC 1800.0

const struct option suspend_options[] = {
	{ "reason", 0, "TEXT", NULL, "why; status and history show it" },
	{ "for", 0, "DURATION", NULL, "how long (default until resumed)" },
	{ 0 },
};
const struct option approve_options[] = {
	{ "confirm", 0, NULL, NULL,
	    "also what policy or limits refuse without a yes" },
	{ "timeout", 0, "DURATION", NULL,
	    "how long to wait for everything (default 30m)" },
	{ 0 },
};
const struct option adopt_options[] = {
	{ "id", 0, "ID", NULL,
	    "what AWS calls it, where that is not in Git: an HTTP API" },
	{ 0 },
};

/* Prints what the daemon could not keep, and then what was done. */
static int
order(const struct args *args, const json_t *request, const char *done)
{
	json_auto_t *answer = NULL;
	int code = control_ask(args, request, ANSWER_SEC, &answer);

	if (code != EXIT_OK)
		return code;
	if (js_str(answer, "warning") != NULL)
		fail(EXIT_OK, "warning: %s", js_str(answer, "warning"));
	puts(done);
	return EXIT_OK;
}

int
verb_suspend(const struct args *args)
{
	const char *reason = args_get(args, "reason");
	const char *name = args_word(args, 0);
	json_auto_t *request = NULL;
	auto_buf struct buf done = BUF_INIT;
	double sec;
	int code = args_seconds(args, "for", 0, &sec);

	if (code != EXIT_OK)
		return code;
	if (reason == NULL || *reason == 0)
		return usage_error(args, "--reason is missing");
	if (!text_is_utf8(reason, strlen(reason)))
		return usage_error(args, "--reason is not UTF-8");
	request = js_pack("{s:s, s:s?, s:s, s:I}", "command", "suspend",
	    "architecture", name, "reason", reason, "seconds", (json_int_t)sec);
	buf_addf(&done, "%s: suspended", name ? name : "all architectures");
	if (sec > 0) {
		buf_adds(&done, " for ");
		text_add_duration(&done, (int64_t)sec);
	}
	return order(args, request, done.data);
}

int
verb_resume(const struct args *args)
{
	const char *name = args_word(args, 0);
	json_auto_t *request = js_pack(
	    "{s:s, s:s?}", "command", "resume", "architecture", name);
	auto_free char *done = mem_fmt(
	    "%s: resumed", name ? name : "all architectures");

	return order(args, request, done);
}

int
verb_approve(const struct args *args)
{
	json_auto_t *request = js_pack("{s:s, s:s, s:b}", "command", "approve",
	    "plan", args_word(args, 0), "confirm",
	    (int)args_has(args, "confirm"));
	json_auto_t *answer = NULL;
	double timeout;
	int code = args_seconds(args, "timeout", TIMEOUT_SEC, &timeout);

	if (code == EXIT_OK)
		code = control_ask(args, request, timeout, &answer);
	if (code != EXIT_OK)
		return code;
	return results_show(args, answer, js_str(answer, "architecture"));
}

int
verb_reject(const struct args *args)
{
	json_auto_t *request = js_pack(
	    "{s:s, s:s}", "command", "reject", "plan", args_word(args, 0));

	return order(args, request, "rejected");
}

int
verb_adopt(const struct args *args)
{
	json_auto_t *request = js_pack("{s:s, s:s, s:s?}", "command", "adopt",
	    "address", args_word(args, 0), "id", args_get(args, "id"));

	return order(args, request,
	    "the next pass may take it over; see convergctl status");
}
