/* The inside of the controller, for controller.c and controller_status.c. */
#ifndef DAEMON_CONTROLLER_IMPL_H
#define DAEMON_CONTROLLER_IMPL_H

#include "daemon/controller.h"

struct revision;

struct controller {
	struct target_env env;
	struct revision *compiling; /* the worker's, or NULL */
	struct tree *next;          /* to be compiled after that, or NULL */
	double next_committed;
	struct revision *newest; /* that was compiled, or NULL */
	json_t
	    *errors; /* lines: what is wrong in it, of no known architecture */
	struct target **list;
	size_t n;
	bool stopped;
};

/* ERR_ABSENT, with the name that was meant. */
int controller_unknown(
    const struct controller *, const char *architecture, struct err *);

#endif
