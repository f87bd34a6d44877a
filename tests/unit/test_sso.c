/* Keys of an SSO session: the cache that other tools share, its renewal. */

#include "common/aws/provider_impl.h"
#include "tests/unit/conformance.h"
#include "tests/unit/fake_sts.h"

#include <glob.h>
#include <sys/stat.h>

/* SHA-1 of "dev" and of "https://start" */
#define SESSION_FILE "34c6fceca75e456f25e7e99531e2425c6c1de443"
#define START_FILE   "6ad0e7e61d1f47e491ea32c2031add41ef92e07d"

#define LEGACY                                                                 \
	"[default]\nsso_start_url = https://start\nsso_region = eu-west-1\n"   \
	"sso_account_id = 012345678901\nsso_role_name = Role\n"
#define SESSION                                                                \
	"[default]\nsso_session = dev\nsso_account_id = 012345678901\n"        \
	"sso_role_name = Role\n"                                               \
	"[sso-session dev]\nsso_region = eu-west-1\n"                          \
	"sso_start_url = https://start\n"

#define TOKEN "TOPSECRETtoken"
#define CLIENT                                                                 \
	",\"refreshToken\":\"TOPSECRETrefresh\",\"clientId\":\"id\","          \
	"\"clientSecret\":\"TOPSECRETclient\",\"region\":\"eu-west-1\""

struct portal {
	int role_status, token_status;
	unsigned roles, tokens;
	char bearer[64], target[256], renewal[1024];
};

static bool
portal_answer(struct loopback *server, const char *request, struct buf *reply)
{
	struct portal *p = server->arg;

	if (strncmp(request, "POST /token ", 12) == 0) {
		p->tokens++;
		snprintf(p->renewal, sizeof(p->renewal), "%s",
		    strstr(request, "\r\n\r\n") + 4);
		loopback_reply(reply, p->token_status, "",
		    p->token_status == 200
			? "{\"accessToken\":\"TOPSECRETnew\",\"expiresIn\":"
			  "28800,\"refreshToken\":\"TOPSECRETnext\"}"
			: "{\"error\":\"invalid_grant\","
			  "\"error_description\":\"over\"}");
		return true;
	}
	auto_free char *bearer = between(
	    request, "x-amz-sso_bearer_token: ", "\r");

	p->roles++;
	snprintf(p->bearer, sizeof(p->bearer), "%s", bearer);
	snprintf(p->target, sizeof(p->target), "%.*s",
	    (int)strcspn(request, "\r"), request);
	loopback_reply(reply, p->role_status, "",
	    p->role_status == 200
		? "{\"roleCredentials\":{\"accessKeyId\":\"k\","
		  "\"secretAccessKey\":\"s\",\"sessionToken\":\"t\","
		  "\"expiration\":3471292800000}}"
		: "{\"__type\":\"UnauthorizedException\","
		  "\"message\":\"Session token not found or invalid\"}");
	return true;
}

static const struct row {
	const char *name, *config, *file;
	double left;      /* of the token, in seconds; 0: no file */
	const char *more; /* in the file */
	int role_status, token_status;
	const char *bearer; /* that was used; NULL: none */
	unsigned renewed;
	const char *error;
} rows[] = {
	{ "old form", LEGACY, START_FILE, 7200, "", 200, 0, TOKEN, 0, NULL },
	{ "old form, ends soon", LEGACY, START_FILE, 300, CLIENT, 200, 200,
	    TOKEN, 0, NULL },
	{ "old form, expired", LEGACY, START_FILE, -10, CLIENT, 200, 200, NULL,
	    0, "has expired: run \"aws sso login\"" },
	{ "session", SESSION, SESSION_FILE, 7200, CLIENT, 200, 200, TOKEN, 0,
	    NULL },
	{ "session, ends soon", SESSION, SESSION_FILE, 300, CLIENT, 200, 200,
	    "TOPSECRETnew", 1, NULL },
	{ "session, expired", SESSION, SESSION_FILE, -10, CLIENT, 200, 200,
	    "TOPSECRETnew", 1, NULL },
	{ "session, ends soon, no renewal", SESSION, SESSION_FILE, 300, CLIENT,
	    200, 400, TOKEN, 1, NULL },
	{ "session, expired, no renewal", SESSION, SESSION_FILE, -10, CLIENT,
	    200, 400, NULL, 1, "sso-oidc CreateToken" },
	{ "session, expired, nothing to renew with", SESSION, SESSION_FILE, -10,
	    "", 200, 200, NULL, 0, "has expired: run \"aws sso login\"" },
	{ "session, registration over", SESSION, SESSION_FILE, -10,
	    CLIENT ",\"registrationExpiresAt\":\"2020-01-01T00:00:00Z\"", 200,
	    200, NULL, 0, "has expired" },
	{ "the portal does not know it", SESSION, SESSION_FILE, 7200, CLIENT,
	    401, 200, TOKEN, 0, "run \"aws sso login\"" },
	{ "nobody logged in", SESSION, SESSION_FILE, 0, "", 200, 200, NULL, 0,
	    "does not exist: run \"aws sso login\"" },
	{ "no role", "[default]\nsso_account_id = 1\n", START_FILE, 0, "", 200,
	    200, NULL, 0, "sso_role_name is missing" },
	{ "no account", "[default]\nsso_role_name = 1\n", START_FILE, 0, "",
	    200, 200, NULL, 0, "sso_account_id is missing" },
	{ "no session of that name",
	    "[default]\nsso_session = x\nsso_account_id = 1\n"
	    "sso_role_name = r\n",
	    START_FILE, 0, "", 200, 200, NULL, 0, "sso_session x" },
	{ "only a session", "[default]\nsso_session = dev\n", START_FILE, 0, "",
	    200, 200, NULL, 0, "no credentials: set" },
};

