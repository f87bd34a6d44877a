/* What "the same" means for bodies and values of the tests. */

#include "common/base/crypto.h"
#include "common/base/mem.h"
#include "tests/conformance/conformance.h"

#include <expat.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *
plain_scalar(uint16_t type, const json_t *v)
{
	auto_buf struct buf b = BUF_INIT;
	int64_t usec;

	if (type == T_BLOB && json_is_string(v))
		crypto_add_base64(&b, js_text(v), json_string_length(v));
	else if (type >= T_TIMESTAMP && type <= T_RFC822 && time_of(v, &usec))
		time_add_iso(&b, usec, "+00:00");
	else
		return js_copy(v);
	return js_new_strn(b.data, b.len);
}

/* JSON in a header is a value to us, its text to the tests. */
static json_t *
plain_json(const json_t *v)
{
	json_error_t e;

	return json_is_string(v) ? json_loads(js_text(v), JSON_DECODE_ANY, &e)
				 : js_copy(v);
}

json_t *
plain_form(const struct model *m, uint16_t type, const json_t *v)
{
	const struct model_shape *s = model_shape(m, type);
	json_t *out;
	const char *key;
	const json_t *val;
	size_t i;

	if (json_is_null(v) || v == NULL)
		return js_copy(v);
	if (s == NULL)
		return plain_scalar(type, v);
	if (s->kind == SHAPE_LIST) {
		out = json_array();
		js_each (v, i, val)
			js_push(out, plain_form(m, s->n, val));
		return out;
	}
	out = json_object();
	js_foreach (v, key, val) {
		const struct model_member *mb = s->kind == SHAPE_MAP
						    ? NULL
						    : model_member(m, s, key);
		uint16_t t = mb != NULL ? mb->type : (uint16_t)s->a;

		js_set(out, key,
		    mb == NULL && s->kind == SHAPE_STRUCT ? js_copy(val)
		    : mb != NULL && (mb->flags & M_JSON) != 0
			? plain_json(val)
			: plain_form(m, t, val));
	}
	return out;
}

static bool
same_object(const json_t *a, const json_t *b)
{
	const char *key;
	const json_t *val;

	if (!json_is_object(b) || js_len(a) != js_len(b))
		return false;
	js_foreach (a, key, val) {
		if (!same_json(val, js_get(b, key)))
			return false;
	}
	return true;
}

static bool
same_array(const json_t *a, const json_t *b)
{
	const json_t *val;
	size_t i;

	if (!json_is_array(b) || js_len(a) != js_len(b))
		return false;
	js_each (a, i, val) {
		if (!same_json(val, js_at(b, i)))
			return false;
	}
	return true;
}

/* Some texts are documents, which an SDK of the service decodes. */
static bool
is_text_of(const json_t *text, const json_t *document)
{
	json_error_t e;
	json_auto_t *v = json_loads(js_text(text), 0, &e);

	return v != NULL && same_json(v, document);
}

/* 1 and 1.0 are the same number; single precision is enough. */
bool
same_json(const json_t *a, const json_t *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (json_is_object(a) && json_is_string(b))
		return is_text_of(b, a);
	if (json_is_object(a))
		return same_object(a, b);
	if (json_is_array(a))
		return same_array(a, b);
	if (json_is_number(a) && json_is_number(b)) {
		double x = json_number_value(a), y = json_number_value(b);

		return fabs(x - y) <= 1e-9 * fabs(x);
	}
	return json_equal(a, b);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Splits at '&', sorts; '+' is "%20". */
static char *
form_sorted(const char *form)
{
	auto_free char *copy = mem_str(form), **pairs = NULL;
	auto_buf struct buf b = BUF_INIT;
	size_t n = 0;

	pairs = mem_array(char *, strlen(form) + 1);
	for (char *p = copy; *p != 0;) {
		size_t len = strcspn(p, "&");

		if (len > 0)
			pairs[n++] = p;
		p += len;
		if (*p != 0)
			*p++ = 0;
	}
	qsort(pairs, n, sizeof(*pairs), by_text);
	for (size_t i = 0; i < n; i++) {
		for (const char *c = pairs[i]; *c != 0; c++)
			buf_adds(&b, *c == '+' ? "%20" : (char[]){ *c, 0 });
		/* "key" and "key=" */
		if (strchr(pairs[i], '=') == NULL)
			buf_addc(&b, '=');
		buf_addc(&b, '\n');
	}
	return buf_take(&b);
}

bool
same_form(const char *a, const char *b)
{
	auto_free char *x = form_sorted(a), *y = form_sorted(b);

	return strcmp(x, y) == 0;
}

/* One line per event; text is trimmed where elements are around it. */
struct canon {
	struct buf out, text;
	bool leaf;
};

static void
on_start(void *arg, const char *name, const char **atts)
{
	struct canon *c = arg;
	size_t n = 0;

	while (atts[n] != NULL)
		n += 2;
	qsort(atts, n / 2, 2 * sizeof(*atts), by_text);
	buf_addf(&c->out, "<%s", name);
	for (size_t i = 0; i < n; i += 2)
		buf_addf(&c->out, " %s=%s", atts[i], atts[i + 1]);
	buf_adds(&c->out, "\n");
	buf_clear(&c->text);
	c->leaf = true;
}

static void
on_end(void *arg, const char *name)
{
	struct canon *c = arg;

	if (c->leaf)
		buf_add(&c->out, c->text.data, c->text.len);
	buf_addf(&c->out, "</%s\n", name);
	c->leaf = false;
}

static void
on_text(void *arg, const char *s, int n)
{
	struct canon *c = arg;

	buf_add(&c->text, s, (size_t)n);
}

static char *
canonical(const char *xml)
{
	struct canon c = { BUF_INIT, BUF_INIT, false };
	XML_Parser p = XML_ParserCreate(NULL);

	XML_SetUserData(p, &c);
	XML_SetElementHandler(p, on_start, on_end);
	XML_SetCharacterDataHandler(p, on_text);
	if (*xml != 0 &&
	    XML_Parse(p, xml, (int)strlen(xml), XML_TRUE) != XML_STATUS_OK)
		buf_addf(&c.out, "not XML: %s", xml);
	XML_ParserFree(p);
	buf_free(&c.text);
	return buf_take(&c.out);
}

bool
same_xml(const char *a, const char *b)
{
	auto_free char *x = canonical(a), *y = canonical(b);

	return strcmp(x, y) == 0;
}
