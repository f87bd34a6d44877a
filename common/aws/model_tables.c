/* Model tables: string pool, indices, checks. */

#include "common/aws/model_builder.h"

#include <stdlib.h>
#include <string.h>

void
vec_add_row(struct vec *v, const void *row, size_t size)
{
	if (v->n == v->cap) {
		size_t cap = v->cap ? v->cap * 2 : 256;

		v->data = mem_grow(v->data, v->cap * size, cap * size);
		v->cap = cap;
	}
	memcpy((char *)v->data + v->n++ * size, row, size);
}

uint32_t
pool_str(struct builder *b, const char *s)
{
	if (s == NULL || *s == 0)
		return 0;
	if (js_get(b->strings, s) == NULL)
		js_set(b->strings, s, json_integer(0));
	return (uint32_t)js_int(b->strings, s, 0);
}

/* Reversed texts in falling order put every suffix behind its host. */
static int
by_end_falling(const void *pa, const void *pb)
{
	const char *a = *(const char *const *)pa, *b = *(const char *const *)pb;
	size_t i = strlen(a), j = strlen(b);

	while (i > 0 && j > 0)
		if (a[--i] != b[--j])
			return (unsigned char)b[j] - (unsigned char)a[i];
	return (j > 0) - (i > 0);
}

int
pool_by_text(const void *pa, const void *pb)
{
	return strcmp(*(const char *const *)pa, *(const char *const *)pb);
}

const char **
pool_keys(const json_t *obj, int (*order)(const void *, const void *))
{
	const char **keys = mem_array(const char *, js_len(obj) + 1), *key;
	const json_t *val;
	size_t n = 0;

	js_foreach (obj, key, val)
		keys[n++] = key;
	qsort(keys, n, sizeof(*keys), order);
	return keys;
}

void
pool_lay_out(struct builder *b)
{
	auto_free const char **keys = pool_keys(b->strings, by_end_falling);
	const char *host = "";
	size_t host_len = 0, host_at = 0;

	vec_add_row(&b->pool, "", 1);
	for (size_t i = 0; keys[i] != NULL; i++) {
		size_t len = strlen(keys[i]);

		if (len > host_len ||
		    strcmp(host + host_len - len, keys[i]) != 0) {
			host = keys[i];
			host_len = len;
			host_at = b->pool.n;
			for (size_t k = 0; k <= len; k++)
				vec_add_row(&b->pool, &host[k], 1);
		}
		js_set(b->strings, keys[i],
		    json_integer((json_int_t)(host_at + host_len - len)));
	}
}

/* A flattened list or map makes the member flattened: one flag to ask. */
static void
mark_flattened(struct model *m, struct model_member *members, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct model_shape *s = model_shape(m, members[i].type);

		if (s != NULL && s->kind != SHAPE_STRUCT &&
		    (s->flags & SF_FLATTENED) != 0)
			members[i].flags |= M_FLATTENED;
	}
}

struct by {
	const struct model *m;
	const struct model_member *first;
	const char *(*key)(const struct model *, const struct model_member *);
};

static const char *
key_name(const struct model *m, const struct model_member *mb)
{
	return model_str(m, mb->name);
}

static const char *
key_wire(const struct model *m, const struct model_member *mb)
{
	return model_str(m, mb->wire);
}

static int
by_key(const void *a, const void *b, void *arg)
{
	const struct by *by = arg;
	uint16_t i = *(const uint16_t *)a, k = *(const uint16_t *)b;
	int order = strcmp(
	    by->key(by->m, by->first + i), by->key(by->m, by->first + k));

	return order != 0 ? order : (int)i - (int)k;
}

static uint16_t *
make_index(const struct model_tables *t,
    const char *(*key)(const struct model *, const struct model_member *))
{
	const struct model *m = &t->model;
	uint16_t *index = mem_array(uint16_t, t->n_members + 1);

	for (size_t s = 0; s < t->n_shapes; s++) {
		const struct model_shape *shape = &m->shapes[s];
		struct by by = { m, NULL, key };

		if (shape->kind != SHAPE_STRUCT || shape->n == 0)
			continue;
		by.first = m->members + shape->a;
		for (uint16_t i = 0; i < shape->n; i++)
			index[shape->a + i] = i;
		qsort_r(
		    index + shape->a, shape->n, sizeof(*index), by_key, &by);
	}
	return index;
}

static int
by_index(const void *pa, const void *pb)
{
	const struct model_extra *a = pa, *b = pb;

	return (a->index > b->index) - (a->index < b->index);
}

