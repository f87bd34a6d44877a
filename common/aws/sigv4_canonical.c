/* The canonical request, stage 1 of a signature: see sigv4.h. */

#include "common/aws/sigv4.h"
#include "common/base/text.h"

#include <stdlib.h>
#include <string.h>

/* A part of somebody else's text. */
struct slice {
	const char *s;
	size_t n;
};

/* --- path ------------------------------------------------------------- */

static bool
slice_is(struct slice a, const char *text)
{
	return a.n == strlen(text) && memcmp(a.s, text, a.n) == 0;
}

/* Keeps the segments that count; "." and empty ones go, ".." takes one. */
static size_t
path_segments(const char *path, struct slice *segs, bool *ret_slash_at_end)
{
	size_t n = 0;

	*ret_slash_at_end = true;
	for (const char *s = path; *s != 0;) {
		struct slice seg = { s, strcspn(s, "/") };

		s += seg.n + (s[seg.n] == '/');
		*ret_slash_at_end = seg.n == 0 || slice_is(seg, ".") ||
				    slice_is(seg, "..") || s[-1] == '/';
		if (slice_is(seg, ".."))
			n -= n > 0;
		else if (seg.n > 0 && !slice_is(seg, "."))
			segs[n++] = seg;
	}
	return n;
}

static void
add_path(struct buf *b, const char *path, bool as_it_is)
{
	auto_free struct slice *segs = NULL;
	bool slash_at_end;
	size_t n;

	if (as_it_is || strcmp(path, "/") == 0) {
		buf_adds(b, *path ? path : "/");
		return;
	}
	segs = mem_array(struct slice, strlen(path) + 1);
	n = path_segments(path, segs, &slash_at_end);
	for (size_t i = 0; i < n; i++) {
		buf_addc(b, '/');
		text_add_percent(b, segs[i].s, segs[i].n, false);
	}
	if (n == 0 || slash_at_end)
		buf_addc(b, '/');
}

/* --- query ------------------------------------------------------------ */

static int
slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = memcmp(a.s, b.s, n);

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

struct param {
	struct slice key, value;
};

static int
param_cmp(const void *pa, const void *pb)
{
	const struct param *a = pa, *b = pb;
	int c = slice_cmp(a->key, b->key);

	return c != 0 ? c : slice_cmp(a->value, b->value);
}

/* The query is encoded already; this only catches what was left out. */
static void
add_encoded(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.s[i] == '%')
			buf_addc(b, '%');
		else
			text_add_percent(b, s.s + i, 1, false);
	}
}

static size_t
query_params(const char *query, struct param *params)
{
	size_t n = 0;

	for (const char *s = query; *s != 0;) {
		size_t len = strcspn(s, "&"), key = strcspn(s, "=&");

		if (len > 0)
			params[n++] = (struct param){ { s, key },
				{ s + key + (key < len),
				    len - key - (key < len) } };
		s += len + (s[len] == '&');
	}
	return n;
}

static void
add_query(struct buf *b, const char *query)
{
	auto_free struct param *params = NULL;
	size_t n;

	if (*query == 0)
		return;
	params = mem_array(struct param, strlen(query) / 2 + 2);
	n = query_params(query, params);
	qsort(params, n, sizeof(params[0]), param_cmp);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(b, '&');
		add_encoded(b, params[i].key);
		buf_addc(b, '=');
		add_encoded(b, params[i].value);
	}
}

/* --- headers ---------------------------------------------------------- */

/* Proxies and libraries may change these on the way; the last two only tell
 * AWS how we repeat ourselves. */
static const char *const not_signed[] = { "authorization", "user-agent",
	"expect", "connection", "transfer-encoding", "x-amzn-trace-id",
	"amz-sdk-invocation-id", "amz-sdk-request" };

struct header {
	struct slice name, value; /* the name in lower case */
	size_t order;
};

static bool
is_signed(struct slice name)
{
	for (size_t i = 0; i < sizeof(not_signed) / sizeof(*not_signed); i++)
		if (slice_is(name, not_signed[i]))
			return false;
	return true;
}

