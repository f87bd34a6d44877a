/* Intents of objects, kept by whoever runs the pass: see intent.h. */

#include "common/engine/intent.h"

#include "common/aws/aws.h"
#include "common/base/crypto.h"
#include "common/base/mem.h"
#include "common/engine/object.h"

/* The same address elsewhere, or of another type, is another object. */
static char *
key_of(const struct realm *realm, const struct object *o)
{
	return mem_fmt("%s %s %s %s %s", realm->installation, realm->account,
	    aws_region(realm->aws), o->type->name, o->address);
}

int
intent_begin(const struct realm *realm, const struct object *o,
    struct intent *inout, struct err *err)
{
	const struct intents *x = realm->intents;
	auto_free char *key = NULL;

	if (x == NULL) {
		if (inout->generation[0] == 0)
			crypto_uuid(inout->generation);
		return 0;
	}
	key = key_of(realm, o);
	return x->begin(x->arg, key, inout, err);
}

int
intent_ready(const struct realm *realm, struct err *err)
{
	const struct intents *x = realm->intents;

	return x == NULL ? 0 : x->ready(x->arg, err);
}

bool
intent_find(
    const struct realm *realm, const struct object *o, struct intent *ret)
{
	const struct intents *x = realm->intents;
	auto_free char *key = x == NULL ? NULL : key_of(realm, o);

	return x != NULL && x->find(x->arg, key, ret);
}

void
intent_end(const struct realm *realm, const struct object *o)
{
	const struct intents *x = realm->intents;
	auto_free char *key = x == NULL ? NULL : key_of(realm, o);

	if (x != NULL)
		x->end(x->arg, key);
}
