/* Fuzzer: our reader of JSON answers against jansson's: the same verdict, the
 * same value. */

#include "common/base/buf.h"
#include "common/base/js.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define OUR_DEPTH 512 /* jansson's is 2048 */

/* Brackets of any kind bound the depth. */
static size_t
brackets(const struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->len; i++)
		n += b->data[i] == '[' || b->data[i] == '{';
	return n;
}

static void
same(const struct buf *b, const json_t *ours)
{
	json_error_t e;
	json_auto_t *theirs = json_loadb(
	    b->data, b->len, JSON_ALLOW_NUL | JSON_DECODE_ANY, &e);

	if ((ours == NULL) != (theirs == NULL) || !js_equal(ours, theirs))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_buf struct buf b = BUF_INIT;
	json_auto_t *x = NULL;
	struct err err = { 0 };
	int rc;

	buf_add(&b, data, size);
	rc = js_read(&b, &x, &err);
	if ((rc == 0) != (x != NULL) ||
	    (rc == -1 && (err.kind != ERR_UNKNOWN || err.msg[0] == 0)))
		abort();
	/* jansson takes a zero byte behind a number for a blank */
	if (memchr(b.data, 0, b.len) != NULL) {
		if (rc == 0)
			abort();
	} else if (brackets(&b) <= OUR_DEPTH) {
		same(&b, x);
	}
	return 0;
}
