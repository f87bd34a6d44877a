/* Saved plans: see planfile.h. */

#include "cli/planfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT "convergd-plan/1"

static json_t *
document(const struct args *args, const json_t *plans)
{
	const char *installation = args_get(args, "installation");
	json_t *doc = js_pack("{s:s, s:s}", "format", FORMAT, "installation",
	    installation ? installation : "default");

	js_set_str(doc, "source", args_get(args, "source"));
	js_set_str(doc, "branch", args_get(args, "branch"));
	js_set_str(doc, "directory", args_word(args, 0));
	js_set(doc, "plans", js_copy(plans));
	return doc;
}

int
planfile_write(const struct args *args, const char *path, const json_t *plans)
{
	json_auto_t *doc = document(args, plans);
	auto_free char *text = js_pretty(doc);
	auto_fd int fd = open(
	    path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t n = strlen(text);

	if (fd == -1 || write(fd, text, n) != (ssize_t)n ||
	    write(fd, "\n", 1) != 1)
		return fail(EXIT_ERROR, "%s: %s", path, strerror(errno));
	return EXIT_OK;
}

bool
planfile_is(const char *path)
{
	struct stat st;

	return path != NULL && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

int
planfile_read(const char *path, json_t **ret)
{
	json_error_t e;
	json_auto_t *doc = json_load_file(path, 0, &e);
	const char *format = js_str(doc, "format");

	if (doc == NULL)
		return fail(
		    EXIT_ERROR, "%s:%d:%d: %s", path, e.line, e.column, e.text);
	if (format == NULL || strcmp(format, FORMAT) != 0)
		return fail(EXIT_ERROR,
		    "%s is no plan; `convergctl plan --out %s` writes one",
		    path, path);
	*ret = js_move(&doc);
	return EXIT_OK;
}
