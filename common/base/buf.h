/*
 * struct buf: text or bytes that grow.
 *
 * Invariants: data is never NULL, data[len] is always 0 and not counted in
 * len, bytes before it may be anything. buf_take is the only way out.
 * Owner: the scope that declares it (auto_buf); one thread.
 */
#ifndef COMMON_BASE_BUF_H
#define COMMON_BASE_BUF_H

#include <stddef.h>

struct buf {
	char *data;
	size_t len;
	size_t cap; /* 0: data points to a shared empty string */
};

extern char buf_empty[1];
#define BUF_INIT                                                               \
	{                                                                      \
		buf_empty, 0, 0                                                \
	}
#define auto_buf __attribute__((cleanup(buf_free)))

void buf_free(struct buf *);
void buf_clear(struct buf *); /* keeps the memory */
void buf_reserve(struct buf *, size_t more);
void buf_add(struct buf *, const void *, size_t);
void buf_adds(struct buf *, const char *);
/* Several strings in a row: cheaper than a format where it happens often. */
#define buf_join(b, ...)                                                       \
	buf_join_list((b), (const char *const[]){ __VA_ARGS__, NULL })
void buf_join_list(struct buf *, const char *const *strings); /* NULL ends */
void buf_addf(struct buf *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The text becomes the caller's (free it), no larger than it must be; the buf
 * is empty again. */
char *buf_take(struct buf *);

static inline void
buf_addc(struct buf *b, char c)
{
	if (b->len + 1 >= b->cap)
		buf_reserve(b, 1);
	b->data[b->len++] = c;
	b->data[b->len] = 0;
}

#endif
