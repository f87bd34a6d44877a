/* XML bodies of rest-xml. */

#include "common/aws/codec_impl.h"

#include <string.h>

struct xml {
	struct buf *out, *scratch;
	const struct model *m;
	const struct aws_operation *o; /* whose body it is, or NULL */
};

/* Line ends as references: parsers would change them. */
static const struct {
	char c;
	const char *text;
} escapes[] = {
	{ '&', "&amp;" },
	{ '<', "&lt;" },
	{ '>', "&gt;" },
	{ '"', "&quot;" },
	{ '\r', "&#13;" },
	{ '\n', "&#10;" },
};

static void
add_text(struct buf *b, struct span text)
{
	size_t from = 0;

	for (size_t i = 0; i < text.n; i++) {
		for (size_t k = 0; k < sizeof(escapes) / sizeof(*escapes);
		     k++) {
			if (text.p[i] != escapes[k].c)
				continue;
			buf_add(b, text.p + from, i - from);
			buf_adds(b, escapes[k].text);
			from = i + 1;
			break;
		}
	}
	buf_add(b, text.p + from, text.n - from);
}

static void
add_attribute(struct xml *x, const char *name, struct span value)
{
	buf_addc(x->out, ' ');
	buf_adds(x->out, name);
	buf_adds(x->out, "=\"");
	add_text(x->out, value);
	buf_addc(x->out, '"');
}

static void
add_namespace(struct xml *x, const struct model_member *mb)
{
	const struct model_extra *ns = NULL;
	const char *uri;

	if (mb != NULL && (mb->flags & M_NAMESPACE) != 0)
		ns = model_extra(x->m, EXTRA_NS, (size_t)(mb - x->m->members));
	if (ns == NULL)
		return;
	uri = model_str(x->m, ns->a);
	buf_adds(x->out, " xmlns");
	if (ns->b != 0) {
		buf_addc(x->out, ':');
		buf_adds(x->out, model_str(x->m, ns->b));
	}
	buf_adds(x->out, "=\"");
	add_text(x->out, (struct span){ uri, strlen(uri) });
	buf_addc(x->out, '"');
}

static void
open_tag(struct xml *x, const char *name, const struct model_member *mb)
{
	buf_addc(x->out, '<');
	buf_adds(x->out, name);
	add_namespace(x, mb);
}

static void
close_tag(struct xml *x, const char *name)
{
	buf_adds(x->out, "</");
	buf_adds(x->out, name);
	buf_addc(x->out, '>');
}

static void add_value(struct xml *, const char *name,
    const struct model_member *, uint16_t type, const json_t *);

static bool
is_set(const json_t *v)
{
	return v != NULL && !json_is_null(v);
}

static void
add_attributes(struct xml *x, const struct model_shape *s, const json_t *v)
{
	for (uint16_t i = 0; i < s->n; i++) {
		const struct model_member *mb = &x->m->members[s->a + i];
		const json_t *val = js_get(v, model_str(x->m, mb->name));

		if ((mb->flags & M_ATTRIBUTE) != 0 && is_set(val))
			add_attribute(x, model_str(x->m, mb->wire),
			    value_text(x->scratch, mb->type, T_ISO8601, val));
	}
}

/* In the order of the model: some services check it. */
static void
add_members(struct xml *x, const struct model_shape *s, const json_t *v)
{
	for (uint16_t i = 0; i < s->n; i++) {
		const struct model_member *mb = &x->m->members[s->a + i];
		const json_t *val = js_get(v, model_str(x->m, mb->name));

		if (is_set(val) && mb->location == LOC_BODY &&
		    (mb->flags & M_ATTRIBUTE) == 0)
			add_value(
			    x, model_str(x->m, mb->wire), mb, mb->type, val);
	}
}

static void
add_struct(struct xml *x, const char *name, const struct model_member *mb,
    const struct model_shape *s, const json_t *v)
{
	open_tag(x, name, mb);
	add_attributes(x, s, v);
	buf_addc(x->out, '>');
	add_members(x, s, v);
	close_tag(x, name);
}

static void
add_list(struct xml *x, const char *name, const struct model_member *mb,
    const struct model_shape *s, const json_t *v)
{
	bool flattened = mb != NULL && (mb->flags & M_FLATTENED) != 0;
	const char *item = flattened   ? name
			   : s->a != 0 ? model_str(x->m, s->a)
				       : "member";
	const json_t *val;
	size_t i;

	if (!flattened) {
		open_tag(x, name, mb);
		buf_addc(x->out, '>');
	}
	js_each (v, i, val) {
		if (!json_is_null(val))
			add_value(x, item, NULL, s->n, val);
	}
	if (!flattened)
		close_tag(x, name);
}

static void
add_entry(struct xml *x, const struct model_shape *s, const char *name,
    const char *key, const json_t *val)
{
	const struct model_extra *names = model_extra(
	    x->m, EXTRA_MAP, (size_t)(s - x->m->shapes));
	const char *key_name = names ? model_str(x->m, names->a) : "key",
		   *value_name = names ? model_str(x->m, names->b) : "value";

	open_tag(x, name, NULL);
	buf_addc(x->out, '>');
	open_tag(x, key_name, NULL);
	buf_addc(x->out, '>');
	add_text(x->out, (struct span){ key, strlen(key) });
	close_tag(x, key_name);
	if (!json_is_null(val))
		add_value(x, value_name, NULL, (uint16_t)s->a, val);
	close_tag(x, name);
}

static void
add_map(struct xml *x, const char *name, const struct model_member *mb,
    const struct model_shape *s, const json_t *v)
{
	bool flattened = mb != NULL && (mb->flags & M_FLATTENED) != 0;
	const char *key;
	const json_t *val;

	if (!flattened) {
		open_tag(x, name, mb);
		buf_addc(x->out, '>');
	}
	js_foreach (v, key, val)
		add_entry(x, s, flattened ? name : "entry", key, val);
	if (!flattened)
		close_tag(x, name);
}

static void
add_value(struct xml *x, const char *name, const struct model_member *mb,
    uint16_t type, const json_t *v)
{
	const struct model_shape *s = model_shape(x->m, type);

	if (s == NULL) {
		struct span text = value_text(x->scratch, type, T_ISO8601, v);

		if (x->o != NULL && mb != NULL)
			text = special_label(x->o, mb, text);
		open_tag(x, name, mb);
		buf_addc(x->out, '>');
		add_text(x->out, text);
		close_tag(x, name);
	} else if (s->kind == SHAPE_STRUCT) {
		add_struct(x, name, mb, s, v);
	} else if (s->kind == SHAPE_LIST) {
		add_list(x, name, mb, s, v);
	} else {
		add_map(x, name, mb, s, v);
	}
}

void
xml_add_value(struct buf *out, struct buf *scratch, const struct model *m,
    const char *name, const struct model_member *mb, uint16_t type,
    const json_t *v)
{
	struct xml x = { out, scratch, m, NULL };

	add_value(&x, name, mb, type, v);
}

void
xml_add_root(struct buf *out, struct buf *scratch,
    const struct aws_operation *o, const json_t *in)
{
	struct xml x = { out, scratch, o->model, o };
	const char *name = model_str(x.m, o->op->root),
		   *ns = model_str(x.m, o->op->root_ns);
	const struct model_shape *s = model_shape(x.m, o->op->in);

	open_tag(&x, name, NULL);
	if (*ns != 0)
		add_attribute(&x, "xmlns", (struct span){ ns, strlen(ns) });
	add_attributes(&x, s, in);
	buf_addc(out, '>');
	add_members(&x, s, in);
	close_tag(&x, name);
}
