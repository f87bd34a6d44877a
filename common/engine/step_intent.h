/*
 * What a step does with the intent of its object (intent.h): when it is
 * begun, what an open one means, when it is over. Worker threads only.
 */
#ifndef COMMON_ENGINE_STEP_INTENT_H
#define COMMON_ENGINE_STEP_INTENT_H

#include "common/engine/step.h"

/* Once per pass: did an earlier one leave an intent open? */
void step_recall(
    const struct realm *, const struct object *, struct step_memory *);
/* Before what makes the object, or makes room for it. */
int step_intend(const struct realm *, const struct object *,
    struct step_memory *, struct err *);
/* The create has failed: it may have happened all the same, or has not. */
void step_was_not_told(const struct realm *, const struct object *,
    struct step_memory *, const struct err *);
/* A read has shown what was wanted. */
void step_was_shown(
    const struct realm *, const struct object *, struct step_memory *);
/* A create may have happened so lately that reads need not show it. */
bool step_is_unsure(const struct step_memory *);

#endif
