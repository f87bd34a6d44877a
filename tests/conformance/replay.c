/* A transport that answers from a recording: see replay.h. */

#include "tests/conformance/replay.h"
#include "common/base/text.h"
#include "tests/conformance/conformance.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct http {
	struct gate gate;
	replay_answer *answer;
	void *arg;
};

struct http *
replay_new(replay_answer *answer, void *arg)
{
	struct http *h = mem_of(struct http);

	gate_init(&h->gate);
	h->answer = answer;
	h->arg = arg;
	return h;
}

struct http *
http_new(struct ev_loop *loop, int max_connections_per_host)
{
	(void)loop, (void)max_connections_per_host;
	must(!"a network in these tests");
	return NULL;
}

int
http_send(struct http *h, const struct http_request *r,
    struct http_response *ret, struct err *err)
{
	buf_clear(&ret->headers);
	buf_clear(&ret->body);
	return h->answer(h->arg, r, ret, err);
}

/* Nobody has to wait for a recording. */
int
http_pause(struct http *h, double sec, struct err *err)
{
	(void)h, (void)sec, (void)err;
	return 0;
}

struct gate *
http_gate(struct http *h)
{
	return &h->gate;
}

void
http_stop(struct http *h, double grace_sec)
{
	(void)grace_sec;
	gate_close(&h->gate);
}

void
http_free(struct http *h)
{
	if (h != NULL)
		gate_fini(&h->gate);
	free(h);
}

/* --- recordings ------------------------------------------------------- */

/* The newest call on this connection. */
static json_t *
call_of(json_t *calls, json_int_t conn)
{
	for (size_t i = js_len(calls); i-- > 0;)
		if (js_int(js_at(calls, i), "conn", -1) == conn)
			return (json_t *)js_at(calls, i);
	return NULL;
}

static void
add_event(json_t *calls, const json_t *event)
{
	const json_t *action = js_get(event, "action");
	const json_t *request = js_path(action, "Request.request");
	const json_t *response = js_path(action, "Response.response.Ok");
	const char *data = js_pathstr(action, "Data.data.Utf8");
	json_int_t conn = js_int(event, "connection_id", 0);
	const char *direction = js_pathstr(action, "Data.direction");
	json_t *call;

	if (request != NULL) {
		call = js_pack("{s:I}", "conn", conn);
		js_set(call, "request", js_copy(request));
		js_push(calls, call);
		return;
	}
	call = call_of(calls, conn);
	if (response != NULL)
		js_set(call, "response", js_copy(response));
	else if (data != NULL)
		js_set_str(call,
		    strcmp(direction, "Request") == 0 ? "sent" : "body", data);
}

struct recording *
recording_new(const json_t *traffic)
{
	struct recording *r = mem_of(struct recording);
	const json_t *event;
	size_t i;

	r->unexpected = (struct buf)BUF_INIT;
	r->calls = json_array();
	js_each (js_get(traffic, "events"), i, event)
		add_event(r->calls, event);
	return r;
}

void
recording_free(struct recording *r)
{
	if (r == NULL)
		return;
	js_free(r->calls);
	buf_free(&r->unexpected);
	free(r);
}

bool
recording_is_over(const struct recording *r)
{
	return r->next >= js_len(r->calls);
}

/* Parameters in any order; "http://host" is "http://host/". */
static bool
same_address(const char *a, const char *b)
{
	size_t n = strcspn(a, "?"), m = strcspn(b, "?");
	bool same;

	same = same_form(a + n + (a[n] == '?'), b + m + (b[m] == '?'));
	while (n > 0 && a[n - 1] == '/')
		n--;
	while (m > 0 && b[m - 1] == '/')
		m--;
	return same && n == m && strncmp(a, b, n) == 0;
}

/* The value of "Name: value\n" lines, or NULL; free it. */
static char *
sent_header(const char *lines, const char *name)
{
	size_t n = strlen(name);

	for (const char *s = lines; s != NULL && *s != 0;) {
		size_t len = strcspn(s, "\n");

		if (len > n + 1 && s[n] == ':' &&
		    strncasecmp(s, name, n) == 0) {
			size_t skip = n + 1 + strspn(s + n + 1, " ");

			return mem_strn(s + skip, len - skip);
		}
		s += len + (s[len] == '\n');
	}
	return NULL;
}

/* Those that matter to a provider. */
static bool
same_tokens(const char *lines, const json_t *wanted)
{
	static const char *const names[] = { "x-amz-sso_bearer_token",
		"x-aws-ec2-metadata-token",
		"x-aws-ec2-metadata-token-ttl-seconds", "authorization" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *want = js_text(js_at(js_get(wanted, names[i]), 0));
		auto_free char *have = sent_header(lines, names[i]);

		/* signatures are proven elsewhere: only who signs */
		if (want != NULL && text_starts(want, "AWS4-"))
			want = NULL;
		if (want != NULL && (have == NULL || strcmp(have, want) != 0))
			return false;
	}
	return true;
}

/* Only the operation: roles and tokens of the recordings have been edited and
 * are not always those of the scenario. */
static bool
same_sent(const struct http_request *r, const char *want)
{
	size_t n = want == NULL ? 0 : strcspn(want, "&");

	return want == NULL || !text_starts(want, "Action=") ||
	       (r->body_len > n && strncmp(r->body, want, n) == 0);
}

static bool
is_recorded(const json_t *call, const struct http_request *r)
{
	const json_t *want = js_get(call, "request");

	return call != NULL && strcmp(js_str(want, "method"), r->method) == 0 &&
	       same_address(r->url, js_str(want, "uri")) &&
	       same_tokens(r->headers, js_get(want, "headers")) &&
	       same_sent(r, js_str(call, "sent"));
}

static void
give(const json_t *call, struct http_response *ret)
{
	const json_t *response = js_get(call, "response"), *values;
	const char *name, *body = js_str(call, "body");

	ret->status = (int)js_int(response, "status", 500);
	js_foreach (js_get(response, "headers"), name, values) {
		for (const char *c = name; *c != 0; c++)
			buf_addc(
			    &ret->headers, (char)tolower((unsigned char)*c));
		buf_addf(&ret->headers, ": %s\n", js_text(js_at(values, 0)));
	}
	buf_adds(&ret->body, body != NULL ? body : "");
}

/* We may try more often than the recorded client: what failed fails again. */
static const json_t *
answered_last(const struct recording *r)
{
	const json_t *last = r->next == 0 ? NULL : js_at(r->calls, r->next - 1);

	return js_int(js_get(last, "response"), "status", 0) >= 500 ? last
								    : NULL;
}

int
recording_answer(void *arg, const struct http_request *r,
    struct http_response *ret, struct err *err)
{
	struct recording *rec = arg;
	const json_t *next = js_at(rec->calls, rec->next);
	const json_t *last = answered_last(rec);

	if (is_recorded(next, r)) {
		rec->next++;
		give(next, ret);
		return 0;
	}
	if (is_recorded(last, r)) {
		give(last, ret);
		return 0;
	}
	buf_addf(&rec->unexpected, "%s %s; ", r->method, r->url);
	return err_set(err, ERR_NETWORK, "nothing is recorded for it");
}
