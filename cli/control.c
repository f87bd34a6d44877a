/* The daemon's control socket: see control.h. */

#include "cli/control.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/clock.h"

#define DEFAULT_SOCKET "/run/convergd/control.sock"
#define ANSWER_MAX     ((size_t)64 << 20)

static int
unreachable(const char *path)
{
	if (errno == EACCES || errno == EPERM)
		return fail(EXIT_NO_PERMISSION,
		    "%s: %s; the daemon's user and group may use it", path,
		    strerror(errno));
	return fail(EXIT_UNREACHABLE,
	    "the daemon is not reachable at %s: %s\n"
	    "Start it with `systemctl start convergd` or `convergd -c FILE`, "
	    "or name its socket with --socket.",
	    path, strerror(errno));
}

static int
connect_to(const char *path, int *ret_fd)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(addr.sun_path))
		return fail(EXIT_USAGE, "--socket: the path is too long");
	memcpy(addr.sun_path, path, strlen(path));
	*ret_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*ret_fd == -1 ||
	    connect(*ret_fd, (struct sockaddr *)&addr, sizeof(addr)) == -1)
		return unreachable(path);
	return EXIT_OK;
}

static int
send_line(int fd, const json_t *request)
{
	auto_free char *text = js_dump(request);
	auto_buf struct buf line = BUF_INIT;
	size_t sent = 0;

	buf_addf(&line, "%s\n", text);
	while (sent < line.len) {
		ssize_t n = send(
		    fd, line.data + sent, line.len - sent, MSG_NOSIGNAL);

		if (n == -1 && errno != EINTR)
			return fail(EXIT_UNREACHABLE,
			    "the daemon closed the connection: %s",
			    strerror(errno));
		sent += n > 0 ? (size_t)n : 0;
	}
	return EXIT_OK;
}

/* Milliseconds for poll() until a point of clock_mono(). */
static int
left_ms(double until)
{
	double left = until - clock_mono();

	if (until <= 0)
		return -1;
	return left > 0 ? (int)(left * 1000) + 1 : 0;
}

/* 1: read something, 0: the line is over, -1: time is up or it failed. */
static int
read_some(int fd, double until, struct buf *line)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char chunk[16384];
	ssize_t n;
	int ready = poll(&p, 1, left_ms(until));

	if (ready == -1 && errno == EINTR)
		return 1;
	if (ready <= 0)
		return -1;
	n = read(fd, chunk, sizeof(chunk));
	if (n <= 0)
		return 0;
	buf_add(line, chunk, (size_t)n);
	return memchr(chunk, '\n', (size_t)n) == NULL && line->len < ANSWER_MAX;
}

static int
read_answer(int fd, double timeout_sec, json_t **ret)
{
	double until = timeout_sec > 0 ? clock_mono() + timeout_sec : 0;
	auto_buf struct buf line = BUF_INIT;
	struct err err = { 0 };
	int more;

	do
		more = read_some(fd, until, &line);
	while (more == 1);
	if (more == -1)
		return fail(EXIT_TIMED_OUT, "timed out waiting for the daemon");
	if (line.len == 0)
		return fail(EXIT_UNREACHABLE,
		    "the daemon closed the connection without an answer");
	if (js_parse(line.data, line.len, ret, &err) == -1)
		return fail(EXIT_ERROR, "the daemon's answer is %s", err.msg);
	return EXIT_OK;
}

int
control_ask(const struct args *args, const json_t *request, double timeout_sec,
    json_t **ret_answer)
{
	const char *path = args_get(args, "socket");
	json_auto_t *answer = NULL;
	auto_fd int fd = -1;
	int code = connect_to(path != NULL ? path : DEFAULT_SOCKET, &fd);

	if (code == EXIT_OK)
		code = send_line(fd, request);
	if (code == EXIT_OK)
		code = read_answer(fd, timeout_sec, &answer);
	if (code != EXIT_OK)
		return code;
	if (!js_bool(answer, "ok", false)) {
		const char *why = js_str(answer, "error");

		return fail(EXIT_ERROR, "the daemon says: %s",
		    why != NULL ? why : "no");
	}
	*ret_answer = js_move(&answer);
	return EXIT_OK;
}
