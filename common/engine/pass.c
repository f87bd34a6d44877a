/* Life of a pass: tasks, phases, the end. See pass.h. */

#include "common/engine/pass.h"

#include <stdlib.h>
#include <string.h>

#include "common/aws/aws.h"
#include "common/base/clock.h"
#include "common/engine/pass_private.h"

#define LOOKS 4 /* at what fails for reasons that pass */

const char *const action_names[] = {
	[ACT_NONE] = "none",
	[ACT_CREATE] = "create",
	[ACT_UPDATE] = "update",
	[ACT_REPLACE] = "replace",
	[ACT_DELETE] = "delete",
};

/* ---- looking things up ---- */

size_t
pass_rank(const struct pass *p, const struct resource_type *type)
{
	size_t i = 0;

	while (p->options.types[i] != NULL && p->options.types[i] != type)
		i++;
	return i;
}

const struct resource_type *
pass_type(const struct pass *p, const char *name)
{
	for (size_t i = 0; p->options.types[i] != NULL; i++)
		if (strcmp(p->options.types[i]->name, name) == 0)
			return p->options.types[i];
	return NULL;
}

const char *
pass_pool(const struct pass *p, const struct resource_type *type)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->nodes[i]->type == type && p->nodes[i]->want != NULL)
			return p->nodes[i]->want->pool;
	return "observe";
}

struct node *
pass_find(const struct pass *p, const char *address)
{
	const struct resource *r = graph_find(p->options.graph, address);

	return r ? p->nodes[r - p->options.graph->list] : NULL;
}

/* ---- nodes ---- */

struct node *
pass_add_node(struct pass *p, const struct resource *want,
    const struct resource_type *type)
{
	struct node *node = want ? &p->wanted[want - p->options.graph->list]
				 : mem_of(struct node);

	node->pass = p;
	node->want = want;
	node->type = type;
	if (want != NULL) {
		node->display = want->display;
		node->address = want->address;
	}
	if ((p->n & (p->n - 1)) == 0) /* room for powers of two */
		p->nodes = mem_grow(p->nodes, p->n * sizeof(*p->nodes),
		    (p->n ? p->n * 2 : 1) * sizeof(*p->nodes));
	node->index = p->n;
	p->nodes[p->n++] = node;
	return node;
}

/* Slot of the first sibling. */
static struct node **
family(
    const struct pass *p, const struct resource_type *type, struct node *parent)
{
	return parent ? &parent->first_child : &p->roots[pass_rank(p, type)];
}

void
pass_link_node(struct node *node)
{
	struct node **first = family(node->pass, node->type, node->parent_node);

	node->next_sibling = *first;
	*first = node;
}

struct node *
pass_family(const struct pass *p, const struct resource_type *type,
    const struct node *parent)
{
	return *family(p, type, (struct node *)parent);
}

void
node_forget_steps(struct node *node)
{
	if (node->memory != NULL)
		step_memory_free(node->memory);
	free(mem_move(&node->memory));
}

static void
node_free(struct node *node)
{
	if (node->want == NULL) {
		free((char *)node->address);
		free((char *)node->display);
	}
	node_forget_steps(node);
	packed_free(node->live);
	packed_free(node->tags);
	packed_free(node->changes);
	free(node->label);
	free(node->digest);
	free(node->refused);
	free(node->message);
	free(node->err);
	free(node->dependents);
	if (node->want == NULL)
		free(node);
}

void
node_fail(struct node *node, const struct err *err)
{
	if (node->err == NULL)
		node->err = mem_of(struct err);
	*node->err = *err;
}

void
pass_tell(struct pass *p, enum pass_event_kind kind, struct node *node,
    const char *text, const struct err *err)
{
	struct pass_event event = {
		.kind = kind,
		.graph = p->options.graph,
		.address = node->address,
		.display = node->display,
		.type = node->type->name,
		.module_kind = node->want ? node->want->kind : "",
		.name = node->want ? node->want->name : "",
		.text = text,
		.request_id = node->memory ? node->memory->request_id : "",
		.err = err,
		.seconds = node->began > 0 ? clock_mono() - node->began : 0,
	};

	if (p->options.event != NULL)
		p->options.event(p->options.arg, &event);
}

