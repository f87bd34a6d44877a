/* The JSON protocols: bodies of json and rest-json, and answers. */

#include "common/aws/codec_impl.h"

#include <string.h>

static void
add_escape(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	const char text[] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

	if (c < 0x20) {
		buf_add(b, text, sizeof(text));
		return;
	}
	buf_addc(b, '\\');
	buf_addc(b, (char)c);
}

static void
add_text(struct buf *b, struct span text)
{
	size_t from = 0;

	buf_addc(b, '"');
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(b, text.p + from, i - from);
		add_escape(b, c);
		from = i + 1;
	}
	buf_add(b, text.p + from, text.n - from);
	buf_addc(b, '"');
}

/* Times are numbers unless their format says otherwise. */
static void
add_time(struct buf *b, struct buf *scratch, uint16_t type, const json_t *v)
{
	struct span text = value_text(scratch, type, T_EPOCH, v);

	if (type == T_TIMESTAMP || type == T_EPOCH)
		buf_add(b, text.p, text.n);
	else
		add_text(b, text);
}

static void
add_scalar(struct buf *b, struct buf *scratch, uint16_t type, const json_t *v)
{
	if (type >= T_TIMESTAMP && type <= T_RFC822)
		add_time(b, scratch, type, v);
	else if (type == T_DOCUMENT)
		value_add_json(b, v);
	else if (json_is_string(v) || json_is_object(v) || json_is_array(v))
		add_text(b, value_text(scratch, type, T_EPOCH, v));
	else if (json_is_number(v))
		value_add_number(b, v);
	else
		buf_adds(b, json_is_true(v) ? "true" : "false");
}

static void
add_key(struct buf *b, bool *first, const char *key)
{
	if (!*first)
		buf_addc(b, ',');
	*first = false;
	add_text(b, (struct span){ key, strlen(key) });
	buf_addc(b, ':');
}

static void
add_struct(struct buf *b, struct buf *scratch, const struct model *m,
    const struct model_shape *s, const json_t *v)
{
	bool first = true;
	const char *key;
	const json_t *val;

	buf_addc(b, '{');
	js_foreach (v, key, val) {
		const struct model_member *mb = model_member(m, s, key);

		if (json_is_null(val) || mb->location != LOC_BODY)
			continue;
		add_key(b, &first, model_str(m, mb->wire));
		json_add_value(b, scratch, m, mb->type, val);
	}
	buf_addc(b, '}');
}

static void
add_list(struct buf *b, struct buf *scratch, const struct model *m,
    const struct model_shape *s, const json_t *v)
{
	const json_t *val;
	size_t i;

	buf_addc(b, '[');
	js_each (v, i, val) {
		if (i > 0)
			buf_addc(b, ',');
		json_add_value(b, scratch, m, s->n, val);
	}
	buf_addc(b, ']');
}

static void
add_map(struct buf *b, struct buf *scratch, const struct model *m,
    const struct model_shape *s, const json_t *v)
{
	bool first = true;
	const char *key;
	const json_t *val;

	buf_addc(b, '{');
	js_foreach (v, key, val) {
		add_key(b, &first, key);
		json_add_value(b, scratch, m, (uint16_t)s->a, val);
	}
	buf_addc(b, '}');
}

void
json_add_value(struct buf *b, struct buf *scratch, const struct model *m,
    uint16_t type, const json_t *v)
{
	const struct model_shape *s = model_shape(m, type);

	if (v != NULL && json_is_null(v))
		buf_adds(b, "null");
	else if (s == NULL)
		add_scalar(b, scratch, type, v);
	else if (s->kind == SHAPE_STRUCT)
		add_struct(b, scratch, m, s, v);
	else if (s->kind == SHAPE_LIST)
		add_list(b, scratch, m, s, v);
	else
		add_map(b, scratch, m, s, v);
}

int
json_request(const struct aws_operation *o, const json_t *in,
    struct aws_request *req, struct err *err)
{
	const struct model *m = o->model;
	auto_buf struct buf scratch = BUF_INIT;

	(void)err;
	buf_addc(&req->path, '/');
	buf_join(&req->headers, "Content-Type: application/x-amz-json-",
	    model_str(m, o->service->json_version),
	    "\nX-Amz-Target: ", model_str(m, o->service->target_prefix), ".",
	    model_str(m, o->op->name), "\n");
	if (o->service->query_compatible)
		buf_adds(&req->headers, "x-amzn-query-mode: true\n");
	if (model_is_shape(o->op->in))
		json_add_value(&req->body, &scratch, m, o->op->in, in);
	else
		buf_adds(&req->body, "{}");
	return 0;
}

static void
add_members(const struct model *m, const struct model_shape *s, const json_t *v,
    json_t *out)
{
	for (uint16_t i = 0; i < s->n; i++) {
		const struct model_member *mb = &m->members[s->a + i];
		const json_t *x = js_get(v, model_str(m, mb->wire));

		if (x != NULL && !json_is_null(x) && mb->location == LOC_BODY)
			js_set_name(out, model_str(m, mb->name),
			    json_output(m, mb->type, x));
	}
}

static json_t *
struct_output(
    const struct model *m, const struct model_shape *s, const json_t *v)
{
	json_t *out = json_object();

	add_members(m, s, v, out);
	return out;
}

/* nulls stay: sparse lists and maps need them */
static json_t *
item_output(const struct model *m, uint16_t type, const json_t *v)
{
	json_t *out = json_is_null(v) ? NULL : json_output(m, type, v);

	return out != NULL ? out : json_null();
}

static bool
is_plain(uint16_t type, const json_t *v)
{
	return json_is_null(v) || value_is_plain(type, v);
}

static json_t *
list_output(const struct model *m, uint16_t type, const json_t *v)
{
	json_t *out = json_array();
	const json_t *val;
	size_t i;

	js_each (v, i, val)
		js_push(out, item_output(m, type, val));
	return out;
}

/* Maps of text are frequent and large: they are shared, not copied. */
static json_t *
map_output(const struct model *m, uint16_t type, const json_t *v)
{
	bool plain = json_is_object(v);
	const char *key;
	const json_t *val;
	json_t *out;

	js_foreach (v, key, val)
		plain = plain && is_plain(type, val);
	if (plain)
		return js_share(v);
	out = json_object();
	js_foreach (v, key, val)
		js_set(out, key, item_output(m, type, val));
	return out;
}

json_t *
json_output(const struct model *m, uint16_t type, const json_t *v)
{
	const struct model_shape *s = model_shape(m, type);

	if (s == NULL)
		return value_from_json(type, v);
	if (s->kind == SHAPE_STRUCT)
		return json_is_object(v) ? struct_output(m, s, v) : NULL;
	return s->kind == SHAPE_LIST ? list_output(m, s->n, v)
				     : map_output(m, (uint16_t)s->a, v);
}

int
json_answer(const struct aws_operation *o, const struct aws_answer *a,
    json_t *out, struct err *err)
{
	json_auto_t *body = NULL;
	const struct model_shape *s = model_shape(o->model, o->op->out);

	if (s == NULL || a->body->len == 0)
		return 0;
	if (js_read(a->body, &body, err) == -1)
		return err_wrap(err, "the answer is not JSON");
	if (json_is_object(body))
		add_members(o->model, s, body, out);
	return 0;
}
