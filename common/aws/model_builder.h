/*
 * What model_build.c (walks the JSON) and model_tables.c (lays out strings,
 * makes indices) share. One thread.
 */
#ifndef COMMON_AWS_MODEL_BUILDER_H
#define COMMON_AWS_MODEL_BUILDER_H

#include "common/aws/model_build.h"

struct vec {
	void *data;
	size_t n, cap;
};

/*
 * The models are walked twice: first to collect the strings, then, with the
 * pool laid out, to write rows that hold offsets.
 */
struct builder {
	json_t *strings; /* text: offset in the pool */
	struct vec pool, members, by_name, by_wire, shapes, ops, errors,
	    op_errors, paginators, extras, services;
	size_t shape_base; /* first shape of the service being walked */
	size_t shape_count;
	size_t error_base;
	bool bad;
};

void vec_add_row(struct vec *, const void *row, size_t size);
#define vec_add(v, row) vec_add_row((v), &(row), sizeof(row))

/* Offset of a text in the pool; 0 for none, and in the first walk. */
uint32_t pool_str(struct builder *, const char *);
/* Fixes the offsets; every suffix of a text shares its bytes. */
void pool_lay_out(struct builder *);
/* Keys of an object in an order of their own; NULL ends; free the array. */
const char **pool_keys(
    const json_t *obj, int (*order)(const void *, const void *));
int pool_by_text(const void *, const void *);

/* Takes what the builder holds. NULL if the models were not well formed. */
struct model_tables *tables_make(struct builder *);

#endif
