/*
 * One request as curl sees it: options, callbacks, what its end means.
 * Private to the transport. The worker owns the struct (it is on its stack);
 * between submission and the end only the loop's thread touches it.
 */
#ifndef COMMON_LOOP_HTTP_CALL_H
#define COMMON_LOOP_HTTP_CALL_H

#include <curl/curl.h>
#include <ev.h>
#include <semaphore.h>
#include <sys/queue.h>

#include "common/loop/http.h"

struct call {
	TAILQ_ENTRY(call) entry;
	const struct http_request *request;
	struct http_response *response;
	struct curl_slist *headers;
	CURL *easy;
	struct http *http;
	ev_timer deadline; /* curl does not time what waits for a connection */
	size_t max_body;
	bool too_long;    /* the answer exceeded its bound */
	bool has_headers; /* all of them: the empty line came */
	unsigned started; /* how often curl began to send it */
	char text[CURL_ERROR_SIZE];
	struct err *err;
	int result;
	sem_t finished; /* posted last; c may be gone the moment after */
};
TAILQ_HEAD(calls, call);

/* "Name: value\n" lines as curl wants them, without what curl would add. */
struct curl_slist *call_headers(const char *lines);
/* Seconds that the whole request may take. */
double call_total_sec(const struct call *);
/* Prepares c->easy, which is fresh or reset. ca_bundle may be NULL. */
void call_set_options(struct call *, const char *ca_bundle);
/* The transfer ended: 0, or -1 with c->err filled. */
int call_verdict(struct call *, CURLcode);
/* Ended by us before its time. */
int call_fail(struct call *, enum err_kind, const char *why);

#endif
