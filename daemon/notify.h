/*
 * What the service manager is told, over the datagram socket that
 * NOTIFY_SOCKET names; nothing without it. See sd_notify(3).
 *
 * Owner: the daemon; loop's thread. A manager that does not read never stops
 * the loop: what it could not take is told as soon as it reads again, by then
 * only the newest state and the newest status. A status is told once.
 * The watchdog is fed by a timer of the loop, so a loop that hangs is found.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <ev.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
	struct ev_loop *loop;
	int fd; /* -1: nobody wants to hear */
	struct sockaddr_un manager;
	socklen_t manager_len;
	ev_timer watchdog;
	ev_timer again;       /* runs while something is not told */
	char *state, *status; /* not told yet, or NULL */
	char *last_status;    /* of all, or NULL */
};

void notify_init(struct notify *, struct ev_loop *);
/* The loop must still be there. A zeroed one is fine. */
void notify_fini(struct notify *);
void notify_ready(struct notify *);
void notify_reloading(struct notify *); /* notify_ready() must follow */
void notify_stopping(struct notify *);
void notify_status(struct notify *, const char *text); /* one line */

#endif
