/* Keys of containers and instances: what is asked, what is taken, and what
 * happens while their services are down. */

#include "common/aws/provider_impl.h"
#include "tests/unit/fake_sts.h"

#define SECRET "wJalrTOPSECRET"

/* A metadata service of both kinds. */
struct metadata {
	int token_status; /* of the PUT; 0: 200; -1: no answer */
	int role_status, keys_status;
	const char *code;    /* in the answer; NULL: "Success" */
	const char *body;    /* instead of keys */
	unsigned busy;       /* that many answers are 503 before */
	double lifetime;     /* seconds; 0: an hour */
	bool down;           /* closes every connection */
	bool hide_key;       /* half an answer */
	char seen[1024];     /* "PUT /latest/api/token;GET ..." */
	char last[2048];     /* the last request */
	unsigned keys_given; /* k1, k2, ... */
};

static void
give_keys(struct metadata *m, struct buf *reply)
{
	auto_buf struct buf body = BUF_INIT;

	buf_addf(&body,
	    "{\"Code\":\"%s\",\"AccessKeyId\":\"k%u\",\"Token\":\"t\",",
	    m->code ? m->code : "Success", ++m->keys_given);
	buf_addf(&body, "\"%s\":\"" SECRET "\",\"Expiration\":\"",
	    m->hide_key ? "Other" : "SecretAccessKey");
	clock_add_iso(
	    &body, clock_wall() + (m->lifetime != 0 ? m->lifetime : 3600));
	buf_adds(&body, "\"}");
	loopback_reply(reply, m->keys_status ? m->keys_status : 200, "",
	    m->body ? m->body : body.data);
}

static bool
metadata_answer(struct loopback *server, const char *request, struct buf *reply)
{
	struct metadata *m = server->arg;
	size_t n = strlen(m->seen);
	bool is_put = strncmp(request, "PUT ", 4) == 0;

	snprintf(m->seen + n, sizeof(m->seen) - n, "%.*s;",
	    (int)strcspn(request + 4, " ") + 4, request);
	snprintf(m->last, sizeof(m->last), "%s", request);
	if (m->down || (is_put && m->token_status == -1))
		return false;
	if (m->busy > 0) {
		m->busy--;
		loopback_reply(reply, 503, "", "");
	} else if (is_put) {
		loopback_reply(
		    reply, m->token_status ? m->token_status : 200, "", "tok");
	} else if (strstr(request, "/security-credentials/ ") != NULL) {
		loopback_reply(
		    reply, m->role_status ? m->role_status : 200, "", "web\n");
	} else {
		give_keys(m, reply);
	}
	return true;
}

/* ---- a client of it ---- */

struct
try {
	struct metadata m;
	const char *config;
	void (*body)(struct credentials *, struct try *);
	struct loopback server;
	int result;
	struct secret got;
	struct err err;
};

static void
with_credentials(struct http *http, void *arg)
{
	struct try *t = arg;
	auto_of(config_free) struct config *config = config_new();
	struct credentials_settings s = { .config = config,
		.profile = "default",
		.region = "eu-west-1",
		.http = http };
	auto_of(credentials_free) struct credentials *c = NULL;

	if (t->config != NULL)
		ck_assert_int_eq(config_add(config, CONFIG_FILE, "config",
				     t->config, strlen(t->config), &t->err),
		    0);
	c = credentials_new(&s);
	t->body(c, t);
}

static void
once(struct credentials *c, struct try *t)
{
	t->result = credentials_get(c, &t->got, &t->err);
}

/* variable: set to the URL of the service, with path behind it. */
static void
run(struct try *t, const char *variable, const char *path)
{
	auto_free char *url = NULL;

	t->body = t->body ? t->body : once;
	t->server.answer = metadata_answer;
	t->server.arg = &t->m;
	loopback_start(&t->server);
	url = mem_fmt("http://127.0.0.1:%d%s", t->server.port, path);
	setenv(variable, url, 1);
	in_worker(with_credentials, t);
	loopback_stop(&t->server);
	unsetenv(variable);
}

#define INSTANCE  "AWS_EC2_METADATA_SERVICE_ENDPOINT", ""
#define CONTAINER "AWS_CONTAINER_CREDENTIALS_FULL_URI", "/v1/x?y=z"

static void
set_up(void)
{
	clear_environment();
	setenv("AWS_EC2_METADATA_DISABLED", "false", 1);
	unsetenv("AWS_EC2_METADATA_V1_DISABLED");
	setenv("http_proxy", "http://127.0.0.1:1", 1); /* must not be used */
}

#define PUT_  "PUT /latest/api/token;"
#define ROLES "/latest/meta-data/iam/security-credentials/"
#define ALL   PUT_ "GET " ROLES ";GET " ROLES "web;"
#define V1    "GET " ROLES ";GET " ROLES "web;"
#define OFF   "[default]\nec2_metadata_v1_disabled = true\n"

/* ---- an instance ---- */

static const struct row {
	const char *name;
	struct metadata m;
	const char *config;
	const char *seen;
	const char *error; /* NULL: keys */
} instances[] = {
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

static void
check(const struct row *r, struct try *t)
{
	ck_assert_str_eq(t->m.seen, r->seen);
	if (r->error == NULL) {
		ck_assert_msg(t->result == 0, "%s: %s", r->name, t->err.msg);
		ck_assert_str_eq(t->got.access_key, "k1");
		ck_assert_str_eq(t->got.secret_key, SECRET);
		ck_assert_str_eq(t->got.session_token, "t");
		ck_assert(t->got.expires > clock_wall());
		secret_free(&t->got);
		return;
	}
	ck_assert_msg(t->result == -1, "%s", r->name);
	ck_assert_int_eq(t->err.kind, ERR_AUTH);
	ck_assert_msg(strstr(t->err.msg, r->error) != NULL, "%s: %s", r->name,
	    t->err.msg);
	ck_assert_ptr_null(strstr(t->err.msg, SECRET));
}

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

/* ---- a container ---- */

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

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

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
	tcase_add_loop_test(t, container, 0, LEN(containers));
	tcase_add_test(t, container_down);
	tcase_add_test(t, container_token_file);
	tcase_add_test(t, container_token);
	tcase_add_loop_test(t, container_urls, 0, LEN(urls));
	tcase_add_test(t, container_elsewhere);
	tcase_add_loop_test(t, source_down, 0, 2);
	tcase_add_test(t, stale_keys);
	tcase_add_test(t, one_refresher);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
