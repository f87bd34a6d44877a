/*
 * Serialisers take no memory per member: a long request costs as many
 * allocations as a short one, but for the buffers that double.
 *
 * The linker sends every allocation of ours here (see the Makefile), jansson
 * is asked to do the same.
 */

#include "common/aws/codec.h"
#include "common/base/mem.h"

#include <check.h>
#include <stdarg.h>
#include <stdlib.h>

#define FEW       10
#define MANY      1000
#define DOUBLINGS 7 /* of one buffer, from few members to many */

static size_t allocations;

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
int __real_vasprintf(char **, const char *, va_list)
    __attribute__((format(printf, 2, 0)));
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
int __wrap_vasprintf(char **, const char *, va_list)
    __attribute__((format(printf, 2, 0)));

void *
__wrap_malloc(size_t n)
{
	allocations++;
	return __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	allocations++;
	return __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	allocations++;
	return __real_realloc(p, n);
}

int
__wrap_vasprintf(char **ret, const char *fmt, va_list ap)
{
	allocations++;
	return __real_vasprintf(ret, fmt, ap);
}

/* ' stands for ", # for the number of the member. */
static const struct row {
	const char *service, *operation, *before, *member, *after;
} rows[] = {
	/* query: a list, a map, scalars of every kind */
	{ "sns", "TagResource", "{'ResourceArn':'a','Tags':[",
	    "{'Key':'k#','Value':'a b/#'}", "]}" },
	{ "sns", "CreateTopic", "{'Name':'t','Attributes':{", "'k#':'v'",
	    "}}" },
	{ "iam", "ListRoles", "{'MaxItems':1,'Marker':'", "#", "'}" },
	{ "elbv2", "RegisterTargets", "{'TargetGroupArn':'a','Targets':[",
	    "{'Id':'i','Port':#}", "]}" },
	/* ec2 */
	{ "ec2", "CreateTags", "{'Resources':['r'],'Tags':[",
	    "{'Key':'k#','Value':'v'}", "]}" },
	{ "ec2", "AuthorizeSecurityGroupIngress",
	    "{'GroupId':'g','IpPermissions':[",
	    "{'IpProtocol':'tcp','FromPort':#,'ToPort':#,"
	    "'IpRanges':[{'CidrIp':'10.0.0.0/8'}]}",
	    "]}" },
	/* json */
	{ "sqs", "SetQueueAttributes", "{'QueueUrl':'u','Attributes':{",
	    "'k#':'a \\\"text\\\"\\n'", "}}" },
	{ "secretsmanager", "TagResource", "{'SecretId':'s','Tags':[",
	    "{'Key':'k#','Value':'v'}", "]}" },
	{ "dynamodb", "PutItem", "{'TableName':'t','Item':{",
	    "'k#':{'L':[{'N':'#'},{'B':'AAAA'},{'BOOL':true}]}", "}}" },
	{ "cloudwatch", "PutMetricData", "{'Namespace':'n','MetricData':[",
	    "{'MetricName':'m','Value':#.5,'Timestamp':'2026-11-22T00:00:00Z',"
	    "'StorageResolution':1}",
	    "]}" },
	/* rest-json: the body, the query */
	{ "lambda", "TagResource", "{'Resource':'r','Tags':{", "'k#':'v'",
	    "}}" },
	{ "apigatewayv2", "UntagResource", "{'ResourceArn':'r','TagKeys':[",
	    "'k #'", "]}" },
	/* rest-xml: the body, headers */
	{ "s3", "DeleteObjects", "{'Bucket':'b','Delete':{'Objects':[",
	    "{'Key':'a&b<#>'}", "]}}" },
	{ "s3", "PutObject", "{'Bucket':'b','Key':'k','Metadata':{", "'k#':'v'",
	    "}}" },
	{ "s3", "GetObjectAttributes",
	    "{'Bucket':'b','Key':'k','ObjectAttributes':[", "'a#'", "]}" },
	{ "route53", "ChangeResourceRecordSets",
	    "{'HostedZoneId':'Z','ChangeBatch':{'Changes':[",
	    "{'Action':'UPSERT','ResourceRecordSet':{'Name':'n#','Type':'A',"
	    "'TTL':60,'ResourceRecords':[{'Value':'10.0.0.1'}]}}",
	    "]}}" },
};

static void
add(struct buf *b, const char *template, size_t i)
{
	for (const char *s = template; *s != 0; s++) {
		if (*s == '#')
			buf_addf(b, "%zu", i);
		else
			buf_addc(b, (char)(*s == '\'' ? '"' : *s));
	}
}

static json_t *
input(const struct row *r, size_t members)
{
	bool is_text = r->member[0] == '#';
	auto_buf struct buf text = BUF_INIT;
	json_t *in = NULL;
	struct err err = { 0 };

	add(&text, r->before, 0);
	for (size_t i = 0; i < members; i++) {
		if (i > 0 && !is_text)
			buf_addc(&text, ',');
		add(&text, r->member, i);
	}
	add(&text, r->after, 0);
	ck_assert_msg(js_parse(text.data, text.len, &in, &err) == 0, "%s: %s",
	    r->operation, err.msg);
	return in;
}

/* How many the request takes; and bytes, for it must be a longer one. */
static size_t
count(const struct row *r, size_t members, size_t *ret_bytes)
{
	static const struct codec_options plain = { .compress = false };
	const struct model *m = &model_builtin;
	struct aws_operation o = { m, model_service(m, r->service), NULL,
		&plain };
	struct aws_request req = AWS_REQUEST_INIT;
	json_auto_t *in = input(r, members);
	struct err err = { 0 };
	int rc;

	ck_assert_ptr_nonnull(o.service);
	o.op = model_op(m, o.service, r->operation);
	ck_assert_msg(o.op != NULL, "%s", r->operation);
	allocations = 0;
	rc = codec_request(&o, in, &req, &err);
	members = allocations;
	ck_assert_msg(rc == 0, "%s: %s", r->operation, err.msg);
	*ret_bytes = req.query.len + req.headers.len + req.body.len;
	aws_request_free(&req);
	return members;
}

START_TEST(no_memory_per_member)
{
	const struct row *r = &rows[_i];
	size_t short_one, long_one, few = count(r, FEW, &short_one),
				    many = count(r, MANY, &long_one);

	ck_assert_uint_ge(few, 1); /* they are counted */
	ck_assert_uint_ge(long_one, short_one + MANY - FEW);
	/* the text itself, and that of one member or header */
	ck_assert_msg(many <= few + 2 * DOUBLINGS,
	    "%s %s: %zu allocations for %d members, %zu for %d", r->service,
	    r->operation, few, FEW, many, MANY);
}
END_TEST

/* Their input is made by jansson, too: it must not escape the count. */
START_TEST(jansson_is_counted)
{
	allocations = 0;
	js_free(json_object());
	ck_assert_uint_ge(allocations, 1);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("codec_memory");
	TCase *t = tcase_create("codec_memory");
	SRunner *r = srunner_create(s);
	int failed;

	json_set_alloc_funcs(__wrap_malloc, free);
	tcase_add_loop_test(t, no_memory_per_member, 0, LEN(rows));
	tcase_add_test(t, jansson_is_counted);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
