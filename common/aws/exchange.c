/* One call before it is sent: see exchange.h. */

#include "common/aws/exchange.h"
#include "common/base/clock.h"
#include "common/base/crypto.h"
#include "common/base/text.h"
#include "common/base/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLOW_LINE 262144.0 /* bytes per second; slower ones time out */

#define MAX_SPARE 64          /* exchanges that a client keeps */
#define MAX_KEPT  (64u << 10) /* bytes of a text that is kept */

#define TEXTS(x)                                                               \
	{                                                                      \
		&(x)->request.path, &(x)->request.query,                       \
		    &(x)->request.headers, &(x)->request.body, &(x)->url,      \
		    &(x)->path, &(x)->headers, &(x)->texts.canonical,          \
		    &(x)->texts.signed_headers, &(x)->texts.scope,             \
		    &(x)->texts.to_sign, &(x)->texts.scratch,                  \
		    &(x)->response.headers, &(x)->response.body                \
	}

static void
init(struct exchange *x, struct aws *a)
{
	*x = (struct exchange){ .aws = a,
		.request = AWS_REQUEST_INIT,
		.url = BUF_INIT,
		.path = BUF_INIT,
		.headers = BUF_INIT,
		.texts = SIGV4_TEXTS_INIT,
		.response = HTTP_RESPONSE_INIT };
}

struct exchange *
exchange_new(struct aws *a)
{
	struct exchange *x;

	must(pthread_mutex_lock(&a->lock) == 0);
	x = LIST_FIRST(&a->spare);
	if (x != NULL) {
		LIST_REMOVE(x, entry);
		a->n_spare--;
	}
	must(pthread_mutex_unlock(&a->lock) == 0);
	if (x == NULL) {
		x = mem_of(struct exchange);
		init(x, a);
	}
	return x;
}

static void
wipe(struct buf *b)
{
	mem_wipe(b->data, b->len);
}

static void
wipe_secrets(struct exchange *x)
{
	if (words_has("sts sso sso-oidc", x->service)) { /* hold keys */
		wipe(&x->request.body);
		wipe(&x->request.headers);
		wipe(&x->response.body);
	}
	wipe(&x->headers);
	secret_free(&x->secret);
}

/* As new, but for what it has of memory and tools. */
static void
empty(struct exchange *x)
{
	struct exchange fresh;
	struct buf *from[] = TEXTS(x), *to[] = TEXTS(&fresh);

	init(&fresh, x->aws);
	for (size_t i = 0; i < sizeof(from) / sizeof(*from); i++) {
		if (from[i]->cap > MAX_KEPT)
			buf_free(from[i]);
		buf_clear(from[i]);
		*to[i] = *from[i];
	}
	fresh.texts.hasher = x->texts.hasher;
	file_close(&x->request.file);
	free(x->source_region);
	*x = fresh;
}

static void
free_all(struct exchange *x)
{
	struct buf *texts[] = TEXTS(x);

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		buf_free(texts[i]);
	hasher_free(&x->texts.hasher);
	free(x);
}

void
exchange_free(struct exchange *x)
{
	struct aws *a;
	bool kept;

	if (x == NULL)
		return;
	wipe_secrets(x);
	empty(x);
	a = x->aws;
	must(pthread_mutex_lock(&a->lock) == 0);
	kept = a->n_spare < MAX_SPARE;
	a->n_spare += kept;
	if (kept)
		LIST_INSERT_HEAD(&a->spare, x, entry);
	must(pthread_mutex_unlock(&a->lock) == 0);
	if (!kept)
		free_all(x);
}

void
exchange_free_spare(struct aws *a)
{
	struct exchange *x;

	while ((x = LIST_FIRST(&a->spare)) != NULL) {
		LIST_REMOVE(x, entry);
		free_all(x);
	}
}

/* --- before the first attempt ----------------------------------------- */

