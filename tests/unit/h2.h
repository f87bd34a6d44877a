/*
 * An HTTP/2 server behind TLS on the loopback address, for tests: nghttp2's
 * session, one thread per connection. What happens to the n-th request is a
 * row of the script; the last one repeats.
 */
#ifndef TESTS_UNIT_H2_H
#define TESTS_UNIT_H2_H

#include "tests/unit/tls.h"

#include <nghttp2/nghttp2.h>
#include <stdbool.h>

enum h2_deed {
	H2_ANSWER,
	H2_HOLD,   /* until `held` of them are open on one connection */
	H2_REFUSE, /* REFUSED_STREAM: surely not processed */
	H2_RESET,  /* INTERNAL_ERROR instead of an answer */
	H2_BREAK,  /* the same after headers and half of the body */
	H2_LEAVE,  /* GOAWAY that does not count this stream */
	H2_LAST,   /* an answer, with GOAWAY behind it */
	H2_CLOSE   /* nothing but the end of the connection */
};

#define H2_MAX_HELD 16

struct h2 {
	struct tls tls;
	const enum h2_deed *script;
	size_t n_script;
	int held;
	const char *body; /* of every answer */
	/* under the listener's lock */
	unsigned requests;
	int most_open;   /* streams of one connection */
	char first[512]; /* headers of the first request: "name: value\n" */
};

struct h2_conn {
	struct h2 *server;
	SSL *ssl;
	nghttp2_session *session;
	int open, n_waiting;
	int32_t waiting[H2_MAX_HELD];
	bool over;
};

/* --- deeds ------------------------------------------------------------- */

static inline ssize_t
h2_read_body(nghttp2_session *s, int32_t id, uint8_t *to, size_t n,
    uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	const char *body = source->ptr;
	size_t len = strlen(body);

	(void)s, (void)id, (void)arg;
	must(len <= n);
	memcpy(to, body, len);
	*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)len;
}

#define H2_NV(name, value)                                                     \
	{                                                                      \
		(uint8_t *)(name), (uint8_t *)(value), strlen(name),           \
		    strlen(value), NGHTTP2_NV_FLAG_NONE                        \
	}

/* length: what the header says; more than the body has breaks it. */
static inline void
h2_answer(struct h2_conn *c, int32_t id, const char *length)
{
	auto_free char *whole = mem_fmt("%zu", strlen(c->server->body));
	nghttp2_nv headers[] = { H2_NV(":status", "200"),
		H2_NV("content-type", "application/x-amz-json-1.0"),
		H2_NV("x-amzn-requestid", "r-2"),
		H2_NV("content-length", length ? length : whole) };
	nghttp2_data_provider body = {
		.source.ptr = (void *)c->server->body,
		.read_callback = h2_read_body,
	};

	must(nghttp2_submit_response(c->session, id, headers, 4, &body) == 0);
}

static inline void
h2_reset(struct h2_conn *c, int32_t id, uint32_t code)
{
	must(nghttp2_submit_rst_stream(
		 c->session, NGHTTP2_FLAG_NONE, id, code) == 0);
}

static inline void
h2_hold(struct h2_conn *c, int32_t id)
{
	c->waiting[c->n_waiting++] = id;
	if (c->n_waiting < c->server->held)
		return;
	while (c->n_waiting > 0)
		h2_answer(c, c->waiting[--c->n_waiting], NULL);
}

static inline void
h2_flush(struct h2_conn *c)
{
	const uint8_t *data;
	ssize_t n;

	while ((n = nghttp2_session_mem_send(c->session, &data)) > 0)
		if (SSL_write(c->ssl, data, (int)n) <= 0)
			c->over = true;
}

static inline void
h2_do(struct h2_conn *c, int32_t id, enum h2_deed deed)
{
	switch (deed) {
	case H2_ANSWER:
		h2_answer(c, id, NULL);
		break;
	case H2_HOLD:
		h2_hold(c, id);
		break;
	case H2_REFUSE:
		h2_reset(c, id, NGHTTP2_REFUSED_STREAM);
		break;
	case H2_RESET:
		h2_reset(c, id, NGHTTP2_INTERNAL_ERROR);
		break;
	case H2_BREAK:
		h2_answer(c, id, "4000");
		h2_flush(c);
		h2_reset(c, id, NGHTTP2_INTERNAL_ERROR);
		break;
	case H2_LEAVE:
		nghttp2_submit_goaway(c->session, NGHTTP2_FLAG_NONE, 0,
		    NGHTTP2_NO_ERROR, NULL, 0);
		break;
	case H2_LAST:
		h2_answer(c, id, NULL);
		nghttp2_submit_goaway(c->session, NGHTTP2_FLAG_NONE, id,
		    NGHTTP2_NO_ERROR, NULL, 0);
		break;
	case H2_CLOSE:
		c->over = true;
		break;
	}
}

