/* One call on the wire, again and again: see exchange.h. */

#include "common/aws/exchange.h"
#include "common/base/clock.h"
#include "common/base/crypto.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ATTEMPT_SEC 60.0  /* of one attempt, at most */
#define SKEW_SEC    240.0 /* smaller differences do not matter to AWS */

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
	double off = date == 0 ? 0 : date - exchange_clock(x->aws);

	return fabs(off) > SKEW_SEC ? off : 0;
}

/* Our clock may have been set right meanwhile: then the offset goes. */
static void
forget_skew(struct exchange *x)
{
	struct aws *a = x->aws;

	must(pthread_mutex_lock(&a->lock) == 0);
	if (a->skew_sec != 0) {
		double date = answer_date(&x->response);

		if (date != 0 && fabs(date - clock_wall()) < SKEW_SEC)
			a->skew_sec = 0;
	}
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

static void
tell_attempt(const struct exchange *x, int rc, const struct err *err)
{
	const struct aws *a = x->aws;
	char status[16];
	struct aws_attempt t = { .service = x->service,
		.operation = x->operation,
		.seconds = clock_mono() - x->started,
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

static struct lane *
lane_of(const struct exchange *x)
{
	return limits_lane(x->limits, x->op.service, x->retry.read);
}

static void
make_wire(struct exchange *x)
{
	double left = x->retry.deadline - clock_mono(),
	       most = ATTEMPT_SEC + exchange_upload_sec(x);

	x->wire = (struct http_request){ .method = x->request.method,
		.url = x->url.data,
		.headers = x->headers.data,
		.body = x->request.body.data,
		.body_len = x->request.body.len,
		.file = file_is_open(&x->request.file) ? &x->request.file
						       : NULL,
		.expect = x->request.upload,
		.total_sec = fmax(fmin(left, most), 0.1) };
}

/* Signed late, when it is sent: signatures and keys grow old. */
int
exchange_begin(struct exchange *x, double until, struct err *err)
{
	struct gate *gate = http_gate(x->aws->http);

	if (lane_enter(lane_of(x), gate, until, err) == -1)
		return -1;
	if (exchange_sign(x, err) == -1) {
		lane_leave(lane_of(x), gate, false);
		return -1;
	}
	make_wire(x);
	x->started = clock_mono();
	x->response.status = 0;
	return 0;
}

int
exchange_end(struct exchange *x, int sent, json_t **ret_out, struct err *err)
{
	struct aws_answer answer = { .status = x->response.status,
		.headers = &x->response.headers,
		.body = &x->response.body };
	int rc = sent == 0 ? codec_response(&x->op, &answer, ret_out, err) : -1;

	if (rc == -1) {
		secret_hide(x->secret.session_token, err->msg);
		secret_hide(x->secret.secret_key, err->msg);
	}
	forget_skew(x);
	tell_attempt(x, rc, err);
	lane_leave(lane_of(x), http_gate(x->aws->http),
	    rc == -1 && err->kind == ERR_THROTTLED);
	if (rc == 0)
		retry_succeeded(&x->retry);
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

	if (exchange_redirect(x, err))
		return 0;
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
	struct http *http = x->aws->http;
	int sent;

	do {
		if (exchange_begin(x, x->retry.deadline, err) == -1) {
			retry_settle(&x->retry, err);
			return -1;
		}
		sent = http_send(http, &x->wire, &x->response, err);
		if (exchange_end(x, sent, ret_out, err) == 0)
			return 0;
	} while (after_failure(x, err) == 0);
	return -1;
}

int
exchange_again(struct exchange *x, json_t **ret_out, struct err *err)
{
	return after_failure(x, err) == 0 ? exchange_run(x, ret_out, err) : -1;
}
