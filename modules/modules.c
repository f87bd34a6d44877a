/* The one explicit list of kinds and resource types. */

#include "modules/modules.h"

extern const struct module kind_sqs_queue;

static const struct module *const modules[] = {
	&kind_sqs_queue,
	NULL,
};

extern const struct resource_type type_sqs_queue;

static const struct resource_type *const types[] = {
	&type_sqs_queue,
	NULL,
};

const struct registry modules_registry = { modules, types };
