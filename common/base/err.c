/* The one form of failure: see err.h. */

#include "common/base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The analyzer's view of them is in the way of defining them. */
#undef err_set
#undef err_wrap
#undef err_errno

static const struct {
	const char *name;
	int retryable;
} kinds[] = {
	[ERR_NONE] = { "none", 0 },
	[ERR_INPUT] = { "input", 0 },
	[ERR_SYSTEM] = { "system", 1 },
	[ERR_NETWORK] = { "network", 1 },
	[ERR_TRANSIENT] = { "transient", 1 },
	[ERR_THROTTLED] = { "throttled", 1 },
	[ERR_AUTH] = { "auth", 1 },
	[ERR_DENIED] = { "denied", 1 },
	[ERR_ABSENT] = { "absent", 0 },
	[ERR_EXISTS] = { "exists", 0 },
	[ERR_BUSY] = { "busy", 1 },
	[ERR_QUOTA] = { "quota", 1 },
	[ERR_TERMINAL] = { "terminal", 0 },
	[ERR_UNKNOWN] = { "unknown-outcome", 1 },
	[ERR_CANCELLED] = { "cancelled", 1 },
	[ERR_REFUSED] = { "refused", 0 },
	[ERR_BUG] = { "bug", 0 },
};

static void
err_vset(struct err *err, enum err_kind kind, const char *fmt, va_list ap)
{
	memset(err, 0, sizeof(*err));
	err->kind = kind;
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
}

int
err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(err, kind, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_wrap(struct err *err, const char *fmt, ...)
{
	char old[sizeof(err->msg)];
	va_list ap;
	size_t n;

	memcpy(old, err->msg, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	n = strlen(err->msg);
	snprintf(err->msg + n, sizeof(err->msg) - n, ": %s", old);
	return -1;
}

int
err_errno(struct err *err, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	err_vset(err, ERR_SYSTEM, fmt, ap);
	va_end(ap);
	n = strlen(err->msg);
	snprintf(err->msg + n, sizeof(err->msg) - n, ": %s", strerror(saved));
	return -1;
}

const char *
err_kind_name(enum err_kind kind)
{
	return kinds[kind].name;
}

int
err_is_retryable(const struct err *err)
{
	return kinds[err->kind].retryable;
}
