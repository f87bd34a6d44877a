/* Bodies beside their codec: compressed, and out of files. */

#include "common/aws/codec.h"
#include "common/base/mem.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
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

/* --- files -------------------------------------------------------------- */

#define CREATE                                                                 \
	"'FunctionName':'f','Role':'arn:aws:iam::123456789012:role/r',"        \
	"'Code':"
static const struct codec_options with_files = { .files = true };
static const struct codec_options without_files = CODEC_DEFAULTS;

/* ' stands for ", @ for a file that holds "123456789". */
static const struct {
	const char *service, *operation, *in;
	const struct codec_options *options;
	const char *wanted; /* the body; NULL: the file is it */
	const char *error;
} files[] = {
	{ "s3", "PutObject", "{'Bucket':'b','Key':'k','Body':{'$file':'@'}}",
	    &with_files, NULL, NULL },
	{ "lambda", "Invoke", "{'FunctionName':'f','Payload':{'$file':'@'}}",
	    &with_files, NULL, NULL },
	{ "lambda", "UpdateFunctionCode",
	    "{'FunctionName':'f','ZipFile':{'$file':'@'}}", &with_files,
	    "{\"ZipFile\":\"MTIzNDU2Nzg5\"}", NULL },
	{ "lambda", "CreateFunction", "{" CREATE "{'ZipFile':{'$file':'@'}}}",
	    &with_files,
	    "{\"FunctionName\":\"f\","
	    "\"Role\":\"arn:aws:iam::123456789012:role/r\","
	    "\"Code\":{\"ZipFile\":\"MTIzNDU2Nzg5\"}}",
	    NULL },
	{ "s3", "PutObject", "{'Bucket':'b','Key':'k','Body':'MQ=='}",
	    &with_files, "1", NULL },
	/* what comes out of a repository names no files */
	{ "s3", "PutObject", "{'Bucket':'b','Key':'k','Body':{'$file':'@'}}",
	    &without_files, NULL, "Body must be base64, not an object" },
	{ "s3", "PutObject", "{'Bucket':'b','Key':'k','Body':{'$file':'@'}}",
	    NULL, NULL, "Body must be base64, not an object" },
	{ "s3", "PutObject", "{'Bucket':'b','Key':'k','Body':{'$fil':'@'}}",
	    &with_files, NULL,
	    "Body must be base64 or {\"$file\": PATH}, not an object" },
	{ "s3", "PutObject", "{'Bucket':'b','Key':'k','Body':{'$file':1}}",
	    &with_files, NULL, "Body must be base64 or" },
	{ "s3", "PutObject", "{'Bucket':'b','Key':{'$file':'@'}}", &with_files,
	    NULL, "Key must be a string" },
	{ "s3", "PutObject",
	    "{'Bucket':'b','Key':'k','Body':{'$file':'/nonexistent/x'}}",
	    &with_files, NULL, "Body: /nonexistent/x: No such file" },
	{ "lambda", "CreateFunction",
	    "{" CREATE "{'ZipFile':{'$file':'/nonexistent/x'}}}", &with_files,
	    NULL, "Code: ZipFile: /nonexistent/x: No such file" },
};

static json_t *
input(const char *text, const char *path)
{
	auto_buf struct buf b = BUF_INIT;
	json_t *x = NULL;
	struct err err = { 0 };

	for (; *text != 0; text++) {
		if (*text == '@')
			buf_adds(&b, path);
		else
			buf_addc(&b, *text == '\'' ? '"' : *text);
	}
	ck_assert_msg(js_parse(b.data, b.len, &x, &err) == 0, "%s", err.msg);
	return x;
}

static void
check_file(const struct aws_request *req, const char *path)
{
	ck_assert(file_is_open(&req->file));
	ck_assert_str_eq(req->file.path, path);
	ck_assert_uint_eq(req->file.len, 9);
	ck_assert_uint_eq(req->body.len, 0);
	ck_assert_str_eq(req->file_hash,
	    "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
	ck_assert_ptr_nonnull(strstr(
	    req->headers.data, "Content-Type: application/octet-stream\n"));
	if (req->upload)
		ck_assert_ptr_nonnull(strstr(
		    req->headers.data, "x-amz-checksum-crc32: y/Q5Jg==\n"));
}

START_TEST(from_file)
{
	char path[] = "/tmp/test-file-XXXXXX";
	int fd = mkstemp(path);
	struct aws_operation o = operation(
	    files[_i].service, files[_i].operation, files[_i].options);
	json_auto_t *in = input(files[_i].in, path);
	struct aws_request req = AWS_REQUEST_INIT;
	struct err err = { 0 };
	int rc;

	ck_assert_int_eq(write(fd, "123456789", 9), 9);
	close(fd);
	rc = codec_request(&o, in, &req, &err);
	unlink(path);
	ck_assert_msg((rc == -1) == (files[_i].error != NULL), "%s", err.msg);
	if (rc == -1) {
		ck_assert_int_eq(err.kind, ERR_INPUT);
		ck_assert_msg(
		    strstr(err.msg, files[_i].error) != NULL, "%s", err.msg);
	} else if (files[_i].wanted != NULL) {
		ck_assert_str_eq(req.body.data, files[_i].wanted);
	} else {
		check_file(&req, path);
	}
	aws_request_free(&req);
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
	tcase_add_loop_test(t, from_file, 0, LEN(files));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
