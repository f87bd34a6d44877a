/* Grants of an architecture: see iam_grants.h. */

#include "cli/iam_grants.h"

#include <string.h>

#include "cli/iam_names.h"
#include "cli/iam_place.h"
#include "common/aws/endpoint.h"
#include "common/base/text.h"
#include "common/engine/template.h"

/* An object that calls are about. */
struct subject {
	const struct resource_type *type;
	const json_t *props;
	const char *arn, *above; /* patterns: its own, its parent's place; or
				    NULL */
	bool wanted; /* else it is looked for, and removed if it is there */
};

static void
grant(struct iam_finder *f, const char *action, const char *resource,
    const char *key, const char *value)
{
	auto_free char *place = mem_fmt(
	    "%s\n%s\n%s", resource, key ? key : "", value ? value : "");

	if (js_get(f->grants, place) == NULL)
		js_set(f->grants, place, json_object());
	js_set((json_t *)js_get(f->grants, place), action, json_true());
}

/* A part of another has no ARN of its own, or only a qualifier of that. */
static const char *
place_of(const struct subject *s)
{
	size_t n = s->above ? strlen(s->above) : 0;

	if (s->arn == NULL || (n > 0 && strncmp(s->arn, s->above, n) == 0))
		return s->above;
	return s->arn;
}

/* ---- calls ---- */

/* Also on what has a qualifier behind the name. */
static void
grant_own(struct iam_finder *f, const char *service, const char *action,
    const char *resource)
{
	const char *tail = iam_tail(service);
	auto_free char *longer = mem_fmt("%s%s", resource, tail ? tail : "");

	grant(f, action, resource, NULL, NULL);
	if (!text_ends(resource, "*"))
		grant(f, action, longer, NULL, NULL);
}

static void
allow(
    struct iam_finder *f, const char *service, const char *op, const char *arn)
{
	const char *partition = js_str(f->specials, "partition");
	const char *region = js_str(f->specials, "region");
	auto_free char *action = iam_action(service, op);
	auto_free char *resource = iam_resource(
	    service, op, partition, region, arn);

	grant_own(f, service, action, resource);
}

static void
allow_call(struct iam_finder *f, const struct subject *s, const struct call *c)
{
	if (c->op != NULL)
		allow(f, c->service ? c->service : s->type->service, c->op,
		    place_of(s));
}

static bool
has_any(const struct iam_finder *f, const json_t *props, const char *words)
{
	words_each (words ? words : "", w, n) {
		auto_free char *name = mem_strn(w, n);

		if (js_get(props, name) != NULL)
			return true;
	}
	return words == NULL || f->graph == NULL;
}

static void
allow_reading(struct iam_finder *f, const struct subject *s)
{
	const struct resource_type *t = s->type;
	const char *whole = t->parent ? s->above : s->arn;

	if (t->list.op != NULL)
		allow(f, t->service, t->list.op, whole);
	if (t->list.wide != NULL)
		allow(f, t->service, t->list.wide, NULL);
	if (t->also.op != NULL)
		allow(f, t->service, t->also.op, whole);
	allow_call(f, s, &t->find);
	allow_call(f, s, &t->read);
	allow_call(f, s, &t->tags.list);
	for (size_t i = 0; i < 4; i++)
		if (has_any(f, s->props, t->more[i].if_any))
			allow_call(f, s, &t->more[i]);
}

/* Does the row empty what has to be empty before the object can go? */
static bool
is_draining(const struct resource_type *t, const struct update *u)
{
	return t->drain != NULL && u->of != NULL && (u->on & ON_REMOVE) &&
	       words_has(t->drain, u->of);
}

static void
allow_updates(struct iam_finder *f, const struct subject *s)
{
	for (const struct update *u = s->type->updates; u && u->op; u++)
		if (s->wanted || is_draining(s->type, u))
			allow(f, s->type->service, u->op, place_of(s));
}

static void
allow_writing(struct iam_finder *f, const struct subject *s)
{
	allow_updates(f, s);
	allow_call(f, s, &s->type->remove);
	if (!s->wanted)
		return;
	allow_call(f, s, &s->type->create);
	allow_call(f, s, &s->type->tags.add);
	allow_call(f, s, &s->type->tags.remove);
}

/* Where it is needed; NULL: it is not. */
static char *
place_beside(const struct iam_finder *f, const struct subject *s,
    const struct permission *p)
{
	struct scope scope = { { f->specials, s->props } };
	auto_free char *on = f->graph ? template_text(p->on, &scope)
				      : iam_pattern(f, p->on, s->props);

	if (f->graph != NULL && (on == NULL || *on == '\0'))
		return NULL;
	/* others are an alias, or not known */
	return mem_str(on != NULL && text_starts(on, "arn:") ? on : "*");
}

static void
allow_beside(
    struct iam_finder *f, const struct subject *s, const struct permission *p)
{
	auto_free char *on = p->on ? place_beside(f, s, p) : NULL;

