/* Credentials of an EC2 instance: its metadata service, version 2. */

#include "common/aws/provider_impl.h"
#include "common/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_SEC 1.0
#define ATTEMPTS    1
#define TOKEN_SEC   21600
#define ABSENT_SEC  60.0 /* nothing answered: do not ask again before */

struct imds {
	const struct provider_query *query;
	char *base;         /* URL without '/' at its end */
	struct buf headers; /* with the token of version 2, if there is one */
	double sec;
	int attempts;
};

static bool
is_on(
    const struct provider_query *q, const char *variable, const char *property)
{
	const char *value = provider_setting(q, variable, property);

	return value != NULL && strcasecmp(value, "true") == 0;
}

static double
number(const struct provider_query *q, const char *variable,
    const char *property, double dflt)
{
	const char *value = provider_setting(q, variable, property);
	char *end;
	double n = value == NULL ? dflt : strtod(value, &end);

	return value == NULL || (*end == 0 && n > 0 && n <= 100) ? n : dflt;
}

static char *
base_url(const struct provider_query *q)
{
	const char *url = provider_setting(q,
	    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
	    "ec2_metadata_service_endpoint");
	const char *mode = provider_setting(q,
	    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
	    "ec2_metadata_service_endpoint_mode");
	size_t n;

	if (url == NULL)
		url = mode != NULL && strcasecmp(mode, "ipv6") == 0
			  ? "http://[fd00:ec2::254]"
			  : "http://169.254.169.254";
	for (n = strlen(url); n > 0 && url[n - 1] == '/'; n--)
		continue;
	return mem_strn(url, n);
}

static int
ask(struct imds *m, const char *method, const char *path,
    struct http_response *ret, struct err *err)
{
	auto_free char *url = mem_fmt("%s%s", m->base, path);
	struct provider_request r = { method, url, m->headers.data, m->sec,
		m->attempts };

	return provider_ask(m->query, &r, ret, err);
}

/*
 * Version 1 only where version 2 does not exist, or where the answer with
 * the token may not travel as far as this container.
 */
static enum provider_answer
without_token(struct imds *m, struct err *err)
{
	buf_clear(&m->headers);
	if (!is_on(m->query, "AWS_EC2_METADATA_V1_DISABLED",
		"ec2_metadata_v1_disabled"))
		return PROVIDER_OK;
	return err_set(err, ERR_AUTH,
	    "no token of version 2 was given, and version 1 is disabled");
}

static enum provider_answer
accept_token(struct imds *m, struct http_response *r, struct err *err)
{
	buf_clear(&m->headers);
	if (r->status == 404 || r->status == 405)
		return without_token(m, err);
	if (r->status == 403)
		return err_set(err, ERR_AUTH,
		    "request forbidden: IMDS is disabled (HTTP 403)");
	if (r->status != 200 || r->body.len == 0 ||
	    strpbrk(r->body.data, "\r\n") != NULL)
		return err_set(
		    err, ERR_AUTH, "no token was given (HTTP %d)", r->status);
	buf_addf(&m->headers, "x-aws-ec2-metadata-token: %s\n", r->body.data);
	mem_wipe(r->body.data, r->body.len);
	return PROVIDER_OK;
}

/* NONE: there is no such service here, for the time being. */
static enum provider_answer
fetch_token(struct imds *m, struct err *err)
{
	struct http_response r = HTTP_RESPONSE_INIT;
	enum provider_answer a;

	buf_addf(&m->headers, "x-aws-ec2-metadata-token-ttl-seconds: %d\n",
	    TOKEN_SEC);
	if (ask(m, "PUT", "/latest/api/token", &r, err) == 0)
		a = accept_token(m, &r, err);
	else if (err->kind == ERR_UNKNOWN)
		a = without_token(m, err);
	else
		a = err->kind == ERR_CANCELLED ? PROVIDER_ERROR : PROVIDER_NONE;
	http_response_free(&r);
	return a;
}

#define ROLES "/latest/meta-data/iam/security-credentials/"

/* The first line is the name of the role. */
static enum provider_answer
fetch_role(struct imds *m, char **ret_path, struct err *err)
{
	struct http_response r = HTTP_RESPONSE_INIT;
	enum provider_answer a = PROVIDER_OK;
	size_t n;

	if (ask(m, "GET", ROLES, &r, err) == -1)
		a = err->kind == ERR_NETWORK || err->kind == ERR_UNKNOWN
			? PROVIDER_NONE
			: PROVIDER_ERROR;
	else if (r.status == 404)
		a = PROVIDER_NONE; /* the instance has no role */
	else if (r.status != 200)
		a = err_set(err, ERR_AUTH, "HTTP %d", r.status);
	n = strcspn(r.body.data, "\r\n ");
	if (a == PROVIDER_OK && n == 0)
		a = PROVIDER_NONE;
	if (a == PROVIDER_OK)
		*ret_path = mem_fmt(ROLES "%.*s", (int)n, r.body.data);
	http_response_free(&r);
	return a;
}

static enum provider_answer
fetch_keys(
    struct imds *m, const char *path, struct secret *ret, struct err *err)
{
	struct http_response r = HTTP_RESPONSE_INIT;
	int rc = ask(m, "GET", path, &r, err);

	if (rc == 0 && r.status != 200)
		rc = err_set(err, ERR_AUTH, "HTTP %d", r.status);
	else if (rc == 0)
		rc = provider_answered(&r, ret, err);
	http_response_free(&r);
	return rc;
}

static enum provider_answer
fetch(struct imds *m, struct secret *ret, struct err *err)
{
	auto_free char *path = NULL;
	enum provider_answer a = fetch_token(m, err);

	if (a == PROVIDER_OK)
		a = fetch_role(m, &path, err);
	if (a == PROVIDER_OK)
		a = fetch_keys(m, path, ret, err);
	return a;
}

enum provider_answer
provider_imds(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	struct imds m = { .query = q,
		.headers = BUF_INIT,
		.sec = number(q, "AWS_METADATA_SERVICE_TIMEOUT",
		    "metadata_service_timeout", TIMEOUT_SEC),
		.attempts = (int)number(q, "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
		    "metadata_service_num_attempts", ATTEMPTS) };
	enum provider_answer a;

	if (q->settings->http == NULL ||
	    is_on(q, "AWS_EC2_METADATA_DISABLED", "ec2_metadata_disabled") ||
	    (q->memory != NULL && clock_mono() < q->memory->imds_absent_until))
		return PROVIDER_NONE;
	m.base = base_url(q);
	a = fetch(&m, ret, err);
	if (a == PROVIDER_NONE && q->memory != NULL)
		q->memory->imds_absent_until = clock_mono() + ABSENT_SEC;
	mem_wipe(m.headers.data, m.headers.len);
	buf_free(&m.headers);
	free(m.base);
	return a == PROVIDER_ERROR ? err_wrap(err, "instance metadata") : a;
}
