/* A toy AWS in the place of the client: see toy_aws.h. */

#include "tests/unit/toy_aws.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/aws/aws.h"
#include "common/base/buf.h"

/* ---- types ---- */

const struct resource_type toy_thing = {
	.name = "toy.thing",
	.service = "toy",
	.label = "$Name",
	.key = "Name",
	.arn = "\"arn:aws:toy:${region}:${account}:${Name}\"",
	.read = { "GetThing", "{Name: $Name}" },
	.doubles = true,
	.create = { "CreateThing", "{...$all, Tags: $tags, Token: $token}" },
	.updates =
	    (const struct update[]){
		{ "UpdateThing", "{Name: $Name, ...$settable, ...$changes}" },
		{ "PutEntry", "{Name: $Name, Entry: $name, Value: $value}",
		    .of = "Entries", .on = ON_ADD | ON_CHANGE, .each = true },
		{ "DeleteEntry", "{Name: $Name, Entry: $name}", .of = "Entries",
		    .on = ON_REMOVE, .each = true },
		{ 0 } },
	.drain = "Entries",
	.remove = { "DeleteThing", "{Name: $Name}" },
	.states = (const struct state[]){ { "State", "Active", "Broken" },
	    { 0 } },
	.tags = { TAGS_MAP, .at = "Tags",
	    .add = { "TagThing", "{Name: $Name, Tags: $tags}" },
	    .remove = { "UntagThing", "{Name: $Name, Keys: $keys}" },
	    .on_create = true, .indexed = true },
	.properties = (const struct property[]){ { "Name", .flags = P_FIXED },
	    { "Size" }, { "Fixed", .flags = P_FIXED },
	    { "Other", .unset = "\"\"" }, { "Entries", .flags = P_OURS },
	    { 0 } },
	.patience = (const struct patience[]){ { "NotYet", "cannot be assumed",
						   20 },
	    { 0 } },
};

const struct resource_type toy_child = {
	.name = "toy.child",
	.service = "toy",
	.label = "$Key",
	.key = "Key",
	.parent = "toy.thing",
	.exclusive = true,
	.list = { "ListChildren", "{Name: $parent.Name}", "Children",
	    .full = true, .from = 2, .wide = "ListChildren", .owner = "Of",
	    .owner_is = "Name" },
	.create = { "CreateChild", "{Name: $parent.Name, ...$all}" },
	.updates =
	    (const struct update[]){
		{ "UpdateChild", "{Name: $parent.Name, Key: $Key, "
				 "...$changes}" },
		{ 0 } },
	.remove = { "DeleteChild", "{Name: $parent.Name, Key: $Key}" },
	.properties = (const struct property[]){ { "Key", .flags = P_FIXED },
	    { "Size" }, { 0 } },
};

const struct resource_type *const toy_types[] = { &toy_net, &toy_thing,
	&toy_child, &toy_guest, NULL };

/* ---- the world ---- */

static struct {
	pthread_mutex_t lock;
	json_t *state;
	struct buf writes, all;
	unsigned reads;
} world = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.writes = BUF_INIT,
	.all = BUF_INIT };

void
toy_world(const char *json)
{
	static const char *const parts[] = { "things", "children", "nets",
		"crews", "guests", NULL };
	struct err err;

	js_replace(&world.state, NULL);
	must(js_parse(json, strlen(json), &world.state, &err) == 0);
	for (size_t i = 0; parts[i] != NULL; i++)
		if (js_get(world.state, parts[i]) == NULL)
			js_set(world.state, parts[i], json_object());
}

json_t *
toy_state(void)
{
	return world.state;
}

const char *
toy_calls(bool reads)
{
	return reads ? world.all.data : world.writes.data;
}

unsigned
toy_reads(void)
{
	return world.reads;
}

static json_t *
part(const char *name)
{
	return (json_t *)js_get(world.state, name);
}