static char home[] = "/tmp/test_sso.XXXXXX";

static char *
cache_file(const char *name)
{
	return mem_fmt("%s/.aws/sso/cache/%s.json", home, name);
}

static void
make_home(const struct row *r)
{
	static const char *const dirs[] = { "/.aws", "/.aws/sso",
		"/.aws/sso/cache" };
	auto_free char *path = NULL;
	auto_buf struct buf text = BUF_INIT;
	FILE *f;

	ck_assert_ptr_nonnull(mkdtemp(home));
	setenv("HOME", home, 1);
	for (int i = 0; i < 3; i++) {
		auto_free char *dir = mem_fmt("%s%s", home, dirs[i]);

		ck_assert_int_eq(mkdir(dir, 0700), 0);
	}
	if (r->left == 0)
		return;
	buf_adds(&text, "{\"accessToken\":\"" TOKEN "\",\"expiresAt\":\"");
	clock_add_iso(&text, clock_wall() + r->left);
	buf_addf(&text, "\",\"startUrl\":\"https://start\"%s}", r->more);
	path = cache_file(r->file);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text.data, f);
	fclose(f);
}

static void
remove_home(void)
{
	static const char *const patterns[] = { "/.aws/sso/cache/*",
		"/.aws/sso/cache", "/.aws/sso", "/.aws", "" };

	for (int i = 0; i < 5; i++) {
		auto_free char *pattern = mem_fmt("%s%s", home, patterns[i]);
		glob_t found;

		if (glob(pattern, 0, NULL, &found) != 0)
			continue;
		for (size_t k = 0; k < found.gl_pathc; k++)
			remove(found.gl_pathv[k]);
		globfree(&found);
	}
}

struct
try {
	const struct row *row;
	struct loopback server;
	struct portal portal;
	int result;
	struct secret got;
	struct err err;
};

static void
get(struct http *http, void *arg)
{
	struct try *t = arg;
	auto_of(config_free) struct config *config = config_new();
	auto_free char *url = mem_fmt("http://127.0.0.1:%d", t->server.port);
	struct credentials_settings s = { .config = config,
		.profile = "default",
		.endpoint_url = url,
		.http = http };
	auto_of(credentials_free) struct credentials *c = NULL;

	ck_assert_int_eq(config_add(config, CONFIG_FILE, "config",
			     t->row->config, strlen(t->row->config), &t->err),
	    0);
	c = credentials_new(&s);
	t->result = credentials_get(c, &t->got, &t->err);
}

