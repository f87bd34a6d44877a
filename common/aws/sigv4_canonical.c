/* The canonical request, stage 1 of a signature: see sigv4.h. */

#include "common/aws/sigv4.h"
#include "common/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A part of somebody else's text. */
struct slice {
	const char *s;
	size_t n;
};

/* Room for n of them, over what was there. */
static void *
rows(struct buf *scratch, size_t n, size_t size)
{
	buf_clear(scratch);
	buf_reserve(scratch, n * size);
	return scratch->data;
}

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
add_path(struct buf *b, struct buf *scratch, const char *path, bool as_it_is)
{
	struct slice *segs;
	bool slash_at_end;
	size_t n;

	if (as_it_is || strcmp(path, "/") == 0) {
		buf_adds(b, *path ? path : "/");
		return;
	}
	segs = rows(scratch, strlen(path) + 1, sizeof(*segs));
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
add_query(struct buf *b, struct buf *scratch, const char *query)
{
	struct param *params;
	size_t n;

	if (*query == 0)
		return;
	params = rows(scratch, strlen(query) / 2 + 2, sizeof(*params));
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

#define NAME(s)                                                                \
	{                                                                      \
		s, sizeof(s) - 1                                               \
	}
/* Proxies and libraries may change these on the way; the last three only tell
 * AWS how we repeat ourselves, and how errors are to be named. */
static const struct slice not_signed[] = { NAME("authorization"),
	NAME("user-agent"), NAME("expect"), NAME("connection"),
	NAME("transfer-encoding"), NAME("x-amzn-trace-id"),
	NAME("amz-sdk-invocation-id"), NAME("amz-sdk-request"),
	NAME("x-amzn-query-mode") };

struct header {
	struct slice name, value; /* the name in any case */
};

static bool
is_signed(struct slice name)
{
	for (size_t i = 0; i < sizeof(not_signed) / sizeof(*not_signed); i++)
		if (name.n == not_signed[i].n &&
		    strncasecmp(name.s, not_signed[i].s, name.n) == 0)
			return false;
	return true;
}

static int
name_cmp(struct slice a, struct slice b)
{
	int c = strncasecmp(a.s, b.s, a.n < b.n ? a.n : b.n);

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

/* Behind its equals: there are few, and they come nearly in order. */
static void
insert(struct header *h, size_t n, struct header one)
{
	for (; n > 0 && name_cmp(h[n - 1].name, one.name) > 0; n--)
		h[n] = h[n - 1];
	h[n] = one;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Blanks at the ends go, several in a row become one. */
static void
add_trimmed(struct buf *b, struct slice v)
{
	const char *s = v.s, *end = v.s + v.n, *word;
	size_t start = b->len;

	while (s < end) {
		while (s < end && is_blank(*s))
			s++;
		for (word = s; s < end && !is_blank(*s);)
			s++;
		if (s > word && b->len > start)
			buf_addc(b, ' ');
		buf_add(b, word, (size_t)(s - word));
	}
}

static size_t
sort_headers(const char *lines, struct header *headers)
{
	size_t n = 0;

	for (const char *s = lines; *s != 0;) {
		const char *end = strchrnul(s, '\n'),
			   *colon = memchr(s, ':', (size_t)(end - s));
		struct slice name = { s,
			colon == NULL ? 0 : (size_t)(colon - s) };

		if (colon != NULL && is_signed(name))
			insert(headers, n++,
			    (struct header){ name,
				{ colon + 1, (size_t)(end - colon - 1) } });
		s = end + (*end == '\n');
	}
	return n;
}

static size_t
count_lines(const char *s)
{
	size_t n = 1;

	while ((s = strchr(s, '\n')) != NULL) {
		n++;
		s++;
	}
	return n;
}

static void
add_header(struct sigv4_texts *t, const struct header *h)
{
	struct buf *names = &t->signed_headers;

	if (names->len > 0)
		buf_addc(names, ';');
	text_add_lower(names, h->name.s, h->name.n);
	text_add_lower(&t->canonical, h->name.s, h->name.n);
	buf_addc(&t->canonical, ':');
	add_trimmed(&t->canonical, h->value);
}

/* Equal names share a line, their values in the order they had. */
static void
add_headers(const struct sigv4_request *r, struct sigv4_texts *t)
{
	const char *lines = r->headers == NULL ? "" : r->headers;
	struct header *h = rows(
	    &t->scratch, count_lines(lines) + 1, sizeof(*h));
	size_t n = sort_headers(lines, h);

	insert(h, n++,
	    (struct header){ NAME("host"), { r->host, strlen(r->host) } });
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && name_cmp(h[i - 1].name, h[i].name) == 0) {
			buf_addc(&t->canonical, ',');
			add_trimmed(&t->canonical, h[i].value);
			continue;
		}
		if (i > 0)
			buf_addc(&t->canonical, '\n');
		add_header(t, &h[i]);
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
	buf_join(b, r->method, "\n");
	add_path(b, &ret->scratch, r->path, sigv4_is_s3(service));
	buf_addc(b, '\n');
	add_query(b, &ret->scratch, r->query == NULL ? "" : r->query);
	buf_addc(b, '\n');
	add_headers(r, ret);
	buf_add(b, ret->signed_headers.data, ret->signed_headers.len);
	buf_addc(b, '\n');
	buf_adds(b, payload_hash);
}
