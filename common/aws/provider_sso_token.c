/* The token of an SSO session, cached in a file and renewed: provider_sso.h */

#include "common/aws/client.h"
#include "common/aws/provider_sso.h"
#include "common/base/clock.h"
#include "common/base/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define RENEW_SEC 900.0 /* before its end */
#define DEAD_SEC  30.0  /* before its end it does not count any more */

/* ~/.aws/sso/cache/NAME, where NAME is the hash of the session's name or of
 * the start URL: other tools find it there as well. */
static int
cache_path(const struct sso *s, char **ret, struct err *err)
{
	const char *key = s->session != NULL ? s->session : s->start_url;
	const char *home = getenv("HOME");
	auto_buf struct buf hex = BUF_INIT;
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (home == NULL || *home == 0)
		return err_set(err, ERR_AUTH, "HOME is not set");
	must(EVP_Digest(key, strlen(key), hash, &len, EVP_sha1(), NULL) == 1);
	crypto_add_hex(&hex, hash, len);
	*ret = mem_fmt("%s/.aws/sso/cache/%s.json", home, hex.data);
	return 0;
}

/* The content is a secret: no message may quote it. */
static int
read_cache(const char *path, json_t **ret, struct err *err)
{
	auto_buf struct buf text = BUF_INIT;
	int rc = 0;

	if (access(path, F_OK) == -1)
		return err_set(err, ERR_AUTH,
		    "%s does not exist: run \"aws sso login\"", path);
	if (provider_read_file(path, &text, err) == -1)
		return -1;
	if (js_parse(text.data, text.len, ret, err) == -1)
		rc = err_set(err, ERR_AUTH, "%s is not JSON", path);
	mem_wipe(text.data, text.len);
	return rc;
}

/* Seconds until a time of the cache; negative: past, or none there. */
static double
left(const json_t *cache, const char *key)
{
	const char *text = js_str(cache, key);

	return text == NULL ? -1 : provider_time(text) - clock_wall();
}

static bool
is_renewable(const struct sso *s, const json_t *cache)
{
	return s->session != NULL && js_str(cache, "refreshToken") != NULL &&
	       js_str(cache, "clientId") != NULL &&
	       js_str(cache, "clientSecret") != NULL &&
	       (js_str(cache, "registrationExpiresAt") == NULL ||
		   left(cache, "registrationExpiresAt") > 0);
}

/* ---- the file ---- */

static int
write_all(int fd, const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		ssize_t done = write(fd, text, n);

		if (done == -1 && errno == EINTR)
			continue;
		if (done == -1)
			return -1;
		text += done;
		n -= (size_t)done;
	}
	return fsync(fd);
}

/* Whole or not at all: others read it at any time. */
static int
write_cache(const char *path, const json_t *cache, struct err *err)
{
	auto_free char *temporary = mem_fmt("%s.XXXXXX", path);
	char *text = js_dump(cache);
	int fd = mkostemp(temporary, O_CLOEXEC); /* 0600 */
	int rc = fd == -1 ? -1 : write_all(fd, text);

	if (fd != -1 && close(fd) == -1)
		rc = -1;
	if (rc == 0)
		rc = rename(temporary, path);
	if (rc == -1) {
		err_errno(err, "%s", path);
		if (fd != -1)
			unlink(temporary);
	}
	mem_wipe(text, strlen(text));
	free(text);
	return rc;
}

/* One process renews at a time; released when it is closed. */
static int
take_lock(const char *path, int *ret_fd, struct err *err)
{
	auto_free char *name = mem_fmt("%s.lock", path);
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int rc;

	if (fd == -1)
		return err_errno(err, "%s", name);
	do
		rc = flock(fd, LOCK_EX);
	while (rc == -1 && errno == EINTR);
	if (rc == -1) {
		err_errno(err, "%s", name);
		close(fd);
		return -1;
	}
	*ret_fd = fd;
	return 0;
}

/* ---- renewing ---- */

static void
set_fresh(json_t *cache, const json_t *answer)
{
	auto_buf struct buf expires = BUF_INIT;
	const char *refresh = js_str(answer, "refreshToken");

	clock_add_iso(
	    &expires, clock_wall() + (double)js_int(answer, "expiresIn", 0));
	js_set_str(cache, "accessToken", js_str(answer, "accessToken"));
	js_set_str(cache, "expiresAt", expires.data);
	if (refresh != NULL)
		js_set_str(cache, "refreshToken", refresh);
}

static int
ask_token(const struct provider_query *q, const struct sso *s, json_t *cache,
    struct err *err)
{
	auto_of(aws_free) struct aws *aws = NULL;
	json_auto_t *in = js_pack("{s:s, s:s, s:s, s:s}", "grantType",
	    "refresh_token", "clientId", js_str(cache, "clientId"),
	    "clientSecret", js_str(cache, "clientSecret"), "refreshToken",
	    js_str(cache, "refreshToken"));
	json_auto_t *out = NULL;
	int rc = provider_client(q, s->region, NULL, &aws, err);

	if (rc == 0)
		rc = aws_call(aws, "sso-oidc", "CreateToken", in, &out, err);
	if (rc == 0 && js_str(out, "accessToken") == NULL)
		rc = err_set(err, ERR_AUTH, "no token in the answer");
	if (rc == 0)
		set_fresh(cache, out);
	else
		secret_hide(js_str(cache, "refreshToken"), err->msg);
	provider_wipe_json(in);
	provider_wipe_json(out);
	return rc;
}

/* A refresh token works once: the new one must reach the file before anybody
 * else reads it. What another process renewed meanwhile is good enough. */
static int
renew(const struct provider_query *q, const struct sso *s, const char *path,
    json_t **cache, struct err *err)
{
	auto_fd int lock = -1;
	json_t *now = NULL;

	if (take_lock(path, &lock, err) == -1 ||
	    read_cache(path, &now, err) == -1)
		return -1;
	provider_wipe_json(*cache);
	js_replace(cache, now);
	if (left(*cache, "expiresAt") > RENEW_SEC)
		return 0;
	if (ask_token(q, s, *cache, err) == -1)
		return -1;
	return write_cache(path, *cache, err);
}

int
sso_token(const struct provider_query *q, const struct sso *s, char **ret_token,
    struct err *err)
{
	auto_free char *path = NULL;
	json_auto_t *cache = NULL;
	int rc = 0;

	if (cache_path(s, &path, err) == -1 ||
	    read_cache(path, &cache, err) == -1)
		return -1;
	if (left(cache, "expiresAt") <= RENEW_SEC && is_renewable(s, cache))
		rc = renew(q, s, path, &cache, err);
	/* one that still lives is better than none */
	if (left(cache, "expiresAt") > DEAD_SEC &&
	    js_str(cache, "accessToken") != NULL)
		*ret_token = mem_str(js_str(cache, "accessToken"));
	else if (rc == 0)
		rc = err_set(err, ERR_AUTH,
		    "the token in %s has expired: run \"aws sso login\"", path);
	provider_wipe_json(cache);
	return *ret_token != NULL ? 0 : rc;
}
