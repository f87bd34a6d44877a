/*
 * A scripted HTTP server on the loopback address, for tests.
 *
 * One thread accepts, one thread per connection reads requests and asks
 * answer() for the raw reply. answer() runs on those threads, one at a time
 * (under the lock). False closes the connection after the reply.
 */
#ifndef TESTS_UNIT_LOOPBACK_H
#define TESTS_UNIT_LOOPBACK_H

#include "common/base/buf.h"
#include "common/base/mem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct loopback {
	bool (*answer)(
	    struct loopback *, const char *request, struct buf *reply);
	void *arg;
	int port;
	unsigned requests, connections, open; /* under the lock */
	bool reset; /* close without a reply means a reset; under the lock */
	pthread_mutex_t lock;
	pthread_cond_t closed;
	int fd;
	pthread_t thread;
};

struct loopback_conn {
	struct loopback *server;
	int fd;
};

/* A whole request is in b: its length, or 0. */
static inline size_t
loopback_whole(const struct buf *b)
{
	const char *end = strstr(b->data, "\r\n\r\n");
	const char *len = strcasestr(b->data, "\r\nContent-Length:");
	size_t n;

	if (end == NULL)
		return 0;
	n = (size_t)(end - b->data) + 4;
	if (len != NULL && len < end)
		n += strtoul(len + 17, NULL, 10);
	return n <= b->len ? n : 0;
}

static inline void *
loopback_serve(void *arg)
{
	struct loopback_conn *c = arg;
	auto_buf struct buf in = BUF_INIT, out = BUF_INIT;
	bool keep = true;
	char part[4096];
	ssize_t n;

	while (keep && (n = read(c->fd, part, sizeof(part))) > 0) {
		buf_add(&in, part, (size_t)n);
		if (loopback_whole(&in) == 0)
			continue;
		pthread_mutex_lock(&c->server->lock);
		c->server->requests++;
		keep = c->server->answer(c->server, in.data, &out);
		pthread_mutex_unlock(&c->server->lock);
		for (size_t at = 0; at < out.len; at += (size_t)n) {
			n = send(
			    c->fd, out.data + at, out.len - at, MSG_NOSIGNAL);
			if (n <= 0)
				break;
		}
		buf_clear(&in);
		buf_clear(&out);
	}
	pthread_mutex_lock(&c->server->lock);
	if (c->server->reset && !keep)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER,
		    &(struct linger){ .l_onoff = 1 }, sizeof(struct linger));
	close(c->fd);
	c->server->open--;
	pthread_cond_signal(&c->server->closed);
	pthread_mutex_unlock(&c->server->lock);
	free(c);
	return NULL;
}

static inline void *
loopback_accept(void *arg)
{
	struct loopback *s = arg;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) != -1) {
		struct loopback_conn *c = mem_of(struct loopback_conn);
		pthread_t t;

		c->server = s;
		c->fd = fd;
		pthread_mutex_lock(&s->lock);
		s->connections++;
		s->open++;
		pthread_mutex_unlock(&s->lock);
		must(pthread_create(&t, NULL, loopback_serve, c) == 0);
		pthread_detach(t);
	}
	return NULL;
}

static inline void
loopback_start(struct loopback *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	must(pthread_mutex_init(&s->lock, NULL) == 0);
	must(pthread_cond_init(&s->closed, NULL) == 0);
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	must(bind(s->fd, (struct sockaddr *)&a, len) == 0);
	must(listen(s->fd, 64) == 0);
	must(getsockname(s->fd, (struct sockaddr *)&a, &len) == 0);
	s->port = ntohs(a.sin_port);
	must(pthread_create(&s->thread, NULL, loopback_accept, s) == 0);
}

/* Waits until the clients have closed their connections. */
static inline void
loopback_stop(struct loopback *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
	pthread_mutex_lock(&s->lock);
	while (s->open > 0)
		pthread_cond_wait(&s->closed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

/* How many came so far. */
static inline unsigned
loopback_requests(struct loopback *s)
{
	unsigned n;

	pthread_mutex_lock(&s->lock);
	n = s->requests;
	pthread_mutex_unlock(&s->lock);
	return n;
}

static inline unsigned
loopback_connections(struct loopback *s)
{
	unsigned n;

	pthread_mutex_lock(&s->lock);
	n = s->connections;
	pthread_mutex_unlock(&s->lock);
	return n;
}

static inline void
loopback_reply(
    struct buf *reply, int status, const char *headers, const char *body)
{
	buf_addf(reply,
	    "HTTP/1.1 %d Scripted\r\nContent-Length: %zu\r\n%s\r\n%s", status,
	    strlen(body), headers, body);
}

#endif