static bool
is_scalar(uint32_t type)
{
	return type < MODEL_FIRST_SHAPE;
}

static bool
is_kind(const struct model *m, uint16_t type, enum model_kind kind)
{
	const struct model_shape *s = model_shape(m, type);

	return s != NULL && s->kind == kind;
}

static bool
is_scalar_list(const struct model *m, uint16_t type)
{
	return is_kind(m, type, SHAPE_LIST) &&
	       is_scalar(model_shape(m, type)->n);
}

/* Outside the body there is no room for structures. */
static bool
member_ok(const struct model *m, const struct model_member *mb)
{
	const struct model_shape *s = model_shape(m, mb->type);

	if (mb->type == MODEL_NONE)
		return false;
	switch ((enum model_location)mb->location) {
	case LOC_URI:
	case LOC_STATUS:
		return is_scalar(mb->type);
	case LOC_HEADER:
		return is_scalar(mb->type) || is_scalar_list(m, mb->type);
	case LOC_HEADERS:
		return is_kind(m, mb->type, SHAPE_MAP) && is_scalar(s->a);
	case LOC_QUERY:
		return is_scalar(mb->type) || is_scalar_list(m, mb->type) ||
		       (is_kind(m, mb->type, SHAPE_MAP) &&
			   (is_scalar(s->a) ||
			       is_scalar_list(m, (uint16_t)s->a)));
	case LOC_BODY:
		break;
	}
	return true;
}

static bool
shape_ok(const struct model_shape *s)
{
	return s->kind == SHAPE_STRUCT ||
	       (s->kind == SHAPE_LIST && s->n != MODEL_NONE) ||
	       (s->kind == SHAPE_MAP && is_scalar(s->n) && s->a != MODEL_NONE);
}

static bool
io_ok(const struct model *m, uint16_t type)
{
	return type == MODEL_NONE || is_kind(m, type, SHAPE_STRUCT);
}

/* The builder has seen to it that shapes which are named are there. */
static bool
types_ok(const struct model_tables *t)
{
	const struct model *m = &t->model;
	bool ok = t->n_shapes < MODEL_NONE - MODEL_FIRST_SHAPE &&
		  t->n_ops < UINT16_MAX && t->n_errors < UINT16_MAX &&
		  t->n_op_errors < UINT16_MAX && t->n_paginators < UINT16_MAX;

	for (size_t i = 0; ok && i < t->n_shapes; i++)
		ok = shape_ok(&m->shapes[i]);
	for (size_t i = 0; ok && i < t->n_members; i++)
		ok = member_ok(m, &m->members[i]);
	for (size_t i = 0; ok && i < t->n_ops; i++)
		ok = io_ok(m, m->ops[i].in) && io_ok(m, m->ops[i].out);
	return ok;
}

static struct model_tables *
collect(struct builder *b)
{
	struct model_tables *t = mem_of(struct model_tables);

	t->n_strings = b->pool.n;
	t->n_members = b->members.n;
	t->n_shapes = b->shapes.n;
	t->n_ops = b->ops.n;
	t->n_errors = b->errors.n;
	t->n_op_errors = b->op_errors.n;
	t->n_paginators = b->paginators.n;
	t->model = (struct model){ .strings = b->pool.data,
		.members = b->members.data,
		.shapes = b->shapes.data,
		.ops = b->ops.data,
		.errors = b->errors.data,
		.op_errors = b->op_errors.data,
		.paginators = b->paginators.data,
		.extras = b->extras.data,
		.services = b->services.data,
		.n_services = b->services.n,
		.n_extras = b->extras.n };
	return t;
}

struct model_tables *
tables_make(struct builder *b)
{
	struct model_tables *t;

	if (b->extras.n > 0)
		qsort(b->extras.data, b->extras.n, sizeof(struct model_extra),
		    by_index);
	t = collect(b);
	js_free(b->strings);
	if (b->bad || !types_ok(t)) {
		model_tables_free(t);
		return NULL;
	}
	mark_flattened(&t->model, b->members.data, t->n_members);
	t->model.by_name = make_index(t, key_name);
	t->model.by_wire = make_index(t, key_wire);
	return t;
}

void
model_tables_free(struct model_tables *t)
{
	if (t == NULL)
		return;
	const void *all[] = { t->model.strings, t->model.members,
		t->model.by_name, t->model.by_wire, t->model.shapes,
		t->model.ops, t->model.errors, t->model.op_errors,
		t->model.paginators, t->model.extras, t->model.services };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		free((void *)all[i]);
	free(t);
}
