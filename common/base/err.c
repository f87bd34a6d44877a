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

/* Bytes of the UTF-8 sequence at s; 0 if it is none, or cut short. */
static size_t
sequence(const unsigned char *s)
{
	size_t n = s[0] < 0x80   ? 1
		   : s[0] < 0xc2 ? 0
		   : s[0] < 0xe0 ? 2
		   : s[0] < 0xf0 ? 3
		   : s[0] < 0xf5 ? 4
				 : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* overlong, half a surrogate, beyond U+10FFFF */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* Messages quote foreign bytes and are cut at a fixed length, yet go into
 * JSON: what is not UTF-8 becomes '?'. */
static void
keep_utf8(char *msg)
{
	for (size_t n; *msg != 0; msg += n) {
		n = sequence((unsigned char *)msg);
		if (n == 0) {
			*msg = '?';
			n = 1;
		}
	}
}

static void
err_vset(struct err *err, enum err_kind kind, const char *fmt, va_list ap)
{
	memset(err, 0, sizeof(*err));
	err->kind = kind;
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	keep_utf8(err->msg);
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
	keep_utf8(err->msg);
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
