/* The shared configuration files, and the overrides that stand in them. */

#include "common/aws/config.h"
#include "common/aws/endpoint.h"
#include "common/base/js.h"
#include "tests/unit/conformance.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int
add(struct config *c, enum config_file file, const char *text, struct err *err)
{
	return text == NULL
		   ? 0
		   : config_add(c, file, "file", text, strlen(text), err);
}

/* All sections of a kind as JSON, to compare with rows. */
static json_t *
dump(const struct config *c, enum config_kind kind)
{
	json_t *all = json_object();
	const char *name, *key;

	for (size_t i = 0; (name = config_section_at(c, kind, i)) != NULL;
	     i++) {
		json_t *one = json_object();

		for (size_t k = 0;
		     (key = config_key_at(c, kind, name, k)) != NULL; k++)
			js_set_str(one, key, config_get(c, kind, name, key));
		js_set(all, name, one);
	}
	return all;
}

static const struct row {
	const char *name, *config, *credentials;
	enum config_kind kind;
	const char *wanted; /* JSON; NULL: error */
	const char *error;
} rows[] = {
	{ "nothing", "", "", CONFIG_PROFILE, "{}", NULL },
	{ "credentials win over config", "[default]\nA = 1\nb = 2",
	    "[default]\na = 3", CONFIG_PROFILE,
	    "{\"default\":{\"a\":\"3\",\"b\":\"2\"}}", NULL },
	{ "other sections", "[sso-session s]\nsso_region = r\n[services x]\n",
	    NULL, CONFIG_SSO_SESSION, "{\"s\":{\"sso_region\":\"r\"}}", NULL },
	{ "unknown sections are left out", "[plugins]\ncli = x\n[profile a]\n",
	    NULL, CONFIG_PROFILE, "{\"a\":{}}", NULL },
	{ "equals signs in values", "[default]\nk = a=b==\n", NULL,
	    CONFIG_PROFILE, "{\"default\":{\"k\":\"a=b==\"}}", NULL },
	{ "prefixed default comes later",
	    "[default]\na = 1\n[profile default]\nb = 2\n[default]\nc = 3\n",
	    NULL, CONFIG_PROFILE, "{\"default\":{\"b\":\"2\"}}", NULL },
	{ "a line without a sign", "[default]\nregion\n", NULL, CONFIG_PROFILE,
	    NULL, "file:2: Expected an '=' sign" },
	{ "place of the error", "\n\n[default\n", NULL, CONFIG_PROFILE, NULL,
	    "file:3: Profile definition must end" },
};

START_TEST(parses)
{
	const struct row *r = &rows[_i];
	auto_of(config_free) struct config *c = config_new();
	json_auto_t *wanted = NULL, *got = NULL;
	struct err err = { 0 };
	int rc = add(c, CONFIG_FILE, r->config, &err);

	if (rc == 0)
		rc = add(c, CREDENTIALS_FILE, r->credentials, &err);
	if (r->wanted == NULL) {
		ck_assert_int_eq(rc, -1);
		ck_assert_int_eq(err.kind, ERR_INPUT);
		ck_assert_ptr_nonnull(strstr(err.msg, r->error));
		return;
	}
	ck_assert_msg(rc == 0, "%s: %s", r->name, err.msg);
	ck_assert_int_eq(
	    js_parse(r->wanted, strlen(r->wanted), &wanted, &err), 0);
	got = dump(c, r->kind);
	ck_assert_msg(js_equal(got, wanted), "%s: %s", r->name, js_dump(got));
}
END_TEST

static const char layered[] = "[profile p]\n"
			      "services = mine\n"
			      "endpoint_url = http://127.0.0.1:4\n"
			      "[profile bare]\n"
			      "endpoint_url = http://127.0.0.1:4\n"
			      "[profile off]\n"
			      "endpoint_url = http://127.0.0.1:4\n"
			      "ignore_configured_endpoint_urls = True\n"
			      "[services mine]\n"
			      "elastic_load_balancing_v2 =\n"
			      "  timeout = 3\n"
			      "  endpoint_url = http://127.0.0.1:3\n"
			      "sqs =\n"
			      "  endpoint_url = http://127.0.0.1:5\n";

static const struct {
	const char *setting, *env_service, *env_all, *profile, *id, *wanted;
} overrides[] = {
	{ "http://s", "http://e1", "http://e2", "p", "SQS", "http://s" },
	{ NULL, "http://e1", "http://e2", "p", "SQS", "http://e1" },
	{ "", "http://e1", "http://e2", "p", "SQS", "http://e1" },
	{ NULL, "http://e1", "http://e2", "p", "EC2", "http://e2" },
	{ NULL, NULL, "http://e2", "p", "SQS", "http://e2" },
	{ NULL, NULL, NULL, "p", "SQS", "http://127.0.0.1:5" },
	{ NULL, NULL, NULL, "p", "Elastic Load Balancing v2",
	    "http://127.0.0.1:3" },
	{ NULL, NULL, NULL, "p", "EC2", "http://127.0.0.1:4" },
	{ NULL, NULL, NULL, "bare", "SQS", "http://127.0.0.1:4" },
	{ NULL, NULL, NULL, "off", "SQS", NULL },
	{ NULL, NULL, NULL, "unknown", "SQS", NULL },
	{ "http://s", NULL, NULL, "off", "SQS", "http://s" },
};

