/*
 * How grave is a difference? High: what AWS has is less safe than what Git
 * says: more may do more, or data is less protected. The type's rows say
 * which values of a property are such (type.h, `risk`); IAM policies are
 * judged by meaning. Pure.
 */
#ifndef COMMON_ENGINE_SEVERITY_H
#define COMMON_ENGINE_SEVERITY_H

#include <stdbool.h>

#include "common/base/js.h"
#include "common/engine/type.h"

#define SEVERITY_HIGH "high"

/* want, have: the whole property, or NULL; change: the place in it, with
 * "from" (live) and "to" (desired). */
bool severity_is_high(const struct property *, const json_t *want,
    const json_t *have, const json_t *change);
/* Does the live policy allow what the desired one does not, or deny less?
 * Either may be NULL. */
bool severity_widens(const json_t *want, const json_t *have);

#endif
