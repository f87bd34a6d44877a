/* common/intents: what is open survives, whatever happens to its file. */

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/intents/intents.h"
#include "common/intents/intents_file.h"
#include "common/intents/intents_time.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static char dir[] = "/tmp/convergd-intents-XXXXXX";
static char *path;
static struct intent_log *l;
static const struct intents *x;

/* In the place of a disk: counts what reaches it, and may be slow. */
static unsigned syncs, sync_usec;

int
fdatasync(int fd)
{
	(void)fd;
	__atomic_add_fetch(&syncs, 1, __ATOMIC_SEQ_CST);
	usleep(sync_usec);
	return 0;
}

static void
start(void)
{
	l = intent_log_open(path);
	x = intent_log_intents(l);
}

static void
restart(void)
{
	intent_log_close(l);
	start();
}

static void
setup(void)
{
	memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	path = mem_fmt("%s/state/intents", dir);
	start();
}

static void
remove_state(void)
{
	auto_free char *fresh = mem_fmt("%s.new", path);
	auto_free char *state = mem_fmt("%s/state", dir);

	unlink(path);
	rmdir(path);
	unlink(fresh);
	rmdir(state);
}

static void
teardown(void)
{
	intent_log_close(l);
	remove_state();
	rmdir(dir);
	free(path);
}

static void
begin(const char *key, struct intent *ret)
{
	struct err err;

	ck_assert_msg(x->begin(x->arg, key, ret, &err) == 0, "%s", err.msg);
	ck_assert_uint_eq(strlen(ret->generation), 36);
}

static bool
is_open(const char *key)
{
	struct intent found;

	return x->find(x->arg, key, &found);
}

static void
assert_generation(const char *key, const char *want)
{
	struct intent found;

	ck_assert_msg(x->find(x->arg, key, &found), "%s is not open", key);
	ck_assert_str_eq(found.generation, want);
	ck_assert(found.age_sec >= 0 && found.age_sec < 30);
}

START_TEST(what_is_open_survives)
{
	struct intent a, b, again;

	begin("a", &a);
	begin("b", &b);
	ck_assert_str_ne(a.generation, b.generation);
	begin("a", &again); /* a second try is the same object */
	ck_assert_str_eq(a.generation, again.generation);
	restart();
	assert_generation("a", a.generation);
	x->end(x->arg, "a");
	x->end(x->arg, "never begun");
	ck_assert(intent_log_waits(l));
	intent_log_flush(l);
	ck_assert(!intent_log_waits(l));
	restart();
	ck_assert(!is_open("a"));
	assert_generation("b", b.generation);
	begin("a", &again); /* another object, at the same address */
	ck_assert_str_ne(a.generation, again.generation);
}
END_TEST

START_TEST(closing_loses_no_end)
{
	struct intent a;

	begin("a", &a);
	x->end(x->arg, "a");
	restart();
	ck_assert(!is_open("a"));
	ck_assert_uint_eq(intent_log_count(l), 0);
}
END_TEST

/* ---- what may happen to the file ---- */

static void
spoil(off_t at, int whence, const void *bytes, size_t n)
{
	auto_fd int fd = open(path, O_WRONLY);

	ck_assert_int_ne(fd, -1);
	lseek(fd, at, whence);
	ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
}

static const struct spoiling {
	off_t at;
	int whence;
	const char *bytes;
	size_t n;
	bool first; /* the first line is what is lost */
} spoilings[] = {
	{ 0, SEEK_END, "0123abcd {\"begin\":\"c\",\"gen", 27, false },
	{ 0, SEEK_END, "\0\0\0\0\0\0\0\0\0", 9, false },
	{ 0, SEEK_END, "\n\n \n{}\nffffffff {}\n", 19, false },
	{ 30, SEEK_SET, "#", 1, true },
	{ 0, SEEK_SET, "\0\0\0\0", 4, true },
};

START_TEST(what_is_spoilt_counts_for_nothing)
{
	const struct spoiling *s = &spoilings[_i];
	struct intent a, b;

	begin("a", &a);
	begin("b", &b);
	intent_log_close(l);
	spoil(s->at, s->whence, s->bytes, s->n);
	start();
	ck_assert_int_eq(is_open("a"), !s->first);
	assert_generation("b", b.generation);
	restart(); /* what was made of it is whole */
	assert_generation("b", b.generation);
}
END_TEST