static int
header_cmp(const void *pa, const void *pb)
{
	const struct header *a = pa, *b = pb;
	int c = slice_cmp(a->name, b->name);

	return c != 0 ? c : (a->order > b->order) - (a->order < b->order);
}

static char *
lower(const char *s)
{
	char *copy = mem_str(s);

	for (char *p = copy; *p != 0; p++)
		*p += *p >= 'A' && *p <= 'Z' ? 'a' - 'A' : 0;
	return copy;
}

/* Blanks at the ends go, several in a row become one. */
static void
add_trimmed(struct buf *b, struct slice v)
{
	size_t start = b->len;

	for (size_t i = 0; i < v.n; i++) {
		bool blank = v.s[i] == ' ' || v.s[i] == '\t';

		if (!blank)
			buf_addc(b, v.s[i]);
		else if (b->len > start && b->data[b->len - 1] != ' ')
			buf_addc(b, ' ');
	}
	if (b->len > start && b->data[b->len - 1] == ' ')
		b->data[--b->len] = 0;
}

/* names: the same text in lower case */
static size_t
split_headers(const char *lines, const char *names, struct header *headers)
{
	size_t n = 0;

	for (const char *s = lines; *s != 0;) {
		const char *end = strchrnul(s, '\n'),
			   *colon = memchr(s, ':', (size_t)(end - s));
		struct slice name = { names + (s - lines),
			colon == NULL ? 0 : (size_t)(colon - s) };

		if (colon != NULL && is_signed(name)) {
			headers[n] = (struct header){ name,
				{ colon + 1, (size_t)(end - colon - 1) }, n };
			n++;
		}
		s = end + (*end == '\n');
	}
	return n;
}

static size_t
count_lines(const char *s)
{
	size_t n = 1;

	for (; *s != 0; s++)
		n += *s == '\n';
	return n;
}

/* Equal names share a line, their values in the order they had. */
static void
add_headers(const struct sigv4_request *r, struct sigv4_texts *t)
{
	const char *lines = r->headers == NULL ? "" : r->headers;
	auto_free char *names = lower(lines);
	auto_free struct header *h = mem_array(
	    struct header, count_lines(lines) + 1);
	size_t n = split_headers(lines, names, h);

	h[n] = (struct header){ { "host", 4 }, { r->host, strlen(r->host) },
		n };
	n++;
	qsort(h, n, sizeof(h[0]), header_cmp);
	for (size_t i = 0; i < n; i++) {
		bool more = i > 0 && slice_cmp(h[i - 1].name, h[i].name) == 0;

		if (i > 0)
			buf_addc(&t->canonical, more ? ',' : '\n');
		if (!more) {
			buf_add(&t->canonical, h[i].name.s, h[i].name.n);
			buf_addc(&t->canonical, ':');
			if (i > 0)
				buf_addc(&t->signed_headers, ';');
			buf_add(&t->signed_headers, h[i].name.s, h[i].name.n);
		}
		add_trimmed(&t->canonical, h[i].value);
	}
	buf_adds(&t->canonical, "\n\n");
}

bool
sigv4_is_s3(const char *service)
{
	return words_has("s3 s3-outposts s3-object-lambda s3express", service);
}

void
sigv4_canonical(const struct sigv4_request *r, const char *service,
    const char *payload_hash, struct sigv4_texts *ret)
{
	struct buf *b = &ret->canonical;

	buf_clear(b);
	buf_reserve(b, 1000);
	buf_clear(&ret->signed_headers);
	buf_adds(b, r->method);
	buf_addc(b, '\n');
	add_path(b, r->path, sigv4_is_s3(service));
	buf_addc(b, '\n');
	add_query(b, r->query == NULL ? "" : r->query);
	buf_addc(b, '\n');
	add_headers(r, ret);
	buf_add(b, ret->signed_headers.data, ret->signed_headers.len);
	buf_addc(b, '\n');
	buf_adds(b, payload_hash);
}
