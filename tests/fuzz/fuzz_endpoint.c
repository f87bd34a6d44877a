/*
 * Fuzzer: any texts as region, bucket, override, key and whose it is, a line
 * each, behind three bytes that choose service, settings and operation; what
 * is signed must go to AWS or to the override.
 */

#include "common/aws/codec.h"
#include "common/aws/endpoint.h"
#include "common/base/mem.h"
#include "common/base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { REGION, BUCKET, URL, KEY, WHOSE, FIELDS };
enum { SERVICE, SETTINGS, OPERATION, HEAD };

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

/* Endings of all hosts of AWS, and what DynamoDB Local listens on. */
static const char *const homes[] = { ".amazonaws.com", ".amazonaws.com.cn",
	".api.aws", ".api.amazonwebservices.com.cn", ".amazonaws.eu",
	".api.amazonwebservices.eu", ".c2s.ic.gov", ".api.aws.ic.gov",
	".sc2s.sgov.gov", ".api.aws.scloud", ".cloud.adc-e.uk",
	".api.cloud-aws.adc-e.uk", ".csp.hci.ic.gov", ".api.aws.hci.ic.gov",
	"localhost:8000" };

static bool
is_home(const char *host)
{
	for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++)
		if (text_ends(host, homes[i]))
			return true;
	return false;
}

static bool
is_override(const char *host, const char *url)
{
	const char *at = strstr(url, "://") + 3;
	size_t n = strcspn(at, "/"), len = strlen(host);

	return len >= n && strncmp(host + len - n, at, n) == 0 &&
	       (len == n || host[len - n - 1] == '.');
}

static struct endpoint_query
query_of(const char *field[FIELDS], const uint8_t head[HEAD])
{
	const struct model *m = &model_builtin;
	const struct model_service *s =
	    &m->services[(head[SERVICE] >> 2) % m->n_services];
	const struct model_op *op =
	    &m->ops[s->first_op + head[OPERATION] % s->n_ops];
	unsigned bits = head[SETTINGS];
	const char *whose = *field[WHOSE] ? field[WHOSE] : NULL;

	return (struct endpoint_query){ .service = model_str(m, s->name),
		.prefix = model_str(m, s->endpoint_prefix),
		.operation = model_str(m, op->name),
		.region = field[REGION],
		.bucket = *field[BUCKET] ? field[BUCKET] : NULL,
		.url = *field[URL] ? field[URL] : NULL,
		.arn = whose,
		.account = whose,
		.multi_region = whose,
		.set = { .fips = head[SERVICE] & 1,
		    .dual_stack = (head[SERVICE] & 2) != 0,
		    .s3_style = (bits & 3) % 3,
		    .s3_accelerate = (bits & 4) != 0,
		    .s3_legacy = (bits & 8) != 0,
		    .sts_legacy = (bits & 8) != 0,
		    .s3_own_region = (bits & 16) != 0,
		    .s3_no_sessions = (bits & 32) != 0,
		    .account = (bits >> 6) % 3 } };
}

static void
resolve(const char *field[FIELDS], const uint8_t head[HEAD])
{
	struct endpoint_query q = query_of(field, head);
	struct endpoint e;
	struct err err = { 0 };

	if (endpoint_resolve(&q, &e, &err) == -1) {
		if (err.kind != ERR_INPUT)
			abort();
		return;
	}
	if (*e.host == 0 || strpbrk(e.host, "/?#@ ") != NULL ||
	    strpbrk(e.path, "?# ") != NULL || has_control(e.host) ||
	    has_control(e.path) || !text_starts(e.scheme, "http") ||
	    *e.region == 0)
		abort();
	if (q.url != NULL ? !is_override(e.host, q.url) : !is_home(e.host))
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

	if (size < HEAD)
		return 0;
	text = mem_strn((const char *)data + HEAD, size - HEAD);
	split(text, field);
	resolve(field, data);
	build(field);
	return 0;
}
