/*
 * The stages of reading an object: object_stages.c has what each asks AWS for
 * and takes, object_read.c makes the calls. Worker's thread; a reading is its
 * crowd's.
 */
#ifndef COMMON_ENGINE_OBJECT_STAGES_H
#define COMMON_ENGINE_OBJECT_STAGES_H

#include <sys/queue.h>

#include "common/aws/aws.h"
#include "common/engine/object_private.h"

#define OBJECT_STAGES 7

struct crowd;

/* An object that is being read. */
struct reading {
	STAILQ_ENTRY(reading) entry;
	struct crowd *crowd;
	const struct realm *realm;
	struct look *look;
	struct object *o;
	json_t *specials;
	bool listed;             /* a listing told what `read` would */
	size_t stage;            /* that it is in */
	size_t element;          /* the next, where it asks for each */
	json_t *elements;        /* what those before have told */
	const struct call *call; /* to be made, or under way */
	json_t *input;           /* of it */
	struct aws_one one;      /* same */
};

/* One after the other, for as long as the object is there. */
extern const struct stage {
	/* The call to make; NULL: none, or none any more. */
	const struct call *(*ask)(struct reading *);
	/* What it gave, or why it failed; -1: so does the reading. */
	int (*take)(struct reading *, const json_t *answer, const struct err *);
} object_stages[OBJECT_STAGES];

/* Does the object's state know all that the call needs? */
bool reading_can_ask(const struct reading *, const struct call *);
/* $arn, as it is known by now. */
void reading_name_arn(struct reading *);
/* Finds it, if at all, in the listing of its type. */
int reading_look_up(struct reading *);

#endif
