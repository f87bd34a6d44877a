/*
 * What plan and apply share: the good architectures of a source, one pass
 * over each, and the exit code that comes of it. Main thread.
 */
#ifndef CLI_PASSES_H
#define CLI_PASSES_H

#include "cli/load.h"
#include "cli/session.h"

struct passes {
	const struct args *args;
	struct loaded loaded;
	struct session session;
	struct graph **graphs; /* the chosen ones; borrowed from loaded */
	size_t n;
	json_t *told; /* of each resource the last line of progress */
};

/* Fails, having said why, when any chosen manifest is wrong: then nothing is
 * read from AWS. Release with passes_free either way. */
int passes_open(const struct args *, struct passes *ret);
void passes_free(struct passes *);

/* One pass over the i-th architecture; prints and returns the exit code of a
 * pass that could not start. */
int passes_run(struct passes *, size_t i, bool write, double until,
    struct pass_result *ret);

/* The exit code of a report; prints why a pass as a whole failed. */
int passes_code(const json_t *report);
/* The graver of two exit codes: an error hides a refusal hides a wait. */
int passes_graver(int a, int b);

#endif
