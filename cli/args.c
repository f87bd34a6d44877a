/* The command line: options of const tables, words, suggestions. */

#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/text.h"

struct parser {
	struct args *args;
	const char **words;
	char **argv;
	int argc, at;
	bool only_words; /* behind "--" */
};

static const struct option *
in_table(const struct option *row, const char *name, size_t len, char letter)
{
	for (; row != NULL && row->name != NULL; row++)
		if (letter != 0 ? row->letter == letter
				: strlen(row->name) == len &&
				      memcmp(row->name, name, len) == 0)
			return row;
	return NULL;
}

static const struct option *
find_option(const struct verb *verb, const char *name, size_t len, char letter)
{
	const struct option *row = in_table(global_options, name, len, letter);

	if (row == NULL && verb != NULL)
		row = in_table(verb->options, name, len, letter);
	if (row == NULL && verb != NULL)
		row = in_table(verb->options2, name, len, letter);
	return row;
}

static void
nearest_option(struct nearest *near, const struct option *row, const char *name)
{
	for (; row != NULL && row->name != NULL; row++)
		text_nearest(near, name, row->name);
}

static int
unknown_option(const struct args *args, const char *text, size_t len)
{
	struct nearest near = { 0 };
	auto_free char *name = mem_strn(text, len);

	nearest_option(&near, global_options, name);
	if (args->verb != NULL) {
		nearest_option(&near, args->verb->options, name);
		nearest_option(&near, args->verb->options2, name);
	}
	if (near.best != NULL)
		return usage_error(args,
		    "unknown option --%s; did you mean --%s?", name, near.best);
	return usage_error(args, "unknown option --%s", name);
}

static int
unknown_verb(const struct args *args, const char *name)
{
	struct nearest near = { 0 };

	for (const struct verb *v = verbs; v->name != NULL; v++)
		if (!v->hidden)
			text_nearest(&near, name, v->name);
	if (near.best != NULL)
		return usage_error(args,
		    "unknown verb `%s`; did you mean `%s`?", name, near.best);
	return usage_error(args, "unknown verb `%s`", name);
}

static int
check_value(
    const struct args *args, const struct option *row, const char *value)
{
	const char *words = row->words;

	if (strcmp(row->name, "output") == 0 && args->verb != NULL) {
		words = args->verb->outputs;
		if (words == NULL)
			return usage_error(
			    args, "%s has no --output", args->verb->name);
	}
	if (words != NULL && !words_has(words, value))
		return usage_error(args, "--%s is `%s`; it must be one of: %s",
		    row->name, value, words);
	return EXIT_OK;
}

static void
add_given(struct args *args, const struct option *row, const char *value)
{
	args->given = mem_grow(args->given,
	    args->n_given * sizeof(*args->given),
	    (args->n_given + 1) * sizeof(*args->given));
	args->given[args->n_given++] = (struct given){ row, value };
}

/* inline_value: what stands behind '=', or behind a letter; or NULL. */
static int
take_option(
    struct parser *p, const struct option *row, const char *inline_value)
{
	const char *value = inline_value;

	if (row->value == NULL) {
		if (value != NULL)
			return usage_error(
			    p->args, "--%s takes no value", row->name);
		add_given(p->args, row, "");
		return EXIT_OK;
	}
	if (value == NULL && p->at + 1 < p->argc)
		value = p->argv[++p->at];
	if (value == NULL)
		return usage_error(
		    p->args, "--%s needs a value (%s)", row->name, row->value);
	add_given(p->args, row, value);
	return EXIT_OK;
}

static int
take_long(struct parser *p, const char *text)
{
	size_t len = strcspn(text, "=");
	const struct option *row = find_option(p->args->verb, text, len, 0);

	if (row == NULL)
		return unknown_option(p->args, text, len);
	return take_option(p, row, text[len] == '=' ? text + len + 1 : NULL);
}

/* -o json, -ojson, -h */
static int
take_short(struct parser *p, const char *text)
{
	const struct option *row = find_option(p->args->verb, NULL, 0, text[0]);

	if (row == NULL)
		return usage_error(p->args, "unknown option -%c", text[0]);
	return take_option(p, row, text[1] != 0 ? text + 1 : NULL);
}

static int
take_word(struct parser *p, const char *word)
{
	struct args *args = p->args;

	if (args->verb != NULL) {
		p->words[args->n_words++] = word;
		return EXIT_OK;
	}
	for (const struct verb *v = verbs; v->name != NULL; v++)
		if (strcmp(v->name, word) == 0)
			args->verb = v;
	return args->verb != NULL ? EXIT_OK : unknown_verb(args, word);
}

static int
take(struct parser *p, const char *text)
{
	if (!p->only_words && strcmp(text, "--") == 0) {
		p->only_words = true;
		return EXIT_OK;
	}
	if (!p->only_words && text_starts(text, "--"))
		return take_long(p, text + 2);
	if (!p->only_words && text[0] == '-' && text[1] != 0)
		return take_short(p, text + 1);
	return take_word(p, text);
}

static int
check_words(const struct args *args)
{
	const struct verb *v = args->verb;

	if (args->n_words < v->min_words)
		return usage_error(args, "%s needs %s", v->name, v->usage);
	if (args->n_words > v->max_words)
		return usage_error(
		    args, "too many words: `%s`", args->words[v->max_words]);
	for (size_t i = 0; i < args->n_given; i++) {
		int code = check_value(
		    args, args->given[i].option, args->given[i].value);

		if (code != EXIT_OK)
			return code;
	}
	return EXIT_OK;
}

static bool
wants_colour(const struct args *args)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && (no == NULL || *no == 0) &&
	       (term == NULL || strcmp(term, "dumb") != 0) &&
	       !args_has(args, "no-color");
}

int
args_parse(int argc, char **argv, struct args *ret)
{
	struct parser p = { .args = ret, .argv = argv, .argc = argc, .at = 1 };

	*ret = (struct args){ 0 };
	p.words = mem_array(const char *, (size_t)argc + 1);
	ret->words = p.words;
	for (; p.at < argc; p.at++) {
		int code = take(&p, argv[p.at]);

		if (code != EXIT_OK)
			return code;
	}
	ret->colour = wants_colour(ret);
	if (ret->verb == NULL || args_has(ret, "help"))
		return EXIT_OK;
	return check_words(ret);
}

void
args_free(struct args *args)
{
	free((void *)args->words);
	free(args->given);
}

const char *
args_get(const struct args *args, const char *option)
{
	for (size_t i = args->n_given; i-- > 0;)
		if (strcmp(args->given[i].option->name, option) == 0)
			return args->given[i].value;
	return NULL;
}

bool
args_has(const struct args *args, const char *option)
{
	return args_get(args, option) != NULL;
}

const char *
args_word(const struct args *args, size_t i)
{
	return i < args->n_words ? args->words[i] : NULL;
}

bool
args_output_is(const struct args *args, const char *format)
{
	const char *given = args_get(args, "output");
	size_t n = strlen(format);

	if (given != NULL)
		return strcmp(given, format) == 0;
	return strncmp(args->verb->outputs, format, n) == 0 &&
	       strchr(" ", args->verb->outputs[n]) != NULL;
}

int
args_seconds(
    const struct args *args, const char *option, double dflt, double *ret)
{
	const char *text = args_get(args, option);
	int64_t sec;

	*ret = dflt;
	if (text == NULL)
		return EXIT_OK;
	if (!text_duration(text, &sec))
		return usage_error(args,
		    "--%s is `%s`; a duration looks like 30s, 5m or 2h", option,
		    text);
	*ret = (double)sec;
	return EXIT_OK;
}
