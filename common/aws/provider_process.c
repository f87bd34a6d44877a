/* Credentials that a program prints: credential_process of a profile. */

#include "common/aws/provider_impl.h"
#include "common/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_SEC  60.0
#define MAX_OUTPUT (64u << 10)

/* --- words ------------------------------------------------------------ */

/* Adds one word to b; *s moves behind it. False: a quote is open. */
static bool
next_word(const char **s, struct buf *b)
{
	char quote = 0;

	for (; **s != 0; (*s)++) {
		char c = **s;

		if (quote == 0 && (c == ' ' || c == '\t' || c == '\n'))
			return true;
		if (quote == 0 && (c == '"' || c == '\'')) {
			quote = c;
			continue;
		}
		if (c == quote) {
			quote = 0;
			continue;
		}
		if (c == '\\' && quote != '\'' && (*s)[1] != 0 &&
		    (quote == 0 || strchr("\"\\", (*s)[1]) != NULL))
			c = *++*s;
		buf_addc(b, c);
	}
	return quote == 0;
}

char **
provider_split(const char *command)
{
	char **words = mem_array(char *, strlen(command) / 2 + 2);
	size_t n = 0;

	for (;;) {
		auto_buf struct buf word = BUF_INIT;

		command += strspn(command, " \t\n");
		if (*command == 0)
			return words;
		if (!next_word(&command, &word)) {
			provider_split_free(words);
			return NULL;
		}
		words[n++] = buf_take(&word);
	}
}

void
provider_split_free(char **words)
{
	for (size_t i = 0; words != NULL && words[i] != NULL; i++)
		free(words[i]);
	free(words);
}

/* --- running ---------------------------------------------------------- */

/* Our threads block all signals; the program starts with none blocked. */
static int
spawn(char **argv, int out, pid_t *ret_pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	int rc;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	rc = posix_spawnp(ret_pid, argv[0], &files, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return rc;
}

/* Until its end; false when it takes too long or says too much. */
static bool
read_output(int fd, struct buf *ret)
{
	double deadline = clock_mono() + LIMIT_SEC;
	char part[4096];

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		double left = deadline - clock_mono();
		ssize_t n;

		if (left <= 0 || ret->len > MAX_OUTPUT)
			return false;
		if (poll(&p, 1, (int)(left * 1000) + 1) <= 0)
			continue;
		n = read(fd, part, sizeof(part));
		if (n > 0)
			buf_add(ret, part, (size_t)n);
		mem_wipe(part, sizeof(part));
		if (n == 0 || (n == -1 && errno != EINTR))
			return n == 0;
	}
}

/* 0 also when somebody else (the loop) has reaped the child already. */
static int
exit_status(pid_t pid)
{
	int status = 0;
	pid_t got;

	do
		got = waitpid(pid, &status, 0);
	while (got == -1 && errno == EINTR);
	return got == -1 ? 0 : status;
}

static int
run(char **argv, struct buf *ret, struct err *err)
{
	int fds[2], rc;
	bool ended;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return err_errno(err, "pipe");
	rc = spawn(argv, fds[1], &pid);
	close(fds[1]);
	if (rc != 0) {
		close(fds[0]);
		errno = rc;
		return err_errno(err, "cannot run %s", argv[0]);
	}
	ended = read_output(fds[0], ret);
	close(fds[0]);
	if (!ended)
		kill(pid, SIGKILL);
	if (exit_status(pid) != 0 || !ended)
		return err_set(err, ERR_AUTH, "%s %s", argv[0],
		    ended ? "failed" : "gave no answer in time");
	return 0;
}

/* The output is a secret: no message may quote it. */
static int
parse_output(const struct buf *text, struct secret *ret, struct err *err)
{
	json_auto_t *x = NULL;
	int rc;

	if (js_parse(text->data, text->len, &x, err) == -1)
		return err_set(err, ERR_AUTH, "the output is not JSON");
	if (js_int(x, "Version", 0) != 1)
		return err_set(
		    err, ERR_AUTH, "the output has no \"Version\": 1");
	rc = provider_from_json(x, ret, err);
	provider_wipe_json(x);
	return rc;
}

enum provider_answer
provider_process(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	const char *command = config_get(q->settings->config, CONFIG_PROFILE,
	    q->profile, "credential_process");
	auto_buf struct buf out = BUF_INIT;
	char **argv;
	int rc = -1;

	if (command == NULL)
		return PROVIDER_NONE;
	argv = provider_split(command);
	if (argv == NULL || argv[0] == NULL)
		err_set(err, ERR_AUTH, "not a command (is a quote open?)");
	else
		rc = run(argv, &out, err);
	if (rc == 0)
		rc = parse_output(&out, ret, err);
	mem_wipe(out.data, out.len);
	provider_split_free(argv);
	if (rc == -1)
		return err_wrap(
		    err, "profile %s: credential_process", q->profile);
	return PROVIDER_OK;
}
