/* Files that are sent, hashed or encoded: see file.h. */

#include "common/base/file.h"
#include "common/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE (96u << 10) /* bytes; whole groups of three, for base64 */

int
file_open(const char *path, struct file *ret, struct err *err)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1)
		return err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_INPUT, "%s: not a regular file", path);
	*ret = (struct file){ fd, (size_t)st.st_size, mem_str(path) };
	fd = -1;
	return 0;
}

void
file_close(struct file *f)
{
	if (f->fd != -1)
		close(f->fd);
	free(f->path);
	*f = (struct file)FILE_INIT;
}

int
file_read_at(
    const struct file *f, size_t at, void *to, size_t n, struct err *err)
{
	for (size_t got = 0; got < n;) {
		ssize_t part = pread(
		    f->fd, (char *)to + got, n - got, (off_t)(at + got));

		if (part == -1 && errno == EINTR)
			continue;
		if (part == -1)
			return err_set(
			    err, ERR_INPUT, "%s: %s", f->path, strerror(errno));
		if (part == 0)
			return err_set(err, ERR_INPUT,
			    "%s: became shorter while it was read", f->path);
		got += (size_t)part;
	}
	return 0;
}

int
file_each(const struct file *f,
    void (*piece)(void *arg, const void *data, size_t n), void *arg,
    struct err *err)
{
	auto_free char *data = mem_new(PIECE);

	for (size_t at = 0; at < f->len;) {
		size_t n = f->len - at < PIECE ? f->len - at : PIECE;

		if (file_read_at(f, at, data, n, err) == -1)
			return -1;
		piece(arg, data, n);
		at += n;
	}
	return 0;
}

/* ---- a whole one ---- */

static int
open_regular(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd == -1)
		return err_errno(err, "cannot be read");
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return err_set(err, ERR_INPUT, "is no regular file");
}

int
file_read(const char *path, size_t max, struct buf *ret, struct err *err)
{
	auto_fd int fd = open_regular(path, err);
	ssize_t n = 1;

	if (fd == -1)
		return -1;
	/* Reserved at once: growing would leave copies of a secret behind. */
	buf_reserve(ret, max + 1);
	while (n > 0 && ret->len <= max) {
		n = read(fd, ret->data + ret->len, max + 1 - ret->len);
		if (n == -1)
			return err_errno(err, "cannot be read");
		ret->len += (size_t)n;
		ret->data[ret->len] = 0;
	}
	if (ret->len > max)
		return err_set(err, ERR_INPUT,
		    "is larger than the %zu bytes allowed", max);
	return 0;
}
