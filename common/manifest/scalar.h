/*
 * Scalars of the YAML 1.2 core schema. Pure; any thread.
 */
#ifndef COMMON_MANIFEST_SCALAR_H
#define COMMON_MANIFEST_SCALAR_H

#include <stddef.h>

#include "common/base/js.h"

/*
 * What an unquoted scalar is: null, a boolean, a number or a string. NULL
 * when it is a number that JSON or 64 bits cannot hold, or one that people
 * read in two ways; *ret_why then says so.
 */
json_t *scalar_plain(const char *s, size_t n, const char **ret_why);

#endif
