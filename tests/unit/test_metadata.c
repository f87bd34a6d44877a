/* Keys of instances: what is asked, what is taken, and what happens while
 * metadata services are down. */

#include "tests/unit/fake_metadata.h"

#define PUT_  "PUT /latest/api/token;"
#define ROLES "/latest/meta-data/iam/security-credentials/"
#define ALL   PUT_ "GET " ROLES ";GET " ROLES "web;"
#define V1    "GET " ROLES ";GET " ROLES "web;"
#define OFF   "[default]\nec2_metadata_v1_disabled = true\n"

/* ---- an instance ---- */

static const struct row instances[] = {
	{ "version 2", { 0 }, NULL, ALL, NULL },
	{ "busy at first", { .busy = 2 }, NULL, PUT_ PUT_ ALL, NULL },
	{ "version 1 only", { .token_status = 404 }, NULL, PUT_ V1, NULL },
	{ "a token that does not arrive", { .token_status = -1 }, NULL, PUT_ V1,
	    NULL },
	{ "version 1 is not wanted", { .token_status = 404 }, OFF, PUT_,
	    "version 1 is disabled" },
	{ "forbidden", { .token_status = 403 }, NULL, PUT_,
	    "IMDS is disabled" },
	{ "bad request", { .token_status = 400 }, NULL, PUT_, "no token" },
	{ "no role", { .role_status = 404 }, NULL, PUT_ "GET " ROLES ";",
	    "no credentials: set" },
	{ "role that may not be assumed",
	    { .code = "AssumeRoleUnauthorizedAccess" }, NULL, ALL,
	    "AssumeRoleUnauthorizedAccess" },
	{ "no keys", { .keys_status = 404 }, NULL, ALL, "HTTP 404" },
	{ "half the keys", { .hide_key = true }, NULL, ALL,
	    "no keys in the answer" },
	{ "no JSON", { .body = SECRET }, NULL, ALL, "is not JSON" },
	{ "nobody there", { .down = true }, OFF, PUT_, "version 1" },
	{ "version 2 is all that is wanted", { 0 }, OFF, ALL, NULL },
};

START_TEST(instance)
{
	const struct row *r = &instances[_i];
	struct try t = { .m = r->m, .config = r->config };

	set_up();
	run(&t, INSTANCE);
	check(r, &t);
}
END_TEST

START_TEST(token_is_sent)
{
	struct try t = { 0 };

	set_up();
	run(&t, INSTANCE);
	ck_assert_int_eq(t.result, 0);
	ck_assert_ptr_nonnull(
	    strstr(t.m.last, "x-aws-ec2-metadata-token: tok\r\n"));
	secret_free(&t.got);
}
END_TEST

static const char *const offs[] = { "true", "True", "TRUE" };

START_TEST(disabled)
{
	struct try t = { 0 };

	set_up();
	setenv("AWS_EC2_METADATA_DISABLED", offs[_i], 1);
	run(&t, INSTANCE);
	ck_assert_int_eq(t.result, -1);
	ck_assert_str_eq(t.m.seen, "");
}
END_TEST

/* A negative answer is remembered, so that nothing waits for it again. */
static void
twice(struct credentials *c, struct try *t)
{
	ck_assert_int_eq(credentials_get(c, &t->got, &t->err), -1);
	ck_assert_int_eq(credentials_get(c, &t->got, &t->err), -1);
}

START_TEST(absence_is_remembered)
{
	struct try t = { .m = { .role_status = 404 }, .body = twice };

	set_up();
	run(&t, INSTANCE);
	ck_assert_str_eq(t.m.seen, PUT_ "GET " ROLES ";");
}
END_TEST

START_TEST(nobody_listens)
{
	struct try t = { .body = twice };
	double started = clock_mono();

	set_up();
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1", 1);
	in_worker(with_credentials, &t);
	ck_assert_ptr_nonnull(strstr(t.err.msg, "no credentials: set"));
	ck_assert(clock_mono() - started < 2);
}
END_TEST

