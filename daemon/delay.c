/* Intervals with jitter and growing pauses: see delay.h. */

#include "daemon/delay.h"
#include "common/base/crypto.h"

double
delay_jitter(double interval_sec, double jitter)
{
	return interval_sec * (1 + jitter * (2 * crypto_jitter() - 1));
}

double
delay_backoff(unsigned failures, double jitter)
{
	double pause = failures >= 10 ? DELAY_MAX_SEC
				      : (double)(1u << failures);

	return delay_jitter(
	    pause > DELAY_MAX_SEC ? DELAY_MAX_SEC : pause, jitter);
}
