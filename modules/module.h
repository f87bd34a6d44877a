/* Everything that a module page includes. */
#ifndef MODULES_MODULE_H
#define MODULES_MODULE_H

#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/crypto.h"
#include "common/base/js.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/engine/type.h"
#include "common/manifest/module.h"

/* ---- help for expand(); modules/help.c. Pure, errors only where said ---- */

/* JSON pointer of base/key/rest, key escaped; caller frees. rest may be "". */
char *module_at(const char *base, const char *key, const char *rest);
/* {"$ref": ["aws", what]}: "account", "region", "partition". */
json_t *module_aws(const char *what);
/* Is `target` "kind/name" of that kind? */
bool module_is(const char *target, const char *kind);

/* The longest AWS name of this kind; adds an error at /name. False if so. */
bool module_name_fits(struct expansion *, const char *aws_name, size_t max);

/* {Version: 2012-10-17, Statement: take_statements}; NULL for an empty one. */
json_t *module_policy(json_t *take_statements);
/* Copies of the statements behind `to`; a statement without Resource gets
 * `self`, one without Sid and Effect is allowed. */
void module_add_statements(
    json_t *to, const json_t *statements, const json_t *self);
/* Denies `action` on self to everybody who does not use TLS. */
json_t *module_tls_only(const char *action, const json_t *self);
/*
 * The statements of a resource that others may use: TLS only (spec.tlsOnly,
 * for `action`), spec.policy, and what peers granted. self: its ARN without
 * ordering. Maybe empty.
 */
json_t *module_resource_statements(
    struct expansion *, const char *action, const json_t *self);

/* A list of strings: the row of its elements. */
extern const struct field module_word[];
/* IAM path of everything of the architecture: "/convergd/shop/". */
json_t *module_path(const struct expansion *);
/* Trust policy for a list of service principals. */
json_t *module_trust(const json_t *services);
/* First n hex digits of the text's SHA-256; caller frees. */
char *module_hash(const char *text, size_t n);

/* The row of a resource policy's statements, until uses.h has it. */
#ifndef FIELD_STATEMENTS
#define FIELD_STATEMENTS                                                       \
	{                                                                      \
		"policy", F_LIST,                                              \
		    .fields = module_statements,                               \
		    .help = "policy statements beside those of connections"    \
	}
extern const struct field module_statements[];
#endif

#endif
