/*
 * The database file of the history. Worker thread only; all calls block.
 *
 * A handle that met an error is closed, and the file opened again by the
 * next call. A file that is no database, or a damaged one, is put aside
 * (".damaged") and a new one begun.
 */
#ifndef DAEMON_HISTORY_DB_H
#define DAEMON_HISTORY_DB_H

#include <stddef.h>

#include "common/base/err.h"
#include "common/base/js.h"
#include "common/base/mem.h"

struct history_db;

struct history_db *history_db_new(
    const char *path, double keep_sec, size_t rows);
void history_db_free(struct history_db *);
AUTO_DEFINE(struct history_db, history_db_free)

/* One transaction: all of it is on the disk, or nothing. */
int history_db_write(struct history_db *, const json_t *events,
    const json_t *revisions, struct err *);
/* See history_ask(). */
int history_db_read(struct history_db *, const char *below, const char *kinds,
    size_t limit, json_t **ret_events, struct err *);

/* Where a damaged file was put since this was last asked; NULL: there was none.
 * Caller frees. */
char *history_db_aside(struct history_db *);

#endif
