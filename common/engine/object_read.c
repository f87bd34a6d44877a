/*
 * Reading AWS objects, alone or together: see object.h. What objects ask for
 * is called for all of them at once, and none waits for another.
 */

#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/engine/object_stages.h"
#include "common/engine/template.h"

#define AT_ONCE 32 /* calls in flight; the client bounds them by service */

/* Those that are read together. */
struct crowd {
	const struct realm *realm;
	const atomic_bool *cancelled; /* or NULL */
	STAILQ_HEAD(, reading) ready; /* to be called */
};

/* ---- one after the other ---- */

static void came(struct aws_one *, void *arg);

static void
prepare(struct reading *r)
{
	r->input = object_input(r->o, r->call, r->specials);
	r->one = (struct aws_one){ .service = object_service(r->o, r->call),
		.operation = r->call->op,
		.in = r->input,
		.done = came,
		.arg = r };
}

/* False: it has no call to make any more. */
static bool
go_on(struct reading *r)
{
	for (; r->o->live != NULL && r->stage < OBJECT_STAGES; r->stage++) {
		r->call = object_stages[r->stage].ask(r);
		if (r->call != NULL) {
			prepare(r);
			return true;
		}
	}
	return false;
}

/* What has begun goes before what has not. */
static void
came(struct aws_one *one, void *arg)
{
	struct reading *r = arg;
	json_auto_t *answer = js_move(&one->out);
	const struct err *err = one->result == -1 ? &one->err : NULL;

	js_replace(&r->input, NULL);
	r->look->rc = object_stages[r->stage].take(r, answer, err);
	if (r->look->rc == -1) {
		*r->look->err = one->err;
		return;
	}
	if (r->call->each == NULL)
		r->stage++;
	if (go_on(r))
		STAILQ_INSERT_HEAD(&r->crowd->ready, r, entry);
}

/* A remembered or fresh identity is not yet live state: keep only what the
 * read template needs, so that old members cannot shadow absent ones. */
static void
keep_identity(struct object *o)
{
	json_t *identity = json_object();
	const char *key;
	json_t *value;

	js_foreach (o->live, key, value) {
		bool needed = template_mentions(o->type->read.input, key) ||
			      (o->type->key != NULL &&
				  words_has(o->type->key, key));

		for (size_t i = 0; i < 4 && o->type->more[i].op; i++)
			needed |= template_mentions(
			    o->type->more[i].input, key);
		if (needed)
			js_set(identity, key, js_copy(value));
	}
	js_replace(&o->live, identity);
}

/* What only a listing tells is looked up before any call is under way: it
 * has to wait for its turn like them. */
static int
begin(struct reading *r)
{
	const struct resource_type *type = r->o->type;
	bool reads = type->read.op != NULL;

	r->specials = object_specials(r->realm, r->o->parent);
	reading_name_arn(r);
	js_replace(&r->o->tags, NULL);
	r->listed = r->o->listed && r->o->live != NULL;
	if (r->listed) {
		r->o->listed = false; /* good for one look */
		return 0;
	}
	if (reads)
		keep_identity(r->o);
	if (reads && (type->find.op != NULL || type->list.items == NULL ||
			 reading_can_ask(r, &type->read)))
		return 0;
	return reading_look_up(r);
}

static void
end(struct reading *r)
{
	js_free(r->specials);
	js_free(r->elements);
	js_free(r->input);
	js_replace(&r->look->known_tags, NULL);
}

/* ---- together ---- */

static bool
is_cancelled(const struct crowd *c)
{
	return c->cancelled != NULL && atomic_load(c->cancelled);
}

static struct aws_one *
next(void *arg)
{
	struct crowd *c = arg;
	struct reading *r = STAILQ_FIRST(&c->ready);

	if (r == NULL || is_cancelled(c))
		return NULL;
	STAILQ_REMOVE_HEAD(&c->ready, entry);
	return &r->one;
}

static void
call_all(struct crowd *c)
{
	struct reading *r;

	if (!STAILQ_EMPTY(&c->ready))
		aws_call_stream(c->realm->aws, next, c, AT_ONCE);
	STAILQ_FOREACH (r, &c->ready, entry)
		r->look->rc = err_set(r->look->err, ERR_CANCELLED,
		    "%s %s: not sent any more", r->one.service,
		    r->one.operation);
}

static void
read_all(const struct realm *realm, const atomic_bool *cancelled,
    struct look *looks, size_t n)
{
	struct crowd c = { realm, cancelled, STAILQ_HEAD_INITIALIZER(c.ready) };
	auto_free struct reading *all = mem_array(struct reading, n);

	for (size_t i = 0; i < n; i++) {
		struct reading *r = &all[i];

		r->crowd = &c;
		r->realm = realm;
		r->look = &looks[i];
		r->o = looks[i].object;
		r->look->rc = begin(r);
		if (r->look->rc == 0 && go_on(r))
			STAILQ_INSERT_TAIL(&c.ready, r, entry);
	}
	call_all(&c);
	for (size_t i = 0; i < n; i++)
		end(&all[i]);
}

void
object_read_many(const struct realm *realm, struct look *looks, size_t n)
{
	read_all(realm, realm->cancelled, looks, n);
}

/* Not cancelled: a step has to see what it wrote. */
int
object_read(const struct realm *realm, struct object *o,
    json_t *take_known_tags, struct err *err)
{
	struct look look = { o, take_known_tags, err, 0 };

	read_all(realm, NULL, &look, 1);
	return look.rc;
}
