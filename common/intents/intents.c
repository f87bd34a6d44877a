/* What is open, and who writes it down: see intents.h. */

#include "common/intents/intents.h"
#include "common/base/clock.h"
#include "common/base/crypto.h"
#include "common/base/text.h"
#include "common/intents/intents_file.h"
#include "common/intents/intents_time.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES (256 << 10) /* then the file is made anew */

/*
 * The lock guards everything but the file, which belongs to the thread that
 * has set `writing`. Commits have numbers: `asked` of
 * the newest, `kept` of the newest on the disk, `failed` of the newest that
 * could not be kept.
 */
struct intent_log {
	struct intents face;
	pthread_mutex_t lock;
	pthread_cond_t written;
	json_t *open; /* key -> {"generation", "kept", "boot", "up", "wall"} */
	struct buf waiting; /* lines for the file */
	unsigned long asked, kept, failed;
	bool writing, broken;
	char *trouble; /* or NULL */
	char boot[37];
	struct intent_file file; /* its path does not change */
	struct intent_file_id written_to;
};

static void
lock(struct intent_log *l)
{
	must(pthread_mutex_lock(&l->lock) == 0);
}

static void
unlock(struct intent_log *l)
{
	must(pthread_mutex_unlock(&l->lock) == 0);
}

/* ---- what is open; with the lock ---- */

/* Age of the generation; it was `kept` old when it was begun last. */
static double
generation_age(const json_t *record, const struct moment *now)
{
	return json_number_value(js_get(record, "kept")) +
	       moment_age(record, now);
}

static bool
is_over(const json_t *record, const struct moment *now)
{
	return moment_age(record, now) > INTENT_KEEP_SEC;
}

static void
add_begin(struct buf *lines, const char *key, const json_t *record)
{
	json_auto_t *line = json_object();

	js_set_str(line, "begin", key);
	js_merge(line, record);
	intent_file_add_line(lines, line);
}

static void
add_end(struct buf *lines, const char *key)
{
	json_auto_t *line = js_pack("{s:s}", "end", key);

	intent_file_add_line(lines, line);
}

/* All that is worth keeping, as lines; the rest is forgotten. */
static void
add_all(struct intent_log *l, struct buf *lines)
{
	struct moment now = moment_now(l->boot);
	json_t *all = json_object();
	const char *key;
	json_t *record;

	js_foreach (l->open, key, record) {
		if (is_over(record, &now))
			continue;
		add_begin(lines, key, record);
		js_set(all, key, js_share(record));
	}
	js_replace(&l->open, all);
}

/* ---- writing: the first who comes writes for all who wait ---- */

static int
write_lines(
    struct intent_log *l, bool whole, const struct buf *lines, struct err *err)
{
	if (whole)
		return intent_file_replace(&l->file, lines, err);
	return intent_file_append(&l->file, lines, err);
}

/* Called and left with the lock, which is not held at the disk. */
static void
write_for_all(struct intent_log *l)
{
	auto_buf struct buf lines = BUF_INIT;
	struct err err;
	unsigned long number;
	bool whole;
	int rc;

	l->writing = true;
	unlock(l);
	whole = intent_file_is_strange(&l->file) || l->file.size > MOST_BYTES;
	lock(l);
	whole |= l->broken;
	number = l->asked;
	if (whole)
		add_all(l, &lines);
	else
		buf_add(&lines, l->waiting.data, l->waiting.len);
	buf_clear(&l->waiting);
	unlock(l);
	rc = write_lines(l, whole, &lines, &err);
	lock(l);
	*(rc == 0 ? &l->kept : &l->failed) = number;
	l->broken = rc == -1;
	free(l->trouble);
	l->trouble = rc == 0 ? NULL : mem_str(err.msg);
	l->written_to = l->file.id;
	l->writing = false;
	must(pthread_cond_broadcast(&l->written) == 0);
}

/* Until what was asked for before is on the disk; with the lock. */
static int
commit(struct intent_log *l, struct err *err)
{
	unsigned long number = ++l->asked;

	while (l->kept < number && l->failed < number)
		if (l->writing)
			must(pthread_cond_wait(&l->written, &l->lock) == 0);
		else
			write_for_all(l);
	if (l->kept >= number)
		return 0;
	return err_set(err, ERR_SYSTEM,
	    "nothing is written to AWS while it cannot be written down: %s; "
	    "make room, or make the state directory writable",
	    l->trouble != NULL ? l->trouble : l->file.path);
}

/* ---- the engine's side ---- */

static json_t *
record_new(const struct intent_log *l, const json_t *before)
{
	struct moment now = moment_now(l->boot);
	char fresh[37];
	const char *generation = js_str(before, "generation");
	double kept = before == NULL ? 0 : generation_age(before, &now);
	json_t *record;

	if (generation == NULL || kept > INTENT_KEEP_SEC) {
		crypto_uuid(fresh);
		generation = fresh;
		kept = 0;
	}
	record = js_pack("{s:s, s:f}", "generation", generation, "kept", kept);
	moment_put(record, &now);
	return record;
}

