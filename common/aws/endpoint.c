/* Where requests go: see endpoint.h. */

#include "common/aws/endpoint_impl.h"
#include "common/base/text.h"

#include <stdio.h>
#include <string.h>

static const struct partition partitions[] = {
	{ "aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn",
	    "cn-northwest-1" },
	{ "aws-us-gov", "us-gov-", "amazonaws.com", "api.aws",
	    "us-gov-west-1" },
	{ "aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu",
	    "eusc-de-east-1" },
	{ "aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov",
	    "us-iso-east-1" },
	{ "aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud",
	    "us-isob-east-1" },
	{ "aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk",
	    "eu-isoe-west-1" },
	{ "aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov",
	    "us-isof-south-1" },
	{ "aws", "", "amazonaws.com", "api.aws", "us-east-1" },
};

/*
 * What does not follow PREFIX[-fips].REGION.SUFFIX. The first row that
 * matches counts. S3 has a page of its own.
 */
enum { ANY, YES, NO };
struct exception {
	const char *services;
	const char *where; /* partitions or regions; "" everywhere */
	int fips, dual;
	const char *host; /* a template, see endpoint_expand */
	const char *sign; /* NULL: region; or a template */
};
#define MAINS "aws-eusc aws-iso aws-iso-b aws-iso-e aws-iso-f"
static const struct exception exceptions[] = {
	{ "cloudfront", "aws", ANY, YES, "cloudfront%f.global.%s", "%g" },
	{ "cloudfront", "aws-cn", ANY, NO, "cloudfront%f.cn-northwest-1.%s",
	    "%g" },
	{ "cloudfront", "", ANY, ANY, "cloudfront%f.%s", "%g" },

	{ "iam", "aws", ANY, YES, "iam%f.global.%s", "%g" },
	{ "iam", "aws-us-gov", ANY, ANY, "iam.us-gov.%s", "%g" },
	{ "iam", "aws-cn", NO, NO, "iam.cn-north-1.%s", "cn-north-1" },
	{ "iam", "aws-cn", NO, YES, "iam.global.%s", "cn-north-1" },
	{ "iam", "aws-cn", YES, ANY, "iam-fips.%s", "cn-north-1" },
	{ "iam", "aws-iso aws-iso-b", YES, NO, "iam-fips.%g.%s", "%g" },
	{ "iam", MAINS, NO, NO, "iam.%g.%s", "%g" },
	{ "iam", "", ANY, ANY, "iam%f.%s", "%g" },

	{ "route53", "aws", ANY, YES, "route53%f.global.%s", "%g" },
	{ "route53", "aws-us-gov", ANY, ANY, "route53.us-gov.%s", "%g" },
	{ "route53", "aws-cn aws-eusc", NO, YES, "route53.global.%s", "%g" },
	{ "route53", "", ANY, ANY, "route53%f.%s", "%g" },

	{ "events-global", "", ANY, ANY, "endpoint.events.%s", NULL },
	{ "sts", "aws-global", NO, NO, "sts.%n", "%g" },
	{ "secretsmanager", "aws aws-us-gov", ANY, YES,
	    "secretsmanager%f.%r.%n", NULL },
	{ "secretsmanager", "aws-cn", NO, YES, "secretsmanager.%r.%n", NULL },
	{ "ecr", "", ANY, YES, "ecr%f.%r.%s", NULL },
	{ "stepfunctions", "aws-us-gov", NO, YES, "states-fips.%r.%s", NULL },
	{ "stepfunctions", "us-gov-west-1", YES, NO, "states.%r.%s", NULL },
	{ "cloudwatch events", "aws-us-gov", YES, ANY, "%p.%r.%s", NULL },
	{ "acm application-autoscaling dynamodb ec2 elbv2 logs rds sns sqs sso "
	  "sso-oidc sts",
	    "aws-us-gov", YES, NO, "%p.%r.%s", NULL },
	{ "", "", ANY, ANY, "%p%f.%r.%s", NULL },
};

static bool
is_in(const char *region, const struct partition *p)
{
	size_t n = strlen(p->name);

	return text_starts(region, p->regions) ||
	       (strncmp(region, p->name, n) == 0 &&
		   strcmp(region + n, "-global") == 0);
}

const struct partition *
endpoint_partition_of(const char *region)
{
	const struct partition *p = partitions;

	while (!is_in(region, p))
		p++;
	return p;
}

const char *
endpoint_partition(const char *region)
{
	return endpoint_partition_of(region)->name;
}

static bool
wants(int rule, bool have)
{
	return rule == ANY || (rule == YES) == have;
}

