/* The inside of a target, for target.c and target_status.c alone. */
#ifndef DAEMON_TARGET_IMPL_H
#define DAEMON_TARGET_IMPL_H

#include <ev.h>

#include "daemon/target.h"

struct pass;
struct pass_options;

/* A graph together with the revision that keeps it alive. */
struct goal {
	struct revision *revision; /* a share; NULL: none */
	struct graph *graph;
};

struct target {
	const struct target_env *env;
	char *name;
	ev_timer timer;     /* the next step */
	struct goal wanted; /* newest good revision */
	struct goal used;   /* of the pass that runs or ran last */
	struct pass *pass;  /* runs; or has ended and is not freed yet */
	bool finished;      /* pass called done() */
	bool again;         /* another pass, as soon as this one ends */
	bool asked;         /* an ordinary pass, before one that only looks */
	bool look, looking; /* a pass that writes nothing: wanted, running */
	bool writes;        /* the running pass may write */
	bool restart;       /* orders have changed under the running pass */
	char *approve;      /* plan that somebody said yes to, or NULL */
	char *approving;    /* same, of the running pass */
	unsigned long looked, decided; /* passes of these two sorts */
	bool waiting; /* the plan would be carried out, had somebody said yes */
	size_t confirms; /* so many of its actions only with `confirm` */
	bool confirm, confirming; /* said with approve, approving */
	bool gone, stopped;
	const char *why; /* the next pass starts: "git", "poll", "request" */
	const char *running_why;
	double started;    /* clock_mono of the pass that runs or ran last */
	double due;        /* clock_mono: when the next ordinary one is */
	double verdict_at; /* clock_mono; 0: no verdict yet */
	double ended_wall;
	unsigned failures; /* in a row */
	unsigned long sequence, completed;
	bool was_true;  /* AWS was true to `used`: differences are drift */
	bool drift;     /* was_true when the running pass began */
	json_t *waits;  /* address -> what it was last said to wait for */
	json_t *memory; /* the engine's, between passes */
	struct packed_doc *plan; /* of the last pass that came so far */
	json_t *told;            /* address -> failure that history has */
	json_t *adopt; /* of the running pass: what it may take over */
	struct packed_doc *report; /* of the last pass that was not cancelled */
	json_t *errors; /* of the newest revision; NULL: it is good */
};

/* ---- target.c: for target_orders.c ---- */
void target_schedule(struct target *, double delay);
void target_cancel(struct target *);

/* ---- target_next.c: when the next pass begins ---- */
void target_schedule_next(struct target *, const struct packed_doc *report);
/* Seconds between looks for drift. */
double target_interval(const struct target *);
/* Seconds that credentials which AWS refuses want to be left alone. */
double target_breaker(const struct target *);

/* ---- target_orders.c: what people say about passes ---- */
/* An approval that no pass has used before the daemon ended. */
void target_recall(struct target *);
/* Fills in what a pass may do; forgets what it uses up. */
void target_permit(struct target *, struct pass_options *);
/* A pass has run to its end: what it was allowed is used up. */
void target_used(
    struct target *, const json_t *report, struct packed_doc *plan);
/* It was cancelled: the next one serves those who wait. */
void target_unused(struct target *);
/* What would be written has health Suspended while it must not be. */
void target_mark_suspended(void *target, json_t *resource);
/* Seconds until a suspension ends; INFINITY: no such thing. */
double target_reprieve(const struct target *);
/* Members of the status. */
void target_add_orders(const struct target *, json_t *status);

#endif
