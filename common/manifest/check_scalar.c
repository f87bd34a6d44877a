/* Checks of values that are one scalar: see check.h. */

#include "common/base/text.h"
#include "common/manifest/checker.h"
#include "common/manifest/form.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void
add_number(struct buf *b, int64_t n)
{
	buf_addf(b, "%" PRId64, n);
}

bool
check_range(struct checker *c, const struct field *row, int64_t n,
    void (*add)(struct buf *, int64_t), const char *verb, const char *unit)
{
	bool bounded = row->max != 0 || row->min > 0;
	auto_buf struct buf b = BUF_INIT;

	if (!bounded || (n >= row->min && (row->max == 0 || n <= row->max)))
		return true;
	buf_addf(&b, "must %s ", verb);
	if (row->max == 0)
		buf_adds(&b, "at least ");
	add(&b, row->min);
	if (row->max != 0 && row->max != row->min) {
		buf_adds(&b, " to ");
		add(&b, row->max);
	}
	buf_addf(&b, "%s, %s ", unit, verb[0] == 'b' ? "is" : "has");
	if (row->flags & F_SECRET && verb[0] == 'b')
		buf_adds(&b, "another");
	else
		add(&b, n);
	check_error(c, "%s", b.data);
	return false;
}

void
check_words(struct buf *b, const char *words, const char *joint)
{
	size_t n_words = 0, i = 0;

	words_each (words, count, unused) {
		n_words += *count != 0 && unused != 0;
	}
	words_each (words, w, n) {
		if (i > 0)
			buf_adds(b, i + 1 == n_words ? joint : ", ");
		buf_addf(b, "%.*s", (int)n, w);
		i++;
	}
}

char *
check_nearest_word(const char *words, const char *wanted)
{
	struct nearest near = { 0 };
	char *best = NULL;

	words_each (words, w, n) {
		auto_free char *word = mem_strn(w, n);

		if (strcasecmp(word, wanted) == 0) {
			free(best);
			return mem_move(&word);
		}
		text_nearest(&near, wanted, word);
		if (near.best == word) {
			free(best);
			best = mem_move(&word);
		}
	}
	return best;
}

/* ` is "text"`, unless it is secret; long text is cut. */
static void
add_is(struct buf *b, const struct field *row, const char *text)
{
	if (!(row->flags & F_SECRET))
		buf_addf(b, ", is \"%.60s%s\"", text,
		    strlen(text) > 60 ? "..." : "");
}

static size_t
characters(const char *s)
{
	size_t n = 0;

	for (; *s != 0; s++)
		n += ((unsigned char)*s >> 6) != 2;
	return n;
}

static json_t *
string(struct checker *c, const struct field *row, const json_t *value)
{
	const char *s = js_text(value);
	auto_buf struct buf b = BUF_INIT;
	struct form form;

	if (s == NULL)
		return check_type_error(c, row, value);
	if (!check_range(c, row, (int64_t)characters(s), add_number, "have",
		" characters"))
		return NULL;
	if (row->form == NULL)
		return js_share(value);
	form = form_of(row->form);
	if (form_fits(&form, s))
		return js_share(value);
	if (form.help != NULL)
		buf_addf(&b, "must be %s", form.help);
	else
		buf_addf(&b, "must match %s", form.pattern);
	add_is(&b, row, s);
	return check_error(c, "%s", b.data);
}

static json_t *
boolean(struct checker *c, const struct field *row, const json_t *value)
{
	return json_is_boolean(value) ? js_share(value)
				      : check_type_error(c, row, value);
}

static json_t *
integer(struct checker *c, const struct field *row, const json_t *value)
{
	if (!json_is_integer(value))
		return check_type_error(c, row, value);
	return check_range(
		   c, row, json_integer_value(value), add_number, "be", "")
		   ? js_share(value)
		   : NULL;
}

