/*
 * The HTTP server: pages from a const table, GET and HEAD only.
 *
 * libmicrohttpd without threads of its own: its epoll descriptor is a
 * watcher of the loop. Owner: the daemon; loop's thread.
 */
#ifndef DAEMON_WEB_H
#define DAEMON_WEB_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/mem.h"

struct ev_loop;
struct web;

struct web_answer {
	const char *accept; /* header of the request, or NULL */
	int status;         /* 200 unless the page says otherwise */
	const char *type;   /* text/plain unless the page says otherwise */
	struct buf body;
};

struct web_page {
	const char *path;
	void (*make)(void *arg, struct web_answer *);
};

/* listen: "127.0.0.1:9464", "[::1]:9464", ":9464"; pages end with a NULL
 * path and are given arg. */
int web_new(struct ev_loop *, const char *listen, const struct web_page *,
    void *arg, struct web **ret, struct err *);
/* The address as it came to be: port 0 is a free one. */
const char *web_address(const struct web *);
void web_free(struct web *);
AUTO_DEFINE(struct web, web_free)

#endif
