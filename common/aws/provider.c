/* The providers that need no service, and the table of all: provider.h. */

#include "common/aws/provider_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_FILE (64u << 10)

const char *
provider_property(const struct provider_query *q, const char *key)
{
	return config_get(q->settings->config, CONFIG_PROFILE, q->profile, key);
}

const char *
provider_setting(
    const struct provider_query *q, const char *variable, const char *property)
{
	const char *value = getenv(variable);

	return value != NULL && *value != 0 ? value
					    : provider_property(q, property);
}

int
provider_read_file(const char *path, struct buf *ret, struct err *err)
{
	FILE *f = fopen(path, "re");
	char part[4096];
	size_t n;

	if (f == NULL)
		return err_errno(err, "%s", path);
	while ((n = fread(part, 1, sizeof(part), f)) > 0 && ret->len < MAX_FILE)
		buf_add(ret, part, n);
	fclose(f);
	mem_wipe(part, sizeof(part));
	while (ret->len > 0 && strchr(" \r\n\t", ret->data[ret->len - 1]))
		ret->data[--ret->len] = 0;
	return ret->len > 0 ? 0 : err_set(err, ERR_AUTH, "%s: is empty", path);
}

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

/* One of the credentials that systemd gives to the service; 0 if there is
 * none of that name. */
static int
read_loaded(const char *name, struct buf *ret, struct err *err)
{
	auto_free char *path = mem_fmt(
	    "%s/%s", getenv("CREDENTIALS_DIRECTORY"), name);

	return access(path, F_OK) == -1 ? 0
					: provider_read_file(path, ret, err);
}

/* LoadCredential=aws-access-key-id:... and so on of our unit. */
static enum provider_answer
from_systemd(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	static const char *const names[] = { "aws-access-key-id",
		"aws-secret-access-key", "aws-session-token" };
	struct buf texts[] = { BUF_INIT, BUF_INIT, BUF_INIT };
	enum provider_answer a = PROVIDER_OK;

	if (q->settings->explicit_profile ||
	    getenv("CREDENTIALS_DIRECTORY") == NULL)
		return PROVIDER_NONE;
	for (int i = 0; i < 3 && a == PROVIDER_OK; i++)
		a = read_loaded(names[i], &texts[i], err);
	if (a == PROVIDER_OK)
		a = provider_keys("$CREDENTIALS_DIRECTORY", texts[0].data,
		    texts[1].data, texts[2].data, ret, err);
	for (int i = 0; i < 3; i++) {
		mem_wipe(texts[i].data, texts[i].len);
		buf_free(&texts[i]);
	}
	return a;
}

enum provider_answer
provider_profile_keys(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	auto_free char *where = mem_fmt("profile %s", q->profile);

	return provider_keys(where, provider_property(q, "aws_access_key_id"),
	    provider_property(q, "aws_secret_access_key"),
	    provider_property(q, "aws_session_token"), ret, err);
}

/* The last of all: when it fails, nothing else was configured. */
static enum provider_answer
from_instance(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	enum provider_answer a = provider_imds(q, ret, err);

	return a == PROVIDER_ERROR
		   ? err_wrap(err,
			 "neither AWS_ACCESS_KEY_ID nor profile \"%s\" has any",
			 q->profile)
		   : a;
}

static const struct provider providers[] = {
	{ "environment", false, from_environment },
	{ "credentials of the service", false, from_systemd },
	{ "role", true, provider_role },
	{ "web identity of the environment", false, provider_web_identity_env },
	{ "web identity", true, provider_web_identity },
	{ "sso", true, provider_sso },
	{ "profile", true, provider_profile_keys },
	{ "process", true, provider_process },
	{ "container", false, provider_container },
	{ "instance metadata", false, from_instance }, /* slow when absent */
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
