/* Intents of a step's object: see step_intent.h. */

#include "common/engine/step_intent.h"

#include "common/base/clock.h"

#define UNSURE_SEC 20.0 /* AWS may hide so long what it has made */

static void
doubt(struct step_memory *m, double age_sec)
{
	m->doubtful = true;
	m->unsure_until = clock_mono() + UNSURE_SEC - age_sec;
}

void
step_recall(
    const struct realm *realm, const struct object *o, struct step_memory *m)
{
	if (m->recalled)
		return;
	m->recalled = true;
	m->intended = intent_find(realm, o, &m->intent);
	if (m->intended)
		doubt(m, m->intent.age_sec);
}

int
step_intend(const struct realm *realm, const struct object *o,
    struct step_memory *m, struct err *err)
{
	if (intent_begin(realm, o, &m->intent, err) == -1)
		return -1;
	m->intended = true;
	return 0;
}

void
step_was_shown(
    const struct realm *realm, const struct object *o, struct step_memory *m)
{
	if (!m->intended)
		return;
	intent_end(realm, o);
	m->intended = m->doubtful = false;
	m->intent.generation[0] = 0;
}

/* What AWS has refused did not happen; unless an earlier try did. */
void
step_was_not_told(const struct realm *realm, const struct object *o,
    struct step_memory *m, const struct err *err)
{
	if (err->kind == ERR_UNKNOWN || err->kind == ERR_TRANSIENT ||
	    err->kind == ERR_CANCELLED)
		doubt(m, 0);
	else if (!m->doubtful)
		step_was_shown(realm, o, m);
}

bool
step_is_unsure(const struct step_memory *m)
{
	return m->doubtful && clock_mono() < m->unsure_until;
}
