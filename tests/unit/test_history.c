/* The history: what comes back, what is bounded, what survives. */

#include <check.h>
#include <ev.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/loop/pool.h"
#include "daemon/history.h"
#include "daemon/history_db.h"

#define KEEP_SEC 86400.0
#define KILLS    25

static char dir[] = "/tmp/convergd-history-XXXXXX";
static char *path;

static void
setup(void)
{
	memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	path = mem_fmt("%s/history.db", dir);
}

static void
teardown(void)
{
	static const char *const parts[] = { "", "-wal", "-shm", ".damaged" };

	for (size_t i = 0; i < 4; i++) {
		auto_free char *file = mem_fmt("%s%s", path, parts[i]);

		unlink(file);
	}
	rmdir(dir);
	free(path);
}

static json_t *
event(double time, const char *kind, const char *address, const char *text)
{
	return js_pack("{s:f, s:s, s:s, s:s?, s:s, s:s}", "time", time, "kind",
	    kind, "architecture", "shop", "address", address, "text", text,
	    "revision", "main@sha1:aa");
}

static void
write_events(struct history_db *h, json_t *take_events)
{
	json_auto_t *events = take_events;
	struct err err;

	ck_assert_msg(
	    history_db_write(h, events, NULL, &err) == 0, "%s", err.msg);
}

/* The texts of what is found, each with a blank behind. */
static char *
texts(struct history_db *h, const char *below, const char *kinds, size_t limit)
{
	auto_buf struct buf all = BUF_INIT;
	json_auto_t *found = NULL;
	const json_t *e;
	struct err err;
	size_t i;

	ck_assert_int_eq(
	    history_db_read(h, below, kinds, limit, &found, &err), 0);
	js_each (found, i, e)
		buf_addf(&all, "%s ", js_str(e, "text"));
	return buf_take(&all);
}

static const struct question {
	const char *below, *kinds;
	size_t limit;
	const char *want;
} questions[] = {
	{ NULL, NULL, 100, "a b c p " },
	{ NULL, NULL, 2, "c p " },
	{ "shop", NULL, 100, "a b c p " },
	{ "web", NULL, 100, "" },
	{ "shop/SqsQueue", NULL, 100, "a b " },
	{ "shop/SqsQueue/a", NULL, 100, "a " },
	{ "shop/SqsQ", NULL, 100, "" },
	{ NULL, "write failed", 100, "a b c " },
	{ NULL, "pass", 100, "p " },
	{ NULL, "pas", 100, "" },
};

START_TEST(what_was_written_is_found)
{
	const struct question *q = &questions[_i];
	auto_of(history_db_free) struct history_db *h = history_db_new(
	    path, KEEP_SEC, 100);
	auto_free char *found = NULL;
	double now = clock_wall();

	write_events(h, js_pack("[o, o, o, o]",
			    event(now, "write", "shop/SqsQueue/a/queue", "a"),
			    event(now, "write", "shop/SqsQueue/ab/queue", "b"),
			    event(now, "failed", "shop/SnsTopic/c", "c"),
			    event(now, "pass", NULL, "p")));
	found = texts(h, q->below, q->kinds, q->limit);
	ck_assert_str_eq(found, q->want);
}
END_TEST

START_TEST(commits_are_named)
{
	auto_of(history_db_free) struct history_db *h = history_db_new(
	    path, KEEP_SEC, 100);
	json_auto_t *events = js_pack(
	    "[o]", event(clock_wall(), "write", "shop/x", "a"));
	json_auto_t *revisions = js_pack("[{s:s, s:s, s:s}]", "revision",
	    "main@sha1:aa", "author", "Ada", "subject", "Add a queue");
	json_auto_t *found = NULL;
	struct err err;

	ck_assert_int_eq(history_db_write(h, events, revisions, &err), 0);
	ck_assert_int_eq(history_db_write(h, NULL, revisions, &err), 0);
	ck_assert_int_eq(history_db_read(h, NULL, NULL, 9, &found, &err), 0);
	ck_assert_uint_eq(js_len(found), 1);
	ck_assert_str_eq(js_pathstr(found, "0.subject"), "Add a queue");
	ck_assert_str_eq(js_pathstr(found, "0.author"), "Ada");
}
END_TEST

