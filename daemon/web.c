/* HTTP over libmicrohttpd on the daemon's loop: see web.h. */

#include "daemon/web.h"
#include "daemon/listen.h"

#include <ev.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_CONNECTIONS 64
#define IDLE_SEC        15
#define MEMORY          (16 << 10)

struct web {
	struct ev_loop *loop;
	const struct web_page *pages;
	void *arg;
	struct MHD_Daemon *http;
	struct buf address;
	ev_io io;
	ev_timer timer;
};

static const struct web_page *
find_page(const struct web *w, const char *path)
{
	for (const struct web_page *p = w->pages; p->path != NULL; p++)
		if (strcmp(p->path, path) == 0)
			return p;
	return NULL;
}

static const struct header {
	const char *name, *value;
} headers[] = {
	{ MHD_HTTP_HEADER_CACHE_CONTROL, "no-store" },
	{ "X-Content-Type-Options", "nosniff" },
};

static enum MHD_Result
send_answer(struct MHD_Connection *c, struct web_answer *a)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
	    a->body.len, a->body.data, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	must(r != NULL);
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, a->type);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		MHD_add_response_header(r, headers[i].name, headers[i].value);
	if (a->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(c, (unsigned)a->status, r);
	MHD_destroy_response(r);
	return result;
}

static void
make(const struct web *w, const char *path, const char *method,
    struct web_answer *a)
{
	const struct web_page *page = find_page(w, path);

	if (page == NULL) {
		a->status = MHD_HTTP_NOT_FOUND;
		buf_adds(&a->body, "not found\n");
	} else if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		a->status = MHD_HTTP_METHOD_NOT_ALLOWED;
		buf_adds(&a->body, "only GET and HEAD\n");
	} else {
		page->make(w->arg, a);
	}
}

/* Called with the header first, then for every part of a body, then at its
 * end: a body is read and thrown away. */
static enum MHD_Result
handle(void *arg, struct MHD_Connection *c, const char *path,
    const char *method, const char *version, const char *upload,
    size_t *upload_len, void **seen)
{
	struct web_answer a = { .status = MHD_HTTP_OK,
		.type = "text/plain; charset=utf-8",
		.body = BUF_INIT };
	enum MHD_Result result;

	(void)version, (void)upload;
	if (*seen == NULL || *upload_len > 0) {
		*seen = arg;
		*upload_len = 0;
		return MHD_YES;
	}
	a.accept = MHD_lookup_connection_value(
	    c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	make(arg, path, method, &a);
	result = send_answer(c, &a);
	buf_free(&a.body);
	return result;
}

/* ---- the loop ---- */

static void
turn(struct web *w)
{
	MHD_UNSIGNED_LONG_LONG ms;

	MHD_run(w->http);
	ev_timer_stop(w->loop, &w->timer);
	if (MHD_get_timeout(w->http, &ms) == MHD_YES) {
		ev_timer_set(&w->timer, (double)ms / 1000, 0);
		ev_timer_start(w->loop, &w->timer);
	}
}

static void
readable(struct ev_loop *loop, ev_io *io, int revents)
{
	(void)loop, (void)revents;
	turn(io->data);
}

static void
timed_out(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop, (void)revents;
	turn(timer->data);
}

static int
start_http(struct web *w, int take_fd, struct err *err)
{
	const union MHD_DaemonInfo *info;

	w->http = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, handle, w,
	    MHD_OPTION_LISTEN_SOCKET, take_fd, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)MAX_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)IDLE_SEC, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)MEMORY, MHD_OPTION_END);
	if (w->http == NULL) {
		close(take_fd);
		return err_set(err, ERR_SYSTEM, "cannot start HTTP");
	}
	info = MHD_get_daemon_info(w->http, MHD_DAEMON_INFO_EPOLL_FD);
	must(info != NULL);
	ev_io_init(&w->io, readable, info->epoll_fd, EV_READ);
	w->io.data = w;
	ev_io_start(w->loop, &w->io);
	return 0;
}

int
web_new(struct ev_loop *loop, const char *listen, const struct web_page *pages,
    void *arg, struct web **ret, struct err *err)
{
	auto_of(web_free) struct web *w = mem_of(struct web);
	int fd;

	w->loop = loop;
	w->pages = pages;
	w->arg = arg;
	w->address = (struct buf)BUF_INIT;
	ev_timer_init(&w->timer, timed_out, 0, 0);
	w->timer.data = w;
	if (listen_tcp(listen, &fd, &w->address, err) == -1 ||
	    start_http(w, fd, err) == -1)
		return err_wrap(err, "http.listen");
	*ret = mem_move(&w);
	return 0;
}

const char *
web_address(const struct web *w)
{
	return w->address.data;
}

void
web_free(struct web *w)
{
	if (w == NULL)
		return;
	ev_timer_stop(w->loop, &w->timer);
	ev_io_stop(w->loop, &w->io);
	if (w->http != NULL)
		MHD_stop_daemon(w->http);
	buf_free(&w->address);
	free(w);
}
