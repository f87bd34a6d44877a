/* Words, units, suggestions and encodings: see text.h. */

#include "common/base/text.h"
#include "common/base/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	int64_t worth;
};

static const struct unit durations[] = {
	{ "d", 86400 },
	{ "h", 3600 },
	{ "m", 60 },
	{ "s", 1 },
	{ NULL, 0 },
};

static const struct unit sizes[] = {
	{ "TiB", INT64_C(1) << 40 },
	{ "GiB", INT64_C(1) << 30 },
	{ "MiB", INT64_C(1) << 20 },
	{ "KiB", INT64_C(1) << 10 },
	{ "B", 1 },
	{ NULL, 0 },
};

const char *
words_next(const char *list, size_t *ret_n)
{
	list += strspn(list, " ");
	*ret_n = strcspn(list, " ");
	return *ret_n == 0 ? NULL : list;
}

bool
words_has(const char *list, const char *word)
{
	size_t n = strlen(word);

	if (n == 0 || strchr(word, ' ') != NULL)
		return false;
	for (const char *w = list; (w = strstr(w, word)) != NULL; w += n)
		if ((w == list || w[-1] == ' ') && (w[n] == ' ' || w[n] == 0))
			return true;
	return false;
}

/* One "<digits><unit>" at *s; moves *s behind it. NULL if it is none. */
static const struct unit *
take_amount(const struct unit *units, const char **s, int64_t *ret_amount)
{
	size_t digits = strspn(*s, "0123456789");
	const char *name = *s + digits;
	size_t len = strcspn(name, "0123456789");
	int64_t n = 0;

	if (digits == 0 || digits > 18)
		return NULL;
	for (size_t i = 0; i < digits; i++)
		n = n * 10 + ((*s)[i] - '0');
	for (const struct unit *u = units; u->name != NULL; u++) {
		if (strlen(u->name) != len || memcmp(u->name, name, len) != 0)
			continue;
		if (__builtin_mul_overflow(n, u->worth, ret_amount))
			return NULL;
		*s = name + len;
		return u;
	}
	return NULL;
}

bool
text_duration(const char *s, int64_t *ret_sec)
{
	const struct unit *u = NULL, *last = NULL;
	int64_t sum = 0, part = 0;

	while (*s != 0) {
		u = take_amount(durations, &s, &part);
		/* each unit once, from large to small */
		if (u == NULL || (last != NULL && u <= last) ||
		    __builtin_add_overflow(sum, part, &sum))
			return false;
		last = u;
	}
	if (u == NULL)
		return false;
	*ret_sec = sum;
	return true;
}

void
text_add_duration(struct buf *b, int64_t sec)
{
	if (sec < 0)
		buf_addc(b, '-');
	uint64_t left = sec < 0 ? -(uint64_t)sec : (uint64_t)sec;

	if (left == 0)
		buf_adds(b, "0s");
	for (const struct unit *u = durations; u->name != NULL; u++) {
		uint64_t worth = (uint64_t)u->worth;

		if (left < worth)
			continue;
		buf_addf(b, "%" PRIu64 "%s", left / worth, u->name);
		left %= worth;
	}
}

bool
text_size(const char *s, int64_t *ret_bytes)
{
	int64_t n;

	if (take_amount(sizes, &s, &n) == NULL || *s != 0)
		return false;
	*ret_bytes = n;
	return true;
}

void
text_add_size(struct buf *b, int64_t bytes)
{
	const struct unit *u = sizes;

	/* the largest unit that is exact, so that it reads back the same */
	while (u->worth > 1 && (bytes == 0 || bytes % u->worth != 0))
		u++;
	buf_addf(b, "%" PRId64 "%s", bytes / u->worth, u->name);
}

int
text_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool
text_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
text_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), want = strlen(suffix);

	return n >= want && memcmp(s + n - want, suffix, want) == 0;
}

bool
text_glob(const char *pattern, const char *s)
{
	const char *star = NULL, *retry = NULL;

	/* Only the last star can matter, so this never explodes. */
	while (*s != 0) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = s;
		} else if (*pattern == '?' || *pattern == *s) {
			pattern++;
			s++;
		} else if (star != NULL) {
			pattern = star;
			s = ++retry;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == 0;
}

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Three rows of the table are alive: i-2, i-1 and i. */
static void
distance_row(const char *a, size_t i, const char *b, size_t nb,
    const size_t *row2, const size_t *row1, size_t *row)
{
	row[0] = i;
	for (size_t j = 1; j <= nb; j++) {
		size_t other = a[i - 1] != b[j - 1];

		row[j] = min3(row1[j] + 1, row[j - 1] + 1, row1[j - 1] + other);
		if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
		    a[i - 2] == b[j - 1] && row2[j - 2] + 1 < row[j])
			row[j] = row2[j - 2] + 1;
	}
}

