/* What reading an object asks for, and takes: see object_stages.h. */

#include "common/engine/object_stages.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/engine/template.h"

#define FIRST_MORE 2 /* row of the stages */

/* ---- absence ---- */

/* Codes that the call itself names; in `more` a part that is not there. */
static bool
is_no_part(const struct call *call, const struct err *err)
{
	return call->absent != NULL && err->code[0] != 0 &&
	       words_has(call->absent, err->code);
}

bool
object_is_absent(const struct call *call, const struct err *err)
{
	return err->kind == ERR_ABSENT || is_no_part(call, err);
}

/* ---- one call ---- */

static bool
is_property(const struct resource_type *type, const char *name)
{
	for (const struct property *p = type->properties; p->name; p++)
		if (strcmp(p->name, name) == 0)
			return true;
	return false;
}

/* A call's input may need what nobody knows yet: then there is no object. A
 * property that is not desired is no such thing; it is left out. */
static bool
is_complete(const struct resource_type *type, const struct call *call,
    const struct scope *scope)
{
	const char *p = call->input ? call->input : "";

	for (; (p = strchr(p, '$')) != NULL; p++) {
		auto_free char *name = mem_strn(
		    p, 1 + strcspn(p + 1, " ,}]\"$"));
		json_auto_t *x = NULL;

		if (name[1] == '{' || is_property(type, name + 1))
			continue;
		x = template_eval(name, scope);
		if (x == NULL)
			return false;
	}
	return true;
}

static bool
is_wanted(const struct call *call, const struct object *o)
{
	if (call->if_any == NULL)
		return true;
	words_each (call->if_any, w, n) {
		auto_free char *name = mem_strn(w, n);

		if (js_get(o->desired, name) || js_get(o->live, name))
			return true;
	}
	return false;
}

static const json_t *
take(const struct call *call, const json_t *answer)
{
	return call->take ? js_path(answer, call->take) : answer;
}

/* Some reads answer with several: ours is the one with our key. */
static void
pick(struct object *o, const json_t *candidates)
{
	json_auto_t *list = js_copy(candidates);
	size_t i;
	json_t *item;

	js_each (list, i, item) {
		if (o->type->normalise != NULL)
			o->type->normalise(item);
		if (!object_is_item(o, item))
			continue;
		js_merge(o->live, item);
		return;
	}
	js_replace(&o->live, NULL);
}

/* Does this row tell what nobody has told yet? */
static bool
is_open(const struct call *call, const struct object *o, bool listed)
{
	return !(listed && call->listed) && is_wanted(call, o);
}

bool
object_wants_more(const struct object *o)
{
	for (size_t i = 0; i < 4 && o->type->more[i].op != NULL; i++)
		if (is_open(&o->type->more[i], o, true))
			return true;
	return false;
}

/* Puts what the call took from the answer into the live state. */
static void
absorb(const struct call *call, const json_t *answer, json_t *live)
{
	const json_t *taken = take(call, answer);

	if (taken == NULL)
		return;
	if (call->put != NULL)
		js_set(live, call->put, js_copy(taken));
	else if (json_is_object(taken)) {
		json_auto_t *copy = js_copy(taken);

		js_merge(live, copy);
	}
}

/* ---- through the listing ---- */

/* The item that is the object; of several the first. */
struct search {
	const struct object *o;
	json_t *found;
};

static void
look_at(void *arg, json_t *take_item)
{
	struct search *s = arg;

	if (s->found == NULL && object_is_item(s->o, take_item))
		s->found = take_item;
	else
		js_free(take_item);
}

int
reading_look_up(struct reading *r)
{
	struct object *o = r->o;
	struct search s = { o, NULL };
	struct lookup l = { .parent = o->parent, .item = look_at, .arg = &s };
	struct err *err = r->look->err;
	int rc = object_list(r->realm, o->type, &l, err);

	if (rc == -1)
		js_replace(&s.found, NULL);
	if (rc == -1 && err->kind != ERR_ABSENT)
		return -1;
	if (s.found == NULL) {
		js_replace(&o->live, NULL);
	} else {
		object_take_item(o, s.found);
		o->listed = false; /* the next look lists again */
	}
	return 0;
}

