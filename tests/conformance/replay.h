/*
 * A transport without a network, linked in place of common/loop/http.c:
 * every request of the client is answered by a function, on the same thread.
 */
#ifndef TESTS_CONFORMANCE_REPLAY_H
#define TESTS_CONFORMANCE_REPLAY_H

#include "common/aws/config.h"
#include "common/base/js.h"
#include "common/loop/http.h"

typedef int replay_answer(void *arg, const struct http_request *,
    struct http_response *ret, struct err *);
struct http *replay_new(replay_answer *, void *arg);

/* Recorded requests and answers, in their order. */
struct recording {
	json_t *calls; /* [{conn, request, sent, response, body}] */
	size_t next;
	struct buf unexpected; /* what was asked otherwise */
};
struct recording *recording_new(const json_t *traffic);
void recording_free(struct recording *);
AUTO_DEFINE(struct recording, recording_free)
bool recording_is_over(const struct recording *);
/* A replay_answer: checks method, address, tokens and form, then answers. */
int recording_answer(void *recording, const struct http_request *,
    struct http_response *ret, struct err *);

#endif
