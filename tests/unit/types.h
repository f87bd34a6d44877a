/* The resource types of all modules, for tests that walk them. */
#ifndef TESTS_UNIT_TYPES_H
#define TESTS_UNIT_TYPES_H

#include <string.h>

#include "modules/modules.h"

static inline const struct resource_type *
type_at(int i)
{
	return modules_registry.types[i];
}

static inline int
count_types(void)
{
	int n = 0;

	while (modules_registry.types[n] != NULL)
		n++;
	return n;
}

static inline const struct property *
property_of(const struct resource_type *t, const char *name)
{
	for (const struct property *p = t->properties; p->name; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

#endif
