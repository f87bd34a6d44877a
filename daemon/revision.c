/* One commit, compiled and shared: see revision.h. */

#include "daemon/revision.h"
#include "common/loop/pool.h"

#include <stdlib.h>

struct revision {
	struct job job; /* while it compiles */
	struct revision_job o;
	char *path;
	unsigned shares;
	struct tree *tree;
	struct compiled compiled;
};

static void
run(struct job *j)
{
	struct revision *r = (struct revision *)j;

	compile(r->o.registry, r->tree, r->path, &r->compiled);
}

static void
done(struct job *j)
{
	struct revision *r = (struct revision *)j;

	mem_trim();
	r->o.done(r->o.arg, r);
}

struct revision *
revision_compile(const struct revision_job *o)
{
	struct revision *r = mem_of(struct revision);

	r->o = *o;
	r->path = mem_str(o->path);
	r->shares = 1;
	r->tree = o->take_tree;
	r->job.run = run;
	r->job.done = done;
	pool_submit(o->pool, &r->job);
	return r;
}

struct revision *
revision_share(struct revision *r)
{
	r->shares++;
	return r;
}

void
revision_free(struct revision *r)
{
	if (r == NULL || --r->shares > 0)
		return;
	compiled_free(&r->compiled);
	tree_free(r->tree);
	free(r->path);
	free(r);
}

const char *
revision_name(const struct revision *r)
{
	return tree_revision(r->tree);
}

const struct tree *
revision_tree(const struct revision *r)
{
	return r->tree;
}

double
revision_committed(const struct revision *r)
{
	return r->o.committed;
}

struct compiled *
revision_compiled(struct revision *r)
{
	return &r->compiled;
}
