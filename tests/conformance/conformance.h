/* Runs published tests of the AWS SDKs against our client. One thread. */
#ifndef TESTS_CONFORMANCE_H
#define TESTS_CONFORMANCE_H

#include "common/aws/codec_impl.h"
#include "common/base/err.h"
#include "common/base/js.h"
#include "common/base/mem.h"

/* A suite's metadata, shapes and operations in our compact form. */
json_t *c2j_service(const json_t *suite);

/*
 * A value of a test in the form that our interface has: blobs in base64,
 * timestamps as ISO 8601.
 */
json_t *plain_form(const struct model *, uint16_t type, const json_t *);

/* "create-queue" is "CreateQueue". */
bool same_letters(const char *kebab, const char *name);
/* "swf-deprecate-domain": a suite (as above) of that operation; or NULL. */
json_t *botocore_suite(const char *name);

/* All return whether the two mean the same. */
bool same_json(const json_t *a, const json_t *b);
bool same_form(const char *a, const char *b); /* a=b&c=d, in any order */
bool same_xml(const char *a, const char *b);

struct tally {
	const char *suite;
	unsigned passed, failed, skipped;
	json_t *skips; /* id: reason */
	bool verbose;
};

/* One more case; why says what differs if it is not ok. */
void count(struct tally *, const char *id, bool ok, const struct buf *why);
bool read_file(const char *path, struct buf *ret);
bool result_ok(const struct aws_operation *, const json_t *have,
    const json_t *want, struct buf *why);

/* Suites. Those of codecs are in conformance.c. */
void run_recorded(struct tally *, const char *dir);
void run_sigv4(struct tally *, const char *dir);
void run_endpoints(struct tally *, const char *dir);
void run_profiles(struct tally *, const char *dir);
void run_roles(struct tally *, const char *dir);
void run_credentials(struct tally *, const char *dir);

/* A file of the suite; NULL if it cannot be read. */
json_t *load_json(const char *dir, const char *name);
void remove_tree(const char *path);
/* No variable of AWS, no home. */
void clear_aws_environment(void);

#endif
