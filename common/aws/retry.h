/*
 * Whether and when the same request is sent again.
 *
 * The decision is pure: state, error and time go in, an action and a wait
 * come out. The quota is shared by the calls of a client to one service and
 * has a lock.
 *
 * A request that may have been carried out is repeated only if that does no
 * harm; otherwise the outcome is ERR_UNKNOWN and the caller looks first.
 */
#ifndef COMMON_AWS_RETRY_H
#define COMMON_AWS_RETRY_H

#include <pthread.h>
#include <stdbool.h>

#include "common/base/err.h"

#define RETRY_TOKENS 500

/* Retries cost tokens, so that a service in trouble is left alone. */
struct retry_quota {
	pthread_mutex_t lock;
	int tokens; /* under the lock */
};
#define RETRY_QUOTA_INIT                                                       \
	{                                                                      \
		PTHREAD_MUTEX_INITIALIZER, RETRY_TOKENS                        \
	}

/* One logical call. */
struct retry {
	struct retry_quota *quota;
	int max_attempts;
	bool read;       /* changes nothing */
	bool repeatable; /* twice does no more than once */
	double deadline; /* clock_mono() */
	int attempt;     /* that is under way, from 1 */
	int extra;       /* attempts that did not count */
	int taken;       /* tokens of the last retry */
	bool refreshed, skewed;
	bool open; /* an attempt may have been carried out */
};

/* What the answer told beside its error. */
struct retry_hint {
	double after_sec; /* Retry-After; negative: none */
	double skew_sec;  /* its Date minus our corrected time; 0: unknown */
};

enum retry_action {
	RETRY_STOP,
	RETRY_AGAIN,   /* after the wait */
	RETRY_REFRESH, /* with fresh credentials, at once */
	RETRY_SKEW     /* with the corrected clock, at once */
};

/* jitter: uniform in [0, 1). Takes tokens for RETRY_AGAIN. */
enum retry_action retry_decide(struct retry *, const struct err *,
    const struct retry_hint *, double now, double jitter, double *ret_wait);
/* The call succeeded: tokens return. */
void retry_succeeded(struct retry *);
/* The last error as the caller must understand it. */
void retry_settle(const struct retry *, struct err *);

/* Operations whose name says that repeating them is harmless. */
bool retry_is_repeatable(const char *operation);

#endif
