/*
 * The state of one check_fields(): private to check.c and check_scalar.c.
 */
#ifndef COMMON_MANIFEST_CHECKER_H
#define COMMON_MANIFEST_CHECKER_H

#include "common/manifest/check.h"

struct checker {
	const struct doc *doc;
	struct errors *errors;
	struct buf pointer;            /* to the value that is looked at */
	const struct check_hook *hook; /* or NULL */
	size_t n_errors;
};

/* All give a new tree, or NULL after adding an error. */
json_t *check_node(
    struct checker *, const struct field *row, const json_t *value);
json_t *check_scalar(
    struct checker *, const struct field *row, const json_t *value);

/* The row's default, checked and complete. */
json_t *check_default(const struct field *row);
/* The text of a default as a value. */
json_t *check_parse_default(const char *text);

/* Adds "`field` <text>" at the value; NULL. */
json_t *check_error(struct checker *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* "must be <what>, is <value>" and a hint. */
json_t *check_type_error(
    struct checker *, const struct field *row, const json_t *value);
/* min <= n <= max of the row, else the error; `unit` follows the limits. */
bool check_range(struct checker *, const struct field *row, int64_t n,
    void (*add)(struct buf *, int64_t), const char *verb, const char *unit);

/* What a row wants: "a duration such as 30s", "one of A, B". */
void check_describe(struct buf *, const struct field *row);
/* "A, B and C" of "A B C", with the last joint as said. */
void check_words(struct buf *, const char *words, const char *joint);

/* The word that was meant: the same in other case, or the nearest; NULL if
 * none is near. The caller frees it. */
char *check_nearest_word(const char *words, const char *wanted);

#endif