size_t
text_distance(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b), width = nb + 1;
	auto_free size_t *rows = mem_array(size_t, 3 * width);

	for (size_t j = 0; j <= nb; j++)
		rows[j] = j;
	for (size_t i = 1; i <= na; i++)
		distance_row(a, i, b, nb, rows + (i + 1) % 3 * width,
		    rows + (i - 1) % 3 * width, rows + i % 3 * width);
	return rows[na % 3 * width + nb];
}

void
text_nearest(struct nearest *n, const char *wanted, const char *candidate)
{
	size_t len = strlen(wanted), d;

	if (len > 256 || strlen(candidate) > 256)
		return; /* nobody mistypes that; bounds the work */
	d = text_distance(wanted, candidate);
	/* one edit in a short word, one in three letters of a longer one */
	if (d > (len < 3 ? 1 : (len + 1) / 3) || d >= len + (len == 0))
		return;
	if (n->best != NULL && n->distance <= d)
		return;
	n->best = candidate;
	n->distance = d;
}

/* Bytes of the sequence that starts at s, 0 if it is no good one. */
static size_t
utf8_one(const unsigned char *s, size_t left)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80         ? 1
		   : (s[0] >> 5) == 6  ? 2
		   : (s[0] >> 4) == 14 ? 3
		   : (s[0] >> 3) == 30 ? 4
				       : 0;
	uint32_t point = n == 1 ? s[0] : s[0] & (0x7fU >> n);

	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] >> 6) != 2)
			return 0;
		point = point << 6 | (s[i] & 0x3fU);
	}
	if (point < least[n] || point > 0x10ffff || point >> 11 == 0x1b)
		return 0; /* overlong, out of range, or half a surrogate */
	return n;
}

/* Most text is ASCII. */
static inline bool
ascii_eight(const char *s, size_t left)
{
	uint64_t w;

	if (left < sizeof(w))
		return false;
	memcpy(&w, s, sizeof(w));
	return (w & TEXT_EACH(0x80)) == 0;
}

bool
text_is_utf8(const char *s, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = ascii_eight(s + i, len - i) ? 8
		    : (signed char)s[i] >= 0
			? 1
			: utf8_one((const unsigned char *)s + i, len - i);
		if (n == 0)
			return false;
	}
	return true;
}

void
text_add_utf8(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_addc(b, (char)c);
		return;
	}
	if (c < 0x800) {
		buf_addc(b, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buf_addc(b, (char)(0xe0 | c >> 12));
		} else {
			buf_addc(b, (char)(0xf0 | c >> 18));
			buf_addc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	buf_addc(b, (char)(0x80 | (c & 0x3f)));
}

/* Adding sets the high bit of a byte from 'A' on, or behind 'Z'. */
static inline uint64_t
lower_eight(uint64_t w)
{
	uint64_t low = w & TEXT_EACH(0x7f),
		 from_a = low + TEXT_EACH(0x80 - 'A'),
		 behind_z = low + TEXT_EACH(0x7f - 'Z');

	return w | (from_a & ~behind_z & ~w & TEXT_EACH(0x80)) >> 2;
}

void
text_add_lower(struct buf *b, const char *s, size_t n)
{
	char *to;
	uint64_t w;

	buf_reserve(b, n);
	to = b->data + b->len;
	b->len += n;
	for (; n >= sizeof(w); n -= sizeof(w)) {
		memcpy(&w, s, sizeof(w));
		w = lower_eight(w);
		memcpy(to, &w, sizeof(w));
		s += sizeof(w);
		to += sizeof(w);
	}
	for (; n > 0; n--, s++)
		*to++ = (char)(*s >= 'A' && *s <= 'Z' ? *s | 0x20 : *s);
	*to = 0;
}

static const bool unreserved[256] = { ['A' ... 'Z'] = true,
	['a' ... 'z'] = true,
	['0' ... '9'] = true,
	['-'] = true,
	['.'] = true,
	['_'] = true,
	['~'] = true };

static void
add_escape(struct buf *b, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char text[] = { '%', digits[c >> 4], digits[c & 15] };

	buf_add(b, text, sizeof(text));
}

void
text_add_percent(struct buf *b, const char *s, size_t n, bool keep_slash)
{
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (unreserved[c] || (keep_slash && c == '/'))
			continue;
		buf_add(b, s + from, i - from);
		add_escape(b, c);
		from = i + 1;
	}
	buf_add(b, s + from, n - from);
}
