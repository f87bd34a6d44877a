/* Where requests go: see endpoint.h. */

#include "common/aws/endpoint.h"
#include "common/base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct partition {
	const char *name;
	const char *regions; /* prefixes; "" takes what is left */
	const char *suffix, *dual_suffix;
	const char *global; /* region that global services sign for */
};
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
 * matches counts. Host: %p prefix, %f "-fips" or nothing, %r region, %g the
 * partition's global region, %s suffix (of dual-stack when asked for), %n the
 * plain suffix; NULL: AWS has no such endpoint.
 */
enum { ANY, YES, NO };
struct exception {
	const char *services;
	const char *where; /* partitions or regions; "" everywhere */
	int fips, dual;
	const char *host;
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

	{ "s3", "aws-cn", YES, ANY, NULL, NULL },
	{ "s3", "", ANY, YES, "s3%f.dualstack.%r.%n", NULL },
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

static const struct partition *
partition_of(const char *region)
{
	const struct partition *p = partitions;

	while (!text_starts(region, p->regions))
		p++;
	return p;
}

const char *
endpoint_partition(const char *region)
{
	return partition_of(region)->name;
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
		    wants(e->fips, q->fips) && wants(e->dual, q->dual_stack))
			return e;
}

static const char *
placeholder(const struct endpoint_query *q, const struct partition *p, char c)
{
	const struct {
		char letter;
		const char *text;
	} all[] = {
		{ 'p', q->prefix },
		{ 'f', q->fips ? "-fips" : "" },
		{ 'r', q->region },
		{ 'g', p->global },
		{ 's', q->dual_stack ? p->dual_suffix : p->suffix },
		{ 'n', p->suffix },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].letter == c)
			return all[i].text;
	must(!"a placeholder of the table");
	return "";
}

static void
expand(const struct endpoint_query *q, const struct partition *p,
    const char *template, struct buf *ret)
{
	for (const char *s = template; *s != 0; s++) {
		if (*s == '%')
			buf_adds(ret, placeholder(q, p, *++s));
		else
			buf_addc(ret, *s);
	}
}

static bool
is_label(const char *s)
{
	size_t n = strlen(s);

	for (const char *p = s; *p != 0; p++)
		if (!isalnum((unsigned char)*p) && *p != '-')
			return false;
	return n >= 1 && n <= 63 && s[0] != '-' && s[n - 1] != '-';
}

/* A bucket with dots would not match the certificate: it stays in the path. */
static bool
is_bucket_host(const char *s)
{
	size_t n = strlen(s);

	for (const char *p = s; *p != 0; p++)
		if (!islower((unsigned char)*p) &&
		    !isdigit((unsigned char)*p) && *p != '-')
			return false;
	return n >= 3 && n <= 63 && s[0] != '-' && s[n - 1] != '-';
}

/* S3 names that need what this client does not do. */
static const struct {
	const char *pattern, *what;
} refused_buckets[] = {
	{ "arn:*", "ARNs of access points and Outposts" },
	{ "*--x-s3", "directory buckets" },
	{ "*--xa-s3", "access points of directory buckets" },
	{ "*--op-s3", "Outposts access points" },
	{ "*.mrap", "multi-region access points" },
};

static int
check_bucket(const char *bucket, struct err *err)
{
	size_t n = sizeof(refused_buckets) / sizeof(refused_buckets[0]);

	for (size_t i = 0; i < n; i++)
		if (text_glob(refused_buckets[i].pattern, bucket))
			return err_set(err, ERR_INPUT,
			    "bucket %s: %s are not supported", bucket,
			    refused_buckets[i].what);
	return 0;
}

static bool
has_control(const char *s)
{
	for (; *s != 0; s++)
		if (iscntrl((unsigned char)*s))
			return true;
	return false;
}

/* "https://host:port/path/" into its parts; no query, no user. */
static int
split_url(const char *url, struct endpoint *ret, struct err *err)
{
	const char *host = strstr(url, "://"), *path;
	size_t scheme = host == NULL ? 0 : (size_t)(host - url);
	int n, len;

	if ((scheme != 4 || strncmp(url, "http", 4) != 0) &&
	    (scheme != 5 || strncmp(url, "https", 5) != 0))
		return err_set(err, ERR_INPUT,
		    "endpoint URL %s: must start with http:// or https://",
		    url);
	host += 3;
	path = host + strcspn(host, "/?#");
	len = (int)strlen(path);
	while (len > 0 && path[len - 1] == '/')
		len--;
	if (path == host || strpbrk(host, "?#@ ") != NULL || has_control(host))
		return err_set(err, ERR_INPUT,
		    "endpoint URL %s: only scheme, host, port and path", url);
	n = snprintf(
	    ret->host, sizeof(ret->host), "%.*s", (int)(path - host), host);
	if (n >= (int)sizeof(ret->host) || len >= (int)sizeof(ret->path))
		return err_set(err, ERR_INPUT, "endpoint URL is too long");
	snprintf(ret->scheme, sizeof(ret->scheme), "%.*s", (int)scheme, url);
	snprintf(ret->path, sizeof(ret->path), "%.*s", len, path);
	return 0;
}

