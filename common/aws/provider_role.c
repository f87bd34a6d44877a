/* Credentials of a role: sts AssumeRole, with keys or a web identity. */

#include "common/aws/client.h"
#include "common/aws/provider_impl.h"
#include "common/base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define get provider_property

int
provider_client(const struct provider_query *q, const char *region,
    const struct secret *keys, struct aws **ret, struct err *err)
{
	const struct credentials_settings *s = q->settings;
	struct aws_settings settings = { .region = region,
		.profile = q->profile,
		.endpoint_url = s->endpoint_url };

	if (s->http == NULL)
		return err_set(err, ERR_AUTH,
		    "profile %s: AWS must be asked for its keys, and there is "
		    "no network",
		    q->profile);
	return aws_new_with(&settings, s->http, s->config, keys, ret, err);
}

/* One call to sts; keys NULL: unsigned. */
static int
ask_sts(const struct provider_query *q, const char *region,
    const char *operation, const struct secret *keys, const json_t *in,
    struct secret *ret, struct err *err)
{
	auto_of(aws_free) struct aws *sts = NULL;
	json_auto_t *out = NULL;
	int rc;

	if (provider_client(q, region, keys, &sts, err) == -1 ||
	    aws_call(sts, "sts", operation, in, &out, err) == -1)
		return -1;
	rc = provider_from_json(js_get(out, "Credentials"), ret, err);
	provider_wipe_json(out);
	return rc == 0 ? 0 : err_wrap(err, "sts %s", operation);
}

/* That of the profile whose role it is, or else of the client. */
static const char *
profile_region(const struct provider_query *q)
{
	const char *region = get(q, "region");

	return region != NULL ? region : q->settings->region;
}

static json_t *
session_name(const char *configured)
{
	return configured != NULL && *configured != 0
		   ? js_new_str(configured)
		   : js_fmt("convergd-%d-%.0f", (int)getpid(), clock_wall());
}

static int
bad_profile(const struct provider_query *q, const char *what, struct err *err)
{
	return err_set(err, ERR_AUTH, "profile %s: %s", q->profile, what);
}

/* --- with keys -------------------------------------------------------- */

static enum provider_answer
from_environment(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	(void)q;
	return provider_keys("environment", getenv("AWS_ACCESS_KEY_ID"),
	    getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN"), ret,
	    err);
}

static const struct {
	const char *name;
	enum provider_answer (*fetch)(
	    const struct provider_query *, struct secret *ret, struct err *);
} sources[] = {
	{ "Environment", from_environment },
	{ "Ec2InstanceMetadata", provider_imds },
	{ "EcsContainer", provider_container },
};

/* credential_source of a profile */
static enum provider_answer
named_source(const struct provider_query *q, const char *name,
    struct secret *ret, struct err *err)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if (strcasecmp(sources[i].name, name) == 0)
			return sources[i].fetch(q, ret, err);
	return bad_profile(q,
	    "credential_source is none of Environment, Ec2InstanceMetadata "
	    "and EcsContainer",
	    err);
}

static bool
is_loop(const struct provider_query *q, const char *source)
{
	for (; q != NULL; q = q->outer)
		if (strcmp(q->profile, source) == 0)
			return true;
	return false;
}

/* The keys that may assume the role. A profile may name itself: then its own
 * keys are meant. */
static enum provider_answer
source_keys(const struct provider_query *q, struct secret *ret, struct err *err)
{
	const char *source = get(q, "source_profile");
	const char *named = get(q, "credential_source");
	struct provider_query inner = *q;

	if (source == NULL && named == NULL)
		return bad_profile(q,
		    "role_arn needs source_profile or credential_source", err);
	if (source == NULL)
		return named_source(q, named, ret, err);
	if (strcmp(source, q->profile) == 0)
		return provider_profile_keys(q, ret, err);
	if (is_loop(q, source))
		return bad_profile(
		    q, "source_profile formed an infinite loop", err);
	if (!config_has(q->settings->config, CONFIG_PROFILE, source))
		return bad_profile(q, "source_profile does not exist", err);
	inner.profile = source;
	inner.outer = q;
	return provider_of_profile(&inner, ret, err);
}