/* Limits hold from the first transaction of a process on. */
START_TEST(old_and_many_go)
{
	struct history_db *h = history_db_new(path, KEEP_SEC, 5);
	json_t *events = json_array();
	auto_free char *found = NULL;
	double now = clock_wall();

	js_push(events, event(now - 2 * KEEP_SEC, "write", "shop/x", "old"));
	for (int i = 0; i < 9; i++) {
		auto_free char *text = mem_fmt("%d", i);

		js_push(events, event(now, "write", "shop/x", text));
	}
	write_events(h, events);
	found = texts(h, NULL, NULL, 100);
	ck_assert_str_eq(found, "4 5 6 7 8 ");
	history_db_free(h);
}
END_TEST

START_TEST(a_damaged_file_is_put_aside)
{
	auto_of(history_db_free) struct history_db *h = history_db_new(
	    path, KEEP_SEC, 100);
	auto_free char *aside = mem_fmt("%s.damaged", path);
	auto_free char *found = NULL, *told = NULL;
	FILE *f = fopen(path, "w");
	struct stat st;

	ck_assert_ptr_null(history_db_aside(h));

	for (int i = 0; i < 4096; i++)
		fputs("not a database at all ", f);
	fclose(f);
	write_events(
	    h, js_pack("[o]", event(clock_wall(), "write", "shop/x", "new")));
	found = texts(h, NULL, NULL, 100);
	ck_assert_str_eq(found, "new ");
	ck_assert_int_eq(stat(aside, &st), 0);
	told = history_db_aside(h);
	ck_assert_str_eq(told, aside);
	ck_assert_ptr_null(history_db_aside(h)); /* it is told once */
}
END_TEST

/* ---- crashes ---- */

/* Two rows a transaction: a half one would show. Says what is committed. */
static void
write_for_ever(int fd)
{
	struct history_db *h = history_db_new(path, KEEP_SEC, 1000000);
	struct err err;

	for (unsigned i = 0;; i++) {
		json_auto_t *two = js_pack("[o, o]",
		    event(clock_wall(), "write", "shop/x", "first"),
		    event(clock_wall(), "write", "shop/x", "second"));

		if (history_db_write(h, two, NULL, &err) == -1)
			_exit(1);
		if (write(fd, "x", 1) != 1)
			_exit(2);
	}
}

static void
kill_after(unsigned microseconds, size_t *committed)
{
	int fds[2], status;
	char said[4096];
	ssize_t n;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	if (pid == 0)
		write_for_ever(fds[1]);
	close(fds[1]);
	ck_assert_int_eq(read(fds[0], said, 1), 1);
	(*committed)++;
	usleep(microseconds);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	ck_assert(WIFSIGNALED(status));
	while ((n = read(fds[0], said, sizeof(said))) > 0)
		*committed += (size_t)n;
	close(fds[0]);
}

