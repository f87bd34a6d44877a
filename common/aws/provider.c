/* The providers that need no service, and the table of all: provider.h. */

#include "common/aws/provider.h"

#include <stdlib.h>
#include <string.h>

/* Blank is the same as absent. */
static const char *
meaningful(const char *s)
{
	return s != NULL && s[strspn(s, " \t\r\n")] != 0 ? s : NULL;
}

enum provider_answer
provider_keys(const char *where, const char *access_key, const char *secret_key,
    const char *token, struct secret *ret, struct err *err)
{
	access_key = meaningful(access_key);
	secret_key = meaningful(secret_key);
	if (access_key == NULL && secret_key == NULL)
		return PROVIDER_NONE;
	if (access_key == NULL || secret_key == NULL)
		return err_set(err, ERR_AUTH, "%s: the %s is missing", where,
		    access_key == NULL ? "access key id" : "secret access key");
	ret->access_key = mem_str(access_key);
	ret->secret_key = mem_str(secret_key);
	ret->session_token = mem_str(meaningful(token));
	ret->expires = 0;
	return PROVIDER_OK;
}

static enum provider_answer
from_environment(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	if (q->settings->explicit_profile)
		return PROVIDER_NONE;
	return provider_keys("environment", getenv("AWS_ACCESS_KEY_ID"),
	    getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN"), ret,
	    err);
}

static enum provider_answer
from_profile(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	const struct config *c = q->settings->config;
	auto_free char *where = mem_fmt("profile %s", q->profile);

	return provider_keys(where,
	    config_get(c, CONFIG_PROFILE, q->profile, "aws_access_key_id"),
	    config_get(c, CONFIG_PROFILE, q->profile, "aws_secret_access_key"),
	    config_get(c, CONFIG_PROFILE, q->profile, "aws_session_token"), ret,
	    err);
}

static const struct provider providers[] = {
	{ "environment", false, from_environment },
	{ "profile", true, from_profile },
};

enum provider_answer
provider_chain(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	enum provider_answer a = PROVIDER_NONE;
	size_t n = sizeof(providers) / sizeof(providers[0]);

	for (size_t i = 0; i < n && a == PROVIDER_NONE; i++)
		a = providers[i].fetch(q, ret, err);
	return a;
}

enum provider_answer
provider_of_profile(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	enum provider_answer a = PROVIDER_NONE;
	size_t n = sizeof(providers) / sizeof(providers[0]);

	for (size_t i = 0; i < n && a == PROVIDER_NONE; i++)
		if (providers[i].of_profile)
			a = providers[i].fetch(q, ret, err);
	return a;
}
