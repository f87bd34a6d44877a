/*
 * How many calls are in flight in one account and region, and how fast they
 * go: per service, with reads and writes apart, so that neither waits for the
 * other.
 *
 * Adaptive: throttling halves how many are in flight and slows the rate;
 * both recover. Otherwise only the number in flight is bounded. Any thread.
 */
#ifndef COMMON_AWS_LIMITS_H
#define COMMON_AWS_LIMITS_H

#include <stdbool.h>

#include "common/aws/model.h"
#include "common/aws/retry.h"
#include "common/base/err.h"
#include "common/loop/gate.h"

struct limits;
struct aws_limits;

/* Those of an account, or of whatever stands for one that is not known yet;
 * made on first use, they live as long as the whole. */
struct limits *limits_of(struct aws_limits *, const char *account,
    const char *region, bool adaptive);

struct limits *limits_new(const struct model *, bool adaptive);
void limits_free(struct limits *);

/* One service, reads or writes. */
struct lane;
struct lane *limits_lane(
    struct limits *, const struct model_service *, bool read);

/* What retries of the service may cost; one in trouble costs no other. */
struct retry_quota *limits_quota(struct limits *, const struct model_service *);

/*
 * Waits for a slot and for the rate, until clock_mono(). ERR_THROTTLED: too
 * late, nothing was sent; ERR_CANCELLED: the gate was closed.
 */
int lane_enter(struct lane *, struct gate *, double until, struct err *);
void lane_leave(struct lane *, struct gate *, bool throttled);

/* How many may be in flight, when nothing is throttled. */
int limits_most(const char *service);

#endif
