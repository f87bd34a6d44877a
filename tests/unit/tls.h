/*
 * A server behind TLS on the loopback address, with a certificate made for the
 * test, and a proxy that tunnels to it. One thread per connection.
 */
#ifndef TESTS_UNIT_TLS_H
#define TESTS_UNIT_TLS_H

#include "common/base/buf.h"
#include "common/base/mem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Calls serve(arg, fd) on a thread for every connection. */
struct listener {
	int fd, port;
	void (*serve)(void *arg, int fd);
	void *arg;
	unsigned connections, open; /* under the lock */
	pthread_mutex_t lock;
	pthread_cond_t closed;
	pthread_t thread;
};

struct listener_conn {
	struct listener *listener;
	int fd;
};

static inline void *
listener_serve(void *arg)
{
	struct listener_conn c = *(struct listener_conn *)arg;

	free(arg);
	c.listener->serve(c.listener->arg, c.fd);
	close(c.fd);
	OPENSSL_thread_stop(); /* before main may end, which ends OpenSSL */
	pthread_mutex_lock(&c.listener->lock);
	c.listener->open--;
	pthread_cond_signal(&c.listener->closed);
	pthread_mutex_unlock(&c.listener->lock);
	return NULL;
}

static inline void *
listener_accept(void *arg)
{
	struct listener *l = arg;
	int fd;

	while ((fd = accept(l->fd, NULL, NULL)) != -1) {
		struct listener_conn *c = mem_of(struct listener_conn);
		pthread_t t;

		*c = (struct listener_conn){ l, fd };
		pthread_mutex_lock(&l->lock);
		l->connections++;
		l->open++;
		pthread_mutex_unlock(&l->lock);
		must(pthread_create(&t, NULL, listener_serve, c) == 0);
		pthread_detach(t);
	}
	return NULL;
}

static inline void
listener_start(struct listener *l, void (*serve)(void *, int), void *arg)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	l->serve = serve;
	l->arg = arg;
	signal(SIGPIPE, SIG_IGN);
	must(pthread_mutex_init(&l->lock, NULL) == 0);
	must(pthread_cond_init(&l->closed, NULL) == 0);
	l->fd = socket(AF_INET, SOCK_STREAM, 0);
	must(bind(l->fd, (struct sockaddr *)&a, len) == 0);
	must(listen(l->fd, 64) == 0);
	must(getsockname(l->fd, (struct sockaddr *)&a, &len) == 0);
	l->port = ntohs(a.sin_port);
	must(pthread_create(&l->thread, NULL, listener_accept, l) == 0);
}

/* Waits until the clients have closed their connections. */
static inline void
listener_stop(struct listener *l)
{
	shutdown(l->fd, SHUT_RDWR);
	pthread_join(l->thread, NULL);
	close(l->fd);
	pthread_mutex_lock(&l->lock);
	while (l->open > 0)
		pthread_cond_wait(&l->closed, &l->lock);
	pthread_mutex_unlock(&l->lock);
}

static inline unsigned
listener_connections(struct listener *l)
{
	unsigned n;

	pthread_mutex_lock(&l->lock);
	n = l->connections;
	pthread_mutex_unlock(&l->lock);
	return n;
}

/* --- TLS -------------------------------------------------------------- */

struct tls {
	struct listener listener;
	SSL_CTX *ctx;
	char pem[64]; /* file that holds the certificate */
};

static inline X509 *
tls_certificate(EVP_PKEY *key, const char *alt_name, long valid_sec)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);
	X509_EXTENSION *alt = X509V3_EXT_conf_nid(
	    NULL, NULL, NID_subject_alt_name, alt_name);

	must(alt != NULL);
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -86400);
	X509_gmtime_adj(X509_getm_notAfter(x), valid_sec);
	X509_NAME_add_entry_by_txt(
	    name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
	X509_set_issuer_name(x, name);
	X509_set_pubkey(x, key);
	X509_add_ext(x, alt, -1);
	X509_EXTENSION_free(alt);
	must(X509_sign(x, key, EVP_sha256()) > 0);
	return x;
}

