/* One worker's step towards the desired state: see step.h. */

#include "common/engine/step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/crypto.h"
#include "common/base/mem.h"
#include "common/engine/diff.h"
#include "common/engine/step_intent.h"
#include "common/engine/yield.h"

#define VISIBLE_SEC  60.0  /* a fresh object may hide from reads so long */
#define BUSY_SEC     600.0 /* "in use", "being updated": normal for minutes */
#define MAX_TRIES    5     /* transient failures in a row */
#define MAX_WAIT_SEC 15.0
#define SAME_TWICE   4 /* write, look, write, look: then give up */

void
step_memory_free(struct step_memory *m)
{
	free(m->last_changes);
	js_free(m->retired);
	memset(m, 0, sizeof(*m));
}

static enum step_result wait_for(struct step_memory *m, double sec,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static enum step_result
wait_for(struct step_memory *m, double sec, const char *fmt, ...)
{
	va_list ap;

	m->wait_sec = sec;
	va_start(ap, fmt);
	vsnprintf(m->why, sizeof(m->why), fmt, ap);
	va_end(ap);
	return STEP_WAIT;
}

/* 1 s, 2 s, 4 s ... with jitter, so that a fleet does not march in step. */
double
step_backoff(unsigned tries)
{
	double sec = (double)(1u << (tries < 4 ? tries : 4));

	sec = sec < MAX_WAIT_SEC ? sec : MAX_WAIT_SEC;
	return sec * (0.5 + crypto_jitter() / 2);
}

/* ---- failures ---- */

static const struct patience *
patience_of(const struct resource_type *type, const struct err *err)
{
	for (const struct patience *p = type->patience; p && p->code; p++)
		if (strcmp(p->code, err->code) == 0 &&
		    (p->text == NULL || strstr(err->msg, p->text) != NULL))
			return p;
	return NULL;
}

static enum step_result
be_patient(struct step_memory *m, double limit_sec, const struct err *err)
{
	double now = clock_mono();

	if (m->patience_until == 0)
		m->patience_until = now + limit_sec;
	if (now > m->patience_until)
		return STEP_FAILED;
	return wait_for(m, step_backoff(m->tries++), "%s", err->msg);
}

static enum step_result
failed(const struct object *o, struct step_memory *m, struct err *err)
{
	const struct patience *p = patience_of(o->type, err);

	m->fresh = false;
	if (p != NULL)
		return be_patient(m, p->sec, err);
	if (err->kind == ERR_BUSY)
		return be_patient(m, BUSY_SEC, err);
	if (err->kind == ERR_THROTTLED)
		return wait_for(m, step_backoff(m->tries++), "%s", err->msg);
	/* made by us before a crash, or by somebody else: look first */
	if (err->kind == ERR_EXISTS && m->doubtful)
		return be_patient(m, VISIBLE_SEC, err);
	if (err->kind == ERR_EXISTS && m->tries == 0)
		return wait_for(m, step_backoff(m->tries++), "%s", err->msg);
	if ((err->kind == ERR_TRANSIENT || err->kind == ERR_NETWORK ||
		err->kind == ERR_UNKNOWN || err->kind == ERR_ABSENT) &&
	    m->tries < MAX_TRIES)
		return wait_for(m, step_backoff(m->tries++), "%s", err->msg);
	return STEP_FAILED;
}

/* ---- ownership ---- */

static bool
is_text(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool
is_heir(const struct realm *realm, const struct object *o,
    const struct step_policy *policy)
{
	return is_text(
		   js_str(o->tags, TAG_INSTALLATION), realm->installation) &&
	       is_text(js_str(o->tags, TAG_ARCHITECTURE), policy->heir_of);
}

int
step_owns(const struct realm *realm, const struct object *o,
    const struct step_policy *policy, struct err *err)
{
	auto_free char *label = NULL;
	enum ownership who;

	if (o->type->parent != NULL || o->type->tags.shape == TAGS_NONE)
		return 0;
	who = object_ownership(realm, o->tags);
	if (who == OWNED ||
	    (who == UNOWNED && (policy->may_adopt || o->type->adopts)) ||
	    (who == FOREIGN && is_heir(realm, o, policy)))
		return 0;
	label = object_label(o->type, o->desired, o->live);
	if (who == FOREIGN)
		return err_set(err, ERR_REFUSED,
		    "Conflict: %s %s belongs to architecture %s of "
		    "installation %s; choose another name",
		    o->type->name, label,
		    js_str(o->tags, TAG_ARCHITECTURE)
			? js_str(o->tags, TAG_ARCHITECTURE)
			: "(unknown)",
		    js_str(o->tags, TAG_INSTALLATION)
			? js_str(o->tags, TAG_INSTALLATION)
			: "(unknown)");
	return err_set(err, ERR_REFUSED,
	    "Conflict: %s %s exists already and carries no tags of ours; "
	    "choose another name, or take it over: `convergctl adopt %s`, or "
	    "metadata.policy.adopt: ifExists",
	    o->type->name, label, o->address ? o->address : "ADDRESS");
}

/* ---- converge ---- */

struct convergence {
	const struct realm *realm;
	struct object *o;
	struct step_memory *m;
	const struct step_policy *policy;
	struct err *err;
	bool again; /* look once more in this step */
};

static int
look(struct convergence *c)
{
	if (c->m->fresh)
		return 0;
	if (object_read(c->realm, c->o, js_copy(c->o->tags), c->err) == -1)
		return -1;
	c->m->fresh = true;
	return 0;
}

/* A write has succeeded: err holds the id of its last request. */
static void
note_request(struct step_memory *m, const struct err *err)
{
	memcpy(m->request_id, err->request_id, sizeof(m->request_id));
}

static enum step_result
look_again(struct step_memory *m)
{
	m->fresh = false;
	return wait_for(
	    m, step_backoff(m->tries++), "AWS to show whether it was created");
}

static enum step_result
create(struct convergence *c)
{
	struct step_memory *m = c->m;

	if (m->created) {
		if (m->patience_until == 0)
			m->patience_until = clock_mono() + VISIBLE_SEC;
		if (clock_mono() > m->patience_until) {
			err_set(c->err, ERR_TRANSIENT,
			    "created, but AWS does not show it after %.0f s",
			    VISIBLE_SEC);
			return STEP_FAILED;
		}
		m->fresh = false;
		return wait_for(m, step_backoff(m->tries++),
		    "AWS to show what was created");
	}
	if (c->o->type->doubles && step_is_unsure(m))
		return look_again(m);
	if (step_intend(c->realm, c->o, m, c->err) == -1)
		return STEP_FAILED;
	if (object_create(c->realm, c->o, m->intent.generation, c->err) == -1) {
		step_was_not_told(c->realm, c->o, m, c->err);
		return failed(c->o, m, c->err);
	}
	m->created = true;
	note_request(m, c->err);
	m->fresh = false;
	m->tries = 0;
	m->patience_until = 0;
	c->again = true;
	return STEP_WAIT;
}

static enum step_result
remove_old(struct convergence *c)
{
	struct step_memory *m = c->m;

	if (c->o->live == NULL) {
		m->replacing = false;
		m->replaced = true;
		c->again = true;
		return STEP_WAIT;
	}
	if (m->removed) {
		m->fresh = false;
		return wait_for(
		    m, step_backoff(m->tries++), "the old one to go");
	}
	if (step_intend(c->realm, c->o, m, c->err) == -1)
		return STEP_FAILED;
	if (object_remove(c->realm, c->o, c->err) == -1)
		return failed(c->o, m, c->err);
	m->removed = true;
	note_request(m, c->err);
	m->fresh = false;
	c->again = true;
	return STEP_WAIT;
}

/* A crash before the tag is written leaves the old one as it was, a crash
 * after it an old one that is to go and none that is desired. */
static enum step_result
retire(struct convergence *c)
{
	struct step_memory *m = c->m;

	if (object_retire(c->realm, c->o, c->err) == -1)
		return failed(c->o, m, c->err);
	note_request(m, c->err);
	m->retired = js_copy(c->o->live);
	m->replaced = true;
	m->fresh = false;
	js_replace(&c->o->live, NULL);
	c->o->listed = false; /* that was the old one */
	c->again = true;
	return STEP_WAIT;
}

static enum step_result
replace(struct convergence *c, const json_t *changes)
{
	const json_t *first = js_at(changes, 0);

	if (c->m->retired != NULL && !c->m->created) {
		c->m->fresh = false;
		return wait_for(c->m, step_backoff(c->m->tries++),
		    "AWS to show that the old one is retired");
	}
	if (step_is_unsure(c->m)) /* this may be the old one, long replaced */
		return look_again(c->m);
	if (c->m->created || c->m->replaced || !c->policy->may_replace) {
		for (size_t i = 0; i < js_len(changes); i++)
			if (js_bool(js_at(changes, i), "fixed", false))
				first = js_at(changes, i);
		err_set(c->err, ERR_REFUSED,
		    c->policy->may_replace
			? "%s differs right after creation"
			: "%s cannot change after creation and "
			  "metadata.policy.replace is not auto; put the old "
			  "value back, or allow the replacement",
		    js_str(first, "path"));
		return STEP_FAILED;
	}
	if (object_creates_first(c->o->type))
		return retire(c);
	c->m->replacing = true;
	c->again = true;
	return STEP_WAIT;
}

static enum step_result
not_converging(struct convergence *c, const json_t *changes)
{
	const json_t *first = js_at(changes, 0);
	auto_free char *want = js_dump(js_get(first, "to"));
	auto_free char *have = js_dump(js_get(first, "from"));
	bool secret = js_bool(first, "secret", false);

	c->m->not_converging = true;
	err_set(c->err, ERR_TERMINAL,
	    "NotConverging: %s stays %s after two writes of %s; AWS or "
	    "another tool puts it back, see metadata.policy.ignore",
	    js_str(first, "path"), secret ? "(sensitive)" : have,
	    secret ? "(sensitive)" : want);
	return STEP_FAILED;
}

/* The same difference again after a write: AWS may be slow to tell, or it
 * will never be as we want it. */
static enum step_result
update(struct convergence *c, const json_t *changes)
{
	struct step_memory *m = c->m;
	auto_free char *text = js_dump(changes);
	bool more = false;

	if (m->last_changes != NULL && strcmp(m->last_changes, text) == 0)
		m->repeats++;
	else
		m->repeats = 0;
	if (m->repeats >= SAME_TWICE)
		return not_converging(c, changes);
	if (m->repeats % 2 == 1) {
		m->fresh = false;
		return wait_for(m, 1.0, "AWS to show what was written");
	}
	if (intent_ready(c->realm, c->err) == -1)
		return STEP_FAILED;
	if (object_update(c->realm, c->o, changes, &more, c->err) == -1)
		return failed(c->o, m, c->err);
	free(m->last_changes);
	m->last_changes = mem_move(&text);
	m->updates++;
	note_request(m, c->err);
	m->tries = 0;
	m->patience_until = 0;
	m->fresh = false;
	c->again = true;
	return STEP_WAIT;
}

static enum step_result
compare(struct convergence *c)
{
	json_auto_t *changes = diff_object(c->o);

	if (diff_is_fixed(changes))
		return replace(c, changes);
	step_was_shown(c->realm, c->o, c->m);
	return js_len(changes) == 0 ? STEP_DONE : update(c, changes);
}

/* Create or compare with the wish as the type's hook completes it. */
static enum step_result
act(struct convergence *c)
{
	json_auto_t *plain = js_copy(c->o->desired);
	enum step_result result;

	if (c->o->type->complete != NULL)
		c->o->type->complete(c->o->desired, c->o->live);
	yield(c->o, c->policy->ignore);
	result = c->o->live == NULL ? create(c) : compare(c);
	js_replace(&c->o->desired, js_move(&plain));
	return result;
}

static enum step_result
advance(struct convergence *c)
{
	char reason[256];
	enum object_state state;

	if (look(c) == -1)
		return failed(c->o, c->m, c->err);
	if (c->m->replacing)
		return remove_old(c);
	if (c->o->live == NULL)
		return act(c);
	if (!c->m->created &&
	    step_owns(c->realm, c->o, c->policy, c->err) == -1)
		return STEP_FAILED;
	state = object_state(c->o, reason);
	c->m->parked = state == OBJECT_PARKED;
	if (state == OBJECT_PARKED) { /* nor can anything be compared */
		step_was_shown(c->realm, c->o, c->m);
		return STEP_DONE;
	}
	if (state == OBJECT_PROGRESSING) {
		c->m->fresh = false;
		return wait_for(
		    c->m, step_backoff(c->m->tries++), "%s", reason);
	}
	if (state == OBJECT_FAILED && c->m->updates > 0) {
		err_set(c->err, ERR_TERMINAL, "%s", reason);
		return STEP_FAILED;
	}
	return act(c);
}

enum step_result
step_converge(const struct realm *realm, struct object *o,
    struct step_memory *m, const struct step_policy *policy, struct err *err)
{
	struct convergence c = { realm, o, m, policy, err, false };
	enum step_result result;

	step_recall(realm, o, m);
	do {
		c.again = false;
		result = advance(&c);
	} while (c.again);
	return result;
}

/* ---- remove ---- */

/* Only a type with states is seen to go; the others are gone for us. */
static bool
is_watched(const struct object *o)
{
	return o->type->states != NULL && o->type->read.op != NULL;
}

enum step_result
step_remove(const struct realm *realm, struct object *o, struct step_memory *m,
    struct err *err)
{
	if (!m->removed) {
		if (intent_ready(realm, err) == -1)
			return STEP_FAILED;
		if (object_remove(realm, o, err) == -1)
			return failed(o, m, err);
		m->removed = true;
		note_request(m, err);
		m->tries = 0;
		if (!is_watched(o))
			return STEP_DONE;
	}
	if (object_read(realm, o, js_copy(o->tags), err) == -1)
		return failed(o, m, err);
	return o->live == NULL ? STEP_DONE
			       : wait_for(m, step_backoff(m->tries++),
				     "AWS to finish the removal");
}
