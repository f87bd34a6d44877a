/* The inside of a pass, shared by pass_*.c alone. Loop's thread only, but
 * for what a task carries to its worker. */
#ifndef COMMON_ENGINE_PASS_PRIVATE_H
#define COMMON_ENGINE_PASS_PRIVATE_H

#include <ev.h>

#include "common/engine/object.h"
#include "common/engine/pass.h"
#include "common/engine/step.h"
#include "common/loop/pool.h"

enum action { ACT_NONE, ACT_CREATE, ACT_UPDATE, ACT_REPLACE, ACT_DELETE };
extern const char *const action_names[];

enum node_state {
	NODE_UNSEEN,  /* not observed yet */
	NODE_SEEN,    /* observed */
	NODE_BLOCKED, /* has an action, waits for what it needs */
	NODE_RUNNING, /* a worker has its object */
	NODE_WAITING, /* its timer brings it back */
	NODE_DONE,
	NODE_FAILED
};

/* One object of the pass: desired, or an extra that is to go. */
struct node {
	struct pass *pass;
	const struct resource *want; /* NULL: an extra */
	const struct resource_type *type;
	struct node *parent_node;  /* or NULL */
	struct node *first_child;  /* of any type */
	struct node *next_sibling; /* same parent; roots: same type */
	size_t index;              /* in pass.nodes */
	struct object object;      /* empty while a worker has it */
	struct step_memory memory;
	struct step_policy policy;
	json_t *ignore;
	enum node_state state;
	enum action action;
	json_t *changes;   /* found when planning, or NULL */
	char *label;       /* AWS name; NULL until observed */
	char *display;     /* "SqsQueue/a"; of an extra from its address tag */
	char *refused;     /* why it must not be done, or NULL */
	const char *guard; /* name of the guard that refused, or NULL */
	bool confirm;      /* a person's yes lifts, or has lifted, that */
	char *message;     /* what it waits for, or NULL */
	struct err *err;   /* or NULL */
	size_t unmet;      /* needs that are not done */
	size_t *dependents, n_dependents;
	bool healed;
	ev_timer timer;
	double began;
};

enum phase {
	PHASE_ACCOUNT,
	PHASE_OBSERVE,
	PHASE_CONVERGE,
	PHASE_PRUNE,
	PHASE_OVER
};

struct pass {
	struct pass_options options;
	struct realm realm;
	struct node **nodes; /* graph's first, in its order; then extras */
	size_t n;
	struct node **roots; /* by the rank of their type: the first one */
	json_t *index;       /* ARN -> tags of all that is ours; or NULL */
	int level;           /* depth of parents that is being observed */
	enum phase phase;
	size_t flying;  /* tasks that workers have */
	size_t waiting; /* nodes with a timer */
	bool cancelled, finished;
	size_t prune_rank; /* types below it are still to be pruned */
	struct err err;    /* of the pass as a whole */
	const char *guard;
	json_t *plan;
	ev_timer kick; /* calls done() from the loop, never nested */
	double began, seconds[3];
	unsigned applied[5]; /* by action */
};

/* A job of the pass: what it carries belongs to the worker until done. */
struct task {
	struct job job;
	struct pass *pass;
	struct node *node; /* or NULL */
	const struct resource_type *type;
	const struct realm *realm;
	struct object object;
	struct step_memory *memory;
	const struct step_policy *policy;
	json_t *input; /* parent's live state of a listing; known tags */
	json_t *output;
	unsigned calls; /* that a listing took */
	unsigned tries; /* of a look that failed for a while */
	ev_timer timer; /* until the next try */
	const char *pool;
	enum step_result result;
	int rc;
	struct err err;
	void (*then)(struct task *); /* loop's thread; before it is freed */
};

/* ---- pass.c ---- */
void pass_submit(struct pass *, const char *pool, void (*run)(struct job *),
    struct task *take_task);
struct task *pass_task(
    struct pass *, struct node *, void (*then)(struct task *));
void pass_fail(struct pass *, const struct err *);
void pass_finish(struct pass *);
void pass_tell(struct pass *, enum pass_event_kind, struct node *,
    const char *text, const struct err *);
struct node *pass_add_node(
    struct pass *, const struct resource *, const struct resource_type *);
/* Makes it known to its parent, or to its type; after parent_node is set. */
void pass_link_node(struct node *);
/* The first of the nodes below a parent, or of a type's roots. */
struct node *pass_family(const struct pass *, const struct resource_type *,
    const struct node *parent);
size_t pass_rank(const struct pass *, const struct resource_type *);
const struct resource_type *pass_type(const struct pass *, const char *name);
const char *pass_pool(const struct pass *, const struct resource_type *);
struct node *pass_find(const struct pass *, const char *address);
void node_fail(struct node *, const struct err *);

/* ---- pass_resolve.c ---- */
/* References become values; what is not known yet becomes $unknown. */
json_t *pass_resolve(const struct pass *, const json_t *);
json_t *pass_want_tags(const struct pass *, const struct resource *);
/* Renews object.desired, want_tags and parent of a desired node. */
void pass_prepare(struct node *);

/* ---- pass_index.c, pass_list.c, pass_observe.c, pass_plan.c, pass_converge.c
 * ---- */
void pass_observe(struct pass *); /* begins; goes on to pass_make_plan */
void pass_extras_of_index(struct pass *);
struct node *pass_add_extra(struct pass *, const struct resource_type *,
    json_t *take_live, json_t *take_tags, struct node *parent);
void pass_list(struct pass *, const struct resource_type *);
void pass_observe_level(struct pass *); /* the listings of p->level */
void pass_read_level(struct pass *);    /* what they did not tell; then on */
void pass_make_plan(struct pass *);
void pass_converge(struct pass *);
void pass_start_node(struct node *); /* its next step goes to a worker */
void node_set_message(struct node *, const char *); /* or NULL */
bool pass_is_converged(const struct pass *);
void pass_postpone_deletes(struct pass *);
void pass_prune(struct pass *); /* the next type; the end when none is left */
json_t *plan_json(const struct pass *);

/* ---- plan_id.c ---- */
json_t *plan_id(const struct pass *); /* a string; once all is decided */

#endif
