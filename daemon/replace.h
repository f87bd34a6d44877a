/*
 * Small files of the state directory: whole and on the disk, or as before.
 * Any thread, one at a time for a path; blocks until the disk has it.
 */
#ifndef DAEMON_REPLACE_H
#define DAEMON_REPLACE_H

#include "common/base/err.h"

/* Writes path.new and renames it; path needs a directory in it. 0600.
 * -1 (ERR_SYSTEM): the old one is still there. */
int file_replace(const char *path, const char *text, struct err *err);

#endif