/* What others read there after a renewal. */
static void
check_cache(const struct row *r)
{
	auto_free char *path = cache_file(r->file);
	auto_buf struct buf text = BUF_INIT;
	json_auto_t *x = NULL;
	struct err err;
	struct stat st;
	bool fresh = r->renewed > 0 && r->token_status == 200;

	ck_assert(conformance_read(path, &text));
	ck_assert_int_eq(js_parse(text.data, text.len, &x, &err), 0);
	ck_assert_str_eq(
	    js_str(x, "accessToken"), fresh ? "TOPSECRETnew" : TOKEN);
	ck_assert_str_eq(js_str(x, "startUrl"), "https://start");
	if (!fresh)
		return;
	ck_assert_str_eq(js_str(x, "refreshToken"), "TOPSECRETnext");
	ck_assert_str_eq(js_str(x, "clientSecret"), "TOPSECRETclient");
	ck_assert(provider_time(js_str(x, "expiresAt")) > clock_wall() + 28000);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
}

static void
check_keys(struct try *t)
{
	ck_assert_msg(t->result == 0, "%s: %s", t->row->name, t->err.msg);
	ck_assert_str_eq(t->got.access_key, "k");
	ck_assert_str_eq(t->got.session_token, "t");
	ck_assert_double_eq_tol(t->got.expires, 3471292800.0, 1);
	ck_assert_str_eq(t->portal.target,
	    "GET /federation/credentials?role_name=Role&"
	    "account_id=012345678901 HTTP/1.1");
	secret_free(&t->got);
}

START_TEST(sso)
{
	const struct row *r = &rows[_i];
	struct try t = { .row = r,
		.portal = { r->role_status, r->token_status } };

	clear_environment();
	make_home(r);
	t.server.answer = portal_answer;
	t.server.arg = &t.portal;
	loopback_start(&t.server);
	in_worker(get, &t);
	loopback_stop(&t.server);
	if (r->left != 0)
		check_cache(r);
	remove_home();
	ck_assert_str_eq(t.portal.bearer, r->bearer ? r->bearer : "");
	ck_assert_uint_eq(t.portal.tokens, r->renewed);
	if (r->renewed > 0)
		ck_assert_str_eq(t.portal.renewal,
		    "{\"grantType\":\"refresh_token\",\"clientId\":\"id\","
		    "\"clientSecret\":\"TOPSECRETclient\","
		    "\"refreshToken\":\"TOPSECRETrefresh\"}");
	if (r->error == NULL) {
		check_keys(&t);
		return;
	}
	ck_assert_msg(t.result == -1, "%s", r->name);
	ck_assert_msg(
	    strstr(t.err.msg, r->error) != NULL, "%s: %s", r->name, t.err.msg);
	ck_assert_ptr_null(strstr(t.err.msg, "TOPSECRET"));
}
END_TEST

/* --- several that share the cache ---------------------------------------- */

#define SEVERAL 6

/* The refresh token works once; a second renewal would end the session. */
static bool
jealous_answer(struct loopback *server, const char *request, struct buf *reply)
{
	struct portal *p = server->arg;

	p->token_status = p->tokens == 0 ? 200 : 400;
	pthread_mutex_unlock(&server->lock);
	usleep(20000);
	pthread_mutex_lock(&server->lock);
	return portal_answer(server, request, reply);
}

struct one {
	struct try try;
	struct http *http;
};

static void *
get_one(void *arg)
{
	struct one *o = arg;

	get(o->http, &o->try);
	return NULL;
}

static void
get_several(struct http *http, void *arg)
{
	struct one *all = arg;
	pthread_t threads[SEVERAL];

	for (int i = 0; i < SEVERAL; i++) {
		all[i].http = http;
		must(pthread_create(&threads[i], NULL, get_one, &all[i]) == 0);
	}
	for (int i = 0; i < SEVERAL; i++)
		must(pthread_join(threads[i], NULL) == 0);
}

static const struct row *
row_named(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

START_TEST(one_of_several_renews)
{
	const struct row *r = row_named("session, expired");
	struct one all[SEVERAL] = { 0 };
	struct portal portal = { 200, 200 };
	struct loopback server = { .answer = jealous_answer, .arg = &portal };

	clear_environment();
	make_home(r);
	loopback_start(&server);
	for (int i = 0; i < SEVERAL; i++)
		all[i].try = (struct try){ .row = r,
			.server.port = server.port };
	in_worker(get_several, all);
	loopback_stop(&server);
	remove_home();
	ck_assert_uint_eq(portal.tokens, 1);
	for (int i = 0; i < SEVERAL; i++) {
		ck_assert_msg(all[i].try.result == 0, "%s", all[i].try.err.msg);
		secret_free(&all[i].try.got);
	}
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("sso");
	TCase *t = tcase_create("sso");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, sso, 0, LEN(rows));
	tcase_add_test(t, one_of_several_renews);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
