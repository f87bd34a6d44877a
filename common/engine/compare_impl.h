/* Shared by compare*.c alone. Pure. */
#ifndef COMMON_ENGINE_COMPARE_IMPL_H
#define COMMON_ENGINE_COMPARE_IMPL_H

#include "common/engine/compare.h"

struct buf;

/* Adds a scalar as text; false: it is none. */
bool compare_text(const json_t *, struct buf *);
/* What servers leave out: false, 0, "", [], {} and structures of such. */
bool compare_is_nothing(const json_t *);
/* A new array: the elements in one order, that of their text. */
json_t *compare_sorted(const json_t *array);

#endif
