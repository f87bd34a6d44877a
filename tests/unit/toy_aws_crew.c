/* The crews of the toy AWS: see toy_aws.h. */

#include "tests/unit/toy_aws.h"

#include <string.h>

/* ---- types ---- */

/* [{Key, Value}] -> {key: value} */
static void
crew_normalise(json_t *live)
{
	const json_t *list = js_get(live, "JobList");
	json_t *jobs = list != NULL ? json_object() : NULL, *job;
	size_t i;

	js_each (list, i, job)
		js_set(jobs, js_str(job, "Key"), js_copy(js_get(job, "Value")));
	js_set(live, "Jobs", jobs);
	js_del(live, "JobList");
}

const struct resource_type toy_crew = {
	.name = "toy.crew",
	.service = "toy",
	.label = "$Name",
	.key = "Name",
	.list = { "ListCrews", NULL, "Crews", .full = true, .from = 1 },
	.also = { "ListRanks", NULL, "Ranks" },
	.read = { "GetCrew", "{Name: $Name}" },
	.more = { { "ListJobs", "{Name: $Name}", .take = "Keys",
		      .put = "JobKeys", .listed = true },
	    { "GetJob", "{Name: $Name, Key: $value}", .each = "JobKeys",
		.put = "JobList", .listed = true } },
	.create = { "CreateCrew", "{...$all, Tags: $tags}" },
	.updates = (const struct update[]){ { "UpdateCrew",
						"{Name: $Name, ...$changes}" },
	    { 0 } },
	.remove = { "DeleteCrew", "{Name: $Name}" },
	.tags = { TAGS_MAP, .at = "Tags", .on_create = true },
	.properties = (const struct property[]){ { "Name", .flags = P_FIXED },
	    { "Rank" }, { "Jobs", .key = "*" }, { 0 } },
	.normalise = crew_normalise,
};

const struct resource_type toy_flag = {
	.name = "toy.flag",
	.service = "toy",
	.label = "flag",
	.key = "",
	.parent = "toy.crew",
	.exclusive = true,
	.read = { "GetFlag", "{Name: $parent.Name}", .take = "Flag" },
	.create = { "CreateFlag", "{Name: $parent.Name, ...$all}" },
	.remove = { "DeleteFlag", "{Name: $parent.Name}" },
	.properties = (const struct property[]){ { "Colour" }, { 0 } },
};

/* The crew's own state tells of them. */
const struct resource_type toy_badge = {
	.name = "toy.badge",
	.service = "toy",
	.label = "$Key",
	.key = "Key",
	.parent = "toy.crew",
	.exclusive = true,
	.list = { "ListBadges", "{Name: $parent.Name}", "Badges",
	    .held = "Badges", .full = true },
	.create = { "CreateBadge", "{Name: $parent.Name, ...$all}" },
	.remove = { "DeleteBadge", "{Name: $parent.Name, Key: $Key}" },
	.properties = (const struct property[]){ { "Key", .flags = P_FIXED },
	    { 0 } },
};

const struct resource_type *const toy_crew_types[] = { &toy_crew, &toy_badge,
	&toy_flag, NULL };

/* ---- operations ---- */

static const json_t *
all_crews(void)
{
	return js_get(toy_state(), "crews");
}

static json_t *
crew(const json_t *in)
{
	return (json_t *)js_get(all_crews(), js_str(in, "Name"));
}

/* Without the rank: another list has it. */
static json_t *
crew_item(const char *name, const json_t *crew, bool whole)
{
	json_t *item = js_pack(
	    "{s:s, s:O}", "Name", name, "Tags", js_get(crew, "Tags"));
	json_t *list = json_array(), *value;
	const json_t *badges = js_get(crew, "Badges");
	const char *key;

	js_set(item, "Badges", badges ? js_copy(badges) : json_array());
	js_foreach (js_get(crew, "Jobs"), key, value)
		js_push(
		    list, js_pack("{s:s, s:O}", "Key", key, "Value", value));
	js_set(item, whole ? "JobList" : "unused", list);
	js_del(item, "unused");
	return item;
}

static int
list_crews(const json_t *in, json_t *out)
{
	json_t *list = json_array(), *one;
	const char *name;

	(void)in;
	js_foreach (all_crews(), name, one)
		js_push(list, crew_item(name, one, true));
	js_set(out, "Crews", list);
	return 0;
}

static json_t *
rank_of(const char *name, const json_t *crew)
{
	json_t *item = json_object();

	js_set_str(item, "Name", name);
	js_set(item, "Rank", js_copy(js_get(crew, "Rank")));
	return item;
}

static int
list_ranks(const json_t *in, json_t *out)
{
	json_t *list = json_array(), *one;
	const char *name;

	(void)in;
	js_foreach (all_crews(), name, one)
		if (!js_bool(one, "New", false))
			js_push(list, rank_of(name, one));
	js_set(out, "Ranks", list);
	return 0;
}

static int
get_crew(const json_t *in, json_t *out)
{
	json_auto_t *item = NULL;

	if (crew(in) == NULL)
		return -1;
	item = crew_item(js_str(in, "Name"), crew(in), false);
	js_merge(out, item);
	js_set(out, "Rank", js_copy(js_get(crew(in), "Rank")));
	return 0;
}

static int
list_jobs(const json_t *in, json_t *out)
{
	json_t *keys = json_array(), *value;
	const char *key;

	js_foreach (js_get(crew(in), "Jobs"), key, value)
		js_push(keys, js_new_str(key));
	js_set(out, "Keys", keys);
	return 0;
}

static int
get_job(const json_t *in, json_t *out)
{
	const json_t *value = js_get(
	    js_get(crew(in), "Jobs"), js_str(in, "Key"));

	js_set_str(out, "Key", js_str(in, "Key"));
	js_set(out, "Value", js_copy(value));
	return value != NULL ? 0 : -1;
}

static int
get_flag(const json_t *in, json_t *out)
{
	js_set(out, "Flag", js_copy(js_get(crew(in), "Flag")));
	return js_get(out, "Flag") != NULL ? 0 : -1;
}

static int
delete_flag(const json_t *in, json_t *out)
{
	(void)out;
	js_del(crew(in), "Flag");
	return 0;
}

const struct toy_operation toy_crew_operations[] = {
	{ "ListCrews", list_crews, true },
	{ "ListRanks", list_ranks, true },
	{ "GetCrew", get_crew, true },
	{ "ListJobs", list_jobs, true },
	{ "GetJob", get_job, true },
	{ "GetFlag", get_flag, true },
	{ "GetSeal", get_flag, true, "seals" },
	{ "DeleteFlag", delete_flag, false },
	{ 0 },
};
