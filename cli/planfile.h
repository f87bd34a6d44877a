/*
 * Saved plans: a file with plans, and where their manifests were found.
 *
 *	{"format": "convergd-plan/1", "installation", "source", "branch",
 *	 "directory", "plans": [...]}	see pass_plan()
 */
#ifndef CLI_PLANFILE_H
#define CLI_PLANFILE_H

#include "cli/load.h"

/* Writes it for its owner alone: a plan may hold what is nobody's business.
 * Prints what went wrong; the exit code. */
int planfile_write(const struct args *, const char *path, const json_t *plans);
/* Is the word a file, then, and not a directory of manifests? */
bool planfile_is(const char *path);
int planfile_read(const char *path, json_t **ret);

#endif
