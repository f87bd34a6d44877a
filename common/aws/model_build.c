/* Flattens compact API models into tables. */

#include "common/aws/model_builder.h"
#include "common/base/buf.h"

#include <string.h>

/* What must be a text; "" spoils the model. */
static const char *
text_of(struct builder *b, const json_t *v)
{
	const char *s = js_text(v);

	b->bad |= s == NULL;
	return s != NULL ? s : "";
}

/* Absent, or of the type. */
static bool
is_type(const json_t *v, json_type type)
{
	return v == NULL || json_typeof(v) == type;
}

static uint32_t
str_at(struct builder *b, const json_t *array, size_t i)
{
	return pool_str(b, js_text(js_at(array, i)));
}

/* Paginators have one name or a list of names. */
static uint32_t
str_list(struct builder *b, const json_t *names)
{
	auto_buf struct buf joined = BUF_INIT;
	const json_t *name;
	size_t i;

	if (!json_is_array(names))
		return pool_str(b, js_text(names));
	js_each (names, i, name) {
		if (i > 0)
			buf_addc(&joined, ',');
		buf_adds(&joined, text_of(b, name));
	}
	return pool_str(b, joined.data);
}

static const char *const scalars[] = { [T_STRING] = "s",
	[T_INTEGER] = "i",
	[T_LONG] = "l",
	[T_FLOAT] = "f",
	[T_DOUBLE] = "d",
	[T_BOOLEAN] = "b",
	[T_BLOB] = "B",
	[T_TIMESTAMP] = "t",
	[T_ISO8601] = "ti",
	[T_EPOCH] = "tu",
	[T_RFC822] = "tr",
	[T_DOCUMENT] = "D" };
static const char *const locations[] = { [LOC_BODY] = "",
	[LOC_URI] = "uri",
	[LOC_QUERY] = "querystring",
	[LOC_HEADER] = "header",
	[LOC_HEADERS] = "headers",
	[LOC_STATUS] = "statusCode" };

static size_t
index_of(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return n;
}
#define INDEX_OF(names, name)                                                  \
	index_of(names, sizeof(names) / sizeof(*(names)), name)

static uint16_t
type_of(struct builder *b, const json_t *t)
{
	size_t i;

	if (t == NULL)
		return MODEL_NONE;
	if (json_is_integer(t)) {
		json_int_t at = json_integer_value(t);

		b->bad |= at < 0 || (size_t)at >= b->shape_count;
		return (
		    uint16_t)(MODEL_FIRST_SHAPE + b->shape_base + (size_t)at);
	}
	i = json_is_string(t) ? INDEX_OF(scalars, js_text(t)) : T_DOCUMENT + 1;
	b->bad |= i > T_DOCUMENT;
	return (uint16_t)i;
}

/* The place of a letter is its bit. */
static unsigned
flags_of(const char *letters, const char *s)
{
	unsigned flags = 0;

	for (; s != NULL && *s != 0; s++) {
		const char *at = strchr(letters, *s);

		if (at != NULL)
			flags |= 1U << (at - letters);
	}
	return flags;
}

static void
add_extra(struct builder *b, uint32_t index, const char *a, const char *second)
{
	struct model_extra x = { index, pool_str(b, a), pool_str(b, second) };

	vec_add(&b->extras, x);
}

/* [name, type, {w, q, l, f, n}] */
static void
add_member(struct builder *b, const json_t *row)
{
	const json_t *x = js_at(row, 2), *ns = js_get(x, "n");
	const char *name = js_text(js_at(row, 0)), *wire = js_str(x, "w"),
		   *query = js_str(x, "q"), *loc = js_str(x, "l");
	struct model_member m = { pool_str(b, name),
		pool_str(b, wire ? wire : name), type_of(b, js_at(row, 1)),
		LOC_BODY, 0 };
	uint32_t index = (uint32_t)b->members.n;

	m.location = INDEX_OF(locations, loc ? loc : "") & 7;
	b->bad |= m.location > LOC_STATUS;
	m.flags = flags_of("rkfahsxj", js_str(x, "f")) & 0xff;
	if (query != NULL) {
		m.flags |= M_QUERY_NAME;
		add_extra(b, EXTRA_QUERY + index, query, NULL);
	}
	if (ns != NULL) {
		m.flags |= M_NAMESPACE;
		add_extra(b, EXTRA_NS + index, js_text(js_at(ns, 0)),
		    js_text(js_at(ns, 1)));
	}
	b->bad |= name == NULL;
	vec_add(&b->members, m);
}

