/*
 * Forms of strings: names for the patterns that fields ask for.
 * Const tables and pure functions; any thread.
 */
#ifndef COMMON_MANIFEST_FORM_H
#define COMMON_MANIFEST_FORM_H

#include <stdbool.h>

struct form {
	const char *name;
	const char *help;           /* "an ARN such as arn:aws:..." */
	const char *pattern;        /* POSIX extended and ECMAScript alike */
	bool (*also)(const char *); /* what a pattern cannot say; or NULL */
};

/* The form of a field row; one with `pattern` only if the row brings its own
 * expression. An unknown name is a bug of the table and aborts. */
struct form form_of(const char *name_or_pattern);
bool form_fits(const struct form *, const char *s);

#endif
