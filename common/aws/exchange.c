/* One call on its way: see exchange.h. */

#include "common/aws/exchange.h"
#include "common/base/clock.h"
#include "common/base/crypto.h"
#include "common/base/text.h"
#include "common/base/version.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ATTEMPT_SEC 60.0  /* of one attempt, at most */
#define SKEW_SEC    240.0 /* smaller differences do not matter to AWS */

void
exchange_free(struct exchange *x)
{
	aws_request_free(&x->request);
	http_response_free(&x->response);
	buf_free(&x->url);
	mem_wipe(x->headers.data, x->headers.len);
	buf_free(&x->headers);
	secret_free(&x->secret);
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

static int
serialise(struct exchange *x, const json_t *in, struct err *err)
{
	json_auto_t *filled = in == NULL ? json_object() : NULL;

	if (has_token(&x->op)) {
		if (in != NULL)
			filled = js_copy(in);
		if (json_is_object(filled))
			codec_fill_tokens(&x->op, filled);
	}
	return codec_request(
	    &x->op, filled != NULL ? filled : in, &x->request, err);
}

/* "/bucket/key" without its first segment */
static void
strip_bucket(struct exchange *x)
{
	auto_buf struct buf rest = BUF_INIT;
	const char *p = x->request.path.data + 1;

	p += strcspn(p, "/");
	buf_adds(&rest, *p == 0 ? "/" : p);
	buf_clear(&x->request.path);
	buf_add(&x->request.path, rest.data, rest.len);
}

static int
find_endpoint(struct exchange *x, struct err *err)
{
	const struct aws *a = x->aws;
	const struct model *m = x->op.model;
	const struct model_service *s = x->op.service;
	auto_buf struct buf url = BUF_INIT;
	bool custom = endpoint_override(a->endpoint_url, a->config, a->profile,
	    model_str(m, s->service_id), &url);
	struct endpoint_query q = { .service = x->service,
		.prefix = model_str(m, s->endpoint_prefix),
		.region = a->region,
		.fips = a->fips,
		.dual_stack = a->dual_stack,
		.url = custom ? url.data : NULL,
		.host_prefix = x->request.host_prefix,
		.bucket = x->request.bucket };

	if (endpoint_resolve(&q, &x->endpoint, err) == -1)
		return -1;
	if (x->endpoint.bucket_in_host)
		strip_bucket(x);
	return 0;
}

int
exchange_prepare(struct aws *a, const char *service, const char *operation,
    const json_t *in, struct exchange *x, struct err *err)
{
	*x = (struct exchange){ .aws = a,
		.service = service,
		.operation = operation,
		.request = AWS_REQUEST_INIT,
		.url = BUF_INIT,
		.headers = BUF_INIT,
		.response = HTTP_RESPONSE_INIT };
	if (look_up(x, err) == -1 || serialise(x, in, err) == -1 ||
	    find_endpoint(x, err) == -1)
		return -1;
	x->retry = (struct retry){ .quota = &a->quota,
		.max_attempts = a->max_attempts,
		.read = aws_is_read(service, operation),
		.repeatable = (x->op.op->flags & OP_IDEMPOTENT) != 0 ||
			      has_token(&x->op) ||
			      retry_is_repeatable(operation),
		.deadline = clock_mono() + a->call_sec,
		.attempt = 1 };
	crypto_uuid(x->id);
	return 0;
}

/* --- one attempt ------------------------------------------------------ */

static double
aws_clock(struct aws *a)
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
	buf_clear(&x->url);
	buf_addf(&x->url, "%s://%s%s%s", x->endpoint.scheme, x->endpoint.host,
	    x->endpoint.path, x->request.path.data);
	if (x->request.query.len > 0)
		buf_addf(&x->url, "?%s", x->request.query.data);
}

static void
add_signature(struct exchange *x)
{
	const struct model *m = x->op.model;
	const struct model_service *s = x->op.service;
	const char *name = model_str(m, s->signing_name);
	auto_free char *path = mem_fmt(
	    "%s%s", x->endpoint.path, x->request.path.data);
	struct sigv4_signer signer = { .access_key = x->secret.access_key,
		.secret_key = x->secret.secret_key,
		.session_token = x->secret.session_token,
		.region = x->endpoint.region,
		.service = *name ? name : model_str(m, s->endpoint_prefix),
		.when = (time_t)aws_clock(x->aws),
		.cache = x->aws->keys };
	struct sigv4_request r = { .method = x->request.method,
		.host = x->endpoint.host,
		.path = path,
		.query = x->request.query.data,
		.headers = x->headers.data,
		.body = x->request.body.data,
		.body_len = x->request.body.len };

	sigv4_sign(&signer, &r, &x->headers);
}

int
exchange_sign(struct exchange *x, struct err *err)
{
	bool is_unsigned = (x->op.op->flags & OP_UNSIGNED) != 0;

	secret_free(&x->secret);
	if (!is_unsigned &&
	    credentials_get(x->aws->credentials, &x->secret, err) == -1)
		return -1;
	make_url(x);
	buf_clear(&x->headers);
	buf_add(&x->headers, x->request.headers.data, x->request.headers.len);
	buf_addf(&x->headers,
	    "User-Agent: convergd/" CONVERGD_VERSION "\n"
	    "amz-sdk-invocation-id: %s\n"
	    "amz-sdk-request: attempt=%d; max=%d\n",
	    x->id, x->retry.attempt, x->retry.max_attempts);
	if (!is_unsigned)
		add_signature(x);
	return 0;
}

