/* The settings file: every key, every mistake with its place. */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/file.h"
#include "common/manifest/check.h"
#include "daemon/secret.h"
#include "daemon/settings.h"

#define SOURCE "source: { url: /srv/git/a.git }\n"

static struct settings *
parse(const char *text, struct buf *ret_errors)
{
	struct settings *s = NULL;
	struct errors errors = { NULL, 0 };
	int result = settings_parse("f", text, strlen(text), &s, &errors);

	errors_print(&errors, ret_errors);
	ck_assert_int_eq(result == 0, errors.n == 0);
	ck_assert_int_eq(result == 0, s != NULL);
	errors_free(&errors);
	return s;
}

/* ---- what is wrong ---- */

static const struct bad {
	const char *text;
	const char *want; /* part of the errors, with the place */
} bads[] = {
	{ "", "f:" },
	{ "installation: a\n", "source" },
	{ "source: {}\n", "url" },
	{ SOURCE "sorce: 1\n", "f:2:1: unknown field `sorce`" },
	{ SOURCE "sorce: 1\n", "did you mean `source`" },
	{ SOURCE "log: { levl: info }\n", "f:2:8: unknown field `levl`" },
	{ SOURCE "log: { level: loud }\n", "f:2:15: " },
	{ SOURCE "reconcile: { interval: often }\n", "f:2:24: " },
	{ SOURCE "reconcile: { interval: 0s }\n", "f:2:24: " },
	{ SOURCE "reconcile: { jitter: 10 % }\n", "f:2:22: `10 %`" },
	{ SOURCE "reconcile: { jitter: 51% }\n", "0% to 50%" },
	{ SOURCE "reconcile: { jitter: -1% }\n", "0% to 50%" },
	{ SOURCE "reconcile: { jitter: x% }\n", "0% to 50%" },
	{ SOURCE "reconcile: { jitter: nan% }\n", "0% to 50%" },
	{ SOURCE "workers: { sqs: 0 }\n", "f:2:17: " },
	{ SOURCE "workers: { sqs: many }\n", "f:2:17: " },
	{ SOURCE "workers: 4\n", "f:2:10: " },
	{ SOURCE "installation: a b\n", "f:2:15: `a b`" },
	{ SOURCE "installation: ''\n", "f:2:15: " },
	{ SOURCE "http: { listen: 9464 }\n", "f:2:17: " },
	{ SOURCE "http: { listen: '9464' }\n", "f:2:17: `9464` is no address" },
	{ SOURCE "http: { listen: '[::1]' }\n", "f:2:17: `[::1]` is no" },
	{ SOURCE "http: { listen: 'a:65536' }\n", "f:2:17: `a:65536` is no" },
	{ SOURCE "http: { listen: 'a:http' }\n", "f:2:17: `a:http` is no" },
	{ SOURCE "aws: { endpointUrl: localhost:4566 }\n",
	    "f:2:21: `localhost:4566` must start with http:// or https://" },
	{ SOURCE "---\n" SOURCE, "one document, not 2" },
	{ "source:\n\turl: x\n", "f:2:" },
	{ "- a\n", "f:1:" },
	{ "source: { url: x, auth: { tokenFile: rel/ative } }\n",
	    "neither an absolute path nor" },
	{ "source: { url: x, auth: { tokenFile: token } }\n",
	    "f:1:38: `token` is a systemd credential, but" },
	{ "source: { url: x, auth: { tokenFile: /nonexistent/t } }\n",
	    "f:1:38: /nonexistent/t: cannot be read: No such file" },
	{ "source: { url: x, auth: { tokenFile: /dev/null } }\n",
	    "f:1:38: /dev/null: is no regular file" },
	{ "source: { url: x, auth: { tokenFile: /a, passwordFile: /b } }\n",
	    "exclude each other" },
};

START_TEST(bad)
{
	auto_buf struct buf errors = BUF_INIT;

	unsetenv("CREDENTIALS_DIRECTORY");
	settings_free(parse(bads[_i].text, &errors));
	ck_assert_msg(strstr(errors.data, bads[_i].want) != NULL,
	    "%s\ngives\n%s\nwithout\n%s", bads[_i].text, errors.data,
	    bads[_i].want);
}
END_TEST

