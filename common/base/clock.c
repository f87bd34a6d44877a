/* Clocks and the two ways we write a date: see clock.h. */

#include "common/base/clock.h"
#include "common/base/mem.h"

#include <string.h>

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

static void
put_two_digits(char *to, int n)
{
	to[0] = (char)('0' + n / 10);
	to[1] = (char)('0' + n % 10);
}

/* By hand: every request is dated several times. */
void
clock_amz(time_t t, char ret[static 17])
{
	struct tm tm;

	must(gmtime_r(&t, &tm) != NULL && tm.tm_year >= -1900 &&
	     tm.tm_year <= 9999 - 1900);
	memcpy(ret, "yyyymmddThhmmssZ", 17);
	put_two_digits(ret, (tm.tm_year + 1900) / 100);
	put_two_digits(ret + 2, (tm.tm_year + 1900) % 100);
	put_two_digits(ret + 4, tm.tm_mon + 1);
	put_two_digits(ret + 6, tm.tm_mday);
	put_two_digits(ret + 9, tm.tm_hour);
	put_two_digits(ret + 11, tm.tm_min);
	put_two_digits(ret + 13, tm.tm_sec);
}
