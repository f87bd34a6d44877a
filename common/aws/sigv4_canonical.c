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
	auto_free struct slice *segs = mem_array(
	    struct slice, strlen(path) + 1);
	bool slash_at_end;
	size_t n;

	if (as_it_is) {
		buf_adds(b, *path ? path : "/");
		return;
	}
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
	auto_free struct param *params = mem_array(
	    struct param, strlen(query) / 2 + 2);
	size_t n = query_params(query, params);

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

/* Proxies and libraries may change these on the way. */
static const char not_signed[] = "authorization user-agent expect connection "
				 "transfer-encoding x-amzn-trace-id";

struct header {
	char *name; /* lower case */
	struct slice value;
	size_t order;
};

static int
header_cmp(const void *pa, const void *pb)
{
	const struct header *a = pa, *b = pb;
	int c = strcmp(a->name, b->name);

	return c != 0 ? c : (a->order > b->order) - (a->order < b->order);
}

static char *
lower(const char *s, size_t n)
{
	char *copy = mem_strn(s, n);

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

static size_t
split_headers(const char *lines, struct header *headers)
{
	size_t n = 0;

	for (const char *s = lines; *s != 0;) {
		size_t len = strcspn(s, "\n"), name = strcspn(s, ":\n");

		if (name < len) {
			headers[n] = (struct header){ lower(s, name),
				{ s + name + 1, len - name - 1 }, n };
			n++;
		}
		s += len + (s[len] == '\n');
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
	auto_free struct header *h = mem_array(
	    struct header, count_lines(lines) + 1);
	size_t n = split_headers(lines, h);
	const char *last = NULL;

	h[n] = (struct header){ mem_str("host"), { r->host, strlen(r->host) },
		n };
	n++;
	qsort(h, n, sizeof(h[0]), header_cmp);
	for (size_t i = 0; i < n; i++) {
		bool more = last != NULL && strcmp(last, h[i].name) == 0;

		if (words_has(not_signed, h[i].name))
			continue;
		if (last != NULL)
			buf_addc(&t->canonical, more ? ',' : '\n');
		if (!more) {
			buf_adds(&t->canonical, h[i].name);
			buf_addc(&t->canonical, ':');
			if (t->signed_headers.len > 0)
				buf_addc(&t->signed_headers, ';');
			buf_adds(&t->signed_headers, h[i].name);
		}
		add_trimmed(&t->canonical, h[i].value);
		last = h[i].name;
	}
	buf_adds(&t->canonical, "\n\n");
	for (size_t i = 0; i < n; i++)
		free(h[i].name);
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
