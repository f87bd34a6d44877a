/*
 * Converging: every object with an action goes through its steps as soon as
 * what it needs is done; then, last, what left Git is removed.
 */

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/engine/diff.h"
#include "common/engine/pass_private.h"
#include "common/engine/template.h"

static void go_on(struct pass *);

/* ---- one object ---- */

static void
run_step(struct work *w)
{
	if (w->object.desired == NULL)
		w->result = step_remove(
		    w->realm, &w->object, w->memory, &w->err);
	else if (w->rc == 0)
		w->result = step_converge(
		    w->realm, &w->object, w->memory, &w->policy, &w->err);
}

/* What `find` had to tell of an object: what names it. */
static json_t *
identity_of(const struct node *node)
{
	json_auto_t *live = packed_open(node->live);
	const struct call *read = &node->type->read;
	json_t *id = json_object();
	const char *key;
	json_t *value;

	js_foreach (live, key, value)
		if (json_is_string(value) &&
		    (template_mentions(read->input, key) ||
			words_has(node->type->key, key)))
			js_set(id, key, js_copy(value));
	return id;
}

/* It is worth remembering, as text: see pass_options.memory. */
static void
learn(struct node *node)
{
	json_t *memory = node->pass->options.memory;
	auto_of(packed_free) struct packed *id = NULL;

	if (node->want == NULL || memory == NULL ||
	    node->type->find.op == NULL || node->live == NULL)
		return;
	id = packed_take(identity_of(node));
	if (js_get(memory, "ids") == NULL)
		js_set(memory, "ids", json_object());
	js_set_str(
	    (json_t *)js_get(memory, "ids"), node->address, packed_text(id));
}

static void
wake_dependents(struct node *node)
{
	struct pass *p = node->pass;

	for (size_t i = 0; i < node->n_dependents; i++) {
		struct node *next = p->nodes[node->dependents[i]];

		if (next->unmet > 0 && --next->unmet == 0 &&
		    next->state == NODE_BLOCKED)
			pass_start_node(next);
	}
}

void
node_set_message(struct node *node, const char *text)
{
	free(node->message);
	node->message = mem_str(text);
}

/* The old one goes like all that left Git: last. */
static void
add_retired(struct node *node, const json_t *live)
{
	struct pass *p = node->pass;
	struct node *old = pass_add_extra(p, node->type, js_copy(live),
	    js_pack("{s:s, s:s, s:o}", TAG_INSTALLATION, p->realm.installation,
		TAG_ARCHITECTURE, p->realm.architecture, TAG_RESOURCE,
		js_fmt("%s" ADDRESS_RETIRED, node->address)),
	    NULL);

	old->label = object_label(node->type, NULL, live);
	old->display = mem_str(node->display);
	old->action = ACT_DELETE;
	old->state = NODE_SEEN;
}

static void
done(struct node *node)
{
	struct pass *p = node->pass;
	const struct step_memory *m = node->memory;
	/* a create whose answer was lost is known by the plan alone */
	bool created = m->created || node->action == ACT_CREATE;

	node->state = NODE_DONE;
	node_set_message(node, NULL);
	learn(node);
	if (created || m->updates > 0 || m->removed) {
		enum action did = m->replaced          ? ACT_REPLACE
				  : created            ? ACT_CREATE
				  : node->want == NULL ? ACT_DELETE
						       : ACT_UPDATE;

		node->healed = true;
		p->applied[did]++;
		pass_tell(p, PASS_WRITE, node, action_names[did], NULL);
	}
	pass_tell(p, PASS_SYNCED, node, NULL, NULL);
	if (m->retired != NULL)
		add_retired(node, m->retired);
	node_forget_steps(node);
	wake_dependents(node);
}

/* The difference that writing does not remove: later passes leave it. */
static void
note_stuck(struct node *node)
{
	const struct step_memory *m = node->memory;
	json_t *memory = node->pass->options.memory;
	auto_free char *changes = plan_changes_text(node);

	if (memory == NULL || node->want == NULL)
		return;
	if (js_get(memory, "stuck") == NULL)
		js_set(memory, "stuck", json_object());
	js_set((json_t *)js_get(memory, "stuck"), node->want->address,
	    js_pack("{s:s, s:s}", "changes",
		m && m->last_changes ? m->last_changes : changes, "message",
		node->err ? node->err->msg : ""));
}

