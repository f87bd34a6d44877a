/* The tables that all kinds share: see common_fields.h and compile.h. */

#include "common/base/mem.h"
#include "common/manifest/common_fields.h"
#include "common/manifest/compile.h"
#include "common/manifest/module.h"

#include <string.h>

/* ---- uses ---- */

static const struct field uses_env[] = {
	{ "off", F_BOOL, F_LITERAL, .help = "false: no variable" },
	{ "name", F_STRING, F_LITERAL, .min = 1, .max = 128, .form = "env",
	    .help = "in place of the target's name" },
	{ 0 },
};

static const struct field uses_one[] = {
	{ "target", F_REF, F_REQUIRED,
	    .help = "Kind/name of a manifest of this architecture" },
	{ "access", F_STRING, F_REQUIRED | F_LITERAL, .min = 1,
	    .help = "a word of the target's kind, such as read or send" },
	{ "env", F_CHOICE, .fields = uses_env,
	    .help = "start of the names of its environment variables, or "
		    "false for none; the target's name in upper case unless "
		    "said" },
	{ 0 },
};

const struct field uses_fields[] = {
	{ "use", F_OBJECT, .fields = uses_one, .help = "one connection" },
	{ 0 },
};

/* ---- statements ---- */

static const struct field one_text[] = {
	{ "one", F_STRING, .min = 1 },
	{ 0 },
};

static const struct field one_or_more[] = {
	{ "one", F_STRING, .min = 1 },
	{ "more", F_LIST, .min = 1, .fields = one_text },
	{ 0 },
};

static const struct field principals[] = {
	{ "sort", F_CHOICE, .fields = one_or_more },
	{ 0 },
};

static const struct field principal[] = {
	{ "everybody", F_ENUM, .values = "*" },
	{ "some", F_MAP, .min = 1, .fields = principals },
	{ 0 },
};

static const struct field statement[] = {
	{ "Sid", F_STRING, .max = 256, .help = "name of the statement" },
	{ "Effect", F_ENUM, .dflt = "Allow", .values = "Allow Deny",
	    .help = "allow or deny" },
	{ "Principal", F_CHOICE, .fields = principal,
	    .help = "who; of resource policies only" },
	{ "NotPrincipal", F_CHOICE, .fields = principal,
	    .help = "everybody but these; of resource policies only" },
	{ "Action", F_CHOICE, .fields = one_or_more,
	    .help = "actions such as sqs:SendMessage" },
	{ "NotAction", F_CHOICE, .fields = one_or_more,
	    .help = "every action but these" },
	{ "Resource", F_CHOICE, .fields = one_or_more, .help = "ARNs" },
	{ "NotResource", F_CHOICE, .fields = one_or_more,
	    .help = "everything but these" },
	{ "Condition", F_DOCUMENT, .help = "when it holds" },
	{ 0 },
};

const struct field statement_fields[] = {
	{ "statement", F_OBJECT, .fields = statement,
	    .help = "an IAM policy statement" },
	{ 0 },
};

/* ---- every spec ---- */

static const struct field tag_value[] = {
	{ "value", F_STRING, .max = 256, .help = "value of the tag" },
	{ 0 },
};

static const struct field common[] = {
	{ "name", F_STRING, F_FIXED | F_LITERAL, .min = 1, .max = 255,
	    .form = "name",
	    .help = "name in AWS; <architecture>-<metadata.name> unless said" },
	{ "tags", F_MAP, .max = 40, .form = "tag", .fields = tag_value,
	    .help = "tags of its resources, beside the architecture's" },
};

#define COMMON (sizeof(common) / sizeof(common[0]))

static size_t
count(const struct field *fields)
{
	size_t n = 0;

	while (fields[n].name != NULL)
		n++;
	return n;
}

static bool
has(const struct field *fields, const char *name)
{
	for (; fields->name != NULL; fields++) {
		if (strcmp(fields->name, name) == 0)
			return true;
	}
	return false;
}

struct field *
module_fields(const struct module *m)
{
	size_t own = count(m->spec), n = 0;
	struct field *all = mem_array(struct field, COMMON + own + 1);

	for (size_t i = 0; i < COMMON; i++) {
		if (!has(m->spec, common[i].name))
			all[n++] = common[i];
	}
	memcpy(all + n, m->spec, own * sizeof(*all));
	return all;
}

