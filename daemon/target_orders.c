/* What people say about the passes of a target: looks, suspensions,
 * approvals, adoptions. See target.h. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/engine/pass.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "daemon/orders.h"
#include "daemon/target_impl.h"

static const char *
mode_of(const struct target *t)
{
	return t->used.graph == NULL ? "" : t->used.graph->arch.mode;
}

static const json_t *
suspension(const struct target *t, double *ret_until)
{
	return orders_suspension(t->env->orders, t->name, ret_until);
}

static bool
is_suspended(const struct target *t)
{
	double until;

	return suspension(t, &until) != NULL;
}

/* ---- before a pass ---- */

/* An approved plan first, then ordinary passes, then looks: each of them is
 * wanted by somebody who waits for just that. */
static void
choose(struct target *t)
{
	free(t->approving);
	t->approving = mem_move(&t->approve);
	t->confirming = t->approving != NULL && t->confirm;
	t->looking = t->approving == NULL && t->look && !t->asked;
	if (t->looking)
		t->look = false;
	else
		t->asked = false;
}

void
target_recall(struct target *t)
{
	const char *plan = orders_approved(
	    t->env->orders, t->name, &t->confirm);

	t->approve = mem_str(plan);
}

void
target_permit(struct target *t, struct pass_options *o)
{
	const char *mode = mode_of(t);

	choose(t);
	t->writes = !t->looking && !is_suspended(t) &&
		    (strcmp(mode, "enforce") == 0 ||
			(strcmp(mode, "approve") == 0 && t->approving != NULL));
	js_replace(&t->adopt, orders_adoptions(t->env->orders, t->name));
	o->write = t->writes;
	o->approved = t->approving != NULL;
	o->confirmed = t->confirming;
	o->expect_plan = t->approving;
	o->adopt = t->adopt;
}

/* ---- after it ---- */

void
target_mark_suspended(void *target, json_t *resource)
{
	const char *sync = js_str(resource, "sync");

	if (sync != NULL && strcmp(sync, "Synced") != 0 && is_suspended(target))
		js_set_str(resource, "health", "Suspended");
}

static bool
has_actions(const struct packed_doc *plan)
{
	packed_doc_each (plan, "actions", action)
		if (js_str(action, "refused") == NULL)
			return true;
	return false;
}

static size_t
count_confirms(const struct target *t, const struct packed_doc *plan)
{
	size_t n = 0;

	if (strcmp(mode_of(t), "observe") == 0)
		return 0;
	packed_doc_each (plan, "actions", action)
		n += js_bool(action, "confirm", false);
	return n;
}

/* A guard has stopped the whole pass before its first write. */
static bool
is_stopped(const json_t *report)
{
	const char *guard = js_str(report, "guard");

	return guard != NULL && words_has("stale-plan mass-absence", guard);
}

/* What was not taken over, may be by the next pass. */
static void
keep_unadopted(json_t *adopt, const struct packed_doc *report)
{
	if (js_len(adopt) == 0)
		return;
	packed_doc_each (report, "resources", resource) {
		const char *address = js_str(resource, "address");
		const char *sync = js_str(resource, "sync");

		if (address != NULL && sync != NULL &&
		    strcmp(sync, "Synced") != 0)
			js_del(adopt, address);
	}
}

static void
use_up(struct target *t, bool wrote)
{
	keep_unadopted(t->adopt, t->report);
	if (wrote)
		orders_adopted(t->env->orders, t->adopt);
	js_replace(&t->adopt, NULL);
	t->looked += t->looking;
	if (t->approving == NULL)
		return;
	t->decided++;
	free(mem_move(&t->approving));
	if (t->approve == NULL) /* nobody has said yes again meanwhile */
		orders_decided(t->env->orders, t->name);
}

void
target_used(struct target *t, const json_t *report, struct packed_doc *plan)
{
	bool wrote = t->writes && plan != NULL && !is_stopped(report);

	packed_doc_free(t->plan);
	t->plan = packed_doc_share(plan);
	t->confirms = count_confirms(t, plan);
	t->waiting = !wrote && has_actions(plan) &&
		     strcmp(mode_of(t), "approve") == 0;
	use_up(t, wrote);
	metrics_set(
	    t->env->metrics, M_SUSPENDED, is_suspended(t), LABELS(t->name));
	metrics_set(t->env->metrics, M_PLAN_WAITING,
	    target_waits_for(t) != NULL, LABELS(t->name));
}