static json_t *
thing(const json_t *in)
{
	return (json_t *)js_get(part("things"), js_str(in, "Name"));
}

static json_t *
children(const json_t *in)
{
	const char *name = js_str(in, "Name");

	if (js_get(part("children"), name) == NULL)
		js_set(part("children"), name, json_object());
	return (json_t *)js_get(part("children"), name);
}

/* Counts down a member of the world; true while it was above 0. */
static bool
countdown(const char *name)
{
	json_int_t n = js_int(world.state, name, 0);

	js_set(world.state, name, json_integer(n > 0 ? n - 1 : 0));
	return n > 0;
}

static bool
is_stuck(const char *property)
{
	size_t i;
	json_t *x;

	js_each (js_get(world.state, "stuck"), i, x)
		if (strcmp(js_text(x), property) == 0)
			return true;
	return false;
}

static void
put_members(json_t *to, const json_t *in)
{
	const char *key;
	json_t *value;

	js_foreach (in, key, value)
		if (!is_stuck(key))
			js_set(to, key, js_copy(value));
}

/* ---- operations: 0, or -1 for "does not exist" ---- */

static int
get_thing(const json_t *in, json_t *out)
{
	if (thing(in) == NULL || countdown("hide"))
		return -1;
	js_set_str(
	    thing(in), "State", countdown("pending") ? "Pending" : "Active");
	put_members(out, thing(in));
	return 0;
}

static int
create_thing(const json_t *in, json_t *out)
{
	(void)out;
	js_set(part("things"), js_str(in, "Name"), js_copy(in));
	return 0;
}

static int
update_thing(const json_t *in, json_t *out)
{
	(void)out;
	if (thing(in) == NULL)
		return -1;
	put_members(thing(in), in);
	return 0;
}

static int
delete_thing(const json_t *in, json_t *out)
{
	(void)out;
	if (thing(in) == NULL)
		return -1;
	js_del(part("things"), js_str(in, "Name"));
	return 0;
}

static int
tag_thing(const json_t *in, json_t *out)
{
	(void)out;
	js_merge((json_t *)js_get(thing(in), "Tags"), js_get(in, "Tags"));
	return 0;
}

static int
untag_thing(const json_t *in, json_t *out)
{
	size_t i;
	json_t *key;

	(void)out;
	js_each (js_get(in, "Keys"), i, key)
		js_del((json_t *)js_get(thing(in), "Tags"), js_text(key));
	return 0;
}

static int
put_entry(const json_t *in, json_t *out)
{
	json_t *t = thing(in);

	(void)out;
	if (js_get(t, "Entries") == NULL)
		js_set(t, "Entries", json_object());
	js_set((json_t *)js_get(t, "Entries"), js_str(in, "Entry"),
	    js_copy(js_get(in, "Value")));
	return 0;
}

static int
delete_entry(const json_t *in, json_t *out)
{
	(void)out;
	js_del((json_t *)js_get(thing(in), "Entries"), js_str(in, "Entry"));
	return 0;
}

static void
list_of(const char *parent, const json_t *all, json_t *list)
{
	const char *key;
	json_t *child;

	js_foreach (all, key, child) {
		json_t *item = js_copy(child);

		js_set_str(item, "Of", parent);
		js_push(list, item);
	}
}

/* Of one thing, or of all. */
static int
list_children(const json_t *in, json_t *out)
{
	json_t *list = json_array();
	const char *name;
	json_t *all;

	js_foreach (part("children"), name, all)
		if (js_str(in, "Name") == NULL ||
		    strcmp(js_str(in, "Name"), name) == 0)
			list_of(name, all, list);
	js_set(out, "Children", list);
	return 0;
}

static int
create_child(const json_t *in, json_t *out)
{
	json_t *child = js_copy(in);

	(void)out;
	js_del(child, "Name");
	js_set(children(in), js_str(in, "Key"), child);
	return 0;
}

