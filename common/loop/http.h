/*
 * HTTP transport: every request of every worker flies over one curl multi
 * handle on one libev loop, so connections are shared and reused.
 *
 * http_send() and http_next() block the calling worker; they must never be
 * called on the thread that runs the loop. http_new, http_stop and http_free
 * belong to the loop's thread. Redirects are not followed, paths are sent as
 * they are, nothing is decompressed, proxies and CA bundle come from the
 * environment (AWS_CA_BUNDLE before curl's own).
 */
#ifndef COMMON_LOOP_HTTP_H
#define COMMON_LOOP_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/loop/gate.h"

struct ev_loop;
struct file;
struct http;

struct http_request {
	const char *method;
	const char *url;     /* with path and query exactly as signed */
	const char *headers; /* "Name: value\n" lines, borrowed */
	const void *body;    /* borrowed until http_send returns */
	size_t body_len;
	const struct file *file; /* borrowed; in place of body, or NULL */
	double connect_sec;      /* 0: 3.1 s */
	double total_sec;        /* 0: 60 s; the whole request */
	long stall_sec;  /* 0: 60 s; without a byte in either direction */
	size_t max_body; /* 0: 64 MiB; a longer answer is an error */
	bool no_proxy;   /* metadata services: never through a proxy */
	/* Over HTTP/1.1, a body above 1 MiB waits until it is asked for, a
	 * second at most: a refusal comes before it is sent. */
	bool expect;
};

struct http_response {
	int status;
	struct buf headers; /* "name: value\n" lines, names in lower case */
	struct buf body;
	bool reused; /* came over a connection that had served before */
};

#define HTTP_RESPONSE_INIT                                                     \
	{                                                                      \
		.headers = BUF_INIT, .body = BUF_INIT                          \
	}
void http_response_free(struct http_response *);
/* Value of a header, copied into ret; false if absent. Name in lower case. */
bool http_header(
    const struct http_response *, const char *name, struct buf *ret);

struct http *http_new(struct ev_loop *, int max_connections_per_host);
/*
 * Fails with ERR_NETWORK when the request surely was not sent, ERR_UNKNOWN
 * when it may have been (reset, time-out after sending), ERR_CANCELLED after
 * http_stop. Any HTTP status is a success here. Errors name host and reason.
 */
int http_send(struct http *, const struct http_request *,
    struct http_response *ret, struct err *);
/*
 * Several requests of one worker under way at once. Their ends come in bunches
 * where the loop is busy: that saves most of the wake-ups.
 */
struct http_queue;
struct http_queue *http_queue_new(struct http *);
void http_queue_free(struct http_queue *); /* every end has been taken */
AUTO_DEFINE(struct http_queue, http_queue_free)
/* As http_send without waiting. All is borrowed until http_next gives tag. */
void http_submit(struct http_queue *, const struct http_request *,
    struct http_response *ret, struct err *, void *tag);
/* Waits for the end of any of them: its tag, and what http_send returns. */
void *http_next(struct http_queue *, int *ret_result);
/* Sleeps on a worker; ERR_CANCELLED as soon as http_stop is called. */
int http_pause(struct http *, double sec, struct err *);
/* Where workers wait for other things than an answer; http_stop closes it. */
struct gate *http_gate(struct http *);
/* Calls in flight may finish within grace_sec; new ones are cancelled. */
void http_stop(struct http *, double grace_sec);
void http_free(struct http *);
AUTO_DEFINE(struct http, http_free)

#endif
