/*
 * The daemon: everything that runs, on one libev loop.
 *
 * The main thread owns all state. It starts fetches, compiles and passes,
 * whose blocking steps run in worker pools, and answers HTTP, the control
 * socket and signals.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <stdbool.h>

struct daemon_options {
	const char *settings_path;
	bool once;          /* one pass over every architecture, then exit */
	double timeout_sec; /* of once */
};

/* Runs until a signal (or the end of once). The exit code of the process. */
int daemon_run(const struct daemon_options *);

#endif
