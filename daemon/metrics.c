/* The rows of all metrics, their series, and their text: see metrics.h. */

#include "daemon/metrics.h"
#include "common/base/text.h"

#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum type { COUNTER, GAUGE, HISTOGRAM };

static const char *const type_names[] = { "counter", "gauge", "histogram" };

/* Upper bounds in seconds, ascending, ended by 0. */
static const double quick[] = { 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
	2.5, 5, 10, 30, 0 };
static const double slow[] = { 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
	300, 600, 1800, 3600, 0 };

static const struct row {
	const char *name;
	enum type type;
	const char *labels; /* "A B" */
	const double *buckets;
	const char *help;
} rows[M_COUNT] = {
	[M_BUILD_INFO] = { "convergd_build_info", GAUGE, "version revision",
	    NULL, "Version of convergd, and the commit it was built from." },
	[M_ARCHITECTURE_INFO] = { "convergd_architecture_info", GAUGE,
	    "architecture revision mode", NULL,
	    "Architectures, the revision in force and their mode." },
	[M_RESOURCES] = { "convergd_resources", GAUGE,
	    "architecture kind sync health", NULL,
	    "Resources by verdict and health." },
	[M_DRIFT_FIELDS] = { "convergd_drift_fields", GAUGE,
	    "architecture kind name", NULL,
	    "Fields that differ between Git and AWS now." },
	[M_DRIFT_DETECTED] = { "convergd_drift_detected_total", COUNTER,
	    "architecture kind source", NULL,
	    "Drifted fields that were found, by what made us look." },
	[M_DRIFT_HEALED] = { "convergd_drift_healed_total", COUNTER,
	    "architecture kind", NULL,
	    "Resources that were brought back to what Git says." },
	[M_VERDICT_AGE] = { "convergd_verdict_age_seconds", GAUGE,
	    "architecture", NULL, "Age of the verdicts of an architecture." },
	[M_RECONCILE] = { "convergd_reconcile_total", COUNTER, "kind result",
	    NULL, "Verdicts on resources at the end of passes." },
	[M_RECONCILE_DURATION] = { "convergd_reconcile_duration_seconds",
	    HISTOGRAM, "kind", slow,
	    "Time that one write of a resource took." },
	[M_PASS_DURATION] = { "convergd_pass_duration_seconds", HISTOGRAM,
	    "architecture phase", slow, "Time that a phase of a pass took." },
	[M_LAST_SUCCESS] = { "convergd_last_success_timestamp_seconds", GAUGE,
	    "architecture", NULL,
	    "Unix time of the last pass that ended with everything Synced." },
	[M_NOT_CONVERGING] = { "convergd_not_converging", GAUGE,
	    "architecture kind name", NULL,
	    "Resources whose difference stays after successful writes." },
	[M_AWS_REQUESTS] = { "convergd_aws_requests_total", COUNTER,
	    "service operation code", NULL,
	    "Requests to AWS, retries included, by HTTP status or error "
	    "code." },
	[M_AWS_DURATION] = { "convergd_aws_request_duration_seconds", HISTOGRAM,
	    "service", quick, "Time that a request to AWS took." },
	[M_AWS_THROTTLED] = { "convergd_aws_throttled_total", COUNTER,
	    "service", NULL, "Requests that AWS throttled." },
	[M_GIT_FETCH] = { "convergd_git_fetch_total", COUNTER, "result", NULL,
	    "Fetches of the source by result (success, error)." },
	[M_GIT_DURATION] = { "convergd_git_fetch_duration_seconds", HISTOGRAM,
	    "", quick, "Time that a fetch of the source took." },
	[M_GIT_UP] = { "convergd_git_up", GAUGE, "", NULL,
	    "1 when the last fetch of the source succeeded, else 0." },
	[M_COMMIT_TO_APPLIED] = { "convergd_commit_to_applied_seconds",
	    HISTOGRAM, "", slow,
	    "Time from a commit to the first pass with everything Synced." },
	[M_PLAN_CHANGES] = { "convergd_plan_changes", GAUGE,
	    "architecture action", NULL,
	    "Actions in the plan of the last pass." },
	[M_GUARD_REFUSALS] = { "convergd_guard_refusals_total", COUNTER,
	    "guard", NULL, "Passes that a guard refused." },
	[M_QUEUE_DEPTH] = { "convergd_workqueue_depth", GAUGE, "pool", NULL,
	    "Jobs that wait for a worker." },
	[M_WORKERS] = { "convergd_workers", GAUGE, "pool state", NULL,
	    "Worker threads by state (busy, idle)." },
	[M_QUEUE_WAIT] = { "convergd_workqueue_wait_seconds", HISTOGRAM, "pool",
	    quick, "Time that jobs waited for a worker." },
	[M_SETTINGS_RELOAD_OK] = { "convergd_settings_reload_success", GAUGE,
	    "", NULL, "1 when the last reload of the settings succeeded." },
	[M_PROCESS_CPU] = { "process_cpu_seconds_total", COUNTER, "", NULL,
	    "User and system CPU time spent in seconds." },
	[M_PROCESS_RESIDENT] = { "process_resident_memory_bytes", GAUGE, "",
	    NULL, "Resident memory size in bytes." },
	[M_PROCESS_VIRTUAL] = { "process_virtual_memory_bytes", GAUGE, "", NULL,
	    "Virtual memory size in bytes." },
	[M_PROCESS_START] = { "process_start_time_seconds", GAUGE, "", NULL,
	    "Start time of the process since the Unix epoch in seconds." },
	[M_PROCESS_FDS] = { "process_open_fds", GAUGE, "", NULL,
	    "Open file descriptors." },
	[M_PROCESS_MAX_FDS] = { "process_max_fds", GAUGE, "", NULL,
	    "Most file descriptors that may be open." },
};

