/* Credentials of a task or a pod: the endpoint that ECS and EKS provide. */

#include "common/aws/provider_impl.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define HOST        "http://169.254.170.2"
#define TIMEOUT_SEC 2.0
#define ATTEMPTS    3

static const char *
env(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || *value == 0 ? NULL : value;
}

/* Without a port and brackets; NULL if the URL has a user or is malformed. */
static char *
host_of(const char *rest)
{
	size_t n = strcspn(rest, "/?#\\");
	const char *end;

	if (memchr(rest, '@', n) != NULL)
		return NULL;
	if (*rest == '[') {
		end = memchr(rest, ']', n);
		return end == NULL
			   ? NULL
			   : mem_strn(rest + 1, (size_t)(end - rest) - 1);
	}
	end = memchr(rest, ':', n);
	return mem_strn(rest, end == NULL ? n : (size_t)(end - rest));
}

/* The token of the pod and the keys themselves travel in clear text. */
static bool
is_near(const char *host)
{
	static const char *const known[] = { "169.254.170.2", "169.254.170.23",
		"fd00:ec2::23", "::1", "localhost" };
	struct in_addr v4;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcasecmp(host, known[i]) == 0)
			return true;
	return inet_pton(AF_INET, host, &v4) == 1 &&
	       ntohl(v4.s_addr) >> 24 == 127;
}

bool
provider_container_url(const char *url)
{
	bool plain = strncasecmp(url, "http://", 7) == 0;
	auto_free char *host = NULL;

	if (!plain && strncasecmp(url, "https://", 8) != 0)
		return false;
	host = host_of(url + (plain ? 7 : 8));
	return host != NULL && *host != 0 && (!plain || is_near(host));
}

/* The header of the request. The file is replaced while we run. */
static int
authorization(struct buf *ret, struct err *err)
{
	const char *file = env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *given = env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
	auto_buf struct buf token = BUF_INIT;
	bool bad;

	if (file != NULL && provider_read_file(file, &token, err) == -1)
		return -1;
	if (file == NULL && given != NULL)
		buf_adds(&token, given);
	bad = strpbrk(token.data, "\r\n") != NULL;
	if (token.len > 0 && !bad)
		buf_addf(ret, "Authorization: %s\n", token.data);
	mem_wipe(token.data, token.len);
	return bad ? err_set(err, ERR_AUTH, "the token is more than a line")
		   : 0;
}

static int
ask(const struct provider_query *q, const char *url, struct secret *ret,
    struct err *err)
{
	auto_buf struct buf headers = BUF_INIT;
	struct provider_request r = { "GET", url, NULL, TIMEOUT_SEC, ATTEMPTS };
	struct http_response answer = HTTP_RESPONSE_INIT;
	int rc;

	if (q->settings->http == NULL)
		return err_set(err, ERR_AUTH, "there is no network");
	buf_adds(&headers, "Accept: application/json\n");
	rc = authorization(&headers, err);
	r.headers = headers.data;
	if (rc == 0)
		rc = provider_ask(q, &r, &answer, err);
	if (rc == 0 && answer.status != 200)
		rc = err_set(err, ERR_AUTH, "HTTP %d", answer.status);
	else if (rc == 0)
		rc = provider_answered(&answer, ret, err);
	mem_wipe(headers.data, headers.len);
	http_response_free(&answer);
	return rc;
}

enum provider_answer
provider_container(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	const char *relative = env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	auto_free char *url = NULL;

	if (relative == NULL && full == NULL)
		return PROVIDER_NONE;
	url = relative != NULL
		  ? mem_fmt(HOST "%s%s", *relative == '/' ? "" : "/", relative)
		  : mem_str(full);
	if (!provider_container_url(url))
		return err_set(err, ERR_AUTH,
		    "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or the "
		    "address of this host or of the metadata service");
	if (ask(q, url, ret, err) == -1)
		return err_wrap(err, "container credentials");
	return PROVIDER_OK;
}
