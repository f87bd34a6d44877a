/* Fetching, polling and backing off: see git.h. */

#include "daemon/git.h"
#include "common/base/clock.h"
#include "common/loop/pool.h"
#include "common/source/source.h"
#include "daemon/delay.h"
#include "daemon/secret.h"
#include "daemon/settings.h"
#include "daemon/watch.h"

#include <ev.h>
#include <stdlib.h>
#include <string.h>

/* One source with its settings. Owned by the job while a fetch runs. */
struct origin {
	struct source_settings settings; /* every string is ours */
	struct source *source;           /* NULL until opened */
};

struct fetch {
	struct job job;
	struct git *git;
	struct origin *origin;
	char known[160]; /* revision in force, "" if none */
	struct fetched fetched;
	struct tree *tree;
	double committed, seconds;
	json_t *commit; /* or NULL */
	int result;
	struct err err;
};

struct git {
	struct git_options o;
	struct watch *watch;
	ev_timer timer;
	struct origin *origin; /* NULL while a fetch has it */
	struct origin *next;   /* replaces it after the fetch under way */
	struct fetch *running; /* or NULL */
	double interval_sec, jitter;
	char known[160];
	unsigned failures; /* in a row */
	unsigned long started, ended;
	bool again, stopped;
};

/* ---- the origin ---- */

static struct origin *
origin_new(const struct settings *s, const char *mirror)
{
	struct origin *o = mem_of(struct origin);

	o->settings = (struct source_settings){
		.url = mem_str(s->source.url),
		.branch = mem_str(s->source.branch),
		.mirror = mem_str(mirror),
		.username = mem_str(
		    s->source.secret == NULL ? NULL : s->source.username),
		.password = mem_str(s->source.secret),
		.ca_bundle = mem_str(s->source.ca_bundle),
		.ssh_key = mem_str(s->source.ssh_key),
		.ssh_public_key = mem_str(s->source.ssh_public_key),
		.ssh_passphrase = mem_str(s->source.ssh_passphrase),
		.known_hosts = mem_str(s->source.known_hosts),
		.timeout_sec = s->source.timeout_sec,
	};
	return o;
}

static void
origin_free(struct origin *o)
{
	const char *const plain[] = {
		o ? o->settings.url : NULL,
		o ? o->settings.branch : NULL,
		o ? o->settings.mirror : NULL,
		o ? o->settings.username : NULL,
		o ? o->settings.ca_bundle : NULL,
		o ? o->settings.ssh_key : NULL,
		o ? o->settings.ssh_public_key : NULL,
		o ? o->settings.known_hosts : NULL,
	};

	if (o == NULL)
		return;
	source_free(o->source);
	secret_wipe((char *)o->settings.password);
	secret_wipe((char *)o->settings.ssh_passphrase);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		free((char *)plain[i]);
	free(o);
}

/* ---- one fetch: worker thread ---- */

static const char *
hex_of(const char *revision)
{
	const char *colon = strrchr(revision, ':');

	return colon == NULL ? revision : colon + 1;
}

static int
get(struct fetch *f)
{
	struct origin *o = f->origin;

	if (o->source == NULL &&
	    source_new(&o->settings, &o->source, &f->err) == -1)
		return -1;
	if (source_fetch(o->source, &f->fetched, &f->err) == -1)
		return -1;
	if (f->fetched.revision[0] == 0)
		return err_set(&f->err, ERR_ABSENT,
		    "the repository has no branch `%s`", o->settings.branch);
	return 0;
}

/* "2026-11-22T12:00:00Z"; 0 if it is none. */
static double
wall_of(const char *iso)
{
	struct tm tm = { 0 };

	if (iso == NULL || strptime(iso, "%Y-%m-%dT%H:%M:%SZ", &tm) == NULL)
		return 0;
	return (double)timegm(&tm);
}

static int
open_tree(struct fetch *f, struct err *err)
{
	struct err ignored;

	if (source_tree(f->origin->source, &f->tree, err) == -1)
		return -1;
	if (source_commit(f->origin->source, hex_of(tree_revision(f->tree)),
		&f->commit, &ignored) == 0)
		f->committed = wall_of(js_str(f->commit, "time"));
	return 0;
}

/* After a failure the mirror of an earlier run is better than nothing. */
static void
fetch_run(struct job *j)
{
	struct fetch *f = (struct fetch *)j;
	double start = clock_mono();
	struct err ignored;

	f->result = get(f);
	if (f->result == 0 && strcmp(f->fetched.revision, f->known) != 0)
		f->result = open_tree(f, &f->err);
	else if (f->result == -1 && f->known[0] == 0 &&
		 f->origin->source != NULL)
		open_tree(f, &ignored);
	f->seconds = clock_mono() - start;
}

