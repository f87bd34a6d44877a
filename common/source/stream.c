/* Sockets with a deadline: see stream.h. */

#include "common/source/stream.h"
#include "common/base/clock.h"
#include "common/source/git.h"

#include <errno.h>
#include <fcntl.h>
#include <git2/sys/stream.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKETS_MAX 4 /* a redirect or a proxy takes a second one */

struct timebox {
	double until; /* clock_mono */
	pthread_t watcher;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under the lock */
	bool done, over;
	int fds[SOCKETS_MAX]; /* -1: free */
};

/* libgit2 passes no argument of ours to a new stream; the fetch that runs in
 * this thread is found here. */
static __thread struct timebox *current;

/*
 * libgit2 1.5 takes the socket for SSH out of a structure of its own: the
 * members up to `s` must stay as they are in its socket stream.
 */
struct stream {
	git_stream base;
	char *host;
	char *port;
	int s;
	struct timebox *box;
};

static void *
watch(void *arg)
{
	struct timebox *b = arg;
	struct timespec until = { .tv_sec = (time_t)b->until };

	until.tv_nsec = (long)((b->until - (double)until.tv_sec) * 1e9);
	must(pthread_mutex_lock(&b->lock) == 0);
	while (!b->done &&
	       pthread_cond_timedwait(&b->changed, &b->lock, &until) == 0)
		continue;
	b->over = !b->done;
	for (int i = 0; b->over && i < SOCKETS_MAX; i++)
		if (b->fds[i] != -1)
			shutdown(b->fds[i], SHUT_RDWR);
	must(pthread_mutex_unlock(&b->lock) == 0);
	return NULL;
}

struct timebox *
timebox_start(double sec)
{
	struct timebox *b = mem_of(struct timebox);
	pthread_condattr_t clock;
	pthread_attr_t attr;
	sigset_t all;

	b->until = clock_mono() + sec;
	for (int i = 0; i < SOCKETS_MAX; i++)
		b->fds[i] = -1;
	sigfillset(&all);
	must(pthread_mutex_init(&b->lock, NULL) == 0);
	must(pthread_condattr_init(&clock) == 0);
	must(pthread_condattr_setclock(&clock, CLOCK_MONOTONIC) == 0);
	must(pthread_cond_init(&b->changed, &clock) == 0);
	must(pthread_attr_init(&attr) == 0);
	must(pthread_attr_setsigmask_np(&attr, &all) == 0);
	must(pthread_create(&b->watcher, &attr, watch, b) == 0);
	pthread_attr_destroy(&attr);
	pthread_condattr_destroy(&clock);
	current = b;
	return b;
}

bool
timebox_is_over(struct timebox *b)
{
	bool over;

	must(pthread_mutex_lock(&b->lock) == 0);
	over = b->over;
	must(pthread_mutex_unlock(&b->lock) == 0);
	return over;
}

void
timebox_free(struct timebox *b)
{
	if (b == NULL)
		return;
	current = NULL;
	must(pthread_mutex_lock(&b->lock) == 0);
	b->done = true;
	must(pthread_cond_signal(&b->changed) == 0);
	must(pthread_mutex_unlock(&b->lock) == 0);
	must(pthread_join(b->watcher, NULL) == 0);
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

/* Exchanges one descriptor in the list; false if there is no such row or the
 * time is over. */
static bool
exchange(struct timebox *b, int from, int to)
{
	bool found = false;

	if (b == NULL)
		return true;
	must(pthread_mutex_lock(&b->lock) == 0);
	for (int i = 0; i < SOCKETS_MAX && !found; i++) {
		found = b->fds[i] == from;
		if (found)
			b->fds[i] = to;
	}
	found = found && !b->over;
	must(pthread_mutex_unlock(&b->lock) == 0);
	return found;
}

static int
fail(const struct stream *s, const char *what, const char *why)
{
	char text[512];

	snprintf(
	    text, sizeof(text), "%s %s:%s: %s", what, s->host, s->port, why);
	git_error_set_str(GIT_ERROR_NET, text);
	return -1;
}

static int
left_ms(const struct timebox *b)
{
	double left = b == NULL ? 60 : b->until - clock_mono();

	return left < 0 ? 0 : (int)(left * 1000) + 1;
}

/* 0 or an errno */
static int
connect_one(const struct stream *s, int fd, const struct addrinfo *a)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t n = sizeof(int);
	int error = 0, one = 1;

	if (connect(fd, a->ai_addr, a->ai_addrlen) == -1) {
		if (errno != EINPROGRESS)
			return errno;
		if (poll(&p, 1, left_ms(s->box)) == 0)
			return ETIMEDOUT;
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) == -1)
			return errno;
	}
	if (error == 0 && fcntl(fd, F_SETFL, 0) == -1)
		return errno;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return error;
}

static int
connect_any(struct stream *s, const struct addrinfo *list)
{
	int error = 0;

	for (const struct addrinfo *a = list; a != NULL; a = a->ai_next) {
		int fd = socket(a->ai_family,
		    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		error = fd == -1 ? errno : connect_one(s, fd, a);
		if (error == 0 && exchange(s->box, -1, fd)) {
			s->s = fd;
			return 0;
		}
		if (fd != -1) {
			exchange(s->box, fd, -1);
			close(fd);
		}
	}
	return fail(s, "cannot connect to",
	    error == 0 ? "no time left" : strerror(error));
}

static int
stream_connect(git_stream *base)
{
	struct stream *s = (struct stream *)base;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	int rc = getaddrinfo(s->host, s->port, &hints, &list);

	if (rc != 0)
		return fail(s, "cannot find", gai_strerror(rc));
	rc = connect_any(s, list);
	freeaddrinfo(list);
	return rc;
}

static ssize_t
stream_read(git_stream *base, void *data, size_t n)
{
	struct stream *s = (struct stream *)base;
	ssize_t got;

	do
		got = recv(s->s, data, n, 0);
	while (got == -1 && errno == EINTR);
	return got == -1 ? fail(s, "cannot read from", strerror(errno)) : got;
}

static ssize_t
stream_write(git_stream *base, const char *data, size_t n, int flags)
{
	struct stream *s = (struct stream *)base;
	ssize_t done;

	(void)flags;
	do
		done = send(s->s, data, n, MSG_NOSIGNAL);
	while (done == -1 && errno == EINTR);
	return done == -1 ? fail(s, "cannot write to", strerror(errno)) : done;
}

static int
stream_close(git_stream *base)
{
	struct stream *s = (struct stream *)base;

	if (s->s == -1)
		return 0;
	exchange(s->box, s->s, -1);
	close(s->s);
	s->s = -1;
	return 0;
}

static void
stream_free(git_stream *base)
{
	struct stream *s = (struct stream *)base;

	stream_close(base);
	free(s->host);
	free(s->port);
	free(s);
}

static int
stream_new(git_stream **ret, const char *host, const char *port)
{
	struct stream *s = mem_of(struct stream);

	s->base = (git_stream){
		.version = GIT_STREAM_VERSION,
		.connect = stream_connect,
		.read = stream_read,
		.write = stream_write,
		.close = stream_close,
		.free = stream_free,
	};
	s->host = mem_str(host);
	s->port = mem_str(port);
	s->s = -1;
	s->box = current;
	*ret = &s->base;
	return 0;
}

void
stream_register(void)
{
	git_stream_registration r = {
		.version = GIT_STREAM_VERSION,
		.init = stream_new,
	};

	must(git_stream_register(GIT_STREAM_STANDARD, &r) == 0);
}
