/* Loop, workers, clients and passes of the AWS verbs: see session.h. */

#include "cli/session.h"

#include <ev.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli/journal.h"
#include "common/aws/aws.h"
#include "common/base/clock.h"
#include "common/engine/pass.h"
#include "common/loop/http.h"
#include "common/loop/pool.h"
#include "modules/modules.h"

#define WORKERS     4
#define CONNECTIONS 32   /* per host */
#define GRACE_SEC   30.0 /* what calls in flight may take */

static unsigned
pool_size(void *arg, const char *name)
{
	(void)arg;
	(void)name;
	return WORKERS;
}

int
session_new(const struct args *args, struct session *ret, struct err *err)
{
	*ret = (struct session){ .args = args };
	ret->loop = ev_loop_new(EVFLAG_AUTO);
	if (ret->loop == NULL)
		return err_set(err, ERR_SYSTEM, "cannot start an event loop");
	ret->pools = pools_new(ret->loop, pool_size, NULL);
	ret->http = http_new(ret->loop, CONNECTIONS);
	ret->limits = aws_limits_new();
	return 0;
}

void
session_free(struct session *s)
{
	pools_free(s->pools);
	for (size_t i = 0; i < s->n_clients; i++) {
		aws_free(s->clients[i].aws);
		free(s->clients[i].region);
		free(s->clients[i].role);
	}
	free(s->clients);
	aws_limits_free(s->limits);
	http_free(s->http);
	if (s->loop != NULL)
		ev_loop_destroy(s->loop);
}

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* The client of a region and, unless it is NULL, of a role; made once. files:
 * for what the user writes, never for what comes out of a repository. */
static int
client(struct session *s, const char *region, const char *role, bool files,
    struct aws **ret, struct err *err)
{
	struct aws_settings settings = {
		.region = region,
		.profile = args_get(s->args, "profile"),
		.endpoint_url = args_get(s->args, "endpoint-url"),
		.role_arn = role,
		.files = files,
		.limits = s->limits,
	};

	for (size_t i = 0; i < s->n_clients; i++) {
		const struct client *c = &s->clients[i];

		if (same(c->region, region) && same(c->role, role) &&
		    c->files == files) {
			*ret = c->aws;
			return 0;
		}
	}
	if (aws_new(&settings, s->http, ret, err) == -1)
		return -1;
	s->clients = mem_grow(s->clients, s->n_clients * sizeof(*s->clients),
	    (s->n_clients + 1) * sizeof(*s->clients));
	s->clients[s->n_clients++] = (struct client){
		.region = mem_str(region),
		.role = mem_str(role),
		.files = files,
		.aws = *ret,
	};
	return 0;
}

int
session_aws(
    struct session *s, const char *region, struct aws **ret, struct err *err)
{
	return client(s, region, NULL, true, ret, err);
}

/* ---- one function in a worker ---- */

struct work {
	struct job job; /* first: the pool gives this back */
	int (*work)(void *arg);
	void *arg;
	struct ev_loop *loop;
	int result;
	bool done;
};

static void
work_run(struct job *job)
{
	struct work *w = (struct work *)job;

	w->result = w->work(w->arg);
}

static void
work_done(struct job *job)
{
	struct work *w = (struct work *)job;

	w->done = true;
	ev_break(w->loop, EVBREAK_ALL);
}

int
session_work(struct session *s, int (*work)(void *arg), void *arg)
{
	struct work w = {
		.job = { .run = work_run, .done = work_done },
		.work = work,
		.arg = arg,
		.loop = s->loop,
	};

	pool_submit(pools_get(s->pools, "convergctl"), &w.job);
	while (!w.done)
		ev_run(s->loop, EVRUN_ONCE);
	return w.result;
}

/* ---- passes ---- */

struct waiter {
	struct session *session;
	struct pass *pass; /* NULL while only waiting */
	const struct pass_request *request;
	bool done;
	ev_signal on_int, on_term;
	ev_timer limit;
};

static void
stop(struct waiter *w)
{
	if (w->pass != NULL)
		pass_cancel(w->pass);
	else
		w->done = true;
	ev_break(w->session->loop, EVBREAK_ALL);
}

