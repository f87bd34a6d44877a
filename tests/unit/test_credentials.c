/* Where keys come from: environment, profiles, roles, programs. */

#include "common/aws/provider_impl.h"
#include "tests/unit/fake_sts.h"

#define ROLE(name)   "role_arn = arn:aws:iam::1:role/" name "\n"
#define KEYS(id)     "aws_access_key_id = " id "\naws_secret_access_key = s\n"
#define PRINTS(text) "credential_process = /bin/echo '" text "'\n"
#define V1(more)                                                               \
	"{\"Version\":1,\"AccessKeyId\":\"p\",\"SecretAccessKey\":\"s\"" more  \
	"}"

static const struct row {
	const char *name;
	const char *env_key, *env_secret;
	const char *config, *profile;
	bool is_explicit;
	const char *key; /* NULL: error */
	const char *error;
} rows[] = {
	{ "environment", "e", "s", "[default]\n" KEYS("k"), "default", false,
	    "e", NULL },
	{ "a profile in the settings beats it", "e", "s",
	    "[profile p]\n" KEYS("k"), "p", true, "k", NULL },
	{ "blank is absent", " ", " ", "[default]\n" KEYS("k"), "default",
	    false, "k", NULL },
	{ "half of it", "e", NULL, "", "default", false, NULL,
	    "environment: the secret access key is missing" },
	{ "half a profile", NULL, NULL, "[default]\naws_secret_access_key=s",
	    "default", false, NULL,
	    "profile default: the access key id is missing" },
	{ "nothing", NULL, NULL, "", "default", false, NULL,
	    "no credentials: set AWS_ACCESS_KEY_ID" },
	{ "role of another profile's keys", NULL, NULL,
	    "[profile a]\n" ROLE("A") "source_profile = b\n[profile b]\n" KEYS(
		"k"),
	    "a", false, "A(k)", NULL },
	{ "role of its own keys", NULL, NULL,
	    "[profile a]\n" ROLE("A") "source_profile = a\n" KEYS("k"), "a",
	    false, "A(k)", NULL },
	{ "role of a role", NULL, NULL,
	    "[profile a]\n" ROLE("A") "source_profile = b\n"
				      "[profile b]\n" ROLE(
					  "B") "source_profile = c\n"
					       "[profile c]\n" KEYS("k"),
	    "a", false, "A(B(k))", NULL },
	{ "keys in the middle end the chain", NULL, NULL,
	    "[profile a]\n" ROLE("A")
		KEYS("x") "source_profile = b\n"
			  "[profile b]\n" ROLE("B")
			      KEYS("k") "source_profile = c\n"
					"[profile c]\n" KEYS("y"),
	    "a", false, "A(k)", NULL },
	{ "a loop", NULL, NULL,
	    "[profile a]\n" ROLE("A") "source_profile = b\n"
				      "[profile b]\n" ROLE(
					  "B") "source_profile = a\n",
	    "a", false, NULL, "infinite loop" },
	{ "role of the environment's keys", "e", "s",
	    "[profile a]\n" ROLE("A") "credential_source = Environment\n", "a",
	    true, "A(e)", NULL },
	{ "role of what is not there", NULL, NULL,
	    "[profile a]\n" ROLE("A") "credential_source = Environment\n", "a",
	    false, NULL, "the source of the role has no credentials" },
	{ "role without source", NULL, NULL, "[profile a]\n" ROLE("A"), "a",
	    false, NULL, "role_arn needs source_profile" },
	{ "role of an unknown profile", NULL, NULL,
	    "[profile a]\n" ROLE("A") "source_profile = b\n", "a", false, NULL,
	    "source_profile does not exist" },
	{ "a code nobody can type", NULL, NULL,
	    "[profile a]\n" ROLE(
		"A") "mfa_serial = m\nsource_profile = a\n" KEYS("k"),
	    "a", false, NULL, "mfa_serial" },
	{ "web identity without role", NULL, NULL,
	    "[profile a]\nweb_identity_token_file = /nonexistent\n", "a", false,
	    NULL, "`role_arn` was missing" },
	{ "web identity without file", NULL, NULL,
	    "[profile a]\n" ROLE(
		"A") "web_identity_token_file = /nonexistent\n",
	    "a", false, NULL, "/nonexistent: No such file" },
	{ "a program", NULL, NULL, "[default]\n" PRINTS(V1("")), "default",
	    false, "p", NULL },
	{ "a program of another version", NULL, NULL,
	    "[default]\n" PRINTS("{\"Version\":2}"), "default", false, NULL,
	    "no \"Version\": 1" },
	{ "a program that prints no JSON", NULL, NULL,
	    "[default]\n" PRINTS("secret"), "default", false, NULL,
	    "credential_process: the output is not JSON" },
	{ "a program that fails", NULL, NULL,
	    "[default]\ncredential_process = /bin/false\n", "default", false,
	    NULL, "/bin/false failed" },
	{ "a program that is not there", NULL, NULL,
	    "[default]\ncredential_process = /nonexistent/x\n", "default",
	    false, NULL, "cannot run /nonexistent/x" },
	{ "an open quote", NULL, NULL,
	    "[default]\ncredential_process = echo 'x\n", "default", false, NULL,
	    "is a quote open?" },
};

