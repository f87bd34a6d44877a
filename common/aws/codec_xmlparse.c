/*
 * XML answers to JSON, driven by shape: query, ec2 and rest-xml.
 *
 * One frame per open element. Objects and arrays join their parent when
 * their element starts, scalars when it ends; so a frame borrows what it
 * fills. Only an entry of a map owns something: its key and its value.
 */

#include "common/aws/codec_impl.h"
#include "common/base/mem.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Bytes. What expat is given in pieces it copies, and counts the lines of all
 * but the last: most answers are one piece. */
#define PIECE ((size_t)2 << 20)

enum frame_kind { F_SKIP, F_WRAPPER, F_SHAPE, F_ENTRY, F_KEY, F_SCALAR };

/* Where a value goes: into an array, an object, or an entry of a map. */
struct sink {
	json_t *into; /* NULL: the entry in the frame before */
	const char *name;
};

struct frame {
	enum frame_kind kind;
	uint16_t type;
	struct seen *seen; /* the member of a scalar; or NULL */
	const struct model_shape *shape;
	json_t *node; /* being filled; borrowed */
	struct sink sink;
	json_t *value; /* entry; owned */
	char *key;     /* entry; owned */
};

#define SEEN 256 /* more than most answers have members */

/* A member that was found, and its last text: elements of a list have the
 * same members again and again, and often the same values, which they share. */
struct seen {
	const struct model_shape *shape;
	const struct model_member *member;
	json_t *text; /* owned; or NULL */
};

struct parse {
	const struct aws_operation *o;
	const struct model *m;
	XML_Parser expat;
	struct buf text;
	const char *wrapper; /* query: element that holds the output */
	struct frame root;
	struct err *err;
	bool failed, is_error;
	bool has_texts; /* that mean something else, see special_text */
	struct seen seen[SEEN];
	size_t n;
	struct frame frames[CODEC_DEPTH];
};

static void
give(struct parse *p, struct sink to, json_t *take)
{
	if (take == NULL)
		return;
	if (json_is_array(to.into))
		js_push(to.into, take);
	else if (to.into != NULL)
		js_set_name(to.into, to.name, take);
	else
		js_replace(&p->frames[p->n - 2].value, take);
}

/* The container that a member fills, made on first use. */
static json_t *
container(json_t *parent, const char *name, bool list)
{
	if (js_get(parent, name) == NULL)
		js_set_name(parent, name, list ? json_array() : json_object());
	return (json_t *)js_get(parent, name);
}

/* Fills the frame of an element that holds a value of this type. */
static void
start_value(struct parse *p, struct frame *f, uint16_t type, struct sink to)
{
	const struct model_shape *s = model_shape(p->m, type);

	f->type = type;
	f->shape = s;
	f->sink = to;
	f->kind = s == NULL ? F_SCALAR : F_SHAPE;
	if (s == NULL)
		return;
	f->node = s->kind == SHAPE_LIST ? json_array() : json_object();
	give(p, to, f->node);
}

static void
start_member(struct parse *p, struct frame *f, json_t *parent,
    const struct model_member *mb)
{
	const char *name = model_str(p->m, mb->name);
	const struct model_shape *s = model_shape(p->m, mb->type);
	bool flattened = s != NULL && s->kind != SHAPE_STRUCT &&
			 (mb->flags & M_FLATTENED) != 0;

	if (!flattened) {
		start_value(p, f, mb->type, (struct sink){ parent, name });
	} else if (s->kind == SHAPE_LIST) {
		start_value(p, f, s->n,
		    (struct sink){ container(parent, name, true), NULL });
	} else {
		f->kind = F_ENTRY;
		f->shape = s;
		f->node = container(parent, name, false);
	}
}

static void
start_in_entry(struct parse *p, struct frame *f, const struct frame *entry,
    const char *name)
{
	const struct model_extra *x = model_extra(
	    p->m, EXTRA_MAP, (size_t)(entry->shape - p->m->shapes));
	const char *key = x ? model_str(p->m, x->a) : "key",
		   *value = x ? model_str(p->m, x->b) : "value";

	if (strcmp(name, key) == 0)
		f->kind = F_KEY;
	else if (strcmp(name, value) == 0)
		start_value(p, f, (uint16_t)entry->shape->a,
		    (struct sink){ NULL, NULL });
}

static struct seen *
seen_slot(
    struct parse *p, const struct model_shape *s, const char *name, size_t n)
{
	size_t shape = (size_t)(s - p->m->shapes);
	unsigned char first = (unsigned char)name[0],
		      middle = (unsigned char)name[n / 2],
		      last = (unsigned char)name[n - 1];

	return &p->seen[(13 * shape + 37 * n + 5u * first + 11u * middle +
			    3u * last) %
			SEEN];
}

