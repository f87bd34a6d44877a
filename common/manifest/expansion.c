/* What connect() and expand() of a module may do: see module.h. */

#include "common/base/crypto.h"
#include "common/base/text.h"
#include "common/manifest/path.h"
#include "common/manifest/unit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct manifest *
self(const struct expansion *x)
{
	return x->private_;
}

static struct place
spec_place(const struct manifest *m, const char *pointer)
{
	auto_free char *full = mem_fmt("/spec%s", pointer);

	return doc_place(m->doc, full);
}

void
expansion_error(struct expansion *x, const char *pointer, const char *fmt, ...)
{
	struct manifest *m = self(x);
	auto_free char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	must(vasprintf(&text, fmt, ap) != -1);
	va_end(ap);
	errors_add(
	    &m->unit->errors, m->doc->file, spec_place(m, pointer), "%s", text);
}

/* ---- resources ---- */

static char *
address_of(const struct manifest *m, const char *target, const char *local)
{
	return mem_fmt("%s/%s/%s", m->unit->name, target, local);
}

/* What is to be taken over is the main resource: the others of its manifest
 * may be there or not, but without it they are not made either. */
static struct packed *
policy_of(const struct manifest *m)
{
	json_auto_t *policy = packed_open(m->policy);
	const char *adopt = js_str(policy, "adopt");

	if (m->main != NULL && adopt && strcmp(adopt, "require") == 0) {
		js_set_str(policy, "adopt", "ifExists");
		js_set_str(policy, "with", m->main);
	}
	return packed_of(policy);
}

static struct resource *
add(struct manifest *m, const char *local, char *take_parent, const char *type,
    json_t *take_props)
{
	struct resource r = {
		.address = address_of(m, m->target, local),
		.display = m->main ? mem_fmt("%s/%s", m->target, local)
				   : mem_str(m->target),
		.kind = m->module->kind,
		.name = m->name,
		.pool = m->module->folder,
		.type = registry_type(m->unit->registry, type),
		.parent = take_parent,
		.props = packed_take(take_props),
		.tags = packed_copy(m->tags),
		.policy = policy_of(m),
		.file = mem_str(m->doc->file),
		.line = m->line,
	};

	must(r.type != NULL);
	if (m->main == NULL)
		m->main = mem_str(r.address);
	js_set(m->unit->addresses, r.address, json_true());
	return graph_add(m->unit->graph, &r);
}

struct resource *
expansion_add(struct expansion *x, const char *local, const char *type,
    json_t *take_props)
{
	return add(self(x), local, NULL, type, take_props);
}

struct resource *
expansion_add_child(struct expansion *x, const char *local,
    const char *parent_local, const char *type, json_t *take_props)
{
	struct manifest *m = self(x);

	return add(
	    m, local, address_of(m, m->target, parent_local), type, take_props);
}

struct resource *
expansion_add_to(struct expansion *x, const char *local, const char *target,
    const char *target_local, const char *type, json_t *take_props)
{
	struct manifest *m = self(x);

	return add(
	    m, local, address_of(m, target, target_local), type, take_props);
}

/* ---- references ---- */

json_t *
expansion_own(struct expansion *x, const char *local, const char *attribute)
{
	struct manifest *m = self(x);
	auto_free char *address = address_of(m, m->target, local);

	return js_pack("{s:[s, s]}", "$ref", address, attribute);
}

json_t *
expansion_output(struct expansion *x, const char *pointer, const char *target,
    const char *output)
{
	struct manifest *m = self(x);
	struct place at = spec_place(m, pointer);
	auto_free char *why = NULL;
	json_t *value;

	if (text_starts(target, "arn:"))
		return js_new_str(target);
	value = unit_output(m->unit, target, output, m->doc->file, at, &why);
	if (value == NULL)
		expansion_error(x, pointer, "%s", why);
	return value;
}

json_t *
expansion_weak(json_t *take_ref)
{
	const json_t *parts = js_get(take_ref, "$join"), *part;
	json_t *weak;
	size_t i;

	if (js_get(take_ref, "$ref") != NULL)
		return js_pack("{s:o}", "$weak", take_ref);
	if (parts == NULL)
		return take_ref; /* a literal ARN, or NULL */
	weak = json_array();
	js_each (parts, i, part) {
		js_push(weak, expansion_weak(js_copy(part)));
	}
	js_free(take_ref);
	return js_pack("{s:o}", "$join", weak);
}

