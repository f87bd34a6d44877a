/*
 * The published test data beside the checkout, when it is there: the folder
 * $CONVERGD_CONFORMANCE or ../shared/conformance. Tests on it say that they
 * were skipped when it is not.
 */
#ifndef TESTS_UNIT_CONFORMANCE_H
#define TESTS_UNIT_CONFORMANCE_H

#include "common/base/buf.h"
#include "common/base/mem.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The path of a part of it, or NULL after a word about skipping; free it. */
static inline char *
conformance_path(const char *part)
{
	const char *dir = getenv("CONVERGD_CONFORMANCE");
	char *path = mem_fmt(
	    "%s/%s", dir == NULL ? "../shared/conformance" : dir, part);

	if (access(path, R_OK) == 0)
		return path;
	printf("skipped: no conformance data (%s)\n", path);
	free(path);
	return NULL;
}

/* The whole file; false if it cannot be read. */
static inline bool
conformance_read(const char *path, struct buf *ret)
{
	FILE *f = fopen(path, "rb");
	char part[8192];
	size_t n;

	buf_clear(ret);
	if (f == NULL)
		return false;
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(ret, part, n);
	fclose(f);
	return true;
}

#endif
