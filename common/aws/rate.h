/*
 * How many requests per second a service wants from us: unlimited until it
 * throttles, then a token bucket whose rate falls at once and grows back
 * along a cubic, first fast to what was too much, slowly around it, then on.
 * https://datatracker.ietf.org/doc/html/rfc9438 is the idea; the numbers are
 * those of the AWS SDKs' adaptive retries.
 *
 * Pure: time goes in. The owner locks.
 */
#ifndef COMMON_AWS_RATE_H
#define COMMON_AWS_RATE_H

#include <stdbool.h>

struct rate {
	bool limited;    /* it throttled at least once */
	double per_sec;  /* at which tokens come in */
	double tokens;   /* below 0: promised to those who wait */
	double filled;   /* when tokens were counted */
	double too_much; /* rate at the last throttling */
	double when;     /* of the last throttling */
	double measured; /* answers per second, smoothed */
	double window;   /* start of the half second that is counted */
	double answers;  /* in it */
};

/* Takes a token: seconds to wait before sending. */
double rate_take(struct rate *, double now);
/* The request was not sent after all. */
void rate_give_back(struct rate *);
void rate_answered(struct rate *, bool throttled, double now);

#endif
