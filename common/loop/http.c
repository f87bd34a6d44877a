/* HTTP for many threads over one curl multi handle: see http.h. */

#include "common/loop/http_call.h"

#include <ev.h>
#include <stdlib.h>

#define SPARE_HANDLES 64
#define KEPT_HOSTS    16   /* whose connections may all stay open */
#define BUNCH         8    /* ends that are given back together */
#define SLACK_SEC     0.05 /* curl's own time-out says more, so it is first */

/* A socket that curl wants watched. */
struct watch {
	ev_io io;
	struct http *http;
};

struct http {
	struct ev_loop *loop;
	CURLM *multi;
	struct urls *urls;
	char *ca_bundle;
	bool proxies; /* the environment names some */
	ev_timer timer, grace;
	ev_async wake;
	ev_prepare idle;     /* before the loop sleeps */
	struct calls active; /* loop's thread */
	struct calls ended;  /* and not given back yet; loop's thread */
	size_t n_ended;
	CURL *spare[SPARE_HANDLES];
	size_t n_spare;

	pthread_mutex_t lock;
	struct calls submitted; /* under the lock */
	bool stopped;           /* under the lock */
	struct gate gate;       /* closed with it */
};

static void
lock(struct http *h)
{
	must(pthread_mutex_lock(&h->lock) == 0);
}

static void
unlock(struct http *h)
{
	must(pthread_mutex_unlock(&h->lock) == 0);
}

static void
give_back(struct http *h)
{
	struct call *c;

	while ((c = TAILQ_FIRST(&h->ended)) != NULL) {
		TAILQ_REMOVE(&h->ended, c, entry);
		call_end(c);
	}
	h->n_ended = 0;
}

/*
 * Gives the answer to the worker. To wake it costs as much as the rest of a
 * small call: who waits for many gets several ends at a time.
 */
static void
finish(struct http *h, struct call *c)
{
	if (!c->patient) {
		call_end(c);
		return;
	}
	TAILQ_INSERT_TAIL(&h->ended, c, entry);
	if (++h->n_ended == BUNCH)
		give_back(h);
}

static void
on_idle(struct ev_loop *loop, ev_prepare *p, int revents)
{
	(void)loop, (void)revents;
	give_back(p->data);
}

static void
release_easy(struct http *h, struct call *c)
{
	TAILQ_REMOVE(&h->active, c, entry);
	ev_timer_stop(h->loop, &c->deadline);
	if (TAILQ_EMPTY(&h->active))
		ev_timer_stop(h->loop, &h->grace);
	curl_multi_remove_handle(h->multi, c->easy);
	if (c->url != NULL)
		urls_give_back(h->urls, mem_move(&c->url));
	if (h->n_spare < SPARE_HANDLES)
		h->spare[h->n_spare++] = c->easy;
	else
		curl_easy_cleanup(c->easy);
	c->easy = NULL;
}

static void
on_deadline(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct call *c = t->data;
	struct http *h = c->http;

	(void)loop, (void)revents;
	c->result = call_fail(c, c->started ? ERR_UNKNOWN : ERR_NETWORK,
	    c->started ? "timed out" : "timed out waiting for a connection");
	release_easy(h, c);
	finish(h, c);
}

static void
adopt(struct http *h, struct call *c)
{
	ev_timer_init(
	    &c->deadline, on_deadline, call_total_sec(c) + SLACK_SEC, 0);
	c->deadline.data = c;
	c->http = h;
	ev_timer_start(h->loop, &c->deadline);
	c->easy = h->n_spare ? h->spare[--h->n_spare]
			     : call_new_handle(h->ca_bundle);
	c->url = urls_take(h->urls, c->request->url);
	c->proxies = h->proxies;
	call_set_options(c);
	TAILQ_INSERT_TAIL(&h->active, c, entry);
	must(curl_multi_add_handle(h->multi, c->easy) == CURLM_OK);
}

static void
reap(struct http *h)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
		CURLcode code = m->data.result;
		char *arg = NULL;
		struct call *c;

		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &arg);
		c = (struct call *)(void *)arg;
		c->result = call_verdict(c, code);
		release_easy(h, c);
		finish(h, c);
	}
}

/* What is in flight ends now; ERR_UNKNOWN where AWS may have seen it. */
static void
cancel_active(struct http *h)
{
	struct call *c;

	while ((c = TAILQ_FIRST(&h->active)) != NULL) {
		c->result = call_fail(c,
		    c->started ? ERR_UNKNOWN : ERR_CANCELLED,
		    "given up, shutting down");
		release_easy(h, c);
		finish(h, c);
	}
}

static void
on_socket(struct ev_loop *loop, ev_io *io, int revents)
{
	struct watch *w = io->data;
	struct http *h = w->http; /* curl may free w in the call below */
	int running, what = (revents & EV_READ ? CURL_CSELECT_IN : 0) |
			    (revents & EV_WRITE ? CURL_CSELECT_OUT : 0);

	(void)loop;
	curl_multi_socket_action(h->multi, io->fd, what, &running);
	reap(h);
}

static int
want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *sockarg)
{
	struct http *h = arg;
	struct watch *w = sockarg;
	int events = (what & CURL_POLL_IN ? EV_READ : 0) |
		     (what & CURL_POLL_OUT ? EV_WRITE : 0);

	(void)easy;
	if (w != NULL)
		ev_io_stop(h->loop, &w->io);
	if (what == CURL_POLL_REMOVE) {
		free(w);
		curl_multi_assign(h->multi, fd, NULL);
		return 0;
	}
	if (w == NULL) {
		w = mem_of(struct watch);
		w->http = h;
		ev_init(&w->io, on_socket);
		w->io.data = w;
		curl_multi_assign(h->multi, fd, w);
	}
	ev_io_set(&w->io, fd, events);
	ev_io_start(h->loop, &w->io);
	return 0;
}

