/* One request as curl sees it: see http_call.h. */

#include "common/loop/http_call.h"
#include "common/base/file.h"
#include "common/base/text.h"

#include <string.h>
#include <strings.h>

#define CONNECT_SEC   3.1
#define TOTAL_SEC     60
#define MAX_HEADERS   (256u << 10)
#define IDLE_CONN_SEC 20L
#define STALL_SEC     60L

void
http_response_free(struct http_response *r)
{
	buf_free(&r->headers);
	buf_free(&r->body);
}

/* The value of "Name: value\n" in lines; names in any case. */
static const char *
find_header(const char *lines, const char *name, size_t *ret_len)
{
	size_t n = strlen(name);

	for (const char *s = lines; s != NULL && *s != 0;) {
		size_t len = (size_t)(strchrnul(s, '\n') - s);

		if (len > n && s[n] == ':' && strncasecmp(s, name, n) == 0) {
			size_t skip = n + 1 + strspn(s + n + 1, " \t");

			*ret_len = len - (skip < len ? skip : len);
			return s + skip;
		}
		s += len + (s[len] == '\n');
	}
	return NULL;
}

bool
http_header(const struct http_response *r, const char *name, struct buf *ret)
{
	size_t len;
	const char *value = find_header(r->headers.data, name, &len);

	if (value == NULL)
		return false;
	buf_clear(ret);
	buf_add(ret, value, len);
	return true;
}

/* Host of the URL, for error texts: never the query, which may be signed. */
static int
host_len(const char *url, const char **ret_host)
{
	const char *p = strstr(url, "://");

	*ret_host = p == NULL ? url : p + 3;
	return (int)strcspn(*ret_host, "/?#");
}

int
call_fail(struct call *c, enum err_kind kind, const char *why)
{
	const char *host;
	int n = host_len(c->request->url, &host);

	return err_set(c->err, kind, "%.*s: %s", n, host, why);
}

