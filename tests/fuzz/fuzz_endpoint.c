/*
 * Fuzzer: any texts as region, bucket, override and key, a line each, for the
 * service that the first byte chooses; the URL must go nowhere else.
 */

#include "common/aws/codec.h"
#include "common/aws/endpoint.h"
#include "common/base/mem.h"
#include "common/base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { REGION, BUCKET, URL, KEY, FIELDS };

static void
split(char *text, const char *ret[FIELDS])
{
	for (int i = 0; i < FIELDS; i++) {
		size_t n = strcspn(text, "\n");

		ret[i] = text;
		text += n;
		if (*text != 0)
			*text++ = 0;
	}
}

static bool
has_control(const char *s)
{
	for (; *s != 0; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return true;
	return false;
}

static void
resolve(const char *field[FIELDS], unsigned flags)
{
	const struct model *m = &model_builtin;
	const struct model_service *s =
	    &m->services[(flags >> 2) % m->n_services];
	struct endpoint_query q = { .service = model_str(m, s->name),
		.prefix = model_str(m, s->endpoint_prefix),
		.region = field[REGION],
		.bucket = *field[BUCKET] ? field[BUCKET] : NULL,
		.url = *field[URL] ? field[URL] : NULL,
		.fips = flags & 1,
		.dual_stack = flags & 2 };
	struct endpoint e;
	struct err err = { 0 };

	if (endpoint_resolve(&q, &e, &err) == -1) {
		if (err.kind != ERR_INPUT)
			abort();
		return;
	}
	if (*e.host == 0 || strpbrk(e.host, "/?#@ ") != NULL ||
	    strpbrk(e.path, "?# ") != NULL || has_control(e.host) ||
	    has_control(e.path) || !text_starts(e.scheme, "http"))
		abort();
}

/* Bucket and key cannot leave the path. */
static void
build(const char *field[FIELDS])
{
	const struct model *m = &model_builtin;
	struct aws_operation o = { m, model_service(m, "s3"), NULL };
	struct aws_request req = AWS_REQUEST_INIT;
	json_auto_t *in = json_object();
	struct err err = { 0 };

	if (!text_is_utf8(field[BUCKET], strlen(field[BUCKET])) ||
	    !text_is_utf8(field[KEY], strlen(field[KEY])))
		return;
	o.op = model_op(m, o.service, "GetObject");
	must(o.op != NULL);
	js_set_str(in, "Bucket", field[BUCKET]);
	js_set_str(in, "Key", field[KEY]);
	if (codec_request(&o, in, &req, &err) == 0 &&
	    (req.path.data[0] != '/' || strpbrk(req.path.data, "?# \r\n")))
		abort();
	aws_request_free(&req);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = NULL;
	const char *field[FIELDS];

	if (size == 0)
		return 0;
	text = mem_strn((const char *)data + 1, size - 1);
	split(text, field);
	resolve(field, data[0]);
	build(field);
	return 0;
}
