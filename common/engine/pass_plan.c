/*
 * The plan: what has to be done for every object, decided in the order of
 * dependencies, and what policy and guards do not allow.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/engine/diff.h"
#include "common/engine/pass_private.h"
#include "common/engine/yield.h"

/* ---- order ---- */

/* Indices of the desired nodes, needs before those that need them. */
static size_t *
topological(const struct pass *p)
{
	const struct graph *g = p->options.graph;
	size_t *order = mem_array(size_t, g->n + 1), n = 0;
	size_t *unmet = mem_array(size_t, g->n + 1);

	for (size_t i = 0; i < g->n; i++) {
		unmet[i] = g->list[i].n_needs;
		if (unmet[i] == 0)
			order[n++] = i;
	}
	for (size_t done = 0; done < n; done++) {
		const struct node *node = p->nodes[order[done]];

		for (size_t d = 0; d < node->n_dependents; d++)
			if (--unmet[node->dependents[d]] == 0)
				order[n++] = node->dependents[d];
	}
	must(n == g->n); /* graph_finish refuses cycles */
	free(unmet);
	return order;
}

static void
link_dependents(struct pass *p)
{
	const struct graph *g = p->options.graph;

	for (size_t i = 0; i < g->n; i++) {
		for (size_t k = 0; k < g->list[i].n_needs; k++) {
			struct node *need = p->nodes[g->list[i].needs[k]];
			size_t n = need->n_dependents;

			if ((n & (n - 1)) == 0) /* room for powers of two */
				need->dependents = mem_grow(need->dependents,
				    n * sizeof(size_t),
				    (n ? n * 2 : 1) * sizeof(size_t));
			need->dependents[need->n_dependents++] = i;
		}
	}
}

/* ---- policy ---- */

static bool
policy_is(const struct node *node, const char *what, const char *value)
{
	json_auto_t *word = node_policy(node, what);

	return json_is_string(word) && strcmp(js_text(word), value) == 0;
}

static bool
may_replace(const struct node *node)
{
	return node->type->stateful
		   ? policy_is(node, "replace", "auto")
		   : !policy_is(node, "replace", "never") &&
			 !policy_is(node, "replace", "confirm");
}

struct step_policy
pass_policy(const struct node *node)
{
	const struct pass_options *options = &node->pass->options;
	json_auto_t *tags = packed_open(node->tags);

	return (struct step_policy){
		.heir_of = pass_released_by(node, tags),
		.may_adopt = policy_is(node, "adopt", "ifExists") ||
			     policy_is(node, "adopt", "require") ||
			     js_get(options->adopt, node->address) != NULL,
		.may_replace = may_replace(node) ||
			       (policy_is(node, "replace", "confirm") &&
				   options->confirmed),
	};
}

void
node_refuse(struct node *node, const char *guard, const char *fmt, ...)
{
	va_list ap;

	if (node->refused != NULL)
		return;
	va_start(ap, fmt);
	must(vasprintf(&node->refused, fmt, ap) != -1);
	va_end(ap);
	node->guard = guard;
}

bool
node_asks(struct node *node)
{
	node->confirm = true;
	return !node->pass->options.confirmed;
}

/* ---- desired objects ---- */

static void
fail_plan(struct node *node, const struct err *err)
{
	node_fail(node, err);
	node->action = ACT_NONE;
}

static void
plan_replace(struct node *node)
{
	node->action = ACT_REPLACE;
	node->confirm = policy_is(node, "replace", "confirm");
	if (!pass_policy(node).may_replace)
		node_refuse(node, "replace",
		    "metadata.policy.replace does not allow it");
}

char *
plan_changes_text(const struct node *node)
{
	json_auto_t *changes = packed_open(node->changes);

	return js_dump(changes);
}

/* Two writes did not remove this very difference in an earlier pass: it is
 * reported again and not written again, until it becomes another one. */
static bool
is_stuck(struct node *node, struct err *err)
{
	const json_t *stuck = js_get(
	    js_get(node->pass->options.memory, "stuck"), node->want->address);
	auto_free char *changes = plan_changes_text(node);
	const char *then = js_str(stuck, "changes");

	if (then == NULL || strcmp(then, changes) != 0)
		return false;
	node->not_converging = true;
	err_set(err, ERR_TERMINAL, "%s", js_str(stuck, "message"));
	return true;
}

static void
plan_changes(struct node *node, json_t *take_changes)
{
	json_auto_t *changes = take_changes;
	struct err err;

	node->n_changes = (unsigned)js_len(changes);
	node->grave = diff_is_grave(changes);
	if (node->n_changes == 0)
		return;
	node->changes = packed_of(changes);
	if (is_stuck(node, &err))
		fail_plan(node, &err);
	else if (diff_is_fixed(changes))
		plan_replace(node);
	else
		node->action = ACT_UPDATE;
}

static void
plan_existing(struct node *node, struct object *o)
{
	json_auto_t *ignore = node_policy(node, "ignore");
	struct step_policy policy = pass_policy(node);
	char reason[256];
	struct err err;

	if (step_owns(&node->pass->realm, o, &policy, &err) == -1) {
		fail_plan(node, &err);
		return;
	}
	if (object_state(o, reason) == OBJECT_PARKED)
		return;
	if (node->type->complete != NULL)
		node->type->complete(o->desired, o->live);
	yield(o, ignore);
	plan_changes(node, diff_object(o));
}

