/* The daemon's intents: their troubles, and what is written when it is idle. */

#include <stdlib.h>
#include <string.h>

#include "common/intents/intents.h"
#include "common/loop/pool.h"
#include "daemon/daemon_impl.h"
#include "daemon/metrics.h"

void
daemon_intents_start(struct daemon *d)
{
	auto_free char *path = mem_fmt("%s/intents", d->state_directory);

	d->intents = intent_log_open(path);
	daemon_intents_check(d);
}

/* The disk is the same as the history's, and so is the thread. */
static void
flush(struct job *job)
{
	struct daemon *d = (struct daemon *)((char *)job -
					     offsetof(struct daemon, flush));

	intent_log_flush(d->intents);
}

static void
flushed(struct job *job)
{
	job->run = NULL;
}

/* Ends that no begin has taken along. */
static void
write_ends(struct daemon *d)
{
	if (d->flush.run != NULL || !intent_log_waits(d->intents))
		return;
	d->flush.run = flush;
	d->flush.done = flushed;
	pool_submit(pools_get(d->pools, "history"), &d->flush);
}

/* Says it once when it begins, and once when it ends. */
void
daemon_intents_check(struct daemon *d)
{
	auto_free char *why = intent_log_trouble(d->intents);

	metrics_set(d->metrics, M_STATE_WRITABLE, why == NULL, LABELS());
	if ((why == NULL) == (d->state_trouble == NULL))
		return;
	if (why != NULL)
		log_error(&d->log,
		    "the state directory cannot be written, and until it can "
		    "nothing is written to AWS: %s",
		    why);
	else
		log_info(&d->log, "the state directory is written again");
	free(d->state_trouble);
	d->state_trouble = mem_move(&why);
}

void
daemon_intents_settle(struct daemon *d)
{
	daemon_intents_check(d);
	write_ends(d);
}

void
daemon_intents_free(struct daemon *d)
{
	intent_log_close(d->intents);
	free(d->state_trouble);
}
