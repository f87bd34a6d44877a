/* The inside of the daemon, for daemon*.c alone. */
#ifndef DAEMON_DAEMON_IMPL_H
#define DAEMON_DAEMON_IMPL_H

#include <ev.h>
#include <sys/queue.h>

#include "common/base/err.h"
#include "common/base/js.h"
#include "common/loop/pool.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/notify.h"
#include "daemon/web.h"

struct control_client;
struct controller;

/* An order that waits for passes; a reconcile for a fresh fetch before. */
struct request {
	LIST_ENTRY(request) entry;
	struct control_client *client;
	double since;        /* clock_mono */
	unsigned long fetch; /* the fetch that must have ended */
	char *architecture;  /* NULL: all */
	json_t *goals;       /* names of passes; NULL: still fetching */
	bool (*reached)(const struct controller *, const json_t *goals);
	bool plans; /* are part of the answer */
};

struct daemon {
	struct daemon_options options;
	struct settings *settings;
	char *installation, *state_directory, *mirror;
	struct log log;
	struct notify notify;
	struct metrics *metrics;
	struct ev_loop *loop;
	struct pools *pools;
	struct http *http;
	struct clients *clients;
	struct git *git;
	struct history *history;
	struct intent_log *intents;
	char *state_trouble; /* that was said last, or NULL */
	struct job flush;    /* of intents; run is NULL while it is idle */
	struct orders *orders;
	struct seen *seen;
	struct controller *controller;
	struct web *web;         /* NULL: off */
	struct control *control; /* NULL: off */
	int lock;                /* of the state directory, or -1 */
	LIST_HEAD(, request) requests;

	ev_signal sigterm, sigint, sighup;
	ev_timer deadline; /* of once; when stopping: of stopping */
	bool stopping;
	int code; /* exit code */

	/* the source, as status and readiness tell it */
	char *git_error; /* of the last fetch; NULL: it succeeded */
	double fetched;  /* wall time of the last good fetch; 0: none */
};

/* daemon.c */
void daemon_stop(struct daemon *);
/* Something ended: answers requests, ends a loop that has nothing to do. */
void daemon_settle(struct daemon *);

/* daemon_reload.c: settings that are in force. */
int daemon_load(const struct daemon *, struct settings **ret);
void daemon_reload(struct daemon *);

/* daemon_status.c: what it says about itself. */
extern const struct web_page daemon_pages[];
struct packed_doc *daemon_status(struct daemon *);

/* daemon_requests.c: what the control socket asks. */
void daemon_request(void *arg, struct control_client *, const json_t *);
/* Answers with the status once that is reached. */
struct request *daemon_wait(struct daemon *, struct control_client *,
    json_t *take_goals,
    bool (*reached)(const struct controller *, const json_t *goals));
void daemon_requests_settle(struct daemon *);
void daemon_requests_free(struct daemon *);

/* daemon_orders.c: commands about what passes may do. */
void daemon_drift(struct daemon *, struct control_client *, const json_t *);
void daemon_suspend(struct daemon *, struct control_client *, const json_t *);
void daemon_resume(struct daemon *, struct control_client *, const json_t *);
void daemon_approve(struct daemon *, struct control_client *, const json_t *);
void daemon_reject(struct daemon *, struct control_client *, const json_t *);
void daemon_adopt(struct daemon *, struct control_client *, const json_t *);

/* daemon_intents.c: what a crash must not make us forget. */
void daemon_intents_start(struct daemon *);
/* Says whether the state directory can be written, if that has changed. */
void daemon_intents_check(struct daemon *);
/* Same, when a pass has ended; writes what nothing else does. */
void daemon_intents_settle(struct daemon *);
/* Pools must be gone. */
void daemon_intents_free(struct daemon *);

/* daemon_history.c: the history, and the command that asks for it. */
void daemon_history_start(struct daemon *);
/* commit: {sha, author, time, subject} */
void daemon_history_commit(
    struct daemon *, const char *revision, const json_t *commit);
void daemon_history_ask(
    struct daemon *, struct control_client *, const json_t *);

#endif
