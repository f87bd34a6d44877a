/* Repository URLs: see url.h. */

#include "common/source/url.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/text.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *prefix;
	enum url_kind kind;
} schemes[] = {
	{ "file://", URL_LOCAL },
	{ "https://", URL_HTTP },
	{ "http://", URL_HTTP },
	{ "ssh://", URL_SSH },
};

/* Start of the authority: behind "://", or the start of user@host:path. */
static const char *
authority(const char *url)
{
	const char *at = strstr(url, "://");

	return at == NULL ? url : at + 3;
}

char *
url_shown(const char *url)
{
	const char *host = authority(url);
	size_t len = strcspn(host, "/");
	const char *at = NULL;

	if (host == url) /* git@host:path holds no secret, a path neither */
		return mem_str(url);
	for (size_t i = 0; i < len; i++)
		if (host[i] == '@')
			at = host + i;
	if (at == NULL)
		return mem_str(url);
	return mem_fmt("%.*s%s", (int)(host - url), url, at + 1);
}

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == 0 ? NULL : strchr(digits, c | 0x20);

	return at == NULL ? -1 : (int)(at - digits);
}

/* file:///srv/a%20b -> /srv/a b */
static int
file_path(const char *url, char **ret_path, struct err *err)
{
	const char *s = authority(url);
	auto_buf struct buf b = BUF_INIT;

	if (text_starts(s, "localhost/"))
		s += strlen("localhost");
	if (*s != '/')
		return err_set(err, ERR_INPUT,
		    "%s: a file URL has three slashes: file:///srv/x.git", url);
	for (; *s != 0; s++) {
		int high = *s == '%' ? hex_digit(s[1]) : -1;
		int low = high == -1 ? -1 : hex_digit(s[2]);

		if (low != -1)
			s += 2;
		buf_addc(&b, low == -1 ? *s : (char)(high << 4 | low));
	}
	if (strlen(b.data) != b.len)
		return err_set(err, ERR_INPUT, "%s: holds a zero byte", url);
	*ret_path = buf_take(&b);
	return 0;
}

static bool
is_loopback(const char *url)
{
	auto_free char *shown = url_shown(url);
	const char *host = authority(shown);
	size_t len = strcspn(host, ":/");

	if (text_starts(host, "[::1]"))
		return true;
	return (len == 9 && memcmp(host, "localhost", len) == 0) ||
	       (len == 9 && memcmp(host, "127.0.0.1", len) == 0);
}

static int
with_scheme(
    const char *url, enum url_kind *ret, char **ret_path, struct err *err)
{
	auto_free char *shown = url_shown(url);

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (!text_starts(url, schemes[i].prefix))
			continue;
		*ret = schemes[i].kind;
		if (*ret == URL_LOCAL)
			return file_path(url, ret_path, err);
		if (text_starts(url, "http://") && !is_loopback(url))
			return err_set(err, ERR_INPUT,
			    "%s: http is not protected, anyone on the way "
			    "could change the manifests; use https://",
			    shown);
		return 0;
	}
	return err_set(err, ERR_INPUT,
	    "%s: use a path, file://, https://, ssh:// or user@host:path",
	    shown);
}

int
url_parse(const char *url, enum url_kind *ret, char **ret_path, struct err *err)
{
	const char *colon = strchr(url, ':'), *slash = strchr(url, '/');

	*ret_path = NULL;
	if (url[0] == 0)
		return err_set(err, ERR_INPUT, "the source has no URL");
	if (strstr(url, "://") != NULL)
		return with_scheme(url, ret, ret_path, err);
	if (colon != NULL && (slash == NULL || colon < slash)) {
		*ret = URL_SSH;
		return 0;
	}
	*ret = URL_LOCAL;
	*ret_path = mem_str(url);
	return 0;
}

int
url_ssh_port(const char *url)
{
	auto_free char *shown = url_shown(url);
	const char *host = authority(shown);
	const char *end = host + strcspn(host, "/");
	const char *at = host[0] == '[' ? strchr(host, ']') : host;
	const char *colon = at == NULL ? NULL : strchr(at, ':');
	long port;

	if (host == shown || colon == NULL || colon > end)
		return 22; /* user@host:path has no port */
	port = strtol(colon + 1, NULL, 10);
	return port > 0 && port < 65536 ? (int)port : 22;
}
