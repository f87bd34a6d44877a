/* What passes saw last, in a file: see seen.h. */

#include "daemon/seen.h"
#include "common/base/buf.h"
#include "common/base/file.h"
#include "daemon/replace.h"

#include <stdlib.h>
#include <string.h>

#define MAX_BYTES ((size_t)64 << 20)

struct seen {
	char *path;
	json_t *all; /* {architecture: what it saw} */
};

struct seen *
seen_open(const char *path)
{
	struct seen *s = mem_of(struct seen);
	auto_buf struct buf text = BUF_INIT;
	struct err ignored; /* there is none yet, or it is damaged: no loss */

	s->path = mem_str(path);
	if (file_read(path, MAX_BYTES, &text, &ignored) == 0 &&
	    js_parse(text.data, text.len, &s->all, &ignored) == -1)
		s->all = NULL;
	if (!json_is_object(s->all))
		js_replace(&s->all, json_object());
	return s;
}

void
seen_free(struct seen *s)
{
	if (s == NULL)
		return;
	js_free(s->all);
	free(s->path);
	free(s);
}

const json_t *
seen_get(const struct seen *s, const char *architecture)
{
	return js_get(s->all, architecture);
}

void
seen_keep(struct seen *s, const char *architecture, const json_t *saw)
{
	auto_free char *text = NULL;
	struct err ignored; /* history and orders tell of a full disk */

	if (saw == NULL || js_equal(js_get(s->all, architecture), saw))
		return;
	js_set(s->all, architecture, js_share(saw));
	text = js_dump(s->all);
	file_replace(s->path, text, &ignored);
}
