/* Log lines as text, JSON or journal fields: see log.h. */

#define SD_JOURNAL_SUPPRESS_LOCATION

#include "daemon/log.h"
#include "common/base/clock.h"
#include "common/base/js.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/manifest/doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

static const struct {
	const char *word;
	int priority; /* of syslog, for the journal */
} levels[] = {
	[LEVEL_ERROR] = { "error", 3 },
	[LEVEL_WARNING] = { "warning", 4 },
	[LEVEL_INFO] = { "info", 6 },
	[LEVEL_DEBUG] = { "debug", 7 },
};

static const char *const formats[] = {
	[FORMAT_AUTO] = "auto",
	[FORMAT_TEXT] = "text",
	[FORMAT_JSON] = "json",
	[FORMAT_JOURNAL] = "journal",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum log_level
log_level_of(const char *word)
{
	for (size_t i = 0; i < COUNT(levels); i++)
		if (strcmp(levels[i].word, word) == 0)
			return i;
	return LEVEL_INFO;
}

enum log_format
log_format_of(const char *word)
{
	for (size_t i = 0; i < COUNT(formats); i++)
		if (strcmp(formats[i], word) == 0)
			return i;
	return FORMAT_AUTO;
}

/* Is descriptor fd the stream that systemd connected to the journal? */
static bool
is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream != NULL && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	       fstat(fd, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

void
log_init(struct log *log, enum log_level level, enum log_format format)
{
	if (format == FORMAT_AUTO)
		format = is_journal(STDERR_FILENO) ? FORMAT_JOURNAL
			 : isatty(STDERR_FILENO)   ? FORMAT_TEXT
						   : FORMAT_JSON;
	*log = (struct log){ level, format, STDERR_FILENO };
}

/* ---- rendering ---- */

static const char *
short_escape(unsigned char c)
{
	return c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t" : NULL;
}

static void
add_escaped(struct buf *b, unsigned char c)
{
	const char *s = short_escape(c);

	if (s != NULL)
		buf_adds(b, s);
	else
		buf_addf(b, "\\x%02x", c);
}

/* C0, DEL and C1 (U+0080 to U+009F: 0xc2 0x80 to 0xc2 0x9f in UTF-8). */
static size_t
control_len(const unsigned char *s)
{
	if (*s < 0x20 || *s == 0x7f)
		return 1;
	return s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f ? 2 : 0;
}

void
log_clean(struct buf *b, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	bool utf8 = text_is_utf8(text, strlen(text));

	while (*s != 0) {
		size_t n = utf8 || *s < 0x80 ? control_len(s) : 1;

		if (n == 0)
			buf_addc(b, (char)*s++);
		else
			for (; n > 0; n--)
				add_escaped(b, *s++);
	}
}

static const struct log_about nothing;

/* "shop SqsQueue/orders: text" */
static void
add_message(struct buf *b, const struct log_about *about, const char *text)
{
	if (about->architecture != NULL)
		log_clean(b, about->architecture);
	if (about->kind != NULL && about->name != NULL) {
		buf_adds(b, about->architecture != NULL ? " " : "");
		log_clean(b, about->kind);
		buf_addc(b, '/');
		log_clean(b, about->name);
	}
	if (b->len != 0)
		buf_adds(b, ": ");
	log_clean(b, text);
}

static const char *
commit_of(const struct log_about *about)
{
	const char *hex = about->revision == NULL
			      ? NULL
			      : strrchr(about->revision, ':');

	return hex == NULL ? about->revision : hex + 1;
}

static void
set_clean(json_t *line, const char *key, const char *text)
{
	auto_buf struct buf b = BUF_INIT;

	if (text == NULL)
		return;
	if (text_is_utf8(text, strlen(text)))
		buf_adds(&b, text);
	else
		log_clean(&b, text);
	js_set_str(line, key, b.data);
}

static void
render_json(enum log_level level, const struct log_about *about, double wall,
    const char *text, struct buf *ret)
{
	json_auto_t *line = json_object();
	auto_buf struct buf time = BUF_INIT;
	auto_free char *dump = NULL;

	clock_add_iso(&time, wall);
	js_set_str(line, "time", time.data);
	js_set_str(line, "level", levels[level].word);
	set_clean(line, "message", text);
	set_clean(line, "architecture", about->architecture);
	set_clean(line, "kind", about->kind);
	set_clean(line, "name", about->name);
	set_clean(line, "commit", commit_of(about));
	dump = js_dump(line);
	buf_adds(ret, dump);
	buf_addc(ret, '\n');
}

static void
render_text(enum log_level level, const struct log_about *about, double wall,
    const char *text, struct buf *ret)
{
	auto_buf struct buf message = BUF_INIT;

	add_message(&message, about, text);
	clock_add_iso(ret, wall);
	buf_addf(ret, " %-7s %s\n", levels[level].word, message.data);
}

void
log_render(enum log_format format, enum log_level level,
    const struct log_about *about, double wall, const char *text,
    struct buf *ret)
{
	if (about == NULL)
		about = &nothing;
	if (format == FORMAT_JSON)
		render_json(level, about, wall, text, ret);
	else
		render_text(level, about, wall, text, ret);
}

/* ---- the journal ---- */

struct fields {
	struct buf text[6];
	size_t n;
};

static void
add_field(struct fields *f, const char *key, const char *value)
{
	struct buf *b = &f->text[f->n];

	if (value == NULL)
		return;
	must(f->n++ < COUNT(f->text));
	*b = (struct buf)BUF_INIT;
	buf_addf(b, "%s=", key);
	log_clean(b, value);
}

/* False when there is no journal. */
static bool
to_journal(
    enum log_level level, const struct log_about *about, const char *text)
{
	char priority[2] = { (char)('0' + levels[level].priority), 0 };
	auto_buf struct buf message = BUF_INIT;
	struct fields f = { .n = 0 };
	struct iovec iov[COUNT(f.text)];
	bool sent;

	add_message(&message, about, text);
	add_field(&f, "MESSAGE", message.data);
	add_field(&f, "PRIORITY", priority);
	add_field(&f, "ARCHITECTURE", about->architecture);
	add_field(&f, "KIND", about->kind);
	add_field(&f, "NAME", about->name);
	add_field(&f, "COMMIT", commit_of(about));
	for (size_t i = 0; i < f.n; i++)
		iov[i] = (struct iovec){ f.text[i].data, f.text[i].len };
	sent = sd_journal_sendv(iov, (int)f.n) >= 0;
	for (size_t i = 0; i < f.n; i++)
		buf_free(&f.text[i]);
	return sent;
}

static void
to_stream(struct log *log, enum log_level level, const struct log_about *about,
    const char *text)
{
	auto_buf struct buf line = BUF_INIT;

	log_render(log->format, level, about, clock_wall(), text, &line);
	/* A log that cannot be written has nowhere to say so. */
	if (write(log->fd, line.data, line.len) == -1)
		return;
}

void
log_at(struct log *log, enum log_level level, const struct log_about *about,
    const char *fmt, ...)
{
	auto_free char *text = NULL;
	va_list ap;

	if (level > log->level)
		return;
	va_start(ap, fmt);
	must(vasprintf(&text, fmt, ap) != -1);
	va_end(ap);
	if (about == NULL)
		about = &nothing;
	if (log->format != FORMAT_JOURNAL || !to_journal(level, about, text))
		to_stream(log, level, about, text);
}

void
log_error_text(const struct error_at *e, struct buf *ret)
{
	const struct errors one = { (struct error_at *)e, 1 };

	errors_print(&one, ret);
	if (ret->len > 0 && ret->data[ret->len - 1] == '\n')
		ret->data[--ret->len] = 0;
}

void
log_errors(struct log *log, enum log_level level, const struct log_about *about,
    const struct errors *errors)
{
	for (size_t i = 0; i < errors->n; i++) {
		auto_buf struct buf text = BUF_INIT;

		log_error_text(&errors->list[i], &text);
		log_at(log, level, about, "%s", text.data);
	}
}
