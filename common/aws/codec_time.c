/* Timestamps: ISO 8601, RFC 822 and seconds since 1970. */

#include "common/aws/codec_impl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define USEC 1000000

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char days[] = "SunMonTueWedThuFriSat";

static void
split(int64_t usec, struct tm *ret_tm, int *ret_usec)
{
	int64_t rest = usec % USEC;
	time_t sec = (time_t)(usec / USEC);

	if (rest < 0) {
		rest += USEC;
		sec--;
	}
	gmtime_r(&sec, ret_tm);
	*ret_usec = (int)rest;
}

void
time_add_iso(struct buf *b, int64_t usec, const char *zone)
{
	struct tm tm;
	int rest;

	split(usec, &tm, &rest);
	buf_addf(b, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	if (rest != 0)
		buf_addf(b, ".%06d", rest);
	buf_adds(b, zone);
}

static void
add_http(struct buf *b, int64_t usec)
{
	struct tm tm;
	int rest;

	split(usec, &tm, &rest);
	buf_addf(b, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
	    days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon,
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* Milliseconds are what the services keep. */
static void
add_epoch(struct buf *b, int64_t usec)
{
	int64_t ms = (usec < 0 ? -usec : usec) / 1000;

	buf_addf(b, "%s%lld", usec < 0 ? "-" : "", (long long)(ms / 1000));
	if (ms % 1000 != 0)
		buf_addf(b, ".%03d", (int)(ms % 1000));
}

void
time_add(struct buf *b, uint16_t format, int64_t usec)
{
	if (format == T_EPOCH)
		add_epoch(b, usec);
	else if (format == T_RFC822)
		add_http(b, usec);
	else
		time_add_iso(b, usec, "Z");
}

static bool
from_seconds(double sec, int64_t *ret_usec)
{
	if (!isfinite(sec) || fabs(sec) > 4e11)
		return false;
	*ret_usec = (int64_t)llround(sec * USEC);
	return true;
}

/* ".123456" after the seconds; *s moves behind it. */
static int64_t
fraction(const char **s)
{
	int64_t usec = 0, unit = USEC / 10;

	if (**s != '.' && **s != ',')
		return 0;
	for (++*s; **s >= '0' && **s <= '9'; ++*s, unit /= 10)
		usec += unit * (**s - '0');
	return usec;
}

/* "Z", "", "+01:00", "-0130", " GMT": seconds east of UTC. */
static bool
zone_offset(const char *s, int *ret_sec)
{
	int h = 0, m = 0, end = 0;

	*ret_sec = 0;
	s += strspn(s, " ");
	if (strcmp(s, "Z") == 0 || strcmp(s, "z") == 0 || *s == 0 ||
	    strcmp(s, "GMT") == 0 || strcmp(s, "UTC") == 0)
		return true;
	if (*s != '+' && *s != '-')
		return false;
	if ((sscanf(s + 1, "%2d:%2d%n", &h, &m, &end) < 2 || s[1 + end] != 0) &&
	    (sscanf(s + 1, "%2d%2d%n", &h, &m, &end) < 2 || s[1 + end] != 0))
		return false;
	*ret_sec = (h * 60 + m) * (*s == '-' ? -60 : 60);
	return true;
}

/* The rest of a clock time: "08:00:00.5Z". */
static bool
finish(struct tm *tm, const char *s, int64_t *ret_usec)
{
	int end = 0, east;
	int64_t usec;

	if (sscanf(s, "%2d:%2d:%2d%n", &tm->tm_hour, &tm->tm_min, &tm->tm_sec,
		&end) < 3)
		return false;
	s += end;
	usec = fraction(&s);
	if (!zone_offset(s, &east))
		return false;
	*ret_usec = ((int64_t)timegm(tm) - east) * USEC + usec;
	return true;
}

static bool
from_iso(const char *s, int64_t *ret_usec)
{
	struct tm tm = { 0 };
	int end = 0;

	if (sscanf(s, "%4d-%2d-%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		&end) < 3 ||
	    end < 8)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	s += end;
	if (*s == 0) {
		*ret_usec = (int64_t)timegm(&tm) * USEC;
		return true;
	}
	return (*s == 'T' || *s == 't' || *s == ' ') &&
	       finish(&tm, s + 1, ret_usec);
}

/* "Sun, 25 Jan 2015 08:00:00 GMT" */
static bool
from_http(const char *s, int64_t *ret_usec)
{
	struct tm tm = { 0 };
	char month[4] = "";
	const char *at, *comma = strchr(s, ',');
	int end = 0;

	if (comma == NULL ||
	    sscanf(comma + 1, " %2d %3s %4d %n", &tm.tm_mday, month,
		&tm.tm_year, &end) < 3 ||
	    strlen(month) != 3)
		return false;
	at = strstr(months, month);
	if (at == NULL || (at - months) % 3 != 0)
		return false;
	tm.tm_mon = (int)(at - months) / 3;
	tm.tm_year -= 1900;
	return finish(&tm, comma + 1 + end, ret_usec);
}

bool
time_parse(const char *s, int64_t *ret_usec)
{
	char *end;
	double sec;

	if (from_iso(s, ret_usec) || from_http(s, ret_usec))
		return true;
	sec = strtod(s, &end);
	return end != s && *end == 0 && from_seconds(sec, ret_usec);
}

bool
time_of(const json_t *v, int64_t *ret_usec)
{
	if (json_is_number(v))
		return from_seconds(json_number_value(v), ret_usec);
	return json_is_string(v) && time_parse(js_text(v), ret_usec);
}
