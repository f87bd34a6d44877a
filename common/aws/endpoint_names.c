/* Labels, hosts, URLs and ARNs of endpoints: see endpoint_impl.h. */

#include "common/aws/endpoint_impl.h"
#include "common/base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

bool
endpoint_is_global(const char *region)
{
	return text_starts(region, "aws") && text_ends(region, "-global");
}

static bool
is_label(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '-')
			return false;
	return n >= 1 && n <= 63 && s[0] != '-' && s[n - 1] != '-';
}

bool
endpoint_is_label(const char *s, bool dots)
{
	size_t n = strcspn(s, ".");

	while (dots && s[n] == '.' && is_label(s, n)) {
		s += n + 1;
		n = strcspn(s, ".");
	}
	return s[n] == 0 && is_label(s, n);
}

bool
endpoint_parse_arn(const char *s, struct arn *ret)
{
	const char **fields[] = { NULL, &ret->partition, &ret->service,
		&ret->region, &ret->account };
	char *rest = ret->text, *field;

	ret->n = 0;
	if (!text_starts(s, "arn:") || strlen(s) >= sizeof(ret->text))
		return false;
	snprintf(ret->text, sizeof(ret->text), "%s", s);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		field = strsep(&rest, ":");
		if (rest == NULL)
			return false;
		if (fields[i] != NULL)
			*fields[i] = field;
	}
	if (*ret->partition == 0 || *ret->service == 0 || *rest == 0)
		return false;
	while (ret->n < ARN_PARTS && rest != NULL)
		ret->part[ret->n++] = strsep(&rest, ":/");
	return true;
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

int
endpoint_from_url(
    const struct endpoint_query *q, struct endpoint *ret, struct err *err)
{
	const char *other = q->set.fips         ? "FIPS"
			    : q->set.dual_stack ? "dual-stack"
						: NULL;

	if (other != NULL)
		return err_set(err, ERR_INPUT,
		    "endpoint URL %s: cannot be a %s endpoint as well; unset "
		    "one of the two",
		    q->url, other);
	return split_url(q->url, ret, err);
}

int
endpoint_from_host(const char *host, struct endpoint *ret, struct err *err)
{
	size_t n = (size_t)snprintf(ret->host, sizeof(ret->host), "%s", host);

	snprintf(ret->scheme, sizeof(ret->scheme), "https");
	return n < sizeof(ret->host)
		   ? 0
		   : err_set(err, ERR_INPUT, "host name is too long");
}

int
endpoint_add_label(const char *label, struct endpoint *ret, struct err *err)
{
	size_t n = strlen(label), old = strlen(ret->host);

	if (n + 1 + old >= sizeof(ret->host))
		return err_set(err, ERR_INPUT, "host name is too long");
	memmove(ret->host + n + 1, ret->host, old + 1);
	memcpy(ret->host, label, n);
	ret->host[n] = '.';
	return 0;
}
