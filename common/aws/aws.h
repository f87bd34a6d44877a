/*
 * The AWS client: one function for every service and every protocol.
 *
 * Request and response are JSON documents in the shape of the AWS CLI's
 * --cli-input-json and output: API member names, blobs in base64, timestamps
 * as ISO 8601 text, IAM policy documents decoded to JSON objects. What
 * differs between services lives in the API models (model/SERVICE.json),
 * compiled into const tables.
 *
 * A client is one identity in one region. Any thread may call it, except the
 * thread that runs the loop of its transport: calls block.
 */
#ifndef COMMON_AWS_AWS_H
#define COMMON_AWS_AWS_H

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/js.h"
#include "common/base/mem.h"

struct aws;
struct aws_limits;
struct http;

/* What the metrics and the log learn of every attempt; any thread. */
struct aws_attempt {
	const char *service, *operation;
	const char *code; /* "200" or the error code */
	double seconds;
	bool throttled;
};

struct aws_settings {
	const char *region;  /* NULL: AWS_REGION, AWS_DEFAULT_REGION, profile */
	const char *profile; /* NULL: AWS_PROFILE, "default" */
	const char *endpoint_url; /* NULL: AWS_ENDPOINT_URL[_SERVICE] */
	int max_attempts;         /* 0: AWS_MAX_ATTEMPTS, 3 */
	double call_sec; /* 0: 120; deadline of one call with retries */
	/* {"$file": path} may stand for a blob of an input; only for input
	 * that a person gives: it reads what this process can. */
	bool files;
	/* To be this role, assumed with what the chain gives; or NULL. */
	const char *role_arn, *role_session, *external_id;
	void (*attempt)(void *arg, const struct aws_attempt *); /* or NULL */
	void *arg;
	/* Shared with other clients of the transport, which outlives them;
	 * NULL: of this client alone. */
	struct aws_limits *limits;
};

/*
 * AWS counts calls by account, region and service, whoever makes them: so do
 * these, for all clients that have them, be they in one role or in another.
 * The account is that of the role, or known since aws_account(). Any thread.
 */
struct aws_limits *aws_limits_new(void);
void aws_limits_free(struct aws_limits *);
AUTO_DEFINE(struct aws_limits, aws_limits_free)

/* Strings of the settings are copied. http may be NULL: then only aws_print
 * works. Fails without a region or with an unreadable profile. */
int aws_new(
    const struct aws_settings *, struct http *, struct aws **ret, struct err *);
void aws_free(struct aws *);
AUTO_DEFINE(struct aws, aws_free)

const char *aws_region(const struct aws *);
/* "aws", "aws-cn", "aws-us-gov", ... of the client's region */
const char *aws_partition(const struct aws *);

/* Do calls of the service go to AWS itself, and not to an endpoint that
 * somebody chose? */
bool aws_is_genuine(const struct aws *, const char *service);

/*
 * One call, with retries, until its deadline. `in` may be NULL (no members).
 * Unknown members, missing required ones and wrong JSON types fail before
 * anything is sent (ERR_INPUT, with the nearest name). A missing idempotency
 * token is filled in once and stays the same over the retries. Errors carry
 * kind, code, HTTP status and request id; the text starts with "service
 * Operation: ". After a success err->request_id is that of the answer, or
 * "". ret_out may be NULL.
 */
int aws_call(struct aws *, const char *service, const char *operation,
    const json_t *in, json_t **ret_out, struct err *);

/* One call of many: what, and after it what came. */
struct aws_one {
	const char *service, *operation;
	const json_t *in; /* borrowed, only read; or NULL */
	/* Called by the caller's thread as soon as it is known; or NULL.
	 * What takes the answers one by one needs no room for all. */
	void (*done)(struct aws_one *, void *arg);
	void *arg;
	json_t *out; /* the caller's; NULL after a failure */
	int result;  /* of aws_call, with err */
	struct err err;
};
/*
 * All of them, in order but at most at_once in flight (64). One thread makes
 * and reads them all, which costs less than a worker for each; only
 * what must be tried again gets threads, as long as the call lasts. Returns
 * how many failed.
 */
size_t aws_call_many(
    struct aws *, struct aws_one *, size_t n, unsigned at_once);
/*
 * The same of calls that follow from answers: next() gives another one, or
 * NULL when there is none before one that is under way has come back. Both it
 * and done() are called by the caller's thread, and must not block it for the
 * turn of another call: those under way hold theirs.
 */
void aws_call_stream(struct aws *, struct aws_one *(*next)(void *arg),
    void *arg, unsigned at_once);

/*
 * All pages of a list. page() gets every answer in turn; a result other than
 * 0 ends the walk and is returned. Operations without a paginator are one
 * page. Empty tokens end the walk; a token that came before is an error, for
 * such a list never ends.
 */
int aws_pages(struct aws *, const char *service, const char *operation,
    const json_t *in, int (*page)(void *arg, const json_t *), void *arg,
    struct err *);
/* All pages as one document: the result lists are joined. */
int aws_collect(struct aws *, const char *service, const char *operation,
    const json_t *in, json_t **ret_out, struct err *);

/* The signed request as {method, url, headers: {}, body}; nothing is sent. */
int aws_print(struct aws *, const char *service, const char *operation,
    const json_t *in, json_t **ret_request, struct err *);

/* Account and partition of the caller: sts GetCallerIdentity, remembered. */
int aws_account(struct aws *, char ret_account[static 32], struct err *);

/* Looking things up in the models, for lint, tests and completion. */
bool aws_has_operation(const char *service, const char *operation);
/* Does the operation's input (or output) have this dotted member? */
bool aws_has_member(const char *service, const char *operation, bool output,
    const char *dotted);
/* Method and URI template of an operation; false if there is none. */
bool aws_operation_http(const char *service, const char *operation,
    const char **ret_method, const char **ret_uri);
/* Calls that the model marks, or whose name says, that they only read. */
bool aws_is_read(const char *service, const char *operation);
/* Names in order; NULL ends. */
const char *aws_service_name(size_t i);
const char *aws_operation_name(const char *service, size_t i);

#endif
