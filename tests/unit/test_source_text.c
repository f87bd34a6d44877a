/* common/source: the texts it reads: URLs, known_hosts, paths. */

#include "common/source/knownhosts.h"
#include "common/source/tree.h"
#include "common/source/url.h"

#include <check.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* ---- URLs ---- */

static const struct {
	const char *url;
	enum url_kind kind;
	const char *path;
	const char *error; /* NULL: it is good */
} urls[] = {
	{ "/srv/git/a.git", URL_LOCAL, "/srv/git/a.git", NULL },
	{ "a/b:c", URL_LOCAL, "a/b:c", NULL },
	{ ".", URL_LOCAL, ".", NULL },
	{ "file:///srv/a%20b%2fc", URL_LOCAL, "/srv/a b/c", NULL },
	{ "file:///srv/100%", URL_LOCAL, "/srv/100%", NULL },
	{ "file://localhost/srv/x", URL_LOCAL, "/srv/x", NULL },
	{ "https://example.com/x.git", URL_HTTP, NULL, NULL },
	{ "http://127.0.0.1:80/x", URL_HTTP, NULL, NULL },
	{ "http://u:p@localhost/x", URL_HTTP, NULL, NULL },
	{ "ssh://git@example.com:2222/x", URL_SSH, NULL, NULL },
	{ "git@example.com:team/x.git", URL_SSH, NULL, NULL },
	{ "", 0, NULL, "the source has no URL" },
	{ "file://host/x", 0, NULL, "three slashes" },
	{ "file:///a%00b", 0, NULL, "zero byte" },
	{ "http://example.com/x", 0, NULL, "use https://" },
	{ "http://127.0.0.1.example.com/x", 0, NULL, "use https://" },
	{ "git://example.com/x", 0, NULL, "use a path, file://, https://" },
	{ "ftp://u:secret@example.com/x", 0, NULL, "ftp://example.com/x: " },
};

START_TEST(url_forms)
{
	auto_free char *path = NULL;
	enum url_kind kind = URL_LOCAL;
	struct err err = { 0 };
	int rc = url_parse(urls[_i].url, &kind, &path, &err);

	if (urls[_i].error != NULL) {
		ck_assert_int_eq(rc, -1);
		ck_assert_int_eq(err.kind, ERR_INPUT);
		ck_assert_msg(
		    strstr(err.msg, urls[_i].error) != NULL, "%s", err.msg);
		ck_assert_ptr_null(strstr(err.msg, "secret"));
		return;
	}
	ck_assert_int_eq(rc, 0);
	ck_assert_int_eq(kind, urls[_i].kind);
	ck_assert_pstr_eq(path, urls[_i].path);
}
END_TEST

static const struct {
	const char *url, *shown;
	int ssh_port;
} shown[] = {
	{ "/srv/u:p@x", "/srv/u:p@x", 22 },
	{ "git@example.com:x", "git@example.com:x", 22 },
	{ "https://u:p@example.com/x@y", "https://example.com/x@y", 22 },
	{ "https://token@h/x", "https://h/x", 22 },
	{ "https://a@b@h/x", "https://h/x", 22 },
	{ "ssh://git@h:2222/x", "ssh://h:2222/x", 2222 },
	{ "ssh://git@h/x:7", "ssh://h/x:7", 22 },
	{ "ssh://git@[::1]:2022/x", "ssh://[::1]:2022/x", 2022 },
	{ "ssh://git@[::1]/x", "ssh://[::1]/x", 22 },
	{ "ssh://h:99999/x", "ssh://h:99999/x", 22 },
};

START_TEST(url_without_secrets)
{
	auto_free char *s = url_shown(shown[_i].url);

	ck_assert_str_eq(s, shown[_i].shown);
	ck_assert_int_eq(url_ssh_port(shown[_i].url), shown[_i].ssh_port);
}
END_TEST

/* ---- known_hosts ---- */

