/*
 * Copies between regions: this one asks that one with a URL that we sign.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstanceReadReplica.html
 */

#include "common/aws/exchange.h"
#include "common/base/text.h"

#include <string.h>

#define EXPIRES_SEC 3600

bool
exchange_copies(const struct aws_operation *o)
{
	const struct model_shape *s = model_shape(o->model, o->op->in);

	return s != NULL && model_member(o->model, s, "SourceRegion") &&
	       model_member(o->model, s, "PreSignedUrl");
}

void
exchange_take_source(struct exchange *x, json_t *in)
{
	const char *region = js_str(in, "SourceRegion");

	if (!exchange_copies(&x->op))
		return;
	if (region != NULL && js_get(in, "PreSignedUrl") == NULL &&
	    strcmp(region, x->aws->region) != 0)
		x->source_region = mem_str(region);
	js_del(in, "SourceRegion");
}

/* The same request as a GET there, for the region here. */
static void
add_url(struct exchange *x, const struct endpoint *there, struct buf *url)
{
	auto_free char *query = mem_fmt(
	    "%s&DestinationRegion=%s", x->request.body.data, x->aws->region);
	auto_free char *path = mem_fmt("%s/", there->path);
	auto_buf struct buf presigned = BUF_INIT;
	struct sigv4_signer signer = exchange_signer(x, there->region);
	struct sigv4_request r = { .method = "GET",
		.host = there->host,
		.path = path,
		.query = query,
		.headers = "",
		.body = "" };

	sigv4_presign(&signer, &r, &x->texts, EXPIRES_SEC, &presigned);
	buf_join(
	    url, there->scheme, "://", there->host, path, "?", presigned.data);
}

int
exchange_presign(struct exchange *x, struct err *err)
{
	auto_buf struct buf url = BUF_INIT;
	struct buf *body = &x->request.body;
	struct endpoint there;

	if (x->source_region == NULL)
		return 0;
	if (exchange_endpoint(x, x->source_region, &there, err) == -1)
		return err_wrap(err, "SourceRegion");
	body->len = x->body_len;
	body->data[body->len] = 0;
	add_url(x, &there, &url);
	buf_adds(body, "&PreSignedUrl=");
	text_add_percent(body, url.data, url.len, false);
	return 0;
}
