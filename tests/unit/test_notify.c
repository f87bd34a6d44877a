/* What the service manager hears, also one that is slow to listen. */

#include <check.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "daemon/notify.h"

static struct manager {
	int fd;
	char path[64]; /* as NOTIFY_SOCKET has it */
	struct ev_loop *loop;
	struct notify notify;
} m;

static void
turn(double sec)
{
	ev_sleep(sec);
	ev_run(m.loop, EVRUN_NOWAIT);
}

/* sign: "/" for a file, "@" for the abstract namespace. */
static void
start(char sign)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t len = offsetof(struct sockaddr_un, sun_path);

	len += (size_t)snprintf(
	    m.path, sizeof(m.path), "%ctmp/convergd-notify-%d", sign, getpid());
	memcpy(a.sun_path, m.path, strlen(m.path));
	if (sign == '@')
		a.sun_path[0] = 0;
	m.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert(bind(m.fd, (struct sockaddr *)&a, (socklen_t)len) == 0);
	setenv("NOTIFY_SOCKET", m.path, 1);
	m.loop = ev_loop_new(EVFLAG_AUTO);
	notify_init(&m.notify, m.loop);
}

static void
stop(void)
{
	notify_fini(&m.notify);
	ev_loop_destroy(m.loop);
	close(m.fd);
	unlink(m.path);
}

/* Lines of all datagrams in the queue, each ended by " "; without times. */
static void
hear(struct buf *lines)
{
	char text[4096], *rest, *line;
	ssize_t n;

	while ((n = recv(m.fd, text, sizeof(text) - 1, 0)) > 0) {
		text[n] = 0;
		for (rest = text; (line = strsep(&rest, "\n")) != NULL;)
			if (*line != 0 && strncmp(line, "MONOTONIC", 9) != 0)
				buf_join(lines, line, " ");
	}
}

/* "+" ready, "~" reloading, "-" stopping, another letter is a status. */
static void
say(char word)
{
	const char status[] = { word, 0 };

	if (word == '+')
		notify_ready(&m.notify);
	else if (word == '~')
		notify_reloading(&m.notify);
	else if (word == '-')
		notify_stopping(&m.notify);
	else
		notify_status(&m.notify, status);
}

static const struct row {
	const char *words;
	const char *want;
	const char *late; /* heard by a manager that did not read meanwhile */
} rows[] = {
	{ "+", "READY=1 ", "READY=1 " },
	{ "a", "STATUS=a ", "STATUS=a " },
	{ "aab", "STATUS=a STATUS=b ", "STATUS=b " },
	{ "+a~+", "READY=1 STATUS=a RELOADING=1 READY=1 ",
	    "READY=1 STATUS=a " },
	{ "+a~+b-", "READY=1 STATUS=a RELOADING=1 READY=1 STATUS=b STOPPING=1 ",
	    "STOPPING=1 STATUS=b " },
	{ "a~", "STATUS=a RELOADING=1 ", "RELOADING=1 STATUS=a " },
	{ "abababababababababababababababab",
	    "STATUS=a STATUS=b STATUS=a STATUS=b STATUS=a STATUS=b "
	    "STATUS=a STATUS=b STATUS=a STATUS=b STATUS=a STATUS=b "
	    "STATUS=a STATUS=b STATUS=a STATUS=b STATUS=a STATUS=b "
	    "STATUS=a STATUS=b STATUS=a STATUS=b STATUS=a STATUS=b "
	    "STATUS=a STATUS=b STATUS=a STATUS=b STATUS=a STATUS=b "
	    "STATUS=a STATUS=b ",
	    "STATUS=b " },
};

START_TEST(words_are_heard)
{
	auto_buf struct buf heard = BUF_INIT;

	start(_i % 2 ? '/' : '@');
	for (const char *w = rows[_i / 2].words; *w != 0; w++) {
		say(*w);
		hear(&heard);
	}
	ck_assert_str_eq(heard.data, rows[_i / 2].want);
	stop();
}
END_TEST

/* Fills the manager's queue. */
static void
crowd(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	while (sendto(fd, "x", 1, 0, (struct sockaddr *)&m.notify.manager,
		   m.notify.manager_len) == 1)
		continue;
	close(fd);
}

START_TEST(who_reads_late_hears_the_newest)
{
	auto_buf struct buf heard = BUF_INIT, others = BUF_INIT;

	start('@');
	crowd();
	for (const char *w = rows[_i].words; *w != 0; w++)
		say(*w);
	turn(0.11);
	hear(&others);
	ck_assert_ptr_null(strchr(others.data, '='));
	turn(0.11);
	turn(0.11); /* nothing is told twice */
	hear(&heard);
	ck_assert_str_eq(heard.data, rows[_i].late);
	stop();
}
END_TEST

START_TEST(watchdog_is_fed)
{
	auto_buf struct buf heard = BUF_INIT;

	setenv("WATCHDOG_USEC", "20000", 1);
	start('@');
	turn(0.015);
	hear(&heard);
	ck_assert_str_eq(heard.data, "WATCHDOG=1 ");
	crowd();
	turn(0.015); /* and does not block */
	stop();
}
END_TEST

static const char *const nowhere[] = { NULL, "", "relative", "/tmp/convergd/no",
	"/a/path/that/is/longer/than/one/hundred/and/eight/characters/"
	"which/is/what/an/address/of/a/local/socket/can/hold" };

START_TEST(nobody_listens)
{
	struct notify n;
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);

	unsetenv("NOTIFY_SOCKET");
	if (nowhere[_i] != NULL)
		setenv("NOTIFY_SOCKET", nowhere[_i], 1);
	notify_init(&n, loop);
	notify_ready(&n);
	notify_status(&n, "a");
	ck_assert(!ev_is_active(&n.again));
	notify_fini(&n);
	ev_loop_destroy(loop);
}
END_TEST

#define ROWS(rows) (int)(sizeof(rows) / sizeof((rows)[0]))

int
main(void)
{
	Suite *s = suite_create("notify");
	TCase *c = tcase_create("notify");
	SRunner *sr = srunner_create(s);
	int failed;

	suite_add_tcase(s, c);
	tcase_add_loop_test(c, words_are_heard, 0, 2 * ROWS(rows));
	tcase_add_loop_test(c, who_reads_late_hears_the_newest, 0, ROWS(rows));
	tcase_add_test(c, watchdog_is_fed);
	tcase_add_loop_test(c, nobody_listens, 0, ROWS(nowhere));
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