static void
set_or_clear(const char *name, const char *value)
{
	if (value == NULL)
		unsetenv(name);
	else
		setenv(name, value, 1);
}

START_TEST(endpoint_overrides)
{
	auto_of(config_free) struct config *c = config_new();
	auto_buf struct buf url = BUF_INIT;
	struct err err;
	bool found;

	ck_assert_int_eq(add(c, CONFIG_FILE, layered, &err), 0);
	unsetenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	set_or_clear("AWS_ENDPOINT_URL_SQS", overrides[_i].env_service);
	set_or_clear("AWS_ENDPOINT_URL", overrides[_i].env_all);
	found = endpoint_override(overrides[_i].setting, c,
	    overrides[_i].profile, overrides[_i].id, &url);
	ck_assert_int_eq(found, overrides[_i].wanted != NULL);
	ck_assert_str_eq(
	    url.data, overrides[_i].wanted ? overrides[_i].wanted : "");
}
END_TEST

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

START_TEST(files)
{
	char dir[] = "/tmp/test_config.XXXXXX";
	auto_of(config_free) struct config *c = NULL, *none = NULL;
	auto_free char *aws = NULL, *config = NULL, *other = NULL,
		       *given = NULL;
	struct err err;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	aws = mem_fmt("%s/.aws", dir);
	config = mem_fmt("%s/config", aws);
	other = mem_fmt("%s/other", dir);
	setenv("HOME", dir, 1);
	unsetenv("AWS_CONFIG_FILE");
	unsetenv("AWS_SHARED_CREDENTIALS_FILE");
	ck_assert_int_eq(config_load(&none, &err), 0);
	ck_assert(!config_has(none, CONFIG_PROFILE, "default"));

	mkdir(aws, 0700);
	write_file(config, "[default]\nregion = eu-west-1\n");
	write_file(other, "[default]\naws_access_key_id = k\n");
	setenv("AWS_SHARED_CREDENTIALS_FILE", "~/other", 1);
	ck_assert_int_eq(config_load(&c, &err), 0);
	ck_assert_str_eq(
	    config_get(c, CONFIG_PROFILE, "default", "region"), "eu-west-1");
	ck_assert_str_eq(
	    config_get(c, CONFIG_PROFILE, "default", "aws_access_key_id"), "k");

	/* from the service manager, unless a variable says otherwise */
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	given = mem_fmt("%s/aws-credentials", dir);
	write_file(given, "[default]\naws_access_key_id = given\n");
	config_free(mem_move(&c));
	ck_assert_int_eq(config_load(&c, &err), 0);
	ck_assert_str_eq(
	    config_get(c, CONFIG_PROFILE, "default", "aws_access_key_id"), "k");
	unsetenv("AWS_SHARED_CREDENTIALS_FILE");
	config_free(mem_move(&c));
	ck_assert_int_eq(config_load(&c, &err), 0);
	ck_assert_str_eq(
	    config_get(c, CONFIG_PROFILE, "default", "aws_access_key_id"),
	    "given");
	ck_assert_str_eq(
	    config_get(c, CONFIG_PROFILE, "default", "region"), "eu-west-1");
	unlink(given);

	setenv("AWS_CONFIG_FILE", dir, 1); /* a directory */
	config_free(mem_move(&none));
	ck_assert_int_eq(config_load(&none, &err), -1);
	unlink(config);
	unlink(other);
	rmdir(aws);
	rmdir(dir);
}
END_TEST

/* --- the published suite ---------------------------------------------- */

/* An error here ends the reading of a file, so texts before it do not
 * matter. */
static void
check_case(const json_t *t)
{
	auto_of(config_free) struct config *c = config_new();
	const char *name = js_str(t, "name");
	const char *error = js_pathstr(t, "output.errorContaining");
	json_auto_t *got = NULL;
	struct err err = { 0 };
	int rc = add(c, CONFIG_FILE, js_pathstr(t, "input.configFile"), &err);

	if (rc == 0)
		rc = add(c, CREDENTIALS_FILE,
		    js_pathstr(t, "input.credentialsFile"), &err);
	if (error != NULL) {
		ck_assert_msg(rc == -1, "%s", name);
		ck_assert_msg(
		    strstr(err.msg, error) != NULL, "%s: %s", name, err.msg);
		return;
	}
	ck_assert_msg(rc == 0, "%s: %s", name, err.msg);
	got = dump(c, CONFIG_PROFILE);
	ck_assert_msg(js_equal(got, js_path(t, "output.config.profiles")),
	    "%s: %s", name, js_dump(got));
}

START_TEST(suite)
{
	auto_free char *path = conformance_path(
	    "credentials/profile-parser-tests.json");
	auto_buf struct buf text = BUF_INIT;
	json_auto_t *all = NULL;
	const json_t *t;
	struct err err;
	size_t i;

	if (path == NULL)
		return;
	ck_assert(conformance_read(path, &text));
	ck_assert_int_eq(js_parse(text.data, text.len, &all, &err), 0);
	ck_assert_uint_ge(js_len(js_get(all, "tests")), 30);
	js_each (js_get(all, "tests"), i, t)
		check_case(t);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("config");
	TCase *t = tcase_create("config");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, parses, 0, LEN(rows));
	tcase_add_loop_test(t, endpoint_overrides, 0, LEN(overrides));
	tcase_add_test(t, files);
	tcase_add_test(t, suite);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