/* ---- tasks ---- */

static void
work_free(struct work *w)
{
	if (w == NULL)
		return;
	object_free(&w->object);
	js_free(w->ignore);
	js_free(w->input);
	packed_map_free(w->index);
	packed_doc_free(w->items);
	packed_free(w->live);
	packed_free(w->tags);
	free(w);
}

/* Worker: what it hands back of the object is at rest again. */
static void
work_rest(struct work *w)
{
	w->live = packed_take(js_move(&w->object.live));
	w->tags = packed_take(js_move(&w->object.tags));
}

static void
task_run(struct job *job)
{
	struct task *t = (struct task *)job;

	if (t->work == NULL)
		return;
	t->errand->run(t->work);
	work_rest(t->work);
}

static void
tasks_run(struct job *const *jobs, size_t n)
{
	const struct errand *errand = ((const struct task *)jobs[0])->errand;
	struct work *works[POOL_TOGETHER];
	size_t made = 0;

	for (size_t i = 0; i < n; i++) {
		works[made] = ((const struct task *)jobs[i])->work;
		made += works[made] != NULL;
	}
	if (made > 0)
		errand->run_all(works, made);
	for (size_t i = 0; i < made; i++)
		work_rest(works[i]);
}

/* Nothing is made for a pass that is cancelled: it is not run either. */
static void
task_ready(struct job *job)
{
	struct task *t = (struct task *)job;

	if (t->pass->cancelled)
		return;
	t->work = mem_of(struct work);
	t->work->realm = &t->pass->realm;
	t->work->type = t->type;
	if (t->errand->ready != NULL)
		t->errand->ready(t);
}

/* The object is the node's again. */
static void
take_back(struct node *node, struct work *w)
{
	if (w->object.type == NULL)
		return; /* a listing below the node */
	packed_replace(&node->live, mem_move(&w->live));
	packed_replace(&node->tags, mem_move(&w->tags));
	node->listed = w->object.listed;
}

static void
task_end(struct task *t)
{
	struct pass *p = t->pass;

	p->flying--;
	if (t->work != NULL) {
		if (t->node != NULL)
			take_back(t->node, t->work);
		t->errand->then(t);
	}
	work_free(t->work);
	free(t);
	if (p->cancelled && p->flying == 0)
		pass_finish(p);
}

static void
try_again(struct ev_loop *loop, ev_timer *w, int events)
{
	struct task *t = w->data;

	(void)loop;
	(void)events;
	if (t->pass->cancelled)
		task_end(t);
	else
		pool_submit(
		    pools_get(t->pass->options.pools, t->pool), &t->job);
}

/* Throttling is never a verdict: a look is repeated until it is answered.
 * Other passing failures get a few tries. */
static bool
is_passing(const struct task *t)
{
	const struct work *w = t->work;

	return w != NULL && w->rc == -1 && !t->pass->cancelled &&
	       (w->err.kind == ERR_THROTTLED ||
		   (w->err.kind == ERR_TRANSIENT && t->tries < LOOKS));
}

static void
task_done(struct job *job)
{
	struct task *t = (struct task *)job;

	if (!is_passing(t)) {
		task_end(t);
		return;
	}
	work_free(mem_move(&t->work)); /* made anew for the next try */
	ev_timer_init(&t->timer, try_again, step_backoff(t->tries++), 0);
	t->timer.data = t;
	ev_timer_start(t->pass->options.loop, &t->timer);
}

void
pass_submit(struct pass *p, const char *pool, const struct errand *errand,
    struct node *node, const struct resource_type *type)
{
	struct task *t = mem_of(struct task);

	t->job.ready = task_ready;
	t->job.run = task_run;
	t->job.run_all = tasks_run;
	t->job.with = errand->run_all ? &p->realm : NULL;
	t->job.done = task_done;
	t->pass = p;
	t->node = node;
	t->type = type == NULL && node != NULL ? node->type : type;
	t->errand = errand;
	t->pool = pool;
	p->flying++;
	pool_submit(pools_get(p->options.pools, pool), &t->job);
}

