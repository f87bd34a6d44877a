/*
 * An AWS client against a server that answers from a script, for tests.
 * Answers are taken by the number of the request; the last one repeats.
 */
#ifndef TESTS_UNIT_SCRIPT_H
#define TESTS_UNIT_SCRIPT_H

#include "common/aws/aws.h"
#include "common/base/clock.h"
#include "tests/unit/loopback.h"
#include "tests/unit/worker.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SCRIPT(...)                                                            \
	(const struct answer[])                                                \
	{                                                                      \
		__VA_ARGS__,                                                   \
		{                                                              \
			0, NULL, NULL                                          \
		}                                                              \
	}

enum { CLOSED = 0, SILENCE = -1, RAW = -2, RESET = -3 };
struct answer {
	int status; /* or one of the failures below */
	const char *headers, *body;
};
#define MAX_REQUESTS 8

struct script {
	const struct answer *answers;
	char *requests[MAX_REQUESTS];
	unsigned n;
};

/* Requests carry "Date: +900" for a clock 900 seconds ahead. */
static inline void
put_date(const char *offset, struct buf *headers)
{
	time_t t = (time_t)(clock_wall() + strtod(offset, NULL));
	char text[64];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	buf_addf(headers, "Date: %s\r\n", text);
}

static inline bool
next_answer(struct loopback *server, const char *request, struct buf *reply)
{
	struct script *s = server->arg;
	const struct answer *a = s->answers;
	auto_buf struct buf headers = BUF_INIT;

	for (unsigned i = 0; i < s->n && a[1].body != NULL; i++)
		a++;
	if (s->n < MAX_REQUESTS)
		s->requests[s->n++] = mem_str(request);
	if (a->status == SILENCE)
		usleep(600000);
	server->reset = a->status == RESET;
	if (a->status == RAW)
		buf_adds(reply, a->body);
	if (a->status <= 0)
		return false;
	if (a->headers != NULL && strncmp(a->headers, "Date: ", 6) == 0)
		put_date(a->headers + 6, &headers);
	else if (a->headers != NULL)
		buf_adds(&headers, a->headers);
	loopback_reply(reply, a->status, headers.data, a->body);
	return true;
}

struct seen {
	char attempts[256]; /* "503 200 " */
	unsigned throttled;
};

static inline void
see_attempt(void *arg, const struct aws_attempt *t)
{
	struct seen *s = arg;
	size_t n = strlen(s->attempts);

	snprintf(s->attempts + n, sizeof(s->attempts) - n, "%s ", t->code);
	s->throttled += t->throttled;
}

struct world {
	struct loopback server;
	struct script script;
	struct seen seen;
	struct aws_settings settings;
	char *url;
	void (*body)(struct aws *, void *);
	void *arg;
	const struct worker_stop *stop; /* or NULL */
};

static inline void
call_body(struct http *http, void *arg)
{
	struct world *w = arg;
	auto_of(aws_free) struct aws *aws = NULL;
	struct err err;

	ck_assert_msg(
	    aws_new(&w->settings, http, &aws, &err) == 0, "%s", err.msg);
	w->body(aws, w->arg);
}

/* Runs body with a client of a server that follows the script. */
static inline void
play(struct world *w, const struct answer *answers,
    void (*body)(struct aws *, void *), void *arg)
{
	w->server.answer = next_answer;
	w->server.arg = &w->script;
	w->script.answers = answers;
	loopback_start(&w->server);
	w->url = mem_fmt("http://127.0.0.1:%d", w->server.port);
	w->settings.endpoint_url = w->settings.endpoint_url
				       ? w->settings.endpoint_url
				       : w->url;
	w->settings.region = "eu-west-1";
	w->settings.attempt = see_attempt;
	w->settings.arg = &w->seen;
	w->body = body;
	w->arg = arg;
	in_worker_with(4, w->stop, call_body, w);
	loopback_stop(&w->server);
}

static inline void
world_free(struct world *w)
{
	for (unsigned i = 0; i < w->script.n; i++)
		free(w->script.requests[i]);
	free(w->url);
}

static inline void
set_up(void)
{
	static const char *const unwanted[] = { "AWS_PROFILE",
		"AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION",
		"AWS_DEFAULT_REGION", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE" };

	for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++)
		unsetenv(unwanted[i]);
	setenv("AWS_CONFIG_FILE", "/nonexistent/config", 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials", 1);
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
}

#endif
