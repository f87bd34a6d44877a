/*
 * Ownership of json_t, readable from the declaration alone:
 *
 *	const json_t *x		borrowed; cannot be released
 *	json_auto_t *x = NULL	owned by this scope; released on every exit
 *	json_t **ret_x		a new reference is given to the caller
 *	json_t *take_x		the callee releases it, also on failure
 *
 * A tree has one owner thread; crossing threads means moving or js_copy
 * (jansson counts references without atomics). json_incref, json_decref and
 * json_object_get appear only in js.h and js.c.
 */
#ifndef COMMON_BASE_JS_H
#define COMMON_BASE_JS_H

#include <jansson.h>
#include <stdbool.h>

#include "common/base/err.h"

/* Returns *p and sets it to NULL. */
static inline json_t *
js_move(json_t **p)
{
	json_t *moved = *p;

	*p = NULL;
	return moved;
}

/* A second reference to the same tree, for the same thread. */
static inline json_t *
js_share(const json_t *x)
{
	return json_incref((json_t *)x);
}

static inline void
js_free(json_t *take_x)
{
	json_decref(take_x);
}

/* *slot is released and becomes take_x. */
void js_replace(json_t **slot, json_t *take_x);

/* Deep copy; NULL gives NULL. */
json_t *js_copy(const json_t *);

/* Member of an object; NULL if absent or if obj is no object. */
const json_t *js_get(const json_t *obj, const char *key);
/* Dotted path, "a.b.0.c"; NULL if anything is absent. */
const json_t *js_path(const json_t *, const char *path);
/* The string, or NULL if absent or of another type. */
const char *js_str(const json_t *obj, const char *key);
const char *js_pathstr(const json_t *, const char *path);
/* The number or boolean, or dflt. */
json_int_t js_int(const json_t *obj, const char *key, json_int_t dflt);
bool js_bool(const json_t *obj, const char *key, bool dflt);
const char *js_text(const json_t *string); /* NULL if no string */
size_t js_len(const json_t *);             /* members or elements; 0 else */
const json_t *js_at(const json_t *array, size_t i);

/* Building. Strings must be UTF-8: anything else is a bug and aborts. */
json_t *js_new_str(const char *);
json_t *js_new_strn(const char *, size_t);
json_t *js_fmt(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
json_t *js_pack(const char *fmt, ...); /* json_pack that aborts on NULL */
/* NULL take_value is ignored, so optional members need no branch. */
void js_set(json_t *obj, const char *key, json_t *take_value);
/* As js_set, for names of the API models: they are not checked again. */
void js_set_name(json_t *obj, const char *name, json_t *take_value);
void js_set_str(json_t *obj, const char *key, const char *value);
void js_push(json_t *array, json_t *take_value);
/* Members of src (shared, not copied) replace or join those of dst. */
void js_merge(json_t *dst, const json_t *src);
void js_del(json_t *obj, const char *key);

bool js_equal(const json_t *, const json_t *); /* NULL equals NULL only */

/* Compact text, keys sorted; caller frees. NULL gives "null". */
char *js_dump(const json_t *);
char *js_pretty(const json_t *); /* 2 spaces, keys in their order */
/* Depth is bounded by jansson (2048), size by the caller. */
int js_parse(const char *, size_t, json_t **ret_x, struct err *);

/* As js_parse, quicker, for answers of AWS: ERR_UNKNOWN, depth up to 512,
 * of equal keys the last one counts. */
struct buf;
int js_read(const struct buf *, json_t **ret_x, struct err *);

#define js_foreach(obj, key, val) json_object_foreach((json_t *)(obj), key, val)
#define js_each(array, i, val)    json_array_foreach ((json_t *)(array), i, val)

#endif