	words_each (p->actions, w, n) {
		auto_free char *action = mem_strn(w, n);

		if (p->on == NULL)
			grant_own(f, s->type->service, action, place_of(s));
		else if (on != NULL)
			grant(f, action, on, p->key, p->value);
	}
}

static void
allow_all(struct iam_finder *f, const struct subject *s)
{
	const struct permission *p = s->type->permissions;

	allow_reading(f, s);
	if (!f->scope->reads)
		allow_writing(f, s);
	for (; s->wanted && p != NULL && p->actions != NULL; p++)
		if ((p->reads || !f->scope->reads) &&
		    has_any(f, s->props, p->if_any))
			allow_beside(f, s, p);
}

/* ---- whose calls a pass makes ---- */

/* Children are looked for even if nobody desires any; those that outlive
 * their parent when that is to go. */
static void
allow_children(struct iam_finder *f, const struct subject *parent)
{
	json_auto_t *none = json_object();

	for (size_t i = 0; f->scope->types[i] != NULL; i++) {
		const struct resource_type *t = f->scope->types[i];
		auto_free char *arn = iam_arn(f, t, none);

		if (t->parent != NULL && (t->exclusive || t->outlives) &&
		    strcmp(t->parent, parent->type->name) == 0)
			allow_all(f, &(struct subject){
					 t, none, arn, place_of(parent) });
	}
}

/* Caller frees. */
static char *
place_of_resource(const struct iam_finder *f, const char *address)
{
	const struct resource *r = address ? graph_find(f->graph, address)
					   : NULL;
	json_auto_t *props = r ? iam_props(f, r) : NULL;
	auto_free char *arn = r ? iam_arn(f, r->type, props) : NULL;
	auto_free char *above = r ? place_of_resource(f, r->parent) : NULL;
	const char *place = place_of(
	    &(struct subject){ .arn = arn, .above = above });

	return place ? mem_str(place) : NULL;
}

static void
allow_resource(struct iam_finder *f, const struct resource *r)
{
	json_auto_t *props = iam_props(f, r);
	auto_free char *arn = iam_arn(f, r->type, props);
	auto_free char *above = place_of_resource(f, r->parent);
	struct subject own = { r->type, props, arn, above, true };

	allow_all(f, &own);
	allow_children(f, &own);
}

/* What only a list finds is listed in every architecture. */
static void
allow_common(struct iam_finder *f)
{
	allow(f, "resourcegroupstaggingapi", "GetResources", NULL);
	for (size_t i = 0; f->scope->types[i] != NULL; i++) {
		const struct resource_type *t = f->scope->types[i];

		if (t->parent != NULL || t->tags.indexed || t->tags.at == NULL)
			continue;
		allow(f, t->service, t->list.op, NULL);
		if (t->also.op != NULL)
			allow(f, t->service, t->also.op, NULL);
	}
}

static json_t *
specials_of(const struct graph *g)
{
	const char *region = g ? g->arch.region : NULL;
	const char *account = g ? g->arch.account : NULL;

	return js_pack("{s:s, s:s, s:s}", "account", account ? account : "*",
	    "region", region ? region : "*", "partition",
	    region ? endpoint_partition(region) : "aws");
}

void
iam_grants(const struct iam_scope *scope, const struct graph *g, json_t *grants)
{
	json_auto_t *specials = specials_of(g);
	struct iam_finder f = { scope, g, specials, grants };

	allow_common(&f);
	for (size_t i = 0; i < g->n; i++)
		allow_resource(&f, &g->list[i]);
}

static const struct resource_type *
parent_of(const struct iam_scope *scope, const struct resource_type *t)
{
	for (size_t i = 0; t->parent != NULL && scope->types[i] != NULL; i++)
		if (strcmp(scope->types[i]->name, t->parent) == 0)
			return scope->types[i];
	return NULL;
}

/* Of any object of the type. Caller frees. */
static char *
place_of_any(const struct iam_finder *f, const struct resource_type *t)
{
	json_auto_t *none = json_object();
	auto_free char *arn = t ? iam_arn(f, t, none) : NULL;
	auto_free char *above = t ? place_of_any(f, parent_of(f->scope, t))
				  : NULL;
	const char *place = place_of(
	    &(struct subject){ .arn = arn, .above = above });

	return place ? mem_str(place) : NULL;
}

void
iam_grants_all(const struct iam_scope *scope, json_t *grants)
{
	json_auto_t *specials = specials_of(NULL), *none = json_object();
	struct iam_finder f = { scope, NULL, specials, grants };

	allow_common(&f);
	for (size_t i = 0; scope->types[i] != NULL; i++) {
		const struct resource_type *t = scope->types[i];
		auto_free char *arn = iam_arn(&f, t, none);
		auto_free char *above = place_of_any(&f, parent_of(scope, t));

		allow_all(&f, &(struct subject){ t, none, arn, above, true });
	}
}
