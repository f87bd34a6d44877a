/* Small files of the state directory: whole and on the disk, or as before. */
#ifndef DAEMON_REPLACE_H
#define DAEMON_REPLACE_H

#include "common/base/err.h"

/* Writes path.new and renames it; path needs a directory in it. 0600. */
int file_replace(const char *path, const char *text, struct err *err);

#endif
