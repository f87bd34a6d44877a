/*
 * When the next pass of a target begins: see target.h.
 *
 * How a pass failed decides. What only a commit or a person can change waits
 * for them, and is looked at again with the next look for drift. What passes
 * by itself is tried again soon, and then less and less often. Credentials
 * that AWS refuses open the breaker of all targets that use them. A commit,
 * a success and a person's request begin anew. Nothing is given up.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "daemon/breaker.h"
#include "daemon/delay.h"
#include "daemon/settings.h"
#include "daemon/target_impl.h"

enum failure { NO_FAILURE, LASTING, PASSING, CREDENTIALS };

/* Kinds of errors; all that is named nowhere passes by itself. */
#define LASTING_KINDS "input terminal refused exists quota bug"

static enum failure
failure_of(const json_t *error)
{
	const char *kind = js_str(error, "kind");

	if (error == NULL)
		return NO_FAILURE;
	if (kind != NULL && strcmp(kind, "auth") == 0)
		return CREDENTIALS;
	return kind != NULL && words_has(LASTING_KINDS, kind) ? LASTING
							      : PASSING;
}

static bool
is(const char *word, const char *wanted)
{
	return word != NULL && strcmp(word, wanted) == 0;
}

static bool
is_on_its_way(const json_t *x, const char *member)
{
	return is(js_str(x, member), "Progressing");
}

/* The one that calls for the earliest look; CREDENTIALS before all. */
static enum failure
gravest(const struct packed_doc *report)
{
	const json_t *head = packed_doc_head(report);
	enum failure most = failure_of(js_get(head, "error"));

	packed_doc_each (report, "resources", resource) {
		enum failure one = failure_of(js_get(resource, "error"));

		if (is_on_its_way(resource, "health") && one == NO_FAILURE)
			one = PASSING;
		most = one > most ? one : most;
	}
	if (is_on_its_way(head, "result") ||
	    (is(js_str(head, "result"), "Failed") && most == NO_FAILURE))
		most = most > PASSING ? most : PASSING;
	return most;
}

/* ---- the breaker ---- */

/* What makes the client's credentials; the region does not. */
static char *
credentials_of(const struct target *t, const struct graph *g)
{
	const char *profile = t->env->settings->aws.profile;

	return mem_fmt("%s %s", profile ? profile : "-",
	    g->arch.assume_role ? g->arch.assume_role : "-");
}

double
target_breaker(const struct target *t)
{
	auto_free char *key = credentials_of(t, t->wanted.graph);

	return is(t->why, "request") || t->env->once
		   ? 0
		   : breakers_wait(t->env->breakers, key);
}

static void
tell_breaker(const struct target *t, enum failure failure, double jitter)
{
	auto_free char *key = credentials_of(t, t->used.graph);

	if (failure == CREDENTIALS)
		breakers_refused(t->env->breakers, key, t->started, jitter);
	else if (target_account(t) != NULL)
		breakers_passed(t->env->breakers, key);
}

/* ---- the next pass ---- */

double
target_interval(const struct target *t)
{
	double own = t->used.graph == NULL ? 0
					   : t->used.graph->arch.interval_sec;

	return own > 0 ? own : t->env->settings->reconcile.interval_sec;
}

/* Never later than the look for drift that is due anyway. */
static double
pause_after(struct target *t, enum failure failure, double jitter)
{
	double next = delay_jitter(target_interval(t), jitter);
	auto_free char *key = credentials_of(t, t->used.graph);

	if (t->looking)
		return fmin(next, fmax(0, t->due - clock_mono()));
	if (failure == CREDENTIALS)
		return fmin(next, breakers_wait(t->env->breakers, key));
	if (failure == PASSING)
		return fmin(next, delay_backoff(t->failures++, jitter));
	t->failures = 0;
	return next;
}

void
target_schedule_next(struct target *t, const struct packed_doc *report)
{
	double jitter = t->env->settings->reconcile.jitter;
	enum failure failure = gravest(report);
	double next = 0;

	tell_breaker(t, failure, jitter);
	if (t->env->once)
		return;
	t->why = "poll";
	if (t->again || t->look || t->approve != NULL) {
		t->asked = t->again;
		t->why = "request";
	} else {
		next = pause_after(t, failure, jitter);
	}
	t->again = false;
	next = fmin(next, target_reprieve(t));
	if (next > 0)
		t->due = clock_mono() + next;
	target_schedule(t, next);
}
