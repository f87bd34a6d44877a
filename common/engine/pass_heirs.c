/*
 * What AWS names by ids of its own is known by the address in its tags. A
 * manifest that gets another name, or moves to another architecture of the
 * source, gives it another address: one that nobody desires any more goes to
 * the one that desires an object of the same name (type.label) and has none,
 * as for names that are unique (pass_peers.c). With two of a name nothing
 * says which.
 */

#include <string.h>

#include "common/base/text.h"
#include "common/engine/pass_private.h"

/* An item of the listing, as its tags tell of it. */
static struct object
object_of(const struct resource_type *type, const json_t *item)
{
	struct object o = { .type = type };

	object_take_item(&o, js_copy(item));
	return o;
}

static bool
is_released(const struct pass *p, const json_t *tags)
{
	const char *address = js_str(tags, TAG_RESOURCE);

	if (address == NULL || text_ends(address, ADDRESS_RETIRED))
		return false;
	return object_ownership(&p->realm, tags) == OWNED
		   ? pass_find(p, address) == NULL
		   : pass_releaser(p, tags) != NULL;
}

/* {name: id, or null where several have it} of what nobody desires; adds the
 * addresses of ours that have their object. */
static json_t *
released(const struct pass *p, const struct resource_type *type,
    const struct packed_doc *items, json_t *addresses)
{
	json_t *ids = json_object();

	packed_doc_each (items, PASS_ITEMS, item) {
		struct object o = object_of(type, item);
		auto_free char *name = object_label(type, NULL, o.live);

		if (is_released(p, o.tags))
			js_set(ids, name,
			    js_get(ids, name)
				? json_null()
				: js_copy(js_get(o.live, type->id)));
		else if (object_ownership(&p->realm, o.tags) == OWNED)
			js_set(addresses, js_str(o.tags, TAG_RESOURCE),
			    json_true());
		object_free(&o);
	}
	return ids;
}

static void
inherit(json_t *heirs, const json_t *ids, const struct node *node)
{
	json_auto_t *desired = node_desired(node);
	auto_free char *name = object_label(node->type, desired, NULL);
	const char *id = js_str(ids, name);

	if (*name != '\0' && id != NULL)
		js_set(heirs, id,
		    js_get(heirs, id) ? json_null()
				      : json_integer((json_int_t)node->index));
}

json_t *
pass_heirs(const struct pass *p, const struct resource_type *type,
    const struct packed_doc *items)
{
	json_auto_t *addresses = json_object();
	json_auto_t *ids = released(p, type, items, addresses);
	json_t *heirs = json_object();

	if (js_len(ids) == 0)
		return heirs;
	each_of_family (p, type, NULL, node)
		if (node->want != NULL && node->state == NODE_UNSEEN &&
		    js_get(addresses, node->address) == NULL)
			inherit(heirs, ids, node);
	return heirs;
}

/* Does the listing show the one that the peer desires at the address? */
static bool
has_own(const struct pass *p, const struct resource_type *type,
    const struct packed_doc *items, const char *peer, const char *address)
{
	bool found = false;

	packed_doc_each (items, PASS_ITEMS, item) {
		struct object o = object_of(type, item);
		const char *owner = js_str(o.tags, TAG_ARCHITECTURE);
		const char *its = js_str(o.tags, TAG_RESOURCE);
		const char *in = js_str(o.tags, TAG_INSTALLATION);

		found |= owner && its && in && strcmp(owner, peer) == 0 &&
			 strcmp(its, address) == 0 &&
			 strcmp(in, p->realm.installation) == 0;
		object_free(&o);
	}
	return found;
}

static bool
awaits(const struct pass *p, const struct graph *peer,
    const struct packed_doc *items, const struct object *o)
{
	auto_free char *name = object_label(o->type, NULL, o->live);

	for (size_t i = 0; i < peer->n && *name != '\0'; i++) {
		const struct resource *r = &peer->list[i];
		json_auto_t *props = NULL;
		auto_free char *its = NULL;

		if (r->type != o->type)
			continue;
		props = packed_open(r->props);
		its = object_label(r->type, props, NULL);
		if (strcmp(its, name) == 0 &&
		    !has_own(p, o->type, items, peer->arch.name, r->address))
			return true;
	}
	return false;
}

bool
pass_is_awaited(const struct pass *p, const struct packed_doc *items,
    const struct object *o)
{
	const struct graph *const *g = p->options.peers;

	for (; g != NULL && *g != NULL; g++)
		if (pass_is_neighbour(p, *g) && awaits(p, *g, items, o))
			return true;
	return false;
}