/* Those that wait for the node fail; they are added to the list. */
static void
fail_waiting(const struct node *node, struct node **list, size_t *n)
{
	struct pass *p = node->pass;

	for (size_t i = 0; i < node->n_dependents; i++) {
		struct node *next = p->nodes[node->dependents[i]];
		struct err err;

		if (next->state != NODE_BLOCKED)
			continue;
		err_set(&err, node->err ? node->err->kind : ERR_REFUSED,
		    "waits for %s, which failed", node->display);
		next->state = NODE_FAILED;
		node_fail(next, &err);
		list[(*n)++] = next;
	}
}

/* What needs those on the list cannot go on; it is told why, and the next
 * pass tries. No recursion: a chain may be as long as the architecture. The
 * list has room for all nodes behind those. */
static void
fail_all(struct node **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fail_waiting(list[i], list, &n);
}

static void
fail_dependents(struct node *node)
{
	struct node **list;

	if (node->n_dependents == 0)
		return;
	list = mem_array(struct node *, node->pass->options.graph->n + 1);
	list[0] = node;
	fail_all(list, 1);
	free(list);
}

static void
fail(struct node *node, const struct err *err)
{
	node->state = NODE_FAILED;
	node_fail(node, err);
	if (node->not_converging)
		note_stuck(node);
	pass_tell(node->pass, PASS_FAILED, node, NULL, err);
	node_forget_steps(node);
	fail_dependents(node);
}

static void
timer_fired(struct ev_loop *loop, ev_timer *w, int events)
{
	struct node *node = w->data;

	(void)loop;
	(void)events;
	node->pass->waiting--;
	pass_start_node(node);
}

static void
wait_for(struct node *node)
{
	struct pass *p = node->pass;

	node->state = NODE_WAITING;
	node_set_message(node, node->memory->why);
	pass_tell(p, PASS_WAIT, node, node->memory->why, NULL);
	ev_timer_init(&node->timer, timer_fired, node->memory->wait_sec, 0);
	node->timer.data = node;
	p->waiting++;
	ev_timer_start(p->options.loop, &node->timer);
}

static void
stepped(struct task *t)
{
	struct node *node = t->node;
	const struct work *w = t->work;

	node->state = NODE_SEEN;
	node->parked = w->memory->parked;
	node->not_converging |= w->memory->not_converging;
	if (w->result == STEP_DONE)
		done(node);
	else if (w->result == STEP_FAILED)
		fail(node, &w->err);
	else if (!t->pass->cancelled)
		wait_for(node);
	if (!t->pass->cancelled)
		go_on(t->pass);
}

/* Live state was read when planning: the first step need not look again. But
 * what outlives a parent may be there though the parent was not. */
static bool
was_looked_at(const struct node *node)
{
	const struct node *parent = node->parent_node;

	return node->want != NULL && !(node->type->outlives && parent != NULL &&
					 (parent->action == ACT_CREATE ||
					     parent->action == ACT_REPLACE));
}

static struct step_memory *
memory_of(struct node *node)
{
	if (node->memory == NULL) {
		node->memory = mem_of(struct step_memory);
		node->memory->fresh = was_looked_at(node);
	}
	return node->memory;
}

static void
ready_step(struct task *t)
{
	struct node *node = t->node;
	struct work *w = t->work;

	node_object(node, &w->object);
	w->memory = memory_of(node);
	if (node->want == NULL)
		return;
	w->ignore = node_policy(node, "ignore");
	w->policy = pass_policy(node);
	w->policy.ignore = w->ignore;
	if (diff_is_unknown(w->object.desired)) {
		w->rc = err_set(&w->err, ERR_BUG,
		    "a reference has no value although all it needs is there");
		w->result = STEP_FAILED;
	}
}

static const struct errand stepping = { ready_step, run_step, stepped };

void
pass_start_node(struct node *node)
{
	if (node->began == 0)
		node->began = clock_mono();
	node->state = NODE_RUNNING;
	pass_submit(node->pass, node->want ? node->want->pool : "observe",
	    &stepping, node, NULL);
}