static void
tell(const struct intent_log *l, const json_t *record, struct intent *ret)
{
	const char *generation = js_str(record, "generation");
	struct moment now = moment_now(l->boot);

	memset(ret, 0, sizeof(*ret));
	if (generation != NULL && strlen(generation) < sizeof(ret->generation))
		memcpy(ret->generation, generation, strlen(generation));
	ret->age_sec = moment_age(record, &now);
}

static int
begin(void *arg, const char *key, struct intent *ret, struct err *err)
{
	struct intent_log *l = arg;
	json_auto_t *before = NULL;
	int rc;

	lock(l);
	before = js_share(js_get(l->open, key));
	js_set(l->open, key, record_new(l, before));
	add_begin(&l->waiting, key, js_get(l->open, key));
	rc = commit(l, err);
	if (rc == 0)
		tell(l, js_get(l->open, key), ret);
	else if (before != NULL)
		js_set(l->open, key, js_move(&before));
	else
		js_del(l->open, key);
	unlock(l);
	return rc;
}

/* Would a write succeed? Called and left with the lock, which is not held at
 * the disk. */
static bool
is_sound(struct intent_log *l)
{
	struct intent_file_id id = l->written_to;
	struct err ignored; /* commit() says it */
	bool sound;

	unlock(l);
	sound = intent_file_check(l->file.path, &id, &ignored) == 0;
	lock(l);
	return sound && l->trouble == NULL;
}

static int
ready(void *arg, struct err *err)
{
	struct intent_log *l = arg;
	int rc = 0;

	lock(l);
	if (!is_sound(l))
		rc = commit(l, err);
	unlock(l);
	return rc;
}

static bool
find(void *arg, const char *key, struct intent *ret)
{
	struct intent_log *l = arg;
	struct moment now = moment_now(l->boot);
	const json_t *record;
	bool found;

	lock(l);
	record = js_get(l->open, key);
	found = record != NULL && !is_over(record, &now);
	if (found)
		tell(l, record, ret);
	unlock(l);
	return found;
}

static void
end(void *arg, const char *key)
{
	struct intent_log *l = arg;

	lock(l);
	if (js_get(l->open, key) != NULL) {
		js_del(l->open, key);
		add_end(&l->waiting, key);
	}
	unlock(l);
}

/* ---- life ---- */

static void
take_line(void *arg, const json_t *line)
{
	struct intent_log *l = arg;
	const char *key = js_str(line, "begin");
	json_t *record;

	if (key == NULL) {
		if (js_str(line, "end") != NULL)
			js_del(l->open, js_str(line, "end"));
		return;
	}
	record = js_copy(line);
	js_del(record, "begin");
	js_set(l->open, key, record);
}

struct intent_log *
intent_log_open(const char *path)
{
	struct intent_log *l = mem_of(struct intent_log);
	struct err ignored; /* it is l->trouble */

	l->face = (struct intents){ begin, ready, find, end, l };
	must(pthread_mutex_init(&l->lock, NULL) == 0);
	must(pthread_cond_init(&l->written, NULL) == 0);
	l->waiting = (struct buf)BUF_INIT;
	l->open = json_object();
	moment_boot(l->boot);
	intent_file_init(&l->file, path);
	intent_file_read(&l->file, take_line, l);
	lock(l);
	commit(l, &ignored);
	unlock(l);
	return l;
}

void
intent_log_close(struct intent_log *l)
{
	if (l == NULL)
		return;
	intent_log_flush(l);
	intent_file_fini(&l->file);
	must(pthread_cond_destroy(&l->written) == 0);
	must(pthread_mutex_destroy(&l->lock) == 0);
	js_free(l->open);
	buf_free(&l->waiting);
	free(l->trouble);
	free(l);
}

const struct intents *
intent_log_intents(struct intent_log *l)
{
	return &l->face;
}

char *
intent_log_trouble(struct intent_log *l)
{
	char *why;

	lock(l);
	why = mem_str(l->trouble);
	unlock(l);
	return why;
}

bool
intent_log_waits(struct intent_log *l)
{
	bool waits;

	lock(l);
	waits = l->waiting.len > 0 && !l->writing;
	unlock(l);
	return waits;
}

void
intent_log_flush(struct intent_log *l)
{
	struct err ignored; /* it is l->trouble */

	lock(l);
	if (l->waiting.len > 0)
		commit(l, &ignored);
	unlock(l);
}

size_t
intent_log_count(struct intent_log *l)
{
	size_t n;

	lock(l);
	n = js_len(l->open);
	unlock(l);
	return n;
}