static int
unknown_service(const char *service, struct err *err)
{
	struct nearest near = { 0 };
	const char *name;

	for (size_t i = 0; (name = aws_service_name(i)) != NULL; i++)
		text_nearest(&near, service, name);
	return err_set(err, ERR_INPUT, "unknown AWS service%s%s%s",
	    near.best ? "; did you mean \"" : "", near.best ? near.best : "",
	    near.best ? "\"?" : "");
}

static int
unknown_operation(const char *service, const char *operation, struct err *err)
{
	struct nearest near = { 0 };
	const char *name;

	for (size_t i = 0; (name = aws_operation_name(service, i)) != NULL; i++)
		text_nearest(&near, operation, name);
	return err_set(err, ERR_INPUT, "unknown operation%s%s%s",
	    near.best ? "; did you mean \"" : "", near.best ? near.best : "",
	    near.best ? "\"?" : "");
}

static int
look_up(struct exchange *x, struct err *err)
{
	const struct model *m = &model_builtin;

	x->op.model = m;
	x->op.options = &x->aws->codec;
	x->op.service = model_service(m, x->service);
	if (x->op.service == NULL)
		return unknown_service(x->service, err);
	x->op.op = model_op(m, x->op.service, x->operation);
	if (x->op.op == NULL)
		return unknown_operation(x->service, x->operation, err);
	return 0;
}

static bool
has_token(const struct aws_operation *o)
{
	const struct model_shape *s = model_shape(o->model, o->op->in);

	for (uint16_t i = 0; s != NULL && i < s->n; i++)
		if ((o->model->members[s->a + i].flags & M_TOKEN) != 0)
			return true;
	return false;
}

/* What is sent but not given, and the other way round. */
static void
adapt(struct exchange *x, json_t *in)
{
	if (has_token(&x->op))
		codec_fill_tokens(&x->op, in);
	exchange_take_source(x, in);
}

static int
serialise(struct exchange *x, const json_t *in, struct err *err)
{
	json_auto_t *adapted = in == NULL ? json_object() : NULL;

	if (json_is_object(in) &&
	    (has_token(&x->op) || exchange_copies(&x->op)))
		adapted = js_copy(in);
	if (adapted != NULL)
		adapt(x, adapted);
	if (codec_request(
		&x->op, adapted != NULL ? adapted : in, &x->request, err) == -1)
		return -1;
	x->body_len = x->request.body.len;
	return 0;
}

/* What a slow line needs for a large body, beside the time of a call. */
double
exchange_upload_sec(const struct exchange *x)
{
	return (double)(x->request.body.len + x->request.file.len) / SLOW_LINE;
}

/* Those of the account where it is known by now. */
static struct limits *
find_limits(const struct exchange *x)
{
	struct aws *a = x->aws;
	char account[sizeof(a->account)];

	must(pthread_mutex_lock(&a->lock) == 0);
	memcpy(account, a->account, sizeof(account));
	must(pthread_mutex_unlock(&a->lock) == 0);
	return limits_of(a->limits, *account ? account : a->owner,
	    x->endpoint.region, a->adaptive);
}

static void
begin_retries(struct exchange *x)
{
	const struct aws *a = x->aws;
	bool read = model_is_read(x->op.op, x->operation);

	x->retry = (struct retry){ .quota = limits_quota(
				       x->limits, x->op.service),
		.max_attempts = a->max_attempts,
		.read = read,
		.repeatable = read || (x->op.op->flags & OP_IDEMPOTENT) != 0 ||
			      has_token(&x->op) ||
			      retry_is_repeatable(x->operation),
		.deadline = clock_mono() + a->call_sec + exchange_upload_sec(x),
		.attempt = 1 };
}

int
exchange_prepare(struct exchange *x, const char *service, const char *operation,
    const json_t *in, struct err *err)
{
	x->service = service;
	x->operation = operation;
	x->in = in;
	if (look_up(x, err) == -1 || serialise(x, in, err) == -1 ||
	    exchange_locate(x, err) == -1)
		return -1;
	x->limits = find_limits(x);
	begin_retries(x);
	return 0;
}

/* --- one attempt ------------------------------------------------------ */

