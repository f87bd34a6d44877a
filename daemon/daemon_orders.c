/* What people tell the daemon about passes: look, stop writing, go on, yes,
 * no, take over. Every order is a row of the history. */

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "daemon/control.h"
#include "daemon/controller.h"
#include "daemon/daemon_impl.h"
#include "daemon/history.h"
#include "daemon/orders.h"
#include "daemon/record.h"

#define SUSPEND_MAX_SEC (366 * 86400.0)

/* The name that the request means; NULL, and an answer: there is none. */
static const char *
meant(struct daemon *d, struct control_client *c, const json_t *request)
{
	const char *name = js_str(request, "architecture");
	struct err err;

	if (d->stopping) {
		control_refuse(c, "the daemon is stopping");
		return NULL;
	}
	if (controller_check(d->controller, name, &err) == 0)
		return name == NULL ? ORDERS_ALL : name;
	control_refuse(c, err.msg);
	return NULL;
}

/* An order that could not be kept is in force all the same. */
static void
obeyed(
    struct daemon *d, struct control_client *c, int kept, const struct err *err)
{
	json_t *answer = js_pack("{s:b}", "ok", 1);
	auto_buf struct buf text = BUF_INIT;

	if (kept == -1) {
		log_warning(&d->log, "%s", err->msg);
		log_clean(&text, err->msg);
		js_set_str(answer, "warning", text.data);
	}
	control_answer(c, answer);
}

void
daemon_drift(struct daemon *d, struct control_client *c, const json_t *request)
{
	const char *name = meant(d, c, request);
	json_t *goals = NULL;
	struct err err;

	if (name == NULL)
		return;
	if (controller_look(d->controller, name, &goals, &err) == -1) {
		control_refuse(c, err.msg);
		return;
	}
	daemon_wait(d, c, goals, controller_looked)->plans = true;
	daemon_requests_settle(d);
}

/* ---- suspend, resume ---- */

void
daemon_suspend(
    struct daemon *d, struct control_client *c, const json_t *request)
{
	const char *name = meant(d, c, request);
	const char *reason = js_str(request, "reason");
	double sec = (double)js_int(request, "seconds", 0);
	struct err err;
	int kept;

	if (name == NULL)
		return;
	if (reason == NULL || *reason == 0) {
		control_refuse(c, "a suspension needs a reason");
		return;
	}
	if (sec < 0 || sec > SUSPEND_MAX_SEC) {
		control_refuse(c, "seconds must be 0 to a year");
		return;
	}
	kept = orders_suspend(
	    d->orders, name, reason, sec > 0 ? clock_wall() + sec : 0, &err);
	log_warning(&d->log, "%s: suspended: %s", name, reason);
	record_order(d->history, name, NULL, "suspend", reason);
	controller_ordered(d->controller, name);
	obeyed(d, c, kept, &err);
}

void
daemon_resume(struct daemon *d, struct control_client *c, const json_t *request)
{
	const char *name = meant(d, c, request);
	struct err err;
	int kept;

	if (name == NULL)
		return;
	kept = orders_resume(d->orders, name, &err);
	if (kept == -1 && err.kind != ERR_SYSTEM) {
		control_refuse(c, err.msg);
		return;
	}
	log_info(&d->log, "%s: resumed", name);
	record_order(d->history, name, NULL, "resume", NULL);
	controller_ordered(d->controller, name);
	obeyed(d, c, kept, &err);
}

/* ---- approve, reject ---- */

static const char *
plan_of(struct control_client *c, const json_t *request)
{
	const char *which = js_str(request, "plan");

	if (which == NULL)
		control_refuse(c, "plan must be the id of a plan, or a name");
	return which;
}

void
daemon_approve(
    struct daemon *d, struct control_client *c, const json_t *request)
{
	const char *which = plan_of(c, request), *name, *plan;
	bool confirm = js_bool(request, "confirm", false);
	json_t *goals = NULL;
	struct err err;

	if (which == NULL)
		return;
	if (controller_waiting(d->controller, which, &name, &plan, &err) ==
		-1 ||
	    controller_approve(d->controller, which, confirm, &goals, &err) ==
		-1) {
		control_refuse(c, err.msg);
		return;
	}
	log_info(&d->log, "%s: plan %s is %s", name, plan,
	    confirm ? "approved and confirmed" : "approved");
	record_order(
	    d->history, name, NULL, confirm ? "confirm" : "approve", plan);
	daemon_wait(d, c, goals, controller_decided)->architecture = mem_str(
	    name);
}

void
daemon_reject(struct daemon *d, struct control_client *c, const json_t *request)
{
	const char *which = plan_of(c, request), *name, *plan;
	struct err err;
	int kept;

	if (which == NULL)
		return;
	if (controller_waiting(d->controller, which, &name, &plan, &err) ==
	    -1) {
		control_refuse(c, err.msg);
		return;
	}
	log_info(&d->log, "%s: plan %s is rejected", name, plan);
	record_order(d->history, name, NULL, "reject", plan);
	kept = orders_reject(d->orders, name, plan, &err);
	controller_ordered(d->controller, name);
	obeyed(d, c, kept, &err);
}

/* ---- adopt ---- */

/* A whole architecture, or half a kind, is not what anybody means. */
static bool
names_a_manifest(const char *address)
{
	const char *kind = address == NULL ? NULL : strchr(address, '/');
	const char *name = kind == NULL ? NULL : strchr(kind + 1, '/');

	return name != NULL && name[1] != 0;
}

/* Why the id cannot be that of what is named; or NULL. */
static const char *
misnamed(const json_t *adoptions, const char *id)
{
	size_t named = 0;
	const char *address;
	json_t *said;

	js_foreach (adoptions, address, said)
		named += json_is_string(said);
	if (js_len(adoptions) == 0)
		return "nothing in Git has this address; convergctl status "
		       "has them all";
	return id == NULL || named == 1 ? NULL
	       : named == 0 ? "what has this address is known by its name in "
			      "Git, not by an id of AWS"
			    : "an id belongs to one resource; name that";
}

void
daemon_adopt(struct daemon *d, struct control_client *c, const json_t *request)
{
	const char *address = js_str(request, "address");
	const char *id = js_str(request, "id"), *why;
	json_auto_t *all = NULL;
	auto_free char *name = NULL;
	struct err err;
	int kept;

	if (!names_a_manifest(address)) {
		control_refuse(c, "an address looks like shop/SqsQueue/orders");
		return;
	}
	all = controller_adoptable(d->controller, address, id);
	why = misnamed(all, id);
	if (why != NULL) {
		control_refuse(c, why);
		return;
	}
	name = mem_strn(address, strcspn(address, "/"));
	kept = orders_adopt(d->orders, all, &err);
	log_info(&d->log, "%s%s%s may be adopted", address,
	    id != NULL ? " as " : "", id != NULL ? id : "");
	record_order(d->history, name, address, "adopt", id);
	controller_ordered(d->controller, name);
	obeyed(d, c, kept, &err);
}