START_TEST(chains)
{
	const struct row *r = &rows[_i];
	struct chain c = { .config = r->config,
		.profile = r->profile,
		.is_explicit = r->is_explicit };

	clear_environment();
	if (r->env_key != NULL)
		setenv("AWS_ACCESS_KEY_ID", r->env_key, 1);
	if (r->env_secret != NULL)
		setenv("AWS_SECRET_ACCESS_KEY", r->env_secret, 1);
	chain_run(&c);
	if (r->key == NULL) {
		ck_assert_int_eq(c.result, -1);
		ck_assert_msg(strstr(c.err.msg, r->error) != NULL, "%s: %s",
		    r->name, c.err.msg);
		ck_assert_ptr_null(strstr(c.err.msg, "secret\""));
		return;
	}
	ck_assert_msg(c.result == 0, "%s: %s", r->name, c.err.msg);
	ck_assert_str_eq(c.got.access_key, r->key);
	secret_free(&c.got);
}
END_TEST

START_TEST(what_a_role_asks)
{
	struct chain c = {
		.config = "[profile a]\n" ROLE("A") "source_profile = a\n" KEYS(
		    "k") "external_id = x/1\nduration_seconds = 900\n"
			 "role_session_name = me\n",
		.profile = "a"
	};

	clear_environment();
	chain_run(&c);
	ck_assert_msg(c.result == 0, "%s", c.err.msg);
	ck_assert_ptr_nonnull(strstr(c.sts.last, "ExternalId=x%2F1"));
	ck_assert_ptr_nonnull(strstr(c.sts.last, "DurationSeconds=900"));
	ck_assert_ptr_nonnull(strstr(c.sts.last, "RoleSessionName=me"));
	ck_assert_str_eq(c.got.session_token, "t");
	ck_assert_double_eq_tol(c.got.expires, 3471292800.0, 1);
	secret_free(&c.got);
}
END_TEST

START_TEST(refused_by_sts)
{
	struct chain c = { .config = "[profile a]\n" ROLE(
			       "A") "source_profile = a\n" KEYS("k"),
		.profile = "a",
		.sts = { .refuse = true } };

	clear_environment();
	chain_run(&c);
	ck_assert_int_eq(c.result, -1);
	ck_assert_int_eq(c.err.kind, ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(c.err.msg, "credentials: "));
	ck_assert_ptr_nonnull(strstr(c.err.msg, "sts AssumeRole"));
}
END_TEST

START_TEST(web_identity)
{
	char path[] = "/tmp/test_token.XXXXXX";
	int fd = mkstemp(path);
	struct chain c = { .config = "", .profile = "default" };

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, "jwt.a/b\n", 8), 8);
	close(fd);
	clear_environment();
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", path, 1);
	setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/W", 1);
	chain_run(&c);
	unlink(path);
	ck_assert_msg(c.result == 0, "%s", c.err.msg);
	ck_assert_str_eq(c.got.access_key, "W()"); /* nobody signed */
	ck_assert_ptr_nonnull(strstr(c.sts.last, "WebIdentityToken=jwt.a%2Fb"));
	secret_free(&c.got);
}
END_TEST

