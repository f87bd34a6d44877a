/*
 * The loop, workers and clients that AWS verbs need: one of each for the
 * run of the program. Main thread; calls to AWS happen in workers.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "cli/cli.h"

struct aws;
struct aws_limits;
struct ev_loop;
struct graph;
struct packed_doc;
struct pass_event;
struct tree;

struct session {
	const struct args *args;
	struct ev_loop *loop;
	struct pools *pools;
	struct http *http;
	struct aws_limits *limits;
	struct client {
		char *region, *role;
		bool files;
		struct aws *aws;
	} * clients;
	size_t n_clients;
	bool interrupted; /* by SIGINT or SIGTERM: nothing new is begun */
};

int session_new(const struct args *, struct session *ret, struct err *);
void session_free(struct session *);

/* The client of a region (NULL: the environment's); made on first use. Its
 * input may name files, see aws_settings. */
int session_aws(
    struct session *, const char *region, struct aws **ret, struct err *);

/* Runs work(arg) in a worker while the loop turns; returns its result. */
int session_work(struct session *, int (*work)(void *arg), void *arg);

struct pass_request {
	struct graph *graph;
	const struct tree *tree;
	const struct graph *const *peers; /* these two: see pass.h */
	bool broken;
	const char *installation; /* NULL: the option's, or the default */
	bool write;
	const char *expect_plan; /* see pass.h */
	double until; /* clock_mono(); 0: no limit. Then it is cancelled */
	void (*event)(void *arg, const struct pass_event *); /* or NULL */
	void *arg;
};
struct pass_result {
	struct packed_doc *plan;   /* NULL when it did not come so far */
	struct packed_doc *report; /* see pass_report() */
};
/*
 * One pass, to its end, an interrupt or the time limit. An interrupt ends calls
 * in flight at once, but for those of a pass that writes: what they did would
 * not be known. The second one ends these, too.
 */
int session_pass(struct session *, const struct pass_request *,
    struct pass_result *ret, struct err *);
void pass_result_free(struct pass_result *);
/* Waits on the loop, or until interrupted. */
void session_sleep(struct session *, double sec);

#endif
