/* Requests per second: see rate.h. */

#include "common/aws/rate.h"

#include <math.h>

#define BETA    0.7  /* what is left of the rate after throttling */
#define SCALE   0.4  /* of the cubic */
#define MIN     0.5  /* requests per second */
#define SMOOTH  0.8  /* weight of the newest measurement */
#define WINDOW  0.5  /* seconds */
#define AT_MOST 2.0  /* times what was measured */
#define QUIET   60.0 /* seconds without throttling: no limit any more */

static void
fill(struct rate *r, double now)
{
	if (now <= r->filled)
		return;
	r->tokens = fmin(
	    r->tokens + (now - r->filled) * r->per_sec, fmax(r->per_sec, 1));
	r->filled = now;
}

static bool
is_quiet(const struct rate *r, double now)
{
	return now - r->when > QUIET;
}

double
rate_take(struct rate *r, double now)
{
	if (r->limited && is_quiet(r, now))
		r->limited = false;
	if (!r->limited)
		return 0;
	fill(r, now);
	r->tokens -= 1;
	return r->tokens >= 0 ? 0 : -r->tokens / r->per_sec;
}

void
rate_give_back(struct rate *r)
{
	if (r->limited)
		r->tokens += 1;
}

static void
measure(struct rate *r, double now)
{
	double start = floor(now / WINDOW) * WINDOW;

	if (start > r->window) {
		double fresh = r->answers / (start - r->window);

		r->measured = r->window == 0
				  ? fresh
				  : SMOOTH * fresh + (1 - SMOOTH) * r->measured;
		r->window = start;
		r->answers = 0;
	}
	r->answers += 1;
}

/* Of a burst, the half second under way says more than the past. */
static double
current(const struct rate *r)
{
	return fmax(r->measured, r->answers / WINDOW);
}

/* Seconds until the cubic is back at what was too much. */
static double
recovery(const struct rate *r)
{
	return cbrt(r->too_much * (1 - BETA) / SCALE);
}

static double
grown(const struct rate *r, double now)
{
	return SCALE * pow(now - r->when - recovery(r), 3) + r->too_much;
}

void
rate_answered(struct rate *r, bool throttled, double now)
{
	double wanted;

	measure(r, now);
	if (!throttled && !r->limited)
		return;
	/* the rest of a burst says nothing new */
	if (throttled && r->limited && now - r->when < WINDOW)
		return;
	if (!throttled && is_quiet(r, now)) {
		r->limited = false;
		return;
	}
	fill(r, now);
	if (throttled) {
		r->too_much = r->limited ? fmin(current(r), r->per_sec)
					 : current(r);
		r->when = now;
		wanted = r->too_much * BETA;
		if (!r->limited)
			r->filled = now;
		r->limited = true;
	} else {
		wanted = fmin(grown(r, now), AT_MOST * current(r));
	}
	r->per_sec = fmax(wanted, MIN);
	r->tokens = fmin(r->tokens, fmax(r->per_sec, 1));
}
