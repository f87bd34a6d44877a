/* Copies between regions: the URL that the source is asked with. */

#include "common/aws/exchange.h"
#include "tests/unit/script.h"

#define REPLICA                                                                \
	"\"DBInstanceIdentifier\":\"r\",\"SourceDBInstanceIdentifier\":"       \
	"\"arn:aws:rds:us-east-1:1:db:s\""
#define BODY                                                                   \
	"Action=CreateDBInstanceReadReplica&Version=2014-10-31"                \
	"&DBInstanceIdentifier=r&SourceDBInstanceIdentifier="                  \
	"arn%3Aaws%3Ards%3Aus-east-1%3A1%3Adb%3As"
static const struct {
	const char *in, *body; /* without the URL */
	const char *host;      /* of the URL; NULL: there is none */
} rows[] = {
	{ "{" REPLICA ",\"SourceRegion\":\"us-east-1\"}", BODY,
	    "rds.us-east-1.amazonaws.com" },
	{ "{" REPLICA ",\"SourceRegion\":\"cn-north-1\"}", BODY,
	    "rds.cn-north-1.amazonaws.com.cn" },
	{ "{" REPLICA ",\"SourceRegion\":\"eu-west-1\"}", BODY, NULL },
	{ "{" REPLICA ",\"SourceRegion\":null}", BODY, NULL },
	{ "{" REPLICA "}", BODY, NULL },
	{ "{" REPLICA
	  ",\"SourceRegion\":\"us-east-1\",\"PreSignedUrl\":\"https://u/\"}",
	    BODY "&PreSignedUrl=https%3A%2F%2Fu%2F", NULL },
};

/* "%3A" to ":" */
static char *
decoded(const char *s)
{
	auto_buf struct buf b = BUF_INIT;

	for (; *s != 0; s++) {
		char hex[3] = { s[1], *s == '%' ? s[2] : 0, 0 };

		buf_addc(&b, *s == '%' ? (char)strtol(hex, NULL, 16) : *s);
		s += *s == '%' ? 2 : 0;
	}
	return buf_take(&b);
}

/* What is signed again with its date must be the same. */
static void
check_url(const struct exchange *x, const char *url, int i)
{
	static const char mark[] = "&X-Amz-Algorithm=";
	auto_free char *start = mem_fmt("https://%s/?", rows[i].host),
		       *query = mem_fmt(
			   "%s&DestinationRegion=eu-west-1", rows[i].body);
	auto_buf struct buf wanted = BUF_INIT;
	const char *date = strstr(url, "&X-Amz-Date=");
	struct sigv4_request r = { .method = "GET",
		.host = rows[i].host,
		.path = "/",
		.query = query,
		.headers = "",
		.body = "" };
	struct sigv4_signer signer = exchange_signer(
	    x, i == 0 ? "us-east-1" : "cn-north-1");
	struct sigv4_texts texts = SIGV4_TEXTS_INIT;
	struct tm tm = { 0 };

	signer.cache = NULL;
	ck_assert_ptr_nonnull(date);
	ck_assert_ptr_nonnull(strptime(date + 12, "%Y%m%dT%H%M%SZ", &tm));
	signer.when = timegm(&tm);
	sigv4_presign(&signer, &r, &texts, 3600, &wanted);
	sigv4_texts_free(&texts);
	ck_assert_int_eq(strncmp(url, start, strlen(start)), 0);
	ck_assert_str_eq(url + strlen(start), wanted.data);
	ck_assert_ptr_nonnull(strstr(url, mark));
	ck_assert_ptr_nonnull(strstr(url, "&X-Amz-Expires=3600&"));
	ck_assert_ptr_nonnull(
	    strstr(url, "&X-Amz-Security-Token=the%2Ftoken&"));
}