/* A role that starts from what the instance gives. */
START_TEST(role_of_an_instance)
{
	struct chain c = { .config =
			       "[profile a]\nrole_arn = arn:aws:iam::1:role/A\n"
			       "credential_source = Ec2InstanceMetadata\n",
		.profile = "a" };
	struct metadata m = { 0 };
	struct loopback server = { .answer = metadata_answer, .arg = &m };
	auto_free char *url = NULL;

	set_up();
	unsetenv("http_proxy"); /* sts may go through one */
	loopback_start(&server);
	url = mem_fmt("http://127.0.0.1:%d", server.port);
	setenv(_i == 0 ? "AWS_EC2_METADATA_SERVICE_ENDPOINT"
		       : "AWS_CONTAINER_CREDENTIALS_FULL_URI",
	    url, 1);
	if (_i == 1)
		c.config = "[profile a]\nrole_arn = arn:aws:iam::1:role/A\n"
			   "credential_source = EcsContainer\n";
	chain_run(&c);
	loopback_stop(&server);
	ck_assert_msg(c.result == 0, "%s", c.err.msg);
	ck_assert_str_eq(c.got.access_key, "A(k1)");
	ck_assert(!c.got.outlives); /* sts must be asked in time */
	secret_free(&c.got);
}
END_TEST

/* ---- while the service is down ---- */

/* Keys that live a second are used when they are over, and nobody waits. */
static void
outlive(struct credentials *c, struct try *t)
{
	unsigned asked;

	ck_assert_int_eq(credentials_get(c, &t->got, &t->err), 0);
	secret_free(&t->got);
	usleep(2000000);
	t->m.down = true;
	ck_assert_msg(
	    credentials_get(c, &t->got, &t->err) == 0, "%s", t->err.msg);
	ck_assert_str_eq(t->got.access_key, "k1");
	ck_assert(t->got.expires < clock_wall());
	secret_free(&t->got);
	asked = loopback_requests(&t->server);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(credentials_get(c, &t->got, &t->err), 0);
		secret_free(&t->got);
	}
	ck_assert_uint_eq(loopback_requests(&t->server), asked);
	/* AWS takes them no longer: an error, not the same again */
	t->got.access_key = mem_str("k1");
	credentials_reject(c, &t->got);
	secret_free(&t->got);
	ck_assert_int_eq(credentials_get(c, &t->got, &t->err), -1);
}

START_TEST(source_down)
{
	struct try t = { .m = { .lifetime = 1.9 }, .body = outlive };

	set_up();
	if (_i == 0)
		run(&t, INSTANCE);
	else
		run(&t, CONTAINER);
}
END_TEST

/* An instance whose keys came expired: used, and not asked for each call. */
static void
stale(struct credentials *c, struct try *t)
{
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(credentials_get(c, &t->got, &t->err), 0);
		ck_assert_str_eq(t->got.access_key, "k1");
		secret_free(&t->got);
	}
}

START_TEST(stale_keys)
{
	struct try t = { .m = { .lifetime = -100 }, .body = stale };

	set_up();
	run(&t, INSTANCE);
	ck_assert_uint_eq(t.m.keys_given, 1);
}
END_TEST

/* ---- one refresher ---- */

struct asker {
	pthread_t thread;
	struct credentials *credentials;
	char key[8];
};

static void *
ask_in_thread(void *arg)
{
	struct asker *a = arg;
	struct secret got = { 0 };
	struct err err;

	if (credentials_get(a->credentials, &got, &err) == 0)
		snprintf(a->key, sizeof(a->key), "%s", got.access_key);
	secret_free(&got);
	return NULL;
}

static void
all_at_once(struct credentials *c, struct try *t)
{
	struct asker askers[8] = { 0 };

	(void)t;
	for (int i = 0; i < 8; i++) {
		askers[i].credentials = c;
		ck_assert_int_eq(pthread_create(&askers[i].thread, NULL,
				     ask_in_thread, &askers[i]),
		    0);
	}
	for (int i = 0; i < 8; i++) {
		pthread_join(askers[i].thread, NULL);
		ck_assert_str_eq(askers[i].key, "k1");
	}
}

START_TEST(one_refresher)
{
	struct try t = { .body = all_at_once };

	set_up();
	run(&t, INSTANCE);
	ck_assert_str_eq(t.m.seen, ALL);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("metadata");
	TCase *t = tcase_create("metadata");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, instance, 0, LEN(instances));
	tcase_add_test(t, token_is_sent);
	tcase_add_loop_test(t, disabled, 0, LEN(offs));
	tcase_add_test(t, absence_is_remembered);
	tcase_add_test(t, nobody_listens);
	tcase_add_loop_test(t, role_of_an_instance, 0, 2);
	tcase_add_loop_test(t, source_down, 0, 2);
	tcase_add_test(t, stale_keys);
	tcase_add_test(t, one_refresher);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
