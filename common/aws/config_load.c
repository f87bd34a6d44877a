/* Finding and reading the shared configuration files: see config.h. */

#include "common/aws/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE (1u << 20)

static int
read_file(const char *path, struct buf *ret, struct err *err)
{
	FILE *f = fopen(path, "re");
	char part[4096];
	size_t n;
	int bad;

	if (f == NULL)
		return errno == ENOENT || errno == ENOTDIR
			   ? 0
			   : err_errno(err, "%s", path);
	while ((n = fread(part, 1, sizeof(part), f)) > 0 && ret->len < MAX_FILE)
		buf_add(ret, part, n);
	bad = ferror(f);
	fclose(f);
	mem_wipe(part, sizeof(part));
	if (bad)
		return err_set(err, ERR_SYSTEM, "%s: cannot read", path);
	if (ret->len >= MAX_FILE)
		return err_set(err, ERR_INPUT, "%s: longer than 1 MiB", path);
	return 0;
}

/* "~/x" relative to HOME */
static char *
expand_home(const char *path)
{
	const char *home = getenv("HOME");

	if (strncmp(path, "~/", 2) != 0 || home == NULL)
		return mem_str(path);
	return mem_fmt("%s/%s", home, path + 2);
}

static const struct {
	enum config_file file;
	const char *variable, *path;
} files[] = {
	{ CONFIG_FILE, "AWS_CONFIG_FILE", "~/.aws/config" },
	{ CREDENTIALS_FILE, "AWS_SHARED_CREDENTIALS_FILE",
	    "~/.aws/credentials" },
};

int
config_load(struct config **ret, struct err *err)
{
	auto_of(config_free) struct config *c = config_new();

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *named = getenv(files[i].variable);
		auto_free char *path = expand_home(
		    named != NULL && *named != 0 ? named : files[i].path);
		auto_buf struct buf text = BUF_INIT;
		int rc = read_file(path, &text, err);

		if (rc == 0)
			rc = config_add(
			    c, files[i].file, path, text.data, text.len, err);
		mem_wipe(text.data, text.len);
		if (rc == -1)
			return -1;
	}
	*ret = mem_move(&c);
	return 0;
}
