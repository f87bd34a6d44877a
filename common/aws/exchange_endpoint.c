/* Where a call goes; buckets that live in another region: see exchange.h. */

#include "common/aws/exchange.h"
#include "common/base/text.h"

#include <stdlib.h>
#include <string.h>

#define MAX_BUCKETS 1024 /* that are remembered */

/* "/bucket/key" without its first segment */
static void
strip_bucket(struct exchange *x)
{
	auto_buf struct buf rest = BUF_INIT;
	const char *p = x->request.path.data + 1;

	p += strcspn(p, "/");
	buf_adds(&rest, *p == 0 ? "/" : p);
	buf_clear(&x->request.path);
	buf_add(&x->request.path, rest.data, rest.len);
	x->stripped = true;
}

/* Where the bucket is, if that is known; NULL: in the client's region. */
static char *
bucket_region(const struct exchange *x)
{
	struct aws *a = x->aws;
	char *region;

	if (x->request.bucket[0] == 0)
		return NULL;
	must(pthread_mutex_lock(&a->lock) == 0);
	region = mem_str(js_str(a->bucket_regions, x->request.bucket));
	must(pthread_mutex_unlock(&a->lock) == 0);
	return region;
}

/* Whose DynamoDB table: that of the ARN, or of the caller. */
static int
name_account(const struct exchange *x, struct endpoint_query *q,
    char account[static 32], struct err *err)
{
	struct aws *a = x->aws;
	const char *table = js_str(x->in, "TableName");

	q->arn = table != NULL ? table : js_str(x->in, "ResourceArn");
	if (q->set.account == ACCOUNT_REQUIRED && q->url == NULL &&
	    a->http != NULL && aws_account(a, account, err) == -1)
		return -1;
	must(pthread_mutex_lock(&a->lock) == 0);
	memcpy(account, a->account, sizeof(a->account));
	must(pthread_mutex_unlock(&a->lock) == 0);
	q->account = *account ? account : NULL;
	return 0;
}

int
exchange_endpoint(const struct exchange *x, const char *region,
    struct endpoint *ret, struct err *err)
{
	const struct aws *a = x->aws;
	char account[32];
	const struct model *m = x->op.model;
	const struct model_service *s = x->op.service;
	auto_buf struct buf url = BUF_INIT;
	bool custom = endpoint_override(a->endpoint_url, a->config, a->profile,
	    model_str(m, s->service_id), &url);
	struct endpoint_query q = { .service = x->service,
		.prefix = model_str(m, s->endpoint_prefix),
		.operation = x->operation,
		.region = region,
		.set = a->endpoints,
		.url = custom ? url.data : NULL,
		.host_prefix = x->request.host_prefix,
		.bucket = x->request.bucket,
		.multi_region = strcmp(x->operation, "PutEvents") == 0
				    ? js_str(x->in, "EndpointId")
				    : NULL };

	if (strcmp(x->service, "dynamodb") == 0 &&
	    name_account(x, &q, account, err) == -1)
		return -1;
	return endpoint_resolve(&q, ret, err) == -1
		   ? -1
		   : endpoint_check_auth(ret, err);
}

/* Only service and region say where it goes, not what is in the request. */
static bool
is_usual(const struct exchange *x)
{
	return x->request.bucket[0] == 0 && x->request.host_prefix[0] == 0 &&
	       !words_has("s3 dynamodb events", x->service);
}

static bool
recall(const struct exchange *x, struct endpoint *ret)
{
	struct aws *a = x->aws;
	const struct endpoint *known;

	must(pthread_mutex_lock(&a->lock) == 0);
	known = a->usual[x->op.service - x->op.model->services];
	must(pthread_mutex_unlock(&a->lock) == 0);
	if (known != NULL)
		*ret = *known;
	return known != NULL;
}

/* The first one stays: who recalls it reads it without the lock. */
static void
keep(const struct exchange *x)
{
	struct aws *a = x->aws;
	struct endpoint **slot, *mine = mem_of(struct endpoint);

	*mine = x->endpoint;
	must(pthread_mutex_lock(&a->lock) == 0);
	slot = &a->usual[x->op.service - x->op.model->services];
	if (*slot == NULL)
		*slot = mem_move(&mine);
	must(pthread_mutex_unlock(&a->lock) == 0);
	free(mine);
}

