/*
 * What the texts of a plan share: the changed fields of an action as lines,
 * symbols, short revisions. Values are shortened around their first
 * difference; control characters never reach a terminal. Pure; any thread.
 */
#ifndef COMMON_ENGINE_PLAN_LINES_H
#define COMMON_ENGINE_PLAN_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/packed.h"

struct plan_line {
	char *path, *from, *to;
	const char *note; /* "forces replacement", ...; or NULL */
};
struct plan_lines {
	struct plan_line *list;
	size_t n;
};

/* The changes of one action of pass_plan(), down to the leaves. */
void plan_lines_of(const json_t *action, struct plan_lines *ret);
void plan_lines_free(struct plan_lines *);
/* Too long for "from -> to" on one line? */
bool plan_line_is_long(const struct plan_line *);

/* "+", "~", "-", "-/+", "+/-" where the new one is made before the old one
 * goes; "?" for an unknown action */
const char *plan_symbol(const json_t *action);
/* "main@sha1:1f3c9ae" */
void plan_add_revision(struct buf *, const char *revision);
/* "shop: 3 to change at main@sha1:1f3c9ae (account 1, eu-west-1)" */
void plan_add_header(struct buf *, const struct packed_doc *plan);
/* "Plan: 1 to add, ..." or "No changes." */
void plan_add_summary(struct buf *, const struct packed_doc *plan);
/* Text of AWS or of a manifest, control characters replaced; NULL is "". */
void plan_add_clean(struct buf *, const char *);
/* Why an action is done, and what keeps it from being done; "" if neither. */
void plan_add_reason(struct buf *, const json_t *action);
/* Columns on a terminal: UTF-8 code points. */
size_t plan_width(const char *);

/* The heading of the plan's extras, and how many of them it does not name. */
#define PLAN_EXTRAS "Not managed by Git, left as it is"
size_t plan_unnamed_extras(const struct packed_doc *plan);

#endif
