/* The transport over TLS and through proxies. */

#include "common/base/clock.h"
#include "tests/unit/tls.h"
#include "tests/unit/worker.h"

#include <check.h>

#define DAY 86400L

/* Variables are templates: %P port of the proxy, %C file of the certificate. */
static const struct row {
	const char *name;
	const char *alt_name; /* of the certificate */
	long valid;           /* seconds */
	const char *bundle, *variable, *value, *no_proxy;
	const char *refusal; /* of the proxy */
	const char *path;
	bool direct; /* the request wants no proxy */
	enum err_kind kind;
	const char *text; /* of the error */
	unsigned proxied; /* connections to the proxy */
} rows[] = {
	{ .name = "known certificate", .bundle = "%C" },
	{ .name = "unknown certificate",
	    .kind = ERR_NETWORK,
	    .text = "certificate" },
	{ .name = "of another host",
	    .alt_name = "DNS:elsewhere.example",
	    .bundle = "%C",
	    .kind = ERR_NETWORK,
	    .text = "127.0.0.1" },
	{ .name = "of another address",
	    .alt_name = "IP:127.0.0.2",
	    .bundle = "%C",
	    .kind = ERR_NETWORK,
	    .text = "127.0.0.1" },
	{ .name = "expired",
	    .valid = -60,
	    .bundle = "%C",
	    .kind = ERR_NETWORK,
	    .text = "expired" },
	{ .name = "bundle is not there",
	    .bundle = "/nonexistent/ca.pem",
	    .kind = ERR_NETWORK,
	    .text = "/nonexistent/ca.pem" },
	{ .name = "stalls in the middle",
	    .bundle = "%C",
	    .path = "/stall",
	    .kind = ERR_UNKNOWN,
	    .text = "too slow" },

	{ .name = "HTTPS_PROXY",
	    .bundle = "%C",
	    .variable = "HTTPS_PROXY",
	    .value = "http://127.0.0.1:%P",
	    .proxied = 1 },
	{ .name = "https_proxy without scheme",
	    .bundle = "%C",
	    .variable = "https_proxy",
	    .value = "127.0.0.1:%P",
	    .proxied = 1 },
	{ .name = "NO_PROXY has the host",
	    .bundle = "%C",
	    .variable = "HTTPS_PROXY",
	    .value = "http://127.0.0.1:%P",
	    .no_proxy = "localhost,127.0.0.1" },
	{ .name = "NO_PROXY has another",
	    .bundle = "%C",
	    .variable = "HTTPS_PROXY",
	    .value = "http://127.0.0.1:%P",
	    .no_proxy = "localhost,10.0.0.1",
	    .proxied = 1 },
	{ .name = "never through a proxy",
	    .bundle = "%C",
	    .variable = "HTTPS_PROXY",
	    .value = "http://127.0.0.1:%P",
	    .direct = true },
	{ .name = "a proxy that refuses",
	    .bundle = "%C",
	    .variable = "HTTPS_PROXY",
	    .value = "http://127.0.0.1:%P",
	    .refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0",
	    .kind = ERR_NETWORK,
	    .text = "403",
	    .proxied = 1 },
	{ .name = "a proxy that wants a password",
	    .bundle = "%C",
	    .variable = "HTTPS_PROXY",
	    .value = "http://127.0.0.1:%P",
	    .refusal = "HTTP/1.1 407 Who\r\nContent-Length: 0",
	    .kind = ERR_NETWORK,
	    .text = "407",
	    .proxied = 1 },
	{ .name = "a proxy that is not there",
	    .bundle = "%C",
	    .variable = "HTTPS_PROXY",
	    .value = "http://127.0.0.1:1",
	    .kind = ERR_NETWORK,
	    .text = "127.0.0.1" },
};

struct world {
	struct tls tls;
	struct proxy proxy;
	struct http_request request;
	struct http_response response;
	int result;
	struct err err;
};

static void
put(const char *name, const char *template, const struct world *w)
{
	auto_buf struct buf b = BUF_INIT;

	unsetenv(name);
	if (template == NULL)
		return;
	for (const char *p = template; *p != 0; p++) {
		if (strncmp(p, "%P", 2) == 0)
			buf_addf(&b, "%d", w->proxy.listener.port), p++;
		else if (strncmp(p, "%C", 2) == 0)
			buf_adds(&b, w->tls.pem), p++;
		else
			buf_addc(&b, *p);
	}
	setenv(name, b.data, 1);
}

