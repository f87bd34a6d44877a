/* JSON as rows of tests hold it. */
#ifndef TESTS_UNIT_QUOTED_H
#define TESTS_UNIT_QUOTED_H

#include <check.h>
#include <string.h>

#include "common/base/js.h"
#include "common/base/mem.h"

/* JSON in rows is written with ' for ". */
static inline json_t *
parse(const char *text)
{
	auto_free char *copy = mem_str(text);
	json_t *x = NULL;
	struct err err = { 0 };

	for (char *c = copy; *c != 0; c++)
		if (*c == '\'')
			*c = '"';
	ck_assert_msg(
	    js_parse(copy, strlen(copy), &x, &err) == 0, "%s", err.msg);
	return x;
}

#endif