static struct seen *
find_member(struct parse *p, const struct model_shape *s, const char *name)
{
	size_t n = strlen(name);
	const struct model_member *mb;
	struct seen *slot;

	if (n == 0) /* of "prefix:" */
		return NULL;
	slot = seen_slot(p, s, name, n);
	if (slot->shape == s &&
	    strcmp(name, model_str(p->m, slot->member->wire)) == 0)
		return slot;
	mb = model_element(p->m, s, name, n);
	if (mb == NULL)
		return NULL;
	js_free(slot->text);
	*slot = (struct seen){ s, mb, NULL };
	return slot;
}

static void
start_in_shape(
    struct parse *p, struct frame *f, const struct frame *up, const char *name)
{
	struct seen *seen;

	if (up->shape->kind == SHAPE_LIST) {
		start_value(
		    p, f, up->shape->n, (struct sink){ up->node, NULL });
	} else if (up->shape->kind == SHAPE_MAP) {
		f->kind = F_ENTRY;
		f->shape = up->shape;
		f->node = up->node;
	} else {
		seen = find_member(p, up->shape, name);
		f->seen = seen;
		if (seen != NULL)
			start_member(p, f, up->node, seen->member);
	}
}

static const char *
local_name(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon == NULL ? name : colon + 1;
}

static void
add_attributes(struct parse *p, struct frame *f, const char **atts)
{
	const struct model_shape *s = f->shape;

	for (; *atts != NULL; atts += 2) {
		for (uint16_t i = 0; i < s->n; i++) {
			const struct model_member *mb =
			    &p->m->members[s->a + i];
			const char *wire = model_str(p->m, mb->wire);

			if ((mb->flags & M_ATTRIBUTE) != 0 &&
			    strcmp(local_name(wire), local_name(*atts)) == 0)
				js_set(f->node, model_str(p->m, mb->name),
				    value_from_text(
					mb->type, atts[1], strlen(atts[1])));
		}
	}
}

static void
stop(struct parse *p, const char *why)
{
	if (!p->failed)
		err_set(p->err, ERR_UNKNOWN, "the answer %s", why);
	p->failed = true;
	XML_StopParser(p->expat, XML_FALSE);
}

static void
start_root(struct parse *p, struct frame *f, const char *name)
{
	if (p->o->service->protocol == PROTO_REST_XML &&
	    strcmp(name, "Error") == 0) {
		p->is_error = true;
		return;
	}
	if (strcasecmp(name, "html") == 0) {
		stop(p, "is a web page and not AWS's; is there a proxy or a "
			"login in between?");
		return;
	}
	*f = p->root;
}

static void
on_start(void *arg, const char *qualified, const char **atts)
{
	struct parse *p = arg;
	const char *name = local_name(qualified);
	struct frame *f = &p->frames[p->n], *up = f - 1;

	if (p->n == CODEC_DEPTH) {
		stop(p, "is nested too deeply");
		return;
	}
	*f = (struct frame){ .kind = F_SKIP };
	buf_clear(&p->text);
	p->n++;
	if (p->n == 1)
		start_root(p, f, name);
	else if (up->kind == F_WRAPPER && strcmp(name, p->wrapper) == 0)
		start_value(p, f, p->o->op->out, up->sink);
	else if (up->kind == F_ENTRY)
		start_in_entry(p, f, up, name);
	else if (up->kind == F_SHAPE)
		start_in_shape(p, f, up, name);
	if (f->kind == F_SHAPE && f->shape->kind == SHAPE_STRUCT)
		add_attributes(p, f, atts);
}

/* expat gives UTF-8 */
static json_t *
text_value(const struct buf *text, struct seen *seen)
{
	json_t *last = seen == NULL ? NULL : seen->text;

	if (last != NULL && json_string_length(last) == text->len &&
	    memcmp(js_text(last), text->data, text->len) == 0)
		return js_share(last);
	last = json_stringn_nocheck(text->data, text->len);
	if (seen != NULL)
		js_replace(&seen->text, js_share(last));
	return last;
}

static void
end_scalar(struct parse *p, const struct frame *f)
{
	json_t *v = NULL;

	if (p->has_texts && f->seen != NULL)
		v = special_text(
		    p->o, f->seen->member, p->text.data, p->text.len);
	if (v == NULL && (f->type == T_STRING || f->type == T_BLOB))
		v = text_value(&p->text, f->seen);
	else if (v == NULL)
		v = value_from_text(f->type, p->text.data, p->text.len);
	give(p, f->sink, v);
}

static void
end_entry(struct frame *f)
{
	if (f->key != NULL)
		js_set_name(f->node, f->key,
		    f->value != NULL ? js_move(&f->value) : js_new_str(""));
	js_replace(&f->value, NULL);
	free(mem_move(&f->key));
}