/* For all that is announced, so that it need not move while it grows. */
static void
make_room(struct call *c)
{
	curl_off_t announced = -1;

	curl_easy_getinfo(
	    c->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
	if (announced > 0 && (size_t)announced <= c->max_body)
		buf_reserve(&c->response->body, (size_t)announced);
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct call *c = arg;
	struct buf *body = &c->response->body;

	if (body->len + size * n > c->max_body) {
		c->too_long = true;
		return 0;
	}
	if (body->len == 0)
		make_room(c);
	buf_add(body, data, size * n);
	return size * n;
}

/* "HTTP/1.1 417 ..." */
static bool
is_status(const char *line, size_t len, const char *code)
{
	const char *blank = memchr(line, ' ', len);

	return blank != NULL && (size_t)(blank - line) + 4 <= len &&
	       memcmp(blank + 1, code, 3) == 0;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Lines arrive one by one; a status line begins a new set (after 100). */
static size_t
on_header(char *data, size_t size, size_t n, void *arg)
{
	struct call *c = arg;
	struct buf *to = &c->response->headers;
	size_t len = size * n;
	const char *colon = memchr(data, ':', len), *value;

	if (to->len + len > MAX_HEADERS) {
		c->too_long = true;
		return 0;
	}
	if (len >= 5 && memcmp(data, "HTTP/", 5) == 0) {
		buf_clear(to);
		c->has_headers = false;
		c->unexpected = is_status(data, len, "417");
	}
	c->has_headers |= *data == '\r' || *data == '\n';
	if (colon == NULL || colon == data)
		return len;
	for (value = colon + 1; value < data + len && is_space(*value);)
		value++;
	while (len > 0 && data + len > value && is_space(data[len - 1]))
		len--;
	text_add_lower(to, data, (size_t)(colon - data));
	buf_add(to, ": ", 2);
	buf_add(to, value, (size_t)(data + len - value));
	buf_addc(to, '\n');
	return size * n;
}

/* The next bytes of the file. The worker that waits left err to us. */
static size_t
on_read(char *to, size_t size, size_t n, void *arg)
{
	struct call *c = arg;
	const struct file *f = c->request->file;
	size_t left = f->len - c->file_at;

	n = size * n < left ? size * n : left;
	if (file_read_at(f, c->file_at, to, n, c->err) == -1) {
		c->broken_file = true;
		return CURL_READFUNC_ABORT;
	}
	c->file_at += n;
	return n;
}

/* Again from the start, after 417. */
static int
on_seek(void *arg, curl_off_t to, int whence)
{
	struct call *c = arg;

	if (whence != SEEK_SET || to < 0)
		return CURL_SEEKFUNC_FAIL;
	c->file_at = (size_t)to;
	return CURL_SEEKFUNC_OK;
}

/*
 * curl would silently send again what died on a reused connection; whether a
 * request may be sent twice is for the caller to decide. What an HTTP/2 server
 * refused unseen goes the same way: curl does not tell the two apart.
 */
static int
on_send(void *arg, char *ip, char *local_ip, int port, int local_port)
{
	struct call *c = arg;

	(void)ip, (void)local_ip, (void)port, (void)local_port;
	return c->started++ == 0 || c->unexpected ? CURL_PREREQFUNC_OK
						  : CURL_PREREQFUNC_ABORT;
}

/*
 * What curl would add by itself unless told "Name:". Every line costs, so it
 * is told only where it would: Content-Type with a body, Expect with a long
 * one (old ones of curl: from 1 KiB on).
 */
enum { ACCEPT, CONTENT_TYPE, EXPECT };
static const struct unwanted {
	const char *name;
	size_t n, from; /* bytes of body */
} unwanted[] = {
	[ACCEPT] = { "Accept:", 7, 0 },
	[CONTENT_TYPE] = { "Content-Type:", 13, 0 },
	[EXPECT] = { "Expect:", 7, 1024 },
};
#define UNWANTED (sizeof(unwanted) / sizeof(unwanted[0]))

/* The bit of the line's name, or 0. */
static unsigned
which(const char *s, size_t n)
{
	for (size_t i = 0; i < UNWANTED; i++)
		if (n >= unwanted[i].n && s[unwanted[i].n - 1] == ':' &&
		    strncasecmp(s, unwanted[i].name, unwanted[i].n) == 0)
			return 1u << i;
	return 0;
}

/* Lines become texts that end in 0; how many there are. */
static size_t
add_line(struct buf *to, const char *s, size_t n)
{
	while (n > 0 && s[n - 1] == ' ')
		n--;
	if (n == 0)
		return 0;
	buf_add(to, s, n);
	/* curl's way to write a header without a value */
	if (s[n - 1] == ':')
		to->data[to->len - 1] = ';';
	buf_addc(to, 0);
	return 1;
}

/* seen: bits of those that are there. */
static size_t
add_unwanted(struct buf *to, const struct http_request *r, unsigned seen)
{
	size_t n = 0, body = r->file != NULL ? r->file->len : r->body_len;

	if (r->expect) /* curl adds it where the body is large enough */
		seen |= 1u << EXPECT;
	for (size_t i = 0; i < UNWANTED; i++) {
		if ((seen & 1u << i) != 0 || body < unwanted[i].from)
			continue;
		buf_add(to, unwanted[i].name, unwanted[i].n + 1);
		n++;
	}
	return n;
}

static size_t
add_lines(struct buf *to, const struct http_request *r)
{
	const char *s = r->headers != NULL ? r->headers : "";
	unsigned seen = 0;
	size_t n = 0;

	buf_reserve(to, strlen(s) + 64);
	while (*s != 0) {
		const char *end = strchrnul(s, '\n');

		seen |= which(s, (size_t)(end - s));
		n += add_line(to, s, (size_t)(end - s));
		s = end + (*end == '\n');
	}
	return n + add_unwanted(to, r, seen);
}

/* The list that curl_slist_append would make, in two pieces of memory. */
void
call_set_headers(struct call *c)
{
	struct curl_slist *node;
	size_t n;
	char *s;

	buf_clear(&c->lines);
	buf_clear(&c->nodes);
	n = add_lines(&c->lines, c->request);
	buf_reserve(&c->nodes, n * sizeof(*node));
	c->headers = node = (struct curl_slist *)(void *)c->nodes.data;
	s = c->lines.data;
	for (size_t i = 0; i < n; i++, node++, s += strlen(s) + 1)
		*node = (struct curl_slist){ s, i + 1 < n ? node + 1 : NULL };
	if (n == 0)
		c->headers = NULL;
}

#define SET(easy, option, value)                                               \
	must(curl_easy_setopt((easy), (option), (value)) == CURLE_OK)

CURL *
call_new_handle(const char *ca_bundle)
{
	CURL *e = curl_easy_init();

	must(e != NULL);
	SET(e, CURLOPT_PATH_AS_IS, 1L);
	SET(e, CURLOPT_PROTOCOLS_STR, "http,https");
	SET(e, CURLOPT_FOLLOWLOCATION, 0L);
	SET(e, CURLOPT_NOSIGNAL, 1L);
	SET(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	SET(e, CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(e, CURLOPT_MAXAGE_CONN, IDLE_CONN_SEC);
	SET(e, CURLOPT_TCP_KEEPALIVE, 1L);
	SET(e, CURLOPT_WRITEFUNCTION, on_body);
	SET(e, CURLOPT_HEADERFUNCTION, on_header);
	SET(e, CURLOPT_READFUNCTION, on_read);
	SET(e, CURLOPT_SEEKFUNCTION, on_seek);
	SET(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(e, CURLOPT_PREREQFUNCTION, on_send);
	if (ca_bundle != NULL)
		SET(e, CURLOPT_CAINFO, ca_bundle);
	return e;
}

static void
set_method(CURL *e, const struct http_request *r)
{
	bool has_body = r->body_len > 0 || strcmp(r->method, "POST") == 0 ||
			strcmp(r->method, "PUT") == 0 ||
			strcmp(r->method, "PATCH") == 0;

	SET(e, CURLOPT_HTTPGET, 1L); /* nothing is left of what was before */
	SET(e, CURLOPT_CUSTOMREQUEST, NULL);
	if (strcmp(r->method, "HEAD") == 0) {
		SET(e, CURLOPT_NOBODY, 1L);
		return;
	}
	if (r->file != NULL) {
		SET(e, CURLOPT_POSTFIELDS, NULL);
		SET(e, CURLOPT_POST, 1L);
		SET(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->file->len);
	} else if (has_body) {
		SET(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
		SET(e, CURLOPT_POSTFIELDS, r->body_len ? r->body : "");
	}
	SET(e, CURLOPT_CUSTOMREQUEST, r->method);
}

double
call_total_sec(const struct call *c)
{
	return c->request->total_sec > 0 ? c->request->total_sec : TOTAL_SEC;
}

static long
msec(double sec)
{
	return (long)(sec * 1000);
}

void
call_set_options(struct call *c)
{
	const struct http_request *r = c->request;
	CURL *e = c->easy;

	SET(e, CURLOPT_CURLU, c->url != NULL ? url_parts(c->url) : NULL);
	if (c->url == NULL)
		SET(e, CURLOPT_URL, r->url);
	SET(e, CURLOPT_CONNECTTIMEOUT_MS,
	    msec(r->connect_sec > 0 ? r->connect_sec : CONNECT_SEC));
	SET(e, CURLOPT_TIMEOUT_MS, msec(call_total_sec(c)));
	SET(e, CURLOPT_LOW_SPEED_TIME, r->stall_sec ? r->stall_sec : STALL_SEC);
	SET(e, CURLOPT_HTTPHEADER, c->headers);
	SET(e, CURLOPT_WRITEDATA, c);
	SET(e, CURLOPT_HEADERDATA, c);
	SET(e, CURLOPT_READDATA, c);
	SET(e, CURLOPT_SEEKDATA, c);
	SET(e, CURLOPT_PREREQDATA, c);
	SET(e, CURLOPT_ERRORBUFFER, c->text);
	SET(e, CURLOPT_PRIVATE, c);
	SET(e, CURLOPT_NOPROXY, r->no_proxy || !c->proxies ? "*" : NULL);
	set_method(e, r);
}

int
call_verdict(struct call *c, CURLcode code)
{
	long status = 0, connects = 0;
	const char *why = c->text[0] ? c->text : curl_easy_strerror(code);

	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c->easy, CURLINFO_NUM_CONNECTS, &connects);
	c->response->status = (int)status;
	c->response->reused = connects == 0;
	if (code == CURLE_OK && c->has_headers)
		return 0;
	if (c->broken_file)
		return err_wrap(c->err, "cannot be sent");
	/* curl is content with a connection that ends there */
	if (code == CURLE_OK)
		why = "the answer breaks off in its headers";
	if (c->too_long)
		why = "the answer is longer than allowed";
	if (code == CURLE_ABORTED_BY_CALLBACK)
		why = "the connection was closed before an answer came";
	return call_fail(c, c->started ? ERR_UNKNOWN : ERR_NETWORK, why);
}
