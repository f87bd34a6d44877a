/* The published suite of Signature Version 4, stage by stage. */

#include "common/aws/sigv4.h"
#include "common/base/crypto.h"
#include "tests/conformance/conformance.h"

#include <dirent.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct sigv4_signer signer = {
	.access_key = "AKIDEXAMPLE",
	.secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
	.region = "us-east-1",
	.service = "service",
	.when = 1440938160, /* 20150830T123600Z */
};

struct parsed {
	struct buf method, host, path, query, headers, body;
};

/* Query parameters arrive percent-encoded as codecs write them. */
static void
parse_first_line(const char *line, size_t len, struct parsed *p)
{
	const char *target = memchr(line, ' ', len) + 1;
	const char *end = line + len - strlen(" HTTP/1.1");
	const char *q = memchr(target, '?', (size_t)(end - target));

	buf_add(&p->method, line, (size_t)(target - 1 - line));
	buf_add(&p->path, target, (size_t)((q ? q : end) - target));
	if (q != NULL)
		buf_add(&p->query, q + 1, (size_t)(end - q - 1));
}

static void
parse_request(const struct buf *text, struct parsed *p)
{
	const char *s = text->data;
	size_t len = strcspn(s, "\n");

	parse_first_line(s, len, p);
	for (s += len + 1; *s != 0 && *s != '\n'; s += len + (s[len] == '\n')) {
		len = strcspn(s, "\n");
		if (*s == ' ') { /* folded */
			p->headers.data[--p->headers.len] = 0;
			buf_addf(&p->headers, " %.*s\n", (int)len, s);
		} else if (strncasecmp(s, "host:", 5) == 0)
			buf_add(&p->host, s + 5, len - 5);
		else
			buf_addf(&p->headers, "%.*s\n", (int)len, s);
	}
	if (*s == '\n')
		buf_adds(&p->body, s + 1);
}

static void
parsed_free(struct parsed *p)
{
	buf_free(&p->method);
	buf_free(&p->host);
	buf_free(&p->path);
	buf_free(&p->query);
	buf_free(&p->headers);
	buf_free(&p->body);
}

/* A file that is not there holds for everything. */
static bool
same_file(const char *base, const char *ext, const char *got, struct buf *why)
{
	auto_free char *path = mem_fmt("%s.%s", base, ext);
	auto_buf struct buf text = BUF_INIT;

	if (!read_file(path, &text) || strcmp(text.data, got) == 0)
		return true;
	buf_addf(why, "    %s: %s\n    not %s\n", ext, got, text.data);
	return false;
}

/* This case's token belongs to the credentials, not to its request. */
static const char token_case[] = "get-vanilla-with-session-token";
static const char token_header[] =
    "X-Amz-Security-Token:6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa3"
    "1553b73ebf194267\n";

static bool
stages_ok(const char *base, const struct parsed *p, struct buf *why)
{
	auto_buf struct buf hash = BUF_INIT, auth = BUF_INIT;
	struct sigv4_texts t = SIGV4_TEXTS_INIT;
	uint8_t digest[SHA256_LEN];
	bool ok;

	crypto_sha256(p->body.data, p->body.len, digest);
	crypto_add_hex(&hash, digest, sizeof(digest));
	sigv4_canonical(&(struct sigv4_request){ .method = p->method.data,
			    .host = p->host.data,
			    .path = p->path.data,
			    .query = p->query.data,
			    .headers = p->headers.data },
	    signer.service, hash.data, &t);
	sigv4_to_sign(&signer, &t);
	sigv4_signature(&signer, &t);
	buf_addf(&auth,
	    "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, "
	    "Signature=%s",
	    signer.access_key, t.scope.data, t.signed_headers.data,
	    t.signature);
	ok = same_file(base, "creq", t.canonical.data, why) &&
	     same_file(base, "sts", t.to_sign.data, why) &&
	     same_file(base, "authz", auth.data, why);
	sigv4_texts_free(&t);
	return ok;
}

static void
run_case(struct tally *t, const char *base, const char *id)
{
	auto_free char *path = mem_fmt("%s.req", base);
	auto_buf struct buf text = BUF_INIT, why = BUF_INIT;
	struct parsed p = { BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT,
		BUF_INIT };
	bool ok = false;

	if (read_file(path, &text) && text.len > 0) {
		parse_request(&text, &p);
		if (strcmp(id, token_case) == 0)
			buf_adds(&p.headers, token_header);
		ok = stages_ok(base, &p, &why);
	}
	count(t, id, ok, &why);
	parsed_free(&p);
}

static void
walk(struct tally *t, const char *dir, const char *name)
{
	auto_free char *base = mem_fmt("%s/%s", dir, name);
	auto_free char *req = mem_fmt("%s.req", base);
	struct dirent *e;
	DIR *d = opendir(dir);

	if (access(req, R_OK) == 0)
		run_case(t, base, name);
	while (d != NULL && (e = readdir(d)) != NULL) {
		auto_free char *sub = mem_fmt("%s/%s", dir, e->d_name);
		struct stat st;

		if (e->d_name[0] != '.' && stat(sub, &st) == 0 &&
		    S_ISDIR(st.st_mode))
			walk(t, sub, e->d_name);
	}
	if (d != NULL)
		closedir(d);
}

void
run_sigv4(struct tally *t, const char *dir)
{
	auto_free char *path = mem_fmt("%s/sigv4", dir);

	walk(t, path, "");
}
