/*
 * Rows that many kinds share. Const; any thread.
 *
 * Every kind has `name` and `tags` without saying so: module_fields() gives
 * a module's whole spec. FIELD_USES and FIELD_STATEMENTS are for the spec
 * tables of modules that call other services, or have a policy.
 */
#ifndef COMMON_MANIFEST_COMMON_FIELDS_H
#define COMMON_MANIFEST_COMMON_FIELDS_H

#include "common/manifest/field.h"

struct module;

/* uses: [{target: Kind/name, access: WORD, env: NAME or false}] */
extern const struct field uses_fields[];
#define FIELD_USES                                                             \
	{                                                                      \
		.name = "uses", .type = F_LIST, .fields = uses_fields,         \
		.help = "what it may use of other manifests: permission, "     \
			"network and environment come from it"                 \
	}

/* policy: [{Effect, Action, Resource, ...}] */
extern const struct field statement_fields[];
#define FIELD_STATEMENTS                                                       \
	{                                                                      \
		.name = "policy", .type = F_LIST, .fields = statement_fields,  \
		.help = "policy statements beside those of connections"        \
	}

/* Name and tags, then the module's own rows; free() it. A row of the
 * module with one of the names takes the place of the common one. */
struct field *module_fields(const struct module *);

#endif
