/* Clocks and the two ways we write a date: see clock.h. */

#include "common/base/clock.h"
#include "common/base/mem.h"

static double
seconds(clockid_t id)
{
	struct timespec ts;

	must(clock_gettime(id, &ts) == 0);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

double
clock_mono(void)
{
	return seconds(CLOCK_MONOTONIC);
}

double
clock_wall(void)
{
	return seconds(CLOCK_REALTIME);
}

void
clock_add_iso(struct buf *b, double wall)
{
	char text[64];
	time_t t = (time_t)wall;
	struct tm tm;

	must(gmtime_r(&t, &tm) != NULL);
	must(strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) != 0);
	buf_adds(b, text);
}

void
clock_amz(time_t t, char ret[static 17])
{
	struct tm tm;

	must(gmtime_r(&t, &tm) != NULL);
	must(strftime(ret, 17, "%Y%m%dT%H%M%SZ", &tm) == 16);
}