START_TEST(all_errors_at_once)
{
	auto_buf struct buf errors = BUF_INIT;

	settings_free(parse("source: { url: x, brnch: y }\n"
			    "log: { level: loud }\n"
			    "nothing: 1\n",
	    &errors));
	ck_assert_ptr_nonnull(strstr(errors.data, "brnch"));
	ck_assert_ptr_nonnull(strstr(errors.data, "f:2:15"));
	ck_assert_ptr_nonnull(strstr(errors.data, "f:3:1"));
}
END_TEST

/* ---- what is right ---- */

START_TEST(defaults)
{
	auto_buf struct buf errors = BUF_INIT;
	auto_of(settings_free) struct settings *s = parse(SOURCE, &errors);

	ck_assert_str_eq(errors.data, "");
	ck_assert_str_eq(s->installation, "default");
	ck_assert_str_eq(s->source.url, "/srv/git/a.git");
	ck_assert_str_eq(s->source.branch, "main");
	ck_assert_str_eq(s->source.path, ".");
	ck_assert_double_eq(s->source.interval_sec, 60);
	ck_assert_ptr_null(s->source.secret);
	ck_assert_double_eq(s->reconcile.interval_sec, 300);
	ck_assert_double_eq_tol(s->reconcile.jitter, 0.1, 1e-9);
	ck_assert_ptr_null(s->aws.endpoint_url);
	ck_assert_ptr_null(s->aws.profile);
	ck_assert_str_eq(s->http_listen, "127.0.0.1:9464");
	ck_assert_str_eq(s->control_socket, "/run/convergd/control.sock");
	ck_assert_str_eq(s->state_directory, "/var/lib/convergd");
	ck_assert_str_eq(s->log_level, "info");
	ck_assert_str_eq(s->log_format, "auto");
	ck_assert_uint_eq(settings_workers(s, "sqs"), 4);
}
END_TEST

START_TEST(everything)
{
	auto_buf struct buf errors = BUF_INIT;
	auto_of(settings_free) struct settings *s = parse(
	    "installation: blue\n"
	    "source: { url: 'git@host:a.git', branch: live, path: aws, "
	    "interval: 5s, timeout: 2m, caBundleFile: /ca.pem }\n"
	    "reconcile: { interval: 1h, jitter: 0% }\n"
	    "aws: { endpointUrl: 'http://127.0.0.1:5000', profile: p, "
	    "region: eu-west-1, maxAttempts: 5 }\n"
	    "workers: { default: 3, sqs: 2 }\n"
	    "http: { listen: off }\n"
	    "control: { socket: off }\n"
	    "state: { directory: /tmp/s }\n"
	    "log: { level: debug, format: json }\n",
	    &errors);

	ck_assert_str_eq(errors.data, "");
	ck_assert_str_eq(s->installation, "blue");
	ck_assert_str_eq(s->source.branch, "live");
	ck_assert_double_eq(s->source.interval_sec, 5);
	ck_assert_double_eq(s->source.timeout_sec, 120);
	ck_assert_str_eq(s->source.ca_bundle, "/ca.pem");
	ck_assert_double_eq(s->reconcile.interval_sec, 3600);
	ck_assert_double_eq(s->reconcile.jitter, 0);
	ck_assert_str_eq(s->aws.endpoint_url, "http://127.0.0.1:5000");
	ck_assert_str_eq(s->aws.region, "eu-west-1");
	ck_assert_int_eq(s->aws.max_attempts, 5);
	ck_assert_uint_eq(settings_workers(s, "sqs"), 2);
	ck_assert_uint_eq(settings_workers(s, "sns"), 3);
	ck_assert_ptr_null(s->http_listen);
	ck_assert_ptr_null(s->control_socket);
	ck_assert_str_eq(s->log_level, "debug");
}
END_TEST