/* How often sts is asked when the keys live that long. */
static const struct {
	int lifetime;
	unsigned times, served;
} renewals[] = {
	{ 0, 5, 1 }, { 3600, 5, 1 }, { 60, 3, 1 },
	{ -5, 3, 1 }, /* by our clock, which may be wrong */
};

START_TEST(renewal)
{
	struct chain c = { .config = "[profile a]\n" ROLE(
			       "A") "source_profile = a\n" KEYS("k"),
		.profile = "a",
		.times = renewals[_i].times,
		.sts = { .lifetime = renewals[_i].lifetime } };

	clear_environment();
	chain_run(&c);
	ck_assert_msg(c.result == 0, "%s", c.err.msg);
	ck_assert_uint_eq(c.sts.served, renewals[_i].served);
	secret_free(&c.got);
}
END_TEST

START_TEST(reject)
{
	auto_of(config_free) struct config *config = config_new();
	struct secret got = { 0 }, other = { .access_key = (char *)"other" };
	struct credentials_settings s = { .config = config,
		.profile = "default" };
	auto_of(credentials_free) struct credentials *c = NULL;
	struct err err;

	clear_environment();
	setenv("AWS_ACCESS_KEY_ID", "one", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
	c = credentials_new(&s);
	ck_assert_int_eq(credentials_get(c, &got, &err), 0);
	setenv("AWS_ACCESS_KEY_ID", "two", 1);
	credentials_reject(c, &other);                /* not what is in use */
	credentials_reject(c, &(struct secret){ 0 }); /* nobody signed */
	secret_free(&got);
	ck_assert_int_eq(credentials_get(c, &got, &err), 0);
	ck_assert_str_eq(got.access_key, "one");
	credentials_reject(c, &got);
	secret_free(&got);
	ck_assert_int_eq(credentials_get(c, &got, &err), 0);
	ck_assert_str_eq(got.access_key, "two");
	secret_free(&got);
}
END_TEST

static const struct {
	const char *text;
	double wanted;
} times[] = {
	{ "2026-11-22T12:00:00Z", 1795348800 },
	{ "2026-11-22T12:00:00.123456+00:00", 1795348800 },
	{ "2026-11-22T13:30:00+01:30", 1795348800 },
	{ "2026-11-22T13:30:00+0130", 1795348800 },
	{ "2026-11-22T07:00:00-05:00", 1795348800 },
	{ "2026-11-22T12:00:00", 1795348800 },
	{ "soon", -1 },
	{ "", -1 },
};

START_TEST(timestamps)
{
	ck_assert_double_eq_tol(
	    provider_time(times[_i].text), times[_i].wanted, 1e-3);
}
END_TEST

static const struct {
	const char *command, *words[5];
} splits[] = {
	{ "a b  c", { "a", "b", "c" } },
	{ " a ", { "a" } },
	{ "'a b' \"c d\"", { "a b", "c d" } },
	{ "a\\ b", { "a b" } },
	{ "\"a\\\"b\" '\\n'", { "a\"b", "\\n" } },
	{ "a''b \"\"", { "ab", "" } },
	{ "", { NULL } },
};

START_TEST(splitting)
{
	char **words = provider_split(splits[_i].command);
	size_t i;

	ck_assert_ptr_nonnull(words);
	for (i = 0; splits[_i].words[i] != NULL; i++)
		ck_assert_str_eq(words[i], splits[_i].words[i]);
	ck_assert_ptr_null(words[i]);
	provider_split_free(words);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("credentials");
	TCase *t = tcase_create("credentials");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 20);
	tcase_add_loop_test(t, chains, 0, LEN(rows));
	tcase_add_test(t, what_a_role_asks);
	tcase_add_test(t, refused_by_sts);
	tcase_add_test(t, web_identity);
	tcase_add_loop_test(t, renewal, 0, LEN(renewals));
	tcase_add_test(t, reject);
	tcase_add_loop_test(t, timestamps, 0, LEN(times));
	tcase_add_loop_test(t, splitting, 0, LEN(splits));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