static long
ask_number(const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *s;
	long n = -1;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	if (sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return n;
}

/* What was said to be written is there after a kill, and no half of more. */
START_TEST(survives_kills)
{
	size_t committed = 0;

	for (unsigned i = 0; i < KILLS; i++) {
		long first, second;

		kill_after(i * 1373 % 20000, &committed);
		ck_assert_int_eq(
		    ask_number("SELECT integrity_check = 'ok' FROM "
			       "pragma_integrity_check"),
		    1);
		first = ask_number(
		    "SELECT count(*) FROM events WHERE text = 'first'");
		second = ask_number(
		    "SELECT count(*) FROM events WHERE text = 'second'");
		ck_assert_int_eq(first, second);
		ck_assert_int_ge(first, (long)committed);
	}
}
END_TEST

/* ---- a loop that goes on ---- */

static struct ev_loop *loop;
static struct pools *pools;
static struct history *history;
static char *troubles; /* "<why>;" or "well;" */
static size_t lost;
static json_t *answer;

static unsigned
one(void *arg, const char *name)
{
	(void)arg, (void)name;
	return 1;
}

static void
on_trouble(void *arg, const char *why)
{
	char *all = mem_fmt("%s%s;", troubles ? troubles : "",
	    why != NULL ? "trouble" : "well");

	(void)arg;
	free(troubles);
	troubles = all;
}

static void
on_lost(void *arg, size_t rows)
{
	(void)arg;
	lost += rows;
}

static void
on_idle(void *arg)
{
	ev_break(arg, EVBREAK_ALL);
}

static void
on_answer(void *arg, json_t *take_events, const struct err *err)
{
	(void)arg, (void)err;
	js_replace(&answer, take_events);
}

static void
start_history(void)
{
	struct history_options o = { .path = path,
		.keep_sec = KEEP_SEC,
		.rows = 100,
		.trouble = on_trouble,
		.lost = on_lost,
		.idle = on_idle };

	loop = ev_loop_new(EVFLAG_AUTO);
	pools = pools_new(loop, one, NULL);
	o.pool = pools_get(pools, "history");
	o.arg = loop;
	history = history_new(&o);
}

static void
stop_history(void)
{
	pools_free(pools);
	history_free(history);
	ev_loop_destroy(loop);
	js_replace(&answer, NULL);
}

static void
tell(const char *text)
{
	history_event(history, event(clock_wall(), "write", "shop/x", text));
}

START_TEST(questions_see_what_was_told_before)
{
	struct history_query q = { .limit = 10, .answer = on_answer };

	start_history();
	tell("a");
	tell("b");
	ck_assert(history_busy(history));
	history_ask(history, &q);
	tell("c");
	ev_run(loop, 0);
	ck_assert(!history_busy(history));
	ck_assert_uint_eq(js_len(answer), 3);
	ck_assert_str_eq(js_pathstr(answer, "2.text"), "c");
	ck_assert_ptr_null(troubles);
	stop_history();
}
END_TEST

/* As on a full disk: no file may grow. One word when it begins, one when it
 * ends, and the daemon lives. */
START_TEST(a_full_disk_costs_history_only)
{
	struct rlimit none = { 0, RLIM_INFINITY },
		      all = { RLIM_INFINITY, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	start_history();
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	tell("a");
	ev_run(loop, 0);
	ck_assert_ptr_nonnull(history_trouble(history));
	tell("b");
	ev_run(loop, 0);
	ck_assert_uint_eq(lost, 2);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &all), 0);
	ck_assert_str_eq(troubles, "trouble;");
	tell("c");
	ev_run(loop, 0);
	ck_assert_str_eq(troubles, "trouble;well;");
	ck_assert_ptr_null(history_trouble(history));
	ck_assert_uint_eq(lost, 2);
	stop_history();
}
END_TEST

START_TEST(no_directory_costs_history_only)
{
	free(path);
	path = mem_fmt("%s/none/history.db", dir);
	start_history();
	tell("a");
	ev_run(loop, 0);
	ck_assert(strstr(history_trouble(history), "unable to open") != NULL);
	stop_history();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("history");
	TCase *c = tcase_create("history");
	SRunner *sr = srunner_create(s);
	int failed;

	suite_add_tcase(s, c);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, what_was_written_is_found, 0,
	    sizeof(questions) / sizeof(questions[0]));
	tcase_add_test(c, commits_are_named);
	tcase_add_test(c, old_and_many_go);
	tcase_add_test(c, a_damaged_file_is_put_aside);
	tcase_add_test(c, survives_kills);
	tcase_add_test(c, questions_see_what_was_told_before);
	tcase_add_test(c, a_full_disk_costs_history_only);
	tcase_add_test(c, no_directory_costs_history_only);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
