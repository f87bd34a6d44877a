/*
 * The control socket: one JSON line asks, one JSON line answers.
 *
 *	{"command": "status"}
 *	{"command": "reconcile", "architecture": null | "x", "wait": bool}
 *	{"command": "version"}
 *	{"command": "history", "below": null | "x/SqsQueue", "kinds": null |
 *	    "write failed", "limit": 50}
 *	{"command": "drift", "architecture": null | "x"}
 *	{"command": "suspend", "architecture": null | "x", "reason": "...",
 *	    "seconds": 0}
 *	{"command": "resume", "architecture": null | "x"}
 *	{"command": "approve" | "reject", "plan": "id, or an architecture",
 *	    "confirm": false}
 *	{"command": "adopt", "address": "x/HttpApi/a", "id": "7f3a"}
 * Answers are {"ok": true, ...} or {"ok": false, "error": "..."}. A client
 * may ask again on the same connection; its requests are answered in their
 * order. Requests and clients are bounded, nothing blocks. Owner: the
 * daemon; loop's thread.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "common/base/err.h"
#include "common/base/js.h"
#include "common/base/packed.h"

#define CONTROL_MAX_REQUEST (64 << 10)
#define CONTROL_MAX_CLIENTS 64

struct control;
struct control_client;
struct ev_loop;

struct control_options {
	struct ev_loop *loop;
	const char *path;
	/* An object was asked. control_answer() must follow, now or later;
	 * until then the client is valid, whether its peer is there or not. */
	void (*request)(void *arg, struct control_client *, const json_t *);
	void *arg;
};

int control_new(
    const struct control_options *, struct control **ret, struct err *);
void control_answer(struct control_client *, json_t *take_answer);
/* The same of a long answer. */
void control_answer_doc(
    struct control_client *, struct packed_doc *take_answer);
/* {"ok": false, "error": text}; text may be any bytes. */
void control_refuse(struct control_client *, const char *text);
/* Requests without an answer are forgotten; the socket is removed. */
void control_free(struct control *);
AUTO_DEFINE(struct control, control_free)

#endif
