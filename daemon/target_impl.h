/* The inside of a target, for target.c and target_status.c alone. */
#ifndef DAEMON_TARGET_IMPL_H
#define DAEMON_TARGET_IMPL_H

#include <ev.h>

#include "daemon/target.h"

struct pass;

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
	bool gone, stopped;
	const char *why; /* the next pass starts: "git", "poll", "request" */
	const char *running_why;
	double started;    /* clock_mono of the pass that runs or ran last */
	double verdict_at; /* clock_mono; 0: no verdict yet */
	double ended_wall;
	unsigned failures; /* in a row */
	unsigned long sequence, completed;
	bool was_true;  /* AWS was true to `used`: differences are drift */
	bool drift;     /* was_true when the running pass began */
	json_t *waits;  /* address -> what it was last said to wait for */
	json_t *memory; /* the engine's, between passes */
	json_t *report; /* of the last pass that was not cancelled */
	json_t *errors; /* of the newest revision; NULL: it is good */
};

/* "file:line:col: text" each, as an array. */
json_t *target_error_lines(const struct errors *);

#endif