static int
locate_usual(struct exchange *x, struct err *err)
{
	if (recall(x, &x->endpoint))
		return 0;
	if (exchange_endpoint(x, x->aws->region, &x->endpoint, err) == -1)
		return -1;
	keep(x);
	return 0;
}

int
exchange_locate(struct exchange *x, struct err *err)
{
	auto_free char *elsewhere = bucket_region(x);
	const char *region = elsewhere != NULL ? elsewhere : x->aws->region;

	if (is_usual(x))
		return locate_usual(x, err);
	if (exchange_endpoint(x, region, &x->endpoint, err) == -1)
		return -1;
	if (x->endpoint.bucket_in_host && !x->stripped)
		strip_bucket(x);
	return 0;
}

bool
aws_is_genuine(const struct aws *a, const char *service)
{
	const struct model *m = &model_builtin;
	const struct model_service *s = model_service(m, service);
	auto_buf struct buf url = BUF_INIT;

	return s != NULL && !endpoint_override(a->endpoint_url, a->config,
				a->profile, model_str(m, s->service_id), &url);
}

/* --- the region redirect of S3 ---------------------------------------- */

static const char redirect_codes[] =
    "PermanentRedirect TemporaryRedirect Redirect AuthorizationHeaderMalformed "
    "IllegalLocationConstraintException 301 302 307";

/* A bucket that is to be made belongs into the client's region. */
static bool
is_redirect(const struct exchange *x, const struct err *e)
{
	auto_buf struct buf region = BUF_INIT;

	if (strcmp(x->service, "s3") != 0 || x->request.bucket[0] == 0 ||
	    strcmp(x->operation, "CreateBucket") == 0)
		return false;
	/* an answer to HEAD has no body that could hold a code */
	return words_has(redirect_codes, e->code) ||
	       (x->response.status == 400 &&
		   strcmp(x->request.method, "HEAD") == 0 &&
		   http_header(&x->response, "x-amz-bucket-region", &region));
}

/* The region in header or body, or NULL. */
static char *
named_region(const struct exchange *x)
{
	auto_buf struct buf header = BUF_INIT;
	const char *body = strstr(x->response.body.data, "<Region>");

	if (http_header(&x->response, "x-amz-bucket-region", &header))
		return buf_take(&header);
	if (body == NULL)
		return NULL;
	body += strlen("<Region>");
	return mem_strn(body, strcspn(body, "<"));
}

static void
remember(struct aws *a, const char *bucket, const char *region)
{
	must(pthread_mutex_lock(&a->lock) == 0);
	if (js_len(a->bucket_regions) >= MAX_BUCKETS)
		js_replace(&a->bucket_regions, json_object());
	js_set_str(a->bucket_regions, bucket, region);
	must(pthread_mutex_unlock(&a->lock) == 0);
}

/* Every answer about the bucket names its region, so that of HeadBucket has
 * been remembered when this returns. */
static void
ask_bucket(const struct exchange *x)
{
	json_auto_t *in = js_pack("{s:s}", "Bucket", x->request.bucket);
	struct err ignored;

	if (strcmp(x->operation, "HeadBucket") != 0)
		aws_call(x->aws, "s3", "HeadBucket", in, NULL, &ignored);
}

/* Only a region that we could have been told to use: what is signed must not
 * leave the partition. */
static bool
is_credible(const struct exchange *x, const char *region)
{
	for (const char *p = region; *p != 0; p++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *p) == NULL)
			return false;
	return *region != 0 && strlen(region) < sizeof(x->endpoint.region) &&
	       strcmp(endpoint_partition(region),
		   endpoint_partition(x->aws->region)) == 0;
}

bool
exchange_redirect(struct exchange *x, const struct err *e)
{
	auto_free char *region = NULL;
	struct err ignored;

	if (x->redirected || !is_redirect(x, e))
		return false;
	x->redirected = true;
	region = named_region(x);
	if (region == NULL) {
		ask_bucket(x);
		region = bucket_region(x);
	}
	if (region == NULL || !is_credible(x, region) ||
	    strcmp(region, x->endpoint.region) == 0)
		return false;
	remember(x->aws, x->request.bucket, region);
	x->retry.attempt++;
	x->retry.extra++;
	return exchange_locate(x, &ignored) == 0;
}
