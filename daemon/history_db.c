/* Tables, statements and limits of the history: see history_db.h. */

#include "daemon/history_db.h"
#include "common/base/clock.h"
#include "common/base/text.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRIM_EVERY 64 /* transactions */

struct history_db {
	char *path;
	double keep_sec;
	size_t rows;
	sqlite3 *db; /* NULL: not open */
	unsigned writes;
	char *aside; /* see history_db_aside(); or NULL */
};

static void
statement_end(sqlite3_stmt *s)
{
	sqlite3_finalize(s);
}
AUTO_DEFINE(sqlite3_stmt, statement_end)

/* ---- the file ---- */

static const char schema[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA journal_size_limit = 1048576;"
    "CREATE TABLE IF NOT EXISTS events ("
    " id INTEGER PRIMARY KEY, time REAL NOT NULL, kind TEXT NOT NULL,"
    " architecture TEXT, address TEXT, display TEXT, type TEXT, text TEXT,"
    " revision TEXT, request TEXT, seconds REAL, error TEXT);"
    "CREATE INDEX IF NOT EXISTS events_time ON events (time);"
    "CREATE TABLE IF NOT EXISTS revisions ("
    " revision TEXT PRIMARY KEY, author TEXT, time TEXT, subject TEXT);";

static int
sql_error(struct history_db *h, struct err *err)
{
	return err_set(err, ERR_SYSTEM, "%s: %s", h->path,
	    h->db != NULL ? sqlite3_errmsg(h->db) : "out of memory");
}

static void
shut(struct history_db *h)
{
	sqlite3_close_v2(h->db);
	h->db = NULL;
}

static bool
is_damaged(const struct history_db *h)
{
	int code = h->db == NULL ? SQLITE_OK : sqlite3_errcode(h->db) & 0xff;

	return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

/* Whoever wants to know what was in it may look at what is put aside. */
static void
put_aside(struct history_db *h)
{
	static const char *const parts[] = { "-wal", "-shm" };

	free(h->aside);
	h->aside = mem_fmt("%s.damaged", h->path);
	rename(h->path, h->aside);
	for (size_t i = 0; i < 2; i++) {
		auto_free char *part = mem_fmt("%s%s", h->path, parts[i]);

		unlink(part);
	}
}

static int
open_once(struct history_db *h, struct err *err)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
			  SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;

	if (sqlite3_open_v2(h->path, &h->db, flags, NULL) == SQLITE_OK &&
	    sqlite3_busy_timeout(h->db, 2000) == SQLITE_OK &&
	    sqlite3_exec(h->db, schema, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return sql_error(h, err);
}

static int
open_db(struct history_db *h, struct err *err)
{
	bool damaged;

	if (h->db != NULL || open_once(h, err) == 0)
		return 0;
	damaged = is_damaged(h);
	shut(h);
	if (!damaged)
		return -1;
	put_aside(h);
	if (open_once(h, err) == 0)
		return 0;
	shut(h);
	return -1;
}

/* After an error: what is damaged must not be met again and again. */
static int
give_up(struct history_db *h)
{
	bool damaged = is_damaged(h);

	shut(h);
	if (damaged)
		put_aside(h);
	return -1;
}

struct history_db *
history_db_new(const char *path, double keep_sec, size_t rows)
{
	struct history_db *h = mem_of(struct history_db);

	h->path = mem_str(path);
	h->keep_sec = keep_sec;
	h->rows = rows;
	return h;
}

void
history_db_free(struct history_db *h)
{
	if (h == NULL)
		return;
	shut(h);
	free(h->path);
	free(h->aside);
	free(h);
}

char *
history_db_aside(struct history_db *h)
{
	return mem_move(&h->aside);
}

/* ---- writing ---- */

static const char *const event_columns[] = { "time", "kind", "architecture",
	"address", "display", "type", "text", "revision", "request", "seconds",
	"error" };
static const char *const revision_columns[] = { "revision", "author", "time",
	"subject" };

static void
bind(sqlite3_stmt *s, int at, const json_t *value)
{
	if (json_is_string(value))
		sqlite3_bind_text(
		    s, at, json_string_value(value), -1, SQLITE_TRANSIENT);
	else if (json_is_number(value))
		sqlite3_bind_double(s, at, json_number_value(value));
	else
		sqlite3_bind_null(s, at);
}

static int
insert(struct history_db *h, const char *sql, const char *const *columns, int n,
    const json_t *rows, struct err *err)
{
	auto_of(statement_end) sqlite3_stmt *s = NULL;
	const json_t *row;
	size_t i;

	if (sqlite3_prepare_v2(h->db, sql, -1, &s, NULL) != SQLITE_OK)
		return sql_error(h, err);
	js_each (rows, i, row) {
		for (int k = 0; k < n; k++)
			bind(s, k + 1, js_get(row, columns[k]));
		if (sqlite3_step(s) != SQLITE_DONE ||
		    sqlite3_reset(s) != SQLITE_OK)
			return sql_error(h, err);
	}
	return 0;
}

static int
exec(struct history_db *h, const char *sql, struct err *err)
{
	if (sqlite3_exec(h->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return sql_error(h, err);
}

/* The first time, and then now and then: nobody counts on the exact row. */
static int
trim(struct history_db *h, struct err *err)
{
	auto_buf struct buf sql = BUF_INIT;

	if (h->writes++ % TRIM_EVERY != 0)
		return 0;
	buf_addf(&sql,
	    "DELETE FROM events WHERE time < %.0f;"
	    "DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - %zu;"
	    "DELETE FROM revisions WHERE rowid <="
	    " (SELECT max(rowid) FROM revisions) - %zu;",
	    clock_wall() - h->keep_sec, h->rows, h->rows);
	return exec(h, sql.data, err);
}

static int
write_all(struct history_db *h, const json_t *events, const json_t *revisions,
    struct err *err)
{
	static const char event[] = "INSERT INTO events (time, kind,"
				    " architecture, address, display, type,"
				    " text, revision, request, seconds, error)"
				    " VALUES (?,?,?,?,?,?,?,?,?,?,?)";
	static const char revision[] =
	    "INSERT OR IGNORE INTO revisions"
	    " (revision, author, time, subject) VALUES (?,?,?,?)";

	if (exec(h, "BEGIN IMMEDIATE", err) == -1 ||
	    insert(h, event, event_columns, 11, events, err) == -1 ||
	    insert(h, revision, revision_columns, 4, revisions, err) == -1 ||
	    trim(h, err) == -1)
		return -1;
	return exec(h, "COMMIT", err);
}

int
history_db_write(struct history_db *h, const json_t *events,
    const json_t *revisions, struct err *err)
{
	if (open_db(h, err) == -1)
		return -1;
	if (write_all(h, events, revisions, err) == 0)
		return 0;
	return give_up(h);
}

/* ---- reading ---- */

static json_t *
column(sqlite3_stmt *s, int i)
{
	const char *text;

	if (sqlite3_column_type(s, i) == SQLITE_FLOAT ||
	    sqlite3_column_type(s, i) == SQLITE_INTEGER)
		return json_real(sqlite3_column_double(s, i));
	text = (const char *)sqlite3_column_text(s, i);
	return text != NULL && text_is_utf8(text, strlen(text))
		   ? js_new_str(text)
		   : NULL;
}

static int
collect(struct history_db *h, sqlite3_stmt *s, json_t *events, struct err *err)
{
	int rc;

	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		json_t *event = json_object();

		for (int i = 0; i < sqlite3_column_count(s); i++)
			js_set(event, sqlite3_column_name(s, i), column(s, i));
		js_push(events, event);
	}
	return rc == SQLITE_DONE ? 0 : sql_error(h, err);
}

/* "shop" is also what has no address; otherwise whole words of it. */
static const char query[] =
    "SELECT * FROM (SELECT e.id, e.time, e.kind, e.architecture, e.address,"
    " e.display, e.type, e.text, e.revision, e.request, e.seconds, e.error,"
    " r.subject, r.author FROM events e LEFT JOIN revisions r"
    " ON r.revision = e.revision"
    " WHERE (?1 IS NULL OR e.architecture = ?1 OR e.address = ?1"
    "  OR substr(e.address, 1, length(?1) + 1) = ?1 || '/')"
    " AND (?2 IS NULL OR instr(' ' || ?2 || ' ', ' ' || e.kind || ' ') > 0)"
    " ORDER BY e.id DESC LIMIT ?3) ORDER BY id";

static int
read_all(struct history_db *h, const char *below, const char *kinds,
    size_t limit, json_t *events, struct err *err)
{
	auto_of(statement_end) sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(h->db, query, -1, &s, NULL) != SQLITE_OK)
		return sql_error(h, err);
	sqlite3_bind_text(s, 1, below, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 2, kinds, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 3, (sqlite3_int64)limit);
	return collect(h, s, events, err);
}

int
history_db_read(struct history_db *h, const char *below, const char *kinds,
    size_t limit, json_t **ret_events, struct err *err)
{
	json_auto_t *events = json_array();

	if (open_db(h, err) == -1)
		return -1;
	if (read_all(h, below, kinds, limit, events, err) == -1)
		return give_up(h);
	*ret_events = js_move(&events);
	return 0;
}
