/* The daemon's life: start, run, stop. See daemon.h. */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/base/version.h"
#include "common/intents/intents.h"
#include "common/loop/http.h"
#include "common/loop/pool.h"
#include "daemon/clients.h"
#include "daemon/control.h"
#include "daemon/controller.h"
#include "daemon/daemon_impl.h"
#include "daemon/git.h"
#include "daemon/history.h"
#include "daemon/metrics.h"
#include "daemon/orders.h"
#include "daemon/seen.h"
#include "daemon/settings.h"
#include "daemon/state.h"
#include "daemon/url.h"
#include "modules/modules.h"

#define EXIT_SETTINGS    78
#define MAX_CONNECTIONS  32   /* to one host */
#define STOP_CALLS_SEC   30.0 /* what calls in flight may take */
#define STOP_AT_MOST_SEC 40.0 /* below TimeoutStopSec of the unit */

/* ---- what happens ---- */

static void
log_fetch(struct daemon *d, const struct git_news *n)
{
	struct log_about about = { .revision = n->revision };
	bool again = n->err != NULL && d->git_error != NULL &&
		     strcmp(n->err->msg, d->git_error) == 0;

	if (n->err != NULL)
		log_at(&d->log, again ? LEVEL_DEBUG : LEVEL_ERROR, NULL,
		    "fetch failed; the last good revision stays in force: %s",
		    n->err->msg);
	else if (d->git_error != NULL)
		log_info(&d->log, "fetch succeeded again");
	if (n->forced)
		log_at(&d->log, LEVEL_WARNING, &about,
		    "forced push: history was rewritten, %s is no "
		    "ancestor of %s; the new one is followed",
		    n->old, n->revision);
	if (n->take_tree != NULL)
		log_at(&d->log, LEVEL_INFO, &about, "new revision %s (%.2f s)",
		    n->revision, n->seconds);
}

static void
count_fetch(struct daemon *d, const struct git_news *n)
{
	metrics_add(d->metrics, M_GIT_FETCH, 1,
	    LABELS(n->err == NULL ? "success" : "error"));
	metrics_observe(d->metrics, M_GIT_DURATION, n->seconds, LABELS());
	metrics_set(d->metrics, M_GIT_UP, n->err == NULL, LABELS());
}

static void
on_news(void *arg, struct git_news *n)
{
	struct daemon *d = arg;

	log_fetch(d, n);
	count_fetch(d, n);
	free(d->git_error);
	d->git_error = n->err == NULL ? NULL : mem_str(n->err->msg);
	if (n->err == NULL)
		d->fetched = clock_wall();
	if (d->options.once && n->err != NULL) {
		tree_free(n->take_tree);
		d->code = 1;
		daemon_stop(d);
		return;
	}
	if (n->commit != NULL)
		daemon_history_commit(d, n->revision, n->commit);
	if (n->take_tree != NULL)
		controller_tree(d->controller, n->take_tree, n->committed);
	daemon_settle(d);
}

static void
on_ended(void *arg)
{
	daemon_intents_settle(arg);
	daemon_settle(arg);
}

static void
on_deadline(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct daemon *d = w->data;

	(void)revents;
	if (d->stopping) {
		ev_break(loop, EVBREAK_ALL);
		return;
	}
	log_error(&d->log, "time is up");
	d->code = controller_exit_code(d->controller);
	daemon_stop(d);
}

static void
on_signal(struct ev_loop *loop, ev_signal *w, int revents)
{
	struct daemon *d = w->data;

	(void)loop, (void)revents;
	if (w->signum == SIGHUP) {
		if (!d->stopping)
			daemon_reload(d);
		return;
	}
	log_info(&d->log, "stopping: %s", strsignal(w->signum));
	if (d->options.once && !d->stopping)
		d->code = 1;
	daemon_stop(d);
}

/* ---- stopping ---- */

