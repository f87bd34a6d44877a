/*
 * One question to the daemon over its control socket: a line of JSON each
 * way. Main thread; blocks.
 */
#ifndef CLI_CONTROL_H
#define CLI_CONTROL_H

#include "cli/cli.h"

/*
 * Sends {"command": ...} and waits for the answer, at most timeout_sec (0:
 * for ever). Prints what went wrong and returns EXIT_UNREACHABLE,
 * EXIT_NO_PERMISSION, EXIT_TIMED_OUT, or EXIT_ERROR when the daemon says no.
 */
int control_ask(const struct args *, const json_t *request, double timeout_sec,
    json_t **ret_answer);

#endif
