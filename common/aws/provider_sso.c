/* Credentials of an SSO session: GetRoleCredentials with its token. */

#include "common/aws/provider_sso.h"
#include "common/aws/client.h"

#include <stdlib.h>
#include <string.h>

/* ERR_AUTH: sso_session names a section that is not there. */
static int
read_session(const struct provider_query *q, struct sso *s, struct err *err)
{
	const struct config *c = q->settings->config;

	s->session = provider_property(q, "sso_session");
	if (s->session == NULL) {
		s->start_url = provider_property(q, "sso_start_url");
		s->region = provider_property(q, "sso_region");
		return 0;
	}
	if (!config_has(c, CONFIG_SSO_SESSION, s->session))
		return err_set(
		    err, ERR_AUTH, "sso_session %s does not exist", s->session);
	s->start_url = config_get(
	    c, CONFIG_SSO_SESSION, s->session, "sso_start_url");
	s->region = config_get(c, CONFIG_SSO_SESSION, s->session, "sso_region");
	return 0;
}

static int
check(const struct sso *s, struct err *err)
{
	const struct {
		const char *name, *value;
	} all[] = { { "sso_account_id", s->account },
		{ "sso_role_name", s->role }, { "sso_region", s->region },
		{ "sso_start_url", s->start_url } };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].value == NULL)
			return err_set(
			    err, ERR_AUTH, "%s is missing", all[i].name);
	return 0;
}

/* Keys of sso have names and an expiry (milliseconds) of their own. */
static int
take_keys(const json_t *keys, struct secret *ret, struct err *err)
{
	if (provider_keys("sso", js_str(keys, "accessKeyId"),
		js_str(keys, "secretAccessKey"), js_str(keys, "sessionToken"),
		ret, err) != PROVIDER_OK)
		return err_set(err, ERR_AUTH, "no keys in the answer");
	ret->expires = (double)js_int(keys, "expiration", 0) / 1000;
	return 0;
}

static int
role_keys(const struct provider_query *q, const struct sso *s,
    const char *token, struct secret *ret, struct err *err)
{
	auto_of(aws_free) struct aws *aws = NULL;
	json_auto_t *in = js_pack(
	    "{s:s, s:s}", "accountId", s->account, "roleName", s->role);
	json_auto_t *out = NULL;
	int rc;

	js_set_str(in, "accessToken", token);
	rc = provider_client(q, s->region, NULL, &aws, err);
	if (rc == 0)
		rc = aws_call(aws, "sso", "GetRoleCredentials", in, &out, err);
	if (rc == 0)
		rc = take_keys(js_get(out, "roleCredentials"), ret, err);
	provider_wipe_json(in);
	provider_wipe_json(out);
	return rc;
}

static int
fetch(const struct provider_query *q, const struct sso *s, struct secret *ret,
    struct err *err)
{
	char *token = NULL;
	int rc;

	if (check(s, err) == -1 || sso_token(q, s, &token, err) == -1)
		return -1;
	rc = role_keys(q, s, token, ret, err);
	if (rc == -1)
		secret_hide(token, err->msg);
	mem_wipe(token, strlen(token));
	free(token);
	if (rc == -1 && err->http == 401)
		return err_wrap(err, "run \"aws sso login\"");
	return rc;
}

/* A session without account and role is for other tools. */
enum provider_answer
provider_sso(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	struct sso s = { .account = provider_property(q, "sso_account_id"),
		.role = provider_property(q, "sso_role_name") };
	int rc;

	if (s.account == NULL && s.role == NULL)
		return PROVIDER_NONE;
	rc = read_session(q, &s, err);
	if (rc == 0)
		rc = fetch(q, &s, ret, err);
	return rc == 0 ? PROVIDER_OK
		       : err_wrap(err, "profile %s: sso", q->profile);
}