static const struct exception *
find_exception(const struct endpoint_query *q, const struct partition *p)
{
	const struct exception *e = exceptions;

	for (;; e++)
		if ((*e->services == 0 || words_has(e->services, q->service)) &&
		    (*e->where == 0 || words_has(e->where, p->name) ||
			words_has(e->where, q->region)) &&
		    wants(e->fips, q->set.fips) &&
		    wants(e->dual, q->set.dual_stack))
			return e;
}

static const char *
placeholder(const struct endpoint_parts *t, char c)
{
	const struct partition *p = t->partition;
	const struct {
		char letter;
		const char *text;
	} all[] = {
		{ 'p', t->prefix },
		{ 'f', t->fips ? "-fips" : "" },
		{ 'd', t->dual_stack ? ".dualstack" : "" },
		{ 'r', t->region },
		{ 'g', p->global },
		{ 's', t->dual_stack ? p->dual_suffix : p->suffix },
		{ 'n', p->suffix },
		{ 'z', t->zone },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].letter == c)
			return all[i].text;
	must(!"a placeholder of the table");
	return "";
}

void
endpoint_expand(
    const struct endpoint_parts *t, const char *template, struct buf *ret)
{
	for (const char *s = template; *s != 0; s++) {
		if (*s == '%')
			buf_adds(ret, placeholder(t, *++s));
		else
			buf_addc(ret, *s);
	}
}

/* --- services --------------------------------------------------------- */

static int
from_exception(const struct endpoint_query *q, const struct exception *e,
    const struct endpoint_parts *parts, struct endpoint *ret, struct err *err)
{
	auto_buf struct buf host = BUF_INIT;

	if (endpoint_is_global(q->region) && strstr(e->host, "%r") != NULL)
		return err_set(err, ERR_INPUT,
		    "%s has no endpoint in %s: set a region", q->service,
		    q->region);
	if (q->host_prefix != NULL)
		buf_adds(&host, q->host_prefix);
	endpoint_expand(parts, e->host, &host);
	return endpoint_from_host(host.data, ret, err);
}

int
endpoint_plain(
    const struct endpoint_query *q, struct endpoint *ret, struct err *err)
{
	const struct partition *p = endpoint_partition_of(q->region);
	const struct exception *e = find_exception(q, p);
	const struct endpoint_parts parts = { .partition = p,
		.prefix = q->prefix,
		.region = q->region,
		.zone = "",
		.fips = q->set.fips,
		.dual_stack = q->set.dual_stack };
	auto_buf struct buf sign = BUF_INIT;
	/* a URL needs no region */
	bool nowhere = *q->region == 0 || endpoint_is_global(q->region);

	endpoint_expand(&parts,
	    e->sign != NULL ? e->sign
	    : nowhere       ? "%g"
			    : "%r",
	    &sign);
	snprintf(ret->region, sizeof(ret->region), "%s", sign.data);
	return q->url != NULL ? endpoint_from_url(q, ret, err)
			      : from_exception(q, e, &parts, ret, err);
}

/* Services with rules that are no rows. */
static const struct {
	const char *service;
	int (*resolve)(
	    const struct endpoint_query *, struct endpoint *, struct err *);
} pages[] = {
	{ "s3", endpoint_s3 },
	{ "dynamodb", endpoint_dynamodb },
	{ "sts", endpoint_sts },
	{ "events", endpoint_events },
};

int
endpoint_resolve(
    const struct endpoint_query *q, struct endpoint *ret, struct err *err)
{
	struct endpoint_query real = *q;

	memset(ret, 0, sizeof(*ret));
	real.url = q->url != NULL && *q->url != 0 ? q->url : NULL;
	if ((real.url == NULL || *q->region != 0) &&
	    !endpoint_is_label(q->region, false))
		return err_set(err, ERR_INPUT,
		    "\"%s\" is not a name of a region", q->region);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strcmp(pages[i].service, q->service) == 0)
			return pages[i].resolve(&real, ret, err);
	return endpoint_plain(&real, ret, err);
}

int
endpoint_check_auth(const struct endpoint *e, struct err *err)
{
	if (e->auth == AUTH_SIGV4)
		return 0;
	return err_set(err, ERR_INPUT, "%s: %s", e->host,
	    e->auth == AUTH_SIGV4A
		? "endpoints of several regions want requests signed with "
		  "SigV4A, which is not supported; use an endpoint of one "
		  "region"
		: "directory buckets want the keys of a session, which are "
		  "not supported; set s3_disable_express_session_auth to sign "
		  "with SigV4");
}
