/* iam-policy: what AWS must allow, from the tables of resource types. */

#include <string.h>

#include "cli/iam_grants.h"
#include "cli/kinds.h"
#include "cli/load.h"
#include "modules/modules.h"

#define MANAGED_MAX 6144 /* characters of a managed policy, without blanks */

const struct option iam_policy_options[] = {
	{ "read-only", 0, NULL, NULL,
	    "only what looks: for plans and observe mode" },
	{ "architecture", 0, "NAME", NULL, "only this architecture" },
	{ "exact", 0, NULL, NULL,
	    "names as they are now, not all that begin with the "
	    "architecture's" },
	{ "all-kinds", 0, NULL, NULL,
	    "of every kind there is; nothing is compiled" },
	{ 0 },
};

/* White space between its parts does not count. */
static void
check_size(const json_t *document)
{
	auto_free char *text = js_dump(document);
	size_t n = strlen(text);

	if (n > MANAGED_MAX)
		fail(EXIT_OK,
		    "the policy has %zu characters, a managed policy of AWS "
		    "holds %d: put its statements into several, or make one "
		    "of each architecture with --architecture",
		    n, MANAGED_MAX);
}

static int
print_policy(const json_t *grants)
{
	json_auto_t *document = iam_document(grants);

	check_size(document);
	return print_json(document, 2);
}

/* Who calls AWS is the architecture's role, where it has one. */
static void
tell_role(const struct architecture *a)
{
	if (a->assume_role != NULL)
		fail(EXIT_OK,
		    "%s: the policy is for %s; convergd itself needs "
		    "sts:AssumeRole on it",
		    a->name, a->assume_role);
}

static bool
add_architectures(
    const struct args *args, const struct compiled *c, json_t *grants)
{
	const char *only = args_get(args, "architecture");
	bool any = false;

	for (size_t i = 0; i < c->n; i++) {
		const struct graph *g = c->list[i].graph;
		struct iam_scope scope = { .types = modules_registry.types,
			.exact = args_has(args, "exact") };

		if (g == NULL ||
		    (only != NULL && strcmp(g->arch.name, only) != 0))
			continue;
		scope.reads = args_has(args, "read-only") ||
			      strcmp(g->arch.mode, "observe") == 0;
		tell_role(&g->arch);
		iam_grants(&scope, g, grants);
		any = true;
	}
	return any;
}

/* Half a policy would be taken for a whole one: any error is the end. */
static int
of_manifests(const struct args *args)
{
	const char *only = args_get(args, "architecture");
	json_auto_t *grants = json_object();
	struct loaded l;
	int code = load(args, &l);

	if (code == EXIT_OK && load_errors(&l, only) > 0)
		code = EXIT_ERROR;
	else if (code == EXIT_OK &&
		 !add_architectures(args, &l.compiled, grants))
		code = fail(EXIT_ERROR, "no architecture%s%s%s",
		    only ? " `" : "", only ? only : "", only ? "`" : "");
	if (code == EXIT_OK)
		code = print_policy(grants);
	loaded_free(&l);
	return code;
}

int
verb_iam_policy(const struct args *args)
{
	struct iam_scope scope = { .types = modules_registry.types,
		.reads = args_has(args, "read-only") };
	json_auto_t *grants = json_object();

	if (!args_has(args, "all-kinds"))
		return of_manifests(args);
	iam_grants_all(&scope, grants);
	return print_policy(grants);
}
