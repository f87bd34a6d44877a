/*
 * A module: one manifest kind. Its spec is a const table; expand() turns a
 * checked spec into resources. Modules are pure: no thread, socket or loop.
 */
#ifndef COMMON_MANIFEST_MODULE_H
#define COMMON_MANIFEST_MODULE_H

#include <stdbool.h>

#include "common/base/js.h"
#include "common/engine/graph.h"
#include "common/engine/type.h"
#include "common/manifest/common_fields.h"
#include "common/manifest/field.h"

/* ${Kind/name.output}: an attribute of one of the kind's resources. */
struct output {
	const char *name;      /* "url" */
	const char *local;     /* resource within the manifest: "queue" */
	const char *attribute; /* dotted in its live state, or "@arn" */
	const char *help;
};

/* uses: [{target: Kind/name, access: WORD}] in a consumer. One row per
 * access that this kind offers. */
struct connection {
	const char *access;      /* "send" */
	const char *actions;     /* IAM actions: "sqs:SendMessage ..." */
	const char *resources;   /* outputs whose values are the statement's
				    Resource; "arn arn+/index/""*" appends */
	const char *environment; /* "QUEUE_URL=url ...": suffix=output; "" is
				    NAME itself */
	const char *help;
};

struct expansion;

struct module {
	const char *kind;    /* "SqsQueue" */
	const char *folder;  /* "sqs": worker pool, settings, page */
	const char *summary; /* one line */
	const char *page;    /* AWS documentation */
	const struct field *spec;
	const struct output *outputs;
	const struct connection *connections; /* or NULL */
	bool stateful; /* metadata.policy starts with prune: confirm,
			  replace: never */
	/* Before any expand(): gives statements and the like to peers. */
	void (*connect)(struct expansion *);
	/* Adds the resources. Errors go through expansion_error(). */
	void (*expand)(struct expansion *);
};

/* ---- what connect() and expand() see ---- */

struct expansion {
	const struct module *module;
	const char *architecture;
	const char *name;     /* metadata.name */
	const char *aws_name; /* spec.name, or <architecture>-<name> */
	const char *region, *partition;
	const json_t *spec; /* checked, with defaults; references inside */
	const json_t *tags; /* architecture's and the manifest's */
	void *private_;     /* the compiler's */
};

/* Adds "what is wrong; what to do" at spec's pointer ("/deadLetter"). */
void expansion_error(struct expansion *, const char *pointer, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/*
 * A desired resource of this manifest. local: "queue"; the first one added
 * is the kind's main resource. type: name of a registered resource type.
 * props is consumed. The result may be completed (parent, artifact) until
 * the next call.
 */
struct resource *expansion_add(struct expansion *, const char *local,
    const char *type, json_t *take_props);
/* Same, as a child of the resource `parent_local` of this manifest. */
struct resource *expansion_add_child(struct expansion *, const char *local,
    const char *parent_local, const char *type, json_t *take_props);
/* A child of another manifest's resource: "LambdaFunction/f", "function". */
struct resource *expansion_add_to(struct expansion *, const char *local,
    const char *target, const char *target_local, const char *type,
    json_t *take_props);

/* {"$ref": ...} to a resource of this manifest. */
json_t *expansion_own(
    struct expansion *, const char *local, const char *attribute);
/*
 * The value of an output of a F_REF field: a reference for "Kind/name", the
 * text itself for a literal ARN. NULL after adding an error at `pointer`
 * (unknown target, output that the target does not have).
 */
json_t *expansion_output(struct expansion *, const char *pointer,
    const char *target, const char *output);
/* Without ordering: only for outputs that are predictable ARNs. */
json_t *expansion_weak(json_t *take_ref);
/* {"$join": [...]} of an array of texts and references. */
json_t *expansion_join(json_t *take_parts);
/* Spec of another manifest of the architecture, checked; NULL if unknown.
 * Borrowed until this connect() or expand() ends. */
const json_t *expansion_peer(struct expansion *, const char *target);
/* Gives `value` to the target's list `what` ("policy", "permission"); the
 * target reads it back in its expand(). */
void expansion_grant(struct expansion *, const char *target, const char *what,
    json_t *take_value);
/* What peers gave to this manifest; an array, maybe empty; borrowed. */
const json_t *expansion_granted(struct expansion *, const char *what);

/* From this manifest's `uses`: IAM statements, and {NAME: value}. */
json_t *expansion_uses_statements(struct expansion *);
json_t *expansion_uses_environment(struct expansion *);

/* Code: does spec's path exist in the tree, and the hash of its package
 * (base64 SHA-256 of the zip). -1 after adding an error at `pointer`. */
int expansion_code(struct expansion *, const char *pointer, const char *path,
    char **ret_path, char **ret_sha256);
/* A file of the repository as JSON or YAML (OpenAPI and the like). */
int expansion_file(struct expansion *, const char *pointer, const char *path,
    json_t **ret_document, char **ret_text);

#endif
