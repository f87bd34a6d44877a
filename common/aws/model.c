/* Lookups in the API models. */

#include "common/aws/model.h"
#include "common/aws/aws.h"
#include "common/base/text.h"

#include <stdlib.h>
#include <string.h>

/* First of n sorted rows whose name is not below the wanted one. */
static size_t
lower_bound(size_t n, const char *wanted,
    const char *(*name)(const void *arg, size_t i), const void *arg)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(name(arg, mid), wanted) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct names {
	const struct model *m;
	const void *first;
	const uint16_t *index;
};

static const char *
service_name(const void *arg, size_t i)
{
	const struct names *of = arg;

	return model_str(of->m, of->m->services[i].name);
}

static const char *
op_name(const void *arg, size_t i)
{
	const struct names *of = arg;
	const struct model_op *ops = of->first;

	return model_str(of->m, ops[i].name);
}

static const char *
member_name(const void *arg, size_t i)
{
	const struct names *of = arg;
	const struct model_member *members = of->first;

	return model_str(of->m, members[of->index[i]].name);
}

const struct model_service *
model_service(const struct model *m, const char *name)
{
	struct names of = { m, m->services, NULL };
	size_t i = lower_bound(m->n_services, name, service_name, &of);

	return i < m->n_services && strcmp(service_name(&of, i), name) == 0
		   ? &m->services[i]
		   : NULL;
}

const struct model_op *
model_op(const struct model *m, const struct model_service *s, const char *name)
{
	struct names of = { m, m->ops + s->first_op, NULL };
	size_t i = lower_bound(s->n_ops, name, op_name, &of);

	return i < s->n_ops && strcmp(op_name(&of, i), name) == 0
		   ? &m->ops[s->first_op + i]
		   : NULL;
}

const struct model_member *
model_member(
    const struct model *m, const struct model_shape *s, const char *name)
{
	struct names of = { m, m->members + s->a, m->by_name + s->a };
	size_t i = lower_bound(s->n, name, member_name, &of);

	return i < s->n && strcmp(member_name(&of, i), name) == 0
		   ? &m->members[s->a + of.index[i]]
		   : NULL;
}

/* Negative: the member's name is below. The hot spot of XML answers. */
static inline int
compare_wire(const char *wire, const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (wire[i] != name[i])
			return (unsigned char)wire[i] - (unsigned char)name[i];
	return (unsigned char)wire[n];
}

const struct model_member *
model_element(const struct model *m, const struct model_shape *s,
    const char *wire, size_t n)
{
	const struct model_member *first = m->members + s->a;
	const uint16_t *index = m->by_wire + s->a;
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (compare_wire(
			model_str(m, first[index[mid]].wire), wire, n) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < s->n; low++) {
		const struct model_member *mb = &first[index[low]];

		if (compare_wire(model_str(m, mb->wire), wire, n) != 0)
			break;
		if (mb->location == LOC_BODY && (mb->flags & M_ATTRIBUTE) == 0)
			return mb;
	}
	return NULL;
}

static int
by_index(const void *key, const void *row)
{
	uint32_t a = *(const uint32_t *)key,
		 b = ((const struct model_extra *)row)->index;

	return (a > b) - (a < b);
}

const struct model_extra *
model_extra(const struct model *m, uint32_t kind, size_t index)
{
	uint32_t key = kind + (uint32_t)index;

	if (m->n_extras == 0)
		return NULL;
	return bsearch(
	    &key, m->extras, m->n_extras, sizeof(*m->extras), by_index);
}

const struct model_error *
model_error(const struct model *m, const struct model_service *s,
    const struct model_op *op, const char *code)
{
	for (size_t i = 0; i < op->n_errors; i++) {
		const struct model_error *e =
		    &m->errors[s->first_error +
			       m->op_errors[op->first_error + i]];

		if (strcmp(model_str(m, e->code), code) == 0)
			return e;
	}
	return NULL;
}

/* What aws.h asks of the built-in models. */

static const struct model_op *
builtin_op(const char *service, const char *operation)
{
	const struct model_service *s = model_service(&model_builtin, service);

	return s == NULL ? NULL : model_op(&model_builtin, s, operation);
}

bool
aws_has_operation(const char *service, const char *operation)
{
	return builtin_op(service, operation) != NULL;
}

/* Through lists and maps to the struct (or scalar) they hold. */
static const struct model_shape *
innermost(const struct model *m, uint16_t type)
{
	const struct model_shape *s = model_shape(m, type);

	while (s != NULL && s->kind != SHAPE_STRUCT)
		s = model_shape(
		    m, s->kind == SHAPE_LIST ? s->n : (uint16_t)s->a);
	return s;
}

bool
aws_has_member(
    const char *service, const char *operation, bool output, const char *dotted)
{
	const struct model *m = &model_builtin;
	const struct model_op *op = builtin_op(service, operation);
	uint16_t type = op == NULL ? MODEL_NONE : output ? op->out : op->in;

	while (*dotted != 0) {
		const struct model_shape *s = innermost(m, type);
		size_t n = strcspn(dotted, ".");
		const struct model_member *mb;
		char name[128];

		if (s == NULL || n >= sizeof(name))
			return false;
		memcpy(name, dotted, n);
		name[n] = 0;
		mb = model_member(m, s, name);
		if (mb == NULL)
			return false;
		type = mb->type;
		dotted += n + (dotted[n] == '.');
	}
	return type != MODEL_NONE;
}

bool
aws_operation_http(const char *service, const char *operation,
    const char **ret_method, const char **ret_uri)
{
	const struct model_op *op = builtin_op(service, operation);

	if (op == NULL)
		return false;
	*ret_method = model_str(&model_builtin, op->method);
	*ret_uri = model_str(&model_builtin, op->uri);
	return true;
}

static const char read_verbs[] =
    "Get List Describe Head BatchGet BatchCheck Check Filter Lookup Search "
    "Query Scan Simulate Validate Estimate";

bool
model_is_read(const struct model_op *op, const char *name)
{
	if (op != NULL && (op->flags & OP_READ) != 0)
		return true;
	words_each (read_verbs, w, n) {
		char next = strncmp(name, w, n) == 0 ? name[n] : 'a';

		if (next == 0 || (next >= 'A' && next <= 'Z'))
			return true;
	}
	return false;
}

bool
aws_is_read(const char *service, const char *operation)
{
	return model_is_read(builtin_op(service, operation), operation);
}

const char *
aws_service_name(size_t i)
{
	const struct model *m = &model_builtin;

	return i < m->n_services ? model_str(m, m->services[i].name) : NULL;
}

const char *
aws_operation_name(const char *service, size_t i)
{
	const struct model *m = &model_builtin;
	const struct model_service *s = model_service(m, service);

	if (s == NULL || i >= s->n_ops)
		return NULL;
	return model_str(m, m->ops[s->first_op + i].name);
}
