/* Published chains of roles: which keys a profile leads to. */

#include "common/aws/provider.h"
#include "common/base/text.h"
#include "tests/conformance/conformance.h"
#include "tests/conformance/replay.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A service that gives keys whose names stand for how they came about. */
struct names {
	json_t *steps; /* key: what it stands for */
	unsigned n;
};

static char *
part(const char *text, const char *start, const char *end)
{
	const char *p = text == NULL ? NULL : strstr(text, start);

	if (p == NULL)
		return NULL;
	p += strlen(start);
	return mem_strn(p, strcspn(p, end));
}

/* "%3A" is ':' */
static void
add_plain(struct buf *to, const char *percent)
{
	for (const char *s = percent; *s != 0; s++) {
		char hex[3] = { 0 };

		if (*s == '%' && s[1] != 0 && s[2] != 0) {
			memcpy(hex, s + 1, 2);
			buf_addc(to, (char)strtol(hex, NULL, 16));
			s += 2;
		} else {
			buf_addc(to, *s);
		}
	}
}

static void
add_field(struct buf *to, const char *form, const char *key, const char *end)
{
	auto_free char *value = part(form, key, end);

	if (value != NULL) {
		buf_addc(to, ' ');
		add_plain(to, value);
	}
}

/* A new key that stands for this step. */
static void
new_key(struct names *n, const char *step, struct buf *ret)
{
	buf_addf(ret, "K%u", ++n->n);
	js_set_str(n->steps, ret->data, step);
}

/* Keys that were in a file stand for themselves. */
static void
add_step(const struct names *n, const char *key, struct buf *ret)
{
	const char *step = js_str(n->steps, key);

	buf_addf(
	    ret, "%s%s", step != NULL ? "" : "key ", step != NULL ? step : key);
}

static int
from_sts(
    struct names *n, const struct http_request *r, struct http_response *ret)
{
	auto_buf struct buf step = BUF_INIT, key = BUF_INIT;
	auto_free char *form = mem_strn(r->body, r->body_len);
	auto_free char *caller = part(r->headers, "Credential=", "/");
	auto_free char *action = part(form, "Action=", "&");
	bool web = strcmp(action, "AssumeRole") != 0;

	if (!web)
		add_step(n, caller, &step);
	buf_adds(&step, web ? "web" : " > role");
	add_field(&step, form, "RoleArn=", "&");
	add_field(&step, form, web ? "WebIdentityToken=" : "ExternalId=", "&");
	new_key(n, step.data, &key);
	ret->status = 200;
	buf_addf(&ret->body,
	    "<%sResponse><%sResult><Credentials><AccessKeyId>%s</AccessKeyId>"
	    "<SecretAccessKey>s</SecretAccessKey><SessionToken>t"
	    "</SessionToken><Expiration>2080-01-01T00:00:00Z</Expiration>"
	    "</Credentials></%sResult></%sResponse>",
	    action, action, key.data, action, action);
	return 0;
}

static int
from_sso(
    struct names *n, const struct http_request *r, struct http_response *ret)
{
	auto_buf struct buf step = BUF_INIT, key = BUF_INIT;

	buf_adds(&step, "sso");
	add_field(&step, r->url, "account_id=", "&");
	add_field(&step, r->url, "portal.sso.", ".");
	add_field(&step, r->url, "role_name=", "&");
	new_key(n, step.data, &key);
	ret->status = 200;
	buf_addf(&ret->body,
	    "{\"roleCredentials\":{\"accessKeyId\":\"%s\","
	    "\"secretAccessKey\":\"s\",\"sessionToken\":\"t\","
	    "\"expiration\":3471292800000}}",
	    key.data);
	return 0;
}

/* Container and instance. */
static int
from_metadata(
    struct names *n, const struct http_request *r, struct http_response *ret)
{
	bool container = strstr(r->url, "169.254.170.2/") != NULL;
	auto_buf struct buf key = BUF_INIT;

	ret->status = 200;
	if (!container && strcmp(r->method, "PUT") == 0) {
		buf_adds(&ret->body, "token");
		return 0;
	}
	if (!container && text_ends(r->url, "/security-credentials/")) {
		buf_adds(&ret->body, "role");
		return 0;
	}
	new_key(n,
	    container ? "named EcsContainer" : "named Ec2InstanceMetadata",
	    &key);
	buf_addf(&ret->body,
	    "{\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
	    "\"Expiration\":\"2080-01-01T00:00:00Z\"}",
	    key.data);
	return 0;
}

static int
answer(void *arg, const struct http_request *r, struct http_response *ret,
    struct err *err)
{
	(void)err;
	if (strstr(r->url, "//sts.") != NULL)
		return from_sts(arg, r, ret);
	if (strstr(r->url, "/federation/credentials") != NULL)
		return from_sso(arg, r, ret);
	return from_metadata(arg, r, ret);
}

/* --- what is wanted, in the same words -------------------------------- */

static void
add_member(struct buf *to, const json_t *x, const char *key)
{
	if (js_str(x, key) != NULL)
		buf_addf(to, " %s", js_str(x, key));
}

static const struct step {
	const char *name, *words, *members;
} steps[] = {
	{ "AccessKey", "key", "access_key_id" },
	{ "AssumeRole", " > role", "role_arn external_id" },
	{ "WebIdentityToken", "web", "role_arn web_identity_token_file" },
	{ "Sso", "sso", "sso_account_id sso_region sso_role_name" },
};

