/* Directory or repository to compiled manifests: see load.h. */

#include "cli/load.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/text.h"
#include "modules/modules.h"

static bool
is_dir(const char *dir, const char *name)
{
	auto_free char *path = mem_fmt("%s%s%s", dir, *name ? "/" : "", name);
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
is_bare_repository(const char *dir)
{
	return is_dir(dir, "objects") && is_dir(dir, "refs") &&
	       !is_dir(dir, ".git");
}

static int
open_repository(
    const char *branch, const char *url, struct loaded *l, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	struct source_settings settings = {
		.url = url,
		.branch = branch == NULL ? "main" : branch,
	};
	struct fetched fetched;

	l->mirror = mem_fmt(
	    "%s/convergctl.XXXXXX", tmp == NULL || *tmp == 0 ? "/tmp" : tmp);
	if (mkdtemp(l->mirror) == NULL) {
		err_errno(err, "%s", l->mirror);
		free(mem_move(&l->mirror));
		return -1;
	}
	settings.mirror = l->mirror;
	if (source_new(&settings, &l->source, err) == -1 ||
	    source_fetch(l->source, &fetched, err) == -1)
		return -1;
	if (fetched.revision[0] == 0)
		return err_set(err, ERR_INPUT, "%s: branch %s has no commit",
		    url, settings.branch);
	return source_tree(l->source, &l->tree, err);
}

/* "./a/b/" -> "a/b" */
static char *
plain_path(const char *dir)
{
	size_t n;

	while (text_starts(dir, "./"))
		dir += 2 + strspn(dir + 2, "/");
	n = strlen(dir);
	while (n > 1 && dir[n - 1] == '/')
		n--;
	return n == 0 ? mem_str(".") : mem_strn(dir, n);
}

/* Is it a path within the current directory, as it stands: no "..", no link
 * on the way, no repository of its own? */
static bool
is_below(const char *dir)
{
	auto_free char *here = realpath(".", NULL), *real = NULL;
	auto_free char *plain = plain_path(dir), *naive = NULL;

	real = realpath(dir, NULL);
	if (real == NULL || here == NULL)
		return dir[0] != '/';
	if (strcmp(real, here) == 0)
		return true;
	naive = mem_fmt("%s/%s", strcmp(here, "/") == 0 ? "" : here, plain);
	return strcmp(naive, real) == 0 && !is_dir(dir, ".git") &&
	       !is_bare_repository(dir);
}

/* A directory that cannot be looked at from the current one becomes the
 * source itself. */
static int
open_tree(const struct load_from *from, struct loaded *l, struct err *err)
{
	const char *source = from->source;
	const char *dir = from->dir;

	if (source == NULL && dir != NULL && !is_below(dir)) {
		source = dir;
		dir = NULL;
		l->prefix = plain_path(source);
	}
	l->path = plain_path(dir == NULL ? "." : dir);
	if (source == NULL)
		source = ".";
	if (is_dir(source, "") && !is_bare_repository(source))
		return tree_of_directory(source, &l->tree, err);
	free(mem_move(&l->prefix));
	return open_repository(from->branch, source, l, err);
}

int
load_from(const struct load_from *from, struct loaded *ret)
{
	struct err err = { 0 };

	*ret = (struct loaded){ 0 };
	if (open_tree(from, ret, &err) == -1)
		return fail_err(&err);
	if (strcmp(ret->path, ".") != 0 && !tree_has(ret->tree, ret->path))
		return fail(EXIT_ERROR, "%s: no such directory", ret->path);
	compile(&modules_registry, ret->tree, ret->path, &ret->compiled);
	return EXIT_OK;
}

int
load(const struct args *args, struct loaded *ret)
{
	struct load_from from = { args_get(args, "source"),
		args_get(args, "branch"), args_word(args, 0) };

	return load_from(&from, ret);
}

static int
remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void
loaded_free(struct loaded *l)
{
	compiled_free(&l->compiled);
	tree_free(l->tree);
	source_free(l->source);
	if (l->mirror != NULL)
		nftw(l->mirror, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(l->mirror);
	free(l->path);
	free(l->prefix);
}

static void
copy_errors(struct errors *all, const struct errors *some, const char *prefix)
{
	for (size_t i = 0; i < some->n; i++) {
		const struct error_at *e = &some->list[i];
		auto_free char *file = prefix == NULL
					   ? mem_str(e->file)
					   : mem_fmt("%s/%s", prefix, e->file);

		errors_add(all, file, e->at, "%s", e->text);
	}
}

size_t
load_errors(const struct loaded *l, const char *only)
{
	struct errors all = { NULL, 0 };
	auto_buf struct buf text = BUF_INIT;
	size_t n;

	copy_errors(&all, &l->compiled.errors, l->prefix);
	for (size_t i = 0; i < l->compiled.n; i++) {
		const struct compiled_architecture *a = &l->compiled.list[i];

		if (only == NULL || a->name == NULL ||
		    strcmp(a->name, only) == 0)
			copy_errors(&all, &a->errors, l->prefix);
	}
	errors_sort(&all);
	errors_print(&all, &text);
	n = all.n;
	if (n > 0)
		buf_addf(&text, "%zu error%s\n", n, n == 1 ? "" : "s");
	fputs(text.data, stderr);
	errors_free(&all);
	return n;
}
