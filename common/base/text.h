/*
 * Small text work: words, units, suggestions, encodings.
 * Pure functions; any thread.
 */
#ifndef COMMON_BASE_TEXT_H
#define COMMON_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

/*
 * Short lists in tables are written "A B C".
 *	words_each(list, w, n)	w: start, n: length; not terminated
 */
const char *words_next(const char *list, size_t *ret_n);
#define words_each(list, w, n)                                                 \
	for (size_t n = 0, once_ = 1; once_; once_ = 0)                        \
		for (const char *w = words_next((list), &n); w != NULL;        \
		     w = words_next(w + n, &n))
bool words_has(const char *list, const char *word);

/* "30s" "5m" "2h" "7d", also "1h30m"; false if it is none. Seconds. */
bool text_duration(const char *, int64_t *ret_sec);
void text_add_duration(struct buf *, int64_t sec); /* 3600 -> "1h" */
/* "512MiB" "256KiB" "1GiB" "10B"; false if it is none. Bytes. */
bool text_size(const char *, int64_t *ret_bytes);
void text_add_size(struct buf *, int64_t bytes); /* 262144 -> "256KiB" */

bool text_starts(const char *s, const char *prefix);
bool text_ends(const char *s, const char *suffix);
/* glob with * and ?, whole string */
bool text_glob(const char *pattern, const char *s);

/* Edits that turn a into b (Damerau-Levenshtein, transposition is one). */
size_t text_distance(const char *a, const char *b);
/*
 * Keeps the nearest name seen so far; *best is NULL or a name near enough
 * to suggest. Call it for every candidate.
 */
struct nearest {
	const char *best;
	size_t distance;
};
void text_nearest(struct nearest *, const char *wanted, const char *candidate);

/* For qsort() and bsearch() of texts (char *): by their bytes. */
int text_order(const void *, const void *);

bool text_is_utf8(const char *, size_t);
/* point: 0 to 0x10ffff, no surrogate */
void text_add_utf8(struct buf *, uint32_t point);

/* Eight bytes as one number: c in each of them. */
#define TEXT_EACH(c) (UINT64_C(0x0101010101010101) * (c))

/* A to Z as a to z, whatever the locale */
void text_add_lower(struct buf *, const char *, size_t);

/* Percent-encoding of RFC 3986; keep_slash leaves '/' as it is. */
void text_add_percent(struct buf *, const char *, size_t, bool keep_slash);

#endif
