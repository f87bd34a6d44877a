/* The nodes of a document: maps, lists, scalars, aliases. See doc.h. */

#include "common/base/text.h"
#include "common/manifest/reader.h"
#include "common/manifest/scalar.h"

#include <stdlib.h>
#include <string.h>

#define MAX_COLUMN   ((1 << 20) - 1)
#define PLACES_BYTES (32 << 20) /* beyond, places are those of parents */

static struct place
place_of(const struct fy_mark *mark)
{
	if (mark == NULL || mark->line < 0)
		return (struct place){ 0, 0 };
	return (struct place){ mark->line + 1,
		mark->column < MAX_COLUMN ? mark->column + 1 : MAX_COLUMN };
}

/* Of quoted scalars and aliases the mark is behind the quote or star. */
static struct place
event_place(const struct reader *r, struct fy_event *e)
{
	const struct fy_mark *mark = fy_event_start_mark(e);
	struct place at = place_of(mark);
	bool scalar = e->type == FYET_SCALAR &&
		      fy_token_scalar_style(e->scalar.value) != FYSS_PLAIN;

	if (at.column > 1 && (scalar || e->type == FYET_ALIAS) &&
	    strchr("'\"*", r->text[mark->input_pos - 1]) != NULL)
		at.column--;
	return at;
}

static json_t *
pack(struct place at)
{
	return json_integer(((json_int_t)at.line << 20) | at.column);
}

/* True if there is room for a place that costs so many bytes. */
static bool
can_remember(struct reader *r)
{
	r->place_bytes += r->pointer.len + 64;
	return r->place_bytes <= PLACES_BYTES;
}

static void
remember(struct reader *r, const char *prefix, struct place at)
{
	auto_free char *key = NULL;

	if (at.line == 0 || !can_remember(r))
		return;
	key = mem_fmt("%s%s", prefix, r->pointer.data);
	js_set(r->places, key, pack(at));
}

/* Where every "${" of a scalar stands in the file, whatever its style. */
static void
remember_holes(struct reader *r, struct fy_event *e)
{
	const struct fy_mark *from = fy_event_start_mark(e);
	const struct fy_mark *to = fy_event_end_mark(e);
	struct place at = place_of(from);
	json_t *holes = json_array();
	auto_free char *key = mem_fmt("$%s", r->pointer.data);

	for (size_t i = from->input_pos; i < to->input_pos && i < r->len; i++) {
		unsigned char c = (unsigned char)r->text[i];

		if (c == '$' && r->text[i + 1] == '{' && can_remember(r))
			js_push(holes, pack(at));
		if (c == '\n')
			at = (struct place){ at.line + 1, 1 };
		else if ((c >> 6) != 2 && at.column < MAX_COLUMN)
			at.column++;
	}
	js_set(r->places, key, holes);
}

/* ---- nodes; NULL after an error that ends the file ---- */

json_t *
reader_fail(struct reader *r, struct place at, const char *text)
{
	errors_add(r->errors, r->file, at, "%s", text);
	r->n_errors++;
	return NULL;
}

/* For errors after which reading goes on: a value that checks pass by. */
static json_t *
complain(struct reader *r, struct place at, const char *text)
{
	reader_fail(r, at, text);
	return r->n_errors < DOC_MAX_ERRORS ? doc_bad() : NULL;
}

static bool
text_fits(struct reader *r, const char *s, size_t n, struct place at)
{
	if (memchr(s, 0, n) != NULL)
		reader_fail(r, at, "the text holds a NUL character");
	else if (!text_is_utf8(s, n))
		reader_fail(r, at, "the text is not valid UTF-8");
	else
		return true;
	return false;
}

enum tag { TAG_NONE, TAG_TEXT, TAG_CORE, TAG_OTHER };

/* Which of the tags that mean something in the core schema this is. */
static enum tag
tag_of(struct fy_token *token)
{
	static const struct {
		const char *text;
		enum tag tag;
	} rows[] = {
		{ "!", TAG_TEXT },
		{ "tag:yaml.org,2002:str", TAG_TEXT },
		{ "tag:yaml.org,2002:int", TAG_CORE },
		{ "tag:yaml.org,2002:float", TAG_CORE },
		{ "tag:yaml.org,2002:bool", TAG_CORE },
		{ "tag:yaml.org,2002:null", TAG_CORE },
		{ "tag:yaml.org,2002:map", TAG_CORE },
		{ "tag:yaml.org,2002:seq", TAG_CORE },
	};
	size_t n = 0;
	const char *text = token == NULL ? NULL : fy_token_get_text(token, &n);

	if (text == NULL)
		return TAG_NONE;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strlen(rows[i].text) == n &&
		    memcmp(rows[i].text, text, n) == 0)
			return rows[i].tag;
	}
	return TAG_OTHER;
}

