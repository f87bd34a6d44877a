/* Reading known_hosts: see knownhosts.h. */

#include "common/source/knownhosts.h"
#include "common/base/crypto.h"
#include "common/base/mem.h"
#include "common/base/text.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

/* A piece of the text, not terminated. */
struct span {
	const char *s;
	size_t n;
};

static struct span
take_word(struct span *line)
{
	struct span word;

	while (line->n > 0 && strchr(" \t\r", line->s[0]) != NULL) {
		line->s++;
		line->n--;
	}
	word.s = line->s;
	while (line->n > 0 && strchr(" \t\r", line->s[0]) == NULL) {
		line->s++;
		line->n--;
	}
	word.n = (size_t)(line->s - word.s);
	return word;
}

static bool
is(struct span word, const char *text)
{
	return word.n == strlen(text) && memcmp(word.s, text, word.n) == 0;
}

/* |1|base64 of salt|base64 of HMAC-SHA1(salt, name) */
static bool
hashed_match(struct span hosts, const char *name)
{
	auto_buf struct buf salt = BUF_INIT, want = BUF_INIT;
	const char *s = hosts.s + 3, *end = hosts.s + hosts.n;
	const char *bar = memchr(s, '|', (size_t)(end - s));
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (bar == NULL || crypto_unbase64(s, (size_t)(bar - s), &salt) == -1 ||
	    crypto_unbase64(bar + 1, (size_t)(end - bar - 1), &want) == -1)
		return false;
	must(HMAC(EVP_sha1(), salt.data, (int)salt.len,
		 (const unsigned char *)name, strlen(name), mac, &n) != NULL);
	return want.len == n && memcmp(want.data, mac, n) == 0;
}

/* "a.example,*.b.example,!c.b.example": a refusal wins. */
static bool
patterns_match(struct span hosts, const char *name)
{
	const char *s = hosts.s, *end = hosts.s + hosts.n;
	bool hit = false;

	while (s < end) {
		const char *comma = memchr(s, ',', (size_t)(end - s));
		size_t n = (size_t)((comma == NULL ? end : comma) - s);
		bool refuse = n > 0 && s[0] == '!';
		auto_free char *one = mem_strn(s + refuse, n - refuse);

		if (text_glob(one, name)) {
			if (refuse)
				return false;
			hit = true;
		}
		s += n + 1;
	}
	return hit;
}

static bool
key_is(struct span coded, const void *key, size_t key_len)
{
	auto_buf struct buf raw = BUF_INIT;

	return crypto_unbase64(coded.s, coded.n, &raw) == 0 &&
	       raw.len == key_len && memcmp(raw.data, key, key_len) == 0;
}

static enum known
line_says(struct span line, const char *name, const void *key, size_t key_len)
{
	struct span hosts = take_word(&line), coded;
	bool revoked = is(hosts, "@revoked"), same;

	if (revoked)
		hosts = take_word(&line);
	if (hosts.n == 0 || hosts.s[0] == '#' || hosts.s[0] == '@')
		return KNOWN_NOT;
	if (hosts.n > 3 && memcmp(hosts.s, "|1|", 3) == 0
		? !hashed_match(hosts, name)
		: !patterns_match(hosts, name))
		return KNOWN_NOT;
	take_word(&line); /* the type is in the key as well */
	coded = take_word(&line);
	same = key_is(coded, key, key_len);
	if (revoked)
		return same ? KNOWN_REVOKED : KNOWN_NOT;
	return same ? KNOWN_YES : KNOWN_OTHER;
}

/* As OpenSSH writes it: lower case, with the port only if it is not 22. */
static char *
name_of(const char *host, int port)
{
	char *name = port == 22 ? mem_str(host)
				: mem_fmt("[%s]:%d", host, port);

	for (char *c = name; *c != 0; c++)
		*c = (char)tolower((unsigned char)*c);
	return name;
}

enum known
known_host(const char *text, const char *host, int port, const void *key,
    size_t key_len)
{
	auto_free char *name = name_of(host, port);
	enum known best = KNOWN_NOT;

	while (*text != 0) {
		struct span line = { text, strcspn(text, "\n") };
		enum known one = line_says(line, name, key, key_len);

		if (one > best)
			best = one;
		text += line.n + (text[line.n] == '\n');
	}
	return best;
}
