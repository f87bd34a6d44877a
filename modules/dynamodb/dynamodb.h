/* Shared by the pages of DynamoDbTable. */
#ifndef MODULES_DYNAMODB_DYNAMODB_H
#define MODULES_DYNAMODB_DYNAMODB_H

#include "modules/module.h"

extern const struct field table_fields[];

/* billing.autoscaling, or NULL. */
const json_t *table_scaling(const struct expansion *);
void table_add_scaling(struct expansion *);
void table_add_alarms(struct expansion *);
/* Lets the alarms publish to their topic. */
void table_connect_topic(struct expansion *);

#endif
