/* Defaults of fields: YAML text in the table. See checker.h. */

#include "common/manifest/checker.h"
#include "common/manifest/scalar.h"

#include <stdlib.h>
#include <string.h>

/* Texts such as 30s and true need no YAML parser. */
static json_t *
parse_simple(const char *text)
{
	const char *safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
			   "XYZ0123456789./-_";
	const char *why;

	if (text[0] == '-' || text[strspn(text, safe)] != 0)
		return NULL;
	return scalar_plain(text, strlen(text), &why);
}

json_t *
check_parse_default(const char *text)
{
	json_t *value = parse_simple(text);
	struct errors errors = { 0 };
	struct doc *docs = NULL;
	size_t n = 0;

	if (value != NULL)
		return value;
	must(doc_parse("default", text, strlen(text), &docs, &n, &errors) == 0);
	must(n == 1);
	value = js_share(docs[0].root);
	doc_free(docs, n);
	return value;
}

/* A default is checked like any value: nested defaults come along. That it
 * fits is a matter of the table, not of the document. */
json_t *
check_default(const struct field *row)
{
	json_auto_t *value = check_parse_default(row->dflt);
	struct doc doc = { .file = (char *)"default" };
	struct errors errors = { 0 };
	struct checker c = {
		.doc = &doc, .errors = &errors, .pointer = BUF_INIT
	};
	json_t *checked = check_node(&c, row, value);

	must(checked != NULL);
	buf_free(&c.pointer);
	return checked;
}
