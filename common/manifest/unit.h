/*
 * What compile() works on: private to common/manifest. A unit is one
 * architecture under way; it lives within one call of compile().
 */
#ifndef COMMON_MANIFEST_UNIT_H
#define COMMON_MANIFEST_UNIT_H

#include "common/manifest/compile.h"
#include "common/manifest/reference.h"

struct unit;

/* One manifest of an architecture. */
struct manifest {
	struct unit *unit;
	struct doc *doc;
	const struct module *module; /* NULL: its kind is unknown */
	char *name;                  /* NULL: it has none that is right */
	char *target;                /* "Kind/name", as others call it */
	char *directory;             /* of its file; paths start there */
	char *aws_name;
	int line;              /* of the document */
	struct packed *spec;   /* checked; NULL after errors */
	struct packed *policy; /* metadata.policy with defaults */
	struct packed *tags;
	json_t *grants; /* {what: [values]}, from peers; NULL: none */
	char *main;     /* address of the first resource; NULL: not added yet */
	struct expansion expansion;
};

/* An output that somebody refers to: does its resource exist? */
struct wanted {
	const char *file; /* borrowed from the doc */
	struct place at;
	const struct manifest *target;
	const struct output *output;
};

struct unit {
	const struct registry *registry;
	const struct tree *tree;
	struct doc *doc; /* the Architecture document */
	char *name, *directory;
	json_t *spec;      /* checked; NULL after errors */
	json_t *variables; /* or NULL */
	const char *region;
	struct errors errors;
	struct manifest *list;
	size_t n;
	json_t *index; /* target -> position in list */
	struct graph *graph;
	json_t *addresses; /* set of what was added to the graph */
	json_t *peers;     /* specs that the running connect() or expand() of
			      a module looks at */
	struct wanted *wanted;
	size_t n_wanted;
	json_t *packed;  /* Git's id -> base64 SHA-256 of the package */
	json_t *covered; /* set of paths that manifests name */
};

/* ---- manifest.c ---- */

/* What all documents have; -1 after errors. */
int manifest_envelope(const struct doc *, struct errors *);
/* Metadata, checked; NULL after errors. */
json_t *manifest_metadata(
    const struct scope *, const struct doc *, struct errors *);
/* Kind, name and policy: so that others can refer to it. */
void manifest_open(struct manifest *);
/* Its spec: references, check, connections. After all were opened. */
void manifest_check(struct manifest *);
void manifest_fini(struct manifest *);

/* ---- ignored.c ---- */
/* Does what policy.ignore names exist in the resources that the manifest
 * made, those of the graph from that one on? */
void manifest_check_ignored(const struct manifest *, size_t from);

/* ---- unit.c ---- */

void unit_open(struct unit *); /* checks the Architecture document */
struct manifest *unit_add(struct unit *, struct doc *);
/* Checks all manifests. */
void unit_check(struct unit *);
/* Without errors so far: connects, expands, and makes the graph. */
void unit_expand(struct unit *);
void unit_fini(struct unit *);
struct scope unit_scope(const struct unit *);
/* NULL and *ret_why (free it) if there is none. */
struct manifest *unit_find(
    const struct unit *, const char *target, char **ret_why);
/* The value of target's output, for whoever refers to it at the place. */
json_t *unit_output(struct unit *, const char *target, const char *output,
    const char *file, struct place, char **ret_why);

/* ---- uses.c ---- */

/* Are the targets and words of spec.uses right? */
void uses_check(struct manifest *, const json_t *uses);

#endif