/* "Sun, 22 Nov 2026 12:00:00 GMT"; 0 if there is none. */
static double
answer_date(const struct http_response *r)
{
	auto_buf struct buf text = BUF_INIT;
	struct tm tm = { 0 };

	if (!http_header(r, "date", &text) ||
	    strptime(text.data, "%a, %d %b %Y %H:%M:%S", &tm) == NULL)
		return 0;
	return (double)timegm(&tm);
}

/* What the answer's Date says of our corrected clock; 0: fine or unknown. */
static double
measure_skew(struct exchange *x)
{
	double date = answer_date(&x->response);
	double off = date == 0 ? 0 : date - aws_clock(x->aws);

	return fabs(off) > SKEW_SEC ? off : 0;
}

/* Our clock may have been set right meanwhile: then the offset goes. */
static void
forget_skew(struct exchange *x)
{
	struct aws *a = x->aws;
	double date = answer_date(&x->response);

	must(pthread_mutex_lock(&a->lock) == 0);
	if (a->skew_sec != 0 && date != 0 &&
	    fabs(date - clock_wall()) < SKEW_SEC)
		a->skew_sec = 0;
	must(pthread_mutex_unlock(&a->lock) == 0);
}

/* Set, not added: several threads may learn of it at once. */
static void
learn_skew(struct exchange *x)
{
	struct aws *a = x->aws;
	double date = answer_date(&x->response);

	must(pthread_mutex_lock(&a->lock) == 0);
	a->skew_sec = date - clock_wall();
	must(pthread_mutex_unlock(&a->lock) == 0);
}

static double
retry_after(const struct http_response *r)
{
	auto_buf struct buf text = BUF_INIT;
	char *end;
	double n;

	if (http_header(r, "x-amz-retry-after", &text)) {
		n = strtod(text.data, &end);
		return end != text.data && n >= 0 ? n / 1000 : -1;
	}
	if (!http_header(r, "retry-after", &text))
		return -1;
	n = strtod(text.data, &end);
	return end != text.data && *end == 0 && n >= 0 ? n : -1;
}

static int
send_once(struct exchange *x, json_t **ret_out, struct err *err)
{
	double left = x->retry.deadline - clock_mono();
	struct http_request r = { .method = x->request.method,
		.url = x->url.data,
		.headers = x->headers.data,
		.body = x->request.body.data,
		.body_len = x->request.body.len,
		.total_sec = fmax(fmin(left, ATTEMPT_SEC), 0.1) };
	struct aws_answer answer = { .headers = &x->response.headers,
		.body = &x->response.body };

	if (http_send(x->aws->http, &r, &x->response, err) == -1)
		return -1;
	answer.status = x->response.status;
	return codec_response(&x->op, &answer, ret_out, err);
}

static void
tell_attempt(
    const struct exchange *x, int rc, const struct err *err, double started)
{
	const struct aws *a = x->aws;
	char status[16];
	struct aws_attempt t = { .service = x->service,
		.operation = x->operation,
		.seconds = clock_mono() - started,
		.code = status };

	if (a->attempt == NULL)
		return;
	snprintf(status, sizeof(status), "%d", x->response.status);
	if (rc == -1) {
		t.code = err->code[0] ? err->code : err_kind_name(err->kind);
		t.throttled = err->kind == ERR_THROTTLED;
	}
	a->attempt(a->arg, &t);
}

static int
attempt(struct exchange *x, json_t **ret_out, struct err *err)
{
	double started = clock_mono();
	int rc;

	x->response.status = 0;
	buf_clear(&x->response.headers);
	rc = send_once(x, ret_out, err);
	forget_skew(x);
	tell_attempt(x, rc, err, started);
	return rc;
}

/* --- all attempts ----------------------------------------------------- */

/* 0: try again; -1: err is the verdict. */
static int
after_failure(struct exchange *x, struct err *err)
{
	struct retry_hint hint = { retry_after(&x->response), measure_skew(x) };
	struct err interrupted;
	double wait;

	switch (retry_decide(
	    &x->retry, err, &hint, clock_mono(), crypto_jitter(), &wait)) {
	case RETRY_STOP:
		retry_settle(&x->retry, err);
		return -1;
	case RETRY_AGAIN:
		if (http_pause(x->aws->http, wait, &interrupted) == 0)
			return 0;
		retry_settle(&x->retry, err);
		return -1;
	case RETRY_REFRESH:
		credentials_reject(x->aws->credentials, &x->secret);
		return 0;
	case RETRY_SKEW:
		learn_skew(x);
		return 0;
	}
	return -1;
}

int
exchange_run(struct exchange *x, json_t **ret_out, struct err *err)
{
	for (;;) {
		if (exchange_sign(x, err) == -1)
			return -1;
		if (attempt(x, ret_out, err) == 0) {
			retry_succeeded(&x->retry);
			return 0;
		}
		if (after_failure(x, err) == -1)
			return -1;
	}
}
