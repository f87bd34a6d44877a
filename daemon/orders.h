/*
 * What people told the daemon and it must not forget: suspensions, one-shot
 * adoptions, approved and rejected plans.
 *
 * Kept in a small JSON file, replaced atomically. A file that is lost means
 * that nothing is suspended; one that is there and cannot be read means that
 * everything is, until somebody resumes: what it said is not known. An order
 * is in force even when it could not be kept. Owner: the daemon; loop's
 * thread.
 */
#ifndef DAEMON_ORDERS_H
#define DAEMON_ORDERS_H

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/js.h"
#include "common/base/mem.h"

#define ORDERS_ALL "*" /* every architecture */

struct orders;

struct orders *orders_open(const char *path);
void orders_free(struct orders *);
AUTO_DEFINE(struct orders, orders_free)
/* Why the file could not be read, or NULL. */
const char *orders_damage(const struct orders *);

/* until: wall time; 0: until it is resumed. -1: in force, but not kept. */
int orders_suspend(struct orders *, const char *architecture,
    const char *reason, double until, struct err *);
/* ERR_ABSENT: it is not suspended; ERR_INPUT: all are, and one is named. */
int orders_resume(struct orders *, const char *architecture, struct err *);
/* {"reason", "since", "until"}: ISO 8601, until only where it ends. NULL: it
 * is not suspended. Borrowed until the next order. */
const json_t *orders_suspension(
    const struct orders *, const char *architecture, double *ret_until);

/* These may be taken over by the next pass that writes: {address: true}, or
 * what AWS calls it, where that is not in Git. */
int orders_adopt(struct orders *, const json_t *adoptions, struct err *);
/* Those of an architecture, in the same form. New reference. */
json_t *orders_adoptions(const struct orders *, const char *architecture);
/* A pass that could write is over: what it was allowed is used up. */
void orders_adopted(struct orders *, const json_t *addresses);

/* A yes to this plan, until a pass has used it, or for a day. */
int orders_approve(struct orders *, const char *architecture, const char *plan,
    bool confirm, struct err *err);
/* The plan, or NULL. Borrowed until the next order. */
const char *orders_approved(
    const struct orders *, const char *architecture, bool *ret_confirm);
void orders_decided(struct orders *, const char *architecture);

int orders_reject(
    struct orders *, const char *architecture, const char *plan, struct err *);
bool orders_is_rejected(
    const struct orders *, const char *architecture, const char *plan);

#endif