static void
set_deadline(struct daemon *d, double sec)
{
	ev_timer_stop(d->loop, &d->deadline);
	ev_timer_set(&d->deadline, sec, 0);
	ev_timer_start(d->loop, &d->deadline);
}

/* A second time: without grace. */
void
daemon_stop(struct daemon *d)
{
	if (d->stopping) {
		http_stop(d->http, 0);
		return;
	}
	d->stopping = true;
	notify_stopping(&d->notify);
	git_stop(d->git);
	controller_stop(d->controller);
	http_stop(d->http, STOP_CALLS_SEC);
	set_deadline(d, STOP_AT_MOST_SEC);
	daemon_settle(d);
}

void
daemon_settle(struct daemon *d)
{
	const char *revision = controller_revision(d->controller);

	notify_status(&d->notify, revision ? revision : "no revision yet");
	daemon_requests_settle(d);
	if (d->stopping) {
		if (!controller_busy(d->controller) &&
		    !history_busy(d->history))
			ev_break(d->loop, EVBREAK_ALL);
	} else if (d->options.once && controller_has_run(d->controller)) {
		d->code = controller_exit_code(d->controller);
		daemon_stop(d);
	}
}

/* ---- starting ---- */

static unsigned
pool_size(void *arg, const char *name)
{
	const struct daemon *d = arg;

	/* A source or a database belongs to one thread at a time; one compile
	 * is enough. */
	if (words_has("git compile history", name))
		return 1;
	return settings_workers(d->settings, name);
}

static void
on_waited(void *arg, const char *pool, double sec)
{
	struct daemon *d = arg;

	metrics_observe(d->metrics, M_QUEUE_WAIT, sec, LABELS(pool));
}

static int
start_state(struct daemon *d, struct err *err)
{
	auto_free char *orders = mem_fmt("%s/orders.json", d->state_directory);

	auto_free char *seen = mem_fmt("%s/seen.json", d->state_directory);

	d->mirror = mem_fmt("%s/mirror", d->state_directory);
	if (state_open(d->state_directory, &d->lock, err) == -1)
		return -1;
	daemon_intents_start(d);
	d->orders = orders_open(orders);
	d->seen = seen_open(seen);
	if (orders_damage(d->orders) != NULL)
		log_error(&d->log,
		    "%s: every architecture is suspended until "
		    "`convergctl resume`",
		    orders_damage(d->orders));
	return 0;
}

static int
start_loop(struct daemon *d, struct err *err)
{
	struct {
		ev_signal *w;
		int number;
	} signals[] = { { &d->sigterm, SIGTERM }, { &d->sigint, SIGINT },
		{ &d->sighup, SIGHUP } };

	d->loop = ev_loop_new(EVFLAG_AUTO);
	if (d->loop == NULL)
		return err_errno(err, "event loop");
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		ev_signal_init(signals[i].w, on_signal, signals[i].number);
		signals[i].w->data = d;
		ev_signal_start(d->loop, signals[i].w);
	}
	ev_timer_init(&d->deadline, on_deadline, 0, 0);
	d->deadline.data = d;
	notify_init(&d->notify, d->loop);
	return 0;
}

static int
start_rooms(struct daemon *d, struct err *err)
{
	struct target_env env = {
		.loop = d->loop,
		.log = &d->log,
		.metrics = d->metrics,
		.registry = &modules_registry,
		.settings = d->settings,
		.installation = d->installation,
		.once = d->options.once,
		.ended = on_ended,
		.arg = d,
	};
	struct git_options git = {
		.loop = d->loop, .mirror = d->mirror, .news = on_news, .arg = d
	};

	(void)err;
	d->pools = env.pools = pools_new(d->loop, pool_size, d);
	pools_watch(d->pools, on_waited, d);
	d->http = http_new(d->loop, MAX_CONNECTIONS);
	daemon_history_start(d);
	env.history = d->history;
	env.orders = d->orders;
	env.intents = intent_log_intents(d->intents);
	env.seen = d->seen;
	d->clients = env.clients = clients_new(d->http, d->metrics);
	d->controller = controller_new(&env);
	git.pool = pools_get(d->pools, "git");
	d->git = git_new(&git);
	return 0;
}