/* ["S", members, {p, u}] */
static void
add_struct(struct builder *b, const json_t *row)
{
	const json_t *members = js_at(row, 1), *x = js_at(row, 2), *member;
	const char *payload = js_str(x, "p");
	struct model_shape s = { SHAPE_STRUCT,
		js_get(x, "u") != NULL ? SF_UNION : 0,
		(uint16_t)js_len(members), (uint32_t)b->members.n, MODEL_NONE };
	size_t i;

	b->bad |= !is_type(members, JSON_ARRAY);
	js_each (members, i, member) {
		if (payload != NULL &&
		    strcmp(text_of(b, js_at(member, 0)), payload) == 0)
			s.payload = (uint16_t)i;
		add_member(b, member);
	}
	vec_add(&b->shapes, s);
}

/* ["L", type, item name, flattened] */
static void
add_list(struct builder *b, const json_t *row)
{
	struct model_shape s = { SHAPE_LIST, js_len(row) > 3 ? SF_FLATTENED : 0,
		type_of(b, js_at(row, 1)), str_at(b, row, 2), MODEL_NONE };

	vec_add(&b->shapes, s);
}

/* ["M", key, value, key name, value name, flattened] */
static void
add_map(struct builder *b, const json_t *row)
{
	const char *key = js_text(js_at(row, 3)),
		   *value = js_text(js_at(row, 4));
	struct model_shape s = { SHAPE_MAP, js_len(row) > 5 ? SF_FLATTENED : 0,
		type_of(b, js_at(row, 1)), type_of(b, js_at(row, 2)),
		MODEL_NONE };

	if (key != NULL || value != NULL) {
		s.flags |= SF_NAMED;
		add_extra(b, EXTRA_MAP + (uint32_t)b->shapes.n,
		    key ? key : "key", value ? value : "value");
	}
	vec_add(&b->shapes, s);
}

static void
add_shape(struct builder *b, const json_t *row)
{
	const char *kind = js_text(js_at(row, 0));

	if (kind == NULL || strlen(kind) != 1) {
		b->bad = true;
		return;
	}
	if (*kind == 'S')
		add_struct(b, row);
	else if (*kind == 'L')
		add_list(b, row);
	else if (*kind == 'M')
		add_map(b, row);
	else
		b->bad = true;
}

static uint16_t
add_paginator(struct builder *b, const json_t *pg)
{
	struct model_paginator p = { str_list(b, js_get(pg, "i")),
		str_list(b, js_get(pg, "o")), str_list(b, js_get(pg, "r")),
		str_list(b, js_get(pg, "l")), str_list(b, js_get(pg, "m")) };

	if (pg == NULL)
		return 0;
	vec_add(&b->paginators, p);
	return (uint16_t)b->paginators.n;
}

static bool
holds(const json_t *names, const char *wanted)
{
	const json_t *name;
	size_t i;

	js_each (names, i, name) {
		if (json_is_string(name) && strcmp(js_text(name), wanted) == 0)
			return true;
	}
	return false;
}

static uint16_t
op_flags(const json_t *o)
{
	static const struct {
		char letter;
		unsigned flag;
	} sums[] = { { 'R', OP_CHECKSUM }, { 'A', OP_CHECKSUM_MEMBER },
		{ 'V', OP_CHECKSUM_MODE } };
	const char *auth = js_str(o, "auth"), *sum = js_str(o, "cs");
	unsigned flags = 0;

	flags |= js_get(o, "ro") != NULL ? OP_READ : 0;
	flags |= js_get(o, "id") != NULL ? OP_IDEMPOTENT : 0;
	flags |= auth != NULL && strcmp(auth, "none") == 0 ? OP_UNSIGNED : 0;
	for (size_t i = 0; i < sizeof(sums) / sizeof(*sums); i++)
		if (sum != NULL && strchr(sum, sums[i].letter) != NULL)
			flags |= sums[i].flag;
	flags |= holds(js_get(o, "rqc"), "gzip") ? OP_GZIP : 0;
	return (uint16_t)flags;
}

/* Errors of an operation are indices into those of its service. */
static void
add_op_errors(struct builder *b, const json_t *o, const json_t *errors)
{
	const json_t *code, *val;
	const char *key;
	size_t i;

	js_each (js_get(o, "e"), i, code) {
		uint16_t at = 0;

		b->bad |= js_get(errors, text_of(b, code)) == NULL;
		js_foreach (errors, key, val) {
			if (strcmp(key, text_of(b, code)) == 0)
				break;
			at++;
		}
		vec_add(&b->op_errors, at);
	}
}

/* "/a/{b}/{c+}?d": labels have names and ends. */
static bool
is_uri(const char *s)
{
	if (*s != '/')
		return false;
	while ((s = strchr(s, '{')) != NULL) {
		size_t n = strcspn(++s, "{}?+");

		if (n == 0 || s[n + (s[n] == '+')] != '}')
			return false;
		s += n;
	}
	return true;
}

