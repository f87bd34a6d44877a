/*
 * What has been told: the same failure again and again is one line of the log
 * and one row of the history, until something else happens. Loop's thread.
 */
#ifndef DAEMON_TOLD_H
#define DAEMON_TOLD_H

#include "common/engine/pass.h"

/* Is it the failure that was told of this address last? told: address ->
 * text; it is kept up to date. */
bool told_again(json_t *told, const struct pass_event *);
/* Two of {message, requestId}, or NULL: do they say the same, whatever the
 * request ids and numbers in it are? */
bool told_same(const json_t *a, const json_t *b);

#endif
