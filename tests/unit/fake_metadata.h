/*
 * The metadata services of instances and containers, on the loopback
 * address, and credentials that ask them; for tests.
 */
#ifndef TESTS_UNIT_FAKE_METADATA_H
#define TESTS_UNIT_FAKE_METADATA_H

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

static inline void
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

static inline bool
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

static inline void
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

static inline void
once(struct credentials *c, struct try *t)
{
	t->result = credentials_get(c, &t->got, &t->err);
}

/* variable: set to the URL of the service, with path behind it. */
static inline void
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

static inline void
set_up(void)
{
	clear_environment();
	setenv("AWS_EC2_METADATA_DISABLED", "false", 1);
	unsetenv("AWS_EC2_METADATA_V1_DISABLED");
	setenv("http_proxy", "http://127.0.0.1:1", 1); /* must not be used */
}

struct row {
	const char *name;
	struct metadata m;
	const char *config;
	const char *seen;
	const char *error; /* NULL: keys */
};

static inline void
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

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

#endif
