/* Hooks of dynamodb.table, see struct resource_type: pure, any thread. */
#ifndef MODULES_DYNAMODB_TABLE_H
#define MODULES_DYNAMODB_TABLE_H

#include "modules/module.h"

/* Changes what DescribeTable and its companions told into properties. */
void table_normalise(json_t *live);
/* Completes and adapts what is desired; live may be NULL: to be created. */
void table_complete(json_t *desired, const json_t *live);

#endif
