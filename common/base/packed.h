/*
 * JSON at rest. A tree of jansson needs 1 to 3 KiB where its text needs a
 * few hundred bytes: what waits is kept as text, in one allocation, and is a
 * tree only for as long as somebody works on it. There is one rule: who
 * holds many keeps them packed, who works on one opens it.
 *
 * A packed value is never changed, only replaced: reading is for any thread.
 * NULL stands for no value everywhere.
 */
#ifndef COMMON_BASE_PACKED_H
#define COMMON_BASE_PACKED_H

#include <stdbool.h>

#include "common/base/js.h"
#include "common/base/mem.h"

struct buf;
struct packed; /* compact JSON text, keys in their order */

struct packed *packed_of(const json_t *);
struct packed *packed_take(json_t *take_x);
struct packed *packed_copy(const struct packed *);
void packed_free(struct packed *);
AUTO_DEFINE(struct packed, packed_free)
/* The old value goes. */
void packed_replace(struct packed **slot, struct packed *take_x);
json_t *packed_open(const struct packed *); /* a new tree */
const char *packed_text(const struct packed *);

/*
 * A JSON object with long arrays whose elements are packed: the plan and the
 * report of a pass. Shared by counting; changed only while there is one
 * owner. One thread.
 */
struct packed_doc;

struct packed_doc *packed_doc_new(json_t *take_head);
/* Of a tree; the words are the names of its long arrays. */
struct packed_doc *packed_doc_of(const json_t *, const char *arrays);
struct packed_doc *packed_doc_share(struct packed_doc *);
void packed_doc_free(struct packed_doc *);
AUTO_DEFINE(struct packed_doc, packed_doc_free)
/* Its members but for the long arrays; NULL of NULL. Borrowed. */
const json_t *packed_doc_head(const struct packed_doc *);
json_t *packed_doc_edit(struct packed_doc *); /* the same, by its one owner */
/* Up to four arrays; each is there, and empty, before the first push. */
void packed_doc_array(struct packed_doc *, const char *array);
void packed_doc_push(
    struct packed_doc *, const char *array, json_t *take_element);
/* The element is a document itself. */
void packed_doc_push_doc(
    struct packed_doc *, const char *array, const struct packed_doc *element);
size_t packed_doc_len(const struct packed_doc *, const char *array);
/* A new tree; NULL behind the last. */
json_t *packed_doc_at(const struct packed_doc *, const char *array, size_t i);
/* All of it as one text, or as one tree. */
void packed_doc_add_text(const struct packed_doc *, struct buf *);
json_t *packed_doc_open(const struct packed_doc *);

/*
 * JSON values by name, many of them: filled, then finished, then only read,
 * by any thread. Of a name that was added twice the later value counts.
 */
struct packed_map;

struct packed_map *packed_map_new(void);
void packed_map_free(struct packed_map *);
AUTO_DEFINE(struct packed_map, packed_map_free)
void packed_map_add(struct packed_map *, const char *name, const json_t *value);
void packed_map_finish(struct packed_map *);
/* All of these of a finished map; NULL is an empty one. */
bool packed_map_has(const struct packed_map *, const char *name);
json_t *packed_map_get(const struct packed_map *, const char *name);
size_t packed_map_len(const struct packed_map *);
/* By position, in the order of the names. Borrowed; a new tree. */
const char *packed_map_name(const struct packed_map *, size_t i);
json_t *packed_map_at(const struct packed_map *, size_t i);

/* x is each element of the array in turn, a tree for one turn. */
#define packed_doc_each(doc, array, x)                                         \
	for (size_t i_##x = 0; i_##x == 0; i_##x = (size_t)-1)                 \
		for (json_auto_t *x = packed_doc_at((doc), (array), 0);        \
		     x != NULL;                                                \
		     js_replace(&x, packed_doc_at((doc), (array), ++i_##x)))

#endif
