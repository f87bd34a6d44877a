/* Nets of the toy AWS, known by an id that it gives: see toy_aws.h. */

#include "tests/unit/toy_aws.h"

#include <stdlib.h>

#include "common/base/mem.h"

const struct resource_type toy_net = {
	.name = "toy.net",
	.service = "toy",
	.label = "$Name",
	.key = "@address",
	.id = "Id",
	.list = { "ListNets", NULL, "Nets", .full = true, .from = 1 },
	.read = { "GetNet", "{Id: $Id}" },
	.create = { "CreateNet", "{...$all, Tags: $tags}" },
	.remove = { "DeleteNet", "{Id: $Id}" },
	.tags = { TAGS_MAP, .at = "Tags",
	    .add = { "TagNet", "{Id: $Id, Tags: $tags}" }, .on_create = true,
	    .indexed = true },
	.properties = (const struct property[]){ { "Cidr", .flags = P_FIXED },
	    { "Name" }, { 0 } },
};

static json_t *
nets(void)
{
	return (json_t *)js_get(toy_state(), "nets");
}

static json_t *
net(const json_t *in)
{
	return (json_t *)js_get(nets(), js_str(in, "Id"));
}

static int
list_nets(const json_t *in, json_t *out)
{
	json_t *list = json_array();
	const char *id;
	json_t *one;

	(void)in;
	js_foreach (nets(), id, one)
		js_push(list, js_copy(one));
	js_set(out, "Nets", list);
	return 0;
}

static int
get_net(const json_t *in, json_t *out)
{
	json_auto_t *copy = js_copy(net(in));

	if (copy == NULL)
		return -1;
	js_merge(out, copy);
	return 0;
}

static int
create_net(const json_t *in, json_t *out)
{
	auto_free char *id = NULL;
	json_t *one = js_copy(in);

	for (int i = 1; id == NULL || js_get(nets(), id); i++) {
		free(id);
		id = mem_fmt("n%d", i);
	}
	js_set_str(one, "Id", id);
	js_set(nets(), id, one);
	js_set_str(out, "Id", id);
	return 0;
}

static int
delete_net(const json_t *in, json_t *out)
{
	(void)out;
	if (net(in) == NULL)
		return -1;
	js_del(nets(), js_str(in, "Id"));
	return 0;
}

static int
tag_net(const json_t *in, json_t *out)
{
	(void)out;
	js_merge((json_t *)js_get(net(in), "Tags"), js_get(in, "Tags"));
	return 0;
}

const struct toy_operation toy_net_operations[] = {
	{ "ListNets", list_nets, true },
	{ "GetNet", get_net, true },
	{ "CreateNet", create_net, false },
	{ "DeleteNet", delete_net, false },
	{ "TagNet", tag_net, false },
	{ 0 },
};
