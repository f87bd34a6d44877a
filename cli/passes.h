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
	const char *installation; /* NULL: the option's, or the default */
	json_t *told; /* of each resource the last line of progress */
};

/* Fails, having said why, when any chosen manifest is wrong: then nothing is
 * read from AWS. Release with passes_free either way. */
int passes_open(const struct args *, struct passes *ret);
/* Same, of what a file names: see planfile.h. */
int passes_open_file(
    const struct args *, const json_t *file, struct passes *ret);
void passes_free(struct passes *);

/* Writing takes a plan that people have agreed to, in every mode but observe;
 * expect: its id, so that no other is carried out, or NULL. */
int passes_write(struct passes *, size_t i, const char *expect, double until,
    struct pass_result *ret);

/* Plans or reports, one of every architecture. */
struct docs {
	struct packed_doc **list;
	size_t n;
};
void docs_add(struct docs *, struct packed_doc *take_doc);
json_t *docs_open(const struct docs *); /* an array of whole trees */
void docs_free(struct docs *);

/* Of an array of whole trees: docs_free. */
struct docs plans_of(const json_t *list);
/* On standard output, as --output says. */
int plans_print(const struct args *, const struct docs *plans);
/* The results that a daemon's answer has, of all or of one architecture, and
 * the exit code that comes of them; as --output says, the whole answer. */
int results_show(const struct args *, const json_t *answer, const char *only);

/* A pass that only looks at the i-th architecture; prints and returns the exit
 * code of a pass that could not start. */
int passes_plan(
    struct passes *, size_t i, double until, struct pass_result *ret);

/* The exit code of a report's head; prints why a pass as a whole failed. */
int passes_code(const json_t *report);
/* The graver of two exit codes: an error hides a refusal hides a wait. */
int passes_graver(int a, int b);

#endif
