/* Finds and parses the files of a revision: see collect.h. */

#include "common/manifest/collect.h"
#include "common/base/text.h"
#include "common/manifest/path.h"

#include <stdlib.h>
#include <string.h>

struct collector {
	const struct tree *tree;
	const char *base; /* directory that manifests start in */
	struct files *files;
};

bool
doc_is_manifest(const struct doc *doc)
{
	return doc->version != NULL && text_starts(doc->version, "convergd/");
}

/* Below base: does a name start with '.' or '_'? */
static bool
is_hidden(const char *base, const char *path)
{
	const char *name = strcmp(base, ".") == 0 ? path : path + strlen(base);

	name += *name == '/';
	while (name != NULL) {
		if (*name == '.' || *name == '_')
			return true;
		name = strchr(name, '/');
		if (name != NULL)
			name++;
	}
	return false;
}

static bool
has_extension(const char *path)
{
	static const char *const names[] = { ".yaml", ".yml", ".json" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (text_ends(path, names[i]))
			return true;
	}
	return false;
}

static struct file *
add_file(struct files *files, const char *path)
{
	size_t n = files->n, one = sizeof(*files->list);

	if ((n & (n - 1)) == 0)
		files->list = mem_grow(
		    files->list, n * one, (n == 0 ? 1 : 2 * n) * one);
	files->list[n] = (struct file){ .path = mem_str(path),
		.directory = path_directory(path) };
	files->n++;
	return &files->list[n];
}

static void
parse(struct file *f, const struct buf *text)
{
	doc_parse_packed(
	    f->path, text->data, text->len, &f->docs, &f->n, &f->errors);
	for (size_t i = 0; i < f->n; i++)
		f->is_manifest |= doc_is_manifest(&f->docs[i]);
}

/* The tree's errors begin with the path, as ours do. */
static const char *
without_path(const char *msg, const char *path)
{
	size_t n = strlen(path);

	return text_starts(msg, path) && text_starts(msg + n, ": ")
		   ? msg + n + 2
		   : msg;
}

/* Size first: what is too large is not even read. */
static int
visit(void *arg, const char *path, size_t size)
{
	struct collector *c = arg;
	auto_buf struct buf text = BUF_INIT;
	struct place whole = { 0, 0 };
	struct err err = { 0 };
	struct file *f;

	if (is_hidden(c->base, path) || !has_extension(path))
		return 0;
	f = add_file(c->files, path);
	if (size > DOC_MAX_BYTES)
		errors_add(&f->errors, path, whole,
		    "the file has %zu bytes, %d are the most", size,
		    DOC_MAX_BYTES);
	else if (tree_read(c->tree, path, DOC_MAX_BYTES, &text, &err) == -1)
		errors_add(
		    &f->errors, path, whole, "%s", without_path(err.msg, path));
	else
		parse(f, &text);
	return 0;
}

int
collect(const struct tree *tree, const char *path, struct files *ret,
    struct errors *errors)
{
	auto_free char *base = path_join(".", path);
	struct collector c = { .tree = tree, .base = base, .files = ret };
	struct err err = { 0 };

	if (base == NULL)
		err_set(
		    &err, ERR_INPUT, "the path leads out of the repository");
	else if (tree_walk(tree, base, visit, &c, &err) == 0)
		return 0;
	errors_add(errors, path, (struct place){ 0, 0 }, "%s",
	    without_path(err.msg, path));
	return -1;
}

void
files_free(struct files *files)
{
	for (size_t i = 0; i < files->n; i++) {
		struct file *f = &files->list[i];

		free(f->path);
		free(f->directory);
		doc_free(f->docs, f->n);
		errors_free(&f->errors);
	}
	free(files->list);
}
