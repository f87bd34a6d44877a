/* process_* metrics from /proc. */

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "daemon/metrics.h"

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void
cpu(struct metrics *m)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u) == 0)
		metrics_set(m, M_PROCESS_CPU,
		    seconds(u.ru_utime) + seconds(u.ru_stime), LABELS());
}

static void
memory(struct metrics *m)
{
	double page = (double)sysconf(_SC_PAGESIZE);
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long size, resident;

	if (f == NULL)
		return;
	if (fscanf(f, "%lu %lu", &size, &resident) == 2) {
		metrics_set(
		    m, M_PROCESS_VIRTUAL, page * (double)size, LABELS());
		metrics_set(
		    m, M_PROCESS_RESIDENT, page * (double)resident, LABELS());
	}
	fclose(f);
}

/* A number of one line of a file in /proc, at most; -1 if it is not there. */
static double
proc_number(const char *path, const char *format)
{
	FILE *f = fopen(path, "re");
	char line[1024];
	double x = -1;

	if (f == NULL)
		return -1;
	while (x < 0 && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, format, &x) != 1)
			x = -1;
	fclose(f);
	return x;
}

/* Ticks since boot are the 22nd word, counted behind the name's ")". */
static double
start_ticks(void)
{
	FILE *f = fopen("/proc/self/stat", "re");
	char line[1024];
	double ticks = -1;
	const char *s;

	if (f == NULL)
		return -1;
	s = fgets(line, sizeof(line), f) == NULL ? NULL : strrchr(line, ')');
	for (int word = 2; s != NULL && word < 22; word++)
		s = strchr(s + 1, ' ');
	if (s == NULL || sscanf(s, "%lf", &ticks) != 1)
		ticks = -1;
	fclose(f);
	return ticks;
}

static void
start_time(struct metrics *m)
{
	double boot = proc_number("/proc/stat", "btime %lf");
	double ticks = start_ticks();

	if (boot >= 0 && ticks >= 0)
		metrics_set(m, M_PROCESS_START,
		    boot + ticks / (double)sysconf(_SC_CLK_TCK), LABELS());
}

static void
descriptors(struct metrics *m)
{
	DIR *d = opendir("/proc/self/fd");
	struct rlimit limit;
	int n = -3; /* ".", ".." and the directory itself */

	if (d != NULL) {
		while (readdir(d) != NULL)
			n++;
		closedir(d);
		metrics_set(m, M_PROCESS_FDS, n, LABELS());
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		metrics_set(m, M_PROCESS_MAX_FDS,
		    limit.rlim_cur == RLIM_INFINITY ? INFINITY
						    : (double)limit.rlim_cur,
		    LABELS());
}

void
metrics_process(struct metrics *m)
{
	cpu(m);
	memory(m);
	start_time(m);
	descriptors(m);
}
