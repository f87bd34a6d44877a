/* What each metric is: a const table. Private to metrics*.c. */
#ifndef DAEMON_METRICS_ROWS_H
#define DAEMON_METRICS_ROWS_H

#include "daemon/metrics.h"

enum type { COUNTER, GAUGE, HISTOGRAM };
extern const char *const metrics_type_names[];

struct row {
	const char *name;
	enum type type;
	const char *labels; /* "A B" */
	const double *buckets;
	const char *help;
};
extern const struct row metrics_rows[M_COUNT];

#endif