static json_t *
scalar(struct reader *r, struct fy_event *e)
{
	struct place at = event_place(r, e);
	enum tag tag = tag_of(e->scalar.tag);
	const char *why = NULL, *s;
	json_t *value;
	size_t n = 0;

	s = fy_token_get_text(e->scalar.value, &n);
	if (s == NULL)
		s = "";
	if (!text_fits(r, s, n, at))
		return NULL;
	if (memmem(s, n, "${", 2) != NULL)
		remember_holes(r, e);
	if (tag == TAG_TEXT ||
	    (tag == TAG_NONE &&
		fy_token_scalar_style(e->scalar.value) != FYSS_PLAIN))
		return js_new_strn(s, n);
	value = scalar_plain(s, n, &why);
	return value != NULL ? value : complain(r, at, why);
}

static json_t *
alias(struct reader *r, struct fy_event *e)
{
	struct place at = event_place(r, e);
	size_t n = 0;
	const char *s = fy_token_get_text(e->alias.anchor, &n);
	auto_free char *name = mem_strn(s, n);
	const json_t *known = js_get(r->anchors, name);
	size_t nodes = (size_t)json_integer_value(js_at(known, 1));
	auto_free char *text = NULL;

	if (known == NULL) {
		text = mem_fmt("the alias *%s has no anchor before it", name);
		return reader_fail(r, at, text);
	}
	if (r->nodes + nodes > DOC_MAX_NODES) {
		text = mem_fmt("the alias *%s (%zu nodes) expands the file "
			       "beyond %d nodes",
		    name, nodes, DOC_MAX_NODES);
		return reader_fail(r, at, text);
	}
	r->nodes += nodes;
	return js_copy(js_at(known, 0));
}

static json_t *
element(struct reader *r, size_t index, struct fy_event *take_e, int depth)
{
	size_t before = r->pointer.len;
	json_t *value;

	buf_addf(&r->pointer, "/%zu", index);
	value = reader_node(r, take_e, depth);
	r->pointer.len = before;
	r->pointer.data[before] = 0;
	return value;
}

static json_t *
sequence(struct reader *r, int depth)
{
	json_auto_t *list = json_array();
	struct fy_event *e;

	while ((e = fy_parser_parse(r->fy)) != NULL) {
		json_t *value;

		if (e->type == FYET_SEQUENCE_END) {
			fy_parser_event_free(r->fy, e);
			return js_move(&list);
		}
		value = element(r, js_len(list), e, depth);
		if (value == NULL)
			return NULL;
		js_push(list, value);
	}
	return NULL;
}

/* The text of a key; NULL after an error. */
static char *
key_text(struct reader *r, struct fy_event *e, bool *ret_merge)
{
	struct place at = event_place(r, e);
	auto_free char *text = NULL, *why = NULL;
	json_auto_t *value = NULL;
	const char *unused;
	size_t n = 0;
	bool plain;

	if (e->type != FYET_SCALAR) {
		reader_fail(r, at, "a key must be a string");
		return NULL;
	}
	text = mem_str(fy_token_get_text0(e->scalar.value));
	n = text == NULL ? 0 : fy_token_get_text_length(e->scalar.value);
	if (n > DOC_MAX_KEY) {
		reader_fail(r, at, "the key is longer than 1024 bytes");
		return NULL;
	}
	if (text == NULL || !text_fits(r, text, n, at))
		return NULL;
	plain = fy_token_scalar_style(e->scalar.value) == FYSS_PLAIN;
	value = plain && tag_of(e->scalar.tag) != TAG_TEXT
		    ? scalar_plain(text, n, &unused)
		    : js_new_str(text);
	*ret_merge = plain && strcmp(text, "<<") == 0;
	if (json_is_string(value))
		return mem_move(&text);
	why = mem_fmt("a key must be a string; quote it: \"%s\"", text);
	js_free(complain(r, at, why));
	return r->n_errors < DOC_MAX_ERRORS ? mem_move(&text) : NULL;
}