static void
check_body(const struct exchange *x, int i)
{
	static const char mark[] = "&PreSignedUrl=";
	const char *body = x->request.body.data;
	size_t n = strlen(rows[i].body);

	ck_assert_int_eq(strncmp(body, rows[i].body, n), 0);
	if (rows[i].host == NULL) {
		ck_assert_str_eq(body + n, "");
	} else {
		auto_free char *url = decoded(body + n + strlen(mark));

		ck_assert_int_eq(strncmp(body + n, mark, strlen(mark)), 0);
		check_url(x, url, i);
	}
}

/* Every attempt has a URL of its own, and only one. */
START_TEST(copies)
{
	struct aws_settings s = { .region = "eu-west-1" };
	auto_of(aws_free) struct aws *aws = NULL;
	json_auto_t *in = NULL;
	struct exchange *x;
	struct err err = { 0 };

	setenv("AWS_SESSION_TOKEN", "the/token", 1);
	ck_assert_int_eq(aws_new(&s, NULL, &aws, &err), 0);
	ck_assert_int_eq(
	    js_parse(rows[_i].in, strlen(rows[_i].in), &in, &err), 0);
	x = exchange_new(aws);
	ck_assert_msg(exchange_prepare(x, "rds", "CreateDBInstanceReadReplica",
			  in, &err) == 0,
	    "%s", err.msg);
	for (int attempt = 0; attempt < 2; attempt++) {
		ck_assert_msg(exchange_sign(x, &err) == 0, "%s", err.msg);
		check_body(x, _i);
	}
	exchange_free(x);
}
END_TEST

START_TEST(nowhere)
{
	static const char text[] = "{" REPLICA ",\"SourceRegion\":\"a b/\"}";
	struct aws_settings s = { .region = "eu-west-1" };
	auto_of(aws_free) struct aws *aws = NULL;
	json_auto_t *in = NULL, *out = NULL;
	struct err err = { 0 };

	ck_assert_int_eq(aws_new(&s, NULL, &aws, &err), 0);
	ck_assert_int_eq(js_parse(text, strlen(text), &in, &err), 0);
	ck_assert_int_eq(aws_print(aws, "rds", "CreateDBInstanceReadReplica",
			     in, &out, &err),
	    -1);
	ck_assert_int_eq(err.kind, ERR_INPUT);
	ck_assert_msg(strstr(err.msg, "SourceRegion: ") != NULL, "%s", err.msg);
}
END_TEST

/* Others have no such member. */
START_TEST(unknown_elsewhere)
{
	struct aws_settings s = { .region = "eu-west-1" };
	auto_of(aws_free) struct aws *aws = NULL;
	json_auto_t *in = js_pack("{s:s}", "SourceRegion", "us-east-1"),
		    *out = NULL;
	struct err err = { 0 };

	ck_assert_int_eq(aws_new(&s, NULL, &aws, &err), 0);
	ck_assert_int_eq(
	    aws_print(aws, "rds", "DescribeDBInstances", in, &out, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "no member \"SourceRegion\""));
}
END_TEST

START_TEST(printed_without_the_token)
{
	struct aws_settings s = { .region = "eu-west-1" };
	auto_of(aws_free) struct aws *aws = NULL;
	json_auto_t *in = NULL, *out = NULL;
	auto_free char *text = NULL;
	struct err err = { 0 };

	setenv("AWS_SESSION_TOKEN", "the/token", 1);
	ck_assert_int_eq(aws_new(&s, NULL, &aws, &err), 0);
	ck_assert_int_eq(
	    js_parse(rows[0].in, strlen(rows[0].in), &in, &err), 0);
	ck_assert_int_eq(aws_print(aws, "rds", "CreateDBInstanceReadReplica",
			     in, &out, &err),
	    0);
	ck_assert_str_eq(js_str(out, "body"), BODY "&PreSignedUrl=***");
	text = js_dump(out);
	ck_assert_ptr_null(strstr(text, "the/token"));
	ck_assert_ptr_null(strstr(text, "the%"));
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("presign");
	TCase *t = tcase_create("presign");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_loop_test(t, copies, 0, LEN(rows));
	tcase_add_test(t, nowhere);
	tcase_add_test(t, unknown_elsewhere);
	tcase_add_test(t, printed_without_the_token);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