void
target_unused(struct target *t)
{
	t->again = false;
	t->look |= t->looking;
	if (t->approve == NULL && t->approving != NULL) {
		t->approve = mem_move(&t->approving);
		t->confirm = t->confirming;
	}
}

double
target_reprieve(const struct target *t)
{
	double until;

	if (suspension(t, &until) == NULL || until <= 0)
		return INFINITY;
	return fmax(until - clock_wall(), 0) + 0.05;
}

/* ---- questions ---- */

const char *
target_waits_for(const struct target *t)
{
	const char *plan = js_str(packed_doc_head(t->plan), "id");

	if ((!t->waiting && t->confirms == 0) || plan == NULL ||
	    orders_is_rejected(t->env->orders, t->name, plan))
		return NULL;
	return plan;
}

bool
target_wants_confirm(const struct target *t)
{
	return !t->waiting && t->confirms > 0;
}

const struct packed_doc *
target_plan(const struct target *t)
{
	return t->plan;
}

unsigned long
target_looked(const struct target *t)
{
	return t->looked;
}

unsigned long
target_decided(const struct target *t)
{
	return t->decided;
}

/* Whole words: "shop/SqsQueue/a" is also its "shop/SqsQueue/a/queue". */
static bool
is_below(const char *address, const char *above)
{
	size_t n = strlen(above);

	return strncmp(address, above, n) == 0 &&
	       (address[n] == 0 || address[n] == '/');
}

void
target_adoptable(const struct target *t, const char *address, const char *id,
    json_t *adoptions)
{
	const struct graph *g = t->wanted.graph;

	for (size_t i = 0; t->wanted.revision != NULL && i < g->n; i++) {
		const struct resource *r = &g->list[i];

		if (is_below(r->address, address))
			js_set(adoptions, r->address,
			    id != NULL && r->type->id != NULL ? js_new_str(id)
							      : json_true());
	}
}

void
target_add_orders(const struct target *t, json_t *status)
{
	double until;
	const json_t *suspended = suspension(t, &until);
	json_auto_t *adopt = orders_adoptions(t->env->orders, t->name);
	const char *waits = target_waits_for(t);

	if (suspended != NULL)
		js_set(status, "suspended", js_copy(suspended));
	if (waits != NULL)
		js_set(status, "approval",
		    js_pack("{s:s, s:I, s:b}", "plan", waits, "confirm",
			(json_int_t)t->confirms, "confirmOnly",
			(int)target_wants_confirm(t)));
	else if (t->waiting || t->confirms > 0)
		js_set(status, "rejected",
		    js_copy(js_get(packed_doc_head(t->plan), "id")));
	if (js_len(adopt) > 0)
		js_set(status, "adopt", js_move(&adopt));
}

/* ---- orders ---- */

unsigned long
target_look(struct target *t)
{
	if (t->wanted.revision == NULL)
		return t->looked;
	t->look = true;
	if (t->pass == NULL)
		target_schedule(t, 0);
	return t->looked + (t->pass != NULL && t->looking ? 2 : 1);
}

void
target_ordered(struct target *t)
{
	if (t->wanted.revision == NULL || t->stopped)
		return;
	t->why = "request";
	if (t->pass == NULL) {
		target_schedule(t, 0);
	} else if (t->writes && is_suspended(t)) {
		t->restart = true;
		target_cancel(t);
	} else {
		t->again = true;
	}
}

unsigned long
target_approve(struct target *t, const char *plan, bool confirm)
{
	struct err err;

	if (orders_approve(t->env->orders, t->name, plan, confirm, &err) == -1)
		log_warning(t->env->log, "%s: %s", t->name, err.msg);
	t->confirm = confirm;
	free(t->approve);
	t->approve = mem_str(plan);
	t->why = "request";
	if (t->pass == NULL)
		target_schedule(t, 0);
	return t->decided + (t->pass != NULL && t->approving ? 2 : 1);
}