static void
on_signal(struct ev_loop *loop, ev_signal *e, int events)
{
	struct waiter *w = e->data;
	struct session *s = w->session;
	bool grace = !s->interrupted && w->pass != NULL && w->request->write;

	(void)loop;
	(void)events;
	if (grace)
		fail(EXIT_ERROR, "interrupted: calls in flight may end, "
				 "nothing new is begun; once more ends them");
	s->interrupted = true;
	http_stop(s->http, grace ? GRACE_SEC : 0);
	stop(w);
}

static void
on_limit(struct ev_loop *loop, ev_timer *e, int events)
{
	(void)loop;
	(void)events;
	stop(e->data);
}

static void
waiter_start(struct waiter *w, struct session *s, double sec)
{
	struct ev_loop *loop = s->loop;

	*w = (struct waiter){ .session = s };
	ev_signal_init(&w->on_int, on_signal, SIGINT);
	ev_signal_init(&w->on_term, on_signal, SIGTERM);
	ev_timer_init(&w->limit, on_limit, sec > 0 ? sec : 0, 0);
	w->on_int.data = w->on_term.data = w->limit.data = w;
	ev_signal_start(loop, &w->on_int);
	ev_signal_start(loop, &w->on_term);
	ev_now_update(loop);
	if (sec >= 0)
		ev_timer_start(loop, &w->limit);
}

static void
waiter_stop(struct waiter *w)
{
	struct ev_loop *loop = w->session->loop;

	ev_signal_stop(loop, &w->on_int);
	ev_signal_stop(loop, &w->on_term);
	ev_timer_stop(loop, &w->limit);
}

static void
waiter_run(struct waiter *w)
{
	while (!w->done)
		ev_run(w->session->loop, EVRUN_ONCE);
}

static void
on_pass_done(void *arg, struct pass *pass)
{
	struct waiter *w = arg;

	(void)pass;
	w->done = true;
	ev_break(w->session->loop, EVBREAK_ALL);
}

static void
on_pass_event(void *arg, const struct pass_event *event)
{
	const struct waiter *w = arg;

	if (w->request->event != NULL)
		w->request->event(w->request->arg, event);
}

static const char *
installation_of(const struct session *s, const struct pass_request *request)
{
	const char *option = args_get(s->args, "installation");

	if (option != NULL)
		return option;
	return request->installation ? request->installation : "default";
}

static struct pass_options
options_of(const struct session *s, const struct pass_request *request)
{
	return (struct pass_options){
		.loop = s->loop,
		.pools = s->pools,
		.installation = installation_of(s, request),
		.types = modules_registry.types,
		.graph = request->graph,
		.tree = request->tree,
		.peers = request->peers,
		.broken = request->broken,
		.write = request->write,
		.approved = request->write,
		.expect_plan = request->expect_plan,
		.event = on_pass_event,
		.done = on_pass_done,
	};
}

static void
run_pass(struct session *s, const struct pass_request *request,
    struct pass_options options, struct pass_result *ret)
{
	double left = request->until > 0 ? request->until - clock_mono() : -1;
	struct waiter w;

	waiter_start(&w, s, request->until > 0 && left < 0 ? 0 : left);
	w.request = request;
	options.arg = &w;
	w.pass = pass_start(&options);
	waiter_run(&w);
	waiter_stop(&w);
	ret->plan = packed_doc_share(pass_plan(w.pass));
	ret->report = pass_report(w.pass, NULL, NULL);
	pass_free(w.pass);
}

int
session_pass(struct session *s, const struct pass_request *request,
    struct pass_result *ret, struct err *err)
{
	struct pass_options options = options_of(s, request);
	struct journal journal = { .lock = -1 };

	if (client(s, request->graph->arch.region,
		request->graph->arch.assume_role, false, &options.aws,
		err) == -1)
		return -1;
	if (request->write &&
	    journal_open(options.installation, request->graph->arch.name,
		&journal, err) == -1)
		return -1;
	options.intents = journal_intents(&journal);
	run_pass(s, request, options, ret);
	journal_close(&journal);
	return 0;
}

void
pass_result_free(struct pass_result *r)
{
	packed_doc_free(r->plan);
	packed_doc_free(r->report);
	*r = (struct pass_result){ 0 };
}

void
session_sleep(struct session *s, double sec)
{
	struct waiter w;

	waiter_start(&w, s, sec);
	waiter_run(&w);
	waiter_stop(&w);
}
