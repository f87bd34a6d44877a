/* The AWS client: see aws.h. */

#include "common/aws/client.h"
#include "common/aws/exchange.h"
#include "common/base/crypto.h"
#include "common/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_ATTEMPTS 3
#define CALL_SEC     120.0

static const char *
env(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || *value == 0 ? NULL : value;
}

/* Setting, variables in order, property of the profile: the first there is. */
static const char *
choose(const char *setting, const char *const variables[2],
    const struct config *c, const char *profile, const char *property)
{
	const char *value = setting != NULL && *setting ? setting : NULL;

	for (int i = 0; value == NULL && i < 2; i++)
		value = variables[i] == NULL ? NULL : env(variables[i]);
	return value != NULL ? value
			     : config_get(c, CONFIG_PROFILE, profile, property);
}
#define CHOOSE(setting, a, var1, var2, property)                               \
	choose((setting), (const char *const[]){ (var1), (var2) },             \
	    (a)->config, (a)->profile, (property))

static bool
is_true(const char *s)
{
	return s != NULL && strcasecmp(s, "true") == 0;
}

static int
choose_attempts(struct aws *a, const struct aws_settings *s, struct err *err)
{
	const char *text = CHOOSE(
	    NULL, a, "AWS_MAX_ATTEMPTS", NULL, "max_attempts");
	char *end;
	long n;

	a->max_attempts = s->max_attempts > 0 ? s->max_attempts : MAX_ATTEMPTS;
	if (s->max_attempts > 0 || text == NULL)
		return 0;
	n = strtol(text, &end, 10);
	if (*end != 0 || n < 1 || n > 100)
		return err_set(err, ERR_INPUT,
		    "AWS_MAX_ATTEMPTS (max_attempts) is \"%s\", must be 1 to "
		    "100",
		    text);
	a->max_attempts = (int)n;
	return 0;
}

/* "legacy" is what others call the standard way of long ago. */
static const struct {
	const char *name;
	bool adaptive;
} retry_modes[] = {
	{ "adaptive", true },
	{ "standard", false },
	{ "legacy", false },
};

static int
choose_mode(struct aws *a, struct err *err)
{
	const char *text = CHOOSE(
	    NULL, a, "AWS_RETRY_MODE", NULL, "retry_mode");

	text = text == NULL ? retry_modes[0].name : text;
	for (size_t i = 0; i < sizeof(retry_modes) / sizeof(*retry_modes); i++)
		if (strcasecmp(text, retry_modes[i].name) == 0) {
			a->limits = limits_new(
			    &model_builtin, retry_modes[i].adaptive);
			return 0;
		}
	return err_set(err, ERR_INPUT,
	    "AWS_RETRY_MODE (retry_mode) is \"%s\", must be adaptive, "
	    "standard or legacy",
	    text);
}

static int
choose_all(struct aws *a, const struct aws_settings *s, struct err *err)
{
	const char *region = CHOOSE(
	    s->region, a, "AWS_REGION", "AWS_DEFAULT_REGION", "region");

	if (region == NULL)
		return err_set(err, ERR_INPUT,
		    "no AWS region: set AWS_REGION, or region in profile "
		    "\"%s\"",
		    a->profile);
	a->region = mem_str(region);
	a->endpoint_url = mem_str(s->endpoint_url);
	a->fips = is_true(CHOOSE(
	    NULL, a, "AWS_USE_FIPS_ENDPOINT", NULL, "use_fips_endpoint"));
	a->dual_stack = is_true(CHOOSE(NULL, a, "AWS_USE_DUALSTACK_ENDPOINT",
	    NULL, "use_dualstack_endpoint"));
	a->call_sec = s->call_sec > 0 ? s->call_sec : CALL_SEC;
	a->attempt = s->attempt;
	a->arg = s->arg;
	return choose_attempts(a, s, err) == -1 ? -1 : choose_mode(a, err);
}

/* A profile that was asked for must exist; "default" need not. */
static int
choose_profile(struct aws *a, const struct aws_settings *s, struct err *err)
{
	const char *name = s->profile != NULL && *s->profile
			       ? s->profile
			       : env("AWS_PROFILE");

	if (name == NULL)
		name = "default";
	if (strcmp(name, "default") != 0 &&
	    !config_has(a->config, CONFIG_PROFILE, name))
		return err_set(err, ERR_INPUT,
		    "AWS profile \"%s\" does not exist in the configuration "
		    "files",
		    name);
	a->profile = mem_str(name);
	return 0;
}

static struct credentials *
make_credentials(struct aws *a, const struct aws_settings *s,
    const struct secret *keys, bool reread)
{
	struct credentials_settings c = { .config = a->config,
		.profile = a->profile,
		.explicit_profile = s->profile != NULL && *s->profile != 0,
		.region = a->region,
		.endpoint_url = a->endpoint_url,
		.role_arn = s->role_arn,
		.role_session = s->role_session,
		.external_id = s->external_id,
		.http = a->http,
		.reread = reread };

	return keys != NULL ? credentials_fixed(keys) : credentials_new(&c);
}

static struct aws *
make(struct http *http)
{
	struct aws *a = mem_of(struct aws);

	a->http = http;
	a->bucket_regions = json_object();
	a->keys = sigv4_cache_new();
	must(pthread_mutex_init(&a->lock, NULL) == 0);
	return a;
}

