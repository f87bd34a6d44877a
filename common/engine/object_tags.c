/* Tags: shapes, ownership, finding them. See object_private.h. */

#include "common/engine/object_private.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/crypto.h"
#include "common/base/mem.h"
#include "common/base/text.h"

/* Names of the members in the list shapes. */
static const struct {
	const char *key, *value;
} names[] = {
	[TAGS_NONE] = { NULL, NULL },
	[TAGS_MAP] = { NULL, NULL },
	[TAGS_KEY_VALUE] = { "Key", "Value" },
	[TAGS_key_value] = { "key", "value" },
};

json_t *
tags_plain(enum tag_shape shape, const json_t *tags)
{
	json_t *plain;
	size_t i;
	json_t *tag;

	if (tags == NULL)
		return NULL;
	if (names[shape].key == NULL)
		return json_is_object(tags) ? js_copy(tags) : json_object();
	plain = json_object();
	js_each (tags, i, tag)
		js_set(plain, js_str(tag, names[shape].key),
		    js_copy(js_get(tag, names[shape].value)));
	return plain;
}

json_t *
tags_shaped(enum tag_shape shape, const json_t *plain)
{
	json_t *list;
	const char *key;
	json_t *value;

	if (names[shape].key == NULL)
		return js_copy(plain);
	list = json_array();
	js_foreach (plain, key, value) {
		json_t *tag = json_object();

		js_set_str(tag, names[shape].key, key);
		js_set(tag, names[shape].value, js_copy(value));
		js_push(list, tag);
	}
	return list;
}

json_t *
tags_of_live(const struct resource_type *type, const json_t *live)
{
	const json_t *at;

	if (type->tags.at == NULL || live == NULL)
		return NULL;
	at = js_path(live, type->tags.at);
	return at ? tags_plain(type->tags.shape, at) : json_object();
}

bool
object_know_tags(struct object *o, json_t *take_known)
{
	json_auto_t *known = take_known;
	json_t *held = tags_of_live(o->type, o->live);

	js_replace(&o->tags, held);
	if (held != NULL || o->type->tags.shape == TAGS_NONE)
		return true;
	o->tags = js_move(&known);
	return o->tags != NULL || o->type->tags.list.op == NULL;
}

void
object_take_tags(struct object *o, const json_t *taken)
{
	js_replace(&o->tags,
	    taken ? tags_plain(o->type->tags.shape, taken) : json_object());
}

static bool
is_text(const json_t *tags, const char *key, const char *value)
{
	const char *s = js_str(tags, key);

	return s != NULL && strcmp(s, value) == 0;
}

enum ownership
object_ownership(const struct realm *realm, const json_t *tags)
{
	if (js_str(tags, TAG_INSTALLATION) == NULL &&
	    js_str(tags, TAG_ARCHITECTURE) == NULL)
		return UNOWNED;
	return is_text(tags, TAG_INSTALLATION, realm->installation) &&
		       is_text(tags, TAG_ARCHITECTURE, realm->architecture)
		   ? OWNED
		   : FOREIGN;
}

/* ---- which tags are Git's ---- */

#define MARK_LEN 5 /* digits of each key in the record */

static char *
mark_of(const char *key)
{
	uint8_t hash[SHA256_LEN];
	auto_buf struct buf hex = BUF_INIT;

	crypto_sha256(key, strlen(key), hash);
	crypto_add_hex(&hex, hash, sizeof(hash));
	return mem_strn(hex.data, MARK_LEN);
}

/* In an order of its own, so that nothing follows from that of the keys. */
char *
object_tag_record(const json_t *own)
{
	char **marks = mem_array(char *, json_object_size(own) + 1);
	struct buf record = BUF_INIT;
	const char *key;
	json_t *value;
	size_t n = 0;

	js_foreach (own, key, value)
		if (!text_starts(key, TAG_OURS))
			marks[n++] = mark_of(key);
	if (n > 0)
		qsort(marks, n, sizeof(*marks), text_order);
	for (size_t i = 0; i < n; i++) {
		buf_adds(&record, marks[i]);
		free(marks[i]);
	}
	free(marks);
	return n > 0 ? buf_take(&record) : NULL;
}

bool
object_owns_tag(const json_t *live_tags, const char *key)
{
	const char *record = js_str(live_tags, TAG_KEYS);
	auto_free char *mark = NULL;

	if (text_starts(key, TAG_OURS))
		return true;
	if (record == NULL)
		return false;
	mark = mark_of(key);
	for (; strlen(record) >= MARK_LEN; record += MARK_LEN)
		if (strncmp(record, mark, MARK_LEN) == 0)
			return true;
	return false;
}