START_TEST(a_deleted_directory_is_made_again)
{
	struct intent a, b;

	begin("a", &a);
	remove_state();
	begin("b", &b);
	restart();
	assert_generation("a", a.generation);
	assert_generation("b", b.generation);
	intent_log_close(l);
	remove_state();
	start();
	ck_assert_uint_eq(intent_log_count(l), 0);
}
END_TEST

/* An older copy is put back under us, into the same file. */
START_TEST(an_older_copy_is_written_over)
{
	struct intent a, b;

	begin("a", &a);
	ck_assert_int_eq(truncate(path, 0), 0);
	begin("b", &b);
	restart();
	assert_generation("a", a.generation);
	assert_generation("b", b.generation);
}
END_TEST

START_TEST(the_file_stays_small)
{
	struct intent a, kept;
	struct stat st;
	off_t most = 0;

	begin("kept", &kept);
	for (int i = 0; i < 3000; i++) {
		auto_free char *key = mem_fmt("key %d", i);

		begin(key, &a);
		x->end(x->arg, key);
		ck_assert_int_eq(stat(path, &st), 0);
		most = st.st_size > most ? st.st_size : most;
	}
	ck_assert_int_lt(most, 300 << 10);
	restart();
	assert_generation("kept", kept.generation);
	ck_assert_uint_eq(intent_log_count(l), 1);
}
END_TEST

/* ---- a disk that is full ---- */

