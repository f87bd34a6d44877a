/* Failures that repeat: see told.h. */

#include "daemon/told.h"
#include "daemon/log.h"

#include <string.h>

/* The text without what is another one each time: the request id, and numbers
 * ("after 3051 ms"). */
static void
add_failure(struct buf *b, const char *text, const char *id)
{
	const char *at = id == NULL || *id == 0 ? NULL : strstr(text, id);
	auto_buf struct buf raw = BUF_INIT;

	while (*text != 0) {
		if (text == at)
			text += strlen(id);
		else if (strchr("0123456789", *text) != NULL)
			text++;
		else
			buf_addc(&raw, *text++);
	}
	log_clean(b, raw.data);
}

bool
told_again(json_t *told, const struct pass_event *e)
{
	auto_buf struct buf now = BUF_INIT;
	const char *before;

	if (e->address == NULL || e->kind == PASS_DRIFT || e->kind == PASS_WAIT)
		return false;
	if (e->kind != PASS_FAILED) {
		js_del(told, e->address);
		return false;
	}
	add_failure(&now, e->err->msg, e->err->request_id);
	before = js_str(told, e->address);
	if (before != NULL && strcmp(before, now.data) == 0)
		return true;
	js_set_str(told, e->address, now.data);
	return false;
}

bool
told_same(const json_t *a, const json_t *b)
{
	const json_t *const errors[] = { a, b };
	struct buf texts[] = { BUF_INIT, BUF_INIT };
	bool same;

	for (size_t i = 0; i < 2; i++)
		if (js_str(errors[i], "message") != NULL)
			add_failure(&texts[i], js_str(errors[i], "message"),
			    js_str(errors[i], "requestId"));
	same = strcmp(texts[0].data, texts[1].data) == 0;
	buf_free(&texts[0]);
	buf_free(&texts[1]);
	return same;
}
