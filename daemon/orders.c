/* Orders of people, in a file: see orders.h. */

#include "daemon/orders.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "daemon/replace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_BYTES   (1 << 20)
#define UNUSED_SEC  86400.0 /* a permission that was not used ends */
#define DAMAGE_TEXT "what was suspended is not known"

/* {"suspended": {architecture: {reason, since, until, untilSeconds}},
 *  "adopt": {address: {until, id}}, "rejected": {architecture: plan},
 *  "approved": {architecture: {plan, confirm, until}}} */
struct orders {
	char *path, *damage;
	json_t *all;
};

/* ---- the file ---- */

static int
keep(const struct orders *o, struct err *err)
{
	auto_free char *text = js_dump(o->all);

	return file_replace(o->path, text, err) == -1
		   ? err_wrap(
			 err, "in force until the daemon ends, but not kept")
		   : 0;
}

static json_t *
section(const struct orders *o, const char *name)
{
	if (!json_is_object(js_get(o->all, name)))
		js_set(o->all, name, json_object());
	return (json_t *)js_get(o->all, name);
}

static void
set_suspended(struct orders *o, const char *architecture, const char *reason,
    double until)
{
	auto_buf struct buf since = BUF_INIT, end = BUF_INIT;
	json_t *entry = js_pack("{s:s}", "reason", reason);

	clock_add_iso(&since, clock_wall());
	js_set_str(entry, "since", since.data);
	if (until > 0) {
		clock_add_iso(&end, until);
		js_set_str(entry, "until", end.data);
		js_set(entry, "untilSeconds", json_real(until));
	}
	js_set(section(o, "suspended"), architecture, entry);
}

static void
be_damaged(struct orders *o, const char *why)
{
	auto_free char *reason = mem_fmt("%s, " DAMAGE_TEXT, why);

	o->damage = mem_str(why);
	js_replace(&o->all, json_object());
	set_suspended(o, ORDERS_ALL, reason, 0);
}

static void
load(struct orders *o)
{
	auto_buf struct buf text = BUF_INIT;
	auto_free char *why = NULL;
	struct err err;

	if (access(o->path, F_OK) == -1 && errno == ENOENT)
		return;
	if (file_read(o->path, MAX_BYTES, &text, &err) == 0 &&
	    js_parse(text.data, text.len, &o->all, &err) == 0 &&
	    json_is_object(o->all))
		return;
	why = mem_fmt("%s cannot be read", o->path);
	be_damaged(o, why);
}

struct orders *
orders_open(const char *path)
{
	struct orders *o = mem_of(struct orders);

	o->path = mem_str(path);
	load(o);
	if (o->all == NULL)
		o->all = json_object();
	return o;
}

void
orders_free(struct orders *o)
{
	if (o == NULL)
		return;
	js_free(o->all);
	free(o->damage);
	free(o->path);
	free(o);
}

const char *
orders_damage(const struct orders *o)
{
	return o->damage;
}

/* ---- suspensions ---- */

static const json_t *
in_force(const struct orders *o, const char *name, double *ret_until)
{
	const json_t *entry = js_path(o->all, "suspended");

	entry = js_get(entry, name);
	*ret_until = json_number_value(js_get(entry, "untilSeconds"));
	return *ret_until > 0 && *ret_until <= clock_wall() ? NULL : entry;
}

const json_t *
orders_suspension(
    const struct orders *o, const char *architecture, double *ret_until)
{
	const json_t *all = in_force(o, ORDERS_ALL, ret_until);

	return all != NULL ? all : in_force(o, architecture, ret_until);
}

int
orders_suspend(struct orders *o, const char *architecture, const char *reason,
    double until, struct err *err)
{
	set_suspended(o, architecture, reason, until);
	return keep(o, err);
}

int
orders_resume(struct orders *o, const char *architecture, struct err *err)
{
	double until;

	if (strcmp(architecture, ORDERS_ALL) == 0) {
		js_del(o->all, "suspended");
		return keep(o, err);
	}
	if (in_force(o, ORDERS_ALL, &until) != NULL)
		return err_set(err, ERR_INPUT,
		    "all architectures are suspended; resume without a name "
		    "resumes them");
	if (in_force(o, architecture, &until) == NULL)
		return err_set(
		    err, ERR_ABSENT, "`%s` is not suspended", architecture);
	js_del(section(o, "suspended"), architecture);
	return keep(o, err);
}

/* ---- adoptions ---- */

int
orders_adopt(struct orders *o, const json_t *adoptions, struct err *err)
{
	const char *address;
	json_t *id;

	js_foreach (adoptions, address, id)
		js_set(section(o, "adopt"), address,
		    js_pack("{s:f, s:O}", "until", clock_wall() + UNUSED_SEC,
			"id", id));
	return keep(o, err);
}

json_t *
orders_adoptions(const struct orders *o, const char *architecture)
{
	auto_free char *prefix = mem_fmt("%s/", architecture);
	json_t *set = json_object();
	const char *address;
	json_t *entry;

	js_foreach (js_get(o->all, "adopt"), address, entry) {
		double until = json_number_value(js_get(entry, "until"));

		if (text_starts(address, prefix) && until > clock_wall())
			js_set(set, address, js_copy(js_get(entry, "id")));
	}
	return set;
}

void
orders_adopted(struct orders *o, const json_t *addresses)
{
	const char *address;
	json_t *value;
	struct err ignored; /* they end by themselves */

	js_foreach (addresses, address, value)
		js_del(section(o, "adopt"), address);
	if (js_len(addresses) > 0)
		keep(o, &ignored);
}

/* ---- rejections ---- */

int
orders_reject(struct orders *o, const char *architecture, const char *plan,
    struct err *err)
{
	js_set_str(section(o, "rejected"), architecture, plan);
	return keep(o, err);
}

bool
orders_is_rejected(
    const struct orders *o, const char *architecture, const char *plan)
{
	const char *rejected = js_str(js_get(o->all, "rejected"), architecture);

	return rejected != NULL && strcmp(rejected, plan) == 0;
}

/* ---- approvals ---- */

int
orders_approve(struct orders *o, const char *architecture, const char *plan,
    bool confirm, struct err *err)
{
	js_set(section(o, "approved"), architecture,
	    js_pack("{s:s, s:b, s:f}", "plan", plan, "confirm", (int)confirm,
		"until", clock_wall() + UNUSED_SEC));
	return keep(o, err);
}

const char *
orders_approved(
    const struct orders *o, const char *architecture, bool *ret_confirm)
{
	const json_t *entry = js_get(js_get(o->all, "approved"), architecture);
	double until = json_number_value(js_get(entry, "until"));

	*ret_confirm = js_bool(entry, "confirm", false);
	return until > clock_wall() ? js_str(entry, "plan") : NULL;
}

void
orders_decided(struct orders *o, const char *architecture)
{
	struct err ignored; /* it is of one plan, and ends by itself */

	if (js_get(js_get(o->all, "approved"), architecture) == NULL)
		return;
	js_del(section(o, "approved"), architecture);
	keep(o, &ignored);
}