/* ---- all of them ---- */

static bool
is_to_do(const struct node *node)
{
	return node->action != ACT_NONE && node->action != ACT_DELETE &&
	       node->refused == NULL && node->err == NULL;
}

static void
block(struct pass *p, size_t i)
{
	const struct resource *r = &p->options.graph->list[i];
	struct node *node = p->nodes[i];

	node->unmet = 0;
	for (size_t k = 0; k < r->n_needs; k++) {
		const struct node *need = p->nodes[r->needs[k]];

		/* one that failed is never met: fail_hopeless() says so */
		node->unmet += is_to_do(need) || need->err != NULL;
	}
	node->state = is_to_do(node) ? NODE_BLOCKED : node->state;
}

/* Needs that will not come: an error, or a refusal. */
static void
fail_hopeless(struct pass *p)
{
	size_t n = p->options.graph->n, hopeless = 0;
	struct node **list = mem_array(struct node *, 2 * n + 1);

	for (size_t i = 0; i < n; i++) {
		struct node *node = p->nodes[i];

		if (node->err != NULL ||
		    (node->refused != NULL && node->live == NULL))
			list[hopeless++] = node;
	}
	fail_all(list, hopeless);
	free(list);
}

/* It is there, and nothing is to be done. */
static void
settle(struct node *node)
{
	const struct object seen = { .type = node->type,
		.address = node->address };

	node->state = NODE_DONE;
	learn(node);
	intent_end(&node->pass->realm, &seen);
}

/* Nothing to do, or nothing that may be done. */
static void
settle_idle(struct pass *p)
{
	for (size_t i = 0; i < p->options.graph->n; i++) {
		struct node *node = p->nodes[i];

		if (node->state != NODE_SEEN)
			continue;
		if (node->err != NULL) {
			node->state = NODE_FAILED;
			pass_tell(p, PASS_FAILED, node, NULL, node->err);
		} else if (node->action == ACT_NONE) {
			settle(node);
		}
	}
}

static void
start_ready(struct pass *p)
{
	for (size_t i = 0; i < p->options.graph->n; i++)
		if (p->nodes[i]->state == NODE_BLOCKED &&
		    p->nodes[i]->unmet == 0)
			pass_start_node(p->nodes[i]);
}

static bool
may_write(const struct pass *p)
{
	const char *mode = p->options.graph->arch.mode;

	return p->options.write &&
	       (strcmp(mode, "enforce") == 0 ||
		   (strcmp(mode, "approve") == 0 && p->options.approved));
}

/* What was approved is done exactly, or not at all. */
static bool
is_stopped(struct pass *p)
{
	const char *id = js_str(packed_doc_head(p->plan), "id");
	const char *want = p->options.expect_plan;

	if (p->err.kind != ERR_NONE)
		return true; /* a guard */
	if (want == NULL || strcmp(want, id) == 0)
		return false;
	p->guard = "stale-plan";
	err_set(&p->err, ERR_REFUSED,
	    "the plan is %s now, not %s any more: AWS or Git has changed "
	    "since; nothing was written",
	    id, want);
	return true;
}

void
pass_converge(struct pass *p)
{
	p->writes = may_write(p) && !is_stopped(p);
	if (!p->writes) {
		settle_idle(p);
		pass_finish(p);
		return;
	}
	p->phase = PHASE_CONVERGE;
	for (size_t i = 0; i < p->options.graph->n; i++)
		block(p, i);
	fail_hopeless(p);
	settle_idle(p);
	start_ready(p);
	go_on(p);
}

static void
go_on(struct pass *p)
{
	if (p->flying > 0 || p->waiting > 0 || p->finished)
		return;
	if (p->phase == PHASE_CONVERGE) {
		if (!pass_is_converged(p)) {
			pass_postpone_deletes(p);
			pass_finish(p);
			return;
		}
		p->phase = PHASE_PRUNE;
		p->prune_rank = 0;
		while (p->options.types[p->prune_rank] != NULL)
			p->prune_rank++;
	}
	pass_prune(p);
}
