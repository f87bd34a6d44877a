/* Compressed bodies, for operations that take them. */

#include "common/aws/codec_impl.h"
#include "common/base/mem.h"

#include <string.h>
#include <zlib.h>

#define GZIP_WINDOW (15 + 16) /* zlib: the largest window, gzip around it */
#define MEMORY      8

/* The same bytes for the same body: no name and no time go in. */
static void
gzip(const struct buf *from, struct buf *to)
{
	z_stream z = { .next_in = (Bytef *)from->data,
		.avail_in = (uInt)from->len };

	must(deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW,
		 MEMORY, Z_DEFAULT_STRATEGY) == Z_OK);
	buf_reserve(to, deflateBound(&z, from->len));
	z.next_out = (Bytef *)to->data;
	z.avail_out = (uInt)(to->cap - 1);
	must(deflate(&z, Z_FINISH) == Z_STREAM_END);
	to->len = z.total_out;
	to->data[to->len] = 0;
	deflateEnd(&z);
}

/* Behind an encoding that the input named; the order is that of encoding. */
static void
add_encoding(struct buf *headers, const char *name)
{
	static const char key[] = "\nContent-Encoding: ";
	auto_free char *lines = mem_fmt("\n%s", headers->data);
	const char *at = strcasestr(lines, key), *end;

	if (at == NULL) {
		buf_join(headers, key + 1, name, "\n");
		return;
	}
	end = at + 1 + strcspn(at + 1, "\n");
	buf_clear(headers);
	buf_add(headers, lines + 1, (size_t)(end - lines) - 1);
	buf_join(headers, ", ", name, end);
}

void
compress_body(const struct aws_operation *o, struct aws_request *req)
{
	const struct codec_options *options = codec_options(o);
	struct buf packed = BUF_INIT;

	if ((o->op->flags & OP_GZIP) == 0 || !options->compress ||
	    req->body.len == 0 || req->body.len < options->compress_from)
		return;
	gzip(&req->body, &packed);
	buf_free(&req->body);
	req->body = packed;
	add_encoding(&req->headers, "gzip");
}