/* ---- metadata ---- */

static const struct field label_value[] = {
	{ "value", F_STRING, F_LITERAL, .max = 1024, .help = "any text" },
	{ 0 },
};

static const struct field ignore_path[] = {
	{ "path", F_STRING, F_LITERAL, .form = "pointer",
	    .help = "a JSON pointer into the manifest" },
	{ 0 },
};

static const struct field policy[] = {
	{ "mode", F_ENUM, F_LITERAL, .values = "enforce approve observe",
	    .help = "as the Architecture's mode, for this manifest" },
	{ "prune", F_ENUM, F_LITERAL, .values = "auto never confirm",
	    .help = "delete it when it leaves Git; auto, or confirm for kinds "
		    "that hold data" },
	{ "replace", F_ENUM, F_LITERAL, .values = "auto never confirm",
	    .help = "delete and make it anew for a change that needs it; "
		    "auto, or never for kinds that hold data" },
	{ "adopt", F_ENUM, F_LITERAL, "never",
	    .values = "never ifExists require",
	    .help = "take over what exists and is not ours; require: and "
		    "make nothing" },
	{ "ignore", F_LIST, F_UNIQUE, .fields = ignore_path,
	    .help = "differences that are left alone" },
	{ "interval", F_DURATION, F_LITERAL, .min = 10, .max = 604800,
	    .help = "how often it is checked; the Architecture's unless said" },
	{ 0 },
};

const struct field metadata_fields[] = {
	{ "name", F_STRING, F_REQUIRED | F_LITERAL, .min = 1, .max = 63,
	    .form = "dns",
	    .help = "unique per kind in its architecture: lower case letters, "
		    "digits and -" },
	{ "labels", F_MAP, .fields = label_value,
	    .help = "for selecting manifests" },
	{ "annotations", F_MAP, .fields = label_value,
	    .help = "notes of people and programs" },
	{ "policy", F_OBJECT, .dflt = "{}", .fields = policy,
	    .help = "what may be done to its resources" },
	{ 0 },
};

/* ---- Architecture ---- */

static const struct field variable[] = {
	{ "value", F_DOCUMENT, .help = "any value" },
	{ 0 },
};

static const struct field guards[] = {
	{ "maxDeletes", F_INT, F_LITERAL, "10", .min = 0, .max = 10000,
	    .help = "a pass that would delete more deletes nothing" },
	{ "maxDeletePercent", F_INT, F_LITERAL, "100", .min = 0, .max = 100,
	    .help = "same, of the resources that exist; the lower of the two "
		    "bounds counts" },
	{ "maxMissingPercent", F_INT, F_LITERAL, "50", .min = 0, .max = 100,
	    .help = "a pass that does not find more of what existed (3 at "
		    "least) writes nothing" },
	{ 0 },
};

const struct field architecture_fields[] = {
	{ "region", F_STRING, F_REQUIRED | F_LITERAL, .form = "region",
	    .help = "AWS region" },
	{ "account", F_STRING, F_LITERAL, .form = "account",
	    .help = "guard: nothing is written to another account" },
	{ "assumeRole", F_STRING, F_LITERAL, .form = "role",
	    .help = "role to work with; the daemon's own unless said" },
	{ "mode", F_ENUM, F_LITERAL, "enforce",
	    .values = "enforce approve observe",
	    .help = "enforce: make AWS true to Git; approve: after approval; "
		    "observe: only look" },
	{ "interval", F_DURATION, F_LITERAL, .min = 10, .max = 604800,
	    .help = "drift check when no event calls earlier; the "
		    "settings' reconcile.interval unless said" },
	{ "tags", F_MAP, .max = 40, .form = "tag", .fields = tag_value,
	    .help = "tags of all resources" },
	{ "variables", F_MAP, .form = "variable", .fields = variable,
	    .help = "${var.name} in the manifests" },
	{ "prune", F_BOOL, F_LITERAL, "true",
	    .help = "delete what leaves Git, as each manifest's policy says" },
	{ "limits", F_OBJECT, .dflt = "{}", .fields = guards,
	    .help = "what one pass may do" },
	{ 0 },
};
