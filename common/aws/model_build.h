/*
 * Makes model tables from compact API models (model/SERVICE.json), for the
 * generator of the built-in tables and for tests that bring models of their
 * own. Owner: the caller; any thread.
 */
#ifndef COMMON_AWS_MODEL_BUILD_H
#define COMMON_AWS_MODEL_BUILD_H

#include "common/aws/model.h"
#include "common/base/err.h"
#include "common/base/js.h"
#include "common/base/mem.h"

/* The tables with their lengths. */
struct model_tables {
	struct model model;
	size_t n_strings; /* bytes */
	size_t n_members, n_shapes, n_ops, n_errors, n_op_errors, n_paginators;
};

/* services: {NAME: compact model}. ERR_INPUT if one is not well formed. */
int model_build(
    const json_t *services, struct model_tables **ret, struct err *);
void model_tables_free(struct model_tables *);
AUTO_DEFINE(struct model_tables, model_tables_free)

#endif
