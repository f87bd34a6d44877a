/*
 * Any bytes as an AWS answer, for fuzzers. The first byte chooses one of the
 * operations "service Operation", the second the status; the body follows.
 */
#ifndef TESTS_FUZZ_ANSWER_H
#define TESTS_FUZZ_ANSWER_H

#include "common/aws/codec.h"
#include "common/base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static inline struct aws_operation
fuzz_operation(const char *name)
{
	const struct model *m = &model_builtin;
	auto_free char *service = mem_strn(name, strcspn(name, " "));
	struct aws_operation o = { m, model_service(m, service), NULL };

	must(o.service != NULL);
	o.op = model_op(m, o.service, strchr(name, ' ') + 1);
	must(o.op != NULL);
	return o;
}

static inline void
fuzz_answer(
    const char *const *names, size_t n, const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 204, 400, 404, 503 };
	auto_buf struct buf headers = BUF_INIT, body = BUF_INIT;
	json_auto_t *out = NULL;
	struct err err = { 0 };
	struct aws_operation o;
	struct aws_answer a = { .headers = &headers, .body = &body };
	int rc;

	if (size < 2)
		return;
	o = fuzz_operation(names[data[0] % n]);
	a.status = statuses[data[1] % 5];
	buf_adds(&headers, "x-amzn-requestid: r\nx-amz-meta-a: b\netag: e\n");
	buf_add(&body, data + 2, size - 2);
	rc = codec_response(&o, &a, &out, &err);
	if ((rc == 0) != json_is_object(out) ||
	    (rc == -1 && (err.kind == ERR_NONE || err.msg[0] == 0)))
		abort();
	if (rc == 0) { /* what was read can be printed: strings are UTF-8 */
		auto_free char *text = js_dump(out);

		if (text == NULL)
			abort();
	}
}

#endif
