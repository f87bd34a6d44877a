/* Fuzzer: any bytes as the one manifest file of a revision. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/manifest/compile.h"
#include "tests/unit/toy_kinds.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* A tree that holds one file and a directory of code. */
struct tree {
	const char *text;
	size_t len;
};

const char *
tree_revision(const struct tree *tree)
{
	(void)tree;
	return "worktree";
}

int
tree_walk(const struct tree *tree, const char *dir,
    int (*file)(void *arg, const char *path, size_t size), void *arg,
    struct err *err)
{
	(void)dir;
	(void)err;
	return file(arg, "a.yaml", tree->len);
}

int
tree_read(const struct tree *tree, const char *path, size_t max,
    struct buf *ret, struct err *err)
{
	(void)path;
	if (tree->len > max)
		return err_set(err, ERR_INPUT, "too large");
	buf_add(ret, tree->text, tree->len);
	return 0;
}

bool
tree_has(const struct tree *tree, const char *path)
{
	(void)tree;
	return strcmp(path, "a.yaml") == 0 || strcmp(path, "code") == 0;
}

int
tree_id(const struct tree *tree, const char *path, char ret[static 65],
    struct err *err)
{
	(void)tree;
	(void)path;
	(void)err;
	strncpy(ret, "0123456789", 65);
	return 0;
}

int
tree_pack(const struct tree *tree, const char *path, struct buf *ret_zip,
    struct err *err)
{
	(void)path;
	(void)err;
	buf_add(ret_zip, tree->text, tree->len);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tree tree = { (const char *)data, size };
	struct compiled compiled;
	struct errors errors = { 0 };
	auto_buf struct buf printed = BUF_INIT;
	int rc = compile(&toy_registry, &tree, ".", &compiled);

	compiled_errors(&compiled, &errors);
	errors_print(&errors, &printed);
	if ((rc == 0) != (errors.n == 0))
		abort();
	errors_free(&errors);
	compiled_free(&compiled);
	return 0;
}
