/* The control socket: lines in, lines out, whatever clients do. */

#include <check.h>
#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "daemon/control.h"

static struct ev_loop *loop;
static char dir[64];
static char path[96];
static struct control *control;
static struct control_client *waiting; /* of the last "later" request */

/* {"command": "echo", "x": v} answers v; "later" answers when told to. */
static void
on_request(void *arg, struct control_client *c, const json_t *request)
{
	const char *command = js_str(request, "command");

	(void)arg;
	if (command != NULL && strcmp(command, "later") == 0)
		waiting = c;
	else if (command != NULL && strcmp(command, "echo") == 0)
		control_answer(c, js_pack("{s:b, s:o}", "ok", 1, "x",
				      js_copy(js_get(request, "x"))));
	else
		control_refuse(c, "unknown\xff");
}

static void
setup(void)
{
	struct control_options o;
	struct err err;

	loop = ev_loop_new(EVFLAG_AUTO);
	memcpy(dir, "/tmp/convergd-test-XXXXXX", 26);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/run/control.sock", dir);
	o = (struct control_options){ loop, path, on_request, NULL };
	ck_assert_msg(control_new(&o, &control, &err) == 0, "%s", err.msg);
	waiting = NULL;
}

static void
teardown(void)
{
	control_free(control);
	ev_loop_destroy(loop);
	ck_assert_int_ne(access(path, F_OK), 0);
	*strrchr(path, '/') = 0;
	rmdir(path);
	rmdir(dir);
}

static int
client(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	memcpy(a.sun_path, path, strlen(path));
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* Lets the loop work until nothing moves; what the client got. False: the
 * server closed. */
static bool
drain(int fd, struct buf *ret)
{
	char data[4096];
	ssize_t n = -1;

	for (int idle = 0; idle < 50; idle++) {
		ev_run(loop, EVRUN_NOWAIT);
		while ((n = recv(fd, data, sizeof(data), 0)) > 0) {
			buf_add(ret, data, (size_t)n);
			idle = 0;
		}
		if (n == 0 || errno == ECONNRESET)
			return false;
	}
	return true;
}

static void
say(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
		ev_run(loop, EVRUN_NOWAIT);
	}
}

static const struct row {
	const char *what, *in, *want;
} rows[] = {
	{ "one", "{\"command\":\"echo\",\"x\":1}\n",
	    "{\"ok\":true,\"x\":1}\n" },
	{ "two in one packet",
	    "{\"command\":\"echo\",\"x\":1}\n{\"command\":\"echo\",\"x\":2}\n",
	    "{\"ok\":true,\"x\":1}\n{\"ok\":true,\"x\":2}\n" },
	{ "incomplete", "{\"command\":\"echo\"", "" },
	{ "no JSON", "hello\n", "{\"error\":\"1:5: not JSON: " },
	{ "no object", "[1]\n",
	    "{\"error\":\"a request is a JSON object\",\"ok\":false}\n" },
	{ "empty line", "\n", "{\"error\":\"1:0: not JSON: " },
	{ "unknown, error that is no UTF-8", "{\"command\":\"x\"}\n",
	    "{\"error\":\"unknown\\\\xff\",\"ok\":false}\n" },
	{ "no command", "{}\n", "{\"error\":\"unknown" },
	{ "not UTF-8", "{\"command\":\"\xff\"}\n", "{\"error\":\"1:" },
	{ "goes on after an error", "x\n{\"command\":\"echo\",\"x\":[]}\n",
	    "{\"ok\":true,\"x\":[]}\n" },
};

START_TEST(exchange)
{
	const struct row *r = &rows[_i];
	auto_buf struct buf got = BUF_INIT;
	auto_fd int fd = client();

	say(fd, r->in, strlen(r->in));
	ck_assert(drain(fd, &got));
	ck_assert_msg(
	    strstr(got.data, r->want) != NULL, "%s: %s", r->what, got.data);
	if (*r->want == 0)
		ck_assert_str_eq(got.data, "");
}
END_TEST

START_TEST(byte_by_byte)
{
	static const char in[] = "{\"command\":\"echo\",\"x\":null}\n";
	auto_buf struct buf got = BUF_INIT;
	auto_fd int fd = client();

	for (size_t i = 0; i < sizeof(in) - 1; i++)
		say(fd, in + i, 1);
	drain(fd, &got);
	ck_assert_str_eq(got.data, "{\"ok\":true,\"x\":null}\n");
}
END_TEST

START_TEST(without_line_end)
{
	static const char in[] = "{\"command\":\"echo\",\"x\":3}";
	auto_buf struct buf got = BUF_INIT;
	auto_fd int fd = client();

	say(fd, in, sizeof(in) - 1);
	shutdown(fd, SHUT_WR);
	ck_assert(!drain(fd, &got));
	ck_assert_str_eq(got.data, "{\"ok\":true,\"x\":3}\n");
}
END_TEST

