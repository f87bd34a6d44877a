/* Listening sockets for HTTP and control: see listen.h. */

#include "daemon/listen.h"
#include "common/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 64

/* ---- TCP ---- */

/* "[::1]:80" to "::1" and "80". */
static int
split(const char *text, char **ret_host, char **ret_port, struct err *err)
{
	const char *colon = strrchr(text, ':');
	size_t n = colon == NULL ? 0 : (size_t)(colon - text);

	if (colon == NULL || colon[1] == 0)
		return err_set(err, ERR_INPUT,
		    "`%s` is no address with a port, as 127.0.0.1:9464", text);
	if (n >= 2 && text[0] == '[' && text[n - 1] == ']')
		*ret_host = mem_strn(text + 1, n - 2);
	else
		*ret_host = mem_strn(text, n);
	*ret_port = mem_str(colon + 1);
	return 0;
}

static int
open_tcp(const struct addrinfo *a, struct err *err)
{
	int fd = socket(
	    a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd == -1)
		return err_errno(err, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	err_errno(err, "cannot listen");
	close(fd);
	return -1;
}

static int
add_address(int fd, struct buf *ret, struct err *err)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);
	char host[64], port[16];

	if (getsockname(fd, (struct sockaddr *)&a, &len) == -1)
		return err_errno(err, "getsockname");
	if (getnameinfo((struct sockaddr *)&a, len, host, sizeof(host), port,
		sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return err_set(err, ERR_SYSTEM, "getnameinfo");
	buf_addf(
	    ret, a.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
	return 0;
}

int
listen_tcp(
    const char *text, int *ret_fd, struct buf *ret_address, struct err *err)
{
	struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM };
	auto_free char *host = NULL, *port = NULL;
	struct addrinfo *list = NULL;
	auto_fd int fd = -1;
	int code;

	if (split(text, &host, &port, err) == -1)
		return -1;
	code = getaddrinfo(*host == 0 ? NULL : host, port, &hints, &list);
	if (code != 0)
		return err_set(err, ERR_INPUT, "cannot listen on %s: %s", text,
		    gai_strerror(code));
	fd = open_tcp(list, err);
	freeaddrinfo(list);
	if (fd == -1 || add_address(fd, ret_address, err) == -1)
		return err_wrap(err, "%s", text);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

/* ---- UNIX ---- */

static int
unix_address(const char *path, struct sockaddr_un *ret, struct err *err)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(ret->sun_path))
		return err_set(err, ERR_INPUT,
		    "%s: a socket's path has at most %zu bytes", path,
		    sizeof(ret->sun_path) - 1);
	memcpy(ret->sun_path, path, strlen(path));
	return 0;
}

/* Fails when somebody listens there; removes a socket that nobody owns. */
static int
clear_stale(const struct sockaddr_un *a, struct err *err)
{
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;

	if (lstat(a->sun_path, &st) == -1)
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, ERR_INPUT,
		    "%s exists and is no socket; move it away", a->sun_path);
	if (connect(fd, (const struct sockaddr *)a, sizeof(*a)) == 0)
		return err_set(err, ERR_EXISTS,
		    "another process listens on %s already", a->sun_path);
	if (errno != ECONNREFUSED)
		return err_errno(err, "%s", a->sun_path);
	if (unlink(a->sun_path) == -1 && errno != ENOENT)
		return err_errno(err, "cannot remove stale %s", a->sun_path);
	return 0;
}

static void
make_directory(const char *path)
{
	auto_free char *dir = mem_str(path);
	char *slash = strrchr(dir, '/');

	if (slash == NULL || slash == dir)
		return;
	*slash = 0;
	mkdir(dir, 0750); /* if it cannot be made, bind says why */
}

int
listen_unix(const char *path, int *ret_fd, struct err *err)
{
	auto_fd int fd = -1;
	struct sockaddr_un a;
	mode_t old;
	int result;

	make_directory(path);
	if (unix_address(path, &a, err) == -1 || clear_stale(&a, err) == -1)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return err_errno(err, "socket");
	old = umask(0117); /* 0660 from its first moment */
	result = bind(fd, (const struct sockaddr *)&a, sizeof(a));
	umask(old);
	if (result == -1 || listen(fd, BACKLOG) == -1)
		return err_errno(err, "cannot listen on %s", path);
	*ret_fd = fd;
	fd = -1;
	return 0;
}
