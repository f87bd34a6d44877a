/* Orders of people, passed on to the targets they are about: see
 * controller.h. */

#include <string.h>

#include "common/base/text.h"
#include "daemon/controller_impl.h"
#include "daemon/orders.h"

static bool
is_meant(const struct target *t, const char *name)
{
	return name == NULL || strcmp(name, ORDERS_ALL) == 0 ||
	       strcmp(target_name(t), name) == 0;
}

int
controller_unknown(
    const struct controller *c, const char *architecture, struct err *err)
{
	struct nearest near = { 0 };

	for (size_t i = 0; i < c->n; i++)
		text_nearest(&near, architecture, target_name(c->list[i]));
	return err_set(err, ERR_ABSENT, "no architecture `%s` is known%s%s%s",
	    architecture, near.best ? "; did you mean `" : "",
	    near.best ? near.best : "", near.best ? "`?" : "");
}

int
controller_check(
    const struct controller *c, const char *architecture, struct err *err)
{
	for (size_t i = 0; i < c->n; i++)
		if (is_meant(c->list[i], architecture))
			return 0;
	if (architecture == NULL || strcmp(architecture, ORDERS_ALL) == 0)
		return 0;
	return controller_unknown(c, architecture, err);
}

void
controller_ordered(struct controller *c, const char *architecture)
{
	for (size_t i = 0; i < c->n; i++)
		if (is_meant(c->list[i], architecture))
			target_ordered(c->list[i]);
}

/* ---- looks ---- */

int
controller_look(struct controller *c, const char *architecture,
    json_t **ret_goals, struct err *err)
{
	json_auto_t *goals = json_object();

	if (controller_check(c, architecture, err) == -1)
		return -1;
	for (size_t i = 0; i < c->n; i++)
		if (is_meant(c->list[i], architecture))
			js_set(goals, target_name(c->list[i]),
			    json_integer((json_int_t)target_look(c->list[i])));
	*ret_goals = js_move(&goals);
	return 0;
}

static bool
is_reached(const struct controller *c, const json_t *goals,
    unsigned long (*count)(const struct target *))
{
	for (size_t i = 0; i < c->n; i++) {
		json_int_t goal = js_int(goals, target_name(c->list[i]), 0);

		if (!target_is_gone(c->list[i]) &&
		    (json_int_t)count(c->list[i]) < goal)
			return false;
	}
	return true;
}

bool
controller_looked(const struct controller *c, const json_t *goals)
{
	return is_reached(c, goals, target_looked);
}

void
controller_add_plans(
    const struct controller *c, const json_t *goals, struct packed_doc *to)
{
	packed_doc_array(to, "plans");
	for (size_t i = 0; i < c->n; i++)
		if (js_get(goals, target_name(c->list[i])) != NULL &&
		    target_plan(c->list[i]) != NULL)
			packed_doc_push_doc(
			    to, "plans", target_plan(c->list[i]));
}

/* ---- approvals ---- */

static bool
is_asked_for(const struct target *t, const char *which)
{
	const char *plan = target_waits_for(t);

	return plan != NULL &&
	       (strcmp(plan, which) == 0 || strcmp(target_name(t), which) == 0);
}

static int
nothing_waits(const struct controller *c, const char *which, struct err *err)
{
	auto_buf struct buf waiting = BUF_INIT;

	for (size_t i = 0; i < c->n; i++)
		if (target_waits_for(c->list[i]) != NULL)
			buf_addf(&waiting, "%s%s of %s",
			    waiting.len > 0 ? ", " : "",
			    target_waits_for(c->list[i]),
			    target_name(c->list[i]));
	return err_set(err, ERR_REFUSED,
	    "no plan `%s` waits for approval; %s%s", which,
	    waiting.len > 0 ? "there is " : "none does", waiting.data);
}

static struct target *
find_waiting(const struct controller *c, const char *which, struct err *err)
{
	for (size_t i = 0; i < c->n; i++)
		if (is_asked_for(c->list[i], which))
			return c->list[i];
	nothing_waits(c, which, err);
	return NULL;
}

int
controller_waiting(const struct controller *c, const char *which,
    const char **ret_architecture, const char **ret_plan, struct err *err)
{
	struct target *t = find_waiting(c, which, err);

	if (t == NULL)
		return -1;
	*ret_architecture = target_name(t);
	*ret_plan = target_waits_for(t);
	return 0;
}

int
controller_approve(struct controller *c, const char *which, bool confirm,
    json_t **ret_goals, struct err *err)
{
	struct target *t = find_waiting(c, which, err);
	double until;

	if (t == NULL)
		return -1;
	if (orders_suspension(c->env.orders, target_name(t), &until) != NULL)
		return err_set(err, ERR_REFUSED,
		    "`%s` is suspended; resume it first", target_name(t));
	if (!confirm && target_wants_confirm(t))
		return err_set(err, ERR_REFUSED,
		    "only what policy or limits refuse waits; --confirm "
		    "allows it, convergctl drift %s shows it",
		    target_name(t));
	*ret_goals = json_object();
	js_set(*ret_goals, target_name(t),
	    json_integer(
		(json_int_t)target_approve(t, target_waits_for(t), confirm)));
	return 0;
}

bool
controller_decided(const struct controller *c, const json_t *goals)
{
	return is_reached(c, goals, target_decided);
}

/* ---- adoptions ---- */

json_t *
controller_adoptable(
    const struct controller *c, const char *address, const char *id)
{
	json_t *adoptions = json_object();

	for (size_t i = 0; i < c->n; i++)
		target_adoptable(c->list[i], address, id, adoptions);
	return adoptions;
}
