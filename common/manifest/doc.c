/* YAML and JSON files to documents, by libfyaml: see doc.h. */

#include "common/manifest/doc.h"
#include "common/base/text.h"
#include "common/manifest/reader.h"

#include <stdlib.h>
#include <string.h>

static void
append(struct doc **docs, size_t *n, struct reader *r, json_t *take_root)
{
	*docs = mem_grow(*docs, *n * sizeof(**docs), (*n + 1) * sizeof(**docs));
	(*docs)[(*n)++] = (struct doc){ .file = mem_str(r->file),
		.version = mem_str(js_str(take_root, "apiVersion")),
		.kind = mem_str(js_str(take_root, "kind")),
		.root = take_root,
		.places = js_move(&r->places) };
	if (r->packed)
		doc_rest(&(*docs)[*n - 1]);
}

/* One document; an empty one is none. */
static int
document(struct reader *r, struct doc **docs, size_t *n)
{
	struct fy_event *e = fy_parser_parse(r->fy);
	json_t *root;

	if (e == NULL)
		return -1;
	js_replace(&r->anchors, json_object());
	js_replace(&r->places, json_object());
	root = reader_node(r, e, 0);
	if (root == NULL)
		return -1;
	if (json_is_null(root))
		js_free(root);
	else
		append(docs, n, r, root);
	return 0;
}

static int
stream(struct reader *r, struct doc **docs, size_t *n)
{
	struct fy_event *e;

	while ((e = fy_parser_parse(r->fy)) != NULL) {
		enum fy_event_type type = e->type;

		fy_parser_event_free(r->fy, e);
		if (type == FYET_DOCUMENT_START && document(r, docs, n) == -1)
			return -1;
		if (type == FYET_STREAM_END)
			return 0;
	}
	return -1;
}

/* libfyaml's first complaint; later ones follow from it. */
static void
report(struct reader *r)
{
	void *iter = NULL;
	struct fy_diag_error *e = fy_diag_errors_iterate(r->diag, &iter);

	if (e == NULL)
		reader_fail(r, (struct place){ 0, 0 }, "not a YAML document");
	else
		reader_fail(r, (struct place){ e->line, e->column }, e->msg);
}

static void
read_all(struct reader *r, struct doc **docs, size_t *n)
{
	struct fy_diag_cfg diag = { .level = FYET_ERROR, .module_mask = ~0U };
	struct fy_parse_cfg cfg = { .flags = FYPCF_QUIET };

	cfg.diag = r->diag = fy_diag_create(&diag);
	must(r->diag != NULL);
	fy_diag_set_collect_errors(r->diag, true);
	r->fy = fy_parser_create(&cfg);
	must(r->fy != NULL);
	must(fy_parser_set_string(r->fy, r->text, r->len) == 0);
	if (stream(r, docs, n) == -1 && r->n_errors == 0)
		report(r);
	fy_parser_destroy(r->fy);
	fy_diag_destroy(r->diag);
}

/* Bytes of the character at s. */
static size_t
character(const char *s, size_t left)
{
	size_t n = 1;

	while (n < 4 && n < left && ((unsigned char)s[n] >> 6) == 2)
		n++;
	return n;
}

/* What YAML does not let stand as it is; escapes say it. */
static bool
is_control(const unsigned char *s, size_t n)
{
	if (n == 1)
		return (*s < 0x20 && strchr("\t\n\r", *s) == NULL) || *s == 0 ||
		       *s == 0x7f;
	return n == 2 && s[0] == 0xc2 && s[1] < 0xa0 && s[1] != 0x85;
}

/*
 * libfyaml keeps every token
 * of a line until it knows that none starts a key, and all open brackets, at
 * some 300 bytes each: both are bounded here. Brackets in strings count too,
 * which the limits leave room for.
 */
struct scan {
	size_t in_line, open;
};

/* What is wrong with the character at s, or NULL. */
static const char *
complaint(struct scan *scan, const char *s, size_t n)
{
	if (!text_is_utf8(s, n))
		return "not valid UTF-8";
	if (is_control((const unsigned char *)s, n))
		return "a control character; write it as an escape in double "
		       "quotes";
	if (*s == '\n')
		scan->in_line = 0;
	else if (strchr("[]{},", *s) != NULL)
		scan->in_line++;
	if (*s == '[' || *s == '{')
		scan->open++;
	else if ((*s == ']' || *s == '}') && scan->open > 0)
		scan->open--;
	if (scan->in_line > DOC_MAX_TOKENS)
		return "more than 50000 brackets and commas in one line; "
		       "break it";
	return scan->open > DOC_MAX_OPEN ? "more than 5000 open brackets"
					 : NULL;
}

static bool
scan_text(struct reader *r)
{
	struct scan scan = { 0 };
	struct place at = { 1, 1 };

	for (size_t i = 0, n; i < r->len; i += n) {
		const char *why;

		n = character(r->text + i, r->len - i);
		why = complaint(&scan, r->text + i, n);
		if (why != NULL) {
			reader_fail(r, at, why);
			return false;
		}
		at.column++;
		if (r->text[i] == '\n')
			at = (struct place){ at.line + 1, 1 };
	}
	return true;
}

static bool
text_is_good(struct reader *r)
{
	auto_free char *why = NULL;

	if (r->len <= DOC_MAX_BYTES)
		return scan_text(r);
	why = mem_fmt(
	    "the file has %zu bytes, %d are the most", r->len, DOC_MAX_BYTES);
	reader_fail(r, (struct place){ 0, 0 }, why);
	return false;
}

static int
parse(struct reader *r, const char *text, size_t len, struct doc **docs,
    size_t *n)
{
	/* terminated, so that looking one byte ahead is always right */
	auto_free char *copy = mem_strn(text, len);

	r->text = copy;
	r->len = len;
	if (text_is_good(r))
		read_all(r, docs, n);
	js_free(r->anchors);
	js_free(r->places);
	buf_free(&r->pointer);
	return r->n_errors == 0 ? 0 : -1;
}

int
doc_parse(const char *file, const char *text, size_t len, struct doc **docs,
    size_t *n, struct errors *errors)
{
	struct reader r = {
		.file = file, .errors = errors, .pointer = BUF_INIT
	};

	return parse(&r, text, len, docs, n);
}

int
doc_parse_packed(const char *file, const char *text, size_t len,
    struct doc **docs, size_t *n, struct errors *errors)
{
	struct reader r = { .file = file,
		.errors = errors,
		.packed = true,
		.pointer = BUF_INIT };

	return parse(&r, text, len, docs, n);
}

/* ---- at rest ---- */

void
doc_open(struct doc *doc)
{
	if (doc->root == NULL)
		doc->root = packed_open(doc->packed_root);
	if (doc->places == NULL)
		doc->places = packed_open(doc->packed_places);
}

void
doc_rest(struct doc *doc)
{
	if (doc->packed_root == NULL)
		doc->packed_root = packed_of(doc->root);
	if (doc->packed_places == NULL)
		doc->packed_places = packed_of(doc->places);
	js_replace(&doc->root, NULL);
	js_replace(&doc->places, NULL);
}

void
doc_drop(struct doc *doc)
{
	js_replace(&doc->root, NULL);
	js_replace(&doc->places, NULL);
	packed_replace(&doc->packed_root, NULL);
	packed_replace(&doc->packed_places, NULL);
}

void
doc_free(struct doc *docs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(docs[i].file);
		free(docs[i].version);
		free(docs[i].kind);
		doc_drop(&docs[i]);
	}
	free(docs);
}
