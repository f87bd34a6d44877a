/* Answers: headers, status and payload of the REST protocols. */

#include "common/aws/codec_impl.h"
#include "common/base/crypto.h"

#include <string.h>

struct line {
	struct span name, value;
};

/* The header at *at, "name: value\n"; moves *at behind it. */
static bool
next_header(const char **at, struct line *ret)
{
	size_t len = strcspn(*at, "\n"), name = strcspn(*at, ":\n");
	const char *v = *at + name + (name < len);
	size_t n = len - name - (name < len);

	if (**at == 0)
		return false;
	ret->name = (struct span){ *at, name };
	for (; n > 0 && (*v == ' ' || *v == '\t'); n--)
		v++;
	while (n > 0 && strchr(" \t\r", v[n - 1]) != NULL)
		n--;
	ret->value = (struct span){ v, n };
	*at += len + ((*at)[len] == '\n');
	return true;
}

struct span
answer_header(const struct aws_answer *a, const char *name)
{
	const char *at = a->headers->data, *end = at + a->headers->len;
	size_t n = strlen(name);
	struct line line;

	for (; *at != 0; at = strchrnul(at, '\n'), at += *at == '\n')
		if ((size_t)(end - at) > n && at[n] == ':' &&
		    strncasecmp(at, name, n) == 0 && next_header(&at, &line))
			return line.value;
	return (struct span){ NULL, 0 };
}

/* x-amz-meta-*: what follows the prefix is the key. */
static json_t *
prefixed(const struct aws_answer *a, const char *prefix)
{
	const char *at = a->headers->data;
	size_t n = strlen(prefix);
	json_t *map = json_object();
	struct line line;

	while (next_header(&at, &line)) {
		json_auto_t *key = NULL;

		if (line.name.n < n || strncasecmp(line.name.p, prefix, n) != 0)
			continue;
		key = value_from_text(
		    T_STRING, line.name.p + n, line.name.n - n);
		js_set(map, js_text(key),
		    value_from_text(T_STRING, line.value.p, line.value.n));
	}
	return map;
}

/* One item, up to a comma outside quotes; dates hold a comma themselves. */
static const char *
next_item(const char *at, const char *end, bool dates, struct buf *ret)
{
	bool quoted = false;
	int commas = 0;

	buf_clear(ret);
	while (at < end && *at == ' ')
		at++;
	for (; at < end; at++) {
		if (*at == ',' && !quoted && commas++ == (dates ? 1 : 0))
			return at + 1;
		if (*at == '"')
			quoted = !quoted;
		else if (*at == '\\' && quoted && at + 1 < end)
			buf_addc(ret, *++at);
		else
			buf_addc(ret, *at);
	}
	return NULL;
}

static json_t *
header_list(uint16_t type, struct span text)
{
	auto_buf struct buf item = BUF_INIT;
	json_t *list = json_array();
	bool dates = type == T_RFC822 || type == T_TIMESTAMP;
	const char *at = text.p, *end = text.p + text.n;

	while (at != NULL) {
		json_t *v;

		at = next_item(at, end, dates, &item);
		while (item.len > 0 && item.data[item.len - 1] == ' ')
			item.len--;
		v = value_from_text(type, item.data, item.len);
		if (v != NULL)
			js_push(list, v);
	}
	return list;
}

static json_t *
header_json(struct span text)
{
	auto_buf struct buf plain = BUF_INIT;
	json_error_t e;

	if (crypto_unbase64(text.p, text.n, &plain) == -1)
		return value_from_text(T_STRING, text.p, text.n);
	return json_loadb(plain.data, plain.len, JSON_DECODE_ANY, &e);
}

static json_t *
header_value(const struct model *m, const struct model_member *mb,
    const struct aws_answer *a)
{
	struct span text = answer_header(a, model_str(m, mb->wire));
	const struct model_shape *s = model_shape(m, mb->type);

	if (text.p == NULL)
		return NULL;
	if ((mb->flags & M_JSON) != 0)
		return header_json(text);
	if (s != NULL)
		return header_list(s->n, text);
	return value_from_text(mb->type, text.p, text.n);
}

static void
add_located(const struct model *m, const struct model_shape *s,
    const struct aws_answer *a, json_t *out)
{
	for (uint16_t i = 0; i < s->n; i++) {
		const struct model_member *mb = &m->members[s->a + i];
		const char *name = model_str(m, mb->name);

		if (mb->location == LOC_STATUS)
			js_set(out, name, json_integer(a->status));
		else if (mb->location == LOC_HEADERS)
			js_set(out, name, prefixed(a, model_str(m, mb->wire)));
		else if (mb->location == LOC_HEADER)
			js_set(out, name, header_value(m, mb, a));
	}
}

static int
add_json_payload(const struct aws_operation *o, const struct model_member *mb,
    const struct aws_answer *a, json_t *out, struct err *err)
{
	json_auto_t *body = NULL;

	if (a->body->len == 0)
		return 0;
	if (js_read(a->body, &body, err) == -1)
		return err_wrap(err, "the answer is not JSON");
	if (!json_is_null(body))
		js_set(out, model_str(o->model, mb->name),
		    json_output(o->model, mb->type, body));
	return 0;
}

int
rest_answer(const struct aws_operation *o, const struct aws_answer *a,
    json_t *out, struct err *err)
{
	const struct model *m = o->model;
	const struct model_shape *s = model_shape(m, o->op->out);
	const struct model_member *payload = NULL;
	bool xml = o->service->protocol == PROTO_REST_XML;

	if (s == NULL)
		return xml ? xml_answer(o, a, out, err) : 0;
	add_located(m, s, a, out);
	if (s->payload != MODEL_NONE)
		payload = &m->members[s->a + s->payload];
	if (payload != NULL && !model_is_shape(payload->type) &&
	    payload->type != T_DOCUMENT) {
		if (a->body->len > 0)
			js_set(out, model_str(m, payload->name),
			    value_from_bytes(
				payload->type, a->body->data, a->body->len));
		return 0;
	}
	if (xml)
		return xml_answer(o, a, out, err);
	return payload != NULL ? add_json_payload(o, payload, a, out, err)
			       : json_answer(o, a, out, err);
}
