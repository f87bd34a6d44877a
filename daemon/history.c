/* Batches for the database's worker, and questions: see history.h. */

#include "daemon/history.h"
#include "common/loop/pool.h"
#include "daemon/history_db.h"

#include <stdlib.h>
#include <string.h>

#define MAX_WAITING 20000 /* rows; a disk that slow loses some */

/* What a worker has in hand; one at a time, so that it owns the database. */
struct work {
	struct job job;
	struct history *history;
	STAILQ_ENTRY(work) entry;
	json_t *events, *revisions; /* to be written; or NULL: a question */
	struct history_query query; /* its texts are ours */
	json_t *found;
	int result;
	struct err err;
};

struct history {
	struct history_options o;
	struct history_db *db; /* the running work's */
	json_t *events, *revisions;
	STAILQ_HEAD(, work) questions; /* that wait */
	struct work *running;          /* or NULL */
	char *trouble;                 /* or NULL */
};

static void
work_free(struct work *w)
{
	if (w == NULL)
		return;
	js_free(w->events);
	js_free(w->revisions);
	js_free(w->found);
	free((char *)w->query.below);
	free((char *)w->query.kinds);
	free(w);
}

static void go_on(struct history *);

/* ---- worker thread ---- */

static void
work_run(struct job *job)
{
	struct work *w = (struct work *)job;
	struct history_db *db = w->history->db;

	w->result = w->events != NULL
			? history_db_write(db, w->events, w->revisions, &w->err)
			: history_db_read(db, w->query.below, w->query.kinds,
			      w->query.limit, &w->found, &w->err);
}

/* ---- the loop's side ---- */

static void
note_trouble(struct history *h, const char *why)
{
	bool was = h->trouble != NULL;

	free(h->trouble);
	h->trouble = mem_str(why);
	if (was != (why != NULL) && h->o.trouble != NULL)
		h->o.trouble(h->o.arg, why);
}

static void
lose(struct history *h, size_t rows)
{
	if (rows > 0 && h->o.lost != NULL)
		h->o.lost(h->o.arg, rows);
}

static void
note_damage(struct history *h)
{
	auto_free char *aside = history_db_aside(h->db);

	if (aside != NULL && h->o.damaged != NULL)
		h->o.damaged(h->o.arg, aside);
}

static void
conclude(struct work *w)
{
	struct history *h = w->history;

	note_damage(h);
	if (w->events == NULL) {
		w->query.answer(w->query.arg, js_move(&w->found),
		    w->result == 0 ? NULL : &w->err);
		return;
	}
	note_trouble(h, w->result == 0 ? NULL : w->err.msg);
	if (w->result == -1)
		lose(h, js_len(w->events));
}

static void
work_done(struct job *job)
{
	struct work *w = (struct work *)job;
	struct history *h = w->history;

	h->running = NULL;
	conclude(w);
	work_free(w);
	go_on(h);
	if (h->running == NULL && h->o.idle != NULL)
		h->o.idle(h->o.arg);
}

static struct work *
work_new(struct history *h)
{
	struct work *w = mem_of(struct work);

	w->job.run = work_run;
	w->job.done = work_done;
	w->history = h;
	return w;
}

/* Everything that waits is one transaction. */
static struct work *
next_batch(struct history *h)
{
	struct work *w;

	if (js_len(h->events) + js_len(h->revisions) == 0)
		return NULL;
	w = work_new(h);
	w->events = js_move(&h->events);
	w->revisions = js_move(&h->revisions);
	h->events = json_array();
	h->revisions = json_array();
	return w;
}

/* What was told before a question was asked is part of the answer. */
static void
go_on(struct history *h)
{
	struct work *w;

	if (h->running != NULL)
		return;
	w = next_batch(h);
	if (w == NULL && (w = STAILQ_FIRST(&h->questions)) != NULL)
		STAILQ_REMOVE_HEAD(&h->questions, entry);
	h->running = w;
	if (w != NULL)
		pool_submit(h->o.pool, &w->job);
}

struct history *
history_new(const struct history_options *o)
{
	struct history *h = mem_of(struct history);

	h->o = *o;
	h->o.path = NULL;
	h->db = history_db_new(o->path, o->keep_sec, o->rows);
	h->events = json_array();
	h->revisions = json_array();
	STAILQ_INIT(&h->questions);
	return h;
}

void
history_free(struct history *h)
{
	struct work *w;

	if (h == NULL)
		return;
	while ((w = STAILQ_FIRST(&h->questions)) != NULL) {
		STAILQ_REMOVE_HEAD(&h->questions, entry);
		work_free(w);
	}
	work_free(h->running);
	history_db_free(h->db);
	js_free(h->events);
	js_free(h->revisions);
	free(h->trouble);
	free(h);
}

void
history_event(struct history *h, json_t *take_event)
{
	if (js_len(h->events) >= MAX_WAITING) {
		js_free(take_event);
		lose(h, 1);
		return;
	}
	js_push(h->events, take_event);
	go_on(h);
}

void
history_revision(struct history *h, json_t *take_revision)
{
	js_push(h->revisions, take_revision);
	go_on(h);
}

bool
history_busy(const struct history *h)
{
	return h->running != NULL && h->running->events != NULL;
}

const char *
history_trouble(const struct history *h)
{
	return h->trouble;
}

void
history_ask(struct history *h, const struct history_query *q)
{
	struct work *w = work_new(h);

	w->query = *q;
	w->query.below = mem_str(q->below);
	w->query.kinds = mem_str(q->kinds);
	STAILQ_INSERT_TAIL(&h->questions, w, entry);
	go_on(h);
}
