/* The AWS client: see aws.h. */

#include "common/aws/client.h"
#include "common/aws/exchange.h"
#include "common/base/crypto.h"
#include "common/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	a->usual = mem_array(struct endpoint *, model_builtin.n_services);
	a->keys = sigv4_cache_new();
	LIST_INIT(&a->spare);
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
	if (aws_choose(a, s, err) == -1)
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
	exchange_free_spare(a);
	credentials_free(a->credentials);
	sigv4_cache_free(a->keys);
	aws_limits_free(a->own_limits);
	js_free(a->bucket_regions);
	for (size_t i = 0; i < model_builtin.n_services; i++)
		free(a->usual[i]);
	free(a->usual);
	must(pthread_mutex_destroy(&a->lock) == 0);
	config_free(a->own_config);
	free(a->region);
	free(a->profile);
	free(a->endpoint_url);
	free(a->owner);
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
	auto_of(exchange_free) struct exchange *x = exchange_new(a);
	json_auto_t *out = NULL;

	must(a->http != NULL);
	if (exchange_prepare(x, service, operation, in, err) == -1 ||
	    exchange_run(x, &out, err) == -1)
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
		"x-amz-sso_bearer_token",
		"x-amz-server-side-encryption-customer-key",
		"x-amz-copy-source-server-side-encryption-customer-key" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (js_get(headers, names[i]) != NULL)
			js_set_str(headers, names[i], "***");
}

/* Text as it is, without a URL that has the session's token; or base64. */
static void
put_body(json_t *all, const struct exchange *x)
{
	const struct buf *body = &x->request.body;
	auto_buf struct buf shown = BUF_INIT;
	bool is_text = text_is_utf8(body->data, body->len) &&
		       memchr(body->data, 0, body->len) == NULL;

	if (file_is_open(&x->request.file)) {
		js_set(all, "body",
		    js_pack("{s:s}", "$file", x->request.file.path));
		return;
	}
	if (is_text)
		buf_add(&shown, body->data, x->body_len);
	else
		crypto_add_base64(&shown, body->data, body->len);
	if (x->source_region != NULL)
		buf_adds(&shown, "&PreSignedUrl=***");
	js_set_str(all, "body", shown.data);
	if (!is_text)
		js_set(all, "bodyIsBase64", json_true());
}

static json_t *
request_json(const struct exchange *x)
{
	json_t *all = json_object(), *headers = headers_json(&x->headers);

	js_set_str(all, "method", x->request.method);
	js_set_str(all, "url", x->url.data);
	hide_tokens(headers);
	js_set(all, "headers", headers);
	put_body(all, x);
	return all;
}

int
aws_print(struct aws *a, const char *service, const char *operation,
    const json_t *in, json_t **ret_request, struct err *err)
{
	auto_of(exchange_free) struct exchange *x = exchange_new(a);

	if (exchange_prepare(x, service, operation, in, err) == -1 ||
	    exchange_sign(x, err) == -1)
		return err_wrap(err, "%s %s", service, operation);
	*ret_request = request_json(x);
	return 0;
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