/* --- the session ------------------------------------------------------- */

static inline enum h2_deed
h2_next_deed(struct h2_conn *c)
{
	struct h2 *s = c->server;
	enum h2_deed deed;
	size_t i;

	pthread_mutex_lock(&s->tls.listener.lock);
	i = s->requests++;
	deed = s->script[i < s->n_script ? i : s->n_script - 1];
	c->open++;
	s->most_open = c->open > s->most_open ? c->open : s->most_open;
	pthread_mutex_unlock(&s->tls.listener.lock);
	return deed;
}

static inline int
h2_on_frame(nghttp2_session *session, const nghttp2_frame *f, void *arg)
{
	bool whole = (f->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 &&
		     (f->hd.type == NGHTTP2_HEADERS ||
			 f->hd.type == NGHTTP2_DATA);

	(void)session;
	if (whole)
		h2_do(arg, f->hd.stream_id, h2_next_deed(arg));
	return 0;
}

static inline int
h2_on_header(nghttp2_session *session, const nghttp2_frame *f,
    const uint8_t *name, size_t name_len, const uint8_t *value,
    size_t value_len, uint8_t flags, void *arg)
{
	struct h2 *s = ((struct h2_conn *)arg)->server;
	size_t at;

	(void)session, (void)f, (void)flags;
	pthread_mutex_lock(&s->tls.listener.lock);
	at = strlen(s->first);
	if (s->requests == 0)
		snprintf(s->first + at, sizeof(s->first) - at, "%.*s: %.*s\n",
		    (int)name_len, (const char *)name, (int)value_len,
		    (const char *)value);
	pthread_mutex_unlock(&s->tls.listener.lock);
	return 0;
}

static inline int
h2_on_close(nghttp2_session *session, int32_t id, uint32_t code, void *arg)
{
	(void)session, (void)id, (void)code;
	((struct h2_conn *)arg)->open--;
	return 0;
}

static inline void
h2_session(struct h2_conn *c)
{
	nghttp2_session_callbacks *on;

	must(nghttp2_session_callbacks_new(&on) == 0);
	nghttp2_session_callbacks_set_on_frame_recv_callback(on, h2_on_frame);
	nghttp2_session_callbacks_set_on_header_callback(on, h2_on_header);
	nghttp2_session_callbacks_set_on_stream_close_callback(on, h2_on_close);
	must(nghttp2_session_server_new(&c->session, on, c) == 0);
	nghttp2_session_callbacks_del(on);
	must(nghttp2_submit_settings(c->session, NGHTTP2_FLAG_NONE, NULL, 0) ==
	     0);
}

static inline void
h2_serve(void *arg, int fd)
{
	struct h2 *s = arg;
	struct h2_conn c = { .server = s, .ssl = SSL_new(s->tls.ctx) };
	uint8_t in[16384];
	int n;

	SSL_set_fd(c.ssl, fd);
	if (SSL_accept(c.ssl) != 1) {
		SSL_free(c.ssl);
		return;
	}
	h2_session(&c);
	h2_flush(&c);
	while (!c.over && (n = SSL_read(c.ssl, in, sizeof(in))) > 0) {
		if (nghttp2_session_mem_recv(c.session, in, (size_t)n) < 0)
			break;
		h2_flush(&c);
		c.over |= !nghttp2_session_want_read(c.session) &&
			  !nghttp2_session_want_write(c.session);
	}
	/* closed with bytes unread it would be a reset, which overtakes */
	shutdown(fd, SHUT_WR);
	while (read(fd, in, sizeof(in)) > 0)
		continue;
	nghttp2_session_del(c.session);
	SSL_free(c.ssl);
}

static inline int
h2_choose(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *in, unsigned in_len, void *arg)
{
	(void)ssl, (void)arg;
	return nghttp2_select_next_protocol(
		   (unsigned char **)out, out_len, in, in_len) == 1
		   ? SSL_TLSEXT_ERR_OK
		   : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static inline void
h2_start(struct h2 *s)
{
	signal(SIGPIPE, SIG_IGN);
	tls_prepare(&s->tls, "IP:127.0.0.1", 86400);
	SSL_CTX_set_alpn_select_cb(s->tls.ctx, h2_choose, NULL);
	listener_start(&s->tls.listener, h2_serve, s);
}

static inline void
h2_stop(struct h2 *s)
{
	tls_stop(&s->tls);
}

#endif