static void
on_end(void *arg, const char *name)
{
	struct parse *p = arg;
	struct frame *f;

	(void)name;
	if (p->failed || p->n == 0)
		return;
	f = &p->frames[p->n - 1];
	if (f->kind == F_SCALAR) {
		end_scalar(p, f);
	} else if (f->kind == F_KEY) {
		free(f[-1].key);
		f[-1].key = mem_strn(p->text.data, p->text.len);
	} else if (f->kind == F_ENTRY) {
		end_entry(f);
	}
	p->n--;
	buf_clear(&p->text);
}

static void
on_text(void *arg, const char *s, int n)
{
	struct parse *p = arg;
	enum frame_kind kind = p->n > 0 ? p->frames[p->n - 1].kind : F_SKIP;

	if (kind == F_SCALAR || kind == F_KEY)
		buf_add(&p->text, s, (size_t)n);
}

static void
on_entity(void *arg, const char *name, int is_parameter, const char *value,
    int len, const char *base, const char *system, const char *public,
    const char *notation)
{
	(void)name, (void)is_parameter, (void)value, (void)len, (void)base;
	(void)system, (void)public, (void)notation;
	stop(arg, "declares entities");
}

/* Piece by piece: expat copies what it is given. */
static enum XML_Status
feed(XML_Parser expat, const struct buf *body)
{
	enum XML_Status status = XML_STATUS_OK;

	for (size_t at = 0, n; at < body->len && status == XML_STATUS_OK;
	     at += n) {
		n = body->len - at < PIECE ? body->len - at : PIECE;
		status = XML_Parse(
		    expat, body->data + at, (int)n, at + n == body->len);
	}
	return status;
}

static int
run(struct parse *p, const struct buf *body)
{
	enum XML_Status status;

	XML_SetUserData(p->expat, p);
	XML_SetElementHandler(p->expat, on_start, on_end);
	XML_SetCharacterDataHandler(p->expat, on_text);
	XML_SetEntityDeclHandler(p->expat, on_entity);
	status = feed(p->expat, body);
	if (!p->failed && status != XML_STATUS_OK) {
		p->failed = true;
		err_set(p->err, ERR_UNKNOWN, "the answer is not XML: %lu: %s",
		    XML_GetCurrentLineNumber(p->expat),
		    XML_ErrorString(XML_GetErrorCode(p->expat)));
	}
	for (size_t i = 0; i < p->n; i++) {
		js_free(p->frames[i].value);
		free(p->frames[i].key);
	}
	for (size_t i = 0; i < SEEN; i++)
		js_free(p->seen[i].text);
	return p->failed ? -1 : 0;
}

/* What the root element is: a wrapper, the output or its payload. */
static void
set_root(struct parse *p, const struct model_shape *s, json_t *out,
    struct buf *wrapper)
{
	const struct model_op *op = p->o->op;
	const struct model_member *payload =
	    s->payload == MODEL_NONE ? NULL : &p->m->members[s->a + s->payload];

	if (p->o->service->protocol == PROTO_QUERY) {
		buf_adds(wrapper,
		    model_str(p->m, op->result != 0 ? op->result : op->name));
		if (op->result == 0)
			buf_adds(wrapper, "Result");
		p->wrapper = wrapper->data;
		p->root = (struct frame){ .kind = F_WRAPPER };
	} else if (s3_is_root_text(p->o)) {
		p->root = (struct frame){ .kind = F_SCALAR,
			.type = T_STRING,
			.sink = {
			    out, model_str(p->m, p->m->members[s->a].name) } };
	} else if (payload != NULL) {
		start_member(p, &p->root, out, payload);
	} else {
		p->root = (struct frame){ .kind = F_SHAPE,
			.type = op->out,
			.shape = s,
			.node = out };
	}
}

int
xml_answer(const struct aws_operation *o, const struct aws_answer *a,
    json_t *out, struct err *err)
{
	const struct model_shape *s = model_shape(o->model, o->op->out);
	auto_buf struct buf wrapper = BUF_INIT;
	json_auto_t *result = json_object();
	struct parse p = { .o = o,
		.m = o->model,
		.expat = NULL,
		.text = BUF_INIT,
		.err = err,
		.has_texts = special_has_texts(o) };
	int failed;

	if (a->body->len == 0)
		return 0;
	if (s != NULL)
		set_root(&p, s, out, &wrapper);
	/* A wrapped output is an object of its own: its members join out. */
	if (p.root.kind == F_WRAPPER)
		p.root.sink = (struct sink){ result, "output" };
	p.expat = XML_ParserCreate(NULL);
	must(p.expat != NULL);
	failed = run(&p, a->body);
	js_merge(out, js_get(result, "output"));
	XML_ParserFree(p.expat);
	buf_free(&p.text);
	if (p.is_error)
		return answer_error(o, a, err);
	/* Nobody reads the body of an operation without output. */
	return s == NULL ? 0 : failed;
}
