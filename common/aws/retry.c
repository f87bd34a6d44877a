/* Whether and when a request is sent again: see retry.h. */

#include "common/aws/retry.h"
#include "common/base/mem.h"
#include "common/base/text.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define COST_RETRY     14
#define COST_THROTTLED 5
#define BASE_SEC       0.05
#define BASE_THROTTLED 1.0
#define MAX_WAIT_SEC   20.0
#define AFTER_SLACK    5.0   /* a server may not hold us longer than this */
#define SKEW_SEC       240.0 /* AWS tolerates five minutes */

/* Verbs after which the same call again finds nothing left to do. */
static const char repeatable_verbs[] =
    "Delete Put Set Update Modify Tag Untag Remove Attach Detach Associate "
    "Disassociate Deregister Enable Disable Abort Release Subscribe "
    "Unsubscribe Cancel Stop Terminate Change Reset Assume "
    "Copy Upload CompleteMultipart"; /* S3: the last one counts */

bool
retry_is_repeatable(const char *operation)
{
	words_each (repeatable_verbs, w, n) {
		if (strncmp(operation, w, n) == 0 &&
		    isupper((unsigned char)operation[n]))
			return true;
	}
	return false;
}

/* Keys that are over, or that somebody has replaced meanwhile. */
static const char expired_codes[] =
    "ExpiredToken ExpiredTokenException TokenRefreshRequired "
    "InvalidClientTokenId UnrecognizedClientException InvalidAccessKeyId";
/* What a wrong clock may look like. */
static const char skew_codes[] =
    "RequestTimeTooSkewed RequestExpired RequestInTheFuture "
    "InvalidSignatureException SignatureDoesNotMatch AuthFailure";

/* May the request have been carried out? */
static bool
is_open(const struct err *e)
{
	return e->kind == ERR_UNKNOWN || e->kind == ERR_TRANSIENT;
}

static bool
is_worth_it(const struct retry *r, const struct err *e)
{
	if (is_open(e))
		return r->read || r->repeatable;
	return e->kind == ERR_NETWORK || e->kind == ERR_THROTTLED;
}

static bool
take(struct retry *r, int cost)
{
	struct retry_quota *q = r->quota;
	bool enough;

	must(pthread_mutex_lock(&q->lock) == 0);
	enough = q->tokens >= cost;
	if (enough)
		q->tokens -= cost;
	must(pthread_mutex_unlock(&q->lock) == 0);
	if (enough)
		r->taken = cost;
	return enough;
}

void
retry_succeeded(struct retry *r)
{
	struct retry_quota *q = r->quota;

	must(pthread_mutex_lock(&q->lock) == 0);
	q->tokens += r->taken > 0 ? r->taken : 1;
	if (q->tokens > RETRY_TOKENS)
		q->tokens = RETRY_TOKENS;
	must(pthread_mutex_unlock(&q->lock) == 0);
	r->taken = 0;
}

/* Exponential with full jitter; a server's wish counts within limits. */
static double
wait_sec(const struct retry *r, const struct err *e,
    const struct retry_hint *hint, double jitter)
{
	double base = e->kind == ERR_THROTTLED ? BASE_THROTTLED : BASE_SEC;
	int counted = r->attempt - r->extra;
	double t = jitter *
		   fmin(
		       base * (double)(1u << (counted > 20 ? 20 : counted - 1)),
		       MAX_WAIT_SEC);

	if (hint->after_sec < 0)
		return t;
	return fmin(fmax(hint->after_sec, t), t + AFTER_SLACK);
}

static enum retry_action
once(bool *done, struct retry *r, enum retry_action action)
{
	if (*done)
		return RETRY_STOP;
	*done = true;
	r->attempt++;
	r->extra++;
	return action;
}

enum retry_action
retry_decide(struct retry *r, const struct err *e,
    const struct retry_hint *hint, double now, double jitter, double *ret_wait)
{
	double wait;

	*ret_wait = 0;
	r->open |= is_open(e);
	if (now >= r->deadline)
		return RETRY_STOP;
	if (fabs(hint->skew_sec) > SKEW_SEC && words_has(skew_codes, e->code))
		return once(&r->skewed, r, RETRY_SKEW);
	if (words_has(expired_codes, e->code))
		return once(&r->refreshed, r, RETRY_REFRESH);
	wait = wait_sec(r, e, hint, jitter);
	if (!is_worth_it(r, e) || r->attempt - r->extra >= r->max_attempts ||
	    now + wait >= r->deadline)
		return RETRY_STOP;
	if (!take(r, e->kind == ERR_THROTTLED ? COST_THROTTLED : COST_RETRY))
		return RETRY_STOP;
	r->attempt++;
	*ret_wait = wait;
	return RETRY_AGAIN;
}

/* Leaves it open whether an attempt that came before was carried out: what
 * exists already may be what that one has made. */
static bool
is_silent(const struct err *e)
{
	return e->kind == ERR_NETWORK || e->kind == ERR_THROTTLED ||
	       e->kind == ERR_CANCELLED || e->kind == ERR_AUTH ||
	       e->kind == ERR_EXISTS;
}

void
retry_settle(const struct retry *r, struct err *e)
{
	if (is_open(e))
		e->kind = r->read ? ERR_TRANSIENT
			  : r->repeatable && e->kind == ERR_TRANSIENT
			      ? ERR_TRANSIENT
			      : ERR_UNKNOWN;
	else if (r->open && !r->read && is_silent(e))
		e->kind = ERR_UNKNOWN;
}
