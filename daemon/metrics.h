/*
 * Metrics: a const table of rows (metrics.c) and the series they have now.
 *
 * Text comes out as Prometheus text 0.0.4 or OpenMetrics 1.0.0. Every
 * function may be called on any thread: one mutex guards all series, since
 * workers count their AWS attempts. Names are frozen once shipped.
 */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/mem.h"

enum metric {
	M_BUILD_INFO,
	M_ARCHITECTURE_INFO,
	M_RESOURCES,
	M_DRIFT_FIELDS,
	M_DRIFT_DETECTED,
	M_DRIFT_HEALED,
	M_DRIFT_DETECTION,
	M_VERDICT_AGE,
	M_RECONCILE,
	M_RECONCILE_DURATION,
	M_PASS_DURATION,
	M_LAST_SUCCESS,
	M_NOT_CONVERGING,
	M_AWS_REQUESTS,
	M_AWS_DURATION,
	M_AWS_THROTTLED,
	M_GIT_FETCH,
	M_GIT_DURATION,
	M_GIT_UP,
	M_MANIFEST_ERRORS,
	M_COMMIT_TO_APPLIED,
	M_PLAN_CHANGES,
	M_DRIFT_SEVERITY,
	M_EXTRA_RESOURCES,
	M_GUARD_REFUSALS,
	M_QUEUE_DEPTH,
	M_WORKERS,
	M_QUEUE_WAIT,
	M_SUSPENDED,
	M_PLAN_WAITING,
	M_HISTORY_ERRORS,
	M_STATE_WRITABLE,
	M_SETTINGS_RELOAD_OK,
	M_PROCESS_CPU,
	M_PROCESS_RESIDENT,
	M_PROCESS_VIRTUAL,
	M_PROCESS_START,
	M_PROCESS_FDS,
	M_PROCESS_MAX_FDS,
	M_COUNT
};

struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *);
AUTO_DEFINE(struct metrics, metrics_free)

/* Values of the row's labels, in its order; as many as the row has. */
#define LABELS(...) ((const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

/* Gauges. */
void metrics_set(
    struct metrics *, enum metric, double value, const char *const *labels);
/* Counters and gauges; also makes the series when by is 0. */
void metrics_add(
    struct metrics *, enum metric, double by, const char *const *labels);
/* Histograms. */
void metrics_observe(
    struct metrics *, enum metric, double value, const char *const *labels);
/* Drops the series whose first label has this value; NULL: all series. */
void metrics_drop(struct metrics *, enum metric, const char *first);

/* process_* from /proc. */
void metrics_process(struct metrics *);

void metrics_text(struct metrics *, bool openmetrics, struct buf *ret);

#endif
