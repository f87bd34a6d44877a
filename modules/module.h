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
#include "common/manifest/common_fields.h"
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

/*
 * Functions as targets. A function with an alias is called through it, so
 * that rollouts work; the permission then belongs to the alias.
 */
json_t *module_function_arn(
    struct expansion *, const char *at, const char *target);
/* take_props: those of lambda.permission. local names it within x. */
void module_allow_invoke(struct expansion *, const char *local,
    const char *target, json_t *take_props);

/* An output without ordering; the text itself for a literal ARN. NULL after
 * adding an error at `at`. */
json_t *module_weak_output(
    struct expansion *, const char *at, const char *target, const char *output);
/* Days of a retention, checked against those that CloudWatch Logs knows. */
json_t *module_retention_days(struct expansion *, const char *at, int64_t sec);
/* logs.log-group `local` with this name. */
void module_add_log_group(
    struct expansion *, const char *local, const char *name, json_t *take_days);
/* CORS of function URLs and HTTP APIs, from a spec's `cors`; or NULL. */
json_t *module_cors(const json_t *cors);
extern const struct field module_cors_fields[];

#endif