static int
custom_host(
    const struct endpoint_query *q, struct endpoint *ret, struct err *err)
{
	if (q->fips || q->dual_stack)
		return err_set(err, ERR_INPUT,
		    "endpoint URL %s: cannot be a %s endpoint as well; unset "
		    "one of the two",
		    q->url, q->fips ? "FIPS" : "dual-stack");
	return split_url(q->url, ret, err);
}

static int
aws_host(const struct endpoint_query *q, const struct exception *e,
    const struct partition *p, struct endpoint *ret, struct err *err)
{
	auto_buf struct buf host = BUF_INIT;

	if (e->host == NULL)
		return err_set(err, ERR_INPUT, "%s has no FIPS endpoint in %s",
		    q->service, q->region);
	if (q->bucket != NULL && is_bucket_host(q->bucket)) {
		buf_addf(&host, "%s.", q->bucket);
		ret->bucket_in_host = true;
	}
	if (q->host_prefix != NULL)
		buf_adds(&host, q->host_prefix);
	expand(q, p, e->host, &host);
	snprintf(ret->scheme, sizeof(ret->scheme), "https");
	if ((size_t)snprintf(ret->host, sizeof(ret->host), "%s", host.data) >=
	    sizeof(ret->host))
		return err_set(err, ERR_INPUT, "host name is too long");
	return 0;
}

int
endpoint_resolve(
    const struct endpoint_query *q, struct endpoint *ret, struct err *err)
{
	const struct partition *p = partition_of(q->region);
	const struct exception *e = find_exception(q, p);
	auto_buf struct buf sign = BUF_INIT;

	memset(ret, 0, sizeof(*ret));
	if (!is_label(q->region))
		return err_set(err, ERR_INPUT,
		    "\"%s\" is not a name of a region", q->region);
	if (q->bucket != NULL && check_bucket(q->bucket, err) == -1)
		return -1;
	expand(q, p, e->sign == NULL ? "%r" : e->sign, &sign);
	snprintf(ret->region, sizeof(ret->region), "%s", sign.data);
	if (q->url != NULL && *q->url != 0)
		return custom_host(q, ret, err);
	return aws_host(q, e, p, ret, err);
}

/* --- overrides -------------------------------------------------------- */

/* "Elastic Load Balancing v2" as the variable and as the section spell it */
static void
spell(const char *service_id, bool upper, struct buf *ret)
{
	for (const char *s = service_id; *s != 0; s++) {
		unsigned char c = (unsigned char)*s;

		buf_addc(ret, c == ' ' || c == '-' ? '_'
			      : upper              ? (char)toupper(c)
						   : (char)tolower(c));
	}
}

static bool
from_env(const char *name, struct buf *ret)
{
	const char *value = getenv(name);

	if (value == NULL || *value == 0)
		return false;
	buf_clear(ret);
	buf_adds(ret, value);
	return true;
}

static bool
is_ignored(const struct config *c, const char *profile)
{
	auto_buf struct buf env = BUF_INIT;
	const char *value = config_get(
	    c, CONFIG_PROFILE, profile, "ignore_configured_endpoint_urls");

	if (from_env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", &env))
		value = env.data;
	return value != NULL && strcasecmp(value, "true") == 0;
}

bool
endpoint_override(const char *setting, const struct config *c,
    const char *profile, const char *service_id, struct buf *ret_url)
{
	auto_buf struct buf name = BUF_INIT, section = BUF_INIT;
	const char *services = config_get(
	    c, CONFIG_PROFILE, profile, "services");
	const char *url = config_get(
	    c, CONFIG_PROFILE, profile, "endpoint_url");

	if (setting != NULL && *setting != 0) {
		buf_clear(ret_url);
		buf_adds(ret_url, setting);
		return true;
	}
	if (is_ignored(c, profile))
		return false;
	buf_adds(&name, "AWS_ENDPOINT_URL_");
	spell(service_id, true, &name);
	spell(service_id, false, &section);
	if (from_env(name.data, ret_url) ||
	    from_env("AWS_ENDPOINT_URL", ret_url))
		return true;
	if (services != NULL && config_get_nested(c, CONFIG_SERVICES, services,
				    section.data, "endpoint_url", ret_url))
		return true;
	if (url == NULL)
		return false;
	buf_clear(ret_url);
	buf_adds(ret_url, url);
	return true;
}
