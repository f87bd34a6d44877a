/*
 * What passes did and what people ordered, as rows of the history.
 * Loop's thread. The history may be NULL: then nothing is kept.
 */
#ifndef DAEMON_RECORD_H
#define DAEMON_RECORD_H

#include "common/engine/pass.h"

struct history;

/* Writes, failures and drift; the rest is for the log only. again: see told.h,
 * it is not recorded once more. */
void record_event(
    struct history *, const struct pass_event *, bool drift, bool again);
/* The end of a pass, when it says anything new: its result differs from the
 * one before (or NULL), or something was written. */
void record_pass(struct history *, const json_t *report, const char *before,
    const char *why);
/* An order of a person: "suspend", "approve", ...; text may be NULL. */
void record_order(struct history *, const char *architecture,
    const char *address, const char *order, const char *text);

#endif
