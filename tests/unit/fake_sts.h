/*
 * A chain of providers with a fake sts behind it, for tests.
 */
#ifndef TESTS_UNIT_FAKE_STS_H
#define TESTS_UNIT_FAKE_STS_H

#include "common/aws/credentials.h"
#include "common/base/clock.h"
#include "tests/unit/loopback.h"
#include "tests/unit/worker.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names the caller's key and the role in the keys it gives, so that a chain
 * of roles can be read from its end: "B<A<key>>". */
struct sts {
	int lifetime; /* seconds; 0: a fixed time far away */
	bool refuse;
	unsigned served;
	char last[2048]; /* the last request's body */
};

/* Between two texts of a request, copied; "" if they are not there. */
static inline char *
between(const char *text, const char *start, const char *end)
{
	const char *p = strstr(text, start);

	if (p == NULL)
		return mem_str("");
	p += strlen(start);
	return mem_strn(p, strcspn(p, end));
}

static inline bool
sts_answer(struct loopback *server, const char *request, struct buf *reply)
{
	struct sts *s = server->arg;
	auto_free char *caller = between(request, "Credential=", "/");
	auto_free char *role = between(request, "%3Arole%2F", "&\r\n");
	auto_free char *op = between(request, "Action=", "&");
	auto_buf struct buf body = BUF_INIT;

	s->served++;
	snprintf(
	    s->last, sizeof(s->last), "%s", strstr(request, "\r\n\r\n") + 4);
	if (s->refuse) {
		loopback_reply(reply, 403, "",
		    "<ErrorResponse><Error><Code>AccessDenied</Code>"
		    "<Message>no</Message></Error></ErrorResponse>");
		return true;
	}
	buf_addf(&body,
	    "<%sResponse><%sResult><Credentials><AccessKeyId>%s(%s)"
	    "</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
	    "<SessionToken>t</SessionToken><Expiration>",
	    op, op, role, caller);
	if (s->lifetime == 0)
		buf_adds(&body, "2080-01-01T00:00:00Z");
	else
		clock_add_iso(&body, clock_wall() + s->lifetime);
	buf_addf(&body, "</Expiration></Credentials></%sResult></%sResponse>",
	    op, op);
	loopback_reply(reply, 200, "", body.data);
	return true;
}

/* --- one chain -------------------------------------------------------- */

struct chain {
	const char *config, *profile;
	bool is_explicit;
	const char *role_arn, *role_session, *external_id;
	unsigned times;
	struct loopback server;
	struct sts sts;
	int result;
	struct secret got;
	struct err err;
};

static inline void
ask(struct http *http, void *arg)
{
	struct chain *c = arg;
	auto_of(config_free) struct config *config = config_new();
	auto_free char *url = mem_fmt("http://127.0.0.1:%d", c->server.port);
	struct credentials_settings s = { .config = config,
		.profile = c->profile,
		.explicit_profile = c->is_explicit,
		.region = "eu-west-1",
		.role_arn = c->role_arn,
		.role_session = c->role_session,
		.external_id = c->external_id,
		.endpoint_url = url,
		.http = http };
	auto_of(credentials_free) struct credentials *creds = NULL;

	ck_assert_int_eq(config_add(config, CONFIG_FILE, "config", c->config,
			     strlen(c->config), &c->err),
	    0);
	creds = credentials_new(&s);
	for (unsigned i = 0; i < c->times; i++) {
		secret_free(&c->got);
		c->result = credentials_get(creds, &c->got, &c->err);
	}
}

static inline void
chain_run(struct chain *c)
{
	c->times = c->times ? c->times : 1;
	c->server.answer = sts_answer;
	c->server.arg = &c->sts;
	loopback_start(&c->server);
	in_worker(ask, c);
	loopback_stop(&c->server);
}

static inline void
clear_environment(void)
{
	static const char *const names[] = { "AWS_ACCESS_KEY_ID",
		"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
		"AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_MAX_ATTEMPTS",
		"CREDENTIALS_DIRECTORY",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
}

#endif
