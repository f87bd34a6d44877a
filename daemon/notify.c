/* sd_notify: see notify.h. */

#include "daemon/notify.h"
#include "common/base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>
#include <time.h>

static void
feed(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)w, (void)revents;
	sd_notify(0, "WATCHDOG=1");
}

void
notify_init(struct notify *n, struct ev_loop *loop)
{
	uint64_t usec = 0;
	double half;

	n->loop = loop;
	ev_timer_init(&n->watchdog, feed, 0, 0);
	if (sd_watchdog_enabled(0, &usec) <= 0)
		return;
	half = (double)usec / 2e6;
	ev_timer_set(&n->watchdog, half, half);
	ev_timer_start(loop, &n->watchdog);
}

void
notify_fini(struct notify *n)
{
	if (n->loop != NULL)
		ev_timer_stop(n->loop, &n->watchdog);
}

void
notify_ready(void)
{
	sd_notify(0, "READY=1");
}

void
notify_reloading(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000);
}

void
notify_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void
notify_status(const char *fmt, ...)
{
	auto_free char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	must(vasprintf(&text, fmt, ap) != -1);
	va_end(ap);
	sd_notifyf(0, "STATUS=%s", text);
}
