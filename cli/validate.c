/* validate: every error of the manifests at once, offline. */

#include <stdio.h>

#include "cli/load.h"

static size_t
count_resources(const struct compiled *c, size_t *ret_manifests)
{
	size_t resources = 0;

	*ret_manifests = 0;
	for (size_t i = 0; i < c->n; i++) {
		const struct graph *g = c->list[i].graph;

		/* the Architecture itself is a manifest too */
		*ret_manifests += 1 + (g == NULL ? 0 : g->manifests);
		resources += g == NULL ? 0 : g->n;
	}
	return resources;
}

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static int
report_good(const struct compiled *c)
{
	auto_buf struct buf out = BUF_INIT;
	size_t manifests, resources = count_resources(c, &manifests);

	buf_addf(&out, "%zu manifest%s, %zu resource%s in %zu architecture%s",
	    manifests, plural(manifests), resources, plural(resources), c->n,
	    plural(c->n));
	buf_adds(&out, ": ok\n");
	return print_buf(&out);
}

int
verb_validate(const struct args *args)
{
	struct loaded l;
	int code = load(args, &l);

	if (code == EXIT_OK)
		code = load_errors(&l, NULL) > 0 ? EXIT_ERROR
						 : report_good(&l.compiled);
	loaded_free(&l);
	return code;
}
