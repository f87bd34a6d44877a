/* URLs in their parts, as the transport keeps them. */

#include "common/loop/http_url.h"

#include <check.h>
#include <stdlib.h>

static const struct {
	const char *url, *host, *path, *query; /* host NULL: no URL */
} rows[] = {
	{ "https://sqs.eu-west-1.amazonaws.com/", "sqs.eu-west-1.amazonaws.com",
	    "/", NULL },
	{ "http://127.0.0.1:4566/a/../b//c/.?x=%2F&y", "127.0.0.1",
	    "/a/../b//c/.", "x=%2F&y" },
	{ "https://b.s3.amazonaws.com/a%20b%2F", "b.s3.amazonaws.com",
	    "/a%20b%2F", NULL },
	{ "http://[::1]:8080/", "[::1]", "/", NULL },
	{ "", NULL, NULL, NULL },
	{ "sqs.eu-west-1.amazonaws.com", NULL, NULL, NULL },
	{ "https://a b/", NULL, NULL, NULL },
};

static void
check_part(const struct url *u, CURLUPart part, const char *wanted)
{
	char *text = NULL;

	if (curl_url_get(url_parts(u), part, &text, 0) != CURLUE_OK)
		text = NULL;
	if (wanted == NULL)
		ck_assert_ptr_null(text);
	else
		ck_assert_str_eq(text, wanted);
	curl_free(text);
}

START_TEST(parts)
{
	auto_of(urls_free) struct urls *all = urls_new();
	struct url *u = urls_take(all, rows[_i].url);

	ck_assert_msg(
	    (u == NULL) == (rows[_i].host == NULL), "%s", rows[_i].url);
	if (u == NULL)
		return;
	check_part(u, CURLUPART_HOST, rows[_i].host);
	check_part(u, CURLUPART_PATH, rows[_i].path);
	check_part(u, CURLUPART_QUERY, rows[_i].query);
	urls_give_back(all, u);
}
END_TEST

static struct url *
take(struct urls *all, int i)
{
	auto_free char *text = mem_fmt("http://host-%d/", i);
	struct url *u = urls_take(all, text);

	ck_assert_ptr_nonnull(u);
	return u;
}

static void
check_host(const struct url *u, int i)
{
	auto_free char *host = mem_fmt("host-%d", i);

	check_part(u, CURLUPART_HOST, host);
}

/* One is taken once as long as it is known, however many use it. */
START_TEST(shared)
{
	auto_of(urls_free) struct urls *all = urls_new();
	struct url *a = take(all, 1), *b = take(all, 2), *again = take(all, 1);

	ck_assert_ptr_eq(a, again);
	ck_assert_ptr_ne(a, b);
	urls_give_back(all, a);
	check_host(again, 1);
	urls_give_back(all, again);
	ck_assert_ptr_eq(take(all, 1), a);
	urls_give_back(all, a);
	urls_give_back(all, b);
}
END_TEST

/* What is used stays, whatever comes; of the rest the newest do. */
START_TEST(bounded)
{
	enum { MANY = 4 * URLS_KEPT };
	auto_of(urls_free) struct urls *all = urls_new();
	struct url *used[MANY], *newest = NULL;

	for (int i = 0; i < MANY; i++)
		used[i] = take(all, i);
	for (int i = MANY; i < 2 * MANY; i++) {
		newest = take(all, i);
		urls_give_back(all, newest);
	}
	for (int i = 0; i < MANY; i++)
		check_host(used[i], i);
	for (int i = 0; i < MANY; i++)
		urls_give_back(all, used[i]);
	ck_assert_ptr_eq(take(all, 2 * MANY - 1), newest);
	urls_give_back(all, newest);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("urls");
	TCase *t = tcase_create("urls");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, parts, 0, LEN(rows));
	tcase_add_test(t, shared);
	tcase_add_test(t, bounded);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
