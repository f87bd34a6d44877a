/*
 * Secrets of the settings: read from files, never written anywhere.
 *
 * A word that starts with '/' is a file; any other is the name of a systemd
 * credential in $CREDENTIALS_DIRECTORY. Any thread.
 */
#ifndef DAEMON_SECRET_H
#define DAEMON_SECRET_H

#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/err.h"

/* The file that word means; word NULL: *ret stays NULL. Caller frees. */
int secret_path(const char *word, char **ret, struct err *);
/* Its content without the last line's end: one line, not empty. */
int secret_read(const char *word, char **ret, struct err *);
/* Wipes; NULL is accepted. */
void secret_wipe(char *);

#endif
