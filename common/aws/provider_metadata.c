/* What the metadata services of containers and instances have in common. */

#include "common/aws/provider_impl.h"
#include "common/base/crypto.h"

#include <math.h>
#include <string.h>

#define BUSY_ATTEMPTS 4    /* of a service that is there but cannot answer */
#define PAUSE_SEC     0.05 /* doubles */
#define MAX_ANSWER    (64u << 10)

static bool
is_busy(const struct http_response *r)
{
	return r->status == 429 || r->status >= 500;
}

int
provider_ask(const struct provider_query *q, const struct provider_request *r,
    struct http_response *ret, struct err *err)
{
	struct http_request request = { .method = r->method,
		.url = r->url,
		.headers = r->headers,
		.connect_sec = r->sec,
		.total_sec = r->sec,
		.max_body = MAX_ANSWER,
		.no_proxy = true };
	struct err stopped;

	for (int attempt = 1;; attempt++) {
		bool answered;

		buf_clear(&ret->headers);
		buf_clear(&ret->body);
		answered = http_send(q->settings->http, &request, ret, err) ==
			   0;
		if (answered && (!is_busy(ret) || attempt >= BUSY_ATTEMPTS))
			return 0;
		if (!answered &&
		    (attempt >= r->attempts || err->kind == ERR_CANCELLED))
			return -1;
		if (http_pause(q->settings->http,
			crypto_jitter() * ldexp(PAUSE_SEC, attempt),
			&stopped) == -1)
			return answered ? 0 : -1;
	}
}

int
provider_answered(struct http_response *r, struct secret *ret, struct err *err)
{
	json_auto_t *x = NULL;
	const char *code;
	int rc;

	/* No word of the answer in the error: it may hold a key. */
	if (js_parse(r->body.data, r->body.len, &x, err) == -1)
		return err_set(err, ERR_AUTH, "the answer is not JSON");
	code = js_str(x, "Code");
	if (code != NULL && strcasecmp(code, "Success") != 0)
		rc = err_set(err, ERR_AUTH, "the answer is %.60s", code);
	else
		rc = provider_from_json(x, ret, err);
	ret->outlives = true;
	provider_wipe_json(x);
	mem_wipe(r->body.data, r->body.len);
	return rc;
}
