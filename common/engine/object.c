/* One AWS object: its memory, its names, its state. See object.h. */

#include "common/engine/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/aws/aws.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/engine/object_private.h"
#include "common/engine/template.h"

void
object_free(struct object *o)
{
	js_free(o->desired);
	js_free(o->want_tags);
	js_free(o->parent);
	js_free(o->live);
	js_free(o->tags);
	memset(o, 0, sizeof(*o));
}

/* ---- names ---- */

json_t *
object_specials(const struct realm *realm, const json_t *parent)
{
	json_t *x = json_object();

	js_set_str(x, "account", realm->account);
	js_set_str(x, "architecture", realm->architecture);
	js_set_str(x, "installation", realm->installation);
	if (realm->aws != NULL) {
		js_set_str(x, "region", aws_region(realm->aws));
		js_set_str(x, "partition", aws_partition(realm->aws));
	}
	js_set(x, "parent", js_copy(parent));
	return x;
}

char *
object_arn(const struct realm *realm, const struct resource_type *type,
    const json_t *props, const json_t *live)
{
	json_auto_t *specials = object_specials(realm, NULL);
	struct scope scope = { { specials, props, live } };

	return type->arn ? template_text(type->arn, &scope) : NULL;
}

char *
object_label(
    const struct resource_type *type, const json_t *desired, const json_t *live)
{
	struct scope scope = { { desired, live } };
	char *label = type->label ? template_text(type->label, &scope) : NULL;

	return label ? label : mem_str("");
}

json_t *
object_input(const struct object *o, const struct call *call, json_t *specials)
{
	struct scope scope = { { specials, o->desired, o->live } };

	return call->input ? template_eval(call->input, &scope) : NULL;
}

const char *
object_service(const struct object *o, const struct call *call)
{
	return call->service ? call->service : o->type->service;
}

int
object_call(const struct realm *realm, const struct object *o,
    const struct call *call, json_t *specials, json_t **ret_answer,
    struct err *err)
{
	json_auto_t *input = object_input(o, call, specials);

	return aws_call(realm->aws, object_service(o, call), call->op, input,
	    ret_answer, err);
}

/* ---- state ---- */

struct state_walk {
	const struct state *row;
	enum object_state worst;
	char *reason;
	const json_t *live;
};

static void
judge(void *arg, const json_t *value)
{
	struct state_walk *w = arg;
	const char *word = js_text(value);
	const char *why = w->row->reason ? js_pathstr(w->live, w->row->reason)
					 : NULL;
	enum object_state is = OBJECT_PROGRESSING;

	if (word == NULL || words_has(w->row->ready, word))
		return;
	if (w->row->failed != NULL && words_has(w->row->failed, word))
		is = OBJECT_FAILED;
	else if (w->row->parked != NULL && words_has(w->row->parked, word))
		is = OBJECT_PARKED;
	if (is != OBJECT_PROGRESSING && is < w->worst)
		return;
	w->worst = is;
	snprintf(w->reason, 256, "%s is %s%s%s", w->row->path, word,
	    why ? ": " : "", why ? why : "");
}

void
object_walk(const json_t *at, const char *path,
    void (*found)(void *arg, const json_t *), void *arg)
{
	const char *each = strstr(path, "[].");
	auto_free char *head = NULL;
	size_t i;
	json_t *item;

	if (each == NULL) {
		found(arg, js_path(at, path));
		return;
	}
	head = mem_strn(path, (size_t)(each - path));
	js_each (js_path(at, head), i, item)
		object_walk(item, each + 3, found, arg);
}

enum object_state
object_state(const struct object *o, char reason[static 256])
{
	struct state_walk w = { .reason = reason, .live = o->live };

	reason[0] = 0;
	for (w.row = o->type->states; w.row && w.row->path; w.row++)
		object_walk(o->live, w.row->path, judge, &w);
	return w.worst;
}