/* ---- find, read ---- */

bool
reading_can_ask(const struct reading *r, const struct call *call)
{
	struct scope scope = { { r->specials, r->o->desired, r->o->live } };

	return is_complete(r->o->type, call, &scope);
}

/* Nobody told the identity that read needs. */
static const struct call *
ask_find(struct reading *r)
{
	const struct resource_type *type = r->o->type;

	return r->listed || type->find.op == NULL ||
		       reading_can_ask(r, &type->read)
		   ? NULL
		   : &type->find;
}

static const struct call *
ask_read(struct reading *r)
{
	const struct call *read = &r->o->type->read;

	if (r->listed || read->op == NULL)
		return NULL;
	if (reading_can_ask(r, read))
		return read;
	js_replace(&r->o->live, NULL); /* nobody knows of it */
	return NULL;
}

static int
take_main(struct reading *r, const json_t *answer, const struct err *err)
{
	if (err != NULL && !object_is_absent(r->call, err))
		return -1;
	if (err != NULL)
		js_replace(&r->o->live, NULL);
	else if (json_is_array(take(r->call, answer)))
		pick(r->o, take(r->call, answer));
	else
		absorb(r->call, answer, r->o->live);
	return 0;
}

/* ---- more ---- */

/* A call for every element; one that is gone meanwhile is left out. */
static const struct call *
ask_each(struct reading *r, const struct call *call)
{
	const json_t *element = js_at(
	    js_path(r->o->live, call->each), r->element++);

	if (r->elements == NULL)
		r->elements = json_array();
	if (element != NULL) {
		js_set(r->specials, "value", js_copy(element));
		return call;
	}
	js_set(r->o->live, call->put, js_move(&r->elements));
	r->element = 0;
	return NULL;
}

static int
take_each(struct reading *r, const json_t *answer, const struct err *err)
{
	if (err == NULL)
		js_push(r->elements, js_copy(take(r->call, answer)));
	return err == NULL || object_is_absent(r->call, err) ? 0 : -1;
}

/* Gone between two reads of it: then it does not exist. */
static int
vanished(struct object *o, const struct err *err)
{
	if (err->kind != ERR_ABSENT)
		return -1;
	js_replace(&o->live, NULL);
	return 0;
}

static const struct call *
ask_more(struct reading *r)
{
	const struct call *call = &r->o->type->more[r->stage - FIRST_MORE];

	if (call->op == NULL || !is_open(call, r->o, r->listed))
		return NULL;
	if (call->each != NULL)
		return ask_each(r, call);
	return reading_can_ask(r, call) ? call : NULL;
}

static int
take_more(struct reading *r, const json_t *answer, const struct err *err)
{
	if (r->call->each != NULL)
		return take_each(r, answer, err);
	if (err == NULL)
		absorb(r->call, answer, r->o->live);
	else if (!is_no_part(r->call, err))
		return vanished(r->o, err);
	return 0;
}

/* ---- tags ---- */

static void
normalise(struct object *o)
{
	const struct resource_type *type = o->type;

	if (type->normalise != NULL &&
	    (type->read.op != NULL || type->more[0].op != NULL))
		type->normalise(o->live);
}

void
reading_name_arn(struct reading *r)
{
	auto_free char *arn = object_arn(
	    r->realm, r->o->type, r->o->desired, r->o->live);

	js_set_str(r->specials, "arn", arn);
}

static const struct call *
ask_tags(struct reading *r)
{
	normalise(r->o);
	if (object_know_tags(r->o, js_move(&r->look->known_tags)))
		return NULL;
	reading_name_arn(r);
	return &r->o->type->tags.list;
}

static int
take_tags(struct reading *r, const json_t *answer, const struct err *err)
{
	if (err != NULL)
		return -1;
	object_take_tags(r->o, take(r->call, answer));
	return 0;
}

const struct stage object_stages[OBJECT_STAGES] = {
	{ ask_find, take_main },
	{ ask_read, take_main },
	{ ask_more, take_more },
	{ ask_more, take_more },
	{ ask_more, take_more },
	{ ask_more, take_more },
	{ ask_tags, take_tags },
};
