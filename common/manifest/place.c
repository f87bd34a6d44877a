/* Places of nodes, and pointers to them: see doc.h. */

#include "common/manifest/doc.h"

#include <string.h>

#define COLUMN_BITS 20

static struct place
unpack(json_int_t packed)
{
	return (struct place){ (int)(packed >> COLUMN_BITS),
		(int)(packed & ((1 << COLUMN_BITS) - 1)) };
}

/* Cuts the last "/key" off; false when there is none. */
static bool
to_parent(char *pointer)
{
	char *slash = strrchr(pointer, '/');

	if (slash == NULL)
		return false;
	*slash = 0;
	return true;
}

/* The tree of places; one of its own while the document is at rest. */
static json_t *
places_of(const struct doc *doc)
{
	return doc->places ? js_share(doc->places)
			   : packed_open(doc->packed_places);
}

struct place
doc_place(const struct doc *doc, const char *pointer)
{
	json_auto_t *places = places_of(doc);
	auto_free char *at = mem_str(pointer);

	do {
		auto_free char *key = mem_fmt("#%s", at);
		const json_t *packed = js_get(places, at);

		if (packed == NULL) /* an empty value stands nowhere */
			packed = js_get(places, key);
		if (packed != NULL)
			return unpack(json_integer_value(packed));
	} while (to_parent(at));
	return (struct place){ 0, 0 };
}

struct place
doc_key_place(const struct doc *doc, const char *pointer)
{
	json_auto_t *places = places_of(doc);
	auto_free char *key = mem_fmt("#%s", pointer);
	const json_t *packed = js_get(places, key);

	return packed == NULL ? doc_place(doc, pointer)
			      : unpack(json_integer_value(packed));
}

struct place
doc_hole_place(const struct doc *doc, const char *pointer, size_t nth)
{
	json_auto_t *places = places_of(doc);
	auto_free char *key = mem_fmt("$%s", pointer);
	const json_t *packed = js_at(js_get(places, key), nth);

	return packed == NULL ? doc_place(doc, pointer)
			      : unpack(json_integer_value(packed));
}

void
doc_pointer_add(struct buf *pointer, const char *key)
{
	buf_addc(pointer, '/');
	for (; *key != 0; key++) {
		if (*key == '~' || *key == '/')
			buf_adds(pointer, *key == '~' ? "~0" : "~1");
		else
			buf_addc(pointer, *key);
	}
}

json_t *
doc_bad(void)
{
	return js_pack("{s:[]}", "$ref");
}

bool
doc_is_bad(const json_t *x)
{
	const json_t *ref = js_get(x, "$ref");

	return json_is_array(ref) && js_len(ref) == 0 && js_len(x) == 1;
}
