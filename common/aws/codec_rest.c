/* Requests of rest-json and rest-xml: labels, query, headers, payload. */

#include "common/aws/codec_impl.h"
#include "common/base/crypto.h"
#include "common/base/text.h"

#include <string.h>

struct rest {
	const struct aws_operation *o;
	const struct model *m;
	const struct model_shape *s; /* NULL: no input */
	const json_t *in;
	struct aws_request *req;
	struct buf scratch;
	struct err *err;
};

static const json_t *
value_of(const struct rest *r, const struct model_member *mb)
{
	const json_t *v = js_get(r->in, model_str(r->m, mb->name));

	return v != NULL && json_is_null(v) ? NULL : v;
}

static const struct model_member *
label_member(const struct rest *r, const char *name, size_t n)
{
	for (uint16_t i = 0; r->s != NULL && i < r->s->n; i++) {
		const struct model_member *mb = &r->m->members[r->s->a + i];
		const char *wire = model_str(r->m, mb->wire);

		if (mb->location == LOC_URI && strlen(wire) == n &&
		    memcmp(wire, name, n) == 0)
			return mb;
	}
	return NULL;
}

/* "{name}" or "{name+}": an empty one would name another resource. */
static int
add_label(struct rest *r, const char *name, size_t n)
{
	bool greedy = name[n - 1] == '+';
	const struct model_member *mb = label_member(r, name, n - greedy);
	const json_t *v = mb == NULL ? NULL : value_of(r, mb);
	struct span text = { "", 0 };

	if (v != NULL)
		text = special_label(
		    r->o, mb, value_text(&r->scratch, mb->type, T_ISO8601, v));
	if (text.n == 0)
		return err_set(r->err, ERR_INPUT, "%s must not be empty",
		    mb ? model_str(r->m, mb->name) : "a label");
	text_add_percent(&r->req->path, text.p, text.n, greedy);
	return 0;
}

static int
add_path(struct rest *r, const char *uri)
{
	size_t n = strcspn(uri, "?");

	for (size_t i = 0; i < n; i++) {
		size_t len;

		if (uri[i] != '{') {
			buf_addc(&r->req->path, uri[i]);
			continue;
		}
		len = strcspn(uri + i, "}");
		if (add_label(r, uri + i + 1, len - 1) == -1)
			return -1;
		i += len;
	}
	return 0;
}

static void
add_query(struct rest *r, struct span key, struct span value)
{
	struct buf *q = &r->req->query;

	if (q->len > 0)
		buf_addc(q, '&');
	text_add_percent(q, key.p, key.n, false);
	buf_addc(q, '=');
	text_add_percent(q, value.p, value.n, false);
}

/* What follows '?' in the model: "policy", "list-type=2", "a&b=c". */
static void
add_literal_query(struct rest *r, const char *uri)
{
	const char *at = strchr(uri, '?');

	while (at != NULL && *at != 0) {
		size_t n = strcspn(++at, "&"), key = strcspn(at, "=&");
		struct span value = { at + key + 1, n - key - 1 };

		if (key == n)
			value = (struct span){ "", 0 };
		add_query(r, (struct span){ at, key }, value);
		at += n;
	}
}

static bool
is_named(const struct rest *r, const char *key)
{
	for (uint16_t i = 0; i < r->s->n; i++) {
		const struct model_member *mb = &r->m->members[r->s->a + i];
		const struct model_shape *s = model_shape(r->m, mb->type);

		if (mb->location == LOC_QUERY &&
		    (s == NULL || s->kind != SHAPE_MAP) &&
		    value_of(r, mb) != NULL &&
		    strcmp(model_str(r->m, mb->wire), key) == 0)
			return true;
	}
	return false;
}

static void
add_query_values(
    struct rest *r, const char *key, uint16_t type, const json_t *v)
{
	const struct model_shape *s = model_shape(r->m, type);
	struct span name = { key, strlen(key) };
	const json_t *val;
	size_t i;

	if (s == NULL) {
		add_query(r, name, value_text(&r->scratch, type, T_ISO8601, v));
		return;
	}
	js_each (v, i, val) {
		if (!json_is_null(val))
			add_query(r, name,
			    value_text(&r->scratch, s->n, T_ISO8601, val));
	}
}

/* Keys of a map do not take the place of named parameters. */
static void
add_query_member(struct rest *r, const struct model_member *mb, const json_t *v)
{
	const struct model_shape *s = model_shape(r->m, mb->type);
	const char *key;
	const json_t *val;

	if (s == NULL) {
		struct span text = value_text(
		    &r->scratch, mb->type, T_ISO8601, v);
		const char *name = model_str(r->m, mb->wire);

		add_query(r, (struct span){ name, strlen(name) },
		    special_label(r->o, mb, text));
		return;
	}
	if (s->kind != SHAPE_MAP) {
		add_query_values(r, model_str(r->m, mb->wire), mb->type, v);
		return;
	}
	js_foreach (v, key, val) {
		if (!is_named(r, key) && !json_is_null(val))
			add_query_values(r, key, (uint16_t)s->a, val);
	}
}