/* One answer for every request; "/stall" stops in the middle of it. */
static inline void
tls_serve(void *arg, int fd)
{
	static const char whole[] =
	    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
	static const char part[] =
	    "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n{";
	struct tls *t = arg;
	SSL *ssl = SSL_new(t->ctx);
	char in[8192];
	int n;

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1)
		while ((n = SSL_read(ssl, in, sizeof(in) - 1)) > 0) {
			in[n] = 0;
			if (strstr(in, " /stall ") != NULL) {
				SSL_write(ssl, part, sizeof(part) - 1);
				continue;
			}
			SSL_write(ssl, whole, sizeof(whole) - 1);
		}
	SSL_free(ssl);
}

/* Certificate and context. alt_name: "IP:127.0.0.1" */
static inline void
tls_prepare(struct tls *t, const char *alt_name, long valid_sec)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = tls_certificate(key, alt_name, valid_sec);
	FILE *f;
	int fd;

	snprintf(t->pem, sizeof(t->pem), "/tmp/tls-test-XXXXXX");
	fd = mkstemp(t->pem);
	f = fdopen(fd, "w");
	must(f != NULL && PEM_write_X509(f, x) == 1 && fclose(f) == 0);
	t->ctx = SSL_CTX_new(TLS_server_method());
	must(SSL_CTX_use_certificate(t->ctx, x) == 1);
	must(SSL_CTX_use_PrivateKey(t->ctx, key) == 1);
	X509_free(x);
	EVP_PKEY_free(key);
}

static inline void
tls_start(struct tls *t, const char *alt_name, long valid_sec)
{
	tls_prepare(t, alt_name, valid_sec);
	listener_start(&t->listener, tls_serve, t);
}

static inline void
tls_stop(struct tls *t)
{
	listener_stop(&t->listener);
	SSL_CTX_free(t->ctx);
	unlink(t->pem);
}

/* --- proxy ------------------------------------------------------------ */

struct proxy {
	struct listener listener;
	const char *refusal; /* status line instead of a tunnel; or NULL */
	char asked[128];     /* the last request line; under the lock */
};

static inline int
proxy_connect(const char *request)
{
	const char *colon = strrchr(request, ':');
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_port = htons((uint16_t)strtol(colon + 1, NULL, 10));
	must(connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	return fd;
}

static inline void
proxy_copy(int a, int b)
{
	struct pollfd p[2] = { { a, POLLIN, 0 }, { b, POLLIN, 0 } };
	char data[8192];

	while (poll(p, 2, -1) > 0)
		for (int i = 0; i < 2; i++) {
			ssize_t n;

			if (p[i].revents == 0)
				continue;
			n = read(p[i].fd, data, sizeof(data));
			if (n <= 0 || write(p[!i].fd, data, (size_t)n) != n)
				return;
		}
}

static inline void
proxy_serve(void *arg, int fd)
{
	struct proxy *p = arg;
	auto_buf struct buf in = BUF_INIT;
	const char *reply = p->refusal ? p->refusal : "HTTP/1.1 200 Go";
	auto_free char *whole = mem_fmt("%s\r\n\r\n", reply);
	char part[2048];
	ssize_t n;
	int to;

	while (strstr(in.data, "\r\n\r\n") == NULL &&
	       (n = read(fd, part, sizeof(part))) > 0)
		buf_add(&in, part, (size_t)n);
	in.data[strcspn(in.data, "\r")] = 0;
	pthread_mutex_lock(&p->listener.lock);
	snprintf(p->asked, sizeof(p->asked), "%s", in.data);
	pthread_mutex_unlock(&p->listener.lock);
	must(write(fd, whole, strlen(whole)) > 0);
	if (p->refusal != NULL || strchr(in.data, ':') == NULL)
		return;
	to = proxy_connect(in.data);
	proxy_copy(fd, to);
	close(to);
}

#endif
