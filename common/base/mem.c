/* Allocation that cannot fail, and scope-based cleanup: see mem.h. */

#include "common/base/mem.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
mem_must_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: invariant broken: %s\n", file, line, what);
	abort();
}

void *
mem_new(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	must(p != NULL);
	return p;
}

void *
mem_grow(void *take_p, size_t old_size, size_t new_size)
{
	char *p = realloc(take_p, new_size);

	must(p != NULL);
	if (new_size > old_size)
		memset(p + old_size, 0, new_size - old_size);
	return p;
}

char *
mem_strn(const char *s, size_t n)
{
	char *copy = mem_new(n + 1);

	memcpy(copy, s, n);
	return copy;
}

char *
mem_str(const char *s)
{
	return s == NULL ? NULL : mem_strn(s, strlen(s));
}

char *
mem_fmt(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	must(vasprintf(&s, fmt, ap) != -1);
	va_end(ap);
	return s;
}

void
mem_auto_free(void *pp)
{
	free(*(void **)pp);
}

void
mem_auto_close(const int *fd)
{
	if (*fd != -1)
		close(*fd);
}

#define LARGE (128 << 10) /* bytes */

void
mem_setup(void)
{
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, LARGE); /* said, it does not grow */
	mallopt(M_TRIM_THRESHOLD, LARGE);
}

void
mem_trim(void)
{
	malloc_trim(0);
}

void
mem_wipe(void *p, size_t n)
{
	explicit_bzero(p, n);
}