/* What curl put off until its timer runs, it does now: the loop need not turn
 * for it. */
static void
drive(struct http *h)
{
	int running;

	ev_timer_stop(h->loop, &h->timer);
	curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(h);
}

static void
on_timer(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)loop, (void)revents;
	drive(t->data);
}

static int
want_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct http *h = arg;

	(void)multi;
	ev_timer_stop(h->loop, &h->timer);
	if (timeout_ms < 0)
		return 0;
	ev_now_update(h->loop);
	ev_timer_set(&h->timer, (double)timeout_ms / 1000, 0);
	ev_timer_start(h->loop, &h->timer);
	return 0;
}

static void
take_submitted(struct http *h, struct calls *to)
{
	TAILQ_INIT(to);
	lock(h);
	TAILQ_CONCAT(to, &h->submitted, entry);
	unlock(h);
}

static void
on_wake(struct ev_loop *loop, ev_async *w, int revents)
{
	struct http *h = w->data;
	struct calls fresh;
	struct call *c;

	(void)loop, (void)revents;
	take_submitted(h, &fresh);
	if (TAILQ_EMPTY(&fresh)) /* an earlier wake-up took them */
		return;
	while ((c = TAILQ_FIRST(&fresh)) != NULL) {
		TAILQ_REMOVE(&fresh, c, entry);
		adopt(h, c);
	}
	drive(h);
}

static void
on_grace(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)loop, (void)revents;
	cancel_active(t->data);
}

static void
start_watchers(struct http *h)
{
	ev_init(&h->timer, on_timer);
	ev_init(&h->grace, on_grace);
	ev_async_init(&h->wake, on_wake);
	ev_prepare_init(&h->idle, on_idle);
	h->timer.data = h->grace.data = h->wake.data = h->idle.data = h;
	ev_async_start(h->loop, &h->wake);
	ev_unref(h->loop); /* idle, neither holds the loop */
	ev_prepare_start(h->loop, &h->idle);
	ev_unref(h->loop);
}

/* By the names that curl looks at. */
static bool
names_proxies(void)
{
	static const char *const names[] = { "http_proxy", "https_proxy",
		"HTTPS_PROXY", "all_proxy", "ALL_PROXY" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (getenv(names[i]) != NULL)
			return true;
	return false;
}

struct http *
http_new(struct ev_loop *loop, int max_connections_per_host)
{
	struct http *h = mem_of(struct http);
	const char *bundle = getenv("AWS_CA_BUNDLE");

	must(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
	h->loop = loop;
	h->ca_bundle = bundle && *bundle ? mem_str(bundle) : NULL;
	h->urls = urls_new();
	h->proxies = names_proxies();
	TAILQ_INIT(&h->active);
	TAILQ_INIT(&h->submitted);
	TAILQ_INIT(&h->ended);
	must(pthread_mutex_init(&h->lock, NULL) == 0);
	gate_init(&h->gate);
	h->multi = curl_multi_init();
	must(h->multi != NULL);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
	    (long)max_connections_per_host);
	/* By default curl keeps four times as many idle connections as there
	 * are requests, and closes the rest in every lull. */
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS,
	    (long)max_connections_per_host * KEPT_HOSTS);
	start_watchers(h);
	return h;
}

bool
call_submit(struct http *h, struct call *c)
{
	bool accepted;

	lock(h);
	accepted = !h->stopped;
	if (accepted)
		TAILQ_INSERT_TAIL(&h->submitted, c, entry);
	unlock(h);
	if (accepted)
		ev_async_send(h->loop, &h->wake);
	return accepted;
}

int
http_pause(struct http *h, double sec, struct err *err)
{
	return gate_pause(&h->gate, sec, err);
}

struct gate *
http_gate(struct http *h)
{
	return &h->gate;
}

void
http_stop(struct http *h, double grace_sec)
{
	struct calls unsent;
	struct call *c;

	lock(h);
	h->stopped = true;
	unlock(h);
	gate_close(&h->gate);
	take_submitted(h, &unsent);
	while ((c = TAILQ_FIRST(&unsent)) != NULL) {
		TAILQ_REMOVE(&unsent, c, entry);
		c->result = call_fail(
		    c, ERR_CANCELLED, "not sent, shutting down");
		finish(h, c);
	}
	ev_timer_stop(h->loop, &h->grace);
	if (grace_sec <= 0)
		cancel_active(h);
	give_back(h); /* the loop may not turn again */
	if (TAILQ_EMPTY(&h->active))
		return;
	ev_timer_set(&h->grace, grace_sec, 0);
	ev_timer_start(h->loop, &h->grace);
}

void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	http_stop(h, 0);
	ev_timer_stop(h->loop, &h->timer);
	ev_ref(h->loop);
	ev_async_stop(h->loop, &h->wake);
	ev_ref(h->loop);
	ev_prepare_stop(h->loop, &h->idle);
	while (h->n_spare > 0)
		curl_easy_cleanup(h->spare[--h->n_spare]);
	curl_multi_cleanup(h->multi);
	urls_free(h->urls);
	ev_timer_stop(h->loop, &h->timer);
	gate_fini(&h->gate);
	must(pthread_mutex_destroy(&h->lock) == 0);
	free(h->ca_bundle);
	free(h);
	curl_global_cleanup();
}