START_TEST(too_long)
{
	auto_buf struct buf got = BUF_INIT, in = BUF_INIT;
	auto_fd int fd = client();

	for (size_t i = 0; i < CONTROL_MAX_REQUEST + 1; i++)
		buf_addc(&in, 'x');
	say(fd, in.data, in.len);
	ck_assert(!drain(fd, &got));
	ck_assert_str_eq(
	    got.data, "{\"error\":\"the request is too long\",\"ok\":false}\n");
}
END_TEST

/* The second request waits for the first one's answer. */
START_TEST(later_keeps_order)
{
	static const char in[] = "{\"command\":\"later\"}\n"
				 "{\"command\":\"echo\",\"x\":2}\n";
	auto_buf struct buf got = BUF_INIT;
	auto_fd int fd = client();

	say(fd, in, sizeof(in) - 1);
	drain(fd, &got);
	ck_assert_str_eq(got.data, "");
	ck_assert_ptr_nonnull(waiting);
	control_answer(waiting, js_pack("{s:i}", "n", 1));
	drain(fd, &got);
	ck_assert_str_eq(got.data, "{\"n\":1}\n{\"ok\":true,\"x\":2}\n");
}
END_TEST

START_TEST(peer_leaves_while_it_waits)
{
	auto_buf struct buf got = BUF_INIT;
	int fd = client();

	say(fd, "{\"command\":\"later\"}\n", 20);
	drain(fd, &got);
	ck_assert_ptr_nonnull(waiting);
	close(fd);
	for (int i = 0; i < 5; i++)
		ev_run(loop, EVRUN_NOWAIT);
	control_answer(waiting, js_pack("{s:i}", "n", 1));
	for (int i = 0; i < 5; i++)
		ev_run(loop, EVRUN_NOWAIT);
}
END_TEST

/* A long answer to a slow reader neither blocks nor is cut. */
START_TEST(long_answer)
{
	auto_buf struct buf got = BUF_INIT, x = BUF_INIT;
	auto_fd int fd = client();

	for (int i = 0; i < 3000000; i++)
		buf_addc(&x, 'x');
	say(fd, "{\"command\":\"later\"}\n", 20);
	drain(fd, &got);
	control_answer(waiting, js_pack("{s:s}", "x", x.data));
	drain(fd, &got);
	ck_assert_uint_eq(got.len, x.len + strlen("{\"x\":\"\"}\n"));
}
END_TEST

START_TEST(many_clients)
{
	int fds[CONTROL_MAX_CLIENTS + 1];
	auto_buf struct buf got = BUF_INIT;

	for (int i = 0; i <= CONTROL_MAX_CLIENTS; i++) {
		fds[i] = client();
		ev_run(loop, EVRUN_NOWAIT);
	}
	/* the last one is one too many, the others are served */
	ck_assert(!drain(fds[CONTROL_MAX_CLIENTS], &got));
	say(fds[0], "{\"command\":\"echo\",\"x\":1}\n", 25);
	drain(fds[0], &got);
	ck_assert_str_eq(got.data, "{\"ok\":true,\"x\":1}\n");
	for (int i = 0; i <= CONTROL_MAX_CLIENTS; i++)
		close(fds[i]);
}
END_TEST

/* ---- the socket file ---- */

START_TEST(mode_is_0660)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0660);
}
END_TEST

START_TEST(second_listener_is_refused)
{
	struct control_options o = { loop, path, on_request, NULL };
	struct control *second = NULL;
	struct err err;

	ck_assert_int_eq(control_new(&o, &second, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "another process listens"));
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

/* Left behind by a crash: a socket that nobody listens on. */
START_TEST(stale_socket_is_replaced)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	auto_free char *stale = mem_fmt("%s/stale", dir);
	struct control_options o = { loop, stale, on_request, NULL };
	struct control *second = NULL;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct err err;

	memcpy(a.sun_path, stale, strlen(stale));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	close(fd);
	ck_assert_int_eq(control_new(&o, &second, &err), 0);
	control_free(second);
}
END_TEST

START_TEST(other_file_is_left_alone)
{
	auto_free char *file = mem_fmt("%s/file", dir);
	struct control_options o = { loop, file, on_request, NULL };
	struct control *second = NULL;
	struct err err;

	fclose(fopen(file, "w"));
	ck_assert_int_eq(control_new(&o, &second, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "is no socket"));
	ck_assert_int_eq(unlink(file), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("control");
	TCase *c = tcase_create("control");
	SRunner *sr = srunner_create(s);
	int failed;

	suite_add_tcase(s, c);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, exchange, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(c, byte_by_byte);
	tcase_add_test(c, without_line_end);
	tcase_add_test(c, too_long);
	tcase_add_test(c, later_keeps_order);
	tcase_add_test(c, peer_leaves_while_it_waits);
	tcase_add_test(c, long_answer);
	tcase_add_test(c, many_clients);
	tcase_add_test(c, mode_is_0660);
	tcase_add_test(c, second_listener_is_refused);
	tcase_add_test(c, stale_socket_is_replaced);
	tcase_add_test(c, other_file_is_left_alone);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
