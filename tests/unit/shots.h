/*
 * Requests of workers to a scripted server, for tests of the transport.
 */
#ifndef TESTS_UNIT_SHOTS_H
#define TESTS_UNIT_SHOTS_H

#include "common/loop/http.h"
#include "common/loop/pool.h"
#include "tests/unit/loopback.h"

#include <ev.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Replies by the first letter behind "METHOD /". */
static inline bool
answer(struct loopback *s, const char *request, struct buf *reply)
{
	const char *path = strchr(request, '/') + 1;
	bool is_head = strncmp(request, "HEAD ", 5) == 0;

	switch (*path) {
	case 'd': /* drop: no answer at all */
		return false;
	case 'h': /* half an answer */
		buf_adds(reply,
		    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
		return false;
	case 's': /* silence, the client gives up */
		pthread_mutex_unlock(&s->lock);
		usleep(400000);
		pthread_mutex_lock(&s->lock);
		return false;
	case 'r':
		loopback_reply(
		    reply, 301, "Location: http://127.0.0.1:1/\r\n", "moved");
		return true;
	case 'c':
		buf_adds(reply, "HTTP/1.1 103 Early\r\nX-Early: 1\r\n\r\n");
		loopback_reply(reply, 200, "X-Late:  a  \r\n", "ok");
		return true;
	case 'f': /* the first request of a connection only */
		if (s->requests > 1)
			return false;
		loopback_reply(reply, 200, "", "first");
		return true;
	case 'w': /* wait a little, so that others come meanwhile */
		pthread_mutex_unlock(&s->lock);
		usleep(50000);
		pthread_mutex_lock(&s->lock);
		__attribute__((fallthrough));
	case 'n':
		buf_adds(reply, "HTTP/1.1 204 No Content\r\n\r\n");
		return true;
	default: /* echo */
		if (is_head)
			buf_adds(reply,
			    "HTTP/1.1 404 No\r\nContent-Length: 9\r\n\r\n");
		else
			loopback_reply(reply, 200, "X-Two: b\r\n", request);
		return true;
	}
}

struct shot {
	struct job job;
	struct http *http;
	struct http_request request;
	struct http_response response;
	struct err err;
	int result;
	int times;
	struct ev_loop *loop;
};

static inline void
shoot(struct job *j)
{
	struct shot *s = (struct shot *)j;

	for (int i = 0; i < s->times; i++)
		s->result = http_send(
		    s->http, &s->request, &s->response, &s->err);
}

static inline void
shot_done(struct job *j)
{
	(void)j;
}

struct world {
	struct loopback server;
	struct ev_loop *loop;
	struct http *http;
	struct pool *pool;
};

static inline void
world_start(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->server.answer = answer;
	loopback_start(&w->server);
	w->loop = ev_loop_new(EVFLAG_AUTO);
	w->http = http_new(w->loop, 4);
	w->pool = pool_new(w->loop, "test", 8);
}

static inline void
world_end(struct world *w)
{
	http_stop(w->http, 0);
	pool_free(w->pool);
	http_free(w->http);
	ev_run(w->loop, 0); /* nothing is left that holds it */
	ev_loop_destroy(w->loop);
	loopback_stop(&w->server);
}

static inline void
shot_start(struct world *w, struct shot *s, const char *url)
{
	s->http = w->http;
	s->loop = w->loop;
	s->times = s->times ? s->times : 1;
	s->request.url = url;
	s->job.run = shoot;
	s->job.done = shot_done;
	s->response = (struct http_response)HTTP_RESPONSE_INIT;
	pool_submit(w->pool, &s->job);
}

#endif
