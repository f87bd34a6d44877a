/* What happens to a body behind its codec: compression. */

#include "common/aws/codec.h"
#include "common/base/mem.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static struct aws_operation
operation(const char *service, const char *name, const struct codec_options *c)
{
	struct aws_operation o = { &model_builtin, NULL, NULL, c };

	o.service = model_service(o.model, service);
	ck_assert_ptr_nonnull(o.service);
	o.op = model_op(o.model, o.service, name);
	ck_assert_msg(o.op != NULL, "%s", name);
	return o;
}

/* --- compression -------------------------------------------------------- */

static const struct {
	const char *operation;
	size_t length; /* of a name in it */
	struct codec_options options;
	bool compressed;
} compressions[] = {
	{ "PutMetricData", 20000, CODEC_DEFAULTS, true },
	{ "PutMetricData", 9000, CODEC_DEFAULTS, false },
	{ "PutMetricData", 20000, { false, 0 }, false },
	{ "PutMetricData", 1, { true, 0 }, true },
	{ "PutMetricData", 1000, { true, 2000 }, false },
	/* the model does not say that it may be */
	{ "DeleteAlarms", 20000, CODEC_DEFAULTS, false },
};

/* The text in a gzip file. */
static void
unpack(const struct buf *packed, struct buf *ret)
{
	z_stream z = { .next_in = (Bytef *)packed->data,
		.avail_in = (uInt)packed->len };

	buf_reserve(ret, 1 << 20);
	z.next_out = (Bytef *)ret->data;
	z.avail_out = 1 << 20;
	ck_assert_int_eq(inflateInit2(&z, 15 + 16), Z_OK);
	ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
	ck_assert_uint_eq(z.avail_in, 0);
	ret->len = z.total_out;
	ret->data[ret->len] = 0;
	inflateEnd(&z);
}

static void
request(const struct aws_operation *o, size_t length, struct aws_request *req)
{
	auto_free char *name = mem_new(length + 1);
	json_auto_t *in = NULL;
	struct err err = { 0 };

	memset(name, 'n', length);
	in = strcmp(model_str(o->model, o->op->name), "DeleteAlarms") == 0
		 ? js_pack("{s:[s]}", "AlarmNames", name)
		 : js_pack("{s:s, s:[{s:s}]}", "Namespace", name, "MetricData",
		       "MetricName", "m");
	ck_assert_msg(codec_request(o, in, req, &err) == 0, "%s", err.msg);
}

START_TEST(compression)
{
	static const struct codec_options never = { .compress = false };
	struct aws_operation o = operation("cloudwatch",
	    compressions[_i].operation, &compressions[_i].options);
	struct aws_operation p = operation(
	    "cloudwatch", compressions[_i].operation, &never);
	struct aws_request packed = AWS_REQUEST_INIT, plain = AWS_REQUEST_INIT;
	auto_buf struct buf text = BUF_INIT;
	bool marked;

	request(&o, compressions[_i].length, &packed);
	request(&p, compressions[_i].length, &plain);
	marked = strstr(packed.headers.data, "\nContent-Encoding: gzip\n");
	ck_assert_int_eq(marked, compressions[_i].compressed);
	if (marked)
		unpack(&packed.body, &text);
	else
		buf_add(&text, packed.body.data, packed.body.len);
	ck_assert_str_eq(text.data, plain.body.data);
	aws_request_free(&packed);
	aws_request_free(&plain);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("codec_body");
	TCase *t = tcase_create("codec_body");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, compression, 0, LEN(compressions));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
