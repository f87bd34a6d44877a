/*
 * The state directory: ours alone, mode 0700, locked against a second
 * daemon. What is in it is a cache. Main thread.
 */
#ifndef DAEMON_STATE_H
#define DAEMON_STATE_H

#include "common/base/err.h"

/* Makes the directory if need be. *ret_fd holds the lock until closed. */
int state_open(const char *directory, int *ret_fd, struct err *);

#endif