static void
clear_variables(const struct world *w)
{
	static const char *const names[] = { "HTTPS_PROXY", "https_proxy",
		"ALL_PROXY", "all_proxy", "no_proxy", "CURL_CA_BUNDLE",
		"SSL_CERT_FILE" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		put(names[i], NULL, w);
}

static void
fetch(struct http *http, void *arg)
{
	struct world *w = arg;

	w->result = http_send(http, &w->request, &w->response, &w->err);
}

START_TEST(requests)
{
	const struct row *r = &rows[_i];
	struct world w = { .response = HTTP_RESPONSE_INIT,
		.proxy.refusal = r->refusal };
	auto_free char *url = NULL, *host = NULL;

	tls_start(&w.tls, r->alt_name ? r->alt_name : "IP:127.0.0.1",
	    r->valid ? r->valid : DAY);
	listener_start(&w.proxy.listener, proxy_serve, &w.proxy);
	host = mem_fmt("127.0.0.1:%d", w.tls.listener.port);
	url = mem_fmt("https://%s%s", host, r->path ? r->path : "/");
	clear_variables(&w);
	put("AWS_CA_BUNDLE", r->bundle, &w);
	if (r->variable != NULL)
		put(r->variable, r->value, &w);
	put("NO_PROXY", r->no_proxy, &w);
	w.request = (struct http_request){ .method = "GET",
		.url = url,
		.stall_sec = 1,
		.total_sec = 20,
		.no_proxy = r->direct };
	in_worker(fetch, &w);
	ck_assert_msg((w.result == 0) == (r->kind == ERR_NONE), "%s: %s",
	    r->name, w.err.msg);
	if (w.result == 0) {
		ck_assert_int_eq(w.response.status, 200);
		ck_assert_str_eq(w.response.body.data, "{}");
	} else {
		ck_assert_str_eq(
		    err_kind_name(w.err.kind), err_kind_name(r->kind));
		ck_assert_msg(strncmp(w.err.msg, host, strlen(host)) == 0 &&
				  strstr(w.err.msg, r->text) != NULL,
		    "%s: %s", r->name, w.err.msg);
	}
	ck_assert_uint_eq(listener_connections(&w.proxy.listener), r->proxied);
	if (r->proxied > 0)
		ck_assert_ptr_nonnull(strstr(w.proxy.asked, host));
	http_response_free(&w.response);
	listener_stop(&w.proxy.listener);
	tls_stop(&w.tls);
}
END_TEST

/* --- peers that say nothing ------------------------------------------- */

static void
say_nothing(void *arg, int fd)
{
	char in[512];

	(void)arg;
	while (read(fd, in, sizeof(in)) > 0)
		continue;
}

static void
say_hello(void *arg, int fd)
{
	(void)arg;
	must(write(fd, "220 smtp ready\r\n", 16) == 16);
}

static const struct {
	const char *name, *scheme;
	void (*serve)(void *, int);
	enum err_kind kind;
} silent[] = {
	{ "no handshake", "https", say_nothing, ERR_NETWORK },
	{ "no TLS", "https", say_hello, ERR_NETWORK },
	{ "no answer", "http", say_nothing, ERR_UNKNOWN },
};

START_TEST(silence)
{
	struct listener l = { 0 };
	struct world w = { .response = HTTP_RESPONSE_INIT };
	auto_free char *url = NULL;
	double started = clock_mono();

	listener_start(&l, silent[_i].serve, NULL);
	url = mem_fmt("%s://127.0.0.1:%d/", silent[_i].scheme, l.port);
	clear_variables(&w);
	w.request = (struct http_request){ .method = "GET",
		.url = url,
		.connect_sec = .3,
		.stall_sec = 1,
		.total_sec = 20 };
	in_worker(fetch, &w);
	ck_assert_int_eq(w.result, -1);
	ck_assert_msg(w.err.kind == silent[_i].kind, "%s: %s: %s",
	    silent[_i].name, err_kind_name(w.err.kind), w.err.msg);
	ck_assert_ptr_nonnull(strstr(w.err.msg, "127.0.0.1:"));
	ck_assert_double_lt(clock_mono() - started, 10);
	http_response_free(&w.response);
	listener_stop(&l);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("transport");
	TCase *t = tcase_create("transport");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, requests, 0, LEN(rows));
	tcase_add_loop_test(t, silence, 0, LEN(silent));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
