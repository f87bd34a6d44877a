/*
 * What the files of the codecs share. Not for other rooms. Pure; any thread.
 */
#ifndef COMMON_AWS_CODEC_IMPL_H
#define COMMON_AWS_CODEC_IMPL_H

#include "common/aws/codec.h"

#define CODEC_DEPTH 64 /* nested values, both ways */

const struct codec_options *codec_options(const struct aws_operation *);

/* Text that belongs to somebody else; not terminated. */
struct span {
	const char *p;
	size_t n;
};

/* codec_time.c: microseconds since 1970; UTC */
bool time_parse(const char *, int64_t *ret_usec); /* any of the formats */
void time_add_iso(struct buf *, int64_t usec, const char *zone);
/* format: T_ISO8601, T_EPOCH or T_RFC822 */
void time_add(struct buf *, uint16_t format, int64_t usec);
/* A number of seconds, or text in any of the formats. */
bool time_of(const json_t *, int64_t *ret_usec);

/*
 * codec_value.c: scalars. `time` is the format of a T_TIMESTAMP where the
 * value stands; the other timestamp types bring their own.
 */
/* Text of a scalar; points into v or into scratch, which it overwrites. */
struct span value_text(
    struct buf *scratch, uint16_t type, uint16_t time, const json_t *v);
void value_add_number(struct buf *, const json_t *);
/* JSON text of anything, compact. */
void value_add_json(struct buf *, const json_t *);
/* Answers: NULL if the text is no value of the type. */
json_t *value_from_text(uint16_t type, const char *, size_t);
json_t *value_from_json(uint16_t type, const json_t *);
bool value_is_plain(uint16_t type, const json_t *); /* it stays as it is */
json_t *value_from_bytes(uint16_t type, const char *, size_t); /* payload */

/* codec_compress.c: by the options, once everything is in the body */
void compress_body(const struct aws_operation *, struct aws_request *);

/* codec_file.c: {"$file": path} */
/* The path, or NULL if it is something else. */
const char *file_named(const json_t *);
/* A copy in which the files are base64, but for one that is the whole body;
 * *ret stays NULL where there is none. */
int files_inlined(
    const struct aws_operation *, const json_t *in, json_t **ret, struct err *);
/* The file is the body. */
int file_body(
    const char *path, const char *member, struct aws_request *, struct err *);

/* codec_check.c */
int check_input(const struct aws_operation *, const json_t *in, struct err *);

/* Serialisers. The input has been checked. */
typedef int serialiser(const struct aws_operation *, const json_t *in,
    struct aws_request *, struct err *);
serialiser query_request; /* codec_query.c: query and ec2 */
serialiser json_request;  /* codec_json.c */
serialiser rest_request;  /* codec_rest.c: rest-json and rest-xml */
/* The members that go into the body, as a JSON object. */
void json_add_value(struct buf *, struct buf *scratch, const struct model *,
    uint16_t type, const json_t *);
/* An element with all that is in it. member: brings a namespace, or NULL. */
void xml_add_value(struct buf *, struct buf *scratch, const struct model *,
    const char *name, const struct model_member *, uint16_t type,
    const json_t *);
/* The root element of a body without payload member. */
void xml_add_root(struct buf *, struct buf *scratch,
    const struct aws_operation *, const json_t *in);
/* codec_headers.c */
int request_header_member(const struct aws_operation *,
    const struct model_member *, const json_t *, struct aws_request *,
    struct buf *scratch, struct err *);
bool request_has_header(const struct aws_request *, const char *name);
void request_header(struct aws_request *, const char *name, struct span value);

/* Parsers. *ret may hold members already (headers): more are added. */
typedef int parser(const struct aws_operation *, const struct aws_answer *,
    json_t *out, struct err *);
parser json_answer;
parser rest_answer;
parser xml_answer;
/* Value of a header, without blanks around it; p is NULL if absent. */
struct span answer_header(const struct aws_answer *, const char *name);
json_t *json_output(const struct model *, uint16_t type, const json_t *);

/* codec_error.c: always returns -1. */
int answer_error(
    const struct aws_operation *, const struct aws_answer *, struct err *);
/* The request id that AWS gave in a header, or "". */
void answer_request_id(const struct aws_answer *, char ret[static 80]);
/* codec_class.c */
enum err_kind error_class(const struct aws_operation *, const char *code,
    const char *message, int http);

/* codec_special.c: what no model states */
bool special_is(const struct aws_operation *, const char *service);
/* One of the operations of a service: "Put Get". */
bool special_is_op(
    const struct aws_operation *, const char *service, const char *names);
struct span special_label(const struct aws_operation *,
    const struct model_member *, struct span value);
/* The value of a header; what is not the member's own text is in ret. */
struct span special_header(const struct aws_operation *,
    const struct model_member *, struct span value, struct buf *ret);
int special_request(const struct aws_operation *, const json_t *in,
    struct aws_request *, struct err *);
void special_answer(const struct aws_operation *, json_t *out);
/* ERR_UNKNOWN if the body is not what its checksum says. */
int special_verify(
    const struct aws_operation *, const struct aws_answer *, struct err *);
/* iam: some texts are policy documents. */
bool special_has_texts(const struct aws_operation *);
/* That document as JSON, or NULL if it is no such member. */
json_t *special_text(const struct aws_operation *, const struct model_member *,
    const char *text, size_t n);
/* "%7B" to "{"; what is no escape stays. */
void special_unescape(struct buf *, const char *, size_t);

/* codec_s3.c: the same for S3 */
struct span s3_header(const struct aws_operation *, const struct model_member *,
    struct span value, struct buf *ret);
int s3_request(const struct aws_operation *, const json_t *in,
    struct aws_request *, struct err *);
void s3_answer(const struct aws_operation *, json_t *out);
/* The text of the root element is the only member. */
bool s3_is_root_text(const struct aws_operation *);
int s3_verify(
    const struct aws_operation *, const struct aws_answer *, struct err *);

#endif
