/* Checks documents against field tables: see check.h. */

#include "common/manifest/check.h"
#include "common/base/text.h"
#include "common/manifest/checker.h"
#include "common/manifest/form.h"
#include "common/manifest/reference.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
add_count(struct buf *b, int64_t n)
{
	buf_addf(b, "%" PRId64, n);
}

static void
leave(struct checker *c, size_t before)
{
	c->pointer.len = before;
	c->pointer.data[before] = 0;
}

/* The member or element `key`, as row wants it. */
static json_t *
check_at(struct checker *c, const char *key, const struct field *row,
    const json_t *value)
{
	size_t before = c->pointer.len;
	json_t *checked;

	doc_pointer_add(&c->pointer, key);
	checked = check_node(c, row, value);
	leave(c, before);
	return checked;
}

/* ---- maps ---- */

static void
unknown_member(struct checker *c, const struct field *fields, const char *key)
{
	size_t before = c->pointer.len;
	struct nearest near = { 0 };
	auto_buf struct buf names = BUF_INIT;
	struct place at;

	if (c->n_errors++ >= DOC_MAX_ERRORS)
		return;
	for (const struct field *f = fields; f->name != NULL; f++) {
		text_nearest(&near, key, f->name);
		buf_addf(&names, "%s%s", f == fields ? "" : ", ", f->name);
	}
	doc_pointer_add(&c->pointer, key);
	at = doc_key_place(c->doc, c->pointer.data);
	leave(c, before);
	if (near.best != NULL)
		errors_add(c->errors, c->doc->file, at,
		    "unknown field `%s`; did you mean `%s`?", key, near.best);
	else
		errors_add(c->errors, c->doc->file, at,
		    "unknown field `%s`; there are: %s", key, names.data);
}

static const struct field *
row_named(const struct field *fields, const char *name, size_t len)
{
	for (const struct field *f = fields; f->name != NULL; f++) {
		if (strlen(f->name) == len && memcmp(f->name, name, len) == 0)
			return f;
	}
	return NULL;
}

static void
check_member(struct checker *c, const struct field *row, const json_t *map,
    json_t *checked)
{
	const json_t *value = js_get(map, row->name);
	size_t before = c->pointer.len;

	if (value != NULL)
		js_set(checked, row->name, check_at(c, row->name, row, value));
	else if (row->dflt != NULL)
		js_set(checked, row->name, check_default(row));
	else if (row->flags & F_REQUIRED) {
		/* the place is the map's; the name is the member's */
		doc_pointer_add(&c->pointer, row->name);
		check_error(c, "is required%s%s", row->help != NULL ? ": " : "",
		    row->help != NULL ? row->help : "");
		leave(c, before);
	}
}

static json_t *
object(struct checker *c, const struct field *fields, const json_t *map)
{
	json_auto_t *checked = json_object();
	size_t errors = c->n_errors;
	const json_t *value;
	const char *key;

	for (const struct field *f = fields; f->name != NULL; f++)
		check_member(c, f, map, checked);
	js_foreach (map, key, value) {
		if (row_named(fields, key, strlen(key)) == NULL)
			unknown_member(c, fields, key);
	}
	return c->n_errors == errors ? js_move(&checked) : NULL;
}

static json_t *
check_object(struct checker *c, const struct field *row, const json_t *value)
{
	return json_is_object(value) ? object(c, row->fields, value)
				     : check_type_error(c, row, value);
}

static void
check_key(struct checker *c, const struct field *row, const char *key)
{
	size_t before = c->pointer.len;
	struct form form;

	if (row->form == NULL)
		return;
	form = form_of(row->form);
	if (form_fits(&form, key))
		return;
	doc_pointer_add(&c->pointer, key);
	errors_add(c->errors, c->doc->file,
	    doc_key_place(c->doc, c->pointer.data),
	    "the name `%s` must be %s%s", key,
	    form.help != NULL ? "" : "a match of ",
	    form.help != NULL ? form.help : form.pattern);
	c->n_errors++;
	leave(c, before);
}

static json_t *
check_map(struct checker *c, const struct field *row, const json_t *map)
{
	json_auto_t *checked = json_object();
	size_t errors = c->n_errors;
	const json_t *value;
	const char *key;

	if (!json_is_object(map))
		return check_type_error(c, row, map);
	check_range(
	    c, row, (int64_t)js_len(map), add_count, "have", " members");
	js_foreach (map, key, value) {
		check_key(c, row, key);
		js_set(checked, key, check_at(c, key, row->fields, value));
	}
	return c->n_errors == errors ? js_move(&checked) : NULL;
}

/* ---- lists ---- */

static void
check_unique(struct checker *c, const json_t *list)
{
	json_auto_t *seen = json_object();
	size_t before = c->pointer.len, i;
	const json_t *value;

	js_each (list, i, value) {
		auto_free char *text = js_dump(value);

		if (js_get(seen, text) != NULL) {
			buf_addf(&c->pointer, "/%zu", i);
			check_error(c, "is there twice: %.60s", text);
			leave(c, before);
		}
		js_set(seen, text, json_true());
	}
}

static json_t *
check_list(struct checker *c, const struct field *row, const json_t *list)
{
	json_auto_t *checked = json_array();
	size_t errors = c->n_errors, i;
	const json_t *value;

	if (!json_is_array(list))
		return check_type_error(c, row, list);
	check_range(
	    c, row, (int64_t)js_len(list), add_count, "have", " elements");
	js_each (list, i, value) {
		char key[24];
		json_t *one;

		snprintf(key, sizeof(key), "%zu", i);
		one = check_at(c, key, row->fields, value);
		if (one != NULL)
			js_push(checked, one);
	}
	if (row->flags & F_UNIQUE)
		check_unique(c, list);
	return c->n_errors == errors ? js_move(&checked) : NULL;
}

