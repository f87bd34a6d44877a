/* The providers that need no service, and the table of all: provider.h. */

#include "common/aws/provider_impl.h"

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

enum provider_answer
provider_profile_keys(
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
	{ "role", true, provider_role },
	{ "web identity of the environment", false, provider_web_identity_env },
	{ "web identity", true, provider_web_identity },
	{ "profile", true, provider_profile_keys },
	{ "process", true, provider_process },
};

/* A role that a chain starts from may not be the environment's. */
static enum provider_answer
walk(const struct provider_query *q, bool of_profile, struct secret *ret,
    struct err *err)
{
	enum provider_answer a = PROVIDER_NONE;
	size_t n = sizeof(providers) / sizeof(providers[0]);

	for (size_t i = 0; i < n && a == PROVIDER_NONE; i++)
		if (!of_profile || providers[i].of_profile)
			a = providers[i].fetch(q, ret, err);
	return a;
}

enum provider_answer
provider_chain(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	return walk(q, false, ret, err);
}

enum provider_answer
provider_of_profile(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	return walk(q, true, ret, err);
}
