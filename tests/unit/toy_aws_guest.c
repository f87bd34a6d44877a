/* Guests of the toy AWS, who outlive their thing: see toy_aws.h. */

#include "tests/unit/toy_aws.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

const struct resource_type toy_guest = {
	.name = "toy.guest",
	.service = "toy",
	.label = "$Key",
	.key = "Host Key",
	.arn = "\"arn:aws:toyguest:${region}:${account}:${Id}\"",
	.parent = "toy.thing",
	.outlives = true,
	.recorded = true,
	.list = { "ListGuests", "{Host: $parent.Name}", "Guests", .full = true,
	    .from = 2, .wide = "ListGuests", .owner = "Host",
	    .owner_is = "Name" },
	.create = { "CreateGuest", "{...$all, Tags: $tags}" },
	.remove = { "DeleteGuest", "{Host: $Host, Key: $Key}" },
	.tags = { TAGS_MAP,
	    .list = { "ListGuestTags", "{Id: $Id}", .take = "Tags" },
	    .add = { "TagGuest", "{Id: $Id, Tags: $tags}" }, .on_create = true,
	    .indexed = true },
	.properties = (const struct property[]){ { "Host", .flags = P_FIXED },
	    { "Key", .flags = P_FIXED }, { 0 } },
};

static json_t *
guests(void)
{
	return (json_t *)js_get(toy_state(), "guests");
}

/* What AWS shows of it: its tags need a call of their own. */
static json_t *
shown(const char *id, const json_t *guest)
{
	return js_pack("{s:s, s:O, s:O}", "Id", id, "Host",
	    js_get(guest, "Host"), "Key", js_get(guest, "Key"));
}

/* Of one host, or of all. */
static int
list_guests(const json_t *in, json_t *out)
{
	json_t *list = json_array(), *one;
	const char *host = js_str(in, "Host"), *id;

	js_foreach (guests(), id, one)
		if (host == NULL || strcmp(host, js_str(one, "Host")) == 0)
			js_push(list, shown(id, one));
	js_set(out, "Guests", list);
	return 0;
}

static int
create_guest(const json_t *in, json_t *out)
{
	auto_free char *id = NULL;

	for (int i = 1; id == NULL || js_get(guests(), id); i++) {
		free(id);
		id = mem_fmt("g%d", i);
	}
	js_set(guests(), id, js_copy(in));
	js_set_str(out, "Id", id);
	return 0;
}

static int
delete_guest(const json_t *in, json_t *out)
{
	const char *id;
	json_t *one;

	(void)out;
	js_foreach (guests(), id, one)
		if (strcmp(js_str(in, "Host"), js_str(one, "Host")) == 0 &&
		    strcmp(js_str(in, "Key"), js_str(one, "Key")) == 0) {
			js_del(guests(), id);
			return 0;
		}
	return -1;
}

static int
list_guest_tags(const json_t *in, json_t *out)
{
	const json_t *guest = js_get(guests(), js_str(in, "Id"));

	if (guest == NULL)
		return -1;
	js_set(out, "Tags", js_copy(js_get(guest, "Tags")));
	return 0;
}

static int
tag_guest(const json_t *in, json_t *out)
{
	json_t *guest = (json_t *)js_get(guests(), js_str(in, "Id"));

	(void)out;
	if (js_get(guest, "Tags") == NULL)
		js_set(guest, "Tags", json_object());
	js_merge((json_t *)js_get(guest, "Tags"), js_get(in, "Tags"));
	return 0;
}

const struct toy_operation toy_guest_operations[] = {
	{ "ListGuests", list_guests, true },
	{ "ListGuestTags", list_guest_tags, true },
	{ "CreateGuest", create_guest, false },
	{ "DeleteGuest", delete_guest, false },
	{ "TagGuest", tag_guest, false },
	{ 0 },
};