static int
add_located(struct rest *r)
{
	int failed = 0;

	for (uint16_t i = 0; r->s != NULL && i < r->s->n; i++) {
		const struct model_member *mb = &r->m->members[r->s->a + i];
		const json_t *v = value_of(r, mb);

		if (v == NULL)
			continue;
		if (mb->location == LOC_QUERY)
			add_query_member(r, mb, v);
		else if (mb->location == LOC_HEADER ||
			 mb->location == LOC_HEADERS)
			failed |= request_header_member(
			    r->o, mb, v, r->req, &r->scratch, r->err);
	}
	return failed;
}

/* How many members belong to the body, and how many of them are given. */
static size_t
count_body(const struct rest *r, size_t *ret_given)
{
	size_t n = 0;

	*ret_given = 0;
	for (uint16_t i = 0; r->s != NULL && i < r->s->n; i++) {
		const struct model_member *mb = &r->m->members[r->s->a + i];

		if (mb->location != LOC_BODY)
			continue;
		n++;
		*ret_given += value_of(r, mb) != NULL;
	}
	return n;
}

/* Bytes or text as they are. */
static int
add_raw(struct rest *r, const struct model_member *mb, const json_t *v,
    const char **ret_type)
{
	struct span text;

	if (v == NULL)
		return 0;
	*ret_type = mb->type == T_BLOB ? "application/octet-stream"
				       : "text/plain";
	if (mb->type == T_BLOB && file_named(v) != NULL)
		return file_body(
		    file_named(v), model_str(r->m, mb->name), r->req, r->err);
	text = value_text(&r->scratch, mb->type, T_ISO8601, v);
	if (mb->type != T_BLOB) {
		buf_add(&r->req->body, text.p, text.n);
		return 0;
	}
	if (crypto_unbase64(text.p, text.n, &r->req->body) == -1)
		return err_set(r->err, ERR_INPUT, "%s is not base64",
		    model_str(r->m, mb->name));
	return 0;
}

/* *ret_type: the content type of what was added, NULL for none. */
static int
add_payload(
    struct rest *r, const struct model_member *mb, const char **ret_type)
{
	bool xml = r->o->service->protocol == PROTO_REST_XML;
	const json_t *v = value_of(r, mb);
	const struct model_shape *s = model_shape(r->m, mb->type);

	if (s == NULL && mb->type != T_DOCUMENT)
		return add_raw(r, mb, v, ret_type);
	if (v == NULL && (xml || (s != NULL && (s->flags & SF_UNION) != 0)))
		return 0;
	*ret_type = xml ? "application/xml" : "application/json";
	if (v == NULL)
		buf_adds(&r->req->body, "{}");
	else if (xml)
		xml_add_value(&r->req->body, &r->scratch, r->m,
		    model_str(r->m, mb->wire), mb, mb->type, v);
	else
		json_add_value(&r->req->body, &r->scratch, r->m, mb->type, v);
	return 0;
}

static int
add_body(struct rest *r, const char **ret_type)
{
	bool xml = r->o->service->protocol == PROTO_REST_XML;
	size_t given, n = count_body(r, &given);

	if (r->s != NULL && r->s->payload != MODEL_NONE)
		return add_payload(
		    r, &r->m->members[r->s->a + r->s->payload], ret_type);
	if (n == 0 || (xml && given == 0))
		return 0;
	*ret_type = xml ? "application/xml" : "application/json";
	if (xml)
		xml_add_root(&r->req->body, &r->scratch, r->o, r->in);
	else
		json_add_value(
		    &r->req->body, &r->scratch, r->m, r->o->op->in, r->in);
	return 0;
}

int
rest_request(const struct aws_operation *o, const json_t *in,
    struct aws_request *req, struct err *err)
{
	const char *uri = model_str(o->model, o->op->uri), *type = NULL;
	struct rest r = { o, o->model, model_shape(o->model, o->op->in), in,
		req, BUF_INIT, err };
	int failed = add_path(&r, uri);

	add_literal_query(&r, uri);
	if (failed == 0)
		failed = add_located(&r);
	if (failed == 0)
		failed = add_body(&r, &type);
	if (failed == 0 && type != NULL &&
	    !request_has_header(req, "Content-Type"))
		request_header(
		    req, "Content-Type", (struct span){ type, strlen(type) });
	buf_free(&r.scratch);
	return failed;
}
