/* Kinds for the tests of compile: a queue, a function, a rule on a queue. */
#ifndef TESTS_UNIT_TOY_KINDS_H
#define TESTS_UNIT_TOY_KINDS_H

#include "common/manifest/compile.h"

extern const struct registry toy_registry;

#endif
