/* Keys of containers: what is asked and with which token, and to whom. */

#include "tests/unit/fake_metadata.h"

static const struct row containers[] = {
	{ "keys", { 0 }, NULL, "GET /v1/x?y=z;", NULL },
	{ "busy at first", { .busy = 1 }, NULL, "GET /v1/x?y=z;GET /v1/x?y=z;",
	    NULL },
	{ "refused", { .keys_status = 403, .body = SECRET }, NULL,
	    "GET /v1/x?y=z;", "container credentials: HTTP 403" },
	{ "no JSON", { .body = SECRET "{" }, NULL, "GET /v1/x?y=z;",
	    "is not JSON" },
	{ "half the keys", { .hide_key = true }, NULL, "GET /v1/x?y=z;",
	    "no keys in the answer" },
};

START_TEST(container)
{
	const struct row *r = &containers[_i];
	struct try t = { .m = r->m };

	set_up();
	run(&t, CONTAINER);
	check(r, &t);
}
END_TEST

START_TEST(container_down)
{
	struct try t = { .m = { .down = true } };

	set_up();
	run(&t, CONTAINER);
	ck_assert_int_eq(t.result, -1);
	ck_assert_str_eq(
	    t.m.seen, "GET /v1/x?y=z;GET /v1/x?y=z;GET /v1/x?y=z;");
}
END_TEST

static void
put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

/* The file changes while we run: what it holds now counts. */
static char token_file[] = "/tmp/test_metadata_token.XXXXXX";

static void
with_two_tokens(struct credentials *c, struct try *t)
{
	put_file(token_file, "one\n");
	ck_assert_int_eq(credentials_get(c, &t->got, &t->err), 0);
	ck_assert_ptr_nonnull(strstr(t->m.last, "Authorization: one\r\n"));
	put_file(token_file, "two\n");
	credentials_reject(c, &t->got);
	secret_free(&t->got);
	ck_assert_int_eq(credentials_get(c, &t->got, &t->err), 0);
	ck_assert_ptr_nonnull(strstr(t->m.last, "Authorization: two\r\n"));
	put_file(token_file, "thr\nee");
	credentials_reject(c, &t->got);
	secret_free(&t->got);
	ck_assert_int_eq(credentials_get(c, &t->got, &t->err), -1);
	ck_assert_ptr_null(strstr(t->err.msg, "thr"));
}

START_TEST(container_token_file)
{
	struct try t = { .body = with_two_tokens };
	int fd = mkstemp(token_file);

	ck_assert_int_ne(fd, -1);
	close(fd);
	set_up();
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "not this", 1);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token_file, 1);
	run(&t, CONTAINER);
	unlink(token_file);
	ck_assert_uint_eq(t.m.keys_given, 2);
}
END_TEST

START_TEST(container_token)
{
	struct try t = { 0 };

	set_up();
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic x", 1);
	run(&t, CONTAINER);
	ck_assert_msg(t.result == 0, "%s", t.err.msg);
	ck_assert_ptr_nonnull(strstr(t.m.last, "Authorization: Basic x\r\n"));
	secret_free(&t.got);
}
END_TEST

static const struct {
	const char *url;
	bool allowed;
} urls[] = {
	{ "http://127.0.0.1/x", true },
	{ "http://127.9.8.7:80/x", true },
	{ "http://localhost:1234/x", true },
	{ "http://[::1]/x", true },
	{ "http://169.254.170.2/x", true },
	{ "http://169.254.170.23/v1/credentials", true },
	{ "http://[fd00:ec2::23]/v1/credentials", true },
	{ "https://example.com/x", true },
	{ "HTTPS://example.com", true },
	{ "http://example.com/x", false },
	{ "http://169.254.169.254/x", false },
	{ "http://127.0.0.1.example.com/x", false },
	{ "http://127.0.0.1@example.com/x", false },
	{ "http://example.com\\@127.0.0.1/x", false },
	{ "http://localhost.example.com", false },
	{ "http://[::2]/x", false },
	{ "http://[::1", false },
	{ "http:///x", false },
	{ "ftp://127.0.0.1/x", false },
	{ "127.0.0.1/x", false },
	{ "", false },
};

START_TEST(container_urls)
{
	ck_assert_msg(provider_container_url(urls[_i].url) == urls[_i].allowed,
	    "%s", urls[_i].url);
}
END_TEST

START_TEST(container_elsewhere)
{
	struct try t = { .body = once };

	set_up();
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://192.0.2.1/", 1);
	in_worker(with_credentials, &t);
	ck_assert_int_eq(t.result, -1);
	ck_assert_ptr_nonnull(strstr(t.err.msg, "must be https"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("container");
	TCase *t = tcase_create("container");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, container, 0, LEN(containers));
	tcase_add_test(t, container_down);
	tcase_add_test(t, container_token_file);
	tcase_add_test(t, container_token);
	tcase_add_loop_test(t, container_urls, 0, LEN(urls));
	tcase_add_test(t, container_elsewhere);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