/* ---- the beginning: which account is this? ---- */

static void
run_account(struct work *w)
{
	w->rc = aws_account(w->realm->aws, w->realm->account, &w->err);
}

static void
account_known(struct task *t)
{
	struct pass *p = t->pass;
	struct work *w = t->work;
	const char *guard = p->options.graph->arch.account;

	if (p->cancelled)
		return;
	if (w->rc == -1) {
		pass_fail(p, &w->err);
		return;
	}
	if (guard != NULL && strcmp(guard, p->realm.account) != 0) {
		err_set(&w->err, ERR_REFUSED,
		    "the credentials belong to account %s, the Architecture "
		    "says %s; nothing was read or written",
		    p->realm.account, guard);
		p->guard = "account";
		pass_fail(p, &w->err);
		return;
	}
	p->phase = PHASE_OBSERVE;
	pass_observe(p);
}

static const struct errand asking_account = { NULL, run_account,
	account_known };

struct pass *
pass_start(const struct pass_options *options)
{
	struct pass *p = mem_of(struct pass);
	const struct graph *g = options->graph;

	p->options = *options;
	p->began = clock_mono();
	p->realm = (struct realm){
		.aws = options->aws,
		.installation = options->installation,
		.architecture = g->arch.name,
		.tree = options->tree,
		.intents = options->intents,
		.cancelled = &p->cancelled,
	};
	p->roots = mem_array(
	    struct node *, pass_rank(p, NULL) + 1); /* one per type */
	p->wanted = mem_array(struct node, g->n);
	for (size_t i = 0; i < g->n; i++)
		pass_add_node(p, &g->list[i], g->list[i].type);
	for (size_t i = 0; i < g->n; i++) {
		if (g->list[i].parent != NULL)
			p->nodes[i]->parent_node = pass_find(
			    p, g->list[i].parent);
		pass_link_node(p->nodes[i]);
	}
	p->extras = json_object();
	p->gone = json_object();
	pass_submit(p, "observe", &asking_account, NULL, NULL);
	return p;
}

/* ---- the end ---- */

/* What a report does not show: the pass before may still have its own. */
static void
let_go(struct node *node)
{
	node->was_live = node->live != NULL;
	packed_replace(&node->live, NULL);
	packed_replace(&node->tags, NULL);
	packed_replace(&node->changes, NULL);
}

static void
kick(struct ev_loop *loop, ev_timer *w, int events)
{
	struct pass *p = w->data;

	(void)loop;
	(void)events;
	for (size_t i = 0; i < p->n; i++)
		let_go(p->nodes[i]);
	mem_trim();
	pass_note_seen(p, p->writes && !p->cancelled);
	p->options.done(p->options.arg, p);
}

void
pass_finish(struct pass *p)
{
	if (p->finished)
		return;
	p->finished = true;
	p->phase = PHASE_OVER;
	p->seconds[2] = clock_mono() - p->began - p->seconds[0] - p->seconds[1];
	ev_timer_init(&p->kick, kick, 0, 0);
	p->kick.data = p;
	ev_timer_start(p->options.loop, &p->kick);
}

void
pass_fail(struct pass *p, const struct err *err)
{
	p->err = *err;
	pass_finish(p);
}

void
pass_cancel(struct pass *p)
{
	if (p->cancelled || p->finished)
		return;
	p->cancelled = true;
	for (size_t i = 0; i < p->n; i++)
		ev_timer_stop(p->options.loop, &p->nodes[i]->timer);
	p->waiting = 0;
	if (p->flying == 0)
		pass_finish(p);
}

void
pass_free(struct pass *p)
{
	if (p == NULL)
		return;
	ev_timer_stop(p->options.loop, &p->kick);
	for (size_t i = 0; i < p->n; i++) {
		ev_timer_stop(p->options.loop, &p->nodes[i]->timer);
		node_free(p->nodes[i]);
	}
	free(p->nodes);
	free(p->wanted);
	free(p->roots);
	packed_map_free(p->index);
	js_free(p->extras);
	js_free(p->gone);
	js_free(p->told);
	pass_forget_unmanaged(p);
	packed_doc_free(p->plan);
	free(p);
}
