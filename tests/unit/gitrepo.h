/*
 * For tests that need a repository: a directory that goes away, and git.
 */
#ifndef TESTS_UNIT_GITREPO_H
#define TESTS_UNIT_GITREPO_H

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/mem.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static char room[] = "/tmp/convergd-test-XXXXXX";

__attribute__((unused)) static void
room_open(void)
{
	memcpy(room + sizeof(room) - 7, "XXXXXX", 7);
	ck_assert_ptr_nonnull(mkdtemp(room));
	ck_assert_int_eq(chdir(room), 0);
	setenv("HOME", room, 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("GIT_AUTHOR_NAME", "Ada", 1);
	setenv("GIT_AUTHOR_EMAIL", "ada@example.com", 1);
	setenv("GIT_COMMITTER_NAME", "Ada", 1);
	setenv("GIT_COMMITTER_EMAIL", "ada@example.com", 1);
	setenv("GIT_AUTHOR_DATE", "2026-11-22T12:00:00Z", 1);
	setenv("GIT_COMMITTER_DATE", "2026-11-22T12:00:00Z", 1);
	setenv("GIT_TERMINAL_PROMPT", "0", 1);
}

__attribute__((unused)) static int
room_remove(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

__attribute__((unused)) static void
room_close(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	nftw(room, room_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* A path inside the room; the caller frees. */
__attribute__((unused, format(printf, 1, 2))) static char *
at(const char *fmt, ...)
{
	auto_free char *path = NULL;
	va_list ap;

	va_start(ap, fmt);
	must(vasprintf(&path, fmt, ap) != -1);
	va_end(ap);
	return mem_fmt("%s/%s", room, path);
}

__attribute__((unused)) static void
write_bytes(const char *path, const void *p, size_t n, mode_t mode)
{
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	ck_assert_msg(fd != -1, "%s", path);
	ck_assert_int_eq(write(fd, p, n), (ssize_t)n);
	ck_assert_int_eq(fchmod(fd, mode), 0);
}

__attribute__((unused)) static void
write_file(const char *path, const char *text)
{
	write_bytes(path, text, strlen(text), 0644);
}

/* Runs "words of a command" in dir; *ret gets what it prints. */
__attribute__((unused)) static int
run_in(const char *dir, const char *command, struct buf *ret)
{
	char *argv[32] = { NULL }, *copy = mem_str(command), *rest = copy;
	int p[2], status = 0, n = 0;
	char data[4096];
	ssize_t got;
	pid_t pid;

	while ((argv[n] = strsep(&rest, " ")) != NULL)
		n++;
	ck_assert_int_eq(pipe2(p, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		dup2(p[1], 1);
		if (chdir(dir) == 0)
			execvp(argv[0], argv);
		_exit(127);
	}
	close(p[1]);
	while ((got = read(p[0], data, sizeof(data))) > 0)
		buf_add(ret, data, (size_t)got);
	close(p[0]);
	waitpid(pid, &status, 0);
	free(copy);
	while (ret->len > 0 && ret->data[ret->len - 1] == '\n')
		ret->data[--ret->len] = 0;
	return status;
}

/* As above, and it must succeed; the output is thrown away. */
__attribute__((unused, format(printf, 2, 3))) static void
run(const char *dir, const char *fmt, ...)
{
	auto_buf struct buf out = BUF_INIT;
	auto_free char *command = NULL;
	va_list ap;

	va_start(ap, fmt);
	must(vasprintf(&command, fmt, ap) != -1);
	va_end(ap);
	ck_assert_msg(run_in(dir, command, &out) == 0, "%s", command);
}

__attribute__((unused, format(printf, 2, 3))) static char *
output(const char *dir, const char *fmt, ...)
{
	auto_buf struct buf out = BUF_INIT;
	auto_free char *command = NULL;
	va_list ap;

	va_start(ap, fmt);
	must(vasprintf(&command, fmt, ap) != -1);
	va_end(ap);
	ck_assert_msg(run_in(dir, command, &out) == 0, "%s", command);
	return buf_take(&out);
}

/* room/origin.git (bare) and room/work, whose branch main tracks it. */
__attribute__((unused)) static void
repo_open(void)
{
	room_open();
	run(".", "git init -q --bare -b main origin.git");
	run(".", "git init -q -b main work");
	run("work", "git remote add origin ../origin.git");
}

/* One file, one commit, one push. */
__attribute__((unused)) static void
push_file(const char *path, const char *text, const char *message)
{
	auto_free char *full = at("work/%s", path);

	write_file(full, text);
	run("work", "git add -A");
	run("work", "git commit -q -m %s", message);
	run("work", "git push -q -f origin HEAD:main");
}

#endif