struct series {
	char *labels; /* `kind="SqsQueue",name="a"`, "" if there are none */
	char *first;  /* value of the first label, or NULL */
	double value; /* counter, gauge; the sum of a histogram */
	uint64_t count;
	uint64_t *buckets; /* not cumulative; as many as the row has bounds */
};

struct family {
	struct series *list; /* sorted by labels */
	size_t n, cap;
};

struct metrics {
	pthread_mutex_t lock; /* of all below */
	struct family families[M_COUNT];
};

struct metrics *
metrics_new(void)
{
	struct metrics *m = mem_of(struct metrics);

	must(pthread_mutex_init(&m->lock, NULL) == 0);
	return m;
}

static void
series_fini(struct series *s)
{
	free(s->labels);
	free(s->first);
	free(s->buckets);
}

void
metrics_free(struct metrics *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < M_COUNT; i++) {
		for (size_t k = 0; k < m->families[i].n; k++)
			series_fini(&m->families[i].list[k]);
		free(m->families[i].list);
	}
	pthread_mutex_destroy(&m->lock);
	free(m);
}

/* ---- series ---- */

static void
add_value(struct buf *b, const char *s)
{
	for (; *s != 0; s++)
		if (*s == '\n')
			buf_adds(b, "\\n");
		else {
			if (*s == '"' || *s == '\\')
				buf_addc(b, '\\');
			buf_addc(b, *s);
		}
}

/* The label values must be as many as the row has names. */
static void
render_labels(const struct row *row, const char *const *values, struct buf *b)
{
	words_each (row->labels, w, n) {
		must(*values != NULL);
		if (b->len != 0)
			buf_addc(b, ',');
		buf_add(b, w, n);
		buf_adds(b, "=\"");
		add_value(b, *values++);
		buf_addc(b, '"');
	}
	must(*values == NULL);
}

static size_t
count_bounds(const double *bounds)
{
	size_t n = 0;

	while (bounds != NULL && bounds[n] > 0)
		n++;
	return n;
}

