/*
 * Templates: how a resource type writes a request.
 *
 *	value  := { member, ... } | [ value, ... ] | $var | "text" | word
 *	member := key: value | ...$var		(the members of an object)
 *	word   := true, false, a number, or else a string
 *
 * "text ${var} text" interpolates. A variable is dotted ($parent.ApiId). One
 * that has no value drops the member, the element or the whole text that
 * holds it. $rest is $all without what the same template names.
 *
 * Templates are ours and checked by tests: a bad one aborts. Pure.
 */
#ifndef COMMON_ENGINE_TEMPLATE_H
#define COMMON_ENGINE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/js.h"

/* Looked up from the first layer to the last; NULL layers are skipped. */
struct scope {
	const json_t *layers[4];
};

/* New tree, sharing nothing with the scope; NULL when it has no value. */
json_t *template_eval(const char *text, const struct scope *);
/* Same, as text; NULL when it has no value. Caller frees. */
char *template_text(const char *text, const struct scope *);
/* Calls back with every variable, dotted, once per occurrence. */
void template_variables(const char *text,
    void (*variable)(void *arg, const char *name, size_t len), void *arg);
bool template_mentions(const char *text, const char *variable);
/*
 * The inverse for simple text such as "arn:${partition}:sqs:${QueueName}":
 * does value fit, and what are the variables? A variable followed by ':'
 * holds no ':'. ret may be NULL.
 */
bool template_match(const char *text, const char *value, json_t **ret);

#endif
