/*
 * The engine's intents (common/engine/intent.h) in a file that survives a
 * crash of the process or of the machine.
 *
 * What is open is held in memory; the file has a line for every begin and
 * end, each with a checksum of its own. Workers that begin at the same time
 * share one fsync: the first of them writes for all. An end is written with
 * what comes next: to lose it makes nobody wait or write. The file is made
 * anew and renamed into place at the start, when it has grown, after every
 * failure, and when the one that is there is not the one that was written
 * last, since somebody deleted or exchanged it. Lines that cannot be read
 * count for nothing.
 *
 * Nothing but names is in it: installation, account, region, type, address.
 */
#ifndef COMMON_INTENTS_INTENTS_H
#define COMMON_INTENTS_INTENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/mem.h"
#include "common/engine/intent.h"

struct intent_log;

/* Reads the file, if any, and makes it anew; blocks. A file that cannot be
 * written is a trouble, not an error: it is tried again with every use. */
struct intent_log *intent_log_open(const char *path);
/* Writes what waits; blocks. No worker uses it any more. */
void intent_log_close(struct intent_log *);
AUTO_DEFINE(struct intent_log, intent_log_close)

/* What passes are given; lives as long as the log. */
const struct intents *intent_log_intents(struct intent_log *);

/* ---- any thread ---- */
/* Why it cannot be written, or NULL; the caller frees it. */
char *intent_log_trouble(struct intent_log *);
/* Ends are not in the file yet. */
bool intent_log_waits(struct intent_log *);
/* Writes them; blocks. */
void intent_log_flush(struct intent_log *);
size_t intent_log_count(struct intent_log *); /* intents that are open */

#endif