/* YAML's merge key: of several maps the first that has a member wins. */
static bool
merge(json_t *into, const json_t *value)
{
	const json_t *map;
	size_t i;

	if (json_is_object(value)) {
		json_object_update_missing(into, (json_t *)value);
		return true;
	}
	if (!json_is_array(value))
		return false;
	js_each (value, i, map) {
		if (!json_is_object(map))
			return false;
		json_object_update_missing(into, (json_t *)map);
	}
	return true;
}

/* Reads what belongs to a key into map, or merged for "<<". */
static int
member_value(struct reader *r, const char *key, bool is_merge, struct place at,
    json_t *map, json_t *merged, int depth)
{
	bool twice = !is_merge && js_get(map, key) != NULL;
	auto_free char *why = mem_fmt("the key `%s` is there twice", key);
	struct fy_event *e;
	json_t *value;

	if (twice)
		js_free(complain(r, at, why));
	if (r->n_errors >= DOC_MAX_ERRORS ||
	    (e = fy_parser_parse(r->fy)) == NULL)
		return -1;
	value = reader_node(r, e, depth);
	if (value == NULL)
		return -1;
	if (!is_merge && !twice) {
		js_set(map, key, value);
		return 0;
	}
	if (is_merge && !merge(merged, value))
		js_free(complain(r, at, "<< wants a map or a list of maps"));
	js_free(value);
	return 0;
}

static int
member(struct reader *r, struct fy_event *take_key, json_t *map, json_t *merged,
    int depth)
{
	struct place at = event_place(r, take_key);
	size_t before = r->pointer.len;
	auto_free char *key = NULL;
	bool is_merge = false;
	int rc;

	key = key_text(r, take_key, &is_merge);
	if (key != NULL) {
		doc_pointer_add(&r->pointer, key);
		remember(r, "#", at);
	}
	fy_parser_event_free(r->fy, take_key);
	if (key == NULL)
		return -1;
	rc = member_value(r, key, is_merge, at, map, merged, depth);
	r->pointer.len = before;
	r->pointer.data[before] = 0;
	return rc;
}

static json_t *
mapping(struct reader *r, int depth)
{
	json_auto_t *map = json_object(), *merged = json_object();
	struct fy_event *e;

	while ((e = fy_parser_parse(r->fy)) != NULL) {
		if (e->type == FYET_MAPPING_END) {
			fy_parser_event_free(r->fy, e);
			json_object_update_missing(map, merged);
			return js_move(&map);
		}
		if (member(r, e, map, merged, depth) == -1)
			return NULL;
	}
	return NULL;
}

/* The anchor is known from here on; inside itself it is not. */
static void
define_anchor(
    struct reader *r, const char *name, const json_t *value, size_t nodes)
{
	if (name != NULL)
		js_set(r->anchors, name,
		    js_pack("[O, I]", value, (json_int_t)nodes));
}

json_t *
reader_node(struct reader *r, struct fy_event *take_e, int depth)
{
	struct place at = event_place(r, take_e);
	struct fy_token *anchor = fy_event_get_anchor_token(take_e);
	auto_free char *name = NULL;
	size_t before = r->nodes;
	json_t *value = NULL;

	if (take_e->type != FYET_ALIAS && anchor != NULL)
		name = mem_str(fy_token_get_text0(anchor));
	remember(r, "", at);
	if (++r->nodes > DOC_MAX_NODES)
		reader_fail(
		    r, at, "more than 200000 nodes once aliases are expanded");
	else if (tag_of(fy_event_get_tag_token(take_e)) == TAG_OTHER)
		reader_fail(
		    r, at, "only the tags of the YAML core schema are known");
	else if (take_e->type == FYET_ALIAS)
		value = alias(r, take_e);
	else if (take_e->type == FYET_SCALAR)
		value = scalar(r, take_e);
	else if (depth >= DOC_MAX_DEPTH)
		reader_fail(r, at, "nested deeper than 64 levels");
	else if (take_e->type == FYET_MAPPING_START)
		value = mapping(r, depth + 1);
	else
		value = sequence(r, depth + 1);
	fy_parser_event_free(r->fy, take_e);
	if (value != NULL)
		define_anchor(r, name, value, r->nodes - before);
	return value;
}