/* ---- choices ---- */

static bool
fits_type(const struct field *row, const json_t *value)
{
	static const unsigned types[] = {
		[F_STRING] = 1 << JSON_STRING,
		[F_BOOL] = 1 << JSON_TRUE | 1 << JSON_FALSE,
		[F_INT] = 1 << JSON_INTEGER,
		[F_NUMBER] = 1 << JSON_INTEGER | 1 << JSON_REAL,
		[F_DURATION] = 1 << JSON_STRING,
		[F_SIZE] = 1 << JSON_STRING,
		[F_ENUM] = 1 << JSON_STRING,
		[F_REF] = 1 << JSON_STRING,
		[F_PATH] = 1 << JSON_STRING,
		[F_OBJECT] = 1 << JSON_OBJECT,
		[F_MAP] = 1 << JSON_OBJECT,
		[F_LIST] = 1 << JSON_ARRAY,
		[F_CHOICE] = ~0U,
		[F_DOCUMENT] = ~0U,
	};

	if (reference_is(value))
		return (row->type == F_STRING && !(row->flags & F_LITERAL)) ||
		       row->type == F_DOCUMENT || row->type == F_CHOICE;
	return types[row->type] >> json_typeof(value) & 1;
}

/* How many errors row finds in the value; nothing is reported. */
static size_t
try(struct checker *c, const struct field *row, const json_t *value)
{
	struct errors errors = { 0 };
	struct checker trial = {
		.doc = c->doc, .errors = &errors, .pointer = BUF_INIT
	};

	buf_adds(&trial.pointer, c->pointer.data);
	js_free(check_node(&trial, row, value));
	errors_free(&errors);
	buf_free(&trial.pointer);
	return trial.n_errors;
}

/* How many members look like those of the row, well or badly spelt. */
static size_t
familiar(const struct field *row, const json_t *value)
{
	const json_t *member;
	const char *key;
	size_t n = 0;

	if (row->type != F_OBJECT)
		return 0;
	js_foreach (value, key, member) {
		struct nearest near = { 0 };

		for (const struct field *f = row->fields; f->name; f++)
			text_nearest(&near, key, f->name);
		n += near.best != NULL;
	}
	return n;
}

/* The row that accepts the value: words before free text, then in order.
 * Without one the row that comes nearest. */
static const struct field *
choose(struct checker *c, const struct field *fields, const json_t *value,
    size_t *ret_fitting, size_t *ret_errors)
{
	const struct field *best = NULL;
	size_t fitting = 0, least = SIZE_MAX;

	for (int words = 1; words >= 0; words--) {
		for (const struct field *f = fields; f->name != NULL; f++) {
			size_t errors;

			if ((f->type == F_ENUM) != words ||
			    !fits_type(f, value))
				continue;
			fitting++;
			errors = try(c, f, value);
			if (errors < least ||
			    (errors == least && errors > 0 &&
				familiar(f, value) > familiar(best, value))) {
				best = f;
				least = errors;
			}
		}
	}
	*ret_fitting = fitting;
	*ret_errors = least;
	return best;
}

static json_t *
check_choice(struct checker *c, const struct field *row, const json_t *value)
{
	size_t fitting, errors;
	const struct field *best = choose(
	    c, row->fields, value, &fitting, &errors);

	if (best == NULL || (errors > 0 && json_is_string(value) &&
				(fitting > 1 || best->type == F_ENUM)))
		return check_type_error(c, row, value);
	return check_node(c, best, value);
}

/* ---- any ---- */

/* A reference is a string that is known later. */
static json_t *
check_reference(struct checker *c, const struct field *row, const json_t *value)
{
	bool text = row->type == F_STRING || row->type == F_DOCUMENT;

	if (doc_is_bad(value))
		return js_share(value);
	if (text && !(row->flags & F_LITERAL))
		return js_share(value);
	if (row->type == F_REF)
		return check_error(c, "names a manifest: write Kind/name "
				      "instead of ${Kind/name.output}");
	return check_error(c, "must be known before anything is made: "
			      "${Kind/name.output} is not possible here");
}

json_t *
check_node(struct checker *c, const struct field *row, const json_t *value)
{
	if (doc_is_bad(value) || (reference_is(value) && row->type != F_CHOICE))
		return check_reference(c, row, value);
	switch (row->type) {
	case F_OBJECT:
		return check_object(c, row, value);
	case F_MAP:
		return check_map(c, row, value);
	case F_LIST:
		return check_list(c, row, value);
	case F_CHOICE:
		return check_choice(c, row, value);
	case F_DOCUMENT:
		return js_share(value);
	default:
		return check_scalar(c, row, value);
	}
}

int
check_fields_hook(const struct field *fields, const struct doc *doc,
    const char *pointer, const json_t *value, const struct check_hook *hook,
    json_t **ret, struct errors *errors)
{
	struct field row = { .type = F_OBJECT, .fields = fields };
	struct checker c = {
		.doc = doc, .errors = errors, .pointer = BUF_INIT, .hook = hook
	};
	json_t *checked;

	buf_adds(&c.pointer, pointer);
	checked = check_node(&c, &row, value);
	buf_free(&c.pointer);
	if (checked == NULL)
		return -1;
	*ret = checked;
	return 0;
}

int
check_fields(const struct field *fields, const struct doc *doc,
    const char *pointer, const json_t *value, json_t **ret,
    struct errors *errors)
{
	return check_fields_hook(
	    fields, doc, pointer, value, NULL, ret, errors);
}
