/* Runs published protocol tests against our codecs. One thread. */
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

/* All return whether the two mean the same. */
bool same_json(const json_t *a, const json_t *b);
bool same_form(const char *a, const char *b); /* a=b&c=d, in any order */
bool same_xml(const char *a, const char *b);

#endif
