/*
 * Paths within the repository: "/" between names, no "." or "..", "." for
 * the root itself. Pure; any thread.
 */
#ifndef COMMON_MANIFEST_PATH_H
#define COMMON_MANIFEST_PATH_H

#include <stdbool.h>

/* `path` as seen from directory `from`; NULL if it leads outside of the
 * repository. The caller frees it. */
char *path_join(const char *from, const char *path);
/* The directory that holds path. */
char *path_directory(const char *path);
/* Is path the directory or below it? */
bool path_is_below(const char *path, const char *directory);

#endif
