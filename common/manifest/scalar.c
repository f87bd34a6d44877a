/* Scalars of the YAML 1.2 core schema: see scalar.h. */

#include "common/manifest/scalar.h"
#include "common/base/mem.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_NUMBER 400

struct word {
	const char *text;
	enum { W_NULL, W_TRUE, W_FALSE, W_UNREAL } means;
};

static const struct word words[] = {
	{ "", W_NULL },
	{ "~", W_NULL },
	{ "null", W_NULL },
	{ "Null", W_NULL },
	{ "NULL", W_NULL },
	{ "true", W_TRUE },
	{ "True", W_TRUE },
	{ "TRUE", W_TRUE },
	{ "false", W_FALSE },
	{ "False", W_FALSE },
	{ "FALSE", W_FALSE },
	{ ".inf", W_UNREAL },
	{ ".Inf", W_UNREAL },
	{ ".INF", W_UNREAL },
	{ "+.inf", W_UNREAL },
	{ "-.inf", W_UNREAL },
	{ "-.Inf", W_UNREAL },
	{ "-.INF", W_UNREAL },
	{ ".nan", W_UNREAL },
	{ ".NaN", W_UNREAL },
	{ ".NAN", W_UNREAL },
};

static const struct word *
find_word(const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i].text) == n &&
		    memcmp(words[i].text, s, n) == 0)
			return &words[i];
	}
	return NULL;
}

static json_t *
of_word(const struct word *w, const char **ret_why)
{
	if (w->means == W_UNREAL) {
		*ret_why = "infinity and NaN are not supported; quote it if "
			   "it is text";
		return NULL;
	}
	return w->means == W_NULL ? json_null()
				  : json_boolean(w->means == W_TRUE);
}

static json_t *
integer(const char *digits, int base, const char **ret_why)
{
	long long value;

	errno = 0;
	value = strtoll(digits, NULL, base);
	if (errno == ERANGE) {
		*ret_why = "the number does not fit 64 bits; quote it if it "
			   "is text";
		return NULL;
	}
	return json_integer(value);
}

/* 0o17 and 0x1f: digits of the base behind the prefix, and no sign. */
static bool
is_prefixed(const char *s, const char *prefix, const char *digits)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) == 0 && s[n] != 0 &&
	       s[n + strspn(s + n, digits)] == 0;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool
is_decimal(const char *s, bool *ret_real)
{
	const char *digits = "0123456789";
	size_t whole, part = 0, power;

	s += *s == '-' || *s == '+';
	s += whole = strspn(s, digits);
	*ret_real = *s == '.';
	if (*s == '.')
		s += 1 + (part = strspn(s + 1, digits));
	if (whole + part == 0)
		return false;
	if (*s != 'e' && *s != 'E')
		return *s == 0;
	*ret_real = true;
	s++;
	s += *s == '-' || *s == '+';
	power = strspn(s, digits);
	return power > 0 && s[power] == 0;
}

static json_t *
real(const char *s, const char **ret_why)
{
	double value = strtod(s, NULL);

	if (!isfinite(value)) {
		*ret_why = "the number is too large; quote it if it is text";
		return NULL;
	}
	return json_real(value);
}

static json_t *
decimal(const char *s, bool is_real, const char **ret_why)
{
	const char *digits = s + (*s == '-' || *s == '+');

	if (is_real)
		return real(s, ret_why);
	/* 010 is ten here and eight in YAML 1.1; an account loses its zero */
	if (digits[0] == '0' && digits[1] != 0) {
		*ret_why = "a number with a leading zero; quote it if it is "
			   "text, remove the zero if it is a number";
		return NULL;
	}
	return integer(s, 10, ret_why);
}

json_t *
scalar_plain(const char *s, size_t n, const char **ret_why)
{
	const struct word *w = find_word(s, n);
	char number[LONGEST_NUMBER];
	bool is_real;

	if (w != NULL)
		return of_word(w, ret_why);
	if (n >= sizeof(number) || strchr("-+.0123456789", s[0]) == NULL)
		return js_new_strn(s, n);
	memcpy(number, s, n);
	number[n] = 0;
	if (is_prefixed(number, "0o", "01234567"))
		return integer(number + 2, 8, ret_why);
	if (is_prefixed(number, "0x", "0123456789abcdefABCDEF"))
		return integer(number + 2, 16, ret_why);
	if (is_decimal(number, &is_real))
		return decimal(number, is_real, ret_why);
	return js_new_strn(s, n);
}
