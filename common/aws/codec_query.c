/* The query and ec2 protocols: nested values as a flat form. */

#include "common/aws/codec_impl.h"
#include "common/base/mem.h"
#include "common/base/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct form {
	const struct model *m;
	struct buf *out, scratch;
	bool ec2;
	size_t len; /* of path */
	char path[8192];
};

/* Appends to the path; returns its old length, for pop(). */
__attribute__((format(printf, 2, 3))) static size_t
push(struct form *f, const char *fmt, ...)
{
	size_t old = f->len;
	va_list ap;
	int n;

	if (old > 0)
		f->path[f->len++] = '.';
	va_start(ap, fmt);
	n = vsnprintf(f->path + f->len, sizeof(f->path) - f->len - 1, fmt, ap);
	va_end(ap);
	/* Depth and the length of the names in the models bound it. */
	must(n >= 0 && f->len + (size_t)n < sizeof(f->path) - 2);
	f->len += (size_t)n;
	return old;
}

static void
pop(struct form *f, size_t old)
{
	f->len = old;
	f->path[old] = 0;
}

static void
pair(struct form *f, struct span value)
{
	buf_addc(f->out, '&');
	buf_add(f->out, f->path, f->len);
	buf_addc(f->out, '=');
	text_add_percent(f->out, value.p, value.n, false);
}

static size_t
push_member(struct form *f, const struct model_member *mb)
{
	const char *name = model_str(f->m, mb->wire);
	size_t old = f->len;

	if (!f->ec2)
		return push(f, "%s", name);
	if ((mb->flags & M_QUERY_NAME) != 0) {
		size_t i = (size_t)(mb - f->m->members);

		return push(f, "%s",
		    model_str(f->m, model_extra(f->m, EXTRA_QUERY, i)->a));
	}
	push(f, "%c%s", toupper((unsigned char)name[0]), name + 1);
	return old;
}

static void put(struct form *, uint16_t type, bool flattened, const json_t *);

static void
put_struct(struct form *f, const struct model_shape *s, const json_t *v)
{
	const char *key;
	const json_t *val;

	js_foreach (v, key, val) {
		const struct model_member *mb = model_member(f->m, s, key);
		size_t old;

		if (json_is_null(val))
			continue;
		old = push_member(f, mb);
		put(f, mb->type, (mb->flags & M_FLATTENED) != 0, val);
		pop(f, old);
	}
}

static void
put_list(struct form *f, const struct model_shape *s, bool flattened,
    const json_t *v)
{
	size_t old = f->len, i;
	const json_t *val;

	if (js_len(v) == 0) {
		if (!f->ec2)
			pair(f, (struct span){ "", 0 });
		return;
	}
	if (!f->ec2 && !flattened)
		push(f, "%s", s->a != 0 ? model_str(f->m, s->a) : "member");
	js_each (v, i, val) {
		size_t at = push(f, "%zu", i + 1);

		if (!json_is_null(val))
			put(f, s->n, false, val);
		pop(f, at);
	}
	pop(f, old);
}

static void
put_map(struct form *f, const struct model_shape *s, bool flattened,
    const json_t *v)
{
	const struct model_extra *x = model_extra(
	    f->m, EXTRA_MAP, (size_t)(s - f->m->shapes));
	const char *key_name = x ? model_str(f->m, x->a) : "key",
		   *value_name = x ? model_str(f->m, x->b) : "value", *key;
	const json_t *val;
	size_t n = 0, old;

	js_foreach (v, key, val) {
		size_t outer = flattened ? f->len : push(f, "entry");

		push(f, "%zu", ++n);
		old = push(f, "%s", key_name);
		pair(f, (struct span){ key, strlen(key) });
		pop(f, old);
		push(f, "%s", value_name);
		if (!json_is_null(val))
			put(f, (uint16_t)s->a, false, val);
		pop(f, outer);
	}
}

static void
put(struct form *f, uint16_t type, bool flattened, const json_t *v)
{
	const struct model_shape *s = model_shape(f->m, type);

	if (s == NULL)
		pair(f, value_text(&f->scratch, type, T_ISO8601, v));
	else if (s->kind == SHAPE_STRUCT)
		put_struct(f, s, v);
	else if (s->kind == SHAPE_LIST)
		put_list(f, s, flattened, v);
	else
		put_map(f, s, flattened, v);
}

int
query_request(const struct aws_operation *o, const json_t *in,
    struct aws_request *req, struct err *err)
{
	static const char type[] = "application/x-www-form-urlencoded";
	struct form f = { .m = o->model,
		.out = &req->body,
		.scratch = BUF_INIT,
		.ec2 = o->service->protocol == PROTO_EC2 };
	const struct model_shape *s = model_shape(f.m, o->op->in);

	(void)err;
	buf_addc(&req->path, '/');
	request_header(
	    req, "Content-Type", (struct span){ type, sizeof(type) - 1 });
	buf_addf(&req->body, "Action=%s&Version=%s",
	    model_str(f.m, o->op->name),
	    model_str(f.m, o->service->api_version));
	if (s != NULL)
		put_struct(&f, s, in);
	buf_free(&f.scratch);
	return 0;
}
