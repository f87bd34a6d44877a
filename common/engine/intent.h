/*
 * Intents: what a crash must not make us forget.
 *
 * An intent is begun before a create, and before the delete that begins a
 * replacement, and nothing is sent before it is durable. It ends when a read
 * has shown the object, or when AWS has refused to make it. One that is open
 * when an object is not seen means: a create may have happened. Then the
 * object is looked for as long as AWS may hide it, and created again with
 * the idempotency token of the first time.
 *
 * The engine knows no files: the process that runs passes implements this.
 * Intents that are lost, or that come back from an older copy, never cause a
 * write; they only decide how long is looked before one.
 */
#ifndef COMMON_ENGINE_INTENT_H
#define COMMON_ENGINE_INTENT_H

#include <stdbool.h>

#include "common/base/err.h"

struct object;
struct realm;

/* After so long a look is right and a token is not used again. */
#define INTENT_KEEP_SEC 600.0

struct intent {
	char generation[37]; /* of the object: a UUID, part of its token */
	double age_sec;      /* since it was last begun, over restarts; >= 0 */
};

/* What the process provides; `arg` is its own. Keys are any text. */
struct intents {
	/* Workers; blocks until the intent is on the disk. An open one keeps
	 * its generation for INTENT_KEEP_SEC; its age starts anew. -1: it
	 * could not be kept (ERR_SYSTEM). */
	int (*begin)(
	    void *arg, const char *key, struct intent *ret, struct err *);
	/* Workers; -1 while nothing may be written at all, since what is
	 * done could not be kept. Waits for the disk only in that case. */
	int (*ready)(void *arg, struct err *);
	/* Any thread; never block. find: false if none younger than
	 * INTENT_KEEP_SEC is open. */
	bool (*find)(void *arg, const char *key, struct intent *ret);
	void (*end)(void *arg, const char *key);
	void *arg;
};

/*
 * For the engine: the same for an object. Where the realm has no intents,
 * nothing is found, and a generation lives as long as the struct intent.
 */
int intent_begin(const struct realm *, const struct object *,
    struct intent *inout, struct err *);
int intent_ready(const struct realm *, struct err *);
bool intent_find(
    const struct realm *, const struct object *, struct intent *ret);
void intent_end(const struct realm *, const struct object *);

#endif
