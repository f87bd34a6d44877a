/* The inside of a pass, shared by pass_*.c alone. Loop's thread only, but
 * for what a task carries to its worker. */
#ifndef COMMON_ENGINE_PASS_PRIVATE_H
#define COMMON_ENGINE_PASS_PRIVATE_H

#include <ev.h>

#include "common/base/packed.h"
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

/*
 * One object of the pass: desired, or an extra that is to go. It is at rest,
 * that is packed; node_object() makes the trees that one who works on it
 * needs, node_rest() keeps what is new in them.
 */
struct node {
	struct pass *pass;
	const struct resource *want; /* NULL: an extra */
	const struct resource_type *type;
	struct node *parent_node;   /* or NULL */
	struct node *first_child;   /* of any type */
	struct node *next_sibling;  /* same parent; roots: same type */
	size_t index;               /* in pass.nodes */
	struct packed *live, *tags; /* as in struct object */
	struct packed *changes;     /* found when planning, or NULL */
	struct step_memory *memory; /* from its first step to its last */
	const char *address;        /* an extra's own, or NULL */
	const char *display;        /* "SqsQueue/a"; of an extra its own, from
				       its address tag */
	char *label;                /* AWS name; NULL until observed */
	char *digest;               /* of the wish that has an action */
	char *refused;              /* why it must not be done, or NULL */
	const char *guard;          /* name of the guard that refused */
	char *message;              /* what it waits for, or NULL */
	struct err *err;            /* or NULL */
	size_t *dependents, n_dependents;
	size_t unmet; /* needs that are not done */
	unsigned n_changes;
	enum node_state state;
	enum action action;
	bool listed;  /* as in struct object */
	bool grave;   /* AWS is less safe than Git says */
	bool confirm; /* a person's yes lifts, or has lifted, the refusal */
	bool parked, not_converging; /* see struct step_memory */
	bool healed;
	bool was_live; /* the pass is over; live has gone, but was there */
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

/* What is there, does not belong to Git and is left alone. */
struct unmanaged {
	bool tags; /* not a thing but tags that others set: last */
	char *display;
	const char *type;
	char *id;
};
#define UNMANAGED_MOST 100 /* that are kept and shown */

struct pass {
	struct pass_options options;
	struct realm realm;
	struct node **nodes; /* graph's first, in its order; then extras */
	struct node *wanted; /* block of the graph's */
	size_t n;
	struct node **roots;      /* by the rank of their type: the first one */
	struct packed_map *index; /* ARN -> tags, of all that is ours; NULL:
				     not known, or not needed any more */
	json_t *extras;           /* set of addresses */
	json_t *gone; /* deleted earlier, but the index still shows it */
	json_t *told; /* set of types whose P_IF_TOLD answers show */
	struct unmanaged unmanaged[UNMANAGED_MOST]; /* in order */
	size_t n_unmanaged, all_unmanaged;
	int level; /* depth of parents that is being observed */
	enum phase phase;
	size_t flying;         /* tasks that workers have */
	size_t waiting;        /* nodes with a timer */
	atomic_bool cancelled; /* by the loop's thread; workers look at it */
	bool finished;
	bool writes;       /* nothing keeps it from writing */
	size_t prune_rank; /* types below it are still to be pruned */
	struct err err;    /* of the pass as a whole */
	const char *guard;
	struct packed_doc *plan;
	ev_timer kick; /* calls done() from the loop, never nested */
	double began, seconds[3];
	unsigned applied[5]; /* by action */
};

/* What a worker is given and what it gives back: exists from shortly before
 * to shortly after it runs. */
struct work {
	struct realm *realm; /* written by the one that asks for the account */
	const struct resource_type *type;
	struct object object;
	struct step_memory *memory;
	struct step_policy policy;
	json_t *ignore; /* of the policy */
	json_t *input;  /* of a listing the parent's live state; of a
			   read the known tags */
	struct packed_map *index;
	struct packed_doc *items;   /* of a listing */
	struct packed *live, *tags; /* of the object, afterwards */
	struct lookup lookup;       /* of a listing */
	enum step_result result;
	int rc;
	struct err err;
};

struct task;

/* The steps of a task, in their order. */
struct errand {
	void (*ready)(struct task *); /* loop's thread: makes work; or NULL */
	void (*run)(struct work *);   /* worker */
	void (*then)(struct task *);  /* loop's thread */
	/* In place of run: as many as wait together, one at least. Of the
	 * errands of a pass only one may have it. */
	void (*run_all)(struct work *const *, size_t n);
};

/* A job of the pass. One that waits is this and no more. */
struct task {
	struct job job;
	struct pass *pass;
	struct node *node; /* or NULL */
	const struct resource_type *type;
	const struct errand *errand;
	struct work *work; /* the worker's, until it is done; NULL: skipped */
	const char *pool;
	unsigned tries; /* of a look that failed for a while */
	ev_timer timer; /* until the next try */
};

/* ---- pass.c ---- */
/* node may be NULL; type: NULL means the node's. */
void pass_submit(struct pass *, const char *pool, const struct errand *,
    struct node *, const struct resource_type *);
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
void node_forget_steps(struct node *);

/* ---- pass_told.c ---- */
/* Learns from what was observed, and remembers it. */
void pass_note_told(struct pass *);
/* Does the endpoint show the type's P_IF_TOLD properties? */
bool pass_tells(const struct pass *, const struct resource_type *);

/* ---- pass_recorded.c ---- */
/* Are children of the type that nobody desires drift in this parent? */
bool pass_is_exclusive(const struct resource_type *, const struct node *parent);
/* Adds the tag that says what children a root has or had. */
void pass_record_children(const struct node *root, json_t *tags);

/* ---- pass_lost.c ---- */
/* Does the index show one that no parent may show? */
bool pass_may_be_lost(const struct pass *, const struct resource_type *);
/* Becomes an extra if it is ours and nobody desires it. */
void pass_take_lost(
    struct pass *, const struct resource_type *, const json_t *item);

/* ---- pass_resolve.c ---- */
/* References become values; what is not known yet becomes $unknown. */
json_t *pass_resolve(const struct pass *, const json_t *);
json_t *pass_want_tags(const struct node *);
/* The node's trees, with references as they resolve now: object_free. */
void node_object(const struct node *, struct object *ret);
/* Keeps live state and tags of the object. */
void node_rest(struct node *, const struct object *);
/* Only properties and tags; NULL of an extra. */
json_t *node_desired(const struct node *);
/* Member of metadata.policy, as a tree, or NULL. */
json_t *node_policy(const struct node *, const char *member);

/* ---- pass_index.c, pass_list.c, pass_observe.c, pass_plan.c, pass_converge.c
 * ---- */
void pass_observe(struct pass *); /* begins; goes on to pass_make_plan */
void pass_extras_of_index(struct pass *);
/* The tags that the index has of an ARN (may be NULL), or NULL. */
json_t *pass_index_tags(const struct pass *, const char *arn);
struct node *pass_add_extra(struct pass *, const struct resource_type *,
    json_t *take_live, json_t *take_tags, struct node *parent);
void pass_list(struct pass *, const struct resource_type *);
void pass_note_singles(struct pass *); /* of p->level, once it is seen */
/* Whoever added one thing to a parent may have added what is looked for now
 * and then only: that is read as well. */
void pass_probe_suspects(struct pass *);
int pass_depth(const struct pass *, const struct resource_type *);
void pass_observe_level(struct pass *); /* the listings of p->level */
void pass_read_level(struct pass *);    /* what they did not tell; then on */
void pass_make_plan(struct pass *);
void pass_converge(struct pass *);
void pass_start_node(struct node *); /* its next step goes to a worker */
void node_set_message(struct node *, const char *); /* or NULL */
bool pass_is_converged(const struct pass *);
void pass_postpone_deletes(struct pass *);
void pass_prune(struct pass *); /* the next type; the end when none is left */
struct packed_doc *plan_new(const struct pass *);
/* What keeps a node's action from being done; the first reason stays. */
void node_refuse(struct node *, const char *guard, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Does it wait for a person's yes? That is not said yet. */
bool node_asks(struct node *);
/* What metadata.policy.mode keeps from being done; by: itself, or the one
 * whose manifest decides about it. */
void node_plan_mode(struct node *, const struct node *by);

/* ---- pass_gone.c ---- */
void node_plan_extra(struct node *);

/* ---- pass_peers.c ---- */
/* Does another architecture of the source desire this extra, or its root? */
bool pass_is_claimed(const struct node *extra);
/* The architecture that the tags name, if it desires the node's object no
 * more and nobody but we do; or NULL. Borrowed from its graph. */
const char *pass_released_by(const struct node *, const json_t *tags);

/* ---- pass_unmanaged.c ---- */
/* A child that Git does not want and that is not to go. */
void pass_note_child(struct pass *, const struct node *parent,
    const struct resource_type *, const json_t *live);
/* The tags are ours; it is noted if no type knows such an ARN. */
void pass_note_tagged(struct pass *, const char *arn, const json_t *tags);
/* What others put into a desired object that exists. */
void pass_note_inside(struct node *, const struct object *);
void pass_add_unmanaged(const struct pass *, struct packed_doc *plan);
void pass_tell_unmanaged(struct pass *); /* what is new, and what is gone */
void pass_forget_unmanaged(struct pass *);

/* Is it another architecture of the source, in the same place? */
bool pass_is_neighbour(const struct pass *, const struct graph *peer);
/* Same of the object at the address that its tags name. */
const char *pass_releaser(const struct pass *, const json_t *tags);

/* ---- pass_heirs.c: types with the key "@address" ---- */
/* {id: index of the node} of listed items that get another address. */
json_t *pass_heirs(const struct pass *, const struct resource_type *,
    const struct packed_doc *items);
/* Will another architecture take this one over, of the listed items? */
bool pass_is_awaited(
    const struct pass *, const struct packed_doc *items, const struct object *);

/* ---- pass_guard.c ---- */
/* An old one that was replaced, by this pass or before a crash. */
bool node_is_retired(const struct node *);
void pass_guard(struct pass *); /* once every node is planned */
/* For the guards of the next pass; wrote: this one was free to write. */
void pass_note_seen(struct pass *, bool wrote);

/* What metadata.policy allows; its `ignore` is left out. */
struct step_policy pass_policy(const struct node *);
/* As step_memory.last_changes has them. Caller frees. */
char *plan_changes_text(const struct node *);

/* ---- pass_match.c ---- */
#define PASS_ITEMS "items" /* where work.items has them */
#define each_of_family(p, of_type, parent, node)                               \
	for (struct node *node = pass_family((p), (of_type), (parent));        \
	     node != NULL; node = node->next_sibling)                          \
		if (node->type == (of_type))
bool pass_is_parent(const struct node *, const struct resource_type *);
/* What a listing of root resources, or of the children of t->node, gave. */
void pass_match(const struct task *);
void pass_match_all(const struct task *); /* of the children of all parents */

/* ---- plan_id.c ---- */
json_t *plan_id(const struct pass *); /* a string; once all is decided */
/* Of what an action would make of the object; hex, the caller frees it. */
char *plan_digest(const struct object *);

#endif