static int
start_servers(struct daemon *d, struct err *err)
{
	struct control_options o = { .loop = d->loop,
		.path = d->settings->control_socket,
		.request = daemon_request,
		.arg = d };
	const char *listen = d->settings->http_listen;

	if (d->options.once)
		return 0;
	if (listen != NULL &&
	    web_new(d->loop, listen, daemon_pages, d, &d->web, err) == -1)
		return -1;
	if (d->web != NULL)
		log_info(&d->log, "HTTP on %s", web_address(d->web));
	if (o.path == NULL)
		return 0;
	return control_new(&o, &d->control, err);
}

static int
start_work(struct daemon *d, struct err *err)
{
	auto_buf struct buf url = BUF_INIT;

	(void)err;
	url_add_public(&url, d->settings->source.url);
	log_info(&d->log,
	    "convergd %s, installation %s, follows branch %s of %s",
	    CONVERGD_VERSION, d->installation, d->settings->source.branch,
	    url.data);
	metrics_set(d->metrics, M_BUILD_INFO, 1,
	    LABELS(CONVERGD_VERSION, CONVERGD_REVISION));
	if (d->options.once)
		set_deadline(d, d->options.timeout_sec);
	git_follow(d->git, d->settings);
	notify_ready(&d->notify);
	return 0;
}

static int (*const steps[])(struct daemon *, struct err *) = {
	start_state,
	start_loop,
	start_rooms,
	start_servers,
	start_work,
};

static int
start(struct daemon *d)
{
	struct err err;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i](d, &err) == -1) {
			log_error(&d->log, "%s", err.msg);
			return -1;
		}
	return 0;
}

/* ---- the end ---- */

static void
finish_loop(struct daemon *d)
{
	if (d->loop == NULL)
		return;
	ev_signal_stop(d->loop, &d->sigterm);
	ev_signal_stop(d->loop, &d->sigint);
	ev_signal_stop(d->loop, &d->sighup);
	ev_timer_stop(d->loop, &d->deadline);
	notify_fini(&d->notify);
	ev_loop_destroy(d->loop);
}

static void
finish(struct daemon *d)
{
	daemon_requests_free(d);
	control_free(d->control);
	web_free(d->web);
	/* A fetch that hangs cannot be interrupted, and the mirror survives a
	 * crash: nothing is gained by waiting for it. */
	if (d->git != NULL && git_busy(d->git))
		_exit(d->code);
	if (d->http != NULL)
		http_stop(d->http, 0);
	pools_free(d->pools);
	git_free(d->git);
	controller_free(d->controller);
	history_free(d->history);
	daemon_intents_free(d);
	orders_free(d->orders);
	seen_free(d->seen);
	clients_free(d->clients);
	http_free(d->http);
	finish_loop(d);
	metrics_free(d->metrics);
	settings_free(d->settings);
	free(d->git_error);
	free(d->installation);
	free(d->state_directory);
	free(d->mirror);
	if (d->lock != -1)
		close(d->lock);
}

int
daemon_run(const struct daemon_options *options)
{
	struct daemon d = { .options = *options, .lock = -1 };

	log_init(&d.log, LEVEL_INFO, FORMAT_AUTO);
	LIST_INIT(&d.requests);
	if (daemon_load(&d, &d.settings) == -1)
		return EXIT_SETTINGS;
	log_init(&d.log, log_level_of(d.settings->log_level),
	    log_format_of(d.settings->log_format));
	d.installation = mem_str(d.settings->installation);
	d.state_directory = mem_str(d.settings->state_directory);
	d.metrics = metrics_new();
	if (start(&d) == -1)
		d.code = 1;
	else
		ev_run(d.loop, 0);
	finish(&d);
	return d.code;
}