static int
update_child(const json_t *in, json_t *out)
{
	json_t *child = (json_t *)js_get(children(in), js_str(in, "Key"));

	(void)out;
	put_members(child, in);
	js_del(child, "Name");
	return 0;
}

static int
delete_child(const json_t *in, json_t *out)
{
	(void)out;
	js_del(children(in), js_str(in, "Key"));
	return 0;
}

static void
add_tagged(json_t *list, const char *arn, const json_t *plain)
{
	json_t *tags = json_array(), *value;
	const char *key;

	js_foreach (plain, key, value)
		js_push(
		    tags, js_pack("{s:s, s:O}", "Key", key, "Value", value));
	js_push(list, js_pack("{s:s, s:o}", "ResourceARN", arn, "Tags", tags));
}

static void
index_part(json_t *list, const char *what, const char *service)
{
	const char *name;
	json_t *one;

	js_foreach (part(what), name, one) {
		auto_free char *arn = mem_fmt(
		    "arn:aws:%s:mars:1:%s", service, name);

		if (js_path(one, "Tags.convergd:installation") != NULL)
			add_tagged(list, arn, js_get(one, "Tags"));
	}
}

static int
get_resources(const json_t *in, json_t *out)
{
	json_t *list = json_array(), *tags;
	const char *arn;

	(void)in;
	index_part(list, "things", "toy");
	index_part(list, "guests", "toyguest");
	js_foreach (js_get(world.state, "strays"), arn, tags)
		add_tagged(list, arn, tags);
	js_set(out, "ResourceTagMappingList", list);
	return 0;
}

static const struct toy_operation operations[] = {
	{ "GetThing", get_thing, true },
	{ "ListChildren", list_children, true },
	{ "GetResources", get_resources, true, "resourcegroupstaggingapi" },
	{ "CreateThing", create_thing, false },
	{ "UpdateThing", update_thing, false },
	{ "DeleteThing", delete_thing, false },
	{ "TagThing", tag_thing, false },
	{ "UntagThing", untag_thing, false },
	{ "PutEntry", put_entry, false },
	{ "DeleteEntry", delete_entry, false },
	{ "CreateChild", create_child, false },
	{ "UpdateChild", update_child, false },
	{ "DeleteChild", delete_child, false },
	{ 0 },
};

static const struct toy_operation *
find_operation(const char *service, const char *name)
{
	const struct toy_operation *all[] = { operations, toy_crew_operations,
		toy_net_operations, toy_guest_operations };

	for (size_t i = 0; i < 4; i++)
		for (const struct toy_operation *o = all[i]; o->name; o++)
			if (strcmp(o->name, name) == 0 &&
			    strcmp(o->service ? o->service : "toy", service) ==
				0)
				return o;
	return NULL;
}

struct aws *
toy_aws(void)
{
	return (struct aws *)&world;
}

/* ---- the client's face ---- */

/* Failures by their code, as the client's class table has them. */
static const struct {
	const char *code;
	enum err_kind kind;
} classes[] = {
	{ "Throttling", ERR_THROTTLED },
	{ "AccessDenied", ERR_DENIED },
	{ "InternalError", ERR_TRANSIENT },
	{ "NotYet", ERR_TERMINAL },
	{ "Bad", ERR_TERMINAL },
	{ "InUse", ERR_BUSY },
	{ "Lost", ERR_UNKNOWN },
	{ "Gone", ERR_ABSENT },
};

static bool
scripted_failure(const char *operation, struct err *err)
{
	json_t *list = (json_t *)js_get(world.state, "fail");
	const json_t *next = js_at(list, 0);
	enum err_kind kind = ERR_TERMINAL;
	auto_free char *code = NULL;

	if (next == NULL || strcmp(js_text(js_at(next, 0)), operation) != 0)
		return false;
	code = mem_str(js_text(js_at(next, 1)));
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (strcmp(classes[i].code, code) == 0)
			kind = classes[i].kind;
	err_set(err, kind, "toy %s: %s", operation, js_text(js_at(next, 2)));
	memcpy(err->code, code, strlen(code) + 1);
	json_array_remove(list, 0);
	return true;
}

