/*
 * The log: one line per outcome, as text, JSON or journal fields.
 *
 * Only the main thread logs: rooms below return errors and tell events, the
 * daemon writes each of them once. Control characters never reach a
 * terminal or break a line. Owner: struct daemon.
 */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include <stdarg.h>

#include "common/base/buf.h"

enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO, LEVEL_DEBUG };

enum log_format { FORMAT_AUTO, FORMAT_TEXT, FORMAT_JSON, FORMAT_JOURNAL };

struct log {
	enum log_level level; /* what is more talkative is left out */
	enum log_format format;
	int fd; /* for text and JSON */
};

/* What a line is about: any may be NULL. */
struct log_about {
	const char *architecture;
	const char *kind, *name;
	const char *revision; /* "main@sha1:<hex>"; COMMIT is its hex */
};

/* Words of the settings file; the first row for what is unknown. */
enum log_level log_level_of(const char *word);
enum log_format log_format_of(const char *word);

/* FORMAT_AUTO becomes journal under systemd, text on a terminal, else JSON. */
void log_init(struct log *, enum log_level, enum log_format);
/* about may be NULL. */
void log_at(struct log *, enum log_level, const struct log_about *,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#define log_error(l, ...)   log_at(l, LEVEL_ERROR, NULL, __VA_ARGS__)
#define log_warning(l, ...) log_at(l, LEVEL_WARNING, NULL, __VA_ARGS__)
#define log_info(l, ...)    log_at(l, LEVEL_INFO, NULL, __VA_ARGS__)
#define log_debug(l, ...)   log_at(l, LEVEL_DEBUG, NULL, __VA_ARGS__)

/* One line of FORMAT_TEXT or FORMAT_JSON with its newline. Pure. */
void log_render(enum log_format, enum log_level, const struct log_about *,
    double wall, const char *text, struct buf *ret);

struct errors;
struct error_at;
/* Every one as a line of its own, "file:line:col: text". */
void log_errors(struct log *, enum log_level, const struct log_about *,
    const struct errors *);
/* One of them, without the end of the line. */
void log_error_text(const struct error_at *, struct buf *ret);

/* Appends text as one line of valid UTF-8 without control characters. */
void log_clean(struct buf *, const char *text);

#endif
