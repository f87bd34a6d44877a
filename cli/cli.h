/*
 * What the verbs of convergctl share: the tables that describe a verb, the
 * parsed command line, exit codes, output. Everything runs on the main
 * thread; a verb returns the exit code of the program.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/js.h"
#include "common/base/mem.h"

enum exit_code {
	EXIT_OK = 0,
	EXIT_ERROR = 1,
	EXIT_CHANGES = 2, /* with --detailed-exitcode */
	EXIT_TIMED_OUT = 3,
	EXIT_APPROVAL = 4,
	EXIT_GUARD = 5,
	EXIT_USAGE = 64,
	EXIT_UNREACHABLE = 69,
	EXIT_NO_PERMISSION = 77,
};

struct option {
	const char *name;
	char letter;       /* 0: none */
	const char *value; /* what help calls it; NULL: a switch */
	const char *words; /* "A B": all it may be; NULL: anything */
	const char *help;
};

struct args;

struct verb {
	const char *name;
	int (*run)(const struct args *);
	const char *usage; /* of the words behind it: "[DIR]" */
	const char *help;  /* one line */
	const char *more;  /* lines for `convergctl help VERB`; or NULL */
	const struct option *options;  /* its own, ends without a name */
	const struct option *options2; /* shared with other verbs, or NULL */
	const char *outputs;           /* words of --output; the first is the
					  default; NULL: has none */
	size_t min_words, max_words;
	bool hidden; /* for the project's own Makefile and tests */
};
extern const struct verb verbs[]; /* ends without a name */
extern const struct option global_options[];

struct args {
	const struct verb *verb;
	const char *const *words; /* behind the verb */
	size_t n_words;
	struct given {
		const struct option *option;
		const char *value; /* "" for a switch */
	} * given;
	size_t n_given;
	bool colour;
};

/* Fills *ret from the command line, or prints what is wrong with it and
 * returns EXIT_USAGE. args_free releases it either way. */
int args_parse(int argc, char **argv, struct args *ret);
void args_free(struct args *);

/* The last value given, or NULL. */
const char *args_get(const struct args *, const char *option);
bool args_has(const struct args *, const char *option);
/* Word behind the verb, or NULL. */
const char *args_word(const struct args *, size_t i);
/* Is this the value of --output, or the verb's default? */
bool args_output_is(const struct args *, const char *format);
/* Seconds of a duration option. Prints and returns EXIT_USAGE when it is no
 * duration. */
int args_seconds(
    const struct args *, const char *option, double dflt, double *ret);

/* "convergctl: text" on standard error; returns code. */
int fail(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Prints the error, its code and request id; the exit code that fits. */
int fail_err(const struct err *);
int usage_error(const struct args *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

void help_all(struct buf *);
void help_verb(const struct verb *, struct buf *);

/* The whole text on standard output. EXIT_ERROR when it cannot be written. */
int print_buf(const struct buf *);
/* JSON with the given indentation and a newline. */
int print_json(const json_t *, size_t indent);

/* json_t as block YAML, strings quoted only where needed. */
void yaml_add(struct buf *, const json_t *, int indent);

/* Columns: rows of n cells, aligned; the last is not padded. */
struct table {
	size_t columns;
	char **cells;
	size_t n; /* cells */
};
/* Cells are copied, control characters replaced; NULL is "". */
void table_add(struct table *, const char *cell);
void table_print(const struct table *, const char *indent, struct buf *);
void table_free(struct table *);

/* ---- verbs ---- */

extern const struct option client_options[]; /* of verbs that reach AWS */
extern const struct option docs_options[], aws_options[], plan_options[],
    apply_options[], status_options[], reconcile_options[], history_options[],
    drift_options[], suspend_options[], approve_options[], adopt_options[],
    iam_policy_options[];

int verb_validate(const struct args *);
int verb_render(const struct args *);
int verb_iam_policy(const struct args *);
int verb_plan(const struct args *);
int verb_apply(const struct args *);
int verb_status(const struct args *);
int verb_reconcile(const struct args *);
int verb_history(const struct args *);
int verb_events(const struct args *);
int verb_drift(const struct args *);
int verb_suspend(const struct args *);
int verb_resume(const struct args *);
int verb_approve(const struct args *);
int verb_reject(const struct args *);
int verb_adopt(const struct args *);
int verb_explain(const struct args *);
int verb_schema(const struct args *);
int verb_aws(const struct args *);
int verb_version(const struct args *);
int verb_completion(const struct args *);
int verb_help(const struct args *);
int verb_docs(const struct args *);
int verb_show_plan(const struct args *);

#endif
