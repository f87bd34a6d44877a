/*
 * The history: what was done, when, and for which commit, in SQLite.
 *
 * One file, written by the one worker of its pool, so that no disk ever
 * holds up the loop. It is a record and nothing else: no decision depends on
 * it, deleting it loses it only. When it cannot be written, rows are dropped
 * and the daemon goes on; it is tried again with every batch. Owner: the
 * daemon; loop's thread.
 *
 * An event is a row: time (seconds since 1970), kind ("write", "failed",
 * "drift", "extra", "pass", "order"), architecture, address, display, type,
 * text, revision, request (AWS's id), seconds, error. Only the first two must
 * be there. A revision is: revision, author, time (text), subject.
 */
#ifndef DAEMON_HISTORY_H
#define DAEMON_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/js.h"
#include "common/base/mem.h"

struct history;
struct pool;

struct history_options {
	struct pool *pool; /* of one worker */
	const char *path;  /* of the file; copied */
	double keep_sec;   /* older events go */
	size_t rows;       /* the oldest of more go */
	/* It cannot be written: why; or NULL, when it can be again. Called
	 * once per change, and when `lost` rows were dropped for it. */
	void (*trouble)(void *arg, const char *why);
	void (*lost)(void *arg, size_t rows);
	/* Its file was damaged, is there now, and a new one begun. */
	void (*damaged)(void *arg, const char *aside);
	void (*idle)(void *arg); /* nothing is left to write */
	/* each may be NULL */
	void *arg;
};

struct history *history_new(const struct history_options *);
/* Its pool must be gone. */
void history_free(struct history *);
AUTO_DEFINE(struct history, history_free)

void history_event(struct history *, json_t *take_event);
void history_revision(struct history *, json_t *take_revision);
/* Rows are on their way to the disk. */
bool history_busy(const struct history *);
/* Why it cannot be written, or NULL. */
const char *history_trouble(const struct history *);

/*
 * The newest events that match, oldest first, each with "subject" and
 * "author" of its revision's commit where they are known. below: an address
 * "shop", "shop/SqsQueue", "shop/SqsQueue/a"; NULL: all. kinds: "write
 * failed"; NULL: all. answer() gets an array, or NULL and why.
 */
struct history_query {
	const char *below, *kinds;
	size_t limit;
	void (*answer)(void *arg, json_t *take_events, const struct err *);
	void *arg;
};
void history_ask(struct history *, const struct history_query *);

#endif