/* Where the labels are or would be. */
static size_t
position(const struct family *f, const char *labels, bool *ret_found)
{
	size_t low = 0, high = f->n;

	*ret_found = false;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int order = strcmp(f->list[mid].labels, labels);

		if (order == 0)
			*ret_found = true;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct series *
insert(struct family *f, size_t at)
{
	const size_t size = sizeof(*f->list);

	if (f->n == f->cap) {
		size_t cap = f->cap == 0 ? 4 : f->cap * 2;

		f->list = mem_grow(f->list, f->cap * size, cap * size);
		f->cap = cap;
	}
	memmove(&f->list[at + 1], &f->list[at], (f->n++ - at) * size);
	memset(&f->list[at], 0, size);
	return &f->list[at];
}

static struct series *
find_series(struct metrics *m, enum metric id, const char *const *values)
{
	const struct row *row = &rows[id];
	struct family *f = &m->families[id];
	auto_buf struct buf labels = BUF_INIT;
	struct series *s;
	bool found;
	size_t at;

	render_labels(row, values, &labels);
	at = position(f, labels.data, &found);
	if (found)
		return &f->list[at];
	s = insert(f, at);
	s->labels = buf_take(&labels);
	s->first = mem_str(values[0]);
	s->buckets = mem_array(uint64_t, count_bounds(row->buckets));
	return s;
}

void
metrics_set(
    struct metrics *m, enum metric id, double value, const char *const *labels)
{
	must(pthread_mutex_lock(&m->lock) == 0);
	find_series(m, id, labels)->value = value;
	must(pthread_mutex_unlock(&m->lock) == 0);
}

void
metrics_add(
    struct metrics *m, enum metric id, double by, const char *const *labels)
{
	must(pthread_mutex_lock(&m->lock) == 0);
	find_series(m, id, labels)->value += by;
	must(pthread_mutex_unlock(&m->lock) == 0);
}

void
metrics_observe(
    struct metrics *m, enum metric id, double value, const char *const *labels)
{
	const double *bounds = rows[id].buckets;
	struct series *s;

	must(bounds != NULL);
	must(pthread_mutex_lock(&m->lock) == 0);
	s = find_series(m, id, labels);
	s->value += value;
	s->count++;
	for (size_t i = 0; bounds[i] > 0; i++)
		if (value <= bounds[i]) {
			s->buckets[i]++;
			break;
		}
	must(pthread_mutex_unlock(&m->lock) == 0);
}

static bool
is_dropped(const struct series *s, const char *first)
{
	return first == NULL ||
	       (s->first != NULL && strcmp(s->first, first) == 0);
}

void
metrics_drop(struct metrics *m, enum metric id, const char *first)
{
	struct family *f = &m->families[id];
	size_t kept = 0;

	must(pthread_mutex_lock(&m->lock) == 0);
	for (size_t i = 0; i < f->n; i++)
		if (is_dropped(&f->list[i], first))
			series_fini(&f->list[i]);
		else
			f->list[kept++] = f->list[i];
	f->n = kept;
	must(pthread_mutex_unlock(&m->lock) == 0);
}

/* ---- text ---- */

static void
add_number(struct buf *b, double x)
{
	if (isinf(x))
		buf_adds(b, x > 0 ? "+Inf" : "-Inf");
	else if (isnan(x))
		buf_adds(b, "NaN");
	else if (x == floor(x) && fabs(x) < 1e15)
		buf_addf(b, "%.0f", x);
	else
		buf_addf(b, "%.15g", x);
}

/* One line; extra is a further label ("le=\"1\""), or "". */
static void
add_sample(struct buf *b, const struct row *row, const char *suffix,
    const char *labels, const char *extra, double value)
{
	const char *comma = *labels != 0 && *extra != 0 ? "," : "";

	buf_addf(b, "%s%s", row->name, suffix);
	if (*labels != 0 || *extra != 0)
		buf_addf(b, "{%s%s%s}", labels, comma, extra);
	buf_addc(b, ' ');
	add_number(b, value);
	buf_addc(b, '\n');
}

static void
add_histogram(struct buf *b, const struct row *row, const struct series *s)
{
	uint64_t sum = 0;

	for (size_t i = 0; row->buckets[i] > 0; i++) {
		auto_buf struct buf le = BUF_INIT;

		sum += s->buckets[i];
		buf_addf(&le, "le=\"%g\"", row->buckets[i]);
		add_sample(b, row, "_bucket", s->labels, le.data, (double)sum);
	}
	add_sample(
	    b, row, "_bucket", s->labels, "le=\"+Inf\"", (double)s->count);
	add_sample(b, row, "_sum", s->labels, "", s->value);
	add_sample(b, row, "_count", s->labels, "", (double)s->count);
}

/* OpenMetrics names the family of a counter without "_total". */
static int
family_len(const struct row *row, bool openmetrics)
{
	size_t n = strlen(row->name);

	if (openmetrics && row->type == COUNTER)
		n -= strlen("_total");
	return (int)n;
}

static void
add_family(struct buf *b, const struct row *row, const struct family *f,
    bool openmetrics)
{
	int n = family_len(row, openmetrics);

	buf_addf(b, "# HELP %.*s %s\n", n, row->name, row->help);
	buf_addf(b, "# TYPE %.*s %s\n", n, row->name, type_names[row->type]);
	for (size_t i = 0; i < f->n; i++)
		if (row->type == HISTOGRAM)
			add_histogram(b, row, &f->list[i]);
		else
			add_sample(b, row, "", f->list[i].labels, "",
			    f->list[i].value);
}

void
metrics_text(struct metrics *m, bool openmetrics, struct buf *ret)
{
	must(pthread_mutex_lock(&m->lock) == 0);
	for (size_t i = 0; i < M_COUNT; i++)
		if (m->families[i].n != 0)
			add_family(ret, &rows[i], &m->families[i], openmetrics);
	must(pthread_mutex_unlock(&m->lock) == 0);
	if (openmetrics)
		buf_adds(ret, "# EOF\n");
}
