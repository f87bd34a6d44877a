/* Paths within the repository: see path.h. */

#include "common/manifest/path.h"
#include "common/base/buf.h"
#include "common/base/mem.h"

#include <string.h>

/* Back to before the last name; false at the root. */
static bool
go_up(struct buf *b)
{
	char *slash = strrchr(b->data, '/');

	if (b->len == 0)
		return false;
	b->len = slash == NULL ? 0 : (size_t)(slash - b->data);
	b->data[b->len] = 0;
	return true;
}

static bool
walk(struct buf *b, const char *path)
{
	while (*path != 0) {
		size_t n = strcspn(path, "/");

		if (n == 2 && memcmp(path, "..", 2) == 0) {
			if (!go_up(b))
				return false;
		} else if (n > 0 && !(n == 1 && *path == '.')) {
			if (b->len > 0)
				buf_addc(b, '/');
			buf_add(b, path, n);
		}
		path += n + (path[n] == '/');
	}
	return true;
}

char *
path_join(const char *from, const char *path)
{
	auto_buf struct buf b = BUF_INIT;

	if (*path == '/' || !walk(&b, from) || !walk(&b, path))
		return NULL;
	return b.len == 0 ? mem_str(".") : buf_take(&b);
}

char *
path_directory(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? mem_str(".")
			     : mem_strn(path, (size_t)(slash - path));
}

bool
path_is_below(const char *path, const char *directory)
{
	size_t n = strlen(directory);

	if (strcmp(directory, ".") == 0)
		return true;
	return strncmp(path, directory, n) == 0 &&
	       (path[n] == 0 || path[n] == '/');
}
