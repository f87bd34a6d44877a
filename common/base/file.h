/*
 * A file whose bytes are sent, hashed or encoded from where they are: it may
 * be larger than the memory. Its length is that of the moment it was opened.
 * Read-only then: any thread.
 */
#ifndef COMMON_BASE_FILE_H
#define COMMON_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/err.h"

struct file {
	int fd; /* -1: none */
	size_t len;
	char *path;
};
#define FILE_INIT                                                              \
	{                                                                      \
		.fd = -1                                                       \
	}

/* Only regular files; ERR_INPUT names the path. */
int file_open(const char *path, struct file *ret, struct err *);
void file_close(struct file *);
static inline bool
file_is_open(const struct file *f)
{
	return f->fd != -1;
}

/* Exactly n bytes from a place on; ERR_INPUT if it is too short by now. */
int file_read_at(
    const struct file *, size_t at, void *to, size_t n, struct err *);
/* All of it, piece by piece. */
int file_each(const struct file *,
    void (*piece)(void *arg, const void *data, size_t n), void *arg,
    struct err *);

/* A whole regular file; more than max bytes is an error. Errors do not name
 * it: the caller does. */
int file_read(const char *path, size_t max, struct buf *ret, struct err *);

#endif
