/*
 * A resource type: the declarative description of how AWS objects of one
 * sort are read, compared, created, changed and deleted. Types are const
 * tables, for any thread; a hook in C is right where a word would serve one
 * type only.
 *
 * Requests are templates: relaxed JSON with variables (template.h).
 *	{QueueUrl: $QueueUrl, AttributeNames: [All]}
 * A member whose variable has no value is left out. Variables are looked up
 * in the desired properties, then in the live state; besides there are
 *	$parent.X	live state of the parent resource
 *	$all		desired properties in wire form
 *	$rest		those of $all that the template does not name itself
 *	$settable	those of $all that are not P_FIXED
 *	$changes	the properties that differ, in wire form; removed ones
 *			with their `unset` value
 *	$name $value	the property, entry or element that `each` is about
 *	$tags $keys	tags to set, in the shape of `tags`; tag keys to remove
 *	$token		idempotency token: of a create stable for address and
 *			generation (intent.h), else for address and wish
 *	$artifact	packed code, base64
 *	$arn $account $region $partition $address $architecture
 */
#ifndef COMMON_ENGINE_TYPE_H
#define COMMON_ENGINE_TYPE_H

#include <stdbool.h>

#include "common/base/js.h"

struct call {
	const char *op;      /* name in the API model */
	const char *input;   /* template; NULL: no members */
	const char *take;    /* dotted path of what is wanted; NULL: all of it.
				In `read`, of an array: the element with our
				key; none: it does not exist */
	const char *put;     /* member of the live state it becomes; NULL: its
				members join the live state */
	const char *absent;  /* codes that mean "does not exist", beside the
				client's own class; in `more`: codes that mean
				that there is no such part (any other absence is
				the whole resource's) */
	const char *if_any;  /* only when one of these members is desired */
	const char *each;    /* in `more`: once for each element of this array
				of the live state, as $value; `put` becomes the
				array of what they took */
	bool listed;         /* in `more`: a full listing shows it, too */
	const char *service; /* another's, as the client names it; NULL: the
				type's */
};

/* Many resources from one (paged) call. */
struct listing {
	const char *op, *input;
	const char *items; /* dotted path of the array in the answer */
	const char *held;  /* member of the parent's live state; where it is
			      there, it holds the items, and nobody asks */
	const char *text;  /* member of the answer that is a document as
			      text: `items` is a path within it */
	const char *wrap;  /* items are strings: the member they become */
	bool full;         /* an item is the whole state: no read needed, but
			      `more` where it is wanted */
	unsigned from;     /* worth it from so many desired resources on, as
			      long as it takes no more calls than they do */
	/* Children: one listing shows those of all parents; `input` has no
	 * parent then. An item belongs to the parent whose attributes
	 * `owner_is` equal its `owner`, word by word; of an array, one of its
	 * elements does. */
	const char *wide; /* operation */
	const char *owner, *owner_is;
};

enum wire {
	W_SAME,
	W_TEXT, /* numbers and booleans as strings */
	W_JSON, /* a document as text */
};

enum compare {
	C_EXACT,  /* deep, numbers equal their text */
	C_SUBSET, /* only the members that are desired; absent live members
		     equal false, 0, "", [] and {} */
	C_LEAN,   /* all members; absent ones equal false, 0, "", [] and {} */
	C_SET,    /* array without order */
	C_POLICY, /* IAM policy document, by meaning */
	C_NOCASE,
};

enum {
	P_FIXED = 1,        /* cannot change: replace */
	P_WRITE_ONLY = 2,   /* never in an answer: not compared */
	P_SECRET = 4,       /* compared, never shown */
	P_OURS = 8,         /* ours alone: not part of $all, $rest, $settable */
	P_UNMANAGED = 16,   /* when not desired, whatever is live is right */
	P_HANDED_OVER = 32, /* set at creation, then owned by AWS */
	P_IF_TOLD = 64,     /* some endpoints of others take it and never show
			       it: there its absence says nothing until one
			       answer has told it; at AWS it means "not set" */
	P_LOOSE = 128,      /* names what need not exist: no order follows */
};

struct property {
	const char *name; /* member in the shape of the API's own input */
	enum wire wire;
	enum compare same;
	unsigned flags;
	const char *dflt;  /* JSON text: what an absent live value means, and
			      what is wanted when nothing is desired */
	const char *unset; /* JSON text of the wire value that removes it */
	const char *key;   /* array of objects: the member that names each;
			      "*": an object whose members are the entries.
			      `wire` and `same` are then about every entry */
	const char *risk;  /* what makes a difference grave: "more", a live
			      entry that nobody wants; else JSON text of the
			      live value that is less safe, "null" for none.
			      Policies need no word: see severity.h */
};

