/* JSON at rest: see packed.h. */

#include "common/base/packed.h"
#include "common/base/buf.h"
#include "common/base/text.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ARRAYS 4

/* ---- one value ---- */

/* Never made: a pointer to it is one to its text, as malloc gave it. */
struct packed {
	char first;
};

struct packed *
packed_of(const json_t *x)
{
	char *text;

	if (x == NULL)
		return NULL;
	text = json_dumps(x, JSON_COMPACT | JSON_ENCODE_ANY);
	must(text != NULL);
	return (struct packed *)text;
}

struct packed *
packed_take(json_t *take_x)
{
	struct packed *p = packed_of(take_x);

	js_free(take_x);
	return p;
}

struct packed *
packed_copy(const struct packed *p)
{
	return (struct packed *)mem_str(packed_text(p));
}

void
packed_free(struct packed *p)
{
	free(p);
}

void
packed_replace(struct packed **slot, struct packed *take_x)
{
	packed_free(*slot);
	*slot = take_x;
}

const char *
packed_text(const struct packed *p)
{
	return (const char *)p;
}

json_t *
packed_open(const struct packed *p)
{
	json_t *x = NULL;
	struct err err;
	struct buf text;

	if (p == NULL)
		return NULL;
	text = (struct buf){ .data = (char *)p, .len = strlen(packed_text(p)) };
	must(js_read(&text, &x, &err) == 0); /* it was a tree */
	return x;
}

/* ---- many ---- */

/* In one block: many small ones would leave holes among what lives longer. */
struct packed_array {
	char *name;
	struct buf text; /* the elements, each with a 0 behind */
	size_t *at;      /* where each begins */
	size_t n;
};

struct packed_doc {
	json_t *head;
	struct packed_array arrays[MAX_ARRAYS]; /* the first without a name
						   ends them */
	unsigned shares;
};

struct packed_doc *
packed_doc_new(json_t *take_head)
{
	struct packed_doc *d = mem_of(struct packed_doc);

	d->head = take_head;
	d->shares = 1;
	for (size_t a = 0; a < MAX_ARRAYS; a++)
		d->arrays[a].text = (struct buf)BUF_INIT;
	return d;
}

struct packed_doc *
packed_doc_share(struct packed_doc *d)
{
	if (d != NULL)
		d->shares++;
	return d;
}

void
packed_doc_free(struct packed_doc *d)
{
	if (d == NULL || --d->shares > 0)
		return;
	for (size_t a = 0; a < MAX_ARRAYS; a++) {
		buf_free(&d->arrays[a].text);
		free(d->arrays[a].at);
		free(d->arrays[a].name);
	}
	js_free(d->head);
	free(d);
}

const json_t *
packed_doc_head(const struct packed_doc *d)
{
	return d == NULL ? NULL : d->head;
}

json_t *
packed_doc_edit(struct packed_doc *d)
{
	must(d->shares == 1);
	return d->head;
}

/* The array of that name, or the room for one; NULL: neither. */
static struct packed_array *
slot(const struct packed_doc *d, const char *array)
{
	struct packed_array *a = (struct packed_array *)d->arrays;

	for (size_t i = 0; i < MAX_ARRAYS; i++)
		if (a[i].name == NULL || strcmp(a[i].name, array) == 0)
			return &a[i];
	return NULL;
}

void
packed_doc_array(struct packed_doc *d, const char *array)
{
	struct packed_array *a = slot(d, array);

	must(a != NULL && d->shares == 1);
	if (a->name == NULL)
		a->name = mem_str(array);
}

/* Begins an element: its text is to be added, and a 0. */
static struct buf *
push(struct packed_doc *d, const char *array)
{
	size_t one = sizeof(size_t), n;
	struct packed_array *a;

	packed_doc_array(d, array);
	a = slot(d, array);
	n = a->n;
	if ((n & (n - 1)) == 0) /* doubles: the size follows from n */
		a->at = mem_grow(a->at, n * one, (n == 0 ? 1 : 2 * n) * one);
	a->at[a->n++] = a->text.len;
	return &a->text;
}

static void
push_value(struct packed_doc *d, const char *array, const json_t *x)
{
	auto_of(packed_free) struct packed *p = packed_of(x);
	struct buf *text = push(d, array);

	buf_adds(text, packed_text(p));
	buf_addc(text, 0);
}

void
packed_doc_push(struct packed_doc *d, const char *array, json_t *take_element)
{
	push_value(d, array, take_element);
	js_free(take_element);
}

void
packed_doc_push_doc(
    struct packed_doc *d, const char *array, const struct packed_doc *element)
{
	struct buf *text = push(d, array);

	packed_doc_add_text(element, text);
	buf_addc(text, 0);
}

struct packed_doc *
packed_doc_of(const json_t *x, const char *arrays)
{
	struct packed_doc *d = x ? packed_doc_new(json_object()) : NULL;
	const json_t *one;
	size_t i;

	if (x == NULL)
		return NULL;
	js_merge(d->head, x);
	words_each (arrays, w, n) {
		auto_free char *name = mem_strn(w, n);

		js_del(d->head, name);
		packed_doc_array(d, name);
		js_each (js_get(x, name), i, one)
			push_value(d, name, one);
	}
	return d;
}

size_t
packed_doc_len(const struct packed_doc *d, const char *array)
{
	const struct packed_array *a = d == NULL ? NULL : slot(d, array);

	return a == NULL ? 0 : a->n;
}

static const struct packed *
element(const struct packed_array *a, size_t i)
{
	return (const struct packed *)(a->text.data + a->at[i]);
}

json_t *
packed_doc_at(const struct packed_doc *d, const char *array, size_t i)
{
	return i < packed_doc_len(d, array)
		   ? packed_open(element(slot(d, array), i))
		   : NULL;
}

static void
add_array(const struct packed_array *a, struct buf *text)
{
	buf_join(text, "\"", a->name, "\":[");
	for (size_t i = 0; i < a->n; i++)
		buf_join(text, i > 0 ? "," : "", packed_text(element(a, i)));
	buf_addc(text, ']');
}

void
packed_doc_add_text(const struct packed_doc *d, struct buf *text)
{
	auto_of(packed_free) struct packed *head = packed_of(d->head);
	size_t members = js_len(d->head);

	buf_adds(text, packed_text(head));
	text->data[--text->len] = 0; /* the '}' comes last */
	for (size_t i = 0; i < MAX_ARRAYS && d->arrays[i].name; i++) {
		buf_adds(text, members++ > 0 ? "," : "");
		add_array(&d->arrays[i], text);
	}
	buf_addc(text, '}');
}

json_t *
packed_doc_open(const struct packed_doc *d)
{
	auto_buf struct buf text = BUF_INIT;
	json_t *x = NULL;
	struct err err;

	if (d == NULL)
		return NULL;
	packed_doc_add_text(d, &text);
	must(js_read(&text, &x, &err) == 0);
	return x;
}