/* ---- the loop's side ---- */

static void fetch_done(struct job *);

static void
fetch_start(struct git *g)
{
	struct fetch *f = mem_of(struct fetch);

	f->job.run = fetch_run;
	f->job.done = fetch_done;
	f->git = g;
	f->origin = mem_move(&g->origin);
	memcpy(f->known, g->known, sizeof(f->known));
	g->running = f;
	g->again = false;
	g->started++;
	ev_timer_stop(g->o.loop, &g->timer);
	pool_submit(g->o.pool, &f->job);
}

static void
fetch_free(struct fetch *f)
{
	if (f == NULL)
		return;
	origin_free(f->origin);
	tree_free(f->tree);
	js_free(f->commit);
	free(f);
}

static void
wait_for_next(struct git *g, const struct fetch *f)
{
	double delay = f->result == 0 ? delay_jitter(g->interval_sec, g->jitter)
				      : delay_backoff(g->failures, g->jitter);

	g->failures = f->result == 0 ? 0 : g->failures + 1;
	ev_timer_stop(g->o.loop, &g->timer);
	ev_timer_set(&g->timer, delay, 0);
	ev_timer_start(g->o.loop, &g->timer);
}

static void
tell(struct git *g, struct fetch *f)
{
	struct git_news news = {
		.take_tree = mem_move(&f->tree),
		.forced = f->result == 0 && f->fetched.forced,
		.old = f->fetched.old,
		.committed = f->committed,
		.commit = f->commit,
		.seconds = f->seconds,
		.err = f->result == 0 ? NULL : &f->err,
	};

	if (news.take_tree != NULL)
		snprintf(g->known, sizeof(g->known), "%s",
		    tree_revision(news.take_tree));
	news.revision = g->known;
	g->o.news(g->o.arg, &news);
}

/* The source is the loop's again: its path may be watched. What happened
 * before the watch was there is found by one more fetch. */
static void
take_back(struct git *g, struct fetch *f)
{
	g->origin = mem_move(&f->origin);
	if (g->origin->source != NULL &&
	    watch_path(g->watch, source_watch_path(g->origin->source)))
		g->again = true;
}

static void
fetch_done(struct job *j)
{
	struct fetch *f = (struct fetch *)j;
	struct git *g = f->git;

	g->running = NULL;
	g->ended = g->started;
	if (g->next != NULL) { /* the answer is about another source */
		g->origin = mem_move(&g->next);
		g->again = true;
	} else {
		take_back(g, f);
		wait_for_next(g, f);
		tell(g, f);
	}
	fetch_free(f);
	if (g->again && !g->stopped)
		fetch_start(g);
}

static void
on_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)revents;
	git_kick(w->data);
}

static void
on_change(void *arg)
{
	git_kick(arg);
}

void
git_kick(struct git *g)
{
	if (g->stopped)
		return;
	if (g->running != NULL)
		g->again = true;
	else if (g->origin != NULL)
		fetch_start(g);
}

struct git *
git_new(const struct git_options *o)
{
	struct git *g = mem_of(struct git);

	g->o = *o;
	g->watch = watch_new(o->loop, on_change, g);
	ev_timer_init(&g->timer, on_timer, 0, 0);
	g->timer.data = g;
	return g;
}

void
git_follow(struct git *g, const struct settings *s)
{
	struct origin *o = origin_new(s, g->o.mirror);

	g->interval_sec = s->source.interval_sec;
	g->jitter = s->reconcile.jitter;
	g->known[0] = 0;
	g->failures = 0;
	if (g->running != NULL) {
		origin_free(g->next);
		g->next = o;
		return;
	}
	origin_free(g->origin);
	g->origin = o;
	git_kick(g);
}

unsigned long
git_started(const struct git *g)
{
	return g->started;
}

unsigned long
git_ended(const struct git *g)
{
	return g->ended;
}

bool
git_busy(const struct git *g)
{
	return g->running != NULL;
}

void
git_stop(struct git *g)
{
	g->stopped = true;
	ev_timer_stop(g->o.loop, &g->timer);
	watch_path(g->watch, NULL);
}

void
git_free(struct git *g)
{
	if (g == NULL)
		return;
	ev_timer_stop(g->o.loop, &g->timer);
	fetch_free(g->running);
	watch_free(g->watch);
	origin_free(g->origin);
	origin_free(g->next);
	free(g);
}
