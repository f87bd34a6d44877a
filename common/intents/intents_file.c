/* Lines on the disk: see intents_file.h. */

#include "common/intents/intents_file.h"
#include "common/base/crypto.h"
#include "common/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SUM_LEN     8 /* hex digits in front of a line */
#define MAX_BYTES   (16u << 20)
#define LEAST_BYTES 65536.0 /* less is no room */

void
intent_file_init(struct intent_file *f, const char *path)
{
	*f = (struct intent_file){ .path = mem_str(path), .fd = -1 };
}

static void
shut(struct intent_file *f)
{
	if (f->fd != -1)
		close(f->fd);
	f->fd = -1;
}

void
intent_file_fini(struct intent_file *f)
{
	shut(f);
	free(f->path);
}

/* ---- lines: checksum, space, compact JSON ---- */

static void
checksum(const char *text, size_t n, struct buf *hex)
{
	uint8_t hash[SHA256_LEN];

	crypto_sha256(text, n, hash);
	crypto_add_hex(hex, hash, SUM_LEN / 2);
}

void
intent_file_add_line(struct buf *lines, const json_t *x)
{
	auto_free char *text = js_dump(x);

	checksum(text, strlen(text), lines);
	buf_join(lines, " ", text, "\n");
}

static void
take_line(const char *at, size_t n, void (*line)(void *arg, const json_t *),
    void *arg)
{
	auto_buf struct buf sum = BUF_INIT;
	json_auto_t *x = NULL;
	struct err err;

	if (n <= SUM_LEN + 1)
		return;
	checksum(at + SUM_LEN + 1, n - SUM_LEN - 1, &sum);
	if (memcmp(sum.data, at, SUM_LEN) == 0 &&
	    js_parse(at + SUM_LEN + 1, n - SUM_LEN - 1, &x, &err) == 0)
		line(arg, x);
}

/* What cannot be read is as good as lost. */
static void
read_all(const char *path, struct buf *ret)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char chunk[4096];
	ssize_t n;

	while (fd != -1 && ret->len < MAX_BYTES &&
	       (n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(ret, chunk, (size_t)n);
}

void
intent_file_read(const struct intent_file *f,
    void (*line)(void *arg, const json_t *), void *arg)
{
	auto_buf struct buf text = BUF_INIT;
	const char *at, *end, *stop;

	read_all(f->path, &text);
	stop = text.data + text.len;
	for (at = text.data;
	     (end = memchr(at, '\n', (size_t)(stop - at))) != NULL;
	     at = end + 1)
		take_line(at, (size_t)(end - at), line, arg);
}

/* ---- writing ---- */

static bool
is_at(const char *path, const struct intent_file_id *id, struct stat *ret)
{
	return stat(path, ret) == 0 && ret->st_dev == id->device &&
	       ret->st_ino == id->inode;
}

bool
intent_file_is_strange(const struct intent_file *f)
{
	struct stat st;

	return f->fd == -1 || !is_at(f->path, &f->id, &st) ||
	       st.st_size != f->size;
}

/* Before the last byte is gone: what else is kept there needs some, too.
 * File systems that do not count their blocks are believed. */
static int
check_room(const char *path, struct err *err)
{
	struct statvfs st;

	if (statvfs(path, &st) == -1 || st.f_blocks == 0)
		return 0; /* writing will tell */
	if (st.f_flag & ST_RDONLY)
		return err_set(
		    err, ERR_SYSTEM, "%s: the disk is read-only", path);
	if ((double)st.f_bavail * (double)st.f_frsize < LEAST_BYTES)
		return err_set(err, ERR_SYSTEM, "%s: the disk is full", path);
	return 0;
}

int
intent_file_check(
    const char *path, const struct intent_file_id *id, struct err *err)
{
	struct stat st;

	if (!is_at(path, id, &st))
		return err_set(err, ERR_SYSTEM, "%s: is not ours", path);
	return check_room(path, err);
}

static int
put(int fd, const struct buf *b, struct err *err)
{
	size_t done = 0;

	while (done < b->len) {
		ssize_t n = write(fd, b->data + done, b->len - done);

		if (n == -1 && errno != EINTR)
			return err_errno(err, "write");
		done += n > 0 ? (size_t)n : 0;
	}
	return fdatasync(fd) == -1 ? err_errno(err, "sync") : 0;
}

int
intent_file_append(
    struct intent_file *f, const struct buf *lines, struct err *err)
{
	if (check_room(f->path, err) == -1)
		return -1;
	if (put(f->fd, lines, err) == -1) {
		shut(f);
		return err_wrap(err, "%s", f->path);
	}
	f->size += (off_t)lines->len;
	return 0;
}

/* The directory may have been deleted under us. */
static int
sync_directory(const char *path, struct err *err)
{
	auto_free char *dir = mem_strn(
	    path, (size_t)(strrchr(path, '/') - path));
	auto_fd int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1 || fsync(fd) == -1)
		return err_errno(err, "sync of %s", dir);
	return 0;
}

static int
open_fresh(const char *path, struct err *err)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC |
			  O_NOFOLLOW;
	auto_free char *dir = mem_strn(
	    path, (size_t)(strrchr(path, '/') - path));
	int fd = open(path, flags, 0600);

	if (fd == -1 && errno == ENOENT && mkdir(dir, 0700) == 0)
		fd = open(path, flags, 0600);
	return fd == -1 ? err_errno(err, "cannot be made") : fd;
}

static int
write_fresh(const struct intent_file *f, int fd, const char *fresh,
    const struct buf *lines, struct err *err)
{
	if (put(fd, lines, err) == -1)
		return -1;
	if (rename(fresh, f->path) == -1)
		return err_errno(err, "rename");
	return sync_directory(f->path, err);
}

int
intent_file_replace(
    struct intent_file *f, const struct buf *lines, struct err *err)
{
	auto_free char *fresh = mem_fmt("%s.new", f->path);
	struct stat st;
	int fd;

	if (check_room(f->path, err) == -1)
		return -1;
	shut(f);
	fd = open_fresh(fresh, err);
	if (fd == -1)
		return err_wrap(err, "%s", f->path);
	if (write_fresh(f, fd, fresh, lines, err) == -1 ||
	    fstat(fd, &st) == -1) {
		close(fd);
		unlink(fresh);
		return err_wrap(err, "%s", f->path);
	}
	*f = (struct intent_file){ f->path, fd, { st.st_dev, st.st_ino },
		st.st_size };
	return 0;
}
