/*
 * The part of the daemon's status that ARCH[/KIND/NAME] means. Pure but for
 * status_unknown(), which prints.
 */
#ifndef CLI_STATUS_FILTER_H
#define CLI_STATUS_FILTER_H

#include "cli/cli.h"

/* The word, without the trailing slash of completion; NULL: everything. Caller
 * frees. */
char *status_filter(const struct args *);
/* Is there such a thing? An architecture without resources may get any. */
bool status_has(const json_t *answer, const char *filter);
/* Says that there is none, and what may have been meant. */
int status_unknown(const json_t *answer, const char *filter);
/* The answer with only the chosen architectures and resources. They are
 * shared, not copied. */
json_t *status_chosen(const json_t *answer, const char *filter);

#endif
