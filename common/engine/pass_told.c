/*
 * Whether absence means "not set". At AWS it does. Other endpoints take some
 * properties (P_IF_TOLD) and never show them; one that showed such a property
 * of one object of a type shows it of all.
 */

#include <stdlib.h>
#include <string.h>

#include "common/aws/aws.h"
#include "common/engine/pass_private.h"

/* The text is looked through first: opening costs more. */
static bool
is_shown(const struct node *node, const char *property)
{
	auto_free char *quoted = mem_fmt("\"%s\"", property);
	json_auto_t *live = NULL;

	if (node->live == NULL ||
	    strstr(packed_text(node->live), quoted) == NULL)
		return false;
	live = packed_open(node->live);
	return js_get(live, property) != NULL;
}

static bool
shows_any(const struct node *node)
{
	for (const struct property *p = node->type->properties; p->name; p++)
		if ((p->flags & P_IF_TOLD) && is_shown(node, p->name))
			return true;
	return false;
}

void
pass_note_told(struct pass *p)
{
	json_t *memory = p->options.memory;
	const json_t *known = js_get(memory, "told");

	if (p->told == NULL)
		p->told = known ? js_copy(known) : json_object();
	for (size_t i = 0; i < p->n; i++)
		if (shows_any(p->nodes[i]))
			js_set(p->told, p->nodes[i]->type->name, json_true());
	if (memory != NULL)
		js_set(memory, "told", js_copy(p->told));
}

bool
pass_tells(const struct pass *p, const struct resource_type *type)
{
	return js_get(p->told, type->name) != NULL ||
	       aws_is_genuine(p->realm.aws, type->service);
}
