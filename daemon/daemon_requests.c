/* The control socket's commands, and those that wait. */

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/version.h"
#include "daemon/control.h"
#include "daemon/controller.h"
#include "daemon/daemon_impl.h"
#include "daemon/git.h"

static void
request_free(struct request *r)
{
	LIST_REMOVE(r, entry);
	js_free(r->goals);
	free(r->architecture);
	free(r);
}

/* The revision that was in Git when it was asked must be compiled first. */
static bool
is_fetched(const struct daemon *d, const struct request *r)
{
	return git_ended(d->git) >= r->fetch &&
	       !controller_compiling(d->controller);
}

/* False when it has been answered and is gone. */
static bool
ask(struct daemon *d, struct request *r)
{
	struct err err;

	if (controller_ask(
		d->controller, r->architecture, r->since, &r->goals, &err) == 0)
		return true;
	control_refuse(r->client, err.msg);
	request_free(r);
	return false;
}

static void
go_on(struct daemon *d, struct request *r)
{
	struct packed_doc *answer;

	if (r->goals == NULL && (!is_fetched(d, r) || !ask(d, r)))
		return;
	if (!r->reached(d->controller, r->goals))
		return;
	answer = daemon_status(d);
	js_set_str(packed_doc_edit(answer), "architecture", r->architecture);
	if (r->plans)
		controller_add_plans(d->controller, r->goals, answer);
	control_answer_doc(r->client, answer);
	request_free(r);
}

void
daemon_requests_settle(struct daemon *d)
{
	struct request *r = LIST_FIRST(&d->requests);

	while (r != NULL) {
		struct request *next = LIST_NEXT(r, entry);

		go_on(d, r);
		r = next;
	}
}

/* Nothing that waits now will be answered: say so. */
void
daemon_requests_free(struct daemon *d)
{
	struct request *r;

	while ((r = LIST_FIRST(&d->requests)) != NULL) {
		control_refuse(r->client, "the daemon is stopping");
		request_free(r);
	}
}

struct request *
daemon_wait(struct daemon *d, struct control_client *c, json_t *take_goals,
    bool (*reached)(const struct controller *, const json_t *goals))
{
	struct request *r = mem_of(struct request);

	r->client = c;
	r->goals = take_goals;
	r->reached = reached;
	LIST_INSERT_HEAD(&d->requests, r, entry);
	return r;
}

/* ---- commands ---- */

static void
on_status(struct daemon *d, struct control_client *c, const json_t *request)
{
	(void)request;
	control_answer_doc(c, daemon_status(d));
}

static void
on_version(struct daemon *d, struct control_client *c, const json_t *request)
{
	(void)d, (void)request;
	control_answer(
	    c, js_pack("{s:b, s:s}", "ok", 1, "version", CONVERGD_VERSION));
}

static void
wait_for(struct daemon *d, struct control_client *c, const char *architecture)
{
	struct request *r = mem_of(struct request);

	r->client = c;
	r->since = clock_mono();
	r->reached = controller_reached;
	r->fetch = git_started(d->git) + 1;
	r->architecture = mem_str(architecture);
	LIST_INSERT_HEAD(&d->requests, r, entry);
	git_kick(d->git);
}

/* Asks for passes at once; a new revision restarts them. */
static void
ask_now(struct daemon *d, struct control_client *c, const char *architecture)
{
	json_auto_t *goals = NULL;
	struct err err;

	if (controller_ask(d->controller, architecture, clock_mono(), &goals,
		&err) == -1) {
		control_refuse(c, err.msg);
		return;
	}
	git_kick(d->git);
	control_answer(c, js_pack("{s:b}", "ok", 1));
}

static void
on_reconcile(struct daemon *d, struct control_client *c, const json_t *request)
{
	const json_t *architecture = js_get(request, "architecture");
	const json_t *wait = js_get(request, "wait");

	if (architecture != NULL && !json_is_null(architecture) &&
	    !json_is_string(architecture))
		control_refuse(c, "architecture must be a name or null");
	else if (wait != NULL && !json_is_boolean(wait))
		control_refuse(c, "wait must be true or false");
	else if (d->stopping)
		control_refuse(c, "the daemon is stopping");
	else if (json_is_true(wait))
		wait_for(d, c, js_text(architecture));
	else
		ask_now(d, c, js_text(architecture));
}

static const struct command {
	const char *name;
	void (*run)(struct daemon *, struct control_client *, const json_t *);
} commands[] = {
	{ "status", on_status },
	{ "reconcile", on_reconcile },
	{ "version", on_version },
	{ "history", daemon_history_ask },
	{ "drift", daemon_drift },
	{ "suspend", daemon_suspend },
	{ "resume", daemon_resume },
	{ "approve", daemon_approve },
	{ "reject", daemon_reject },
	{ "adopt", daemon_adopt },
};

void
daemon_request(void *arg, struct control_client *c, const json_t *request)
{
	const char *name = js_str(request, "command");

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (name != NULL && strcmp(commands[i].name, name) == 0) {
			commands[i].run(arg, c, request);
			return;
		}
	control_refuse(c,
	    "unknown command; there are status, reconcile, version, history, "
	    "drift, suspend, resume, approve, reject and adopt");
}
