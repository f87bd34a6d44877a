/*
 * metadata.policy.ignore: pointers such as "/spec/visibilityTimeout" or
 * "/spec/tags/owner" name what somebody else may set. Before a comparison
 * the wish takes over what is there, so that it is neither a difference nor
 * part of a write that sends more than what changed. Pure.
 */
#ifndef COMMON_ENGINE_YIELD_H
#define COMMON_ENGINE_YIELD_H

#include "common/engine/object.h"

/* Changes o->desired and o->want_tags; nothing while there is no live one. */
void yield(struct object *o, const json_t *ignore);

#endif
