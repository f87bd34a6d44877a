/*
 * Fuzzer: the texts that the source reads: known_hosts, a URL, a path, and
 * base64. What is shown of a URL must not hold its password.
 */

#include "common/base/crypto.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/source/knownhosts.h"
#include "common/source/tree.h"
#include "common/source/url.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
try_url(const char *text)
{
	auto_free char *path = NULL, *shown = url_shown(text);
	auto_free char *secret = mem_fmt("https://u:s3cr3t@%s", text);
	auto_free char *hidden = url_shown(secret);
	enum url_kind kind;
	struct err err;
	int port = url_ssh_port(text);

	must(port > 0 && port < 65536);
	must(strlen(shown) <= strlen(text));
	must(
	    strstr(text, "s3cr3t") != NULL || strstr(hidden, "s3cr3t") == NULL);
	if (url_parse(text, &kind, &path, &err) == 0)
		must((path != NULL) == (kind == URL_LOCAL));
	else
		must(path == NULL && err.kind == ERR_INPUT);
}

static void
try_path(const char *text)
{
	auto_free char *clean = NULL, *again = NULL;
	struct err err;

	if (tree_path(text, &clean, &err) == -1)
		return;
	must(clean[0] != '/' && strstr(clean, "//") == NULL);
	must(!text_starts(clean, "../") && strstr(clean, "/../") == NULL);
	must(tree_path(clean, &again, &err) == 0 && strcmp(clean, again) == 0);
}

static void
try_base64(const char *text, size_t n)
{
	auto_buf struct buf raw = BUF_INIT, back = BUF_INIT;

	if (crypto_unbase64(text, n, &raw) == -1)
		return;
	crypto_add_base64(&back, raw.data, raw.len);
	must(back.len == n && memcmp(back.data, text, n) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	auto_free char *text = mem_strn((const char *)data, n);

	try_base64(text, n);
	try_url(text);
	try_path(text);
	(void)known_host(text, "host.example", 22, "ABC", 3);
	(void)known_host(text, "::1", 2222, "", 0);
	return 0;
}
