/*
 * metadata.policy.ignore names what somebody else may set. A pointer that
 * leads to nothing would be passed over in silence, and the difference be
 * healed: so it is an error.
 */

#include <string.h>

#include "common/base/text.h"
#include "common/manifest/unit.h"

/* The resources that one manifest made, and a name that they should have. */
struct search {
	const struct graph *graph;
	size_t from;
	const char *name;
	size_t len;
	struct nearest near;
	const char *longer; /* a property that begins with the name */
};

/* Calls look() with every property; false ends it, and says so. */
static bool
each_property(
    struct search *s, bool (*look)(struct search *, const char *property))
{
	for (size_t i = s->from; i < s->graph->n; i++) {
		const struct property *p = s->graph->list[i].type->properties;

		for (; p != NULL && p->name != NULL; p++)
			if (!look(s, p->name))
				return false;
	}
	return true;
}

/* Spec and API spell most names alike but for case: see yield.h. */
static bool
is_other(struct search *s, const char *property)
{
	return strlen(property) != s->len ||
	       strncasecmp(property, s->name, s->len) != 0;
}

static bool
note_like(struct search *s, const char *property)
{
	text_nearest(&s->near, s->name, property);
	if (s->longer == NULL && strncasecmp(property, s->name, s->len) == 0)
		s->longer = property;
	return true;
}

static void
complain(const struct manifest *m, struct search *s, const char *pointer,
    struct place at)
{
	const char *like;
	auto_free char *hint = NULL;

	each_property(s, note_like);
	like = s->longer != NULL ? s->longer : s->near.best;
	if (like != NULL)
		hint = mem_fmt("did you mean /spec/%s?", like);
	errors_add(&m->unit->errors, m->doc->file, at,
	    "`%s` leads to no property of what %s makes; %s", pointer,
	    m->target,
	    hint ? hint
		 : "`convergctl render` shows them, /spec/tags/KEY is a "
		   "tag");
}

static void
check_pointer(const struct manifest *m, struct search *s, const char *pointer,
    struct place at)
{
	const char *path = pointer;
	auto_free char *name = NULL;

	if (text_starts(path, "/spec/"))
		path += strlen("/spec");
	path += *path == '/';
	s->len = strcspn(path, "/");
	if (strncmp(path, "tags", s->len) == 0 && s->len == strlen("tags"))
		return;
	s->name = name = mem_strn(path, s->len);
	if (each_property(s, is_other))
		complain(m, s, pointer, at);
}

void
manifest_check_ignored(const struct manifest *m, size_t from)
{
	json_auto_t *policy = packed_open(m->policy);
	json_t *pointer;
	size_t i;

	js_each (js_get(policy, "ignore"), i, pointer) {
		struct search s = { .graph = m->unit->graph, .from = from };
		auto_free char *at = mem_fmt("/metadata/policy/ignore/%zu", i);

		check_pointer(m, &s, js_text(pointer), doc_place(m->doc, at));
	}
}
