/*
 * One request as curl sees it: options, callbacks, what its end means.
 * Private to the transport. The worker owns the struct; between submission
 * and the end only the loop's thread touches it.
 */
#ifndef COMMON_LOOP_HTTP_CALL_H
#define COMMON_LOOP_HTTP_CALL_H

#include <curl/curl.h>
#include <ev.h>
#include <sys/queue.h>

#include "common/loop/http.h"
#include "common/loop/http_url.h"

struct call {
	TAILQ_ENTRY(call) entry;
	const struct http_request *request;
	struct http_response *response;
	struct buf lines, nodes; /* what headers is made of */
	struct curl_slist *headers;
	struct url *url; /* from adoption to the end; NULL: curl takes text */
	CURL *easy;
	struct http *http;
	bool proxies;      /* there may be one, curl looks for it */
	ev_timer deadline; /* curl does not time what waits for a connection */
	size_t max_body;
	bool too_long;    /* the answer exceeded its bound */
	bool unexpected;  /* 417: to be sent again without Expect */
	bool broken_file; /* err says how */
	size_t file_at;   /* what comes next of it */
	bool has_headers; /* all of them: the empty line came */
	unsigned started; /* how often curl began to send it */
	char text[CURL_ERROR_SIZE];
	struct err *err;
	int result;
	struct http_queue *queue; /* that takes the end */
	bool patient;             /* the end may wait for others */
	void *tag;                /* the submitter's */
};
TAILQ_HEAD(calls, call);

/* Gives a call to the loop's thread; false when stopped. */
bool call_submit(struct http *, struct call *);
/* The loop's thread gives it back; c may be gone the moment after. */
void call_end(struct call *);

/* Makes c->headers: the request's, as curl wants them, without what curl
 * would add by itself. */
void call_set_headers(struct call *);
/* Seconds that the whole request may take. */
double call_total_sec(const struct call *);
/* A handle with all that is the same for every request. */
CURL *call_new_handle(const char *ca_bundle); /* or NULL: curl's own */
/* Makes c->easy, new or used, that of this request. */
void call_set_options(struct call *);
/* The transfer ended: 0, or -1 with c->err filled. */
int call_verdict(struct call *, CURLcode);
/* Ended by us before its time. */
int call_fail(struct call *, enum err_kind, const char *why);

#endif