/* A profile in the middle of a chain that has keys needs no role. */
static bool
has_own_keys(const struct provider_query *q)
{
	return q->outer != NULL && get(q, "aws_access_key_id") != NULL &&
	       get(q, "aws_secret_access_key") != NULL;
}

static json_t *
role_input(const struct provider_query *q, const char *role)
{
	const char *duration = get(q, "duration_seconds");
	json_t *in = js_pack("{s:s}", "RoleArn", role);

	js_set(
	    in, "RoleSessionName", session_name(get(q, "role_session_name")));
	js_set_str(in, "ExternalId", get(q, "external_id"));
	if (duration != NULL)
		js_set(in, "DurationSeconds",
		    json_integer(strtol(duration, NULL, 10)));
	return in;
}

enum provider_answer
provider_role(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	const char *role = get(q, "role_arn");
	json_auto_t *in = NULL;
	struct secret source = { 0 };
	enum provider_answer a;
	int rc;

	if (role == NULL || has_own_keys(q) ||
	    get(q, "web_identity_token_file") != NULL)
		return PROVIDER_NONE;
	if (get(q, "mfa_serial") != NULL)
		return bad_profile(
		    q, "mfa_serial: a daemon cannot ask for a code", err);
	a = source_keys(q, &source, err);
	if (a == PROVIDER_NONE)
		return bad_profile(
		    q, "the source of the role has no credentials", err);
	if (a == PROVIDER_ERROR)
		return a;
	in = role_input(q, role);
	rc = ask_sts(q, profile_region(q), "AssumeRole", &source, in, ret, err);
	secret_free(&source);
	return rc == 0 ? PROVIDER_OK : PROVIDER_ERROR;
}

/* The region is the client's: the profile may be of another account. */
enum provider_answer
provider_given_role(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	const struct credentials_settings *s = q->settings;
	json_auto_t *in = js_pack("{s:s}", "RoleArn", s->role_arn);
	struct secret source = { 0 };
	enum provider_answer a = provider_chain(q, &source, err);
	int rc;

	if (a != PROVIDER_OK)
		return a;
	js_set(in, "RoleSessionName", session_name(s->role_session));
	js_set_str(in, "ExternalId", s->external_id);
	rc = ask_sts(q, s->region, "AssumeRole", &source, in, ret, err);
	secret_free(&source);
	return rc == 0 ? PROVIDER_OK : err_wrap(err, "role %s", s->role_arn);
}

/* --- with a web identity ---------------------------------------------- */

/* The file is replaced while we run, so it is read each time. */
static enum provider_answer
web_identity(const struct provider_query *q, const char *role, const char *file,
    const char *session, struct secret *ret, struct err *err)
{
	auto_buf struct buf token = BUF_INIT;
	json_auto_t *in = js_pack("{s:s}", "RoleArn", role);
	int rc;

	if (provider_read_file(file, &token, err) == -1)
		return PROVIDER_ERROR;
	js_set(in, "RoleSessionName", session_name(session));
	js_set_str(in, "WebIdentityToken", token.data);
	rc = ask_sts(q, profile_region(q), "AssumeRoleWithWebIdentity", NULL,
	    in, ret, err);
	if (rc == -1)
		secret_hide(token.data, err->msg);
	provider_wipe_json(in);
	mem_wipe(token.data, token.len);
	return rc == 0 ? PROVIDER_OK : PROVIDER_ERROR;
}

enum provider_answer
provider_web_identity(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	const char *file = get(q, "web_identity_token_file");
	const char *role = get(q, "role_arn");

	if (file == NULL || has_own_keys(q))
		return PROVIDER_NONE;
	if (role == NULL)
		return bad_profile(q,
		    "`web_identity_token_file` was specified but `role_arn` "
		    "was missing",
		    err);
	return web_identity(
	    q, role, file, get(q, "role_session_name"), ret, err);
}

enum provider_answer
provider_web_identity_env(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	const char *file = getenv("AWS_WEB_IDENTITY_TOKEN_FILE");
	const char *role = getenv("AWS_ROLE_ARN");

	if (q->settings->explicit_profile || file == NULL || role == NULL ||
	    *file == 0 || *role == 0)
		return PROVIDER_NONE;
	return web_identity(
	    q, role, file, getenv("AWS_ROLE_SESSION_NAME"), ret, err);
}
