/* Listening sockets, non-blocking and close-on-exec. Main thread. */
#ifndef DAEMON_LISTEN_H
#define DAEMON_LISTEN_H

#include "common/base/buf.h"
#include "common/base/err.h"

/* "host:port", "[v6]:port", ":port". *ret_address: what it became. */
int listen_tcp(
    const char *text, int *ret_fd, struct buf *ret_address, struct err *);
/*
 * A UNIX stream socket of mode 0660; its directory is made. A socket that
 * nobody listens on is replaced, anything else at the path is an error.
 */
int listen_unix(const char *path, int *ret_fd, struct err *);

#endif
