/* Files that are replaced whole: see replace.h. */

#include "daemon/replace.h"
#include "common/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
write_whole(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, text, n);

		if (done == -1 && errno != EINTR)
			return -1;
		text += done > 0 ? done : 0;
		n -= done > 0 ? (size_t)done : 0;
	}
	return fsync(fd);
}

/* The new name is on the disk, too. */
static void
sync_directory(const char *path)
{
	auto_free char *dir = mem_strn(
	    path, (size_t)(strrchr(path, '/') - path));
	auto_fd int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd != -1)
		fsync(fd);
}

int
file_replace(const char *path, const char *text, struct err *err)
{
	auto_free char *fresh = mem_fmt("%s.new", path);
	auto_fd int fd = open(
	    fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd == -1 || write_whole(fd, text, strlen(text)) == -1 ||
	    rename(fresh, path) == -1)
		return err_errno(err, "%s cannot be written", path);
	sync_directory(path);
	return 0;
}
