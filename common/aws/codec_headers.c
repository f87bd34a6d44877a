/* Headers of requests: single values, lists, JSON, prefixed maps. */

#include "common/aws/codec_impl.h"
#include "common/base/crypto.h"

#include <string.h>

struct headers {
	const struct aws_operation *o;
	const struct model *m;
	struct aws_request *req;
	struct buf *scratch;
	struct err *err;
};

void
request_header(struct aws_request *req, const char *name, struct span value)
{
	buf_adds(&req->headers, name);
	buf_adds(&req->headers, ": ");
	buf_add(&req->headers, value.p, value.n);
	buf_addc(&req->headers, '\n');
}

/* A text in a list is quoted where it holds what separates. */
static void
add_item(struct buf *b, uint16_t type, struct span text)
{
	bool quoted = type == T_STRING &&
		      (memchr(text.p, ',', text.n) != NULL ||
			  memchr(text.p, '"', text.n) != NULL);

	if (b->len > 0)
		buf_adds(b, ", ");
	if (quoted)
		buf_addc(b, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (quoted && (text.p[i] == '"' || text.p[i] == '\\'))
			buf_addc(b, '\\');
		buf_addc(b, text.p[i]);
	}
	if (quoted)
		buf_addc(b, '"');
}

static int
add_header(struct headers *h, const char *name, struct span value)
{
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] < ' ' && value.p[i] != '\t')
			return err_set(h->err, ERR_INPUT,
			    "%s: a header cannot hold control characters",
			    name);
	request_header(h->req, name, value);
	return 0;
}

static int
add_list(struct headers *h, const char *name, const struct model_shape *s,
    const json_t *v)
{
	auto_buf struct buf joined = BUF_INIT;
	const json_t *val;
	size_t i;

	js_each (v, i, val) {
		if (!json_is_null(val))
			add_item(&joined, s->n,
			    value_text(h->scratch, s->n, T_RFC822, val));
	}
	return add_header(h, name, (struct span){ joined.data, joined.len });
}

/* A JSON value travels in base64. */
static int
add_json(struct headers *h, const char *name, const json_t *v)
{
	auto_buf struct buf text = BUF_INIT, coded = BUF_INIT;

	value_add_json(&text, v);
	crypto_add_base64(&coded, text.data, text.len);
	return add_header(h, name, (struct span){ coded.data, coded.len });
}

static int
add_member(struct headers *h, const struct model_member *mb, const json_t *v)
{
	const struct model_shape *s = model_shape(h->m, mb->type);
	const char *name = model_str(h->m, mb->wire);
	auto_buf struct buf changed = BUF_INIT;
	struct span text;

	if ((mb->flags & M_JSON) != 0)
		return add_json(h, name, v);
	if (s != NULL)
		return add_list(h, name, s, v);
	text = value_text(h->scratch, mb->type, T_RFC822, v);
	return add_header(h, name, special_header(h->o, mb, text, &changed));
}

/* S3 would read other bytes as it likes, and so would its signature. */
static bool
is_ascii(struct span text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] > '~')
			return false;
	return true;
}

/* Prefix and key: x-amz-meta-owner. */
static int
add_map(struct headers *h, const struct model_member *mb, const json_t *v)
{
	const struct model_shape *s = model_shape(h->m, mb->type);
	auto_buf struct buf name = BUF_INIT;
	const char *key;
	const json_t *val;

	js_foreach (v, key, val) {
		struct span text = value_text(
		    h->scratch, (uint16_t)s->a, T_RFC822, val);

		buf_clear(&name);
		buf_adds(&name, model_str(h->m, mb->wire));
		for (const char *c = key; *c != 0; c++) {
			if (strchr(" :\r\n\t", *c) != NULL)
				return err_set(h->err, ERR_INPUT,
				    "%s: \"%s\" cannot be part of a header",
				    model_str(h->m, mb->name), key);
			buf_addc(&name, *c);
		}
		if (!is_ascii(text) ||
		    !is_ascii((struct span){ key, strlen(key) }))
			return err_set(h->err, ERR_INPUT,
			    "%s: \"%s\" and its value must be ASCII",
			    model_str(h->m, mb->name), key);
		if (add_header(h, name.data, text) == -1)
			return -1;
	}
	return 0;
}

bool
request_has_header(const struct aws_request *req, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = req->headers.data; *at != 0;) {
		if (strncasecmp(at, name, n) == 0 && at[n] == ':')
			return true;
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	return false;
}

int
request_header_member(const struct aws_operation *o,
    const struct model_member *mb, const json_t *v, struct aws_request *req,
    struct buf *scratch, struct err *err)
{
	struct headers h = { o, o->model, req, scratch, err };

	return mb->location == LOC_HEADERS ? add_map(&h, mb, v)
					   : add_member(&h, mb, v);
}