static void
limit_files(rlim_t most)
{
	struct rlimit limit = { most, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
assert_trouble(bool want)
{
	auto_free char *why = intent_log_trouble(l);

	ck_assert_msg((why != NULL) == want, "%s", why ? why : "no trouble");
}

START_TEST(a_full_disk_stops_writes_until_there_is_room)
{
	struct intent a, b;
	struct err err;

	begin("a", &a);
	ck_assert_int_eq(x->ready(x->arg, &err), 0);
	limit_files(100);
	ck_assert_int_eq(x->begin(x->arg, "b", &b, &err), -1);
	ck_assert_int_eq(err.kind, ERR_SYSTEM);
	ck_assert(strstr(err.msg, "nothing is written to AWS") != NULL);
	ck_assert(!is_open("b"));
	ck_assert_int_eq(x->ready(x->arg, &err), -1);
	assert_trouble(true);
	limit_files(RLIM_INFINITY);
	ck_assert_int_eq(x->ready(x->arg, &err), 0);
	assert_trouble(false);
	begin("b", &b);
	restart();
	assert_generation("a", a.generation);
	assert_generation("b", b.generation);
}
END_TEST

START_TEST(a_directory_in_its_place_is_a_trouble)
{
	struct intent a;
	struct err err;

	intent_log_close(l);
	unlink(path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	start();
	assert_trouble(true);
	ck_assert_int_eq(x->begin(x->arg, "a", &a, &err), -1);
	ck_assert_int_eq(rmdir(path), 0);
	begin("a", &a);
	assert_trouble(false);
}
END_TEST

/* ---- many workers, and kills ---- */

#define WORKERS 16
#define EACH    40

static void *
work(void *arg)
{
	for (int i = 0; i < EACH; i++) {
		auto_free char *key = mem_fmt("%s/%d", (char *)arg, i);
		struct intent it;
		struct err err;

		must(x->begin(x->arg, key, &it, &err) == 0);
		must(x->ready(x->arg, &err) == 0);
		if (i % 2 == 0)
			x->end(x->arg, key);
	}
	return NULL;
}

START_TEST(many_workers_share_a_sync)
{
	pthread_t threads[WORKERS];
	char names[WORKERS][8];

	syncs = 0;
	sync_usec = 2000;
	for (int i = 0; i < WORKERS; i++) {
		snprintf(names[i], sizeof(names[i]), "w%d", i);
		ck_assert_int_eq(
		    pthread_create(&threads[i], NULL, work, names[i]), 0);
	}
	for (int i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_lt(syncs, WORKERS * EACH / 4);
	ck_assert_uint_eq(intent_log_count(l), WORKERS * EACH / 2);
	restart();
	ck_assert_uint_eq(intent_log_count(l), WORKERS * EACH / 2);
}
END_TEST

/* The child says every key that it has begun, until it is killed. */
static void
begin_for_ever(int fd)
{
	for (int i = 0;; i++) {
		auto_free char *key = mem_fmt("%d", i);
		struct intent it;
		struct err err;

		if (x->begin(x->arg, key, &it, &err) == -1 ||
		    write(fd, &i, sizeof(i)) != sizeof(i))
			_exit(1);
	}
}

START_TEST(survives_kills)
{
	for (int round = 0; round < 10; round++) {
		int fds[2], last = -1;
		pid_t child;

		intent_log_close(l);
		unlink(path);
		ck_assert_int_eq(pipe(fds), 0);
		start();
		child = fork();
		if (child == 0)
			begin_for_ever(fds[1]);
		ck_assert_int_eq(
		    read(fds[0], &last, sizeof(last)), sizeof(last));
		usleep(3000 * (unsigned)round);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		close(fds[1]);
		while (read(fds[0], &last, sizeof(last)) == sizeof(last))
			;
		close(fds[0]);
		restart();
		for (int i = 0; i <= last; i++) {
			auto_free char *key = mem_fmt("%d", i);

			ck_assert_msg(is_open(key), "%s of %d", key, last);
		}
	}
}
END_TEST

/* ---- time ---- */

static const struct past {
	const char *record;
	double want;
} pasts[] = {
	{ "{\"boot\":\"B\",\"up\":90,\"wall\":500}", 10 },
	/* the clock was set while the machine ran: it does not count */
	{ "{\"boot\":\"B\",\"up\":90,\"wall\":5000}", 10 },
	{ "{\"boot\":\"B\",\"up\":90,\"wall\":1}", 10 },
	{ "{\"boot\":\"other\",\"up\":90,\"wall\":970}", 30 },
	{ "{\"boot\":\"other\",\"up\":9999,\"wall\":5000}", 0 },
	{ "{\"boot\":\"\",\"up\":90,\"wall\":970}", 30 },
	{ "{}", 1000 },
};

START_TEST(ages)
{
	struct moment now = { "B", 100, 1000 };
	json_auto_t *record = NULL;
	struct err err;

	ck_assert_int_eq(
	    js_parse(pasts[_i].record, strlen(pasts[_i].record), &record, &err),
	    0);
	ck_assert_double_eq_tol(
	    moment_age(record, &now), pasts[_i].want, 0.001);
}
END_TEST

/* As a machine that was off for a while finds it. */
static void
write_old(const char *key, double sec, double kept)
{
	struct moment then = moment_now("another boot");
	auto_buf struct buf lines = BUF_INIT;
	json_auto_t *line = js_pack("{s:s, s:s, s:f}", "begin", key,
	    "generation", "old-generation-of-36-characters-xxxx", "kept", kept);

	then.wall -= sec;
	moment_put(line, &then);
	intent_file_add_line(&lines, line);
	spoil(0, SEEK_END, lines.data, lines.len);
}

START_TEST(a_generation_does_not_last_for_ever)
{
	struct intent young, old, tried;

	intent_log_close(l);
	write_old("young", INTENT_KEEP_SEC / 2, 0);
	write_old("old", INTENT_KEEP_SEC + 5, 0);
	write_old("tried", 5, INTENT_KEEP_SEC);
	start();
	ck_assert(!is_open("old"));
	ck_assert(is_open("young"));
	begin("young", &young);
	begin("old", &old);
	begin("tried", &tried);
	ck_assert_str_eq(
	    young.generation, "old-generation-of-36-characters-xxxx");
	ck_assert_str_ne(
	    old.generation, "old-generation-of-36-characters-xxxx");
	ck_assert_str_ne(
	    tried.generation, "old-generation-of-36-characters-xxxx");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("intents");
	TCase *t = tcase_create("intents");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, what_is_open_survives);
	tcase_add_test(t, closing_loses_no_end);
	tcase_add_loop_test(
	    t, what_is_spoilt_counts_for_nothing, 0, COUNT(spoilings));
	tcase_add_test(t, a_deleted_directory_is_made_again);
	tcase_add_test(t, an_older_copy_is_written_over);
	tcase_add_test(t, the_file_stays_small);
	tcase_add_test(t, a_full_disk_stops_writes_until_there_is_room);
	tcase_add_test(t, a_directory_in_its_place_is_a_trouble);
	tcase_add_test(t, many_workers_share_a_sync);
	tcase_add_test(t, survives_kills);
	tcase_add_loop_test(t, ages, 0, COUNT(pasts));
	tcase_add_test(t, a_generation_does_not_last_for_ever);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
