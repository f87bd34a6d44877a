/* Checks an input against its shape before anything is sent. */

#include "common/aws/codec_impl.h"
#include "common/base/text.h"

#include <string.h>

/* Where we are in the input; written out only when something is wrong. */
struct at {
	const struct at *up;
	const char *key; /* NULL: element of an array */
	size_t index;
	unsigned depth;
};

struct check {
	const struct model *m;
	struct err *err;
	bool files; /* may stand for blobs */
};

static void
add_path(struct buf *b, const struct at *at)
{
	if (at == NULL)
		return;
	add_path(b, at->up);
	if (at->key == NULL)
		buf_addf(b, "[%zu]", at->index);
	else
		buf_addf(b, "%s%s", b->len > 0 ? "." : "", at->key);
}

static int
wrong(const struct check *c, const struct at *at, const char *what)
{
	auto_buf struct buf path = BUF_INIT;

	add_path(&path, at);
	return err_set(c->err, ERR_INPUT, "%s%s%s", path.data,
	    path.len > 0 ? " " : "the input ", what);
}

static const char *
kind_name(const json_t *v)
{
	static const char *const names[] = { [JSON_OBJECT] = "an object",
		[JSON_ARRAY] = "an array",
		[JSON_STRING] = "a string",
		[JSON_INTEGER] = "an integer",
		[JSON_REAL] = "a number",
		[JSON_TRUE] = "a boolean",
		[JSON_FALSE] = "a boolean",
		[JSON_NULL] = "null" };

	return names[json_typeof(v)];
}

static int
wrong_type(const struct check *c, const struct at *at, const char *want,
    const json_t *v)
{
	auto_buf struct buf what = BUF_INIT;

	buf_addf(&what, "must be %s, not %s", want, kind_name(v));
	return wrong(c, at, what.data);
}

/* Members whose text is JSON may be given as JSON. */
static const char *const json_texts[] = { "olicy", "olicyDocument", "olicyText",
	"efinition", "ashboardBody", "ventPattern" };

static bool
holds_json(const struct at *at)
{
	while (at != NULL && at->key == NULL)
		at = at->up;
	for (size_t i = 0; i < sizeof(json_texts) / sizeof(*json_texts); i++)
		if (at != NULL && text_ends(at->key, json_texts[i]))
			return true;
	return false;
}

static bool
is_real(const json_t *v)
{
	const char *s = js_text(v);

	return json_is_number(v) ||
	       (s != NULL && words_has("NaN Infinity -Infinity", s));
}

static bool
is_base64(const json_t *v)
{
	size_t n = json_string_length(v);
	const char *s = js_text(v);

	return s != NULL && n % 4 == 0 &&
	       strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			 "0123456789+/=") == n;
}

static bool
is_text(const json_t *v)
{
	return json_is_string(v);
}

static bool
is_integer(const json_t *v)
{
	return json_is_integer(v);
}

static bool
is_boolean(const json_t *v)
{
	return json_is_boolean(v);
}

static bool
is_time(const json_t *v)
{
	int64_t usec;

	return time_of(v, &usec);
}

static bool
is_any(const json_t *v)
{
	return v != NULL;
}

static const struct {
	bool (*is)(const json_t *);
	const char *want;
} scalars[] = {
	[T_STRING] = { is_text, "a string" },
	[T_INTEGER] = { is_integer, "an integer" },
	[T_LONG] = { is_integer, "an integer" },
	[T_FLOAT] = { is_real, "a number" },
	[T_DOUBLE] = { is_real, "a number" },
	[T_BOOLEAN] = { is_boolean, "a boolean" },
	[T_BLOB] = { is_base64, "base64" },
	[T_TIMESTAMP] = { is_time, "a timestamp (ISO 8601 or seconds)" },
	[T_ISO8601] = { is_time, "a timestamp (ISO 8601 or seconds)" },
	[T_EPOCH] = { is_time, "a timestamp (ISO 8601 or seconds)" },
	[T_RFC822] = { is_time, "a timestamp (ISO 8601 or seconds)" },
	[T_DOCUMENT] = { is_any, "JSON" },
};

static int
check_scalar(
    const struct check *c, const struct at *at, uint16_t type, const json_t *v)
{
	if (scalars[type].is(v))
		return 0;
	if (type == T_BLOB && c->files)
		return file_named(v) != NULL
			   ? 0
			   : wrong_type(
				 c, at, "base64 or {\"$file\": PATH}", v);
	if (type == T_STRING && (json_is_object(v) || json_is_array(v)) &&
	    holds_json(at))
		return 0;
	return wrong_type(c, at, scalars[type].want, v);
}