enum { ON_ADD = 1, ON_CHANGE = 2, ON_REMOVE = 4 };

/* A call that removes differences. Rows are tried in their order. */
struct update {
	const char *op, *input;
	const char *of; /* properties it is for; NULL: all that no row names */
	unsigned on;    /* ON_ADD | ...; 0: all three */
	bool each;      /* a call for every property, or for every entry when
			   the property is a collection (map, set, keyed) */
	bool alone;     /* one call, then look at the live state again */
};

/* All rows must be ready; any that failed fails. */
struct state {
	const char *path; /* dotted in the live state; "a[].b": every element */
	const char *ready, *failed; /* words; others are progress */
	const char *parked; /* words: not ready, and only a person can change
			       that: nothing waits for it */
	const char *reason; /* path of AWS's explanation */
};

enum tag_shape {
	TAGS_NONE,
	TAGS_MAP,       /* {k: v} */
	TAGS_KEY_VALUE, /* [{Key: k, Value: v}] */
	TAGS_key_value, /* [{key: k, value: v}] */
};

struct tagging {
	enum tag_shape shape;
	const char *at;     /* member of the live state that holds them */
	struct call list;   /* when neither `at` nor the bulk index knows */
	struct call add;    /* $tags */
	struct call remove; /* $keys */
	bool on_create;     /* the create call has $tags */
	bool indexed;       /* GetResources of the tagging API knows the type */
};

/* "not yet": an error that only time cures (propagation, cool-down). */
struct patience {
	const char *code; /* AWS error code */
	const char *text; /* part of the message; NULL: any */
	int sec;          /* how long it may last */
};

/* What IAM asks for beside a permission for every call of the type. */
struct permission {
	const char *actions; /* words: "iam:PassRole" */
	const char *on; /* template of an ARN, from the desired properties; no
			   value: not needed. NULL: the object itself */
	const char *if_any; /* only when one of these properties is desired */
	const char *key, *value; /* condition StringEquals, or NULL */
	bool reads;              /* looking needs it, too */
};

struct resource_type {
	const char *name;    /* "sqs.queue" */
	const char *service; /* "sqs", as the client names it */
	const char *page;    /* the AWS page it follows */
	const char *region;  /* "us-east-1" for types that live there only */
	const char *label;   /* template of the AWS name that people know */
	const char *key;     /* properties that identify it within account
				and region, or within its parent; "@address":
				found by its address tag */
	const char *id;      /* of a key "@address": the member of the live
				state that AWS names it by */
	const char *arn;     /* template in quotes; NULL: no ARN */
	const char *parent;  /* name of the parent's type; NULL: a root */
	bool outlives;       /* is not deleted together with its parent; with
				an indexed ARN found without one */
	bool exclusive;      /* children that nobody desired are drift; one in
				progress is left alone until it settles. A
				type without key, of which a parent has one at
				most, is looked for at every revision, every
				hour, and beside another that nobody desired */
	bool recorded;       /* exclusive once Git wanted one: a tag of the
				root says so, and spares the look where never */
	bool history;        /* children that Git wanted once stay: that they
				are there is nothing to report */
	bool stateful;       /* holds data: no prune, no replace without
				approval */
	bool adopts;         /* AWS may make it first: ours when untagged */
	bool grants;         /* lets somebody in: one that nobody desires is
				a grave difference */
	bool doubles;        /* AWS holds neither a name unique nor a token:
				a create that is sent twice makes two */

	struct listing list;
	struct listing also; /* shows what `list` does not, joined by `key` */
	struct call find;    /* gives what `read` needs when neither listing
				nor an earlier pass told */
	struct call read;    /* by name or by what listing and find gave */
	struct call more[4]; /* further reads */
	struct call create;
	const struct update *updates;
	const char *drain; /* properties to empty before remove */
	const char
	    *beside; /* paths in the live state, as in `states`, of what
			others may add to it and no property manages:
			texts, or numbers of such; shown, never touched */
	struct call remove;

	const struct state *states;
	struct tagging tags;
	const struct property *properties;
	const struct patience *patience;
	const struct permission *permissions; /* beside those of its calls */

	/* Turns what AWS answered into the shape of `properties`: every listed
	 * item before its key is looked at, and the whole state in the end, so
	 * it may see its own result again. */
	void (*normalise)(json_t *live);
	/* Completes the desired properties (after references resolved). */
	void (*complete)(json_t *desired, const json_t *live);
};

#endif