static void
add_op(
    struct builder *b, const char *name, const json_t *o, const json_t *errors)
{
	const char *http = js_str(o, "h"),
		   *uri = http ? strchr(http, ' ') : NULL;
	auto_free char *method = NULL;
	struct model_op op = { .name = pool_str(b, name) };

	if (uri == NULL || !is_uri(uri + 1)) {
		b->bad = true;
		return;
	}
	method = mem_strn(http, (size_t)(uri - http));
	op.method = pool_str(b, method);
	op.uri = pool_str(b, uri + 1);
	op.in = type_of(b, js_get(o, "i"));
	op.out = type_of(b, js_get(o, "o"));
	op.first_error = (uint16_t)b->op_errors.n;
	op.n_errors = (uint16_t)js_len(js_get(o, "e"));
	b->bad |= !is_type(js_get(o, "e"), JSON_ARRAY);
	op.paginator = add_paginator(b, js_get(o, "pg"));
	op.root = str_at(b, js_get(o, "in"), 0);
	op.root_ns = str_at(b, js_get(o, "in"), 1);
	op.result = pool_str(b, js_str(o, "rw"));
	op.host_prefix = pool_str(b, js_str(o, "hp"));
	op.flags = op_flags(o);
	op.status = (uint16_t)js_int(o, "rc", 200);
	add_op_errors(b, o, errors);
	vec_add(&b->ops, op);
}

static void
add_errors(struct builder *b, const json_t *errors)
{
	const json_t *val;
	const char *code;

	js_foreach (errors, code, val) {
		struct model_error e = { pool_str(b, code),
			(uint16_t)json_integer_value(js_at(val, 0)),
			(uint16_t)flags_of("csrt", js_text(js_at(val, 1))) };

		vec_add(&b->errors, e);
	}
}

static const char *const protocols[] = { [PROTO_QUERY] = "query",
	[PROTO_EC2] = "ec2",
	[PROTO_JSON] = "json",
	[PROTO_REST_JSON] = "rest-json",
	[PROTO_REST_XML] = "rest-xml" };

static void
add_service(struct builder *b, const char *name, const json_t *s)
{
	const json_t *ops = js_get(s, "ops"), *shape;
	const char *sign = js_str(s, "sign"), *proto = js_str(s, "proto");
	struct model_service svc = { pool_str(b, name),
		pool_str(b, js_str(s, "ep")),
		pool_str(b, sign ? sign : js_str(s, "ep")),
		pool_str(b, js_str(s, "sid")), pool_str(b, js_str(s, "api")),
		pool_str(b, js_str(s, "target")), pool_str(b, js_str(s, "ns")),
		pool_str(b, js_str(s, "jv")), 0, js_get(s, "qc") != NULL,
		(uint16_t)b->ops.n, (uint16_t)js_len(ops),
		(uint16_t)b->errors.n, (uint16_t)js_len(js_get(s, "errors")) };
	auto_free const char **names = pool_keys(ops, pool_by_text);
	size_t i = proto ? INDEX_OF(protocols, proto) : PROTO_REST_XML + 1;

	b->bad |= i > PROTO_REST_XML || !is_type(ops, JSON_OBJECT) ||
		  !is_type(js_get(s, "errors"), JSON_OBJECT) ||
		  !is_type(js_get(s, "shapes"), JSON_ARRAY);
	svc.protocol = (uint8_t)i;
	b->shape_base = b->shapes.n;
	b->shape_count = js_len(js_get(s, "shapes"));
	js_each (js_get(s, "shapes"), i, shape)
		add_shape(b, shape);
	for (i = 0; names[i] != NULL; i++)
		add_op(b, names[i], js_get(ops, names[i]), js_get(s, "errors"));
	add_errors(b, js_get(s, "errors"));
	vec_add(&b->services, svc);
}

static void
walk(struct builder *b, const json_t *services)
{
	auto_free const char **names = pool_keys(services, pool_by_text);
	struct vec *all[] = { &b->members, &b->shapes, &b->ops, &b->errors,
		&b->op_errors, &b->paginators, &b->extras, &b->services };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		all[i]->n = 0;
	for (size_t i = 0; names[i] != NULL; i++)
		add_service(b, names[i], js_get(services, names[i]));
}

int
model_build(const json_t *services, struct model_tables **ret, struct err *err)
{
	struct builder b = { .strings = json_object() };

	must(b.strings != NULL);
	walk(&b, services);
	pool_lay_out(&b);
	walk(&b, services);
	*ret = tables_make(&b);
	if (*ret == NULL)
		return err_set(err, ERR_INPUT, "not a compact API model");
	return 0;
}
