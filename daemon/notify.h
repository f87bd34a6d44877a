/*
 * What the service manager is told; nothing without NOTIFY_SOCKET.
 * Loop's thread. The watchdog is fed by a timer of the loop, so a loop that
 * hangs is found.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <ev.h>

struct notify {
	struct ev_loop *loop;
	ev_timer watchdog;
};

void notify_init(struct notify *, struct ev_loop *);
void notify_fini(struct notify *);
void notify_ready(void);
void notify_reloading(void); /* notify_ready() must follow */
void notify_stopping(void);
void notify_status(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