static int
make_with(const struct aws_settings *s, struct http *http,
    const struct config *config, const struct secret *keys, bool reread,
    struct aws **ret, struct err *err)
{
	auto_of(aws_free) struct aws *a = make(http);

	a->config = config;
	if (choose_profile(a, s, err) == -1 || choose_all(a, s, err) == -1)
		return -1;
	a->credentials = make_credentials(a, s, keys, reread);
	*ret = mem_move(&a);
	return 0;
}

int
aws_new_with(const struct aws_settings *s, struct http *http,
    const struct config *config, const struct secret *keys, struct aws **ret,
    struct err *err)
{
	return make_with(s, http, config, keys, false, ret, err);
}

int
aws_new(const struct aws_settings *s, struct http *http, struct aws **ret,
    struct err *err)
{
	auto_of(config_free) struct config *c = NULL;

	if (config_load(&c, err) == -1 ||
	    make_with(s, http, c, NULL, true, ret, err) == -1)
		return -1;
	(*ret)->own_config = mem_move(&c);
	return 0;
}

void
aws_free(struct aws *a)
{
	if (a == NULL)
		return;
	credentials_free(a->credentials);
	sigv4_cache_free(a->keys);
	limits_free(a->limits);
	js_free(a->bucket_regions);
	must(pthread_mutex_destroy(&a->lock) == 0);
	config_free(a->own_config);
	free(a->region);
	free(a->profile);
	free(a->endpoint_url);
	free(a);
}

const char *
aws_region(const struct aws *a)
{
	return a->region;
}

const char *
aws_partition(const struct aws *a)
{
	return endpoint_partition(a->region);
}

int
aws_call(struct aws *a, const char *service, const char *operation,
    const json_t *in, json_t **ret_out, struct err *err)
{
	json_auto_t *out = NULL;
	struct exchange x;
	int rc;

	must(a->http != NULL);
	rc = exchange_prepare(a, service, operation, in, &x, err);
	if (rc == 0)
		rc = exchange_run(&x, &out, err);
	exchange_free(&x);
	if (rc == -1)
		return err_wrap(err, "%s %s", service, operation);
	if (ret_out != NULL)
		*ret_out = js_move(&out);
	return 0;
}

/* "Name: value\n" lines as an object; a repeated name joins with ", ". */
static json_t *
headers_json(const struct buf *lines)
{
	json_t *all = json_object();

	for (const char *s = lines->data; *s != 0;) {
		size_t len = strcspn(s, "\n"), n = strcspn(s, ":\n");
		auto_free char *name = mem_strn(s, n);
		size_t skip = n + 1 + strspn(s + n + 1, " ");
		const char *old = js_str(all, name);

		if (n < len && skip <= len)
			js_set(all, name,
			    js_fmt("%s%s%.*s", old ? old : "", old ? ", " : "",
				(int)(len - skip), s + skip));
		s += len + (s[len] == '\n');
	}
	return all;
}

/* What opens doors by itself, as a signature does not. */
static void
hide_tokens(json_t *headers)
{
	static const char *const names[] = { "X-Amz-Security-Token",
		"x-amz-sso_bearer_token" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (js_get(headers, names[i]) != NULL)
			js_set_str(headers, names[i], "***");
}

static json_t *
request_json(const struct exchange *x)
{
	const struct buf *body = &x->request.body;
	auto_buf struct buf base64 = BUF_INIT;
	bool is_text = text_is_utf8(body->data, body->len) &&
		       memchr(body->data, 0, body->len) == NULL;
	json_t *all = json_object(), *headers = headers_json(&x->headers);

	if (!is_text)
		crypto_add_base64(&base64, body->data, body->len);
	js_set_str(all, "method", x->request.method);
	js_set_str(all, "url", x->url.data);
	hide_tokens(headers);
	js_set(all, "headers", headers);
	js_set_str(all, "body", is_text ? body->data : base64.data);
	if (!is_text)
		js_set(all, "bodyIsBase64", json_true());
	return all;
}

int
aws_print(struct aws *a, const char *service, const char *operation,
    const json_t *in, json_t **ret_request, struct err *err)
{
	struct exchange x;
	int rc = exchange_prepare(a, service, operation, in, &x, err);

	if (rc == 0)
		rc = exchange_sign(&x, err);
	if (rc == 0)
		*ret_request = request_json(&x);
	exchange_free(&x);
	return rc == 0 ? 0 : err_wrap(err, "%s %s", service, operation);
}

static bool
known_account(struct aws *a, char ret[static 32])
{
	must(pthread_mutex_lock(&a->lock) == 0);
	memcpy(ret, a->account, sizeof(a->account));
	must(pthread_mutex_unlock(&a->lock) == 0);
	return ret[0] != 0;
}

int
aws_account(struct aws *a, char ret_account[static 32], struct err *err)
{
	json_auto_t *out = NULL;
	const char *account;

	if (known_account(a, ret_account))
		return 0;
	if (aws_call(a, "sts", "GetCallerIdentity", NULL, &out, err) == -1)
		return -1;
	account = js_str(out, "Account");
	if (account == NULL || strlen(account) >= sizeof(a->account))
		return err_set(err, ERR_TERMINAL,
		    "sts GetCallerIdentity: the answer names no account");
	must(pthread_mutex_lock(&a->lock) == 0);
	snprintf(a->account, sizeof(a->account), "%s", account);
	must(pthread_mutex_unlock(&a->lock) == 0);
	snprintf(ret_account, 32, "%s", account);
	return 0;
}
