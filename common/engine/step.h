/*
 * A step: what a worker does for one object before it gives it back. A step
 * that has to wait ends; waiting never holds a worker. Steps are level
 * based: look, compare, do what is missing, look again.
 */
#ifndef COMMON_ENGINE_STEP_H
#define COMMON_ENGINE_STEP_H

#include <stdbool.h>

#include "common/engine/intent.h"
#include "common/engine/object.h"

enum step_result {
	STEP_DONE,  /* desired and live agree, or the object is gone */
	STEP_WAIT,  /* again after wait_sec; `why` says what for */
	STEP_FAILED /* err says why; a person, a commit or time must help */
};

/* What is remembered of an object between its steps of one pass. Zeroed at
 * first; step_memory_free at the end. */
struct step_memory {
	bool fresh;    /* live was read after the last write */
	bool created;  /* this pass has created it */
	bool recalled; /* intents of earlier passes were asked for */
	bool intended; /* an intent is open */
	bool doubtful; /* a create may have happened, unseen */
	struct intent intent;
	double unsure_until; /* clock_mono(): so long reads may hide it */
	bool replacing;      /* the old one is being removed */
	bool replaced;       /* the old one is gone, or retired */
	json_t *retired;     /* its live state: to be removed at the end */
	bool removed;        /* remove was called */
	bool parked;         /* done but for what a person has to do */
	bool not_converging;
	unsigned updates;      /* rounds of update calls */
	unsigned repeats;      /* the same difference seen again */
	unsigned tries;        /* failures in a row that may pass */
	double patience_until; /* clock_mono(); 0: not impatient */
	char *last_changes;    /* the difference that was written last */
	char request_id[80];   /* AWS's, of the last write; or "" */
	double wait_sec;       /* after STEP_WAIT */
	char why[320];         /* after STEP_WAIT: what it waits for */
};
void step_memory_free(struct step_memory *);

struct step_policy {
	bool may_adopt;       /* take over what carries no tags of ours */
	const char *heir_of;  /* architecture of ours that gives it away */
	bool may_replace;     /* metadata.policy.replace */
	const json_t *ignore; /* metadata.policy.ignore, or NULL; a copy */
};

/* Worker threads only; both block in AWS calls. */
enum step_result step_converge(const struct realm *, struct object *,
    struct step_memory *, const struct step_policy *, struct err *);
enum step_result step_remove(
    const struct realm *, struct object *, struct step_memory *, struct err *);

/* Seconds before the next of so many tries, with jitter. */
double step_backoff(unsigned tries);
/* Is the live object ours to write? Sets err (ERR_REFUSED) if not. */
int step_owns(const struct realm *, const struct object *,
    const struct step_policy *, struct err *);

#endif