double
exchange_clock(struct aws *a)
{
	double skew;

	must(pthread_mutex_lock(&a->lock) == 0);
	skew = a->skew_sec;
	must(pthread_mutex_unlock(&a->lock) == 0);
	return clock_wall() + skew;
}

static void
make_url(struct exchange *x)
{
	buf_clear(&x->path);
	buf_join(&x->path, x->endpoint.path, x->request.path.data);
	buf_clear(&x->url);
	buf_join(
	    &x->url, x->endpoint.scheme, "://", x->endpoint.host, x->path.data);
	if (x->request.query.len > 0)
		buf_join(&x->url, "?", x->request.query.data);
}

struct sigv4_signer
exchange_signer(const struct exchange *x, const char *region)
{
	const struct model *m = x->op.model;
	const struct model_service *s = x->op.service;
	const char *name = *x->endpoint.sign_name
			       ? x->endpoint.sign_name
			       : model_str(m, s->signing_name);

	return (struct sigv4_signer){ .access_key = x->secret.access_key,
		.secret_key = x->secret.secret_key,
		.session_token = x->secret.session_token,
		.region = region,
		.service = *name ? name : model_str(m, s->endpoint_prefix),
		.when = (time_t)exchange_clock(x->aws),
		.cache = x->aws->keys };
}

/* An upload to S3 with a checksum, behind TLS: to hash it once more would
 * prove nothing. As the AWS tools do. */
static bool
is_vouched_for(const struct exchange *x, const char *service)
{
	const struct model *m = x->op.model;
	const struct model_shape *in = model_shape(m, x->op.op->in);

	return sigv4_is_s3(service) &&
	       strcmp(x->endpoint.scheme, "https") == 0 && in != NULL &&
	       in->payload != MODEL_NONE &&
	       m->members[in->a + in->payload].type == T_BLOB &&
	       (strstr(x->headers.data, "x-amz-checksum-") != NULL ||
		   strstr(x->headers.data, "Content-MD5") != NULL);
}

/* What stands for the body in the signature; NULL: its hash, to be made. */
static const char *
payload_of(const struct exchange *x, const char *service)
{
	if (is_vouched_for(x, service))
		return SIGV4_UNSIGNED;
	return file_is_open(&x->request.file) ? x->request.file_hash : NULL;
}

static void
add_signature(struct exchange *x)
{
	struct sigv4_signer signer = exchange_signer(x, x->endpoint.region);
	struct sigv4_request r = { .method = x->request.method,
		.host = x->endpoint.host,
		.path = x->path.data,
		.query = x->request.query.data,
		.headers = x->headers.data,
		.body = x->request.body.data,
		.body_len = x->request.body.len,
		.payload = payload_of(x, signer.service) };

	sigv4_sign(&signer, &r, &x->texts, &x->headers);
}

/* Which call it is, and how often it was tried: what is sent once goes
 * without, for every byte of a header costs curl 80 instructions. */
static void
add_attempt(struct exchange *x)
{
	char counts[64];

	if (x->retry.attempt <= 1)
		return;
	if (x->id[0] == 0)
		crypto_uuid(x->id);
	snprintf(counts, sizeof(counts), "attempt=%d; max=%d", x->retry.attempt,
	    x->retry.max_attempts);
	buf_join(&x->headers, "amz-sdk-invocation-id: ", x->id,
	    "\namz-sdk-request: ", counts, "\n");
}

int
exchange_sign(struct exchange *x, struct err *err)
{
	bool is_unsigned = (x->op.op->flags & OP_UNSIGNED) != 0;

	secret_free(&x->secret);
	if (!is_unsigned &&
	    credentials_get(x->aws->credentials, &x->secret, err) == -1)
		return -1;
	if (exchange_presign(x, err) == -1)
		return -1;
	make_url(x);
	buf_clear(&x->headers);
	buf_add(&x->headers, x->request.headers.data, x->request.headers.len);
	buf_adds(&x->headers, "User-Agent: convergd/" CONVERGD_VERSION "\n");
	add_attempt(x);
	if (!is_unsigned)
		add_signature(x);
	return 0;
}
