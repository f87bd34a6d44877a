/* Hides what a URL should not hold: see url.h. */

#include "daemon/url.h"
#include "common/base/text.h"

#include <string.h>

void
url_add_public(struct buf *b, const char *url)
{
	const char *host = strstr(url, "://");
	const char *at, *colon;
	size_t authority;

	if (host == NULL) {
		buf_adds(b, url);
		return;
	}
	host += 3;
	authority = strcspn(host, "/?#");
	at = memrchr(host, '@', authority);
	colon = at == NULL ? NULL : memchr(host, ':', (size_t)(at - host));
	if (at != NULL && (colon != NULL || text_starts(url, "http"))) {
		buf_add(b, url, (size_t)(host - url));
		url = at + 1;
	}
	buf_adds(b, url);
}