/* A table that AWS still changes is not done, even with no difference. */
static void
plan_state(struct node *node, const struct object *o)
{
	char reason[256];
	enum object_state state = object_state(o, reason);

	node->parked = state == OBJECT_PARKED;
	if (state == OBJECT_PROGRESSING && node->action == ACT_NONE)
		node->action = ACT_UPDATE;
	if (state != OBJECT_READY)
		node->message = mem_str(reason);
	if (state == OBJECT_FAILED && node->action == ACT_NONE) {
		struct err err;

		err_set(&err, ERR_TERMINAL, "%s", reason);
		fail_plan(node, &err);
	}
}

static bool
is_made_anew(const struct node *parent)
{
	return parent != NULL &&
	       (parent->action == ACT_CREATE ||
		   (parent->action == ACT_REPLACE && parent->refused == NULL));
}

static void
plan_object(struct node *node, struct object *o)
{
	if (is_made_anew(node->parent_node)) {
		js_replace(&o->live, NULL);
		packed_replace(&node->live, NULL);
	}
	if (o->live == NULL) {
		node->action = ACT_CREATE;
	} else {
		plan_existing(node, o);
		plan_state(node, o);
	}
	if (node->action != ACT_NONE)
		node->digest = plan_digest(o);
}

/* What is part of another resource comes and goes with that. */
static bool
is_adoptable(const struct resource_type *type)
{
	return type->parent == NULL && type->tags.shape != TAGS_NONE;
}

/* Does it belong to a resource that is to be taken over, and is not there? */
static bool
lacks_main(const struct node *node)
{
	json_auto_t *with = node_policy(node, "with");
	const struct node *main = with ? pass_find(node->pass, js_text(with))
				       : NULL;

	return main != NULL && main->live == NULL;
}

/* What is to be taken over is not made where it is missing. */
static void
plan_adoption(struct node *node)
{
	const char *id = js_text(
	    js_get(node->pass->options.adopt, node->address));

	if (node->action != ACT_CREATE || !is_adoptable(node->type))
		return;
	if (id != NULL)
		node_refuse(node, "adopt",
		    "it is to be taken over, and there is no %s %s here",
		    node->type->name, id);
	else if (policy_is(node, "adopt", "require"))
		node_refuse(node, "adopt",
		    node->type->id == NULL
			? "metadata.policy.adopt is require, and there is "
			  "nothing to take over"
			: "metadata.policy.adopt is require: say which one, "
			  "`convergctl adopt %s --id ID`",
		    node->address);
	else if (lacks_main(node))
		node_refuse(node, "adopt",
		    "metadata.policy.adopt is require, and what it belongs "
		    "to is not there");
}

void
node_plan_mode(struct node *node, const struct node *by)
{
	if (node->action == ACT_NONE)
		return;
	if (policy_is(by, "mode", "observe"))
		node_refuse(node, "mode", "metadata.policy.mode is observe");
	if (node->refused == NULL && policy_is(by, "mode", "approve") &&
	    node_asks(node))
		node_refuse(node, "mode", "metadata.policy.mode is approve");
}

static void
plan_node(struct node *node)
{
	struct object o;

	node_object(node, &o);
	node->label = object_label(node->type, o.desired, o.live);
	if (node->err == NULL)
		plan_object(node, &o);
	if (node->err == NULL && o.live != NULL)
		pass_note_inside(node, &o);
	object_free(&o);
	plan_adoption(node);
	node_plan_mode(node, node);
}

/* ---- the whole ---- */

static void
tell_drift(struct node *node)
{
	json_auto_t *changes = packed_open(node->changes);
	size_t i;
	json_t *change;

	if (node->action == ACT_CREATE)
		pass_tell(node->pass, PASS_DRIFT, node, "missing", NULL);
	js_each (changes, i, change) {
		bool secret = js_bool(change, "secret", false);
		auto_free char *from = js_dump(js_get(change, "from"));
		auto_free char *to = js_dump(js_get(change, "to"));
		const char *note = js_str(change, "severity")
				       ? " (less secure than Git)"
				       : "";
		auto_free char *text =
		    secret
			? mem_fmt("%s differs%s", js_str(change, "path"), note)
			: mem_fmt("%s: %s -> %s%s", js_str(change, "path"),
			      from, to, note);

		pass_tell(node->pass, PASS_DRIFT, node, text, NULL);
	}
}

static void
plan_all(struct pass *p)
{
	size_t *order = topological(p);

	for (size_t i = 0; i < p->options.graph->n; i++)
		plan_node(p->nodes[order[i]]);
	free(order);
	for (size_t i = p->options.graph->n; i < p->n; i++)
		node_plan_extra(p->nodes[i]);
}

void
pass_make_plan(struct pass *p)
{
	p->seconds[0] = clock_mono() - p->began;
	link_dependents(p);
	pass_note_told(p);
	plan_all(p);
	pass_guard(p);
	packed_map_free(mem_move(&p->index));
	mem_trim(); /* what the looks needed */
	p->plan = plan_new(p);
	for (size_t i = 0; i < p->n; i++)
		tell_drift(p->nodes[i]);
	pass_tell_unmanaged(p);
	p->seconds[1] = clock_mono() - p->began - p->seconds[0];
	pass_converge(p);
}
