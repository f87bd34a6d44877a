/* Fuzzer: any JSON as an API model, which is then used. */

#include "common/aws/codec.h"
#include "common/aws/model_build.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
use(const struct aws_operation *o)
{
	auto_buf struct buf headers = BUF_INIT, body = BUF_INIT;
	struct aws_answer a = { 200, &headers, &body };
	struct aws_request req = AWS_REQUEST_INIT;
	json_auto_t *in = json_object(), *out = NULL;
	struct err err = { 0 };

	codec_fill_tokens(o, in);
	codec_request(o, in, &req, &err);
	aws_request_free(&req);
	buf_adds(&body, o->service->protocol == PROTO_JSON ||
				o->service->protocol == PROTO_REST_JSON
			    ? "{\"a\":[{\"a\":\"1\"}]}"
			    : "<a><a><a>1</a><a/></a></a>");
	codec_response(o, &a, &out, &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(model_tables_free) struct model_tables *t = NULL;
	json_auto_t *services = json_object(), *service = NULL;
	struct err err = { 0 };

	if (js_parse((const char *)data, size, &service, &err) == -1)
		return 0;
	js_set(services, "x", js_move(&service));
	if (model_build(services, &t, &err) == -1)
		return 0;
	for (size_t i = 0; i < t->model.services[0].n_ops; i++) {
		const struct model_service *s = &t->model.services[0];
		struct aws_operation o = { &t->model, s,
			&t->model.ops[s->first_op + i] };

		use(&o);
	}
	return 0;
}
