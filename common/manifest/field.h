/*
 * Fields: const tables that say what a document may hold.
 *
 * From one row come the check, the default, `convergctl explain`, the JSON
 * Schema and the reference page. The settings file and every module's spec
 * are such tables. A table ends with a row without a name. Const: any thread.
 */
#ifndef COMMON_MANIFEST_FIELD_H
#define COMMON_MANIFEST_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/js.h"

enum field_type {
	F_STRING, /* min, max: characters; pattern: see `form` */
	F_BOOL,
	F_INT,      /* min, max */
	F_NUMBER,   /* JSON real or integer; min, max */
	F_DURATION, /* "30s"; becomes an integer of seconds; min, max in s */
	F_SIZE,   /* "512MiB"; becomes an integer of bytes; min, max in bytes */
	F_ENUM,   /* one of the words in `values` */
	F_REF,    /* "Kind/name" with Kind in `values`, or a literal ARN */
	F_PATH,   /* a file or directory of the repository */
	F_OBJECT, /* members in `fields` */
	F_MAP,    /* free keys; every value as the first row of `fields`; min,
		     max: members; form: of the keys */
	F_LIST,   /* every element as the first row of `fields`; min, max:
		     elements */
	F_CHOICE, /* the row of `fields` whose JSON type fits the value; of
		     several the first that accepts it */
	F_DOCUMENT, /* any JSON: policy documents, filters */
};

enum {
	F_REQUIRED = 1,
	F_FIXED = 2,   /* a change replaces the resource */
	F_LITERAL = 4, /* no ${Kind/name.output} here: needed to compile */
	F_SECRET = 8,  /* never in a diff, log or status */
	F_UNIQUE = 16, /* F_LIST: no element twice */
};

struct field {
	const char *name;
	enum field_type type;
	unsigned flags;
	const char *dflt; /* as YAML text: "30s", "true", "{ x: 1 }"; or NULL */
	int64_t min, max; /* 0, 0: no limit */
	const char *values; /* "A B C" */
	/* F_STRING: the name of a row of form.c ("arn", "name", "email",
	 * "https", "cidr", "key:S" ...), or a regular expression of its own
	 * ("^[a-z]+$", POSIX extended and ECMAScript alike); or NULL */
	const char *form;
	const struct field *fields;
	const char *help; /* one line: what it is, unit, why the default */
};

#endif
