/* Codecs: the entry points; see codec.h. */

#include "common/aws/codec_impl.h"
#include "common/base/crypto.h"

#include <ctype.h>
#include <string.h>

void
aws_request_free(struct aws_request *req)
{
	buf_free(&req->path);
	buf_free(&req->query);
	buf_free(&req->headers);
	buf_free(&req->body);
	file_close(&req->file);
}

/* "{name}." in a prefix is the value of that member. */
static int
add_prefix_label(const struct aws_operation *o, const json_t *in,
    const char *name, size_t n, struct buf *b, struct err *err)
{
	const struct model *m = o->model;
	const struct model_shape *s = model_shape(m, o->op->in);

	for (uint16_t i = 0; s != NULL && i < s->n; i++) {
		const struct model_member *mb = &m->members[s->a + i];
		const char *member = model_str(m, mb->name),
			   *value = js_str(in, member);

		if (strlen(member) != n || memcmp(member, name, n) != 0)
			continue;
		if (value == NULL || *value == 0)
			break;
		for (const char *c = value; *c != 0; c++)
			if (!isalnum((unsigned char)*c) && *c != '-' &&
			    *c != '.')
				return err_set(err, ERR_INPUT,
				    "%s becomes part of the host: letters, "
				    "digits, '-' and '.' only",
				    member);
		buf_adds(b, value);
		return 0;
	}
	return err_set(err, ERR_INPUT, "%.*s must not be empty", (int)n, name);
}

static int
add_host_prefix(const struct aws_operation *o, const json_t *in,
    struct aws_request *req, struct err *err)
{
	const char *at = model_str(o->model, o->op->host_prefix);
	auto_buf struct buf b = BUF_INIT;

	while (*at != 0) {
		size_t n = strcspn(at, "{"), len;

		buf_add(&b, at, n);
		at += n;
		if (*at == 0)
			break;
		len = strcspn(at, "}");
		if (add_prefix_label(o, in, at + 1, len - 1, &b, err) == -1)
			return -1;
		at += len + (at[len] == '}');
	}
	if (b.len >= sizeof(req->host_prefix))
		return err_set(err, ERR_INPUT, "the host is too long");
	memcpy(req->host_prefix, b.data, b.len + 1);
	return 0;
}

const struct codec_options *
codec_options(const struct aws_operation *o)
{
	static const struct codec_options defaults = CODEC_DEFAULTS;

	return o->options != NULL ? o->options : &defaults;
}

static int
serialise(const struct aws_operation *o, const json_t *in,
    struct aws_request *req, struct err *err)
{
	static serialiser *const serialisers[] = {
		[PROTO_QUERY] = query_request,
		[PROTO_EC2] = query_request,
		[PROTO_JSON] = json_request,
		[PROTO_REST_JSON] = rest_request,
		[PROTO_REST_XML] = rest_request,
	};

	if (add_host_prefix(o, in, req, err) == -1 ||
	    serialisers[o->service->protocol](o, in, req, err) == -1)
		return -1;
	compress_body(o, req);
	return special_request(o, in, req, err);
}

int
codec_request(const struct aws_operation *o, const json_t *in,
    struct aws_request *req, struct err *err)
{
	json_auto_t *inlined = NULL;

	req->method = model_str(o->model, o->op->method);
	if (check_input(o, in, err) == -1)
		return -1;
	if (codec_options(o)->files &&
	    files_inlined(o, in, &inlined, err) == -1)
		return -1;
	return serialise(o, inlined != NULL ? inlined : in, req, err);
}

int
codec_response(const struct aws_operation *o, const struct aws_answer *a,
    json_t **ret, struct err *err)
{
	static parser *const parsers[] = {
		[PROTO_QUERY] = xml_answer,
		[PROTO_EC2] = xml_answer,
		[PROTO_JSON] = json_answer,
		[PROTO_REST_JSON] = rest_answer,
		[PROTO_REST_XML] = rest_answer,
	};
	json_auto_t *out = NULL;

	if (a->status / 100 != 2)
		return answer_error(o, a, err);
	out = json_object();
	if (parsers[o->service->protocol](o, a, out, err) == -1 ||
	    special_verify(o, a, err) == -1) {
		if (err->http == 0)
			err->http = a->status;
		return -1;
	}
	special_answer(o, out);
	answer_request_id(a, err->request_id);
	*ret = js_move(&out);
	return 0;
}

/* In all models the tokens are members of the input itself. */
void
codec_fill_tokens(const struct aws_operation *o, json_t *in)
{
	const struct model *m = o->model;
	const struct model_shape *s = model_shape(m, o->op->in);

	for (uint16_t i = 0; s != NULL && i < s->n; i++) {
		const struct model_member *mb = &m->members[s->a + i];
		const char *name = model_str(m, mb->name);
		const json_t *v = js_get(in, name);
		char uuid[37];

		if ((mb->flags & M_TOKEN) == 0 ||
		    (v != NULL && !json_is_null(v)))
			continue;
		crypto_uuid(uuid);
		js_set_str(in, name, uuid);
	}
}
