/* Leaving to others what a manifest ignores: see yield.h. */

#include "common/engine/yield.h"

#include <string.h>

#include "common/base/mem.h"

/* Spec and API spell most names alike but for case. */
static const char *
member_named(const json_t *obj, const char *name, size_t len)
{
	const char *key;
	json_t *value;

	js_foreach (obj, key, value)
		if (strlen(key) == len && strncasecmp(key, name, len) == 0)
			return key;
	return NULL;
}

/* What `path` leads to in wish becomes what it is in live. */
static void
take_live(json_t *wish, const json_t *live, const char *path)
{
	size_t len = strcspn(path, "/");
	const char *own = member_named(wish, path, len);
	const char *key = own ? own : member_named(live, path, len);
	const json_t *there = key ? js_get(live, key) : NULL;

	if (key == NULL)
		return;
	if (path[len] == '/' && json_is_object(js_get(wish, key)))
		take_live((json_t *)js_get(wish, key), there, path + len + 1);
	else if (path[len] == 0 && there != NULL)
		js_set(wish, key, js_copy(there));
	else if (path[len] == 0)
		js_del(wish, key);
}

static const char *
after(const char *pointer, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(pointer, prefix, n) == 0 ? pointer + n : pointer;
}

void
yield(struct object *o, const json_t *ignore)
{
	size_t i;
	json_t *pointer;

	if (o->live == NULL)
		return;
	js_each (ignore, i, pointer) {
		const char *path = after(js_text(pointer), "/spec");

		if (strncmp(path, "/tags/", 6) == 0)
			take_live(o->want_tags, o->tags, path + 6);
		else
			take_live(o->desired, o->live, path + (*path == '/'));
	}
}
