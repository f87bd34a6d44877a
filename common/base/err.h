/*
 * One form for every failure.
 *
 * A function that can fail returns 0 or -1 and fills the struct err that is
 * its last argument. `kind` tells the machine what to do next, `msg` tells a
 * person what happened and what to do. The leaf says what happened, each
 * level above adds what it was doing (err_wrap); nobody logs and returns.
 *
 * Owner: the caller, usually on the stack. Any thread, one at a time.
 */
#ifndef COMMON_BASE_ERR_H
#define COMMON_BASE_ERR_H

#include <stdarg.h>

enum err_kind {
	ERR_NONE,
	ERR_INPUT,     /* manifest, settings or usage: wait for a correction */
	ERR_SYSTEM,    /* file, socket, memory map: errno is in the text */
	ERR_NETWORK,   /* nothing was sent: connect, name, TLS */
	ERR_TRANSIENT, /* 5xx, reset, time-out of a read: try again */
	ERR_THROTTLED, /* slow down; never a verdict */
	ERR_AUTH,      /* credentials missing, expired or wrong */
	ERR_DENIED,    /* credentials good, permission missing */
	ERR_ABSENT,    /* the remote object does not exist */
	ERR_EXISTS,    /* the remote object exists already */
	ERR_BUSY,      /* in use, being changed, not yet propagated */
	ERR_QUOTA,     /* a service quota is reached */
	ERR_TERMINAL,  /* AWS refused the request: the input must change */
	ERR_UNKNOWN,   /* sent, answer unknown: look before acting again */
	ERR_CANCELLED, /* we are shutting down or a newer revision came */
	ERR_REFUSED,   /* a guard of ours said no */
	ERR_BUG        /* an invariant of ours is broken */
};

struct err {
	enum err_kind kind;
	int http;            /* status of an AWS answer, 0 if none */
	char code[96];       /* AWS error code, "" if none */
	char request_id[80]; /* AWS request id, "" if none */
	char msg[1024];      /* always valid UTF-8 */
};

/* Both return -1, so that 'return err_set(...)' is one statement. */
int err_set(struct err *, enum err_kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Prepends "doing x: " to the message. */
int err_wrap(struct err *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* err_set with ": strerror(errno)" behind the text. */
int err_errno(struct err *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* What the analyzer cannot see from here. */
#ifdef __clang_analyzer__
#define err_set(...)   (err_set(__VA_ARGS__), -1)
#define err_wrap(...)  (err_wrap(__VA_ARGS__), -1)
#define err_errno(...) (err_errno(__VA_ARGS__), -1)
#endif

/* "throttled", for logs, metrics and JSON. */
const char *err_kind_name(enum err_kind);

/* Is the same request worth sending again without a change by a person? */
int err_is_retryable(const struct err *);

#endif
