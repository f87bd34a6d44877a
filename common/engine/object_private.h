/* What object*.c share, and nobody else. */
#ifndef COMMON_ENGINE_OBJECT_PRIVATE_H
#define COMMON_ENGINE_OBJECT_PRIVATE_H

#include "common/engine/object.h"

/* {key: value} of any shape; NULL stays NULL. */
json_t *tags_plain(enum tag_shape, const json_t *);
/* {key: value} in the type's shape. */
json_t *tags_shaped(enum tag_shape, const json_t *plain);
/* Tags held by the live state itself; NULL when the type has no such. */
json_t *tags_of_live(const struct resource_type *, const json_t *live);

/* Fills in o->tags from the live state, or from known (consumed). False: the
 * type's tags.list has to tell. */
bool object_know_tags(struct object *, json_t *take_known);
/* The same from what that call took of its answer, or NULL. */
void object_take_tags(struct object *, const json_t *taken);

/* Values of $account, $region, $parent and so on. New object. */
json_t *object_specials(const struct realm *, const json_t *parent);
/* Input of a call with the same scope as below; NULL: it has none. */
json_t *object_input(
    const struct object *, const struct call *, json_t *specials);
/* Whose call it is: mostly the type's. */
const char *object_service(const struct object *, const struct call *);
/* One call of the type with template scope specials, desired, live. */
int object_call(const struct realm *, const struct object *,
    const struct call *, json_t *specials, json_t **ret_answer, struct err *);

/* Does the failure of the call mean that the object does not exist? */
bool object_is_absent(const struct call *, const struct err *);

/* The same with all that a writing template may see: $all, $tags, $token. */
json_t *object_write_specials(const struct realm *, const struct object *);
/* One call that may carry the packed code ($artifact). */
int object_write_call(const struct realm *, const struct object *,
    const char *op, const char *input, json_t *specials, json_t **ret_answer,
    struct err *);

#endif