static void
wanted_step(const json_t *x, struct buf *ret)
{
	if (js_str(x, "NamedSource") != NULL)
		buf_addf(ret, "named %s", js_str(x, "NamedSource"));
	if (js_str(x, "CredentialProcess") != NULL)
		buf_addf(ret, "cannot run %s", js_str(x, "CredentialProcess"));
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const json_t *in = js_get(x, steps[i].name);

		if (in == NULL)
			continue;
		buf_adds(ret, steps[i].words);
		words_each (steps[i].members, w, n) {
			auto_free char *member = mem_strn(w, n);

			add_member(ret, in, member);
		}
	}
}

/* The token of a web identity is the name of its file, so that the service
 * learns which was read. */
static void
put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	must(f != NULL && fputs(text, f) >= 0);
	fclose(f);
}

static void
sso_cache(const char *home, const char *key)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	auto_buf struct buf path = BUF_INIT;
	unsigned n = 0;

	must(EVP_Digest(key, strlen(key), hash, &n, EVP_sha1(), NULL) == 1);
	buf_addf(&path, "%s/.aws/sso/cache/", home);
	for (unsigned i = 0; i < n; i++)
		buf_addf(&path, "%02x", hash[i]);
	buf_adds(&path, ".json");
	put(path.data, "{\"accessToken\":\"t\","
		       "\"expiresAt\":\"2080-01-01T00:00:00Z\"}");
}

static void
add_property(
    const char *home, const char *key, const char *value, struct buf *to)
{
	if (strcmp(key, "web_identity_token_file") == 0) {
		auto_free char *path = mem_fmt("%s/token", home);

		put(path, value);
		buf_addf(to, "%s = %s\n", key, path);
		return;
	}
	if (strcmp(key, "sso_start_url") == 0 ||
	    strcmp(key, "sso_session") == 0)
		sso_cache(home, value);
	buf_addf(to, "%s = %s\n", key, value);
}

static int
resolve(const json_t *t, const char *home, struct buf *got, struct err *err)
{
	struct names names = { json_object(), 0 };
	auto_of(config_free) struct config *config = config_new();
	auto_of(http_free) struct http *http = replay_new(answer, &names);
	auto_buf struct buf text = BUF_INIT;
	struct credentials_settings s = { .config = config,
		.profile = js_pathstr(t, "input.selected_profile"),
		.region = "us-east-1",
		.http = http };
	struct provider_query q = { .settings = &s, .profile = s.profile };
	struct secret keys = { 0 };
	const char *name, *key;
	const json_t *profile, *v;
	int rc;

	js_foreach (js_path(t, "input.profiles"), name, profile) {
		buf_addf(&text, "[profile %s]\n", name);
		js_foreach (profile, key, v)
			add_property(home, key, js_text(v), &text);
	}
	js_set_str(names.steps, "ENVIRONMENT", "named Environment");
	rc = config_add(
	    config, CONFIG_FILE, "config", text.data, text.len, err);
	if (rc == 0)
		rc = provider_of_profile(&q, &keys, err);
	if (rc == PROVIDER_NONE)
		rc = err_set(err, ERR_AUTH, "no credentials");
	if (rc == 0)
		add_step(&names, keys.access_key, got);
	secret_free(&keys);
	js_free(names.steps);
	return rc;
}

static void
make_home(char *template)
{
	static const char *const dirs[] = { ".aws", ".aws/sso",
		".aws/sso/cache" };

	must(mkdtemp(template) != NULL);
	for (int i = 0; i < 3; i++) {
		auto_free char *dir = mem_fmt("%s/%s", template, dirs[i]);

		must(mkdir(dir, 0700) == 0);
	}
}

/* What credential_source may name. */
static void
set_environment(const char *home)
{
	clear_aws_environment();
	setenv("HOME", home, 1);
	setenv("AWS_ACCESS_KEY_ID", "ENVIRONMENT", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
	setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x", 1);
}

static bool
chain_ok(const json_t *t, struct buf *why)
{
	const json_t *chain = js_path(t, "output.ProfileChain"), *step;
	auto_buf struct buf got = BUF_INIT, wanted = BUF_INIT;
	char home[] = "/tmp/conformance.XXXXXX";
	struct err err = { 0 };
	size_t i;
	int rc;

	make_home(home);
	set_environment(home);
	rc = resolve(t, home, &got, &err);
	remove_tree(home);
	js_each (chain, i, step)
		wanted_step(step, &wanted);
	buf_addf(why, "    %s\n   not %s\n", rc == 0 ? got.data : err.msg,
	    chain != NULL ? wanted.data : "an error");
	if (text_starts(wanted.data, "cannot run "))
		return rc == -1 && strstr(err.msg, "cannot run ") != NULL;
	return chain == NULL ? rc == -1
			     : rc == 0 && strcmp(got.data, wanted.data) == 0;
}

void
run_roles(struct tally *t, const char *dir)
{
	json_auto_t *all = load_json(dir, t->suite);
	const json_t *one;
	size_t i;

	js_each (all, i, one) {
		auto_buf struct buf why = BUF_INIT;

		count(t, js_str(one, "docs"), chain_ok(one, &why), &why);
	}
}
