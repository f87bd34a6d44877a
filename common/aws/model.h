/*
 * API models as const tables: services, operations, shapes.
 *
 * Generated at build time from common/aws/model/SERVICE.json by
 * tools/modelgen.c; model_build() makes the same structs from JSON at run
 * time (tests). Names are offsets in one string pool; 0 is "" and stands for
 * "none". Read-only; any thread.
 */
#ifndef COMMON_AWS_MODEL_H
#define COMMON_AWS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum model_protocol {
	PROTO_QUERY,
	PROTO_EC2,
	PROTO_JSON,
	PROTO_REST_JSON,
	PROTO_REST_XML
};

/* Below MODEL_FIRST_SHAPE a type is a scalar, above it an index of shapes. */
enum model_scalar {
	T_STRING,
	T_INTEGER,
	T_LONG,
	T_FLOAT,
	T_DOUBLE,
	T_BOOLEAN,
	T_BLOB,
	T_TIMESTAMP,
	T_ISO8601,
	T_EPOCH,
	T_RFC822,
	T_DOCUMENT
};
#define MODEL_FIRST_SHAPE 32
#define MODEL_NONE        0xffff

enum model_location {
	LOC_BODY,
	LOC_URI,
	LOC_QUERY,
	LOC_HEADER,
	LOC_HEADERS,
	LOC_STATUS
};
enum {
	M_REQUIRED = 1,
	M_TOKEN = 2,
	M_FLATTENED = 4, /* of the member or of its list or map */
	M_ATTRIBUTE = 8,
	M_HOST_LABEL = 16,
	M_STREAMING = 32,
	M_SENSITIVE = 64,
	M_JSON = 128,
	M_QUERY_NAME = 256, /* has an EXTRA_QUERY */
	M_NAMESPACE = 512   /* has an EXTRA_NS */
};

struct model_member {
	uint32_t name, wire;
	uint16_t type;
	uint16_t location : 4, flags : 12;
};

enum model_kind { SHAPE_STRUCT, SHAPE_LIST, SHAPE_MAP };
struct model_shape {
	uint8_t kind, flags; /* SF_* */
	uint16_t n;          /* struct: members; list: type; map: key type */
	uint32_t a; /* struct: first member; list: item name; map: value type */
	uint16_t payload; /* struct: index of the payload member, or NONE */
};
enum { SF_UNION = 1, SF_FLATTENED = 2, SF_NAMED = 4 /* has an EXTRA_MAP */ };

/* What few members and shapes have; in order of index. */
struct model_extra {
	uint32_t index; /* EXTRA_* + index of the member or shape */
	uint32_t a, b;
};
enum {
	EXTRA_QUERY = 0,    /* a: query name */
	EXTRA_NS = 1 << 24, /* a: namespace, b: prefix or 0 */
	EXTRA_MAP = 2 << 24 /* a: name of keys, b: of values */
};

enum {
	OP_READ = 1,
	OP_IDEMPOTENT = 2,
	OP_UNSIGNED = 4,
	OP_CHECKSUM = 8,         /* S3 wants one */
	OP_CHECKSUM_MEMBER = 16, /* ChecksumAlgorithm chooses it */
	OP_GZIP = 32,            /* the body may be compressed */
	OP_CHECKSUM_MODE = 64    /* the answer may bring one */
};
struct model_op {
	uint32_t name, method, uri;
	uint16_t in, out;
	uint16_t first_error, n_errors;
	uint16_t paginator;     /* 0: none, else index + 1 */
	uint32_t root, root_ns; /* rest-xml: element of the body */
	uint32_t result;        /* query: result wrapper, 0: <op>Result */
	uint32_t host_prefix;
	uint16_t flags, status;
};

struct model_error {
	uint32_t code;
	uint16_t http, flags;
};
enum { ERRF_SENDER = 1, ERRF_SERVER = 2, ERRF_RETRY = 4, ERRF_THROTTLE = 8 };

/* Comma-separated names in each. */
struct model_paginator {
	uint32_t in, out, result, limit, more;
};

struct model_service {
	uint32_t name, endpoint_prefix, signing_name, service_id, api_version,
	    target_prefix, xmlns, json_version;
	uint8_t protocol;
	bool query_compatible;
	uint16_t first_op, n_ops, first_error, n_errors;
};

/* One set of tables: the built-in one, or a loaded one. */
struct model {
	const char *strings;
	const struct model_member *members;
	/* Per struct, the indices of its members in order of their names and
	 * of their names on the wire; parallel to members. */
	const uint16_t *by_name, *by_wire;
	const struct model_shape *shapes;
	const struct model_op *ops;
	const struct model_error *errors;
	const uint16_t *op_errors; /* relative to the service's first_error */
	const struct model_paginator *paginators;
	const struct model_extra *extras;
	const struct model_service *services;
	size_t n_services, n_extras;
};
extern const struct model model_builtin; /* build/models.c */

const struct model_service *model_service(
    const struct model *, const char *name);
const struct model_op *model_op(
    const struct model *, const struct model_service *, const char *name);
/* Member of a struct by its name in the API; NULL if there is none. */
const struct model_member *model_member(
    const struct model *, const struct model_shape *, const char *name);
/* Member in the body by the name of its element in an XML answer; the name
 * need not be terminated. */
const struct model_member *model_element(const struct model *,
    const struct model_shape *, const char *wire, size_t n);
/* kind: EXTRA_*; index: of the member or shape. NULL if it has none. */
const struct model_extra *model_extra(
    const struct model *, uint32_t kind, size_t index);
/* The modelled error of an operation, or NULL. */
const struct model_error *model_error(const struct model *,
    const struct model_service *, const struct model_op *, const char *code);

/* The model marks, or the name says, that it only reads. */
bool model_is_read(const struct model_op *, const char *name);

static inline const char *
model_str(const struct model *m, uint32_t offset)
{
	return m->strings + offset;
}

static inline bool
model_is_shape(uint16_t type)
{
	return type >= MODEL_FIRST_SHAPE && type != MODEL_NONE;
}

/* NULL for scalars and for MODEL_NONE. */
static inline const struct model_shape *
model_shape(const struct model *m, uint16_t type)
{
	return model_is_shape(type) ? &m->shapes[type - MODEL_FIRST_SHAPE]
				    : NULL;
}

#endif
