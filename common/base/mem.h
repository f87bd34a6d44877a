/*
 * Memory and scope: allocation that cannot fail, owners that clean up.
 *
 * Out of memory aborts in one place: the service manager restarts us and
 * reconciling is idempotent, so no code path has to handle it. Any thread.
 */
#ifndef COMMON_BASE_MEM_H
#define COMMON_BASE_MEM_H

#include <stddef.h>

/* All three abort instead of returning NULL; memory is zeroed. */
void *mem_new(size_t size);
void *mem_grow(void *take_p, size_t old_size, size_t new_size);
char *mem_str(const char *); /* a copy; NULL gives NULL */
char *mem_strn(const char *, size_t);
char *mem_fmt(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define mem_of(type)       ((type *)mem_new(sizeof(type)))
#define mem_array(type, n) ((type *)mem_new(sizeof(type) * (n)))

/* Returns *p and sets it to NULL: giving away is visible at the call. */
#define mem_move(p)                                                            \
	({                                                                     \
		__typeof__(*(p)) moved_ = *(p);                                \
		*(p) = NULL;                                                   \
		moved_;                                                        \
	})

/* auto_free char *s = NULL; is released on every exit of its scope. */
void mem_auto_free(void *pp);
#define auto_free __attribute__((cleanup(mem_auto_free)))
void mem_auto_close(const int *fd);
#define auto_fd __attribute__((cleanup(mem_auto_close)))

/* auto_of(x_free) struct x *x = NULL; for any "void x_free(struct x *)". */
#define AUTO_DEFINE(type, fn)                                                  \
	static inline void fn##_auto(type **p)                                 \
	{                                                                      \
		fn(*p);                                                        \
	}
#define auto_of(fn) __attribute__((cleanup(fn##_auto)))

/*
 * How this process holds memory: one heap for all threads, large blocks apart.
 * A heap for each thread, or for two, would keep what its busiest moment
 * needed. First thing in main().
 */
void mem_setup(void);
/* Gives what is free back to the system: after work that needed much. */
void mem_trim(void);

/* Wipes, in a way the compiler cannot remove. */
void mem_wipe(void *, size_t);

/* Stops the process when an invariant of ours, or of the system, is broken. */
#define must(x) ((x) ? (void)0 : mem_must_failed(#x, __FILE__, __LINE__))
_Noreturn void mem_must_failed(const char *what, const char *file, int line);

#endif
