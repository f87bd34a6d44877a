/* Everything that a module page includes. */
#ifndef MODULES_MODULE_H
#define MODULES_MODULE_H

#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/js.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/engine/type.h"
#include "common/manifest/module.h"

#endif
