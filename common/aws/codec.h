/*
 * Codecs: JSON in the shape of the API to bytes on the wire, and back.
 * Pure; any thread. No allocation per member when serialising: one growing
 * buffer, the path on the C stack.
 */
#ifndef COMMON_AWS_CODEC_H
#define COMMON_AWS_CODEC_H

#include "common/aws/model.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/file.h"
#include "common/base/js.h"

/* What the user's configuration says of requests and answers. */
struct codec_options {
	bool compress;        /* bodies of operations that take it, */
	size_t compress_from; /* from this length on */
	/* checksums of S3, which otherwise go wherever they can */
	bool sum_if_demanded; /* where it refuses a request without, as MD5 */
	bool verify_if_asked; /* answers, when ChecksumMode asks for theirs */
	bool files; /* {"$file": path} may stand for a blob; only for input
		     * that a person gives: it reads what this process can */
};
#define CODEC_DEFAULTS                                                         \
	{                                                                      \
		.compress = true, .compress_from = 10240                       \
	}

/* An operation in its model. */
struct aws_operation {
	const struct model *model;
	const struct model_service *service;
	const struct model_op *op;
	const struct codec_options *options; /* NULL: the defaults */
};

/* An unsigned request without scheme and host. */
struct aws_request {
	const char *method;
	struct buf path;    /* encoded as it goes on the wire, "/..." */
	struct buf query;   /* encoded, "a=b&c=d"; value-less as "acl=" */
	struct buf headers; /* "Name: value\n" lines */
	struct buf body;
	struct file file;     /* in place of body, or none */
	char file_hash[65];   /* SHA-256 of it, in hex */
	bool upload;          /* of an object: the body may be huge */
	char host_prefix[64]; /* "sync-", mostly "" */
	char bucket[256];     /* s3: for virtual-host addressing; else "" */
};
#define AWS_REQUEST_INIT                                                       \
	{                                                                      \
		.path = BUF_INIT, .query = BUF_INIT, .headers = BUF_INIT,      \
		.body = BUF_INIT, .file = FILE_INIT                            \
	}
void aws_request_free(struct aws_request *);

/* Checks `in` against the model (unknown member with the nearest name,
 * required ones, JSON types, unions, empty labels), then serialises. */
int codec_request(const struct aws_operation *, const json_t *in,
    struct aws_request *, struct err *);

/* An answer: headers are "name: value\n" lines with names in lower case. */
struct aws_answer {
	int status;
	const struct buf *headers, *body;
};
/* 2xx: *ret is the output (an object, maybe empty) and err->request_id the
 * request id, or "". Otherwise -1 with kind,
 * code, message and request id in err. A 200 of S3 that holds an <Error> is
 * an error. Limits: depth 64 in XML, that of jansson (2048) in JSON. */
int codec_response(const struct aws_operation *, const struct aws_answer *,
    json_t **ret, struct err *);

/* Fills every absent idempotency token of `in` with one UUID each. */
void codec_fill_tokens(const struct aws_operation *, json_t *in);

#endif
