/* The series of all metrics, and their text: see metrics.h. */

#include "daemon/metrics.h"
#include "common/base/text.h"
#include "daemon/metrics_rows.h"

#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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
	const struct row *row = &metrics_rows[id];
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
	const double *bounds = metrics_rows[id].buckets;
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
	buf_addf(
	    b, "# TYPE %.*s %s\n", n, row->name, metrics_type_names[row->type]);
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
			add_family(ret, &metrics_rows[i], &m->families[i],
			    openmetrics);
	must(pthread_mutex_unlock(&m->lock) == 0);
	if (openmetrics)
		buf_adds(ret, "# EOF\n");
}