static json_t *
number(struct checker *c, const struct field *row, const json_t *value)
{
	double x = json_number_value(value);

	if (!json_is_number(value))
		return check_type_error(c, row, value);
	if ((row->min == 0 && row->max == 0) ||
	    (x >= (double)row->min && (row->max == 0 || x <= (double)row->max)))
		return js_share(value);
	if (row->max == 0)
		return check_error(
		    c, "must be at least %" PRId64 ", is %g", row->min, x);
	return check_error(c, "must be %" PRId64 " to %" PRId64 ", is %g",
	    row->min, row->max, x);
}

/* Durations and sizes: a number with its unit; a bare 0 needs none. */
static json_t *
amount(struct checker *c, const struct field *row, const json_t *value,
    bool (*read)(const char *, int64_t *), void (*add)(struct buf *, int64_t))
{
	const char *s = js_text(value);
	int64_t n = 0;

	if (s == NULL &&
	    (!json_is_integer(value) || json_integer_value(value) != 0))
		return check_type_error(c, row, value);
	if (s != NULL && !read(s, &n))
		return check_type_error(c, row, value);
	return check_range(c, row, n, add, "be", "") ? json_integer(n) : NULL;
}

static json_t *
duration(struct checker *c, const struct field *row, const json_t *value)
{
	return amount(c, row, value, text_duration, text_add_duration);
}

static json_t *
size(struct checker *c, const struct field *row, const json_t *value)
{
	return amount(c, row, value, text_size, text_add_size);
}

static json_t *
enumeration(struct checker *c, const struct field *row, const json_t *value)
{
	const char *s = js_text(value);
	auto_buf struct buf b = BUF_INIT;
	auto_free char *near = NULL;

	if (s == NULL)
		return check_type_error(c, row, value);
	if (words_has(row->values, s))
		return js_share(value);
	buf_adds(&b, "must be ");
	check_words(&b, row->values, " or ");
	add_is(&b, row, s);
	near = check_nearest_word(row->values, s);
	if (near != NULL)
		buf_addf(&b, "; did you mean `%s`?", near);
	return check_error(c, "%s", b.data);
}

/* "Kind/name" of one of the kinds, or an ARN. */
static json_t *
reference(struct checker *c, const struct field *row, const json_t *value)
{
	const char *s = js_text(value);
	const char *slash = s == NULL ? NULL : strchr(s, '/');
	auto_buf struct buf b = BUF_INIT;
	auto_free char *kind = NULL;

	if (s == NULL)
		return check_type_error(c, row, value);
	if (text_starts(s, "arn:"))
		return js_share(value);
	kind = slash == NULL ? NULL : mem_strn(s, (size_t)(slash - s));
	if (kind != NULL && *kind != 0 && slash[1] != 0 &&
	    (row->values == NULL || words_has(row->values, kind))) {
		if (c->hook != NULL)
			c->hook->found(c->hook->arg, row, c->pointer.data, s);
		return js_share(value);
	}
	buf_adds(&b, "must be ");
	check_describe(&b, row);
	add_is(&b, row, s);
	return check_error(c, "%s", b.data);
}

static json_t *
path(struct checker *c, const struct field *row, const json_t *value)
{
	const char *s = js_text(value);

	if (s == NULL)
		return check_type_error(c, row, value);
	if (*s == 0)
		return check_error(c, "must be a path, is empty");
	if (!check_range(c, row, (int64_t)characters(s), add_number, "have",
		" characters"))
		return NULL;
	if (c->hook != NULL)
		c->hook->found(c->hook->arg, row, c->pointer.data, s);
	return js_share(value);
}

json_t *
check_scalar(struct checker *c, const struct field *row, const json_t *value)
{
	static json_t *(*const checks[])(
	    struct checker *, const struct field *, const json_t *) = {
		[F_STRING] = string,
		[F_BOOL] = boolean,
		[F_INT] = integer,
		[F_NUMBER] = number,
		[F_DURATION] = duration,
		[F_SIZE] = size,
		[F_ENUM] = enumeration,
		[F_REF] = reference,
		[F_PATH] = path,
	};

	return checks[row->type](c, row, value);
}