/* The hashed line is what "ssh-keygen -H" makes of "host.example". */
#define KEY    "QUJD" /* "ABC" */
#define KEY2   "REVG"
#define HASHED "|1|BQtKXEOrbvXhgbdweZFRS2hckt8=|UUotzwJ6A21F1nDAi4lZ2sUM8rQ="
static const struct {
	const char *text, *host;
	int port;
	enum known want;
} hosts[] = {
	{ "", "h", 22, KNOWN_NOT },
	{ "h ssh-ed25519 " KEY, "h", 22, KNOWN_YES },
	{ "h ssh-ed25519 " KEY "\n", "H", 22, KNOWN_YES },
	{ "  h\tssh-ed25519\t" KEY " comment\r\n", "h", 22, KNOWN_YES },
	{ "#h x " KEY "\n\n \nh x " KEY, "h", 22, KNOWN_YES },
	{ "# h x " KEY, "h", 22, KNOWN_NOT },
	{ "h x " KEY2, "h", 22, KNOWN_OTHER },
	{ "h x " KEY2 "\nh y " KEY, "h", 22, KNOWN_YES },
	{ "a,h,b x " KEY, "h", 22, KNOWN_YES },
	{ "h x " KEY, "h", 2222, KNOWN_NOT },
	{ "[h]:2222 x " KEY, "h", 2222, KNOWN_YES },
	{ "[h]:2222 x " KEY, "h", 22, KNOWN_NOT },
	{ "*.example x " KEY, "a.example", 22, KNOWN_YES },
	{ "*.example,!a.example x " KEY, "a.example", 22, KNOWN_NOT },
	{ "@revoked h x " KEY "\nh x " KEY, "h", 22, KNOWN_REVOKED },
	{ "@revoked h x " KEY2 "\nh x " KEY, "h", 22, KNOWN_YES },
	{ "@cert-authority * x " KEY, "h", 22, KNOWN_NOT },
	{ "h x", "h", 22, KNOWN_OTHER },
	{ "h", "h", 22, KNOWN_OTHER },
	{ "h x not-base64", "h", 22, KNOWN_OTHER },
	{ HASHED " x " KEY, "host.example", 22, KNOWN_YES },
	{ HASHED " x " KEY2, "host.example", 22, KNOWN_OTHER },
	{ HASHED " x " KEY, "other.example", 22, KNOWN_NOT },
	{ HASHED " x " KEY, "host.example", 2222, KNOWN_NOT },
	{ "|1|BQtK x " KEY, "host.example", 22, KNOWN_NOT },
	{ "|1||| x " KEY, "host.example", 22, KNOWN_NOT },
	{ "|1|", "|1|", 22, KNOWN_OTHER },
};

START_TEST(known_hosts)
{
	ck_assert_int_eq(known_host(hosts[_i].text, hosts[_i].host,
			     hosts[_i].port, "ABC", 3),
	    hosts[_i].want);
}
END_TEST

/* ---- paths ---- */

static const struct {
	const char *path, *clean; /* NULL: refused */
} paths[] = {
	{ "", "" },
	{ ".", "" },
	{ "./", "" },
	{ "a", "a" },
	{ "./a//b/./c/", "a/b/c" },
	{ "..a/b..", "..a/b.." },
	{ "/a", NULL },
	{ "..", NULL },
	{ "a/../b", NULL },
	{ "a/..", NULL },
	{ ".git/config", NULL },
	{ "a/.git", NULL },
};

START_TEST(path_clean)
{
	auto_free char *clean = NULL;
	struct err err;

	ck_assert_int_eq(tree_path(paths[_i].path, &clean, &err),
	    paths[_i].clean == NULL ? -1 : 0);
	ck_assert_pstr_eq(clean, paths[_i].clean);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("source texts");
	TCase *t = tcase_create("texts");
	SRunner *r = srunner_create(suite);
	int failed;

	tcase_add_loop_test(t, url_forms, 0, COUNT(urls));
	tcase_add_loop_test(t, url_without_secrets, 0, COUNT(shown));
	tcase_add_loop_test(t, known_hosts, 0, COUNT(hosts));
	tcase_add_loop_test(t, path_clean, 0, COUNT(paths));
	suite_add_tcase(suite, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
