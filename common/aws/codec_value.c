/* Scalars: JSON values to text on the wire, and back. */

#include "common/aws/codec_impl.h"
#include "common/base/crypto.h"
#include "common/base/mem.h"
#include "common/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The shortest text that reads back as the same number. */
static void
add_real(struct buf *b, double d)
{
	char s[40];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(s, sizeof(s), "%.*g", digits, d);
		if (strtod(s, NULL) == d)
			break;
	}
	buf_adds(b, s);
	if (strpbrk(s, ".en") == NULL)
		buf_adds(b, ".0");
}

void
value_add_number(struct buf *b, const json_t *v)
{
	if (json_is_integer(v))
		buf_addf(b, "%lld", (long long)json_integer_value(v));
	else
		add_real(b, json_number_value(v));
}

static int
dump_to_buf(const char *s, size_t n, void *b)
{
	buf_add(b, s, n);
	return 0;
}

void
value_add_json(struct buf *b, const json_t *v)
{
	json_dump_callback(v, dump_to_buf, b, JSON_COMPACT | JSON_ENCODE_ANY);
}

static bool
is_time(uint16_t type)
{
	return type >= T_TIMESTAMP && type <= T_RFC822;
}

struct span
value_text(struct buf *scratch, uint16_t type, uint16_t time, const json_t *v)
{
	int64_t usec;

	buf_clear(scratch);
	if (is_time(type) && time_of(v, &usec))
		time_add(scratch, type == T_TIMESTAMP ? time : type, usec);
	else if (json_is_string(v))
		return (struct span){ js_text(v), json_string_length(v) };
	else if (json_is_boolean(v))
		buf_adds(scratch, json_is_true(v) ? "true" : "false");
	else if (json_is_number(v))
		value_add_number(scratch, v);
	else
		value_add_json(scratch, v);
	return (struct span){ scratch->data, scratch->len };
}

/* Headers and bodies may hold Latin-1: what is not UTF-8 is taken for it. */
static json_t *
text_value(const char *s, size_t n)
{
	auto_buf struct buf utf8 = BUF_INIT;

	if (text_is_utf8(s, n))
		return json_stringn_nocheck(s, n);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x80)
			buf_addc(&utf8, (char)(0xc0 | c >> 6));
		buf_addc(&utf8, (char)(c < 0x80 ? c : 0x80 | (c & 0x3f)));
	}
	return js_new_strn(utf8.data, utf8.len);
}

static json_t *
time_value(int64_t usec)
{
	auto_buf struct buf b = BUF_INIT;

	time_add_iso(&b, usec, "+00:00");
	return js_new_strn(b.data, b.len);
}

/* Infinity and NaN are no JSON numbers: they stay text. */
static json_t *
real_value(double d)
{
	if (isnan(d))
		return js_new_str("NaN");
	if (isinf(d))
		return js_new_str(d < 0 ? "-Infinity" : "Infinity");
	return json_real(d);
}

static json_t *
number_value(uint16_t type, const char *s)
{
	char *end;
	double d;

	if (type == T_INTEGER || type == T_LONG) {
		long long n = strtoll(s, &end, 10);

		if (end != s && *end == 0)
			return json_integer(n);
	}
	d = strtod(s, &end);
	if (end == s || *end != 0)
		return NULL;
	if ((type == T_INTEGER || type == T_LONG) && fabs(d) < 9e15 &&
	    d == floor(d))
		return json_integer((json_int_t)d);
	return real_value(d);
}

static json_t *
boolean_value(const char *s)
{
	if (strcasecmp(s, "true") == 0)
		return json_true();
	return strcasecmp(s, "false") == 0 ? json_false() : NULL;
}

json_t *
value_from_text(uint16_t type, const char *s, size_t n)
{
	auto_free char *heap = NULL;
	char stack[64], *copy = stack;
	int64_t usec;

	if (type == T_STRING || type == T_BLOB)
		return text_value(s, n);
	while (n > 0 && strchr(" \t\r\n", *s) != NULL) {
		s++;
		n--;
	}
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
		n--;
	if (n == 0)
		return NULL;
	if (n >= sizeof(stack))
		copy = heap = mem_new(n + 1);
	memcpy(copy, s, n);
	copy[n] = 0;
	if (is_time(type))
		return time_parse(copy, &usec) ? time_value(usec)
					       : text_value(s, n);
	if (type == T_BOOLEAN)
		return boolean_value(copy);
	if (type == T_DOCUMENT)
		return text_value(s, n);
	return number_value(type, copy);
}

/* A number where text is expected, and the like. */
static json_t *
coerced(uint16_t type, const json_t *v)
{
	auto_buf struct buf b = BUF_INIT;

	if (json_is_string(v))
		return value_from_text(type, js_text(v), json_string_length(v));
	value_add_json(&b, v);
	return value_from_text(type, b.data, b.len);
}

bool
value_is_plain(uint16_t type, const json_t *v)
{
	return type == T_DOCUMENT ||
	       ((type == T_STRING || type == T_BLOB) && json_is_string(v)) ||
	       (type == T_BOOLEAN && json_is_boolean(v)) ||
	       ((type == T_INTEGER || type == T_LONG) && json_is_integer(v));
}

json_t *
value_from_json(uint16_t type, const json_t *v)
{
	int64_t usec;

	if (is_time(type))
		return time_of(v, &usec) ? time_value(usec) : js_share(v);
	if (value_is_plain(type, v))
		return js_share(v);
	if ((type == T_FLOAT || type == T_DOUBLE) && json_is_number(v))
		return json_real(json_number_value(v));
	return coerced(type, v);
}

json_t *
value_from_bytes(uint16_t type, const char *s, size_t n)
{
	auto_buf struct buf b = BUF_INIT;
	json_error_t e;

	if (type == T_DOCUMENT)
		return json_loadb(s, n, JSON_DECODE_ANY, &e);
	if (type != T_BLOB)
		return value_from_text(type, s, n);
	crypto_add_base64(&b, s, n);
	return js_new_strn(b.data, b.len);
}
