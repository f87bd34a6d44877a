/* Behaviours that no model states. */

#include "common/aws/codec_impl.h"
#include "common/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

bool
special_is(const struct aws_operation *o, const char *service)
{
	return strcmp(model_str(o->model, o->service->name), service) == 0;
}

bool
special_is_op(
    const struct aws_operation *o, const char *service, const char *names)
{
	return special_is(o, service) &&
	       words_has(names, model_str(o->model, o->op->name));
}

/* route53: "/hostedzone/Z1" and "Z1" name the same zone. */
struct span
special_label(const struct aws_operation *o, const struct model_member *mb,
    struct span value)
{
	static const char ids[] =
	    "Id HostedZoneId ResourceId DelegationSetId ChangeId";
	const char *slash = value.n > 0 ? memrchr(value.p, '/', value.n) : NULL;

	if (slash == NULL || !special_is(o, "route53") ||
	    !words_has(ids, model_str(o->model, mb->name)))
		return value;
	return (
	    struct span){ slash + 1, (size_t)(value.p + value.n - slash - 1) };
}

void
special_unescape(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char hex[3] = "", *end = hex;
		long c = 0;

		if (s[i] == '%' && i + 2 < n) {
			memcpy(hex, s + i + 1, 2);
			c = strtol(hex, &end, 16);
		}
		if (end == hex + 2 && c > 0) {
			buf_addc(b, (char)c);
			i += 2;
		} else {
			buf_addc(b, s[i]);
		}
	}
}

bool
special_has_texts(const struct aws_operation *o)
{
	return special_is(o, "iam");
}

json_t *
special_text(const struct aws_operation *o, const struct model_member *mb,
    const char *text, size_t n)
{
	static const char names[] =
	    "PolicyDocument AssumeRolePolicyDocument Document";
	auto_buf struct buf plain = BUF_INIT;
	json_error_t e;

	if (!words_has(names, model_str(o->model, mb->name)))
		return NULL;
	special_unescape(&plain, text, n);
	return json_loadb(plain.data, plain.len, 0, &e);
}

struct span
special_header(const struct aws_operation *o, const struct model_member *mb,
    struct span value, struct buf *ret)
{
	return special_is(o, "s3") ? s3_header(o, mb, value, ret) : value;
}

void
special_answer(const struct aws_operation *o, json_t *out)
{
	if (special_is(o, "s3"))
		s3_answer(o, out);
}

/* dynamodb: of every answer, as a number. */
static int
verify_crc32(const struct aws_answer *a, struct err *err)
{
	struct span header = answer_header(a, "x-amz-crc32");
	unsigned long ours = crc32(
	    0, (const Bytef *)a->body->data, (uInt)a->body->len);

	if (header.p == NULL || strtoul(header.p, NULL, 10) == ours)
		return 0;
	return err_set(err, ERR_UNKNOWN,
	    "the answer was damaged on its way: its CRC-32 is %lu, not %.*s",
	    ours, (int)header.n, header.p);
}

int
special_verify(
    const struct aws_operation *o, const struct aws_answer *a, struct err *err)
{
	if (special_is(o, "dynamodb"))
		return verify_crc32(a, err);
	return special_is(o, "s3") ? s3_verify(o, a, err) : 0;
}

int
special_request(const struct aws_operation *o, const json_t *in,
    struct aws_request *req, struct err *err)
{
	/* Without it the answers are HAL, with other names. */
	if (special_is(o, "apigateway") && !request_has_header(req, "Accept"))
		buf_adds(&req->headers, "Accept: application/json\n");
	return special_is(o, "s3") ? s3_request(o, in, req, err) : 0;
}
