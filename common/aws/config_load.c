/* Finding and reading the shared configuration files: see config.h. */

#include "common/aws/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	const char *loaded; /* name of a credential that systemd loads */
} files[] = {
	{ CONFIG_FILE, "AWS_CONFIG_FILE", "~/.aws/config", "aws-config" },
	{ CREDENTIALS_FILE, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials",
	    "aws-credentials" },
};

/* What the variable names, what the service manager gave, or the user's. */
static char *
path_of(const char *variable, const char *path, const char *loaded)
{
	const char *named = getenv(variable);
	const char *dir = getenv("CREDENTIALS_DIRECTORY");

	if (named != NULL && *named != 0)
		return expand_home(named);
	if (dir != NULL && *dir != 0) {
		auto_free char *given = mem_fmt("%s/%s", dir, loaded);

		if (access(given, F_OK) == 0)
			return mem_move(&given);
	}
	return expand_home(path);
}

int
config_load(struct config **ret, struct err *err)
{
	auto_of(config_free) struct config *c = config_new();

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		auto_free char *path = path_of(
		    files[i].variable, files[i].path, files[i].loaded);
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