json_t *
expansion_join(json_t *take_parts)
{
	auto_buf struct buf b = BUF_INIT;
	const json_t *part;
	json_t *value;
	size_t i, texts = 0;

	js_each (take_parts, i, part) {
		texts += json_is_string(part);
		buf_adds(&b, json_is_string(part) ? js_text(part) : "");
	}
	if (texts < js_len(take_parts))
		return js_pack("{s:o}", "$join", take_parts);
	value = js_new_str(b.data);
	js_free(take_parts);
	return value;
}

/* ---- peers ---- */

static struct manifest *
peer(struct expansion *x, const char *target)
{
	auto_free char *why = NULL;

	return unit_find(self(x)->unit, target, &why);
}

const json_t *
expansion_peer(struct expansion *x, const char *target)
{
	const struct manifest *m = peer(x, target);
	json_t *spec = m == NULL ? NULL : packed_open(m->spec);

	if (spec != NULL)
		js_push(m->unit->peers, spec);
	return spec;
}

static json_t *
granted(struct manifest *m, const char *what)
{
	if (m->grants == NULL)
		m->grants = json_object();
	if (js_get(m->grants, what) == NULL)
		js_set(m->grants, what, json_array());
	return (json_t *)js_get(m->grants, what);
}

void
expansion_grant(struct expansion *x, const char *target, const char *what,
    json_t *take_value)
{
	struct manifest *m = peer(x, target);

	if (m == NULL) {
		js_free(take_value);
		return;
	}
	js_push(granted(m, what), take_value);
}

const json_t *
expansion_granted(struct expansion *x, const char *what)
{
	return granted(self(x), what);
}

/* ---- files of the repository ---- */

/* The path as the tree knows it; NULL after an error. */
static char *
tree_path(struct expansion *x, const char *pointer, const char *path)
{
	struct manifest *m = self(x);
	char *full = path_join(m->directory, path);

	if (full == NULL) {
		expansion_error(x, pointer,
		    "the path %s leads out of the repository; it starts at "
		    "the directory of this file",
		    path);
		return NULL;
	}
	if (tree_has(m->unit->tree, full))
		return full;
	expansion_error(x, pointer,
	    "there is no file or directory %s in the repository", full);
	free(full);
	return NULL;
}

/* Hash of the package, from the cache or made. NULL with err. */
static char *
package_hash(struct unit *u, const char *path, struct err *err)
{
	auto_buf struct buf zip = BUF_INIT, text = BUF_INIT;
	uint8_t hash[SHA256_LEN];
	char id[65];

	if (tree_id(u->tree, path, id, err) == -1)
		return NULL;
	if (js_str(u->packed, id) != NULL)
		return mem_str(js_str(u->packed, id));
	if (tree_pack(u->tree, path, &zip, err) == -1)
		return NULL;
	crypto_sha256(zip.data, zip.len, hash);
	crypto_add_base64(&text, hash, sizeof(hash));
	js_set_str(u->packed, id, text.data);
	return buf_take(&text);
}

int
expansion_code(struct expansion *x, const char *pointer, const char *path,
    char **ret_path, char **ret_sha256)
{
	auto_free char *full = tree_path(x, pointer, path);
	struct err err = { 0 };
	char *hash;

	if (full == NULL)
		return -1;
	hash = package_hash(self(x)->unit, full, &err);
	if (hash == NULL) {
		expansion_error(x, pointer, "%s", err.msg);
		return -1;
	}
	*ret_path = mem_move(&full);
	*ret_sha256 = hash;
	return 0;
}

/* The one document of a file; its errors have its own places. */
static int
parse_file(struct expansion *x, const char *pointer, const char *path,
    const struct buf *text, json_t **ret)
{
	struct doc *docs = NULL;
	size_t n = 0;
	int rc = doc_parse(
	    path, text->data, text->len, &docs, &n, &self(x)->unit->errors);

	if (rc == 0 && n != 1) {
		expansion_error(x, pointer,
		    "%s holds %zu documents, one is wanted", path, n);
		rc = -1;
	}
	if (rc == 0)
		*ret = js_share(docs[0].root);
	doc_free(docs, n);
	return rc;
}

int
expansion_file(struct expansion *x, const char *pointer, const char *path,
    json_t **ret_document, char **ret_text)
{
	auto_free char *full = tree_path(x, pointer, path);
	auto_buf struct buf text = BUF_INIT;
	struct err err = { 0 };

	if (full == NULL)
		return -1;
	if (tree_read(self(x)->unit->tree, full, DOC_MAX_BYTES, &text, &err) ==
	    -1) {
		expansion_error(x, pointer, "%s", err.msg);
		return -1;
	}
	if (ret_document != NULL &&
	    parse_file(x, pointer, full, &text, ret_document) == -1)
		return -1;
	if (ret_text != NULL)
		*ret_text = buf_take(&text);
	return 0;
}
