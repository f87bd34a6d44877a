/* What the daemon is given: the role of an Architecture, credentials of the
 * service manager. */

#include "tests/unit/fake_sts.h"

#define ROLE(name) "role_arn = arn:aws:iam::1:role/" name "\n"
#define KEYS(id)   "aws_access_key_id = " id "\naws_secret_access_key = s\n"

/* The role of an architecture, assumed with whatever the chain gives. */
START_TEST(given_role)
{
	struct chain c = {
		.config = "[profile a]\n" ROLE("A") "source_profile = a\n" KEYS(
		    "k"),
		.profile = "a",
		.role_arn = "arn:aws:iam::2:role/Other",
		.role_session = "me",
		.external_id = "x",
	};

	clear_environment();
	chain_run(&c);
	ck_assert_msg(c.result == 0, "%s", c.err.msg);
	ck_assert_str_eq(c.got.access_key, "Other(A(k))");
	ck_assert_ptr_nonnull(strstr(c.sts.last, "RoleSessionName=me"));
	ck_assert_ptr_nonnull(strstr(c.sts.last, "ExternalId=x"));
	secret_free(&c.got);
}
END_TEST

START_TEST(given_role_without_keys)
{
	struct chain c = { .config = "",
		.profile = "default",
		.role_arn = "arn:aws:iam::2:role/Other" };

	clear_environment();
	chain_run(&c);
	ck_assert_int_eq(c.result, -1);
	ck_assert_int_eq(c.err.kind, ERR_AUTH);
	ck_assert_ptr_nonnull(strstr(c.err.msg, "no credentials"));
	ck_assert_uint_eq(c.sts.served, 0);
}
END_TEST

/* Never with the keys that may not assume it: they are another account. */
START_TEST(given_role_refused)
{
	struct chain c = { .config = "[default]\n" KEYS("k"),
		.profile = "default",
		.role_arn = "arn:aws:iam::2:role/Other",
		.sts = { .refuse = true } };

	clear_environment();
	chain_run(&c);
	ck_assert_int_eq(c.result, -1);
	ck_assert_int_eq(c.err.kind, ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(c.err.msg, "arn:aws:iam::2:role/Other"));
	ck_assert_ptr_null(c.got.access_key);
}
END_TEST

/* Files that the service manager gives to the service. */
static const struct loaded {
	const char *files[3][2]; /* name, content */
	const char *key, *error;
} loaded[] = {
	{ { { "aws-access-key-id", "k\n" },
	      { "aws-secret-access-key", "s\n" } },
	    "k", NULL },
	{ { { "aws-access-key-id", "k\n" }, { "aws-secret-access-key", "s\n" },
	      { "aws-session-token", "t\n" } },
	    "k", NULL },
	{ { { "aws-access-key-id", "k\n" } }, NULL,
	    "CREDENTIALS_DIRECTORY: the secret access key is missing" },
	{ { { "token", "of something else" } }, "of the profile", NULL },
};

START_TEST(loaded_credentials)
{
	const struct loaded *l = &loaded[_i];
	char dir[] = "/tmp/test_creds.XXXXXX";
	struct chain c = { .config = "[default]\n" KEYS("of the profile"),
		.profile = "default" };

	ck_assert_ptr_nonnull(mkdtemp(dir));
	clear_environment();
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	for (int i = 0; i < 3 && l->files[i][0] != NULL; i++) {
		auto_free char *path = mem_fmt("%s/%s", dir, l->files[i][0]);
		FILE *f = fopen(path, "w");

		ck_assert_ptr_nonnull(f);
		fputs(l->files[i][1], f);
		fclose(f);
	}
	chain_run(&c);
	for (int i = 0; i < 3 && l->files[i][0] != NULL; i++) {
		auto_free char *path = mem_fmt("%s/%s", dir, l->files[i][0]);

		unlink(path);
	}
	rmdir(dir);
	if (l->key == NULL) {
		ck_assert_int_eq(c.result, -1);
		ck_assert_ptr_nonnull(strstr(c.err.msg, l->error));
		return;
	}
	ck_assert_msg(c.result == 0, "%s", c.err.msg);
	ck_assert_str_eq(c.got.access_key, l->key);
	secret_free(&c.got);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("given");
	TCase *t = tcase_create("given");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 20);
	tcase_add_test(t, given_role);
	tcase_add_test(t, given_role_without_keys);
	tcase_add_test(t, given_role_refused);
	tcase_add_loop_test(t, loaded_credentials, 0, LEN(loaded));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