static int
unknown_member(const struct check *c, const struct at *at,
    const struct model_shape *s, const char *key)
{
	auto_buf struct buf what = BUF_INIT;
	struct nearest near = { NULL, 0 };

	for (uint16_t i = 0; i < s->n; i++)
		text_nearest(
		    &near, key, model_str(c->m, c->m->members[s->a + i].name));
	buf_addf(&what, "has no member \"%s\"", key);
	if (near.best != NULL)
		buf_addf(&what, "; did you mean \"%s\"?", near.best);
	return wrong(c, at, what.data);
}

static int
check_required(const struct check *c, const struct at *at,
    const struct model_shape *s, const json_t *v)
{
	for (uint16_t i = 0; i < s->n; i++) {
		const struct model_member *mb = &c->m->members[s->a + i];
		const char *name = model_str(c->m, mb->name);
		struct at here = { at, name, 0, 0 };
		const json_t *x = js_get(v, name);

		if ((mb->flags & M_REQUIRED) != 0 &&
		    (mb->flags & M_TOKEN) == 0 &&
		    (x == NULL || json_is_null(x)))
			return wrong(c, &here, "is required");
	}
	return 0;
}

static int check_value(
    const struct check *, const struct at *, uint16_t type, const json_t *);

/* A body of bytes: to decode it is to check it. */
static bool
is_body(const struct check *c, const struct model_shape *s,
    const struct model_member *mb, const json_t *v)
{
	return s->payload != MODEL_NONE && mb->type == T_BLOB &&
	       mb == &c->m->members[s->a + s->payload] && json_is_string(v);
}

static int
check_struct(const struct check *c, const struct at *at,
    const struct model_shape *s, const json_t *v)
{
	const struct model_member *mb;
	const char *key;
	const json_t *val;
	size_t set = 0;

	if (v != NULL && !json_is_object(v))
		return wrong_type(c, at, "an object", v);
	js_foreach (v, key, val) {
		struct at here = { at, key, 0, at ? at->depth + 1 : 1 };

		mb = model_member(c->m, s, key);
		if (mb == NULL)
			return unknown_member(c, at, s, key);
		if (json_is_null(val))
			continue;
		set++;
		if (!is_body(c, s, mb, val) &&
		    check_value(c, &here, mb->type, val) == -1)
			return -1;
	}
	if ((s->flags & SF_UNION) != 0 && set != 1)
		return wrong(c, at, "must have exactly one member");
	return check_required(c, at, s, v);
}

static int
check_list(const struct check *c, const struct at *at,
    const struct model_shape *s, const json_t *v)
{
	const json_t *val;
	size_t i;

	if (!json_is_array(v))
		return wrong_type(c, at, "an array", v);
	js_each (v, i, val) {
		struct at here = { at, NULL, i, at->depth + 1 };

		if (!json_is_null(val) &&
		    check_value(c, &here, s->n, val) == -1)
			return -1;
	}
	return 0;
}

static int
check_map(const struct check *c, const struct at *at,
    const struct model_shape *s, const json_t *v)
{
	const char *key;
	const json_t *val;

	if (!json_is_object(v))
		return wrong_type(c, at, "an object", v);
	js_foreach (v, key, val) {
		struct at here = { at, key, 0, at->depth + 1 };

		if (!json_is_null(val) &&
		    check_value(c, &here, (uint16_t)s->a, val) == -1)
			return -1;
	}
	return 0;
}

static int
check_value(
    const struct check *c, const struct at *at, uint16_t type, const json_t *v)
{
	static int (*const kinds[])(const struct check *, const struct at *,
	    const struct model_shape *, const json_t *) = {
		[SHAPE_STRUCT] = check_struct,
		[SHAPE_LIST] = check_list,
		[SHAPE_MAP] = check_map,
	};
	const struct model_shape *s = model_shape(c->m, type);

	if (at->depth > CODEC_DEPTH)
		return wrong(c, at, "is nested too deeply");
	if (s == NULL)
		return check_scalar(c, at, type, v);
	return kinds[s->kind](c, at, s, v);
}

int
check_input(const struct aws_operation *o, const json_t *in, struct err *err)
{
	struct check c = { o->model, err, codec_options(o)->files };
	static const struct model_shape nothing = { .kind = SHAPE_STRUCT,
		.payload = MODEL_NONE };
	const struct model_shape *s = model_shape(o->model, o->op->in);

	return check_struct(&c, NULL, s != NULL ? s : &nothing, in);
}
