/* The one explicit list of kinds and resource types. */
#ifndef MODULES_MODULES_H
#define MODULES_MODULES_H

#include "common/manifest/compile.h"

/* Types in creation order: what is deleted is deleted in reverse of it. */
extern const struct registry modules_registry;

#endif
