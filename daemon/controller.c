/* Revisions to targets: see controller.h. */

#include "common/loop/pool.h"
#include "daemon/breaker.h"
#include "daemon/controller_impl.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "daemon/report.h"
#include "daemon/revision.h"
#include "daemon/settings.h"

#include <stdlib.h>
#include <string.h>

static struct target *
find(const struct controller *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(target_name(c->list[i]), name) == 0)
			return c->list[i];
	return NULL;
}

static struct target *
find_or_add(struct controller *c, const char *name)
{
	struct target *t = find(c, name);
	const size_t size = sizeof(*c->list);

	if (t != NULL)
		return t;
	t = target_new(&c->env, name);
	c->list = mem_grow(c->list, c->n * size, (c->n + 1) * size);
	c->list[c->n++] = t;
	return t;
}

/* ---- a revision is compiled ---- */

static void
tell_all(const struct controller *c, const struct compiled *compiled)
{
	struct log_about about = { .revision = revision_name(c->newest) };
	struct errors all = { NULL, 0 };

	compiled_errors(compiled, &all);
	log_errors(c->env.log, LEVEL_ERROR, &about, &all);
	metrics_set(c->env.metrics, M_MANIFEST_ERRORS, (double)all.n, LABELS());
	errors_free(&all);
}

/* Those of an architecture that has a name are in its own status. */
static json_t *
other_errors(const struct compiled *compiled)
{
	json_t *all = target_error_lines(&compiled->errors);

	for (size_t i = 0; i < compiled->n; i++) {
		const struct compiled_architecture *a = &compiled->list[i];
		json_auto_t *its = target_error_lines(&a->errors);

		for (size_t k = 0; a->name == NULL && k < js_len(its); k++)
			js_push(all, js_share(js_at(its, k)));
	}
	return all;
}

static void
log_kept(const struct controller *c, const char *name, const char *what)
{
	struct log_about about = { .architecture = name,
		.revision = revision_name(c->newest) };

	log_at(c->env.log, LEVEL_WARNING, &about, "%s", what);
}

static void
take_architecture(struct controller *c, struct compiled_architecture *a)
{
	struct target *t = a->name == NULL ? NULL : find_or_add(c, a->name);

	if (t == NULL)
		return;
	if (a->graph != NULL) {
		target_want(t, c->newest, a->graph);
		return;
	}
	log_kept(c, a->name,
	    "has errors in this revision; the last good one stays in force");
	target_bad(t, &a->errors);
}

static bool
is_known(const struct compiled *compiled, const char *name)
{
	for (size_t i = 0; i < compiled->n; i++)
		if (compiled->list[i].name != NULL &&
		    strcmp(compiled->list[i].name, name) == 0)
			return true;
	return false;
}

/* A file that cannot be parsed may hide an architecture: only a source
 * without errors proves that one is gone. */
static void
miss(struct controller *c, struct target *t, const struct errors *all)
{
	if (all->n > 0) {
		log_kept(c, target_name(t),
		    "is not found in this revision, which has errors; the "
		    "last good one stays in force");
		target_bad(t, all);
		return;
	}
	log_kept(c, target_name(t),
	    "is not in Git any more: its resources are left alone; remove "
	    "its manifests but keep the Architecture document to delete them");
	target_gone(t);
}

static void
miss_all(struct controller *c, const struct compiled *compiled)
{
	struct errors all = { NULL, 0 };

	compiled_errors(compiled, &all);
	for (size_t i = 0; i < c->n; i++)
		if (!target_is_gone(c->list[i]) &&
		    !is_known(compiled, target_name(c->list[i])))
			miss(c, c->list[i], &all);
	errors_free(&all);
}

static void
forget_gone(struct controller *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct target *t = c->list[i];

		if (!target_is_gone(t) || target_busy(t)) {
			c->list[kept++] = t;
			continue;
		}
		report_forget(c->env.metrics, target_name(t));
		target_free(t);
	}
	c->n = kept;
}

static void
apply(struct controller *c, struct revision *take_r)
{
	struct compiled *compiled = revision_compiled(take_r);

	revision_free(c->newest);
	c->newest = take_r;
	js_replace(&c->errors, other_errors(compiled));
	tell_all(c, compiled);
	for (size_t i = 0; i < compiled->n; i++)
		take_architecture(c, &compiled->list[i]);
	miss_all(c, compiled);
}

static void compile_next(struct controller *);

static void
compiled_done(void *arg, struct revision *r)
{
	struct controller *c = arg;

	c->compiling = NULL;
	if (c->stopped || c->next != NULL)
		revision_free(r);
	else
		apply(c, r);
	compile_next(c);
	forget_gone(c);
	c->env.ended(c->env.arg);
}

static void
compile_next(struct controller *c)
{
	struct revision_job o = {
		.pool = pools_get(c->env.pools, "compile"),
		.registry = c->env.registry,
		.path = c->env.settings->source.path,
		.take_tree = c->next,
		.committed = c->next_committed,
		.done = compiled_done,
		.arg = c,
	};

	if (c->next == NULL || c->compiling != NULL || c->stopped)
		return;
	c->next = NULL;
	c->compiling = revision_compile(&o);
}

void
controller_tree(struct controller *c, struct tree *take_tree, double committed)
{
	tree_free(c->next);
	c->next = take_tree;
	c->next_committed = committed;
	compile_next(c);
}

/* ---- life ---- */

struct controller *
controller_new(const struct target_env *env)
{
	struct controller *c = mem_of(struct controller);

	c->env = *env;
	c->env.breakers = breakers_new();
	return c;
}

void
controller_free(struct controller *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n; i++)
		target_free(c->list[i]);
	free(c->list);
	js_free(c->errors);
	breakers_free(c->env.breakers);
	revision_free(c->compiling);
	revision_free(c->newest);
	tree_free(c->next);
	free(c);
}

void
controller_settings(struct controller *c, const struct settings *s)
{
	c->env.settings = s;
	for (size_t i = 0; i < c->n; i++)
		target_settings(c->list[i]);
}

void
controller_stop(struct controller *c)
{
	c->stopped = true;
	for (size_t i = 0; i < c->n; i++)
		target_stop(c->list[i]);
}

/* ---- requests ---- */

int
controller_ask(struct controller *c, const char *architecture, double since,
    json_t **ret_goals, struct err *err)
{
	json_auto_t *goals = json_object();

	if (architecture != NULL && find(c, architecture) == NULL)
		return controller_unknown(c, architecture, err);
	for (size_t i = 0; i < c->n; i++) {
		const char *name = target_name(c->list[i]);

		if (architecture == NULL || strcmp(name, architecture) == 0)
			js_set(goals, name,
			    json_integer(
				(json_int_t)target_ask(c->list[i], since)));
	}
	*ret_goals = js_move(&goals);
	return 0;
}

bool
controller_reached(const struct controller *c, const json_t *goals)
{
	for (size_t i = 0; i < c->n; i++) {
		const char *name = target_name(c->list[i]);

		if (!target_is_gone(c->list[i]) &&
		    (json_int_t)target_completed(c->list[i]) <
			js_int(goals, name, 0))
			return false;
	}
	return true;
}
