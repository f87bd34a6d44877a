/* The calls that change one AWS object: see object.h. */

#include "common/engine/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/aws/aws.h"
#include "common/base/buf.h"
#include "common/base/crypto.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/engine/compare.h"
#include "common/engine/diff.h"
#include "common/engine/object_private.h"
#include "common/engine/template.h"
#include "common/source/source.h"

/* ---- what templates see ---- */

/* Desired properties in wire form, but those with one of the flags. */
static json_t *
wire_properties(const struct object *o, unsigned without)
{
	json_t *all = json_object();

	for (const struct property *p = o->type->properties; p->name; p++) {
		const json_t *value = js_get(o->desired, p->name);

		if (value != NULL && !(p->flags & without))
			js_set(all, p->name, diff_wire(p, value));
	}
	return all;
}

/* Stable for one address and one occasion: of a create its generation, which
 * outlives a crash; of other writes what is wanted. */
static json_t *
token(const struct realm *realm, const struct object *o, const char *occasion)
{
	auto_free char *text = mem_fmt("%s\n%s\n%s", realm->installation,
	    o->address ? o->address : "", occasion);
	auto_buf struct buf hex = BUF_INIT;
	uint8_t hash[SHA256_LEN];

	crypto_sha256(text, strlen(text), hash);
	crypto_add_hex(&hex, hash, sizeof(hash));
	return js_fmt("%.8s-%.4s-%.4s-%.4s-%.12s", hex.data, hex.data + 8,
	    hex.data + 12, hex.data + 16, hex.data + 20);
}

/* In base64; the zip itself is gone before anybody makes copies. */
static int
pack(const struct realm *realm, const char *path, struct buf *ret,
    struct err *err)
{
	auto_buf struct buf zip = BUF_INIT;

	if (tree_pack(realm->tree, path, &zip, err) == -1)
		return err_wrap(err, "packing %s", path);
	crypto_add_base64(ret, zip.data, zip.len);
	return 0;
}

static int
pack_artifact(const struct realm *realm, const struct object *o,
    const char *input, json_t *specials, struct err *err)
{
	auto_buf struct buf text = BUF_INIT;

	if (o->artifact == NULL || !template_mentions(input, "artifact"))
		return 0;
	if (pack(realm, o->artifact, &text, err) == -1)
		return -1;
	js_set(specials, "artifact", js_new_strn(text.data, text.len));
	return 0;
}

json_t *
object_write_specials(const struct realm *realm, const struct object *o)
{
	json_t *x = object_specials(realm, o->parent);
	auto_free char *arn = object_arn(realm, o->type, o->desired, o->live);
	auto_free char *wish = js_dump(o->desired);

	js_set_str(x, "arn", arn);
	js_set_str(x, "address", o->address);
	js_set(x, "all", wire_properties(o, P_OURS));
	js_set(x, "settable", wire_properties(o, P_OURS | P_FIXED));
	js_set(x, "token", token(realm, o, wish));
	if (o->want_tags != NULL)
		js_set(
		    x, "tags", tags_shaped(o->type->tags.shape, o->want_tags));
	return x;
}

int
object_write_call(const struct realm *realm, const struct object *o,
    const char *op, const char *input, json_t *specials, json_t **ret_answer,
    struct err *err)
{
	struct call call = { .op = op, .input = input };

	if (pack_artifact(realm, o, input, specials, err) == -1)
		return -1;
	return object_call(realm, o, &call, specials, ret_answer, err);
}

/* ---- create ---- */

int
object_create(const struct realm *realm, struct object *o,
    const char *generation, struct err *err)
{
	const struct call *call = &o->type->create;
	json_auto_t *specials = object_write_specials(realm, o);
	json_auto_t *answer = NULL;
	const json_t *taken;

	js_set(specials, "token", token(realm, o, generation));
	if (object_write_call(
		realm, o, call->op, call->input, specials, &answer, err) == -1)
		return -1;
	taken = call->take ? js_path(answer, call->take) : answer;
	js_replace(
	    &o->live, json_is_object(taken) ? js_copy(taken) : json_object());
	if (o->type->normalise != NULL)
		o->type->normalise(o->live);
	js_replace(&o->tags,
	    o->type->tags.on_create ? js_copy(o->want_tags) : json_object());
	return 0;
}

/* ---- remove ---- */

/* Removes every entry of the drained properties, as if none were desired. */
static int
drain(const struct realm *realm, struct object *o, struct err *err)
{
	json_auto_t *changes = NULL, *kept = NULL;
	bool more;
	int rc;

	if (o->type->drain == NULL)
		return 0;
	changes = json_array();
	kept = js_move(&o->desired);
	words_each (o->type->drain, w, n) {
		auto_free char *name = mem_strn(w, n);

		if (js_get(o->live, name) != NULL)
			js_push(changes, js_pack("{s:s}", "property", name));
	}
	o->desired = json_object();
	js_merge(o->desired, o->live);
	words_each (o->type->drain, w2, n2) {
		auto_free char *name = mem_strn(w2, n2);

		js_del(o->desired, name);
	}
	rc = object_update(realm, o, changes, &more, err);
	js_replace(&o->desired, js_move(&kept));
	return rc;
}

int
object_remove(const struct realm *realm, struct object *o, struct err *err)
{
	const struct call *call = &o->type->remove;
	json_auto_t *specials = NULL;

	/* what says that it is absent may mean a part: the removal tells */
	if (drain(realm, o, err) == -1 && err->kind != ERR_ABSENT)
		return -1;
	specials = object_write_specials(realm, o);
	if (object_write_call(
		realm, o, call->op, call->input, specials, NULL, err) == 0 ||
	    object_is_absent(call, err))
		return 0;
	return -1;
}
