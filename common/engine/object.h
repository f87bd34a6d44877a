/*
 * One AWS object: reading it, and the calls that change it.
 *
 * An object belongs to one side at a time: the loop's thread, or the worker
 * that runs its job. Its JSON trees are its own and shared with nobody.
 * The functions block in AWS calls: worker threads only.
 */
#ifndef COMMON_ENGINE_OBJECT_H
#define COMMON_ENGINE_OBJECT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/js.h"
#include "common/engine/type.h"

struct aws;
struct intents;
struct tree;

/* Where and for whom; const while a pass runs, shared by all its jobs. */
struct realm {
	struct aws *aws;
	const struct intents *intents; /* or NULL */
	const char *installation, *architecture;
	char account[32];
	const struct tree *tree;      /* packs code; or NULL */
	const atomic_bool *cancelled; /* looking ends early; or NULL */
};

struct object {
	const struct resource_type *type;
	const char *address; /* NULL for what nobody desires; borrowed */
	json_t *desired; /* references resolved; NULL for what nobody desires */
	json_t *want_tags;    /* {key: value}, with ours; NULL as above */
	json_t *parent;       /* live state of the parent, or NULL */
	json_t *live;         /* normalised live state; NULL: does not exist */
	json_t *tags;         /* live tags {key: value}; NULL: not known */
	const char *artifact; /* path in the tree, or NULL; borrowed */
	bool listed;          /* live came from a listing that spares `read` */
	bool tells;           /* what live lacks of P_IF_TOLD is not set */
};
void object_free(struct object *); /* the members; of a struct of yours */

#define TAG_INSTALLATION "convergd:installation"
#define TAG_ARCHITECTURE "convergd:architecture"
#define TAG_RESOURCE     "convergd:resource"
#define TAG_PRUNE        "convergd:prune"    /* unless it is the type's usual */
#define TAG_CHILDREN     "convergd:children" /* types that it has or had */
#define TAG_KEYS         "convergd:tags"     /* which tags Git asked for */
#define TAG_OURS         "convergd:"
/* What a replaced object has at the end of its address: it is to go. */
#define ADDRESS_RETIRED "/retired"

enum ownership {
	OWNED,   /* carries our installation and architecture */
	UNOWNED, /* no convergd tags */
	FOREIGN  /* another installation's or architecture's */
};
enum ownership object_ownership(const struct realm *, const json_t *tags);

/*
 * Others tag our objects, too. What Git asked for is on record: TAG_KEYS
 * holds five digits of the hash of each key, for keys may be longer than the
 * value of a tag. A live tag that Git does not want is ours if it is on that
 * record or begins with TAG_OURS, and goes; all others stay.
 */
/* The record of these tags; NULL: of none. Caller frees. */
char *object_tag_record(const json_t *own);
/* Is this key of the live tags ours? */
bool object_owns_tag(const json_t *live_tags, const char *key);

/*
 * Reads live state and tags anew; live becomes NULL when AWS says that it
 * does not exist. known_tags: from the bulk index, or NULL; consumed.
 */
int object_read(const struct realm *, struct object *, json_t *take_known_tags,
    struct err *);
/* One of several, and how that went. */
struct look {
	struct object *object;
	json_t *known_tags; /* consumed */
	struct err *err;
	int rc; /* of object_read */
};
/* The same at the cost of one worker: their calls are in flight together.
 * Objects that only a listing tells of are looked up one by one before. What
 * has no answer yet when the realm is cancelled gets ERR_CANCELLED. */
void object_read_many(const struct realm *, struct look *, size_t n);
/* What a listing is asked, and what it cost. */
struct lookup {
	const json_t *parent; /* live state; NULL: of a root type, or of the
				 children of all parents */
	void (*item)(void *arg, json_t *take_item); /* each, normalised */
	void *arg;
	unsigned most;  /* calls that it may take; 0: any number */
	unsigned calls; /* that it took */
	bool dear;      /* it has more pages than that: forget the items */
};
int object_list(const struct realm *, const struct resource_type *,
    struct lookup *, struct err *);
/* What these members say, as one text, to look up by. Caller frees. */
char *object_key(const char *words, const json_t *);
/* Turns an item of the listing into live state: normalised, tags found. */
void object_take_item(struct object *, json_t *take_item);
/* Does the desired or live state ask for one of the type's `more` reads? */
bool object_wants_more(const struct object *);
/* Is this item the object? By the type's key. */
bool object_is_item(const struct object *, const json_t *item);

/* Calls back with what "a.b" leads to, or "a[].b" in every element; NULL for
 * what is not there. */
void object_walk(const json_t *, const char *path,
    void (*found)(void *arg, const json_t *), void *arg);

enum object_state {
	OBJECT_READY,
	OBJECT_PROGRESSING,
	OBJECT_PARKED,
	OBJECT_FAILED
};
/* reason gets "State Pending: ..." when not ready. */
enum object_state object_state(const struct object *, char reason[static 256]);

/* The idempotency token is of the address and the generation (intent.h). */
int object_create(const struct realm *, struct object *, const char *generation,
    struct err *);
/* Makes the calls for `changes` (see diff.h), in the order of the type's
 * updates; *ret_more when an `alone` row asks to look again first. */
int object_update(const struct realm *, struct object *, const json_t *changes,
    bool *ret_more, struct err *);
/* AWS names objects of the type by ids of its own: the new one of a
 * replacement is made while the old one is still there. */
bool object_creates_first(const struct resource_type *);
/* Gives it an address of its own: nobody desires it any more. */
int object_retire(const struct realm *, const struct object *, struct err *);
/* Drains, then removes; "does not exist" is success. */
int object_remove(const struct realm *, struct object *, struct err *);

/* The ARN that the type predicts, from these properties; NULL if it cannot.
 * Any thread. Caller frees. */
char *object_arn(const struct realm *, const struct resource_type *,
    const json_t *props, const json_t *live);
/* The AWS name people know; never NULL. Caller frees. */
char *object_label(
    const struct resource_type *, const json_t *desired, const json_t *live);

#endif