/* ---- secrets ---- */

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static const struct secret_row {
	const char *content;
	const char *want;  /* or NULL */
	const char *error; /* or NULL */
} secret_rows[] = {
	{ "hunter2\n", "hunter2", NULL },
	{ "hunter2", "hunter2", NULL },
	{ "hunter2\r\n", "hunter2", NULL },
	{ "", NULL, "is empty" },
	{ "\n", NULL, "is empty" },
	{ "a\nb\n", NULL, "one line" },
};

START_TEST(credential)
{
	static const char text[] =
	    "source: { url: x, auth: { tokenFile: token } }\n";
	const struct secret_row *r = &secret_rows[_i];
	char dir[] = "/tmp/convergd-test-XXXXXX";
	auto_buf struct buf errors = BUF_INIT;
	auto_free char *path = NULL;
	struct settings *s;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	path = mem_fmt("%s/token", dir);
	write_file(path, r->content);
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	s = parse(text, &errors);
	if (r->want != NULL) {
		ck_assert_str_eq(s->source.secret, r->want);
		ck_assert_str_eq(s->source.username, "x-access-token");
	} else {
		ck_assert_ptr_nonnull(strstr(errors.data, r->error));
	}
	ck_assert_ptr_null(strstr(errors.data, "hunter2"));
	settings_free(s);
	unlink(path);
	rmdir(dir);
}
END_TEST

START_TEST(same_source)
{
	auto_buf struct buf errors = BUF_INIT;
	auto_of(settings_free) struct settings *a = parse(SOURCE, &errors);
	auto_of(settings_free) struct settings *b = parse(
	    SOURCE "log: { level: debug }\n", &errors);
	auto_of(settings_free) struct settings *c = parse(
	    "source: { url: /srv/git/a.git, branch: x }\n", &errors);

	ck_assert(settings_same_source(a, b));
	ck_assert(!settings_same_source(a, c));
}
END_TEST

/* Every row is documented, and what is explained is what is checked. */
static void
walk(const struct field *fields)
{
	for (const struct field *f = fields; f->name != NULL; f++) {
		ck_assert_msg(f->help != NULL, "%s", f->name);
		ck_assert_msg(
		    f->help[strlen(f->help) - 1] == '.', "%s", f->name);
		if (f->fields != NULL)
			walk(f->fields);
	}
}

START_TEST(rows)
{
	walk(settings_fields);
}
END_TEST

/* ".It Ic source.auth.tokenFile : " for every key that has a value. */
static void
assert_page(const char *page, const char *prefix, const struct field *fields)
{
	for (const struct field *f = fields; f->name != NULL; f++) {
		auto_free char *path = mem_fmt(
		    "%s%s%s", prefix, *prefix == 0 ? "" : ".", f->name);
		auto_free char *item = mem_fmt("\n.It Ic %s :", path);

		if (f->type == F_OBJECT)
			assert_page(page, path, f->fields);
		else
			ck_assert_msg(
			    strstr(page, item) != NULL, "no %s", path);
	}
}

START_TEST(manual_page_has_every_key)
{
	auto_buf struct buf page = BUF_INIT;
	struct err err;

	ck_assert_msg(
	    file_read("docs/man/convergd.yaml.5", 1 << 20, &page, &err) == 0,
	    "%s", err.msg);
	assert_page(page.data, "", settings_fields);
}
END_TEST

START_TEST(example_is_right)
{
	struct errors errors = { NULL, 0 };
	auto_of(settings_free) struct settings *s = NULL;

	ck_assert_int_eq(
	    settings_load("contrib/convergd.yaml", &s, &errors), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("settings");
	TCase *c = tcase_create("settings");
	SRunner *sr = srunner_create(s);
	int failed;

	suite_add_tcase(s, c);
	tcase_add_loop_test(c, bad, 0, sizeof(bads) / sizeof(bads[0]));
	tcase_add_loop_test(
	    c, credential, 0, sizeof(secret_rows) / sizeof(secret_rows[0]));
	tcase_add_test(c, all_errors_at_once);
	tcase_add_test(c, defaults);
	tcase_add_test(c, everything);
	tcase_add_test(c, same_source);
	tcase_add_test(c, rows);
	tcase_add_test(c, manual_page_has_every_key);
	tcase_add_test(c, example_is_right);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