static void
note(const char *operation, const json_t *in, bool read)
{
	const char *what = js_str(in, "Key")     ? js_str(in, "Key")
			   : js_str(in, "Entry") ? js_str(in, "Entry")
			   : js_str(in, "Name")  ? js_str(in, "Name")
			   : js_str(in, "Id")    ? js_str(in, "Id")
			   : js_str(in, "Cidr")  ? js_str(in, "Cidr")
						 : "";

	buf_addf(&world.all, "%s(%s) ", operation, what);
	if (!read)
		buf_addf(&world.writes, "%s(%s) ", operation, what);
	world.reads += read;
}

static int
serve(const char *service, const char *operation, const json_t *in, json_t *out,
    struct err *err)
{
	const struct toy_operation *o = find_operation(service, operation);

	if (o == NULL)
		return err_set(
		    err, ERR_BUG, "there is no %s %s", service, operation);
	note(operation, in, o->read);
	if (scripted_failure(operation, err)) {
		if (err->kind == ERR_UNKNOWN)
			o->run(in, out); /* yet done */
		return -1;
	}
	if (o->run(in, out) == 0)
		return 0;
	return err_set(err, ERR_ABSENT, "toy %s: no such thing", operation);
}

int
aws_call(struct aws *aws, const char *service, const char *operation,
    const json_t *in, json_t **ret_out, struct err *err)
{
	json_auto_t *out = json_object();
	int rc;

	(void)aws;
	pthread_mutex_lock(&world.lock);
	rc = serve(service, operation, in, out, err);
	pthread_mutex_unlock(&world.lock);
	if (rc == 0 && ret_out != NULL)
		*ret_out = js_copy(out);
	return rc;
}

/* One after the other: each is answered before the next is asked for. */
void
aws_call_stream(struct aws *aws, struct aws_one *(*next)(void *arg), void *arg,
    unsigned at_once)
{
	struct aws_one *o;

	(void)at_once;
	while ((o = next(arg)) != NULL) {
		o->out = NULL;
		o->result = aws_call(
		    aws, o->service, o->operation, o->in, &o->out, &o->err);
		if (o->done != NULL)
			o->done(o, o->arg);
	}
}

/* The only array of the answer. */
static json_t *
list_in(json_t *out)
{
	const char *key;
	json_t *value;

	js_foreach (out, key, value)
		if (json_is_array(value))
			return value;
	return NULL;
}

/* Items first to last of the list, every page a call. */
int
aws_pages(struct aws *aws, const char *service, const char *operation,
    const json_t *in, int (*page)(void *arg, const json_t *), void *arg,
    struct err *err)
{
	size_t per = (size_t)js_int(world.state, "page", 1 << 20), n = 1;
	int rc = 0;

	for (size_t first = 0; rc == 0 && (first == 0 || first < n);
	     first += per) {
		json_auto_t *out = NULL;
		json_t *list;

		if (aws_call(aws, service, operation, in, &out, err) == -1)
			return -1;
		list = list_in(out);
		n = js_len(list);
		for (size_t i = 0; i < first; i++)
			json_array_remove(list, 0);
		while (js_len(list) > per)
			json_array_remove(list, per);
		rc = page(arg, out);
	}
	return rc;
}

int
aws_account(struct aws *aws, char ret_account[static 32], struct err *err)
{
	(void)aws;
	(void)err;
	memcpy(ret_account, "1", 2);
	return 0;
}

const char *
aws_region(const struct aws *aws)
{
	(void)aws;
	return "mars";
}

bool
aws_is_genuine(const struct aws *aws, const char *service)
{
	(void)aws;
	(void)service;
	return js_bool(world.state, "genuine", false);
}

const char *
aws_partition(const struct aws *aws)
{
	(void)aws;
	return "aws";
}
