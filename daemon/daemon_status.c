/* What the daemon says about itself: status, readiness, metrics pages. */

#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/base/version.h"
#include "common/loop/pool.h"
#include "daemon/controller.h"
#include "daemon/daemon_impl.h"
#include "daemon/history.h"
#include "daemon/metrics.h"
#include "daemon/settings.h"
#include "daemon/url.h"
#include "daemon/web.h"

static json_t *
source_status(const struct daemon *d)
{
	json_t *s = js_pack("{s:s}", "branch", d->settings->source.branch);
	auto_buf struct buf when = BUF_INIT, url = BUF_INIT, error = BUF_INIT;

	url_add_public(&url, d->settings->source.url);
	js_set_str(s, "url", url.data);
	if (d->fetched > 0) {
		clock_add_iso(&when, d->fetched);
		js_set_str(s, "lastFetch", when.data);
	}
	if (d->git_error != NULL) {
		log_clean(&error, d->git_error);
		js_set_str(s, "error", error.data);
	}
	if (js_len(controller_errors(d->controller)) > 0)
		js_set(s, "errors", js_copy(controller_errors(d->controller)));
	return s;
}

struct packed_doc *
daemon_status(struct daemon *d)
{
	struct packed_doc *status;
	auto_buf struct buf trouble = BUF_INIT, state = BUF_INIT;
	json_t *s = js_pack("{s:b, s:s, s:s}", "ok", 1, "version",
	    CONVERGD_VERSION, "installation", d->installation);

	js_set_str(s, "revision", controller_revision(d->controller));
	js_set(s, "source", source_status(d));
	if (history_trouble(d->history) != NULL) {
		log_clean(&trouble, history_trouble(d->history));
		js_set(s, "history", js_pack("{s:s}", "error", trouble.data));
	}
	if (d->state_trouble != NULL) {
		log_clean(&state, d->state_trouble);
		js_set(s, "state", js_pack("{s:s}", "error", state.data));
	}
	status = packed_doc_new(s);
	controller_add_status(d->controller, status);
	return status;
}

/* ---- pages ---- */

static void
collect_pools(struct daemon *d)
{
	struct pool *p;

	for (size_t i = 0; (p = pools_at(d->pools, i)) != NULL; i++) {
		struct pool_stats s = pool_stats(p);
		const char *name = pool_name(p);

		metrics_set(
		    d->metrics, M_QUEUE_DEPTH, (double)s.depth, LABELS(name));
		metrics_set(
		    d->metrics, M_WORKERS, s.busy, LABELS(name, "busy"));
		metrics_set(d->metrics, M_WORKERS, s.workers - s.busy,
		    LABELS(name, "idle"));
	}
}

#define OPENMETRICS "application/openmetrics-text"

/* OpenMetrics when the scraper names it; they name it first if they can. */
static void
page_metrics(void *arg, struct web_answer *a)
{
	struct daemon *d = arg;
	bool open = a->accept != NULL && strstr(a->accept, OPENMETRICS);

	collect_pools(d);
	controller_collect(d->controller);
	metrics_process(d->metrics);
	metrics_text(d->metrics, open, &a->body);
	a->type = open ? OPENMETRICS "; version=1.0.0; charset=utf-8"
		       : "text/plain; version=0.0.4; charset=utf-8";
}

/* Being answered is the proof that the loop turns. */
static void
page_health(void *arg, struct web_answer *a)
{
	(void)arg;
	buf_adds(&a->body, "ok\n");
}

static void
page_ready(void *arg, struct web_answer *a)
{
	struct daemon *d = arg;

	if (d->git_error != NULL) {
		buf_adds(&a->body, "source: last fetch failed: ");
		log_clean(&a->body, d->git_error);
		buf_addc(&a->body, '\n');
	} else if (d->fetched == 0) {
		buf_adds(&a->body, "source: not fetched yet\n");
	}
	controller_readiness(d->controller, &a->body);
	if (d->state_trouble != NULL) {
		buf_adds(&a->body, "state: nothing is written to AWS: ");
		log_clean(&a->body, d->state_trouble);
		buf_addc(&a->body, '\n');
	}
	if (d->stopping)
		buf_adds(&a->body, "stopping\n");
	if (a->body.len > 0)
		a->status = 503;
	else
		buf_adds(&a->body, "ok\n");
	if (history_trouble(d->history) != NULL) {
		buf_adds(&a->body, "history: not written: ");
		log_clean(&a->body, history_trouble(d->history));
		buf_addc(&a->body, '\n');
	}
}

static void
page_status(void *arg, struct web_answer *a)
{
	auto_of(packed_doc_free) struct packed_doc *status = daemon_status(arg);

	a->type = "application/json";
	packed_doc_add_text(status, &a->body);
	buf_addc(&a->body, '\n');
}

const struct web_page daemon_pages[] = {
	{ "/metrics", page_metrics },
	{ "/healthz", page_health },
	{ "/readyz", page_ready },
	{ "/api/v1/status", page_status },
	{ NULL, NULL },
};
