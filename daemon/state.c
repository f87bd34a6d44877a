/* The state directory and its lock: see state.h. */

#include "daemon/state.h"
#include "common/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int
make_directory(const char *path, struct err *err)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return 0;
	if (errno != EEXIST)
		return err_errno(err, "cannot make it");
	if (stat(path, &st) == -1)
		return err_errno(err, "cannot look at it");
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_INPUT, "is no directory");
	return 0;
}

static int
in_use(int fd, struct err *err)
{
	char pid[16] = "";

	if (pread(fd, pid, sizeof(pid) - 1, 0) <= 0)
		memcpy(pid, "?", 2);
	pid[strcspn(pid, "\n")] = 0;
	return err_set(err, ERR_EXISTS,
	    "another convergd (process %s) uses it; give each its own", pid);
}

/* The process id is for people; on a full disk there is none. */
static int
lock(int fd, struct err *err)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		return errno == EWOULDBLOCK ? in_use(fd, err)
					    : err_errno(err, "cannot lock it");
	if ((ftruncate(fd, 0) == -1 || pwrite(fd, text, (size_t)n, 0) != n) &&
	    errno != ENOSPC && errno != EDQUOT)
		return err_errno(err, "cannot write in it");
	return 0;
}

static int
open_lock(const char *directory, int *ret_fd, struct err *err)
{
	auto_free char *path = mem_fmt("%s/lock", directory);
	auto_fd int fd = -1;

	if (make_directory(directory, err) == -1)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd == -1)
		return err_errno(err, "cannot write in it");
	if (lock(fd, err) == -1)
		return -1;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int
state_open(const char *directory, int *ret_fd, struct err *err)
{
	if (open_lock(directory, ret_fd, err) == -1)
		return err_wrap(err, "state directory %s", directory);
	return 0;
}
