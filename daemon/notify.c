/* Words for the service manager: see notify.h. */

#include "daemon/notify.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/mem.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define AGAIN_SEC 0.1

/* ---- the socket ---- */

/* A leading "@" is the abstract namespace: a NUL on the wire. */
static bool
find_manager(struct notify *n)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path == NULL ? 0 : strlen(path);

	if (len == 0 || len >= sizeof(n->manager.sun_path) ||
	    strchr("/@", path[0]) == NULL)
		return false;
	n->manager = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(n->manager.sun_path, path, len);
	if (path[0] == '@')
		n->manager.sun_path[0] = 0;
	n->manager_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				     len);
	return true;
}

/* False while the manager's queue is full. One that is gone needs no words. */
static bool
say(const struct notify *n, const char *text)
{
	return sendto(n->fd, text, strlen(text), MSG_NOSIGNAL,
		   (const struct sockaddr *)&n->manager, n->manager_len) >= 0 ||
	       (errno != EAGAIN && errno != ENOBUFS);
}

static void
tell(struct notify *n)
{
	auto_buf struct buf text = BUF_INIT;

	if (n->state != NULL)
		buf_join(&text, n->state, "\n");
	if (n->status != NULL)
		buf_join(&text, "STATUS=", n->status, "\n");
	if (text.len == 0 || !say(n, text.data))
		return;
	free(mem_move(&n->state));
	free(mem_move(&n->status));
	ev_timer_stop(n->loop, &n->again);
}

static void
on_again(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)revents;
	tell(w->data);
}

static void
put(struct notify *n, char **slot, char *take_text)
{
	free(*slot);
	*slot = take_text;
	if (n->fd == -1)
		return;
	ev_timer_again(n->loop, &n->again);
	tell(n);
}

/* ---- the watchdog ---- */

static void
feed(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)revents;
	say(w->data, "WATCHDOG=1");
}

static void
start_watchdog(struct notify *n)
{
	uint64_t usec = 0;
	double half;

	if (sd_watchdog_enabled(0, &usec) <= 0)
		return;
	half = (double)usec / 2e6;
	ev_timer_set(&n->watchdog, half, half);
	ev_timer_start(n->loop, &n->watchdog);
}

void
notify_init(struct notify *n, struct ev_loop *loop)
{
	*n = (struct notify){ .loop = loop, .fd = -1 };
	ev_timer_init(&n->watchdog, feed, 0, 0);
	ev_timer_init(&n->again, on_again, 0, AGAIN_SEC);
	n->watchdog.data = n->again.data = n;
	if (!find_manager(n))
		return;
	n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (n->fd != -1)
		start_watchdog(n);
}

void
notify_fini(struct notify *n)
{
	if (n->loop == NULL)
		return;
	ev_timer_stop(n->loop, &n->watchdog);
	ev_timer_stop(n->loop, &n->again);
	if (n->fd != -1)
		close(n->fd);
	free(n->state);
	free(n->status);
	free(n->last_status);
}

/* ---- the words ---- */

void
notify_ready(struct notify *n)
{
	put(n, &n->state, mem_str("READY=1"));
}

void
notify_reloading(struct notify *n)
{
	put(n, &n->state,
	    mem_fmt("RELOADING=1\nMONOTONIC_USEC=%.0f", clock_mono() * 1e6));
}

void
notify_stopping(struct notify *n)
{
	put(n, &n->state, mem_str("STOPPING=1"));
}

void
notify_status(struct notify *n, const char *text)
{
	if (n->last_status != NULL && strcmp(text, n->last_status) == 0)
		return;
	free(n->last_status);
	n->last_status = mem_str(text);
	put(n, &n->status, mem_str(text));
}
