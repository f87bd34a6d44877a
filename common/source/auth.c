/* Credentials and host keys: see auth.h. */

#include "common/source/auth.h"
#include "common/base/crypto.h"
#include "common/base/text.h"
#include "common/source/knownhosts.h"
#include "common/source/url.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KNOWN_HOSTS_MAX (1 << 20)

/* Ends the connection; the reason is in a->err. */
static int
refuse(struct auth *a)
{
	git_error_clear();
	return a->err.kind == ERR_AUTH ? GIT_EAUTH : GIT_ECERTIFICATE;
}

/* The user of an SSH address; hosts of Git take "git". */
static const char *
ssh_user(const char *from_url)
{
	return from_url != NULL && from_url[0] != 0 ? from_url : "git";
}

/* With a token most servers take any name, but not none. */
static const char *
https_user(const struct auth *a, const char *from_url)
{
	if (from_url != NULL && from_url[0] != 0)
		return from_url;
	return a->settings->username == NULL ? "git" : a->settings->username;
}

static int
give_key(struct auth *a, const char *user, git_credential **ret)
{
	const struct source_settings *s = a->settings;

	if (s->ssh_key != NULL && access(s->ssh_key, R_OK) == -1) {
		err_errno(&a->err, "cannot read the SSH key %s", s->ssh_key);
		a->err.kind = ERR_AUTH;
		return refuse(a);
	}
	if (s->ssh_key != NULL)
		return git_credential_ssh_key_new(ret, user, s->ssh_public_key,
		    s->ssh_key, s->ssh_passphrase);
	if (getenv("SSH_AUTH_SOCK") != NULL)
		return git_credential_ssh_key_from_agent(ret, user);
	err_set(&a->err, ERR_AUTH,
	    "the server wants an SSH key and the settings give none");
	return refuse(a);
}

static int
give_password(struct auth *a, const char *user, git_credential **ret)
{
	if (a->settings->password != NULL)
		return git_credential_userpass_plaintext_new(
		    ret, user, a->settings->password);
	err_set(&a->err, ERR_AUTH,
	    "the server wants a token or a password and the settings give "
	    "none (a repository that does not exist can look like this)");
	return refuse(a);
}

static int
on_credentials(git_credential **ret, const char *url, const char *from_url,
    unsigned allowed, void *arg)
{
	struct auth *a = arg;
	const char *user = allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT
			       ? https_user(a, from_url)
			       : ssh_user(from_url);

	(void)url;
	if (allowed & GIT_CREDENTIAL_USERNAME)
		return git_credential_username_new(ret, ssh_user(from_url));
	if (a->asked++ > 0) {
		err_set(&a->err, ERR_AUTH,
		    "the server refuses the credentials of %s; check that "
		    "they are right and may read this repository",
		    user);
		return refuse(a);
	}
	if (allowed & GIT_CREDENTIAL_SSH_KEY)
		return give_key(a, ssh_user(from_url), ret);
	if (allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT)
		return give_password(a, user, ret);
	err_set(&a->err, ERR_AUTH,
	    "the server offers no way to log in that we know");
	return refuse(a);
}

static char *
known_hosts_path(const struct auth *a)
{
	const char *home = getenv("HOME");

	if (a->settings->known_hosts != NULL)
		return mem_str(a->settings->known_hosts);
	return mem_fmt("%s/.ssh/known_hosts", home == NULL ? "" : home);
}

static int
read_known_hosts(const char *path, struct buf *ret, struct err *err)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd != -1) {
		buf_reserve(ret, KNOWN_HOSTS_MAX);
		n = read(fd, ret->data, KNOWN_HOSTS_MAX);
	}
	if (n == -1)
		return err_errno(err, "cannot read %s", path);
	ret->len = (size_t)n;
	ret->data[n] = 0;
	return 0;
}

static const char *const verdicts[] = {
	[KNOWN_NOT] = "is in no line of",
	[KNOWN_OTHER] = "differs from the keys in",
	[KNOWN_REVOKED] = "is revoked in",
};

static void
say_unknown(struct auth *a, enum known known, const char *host, int port,
    const git_cert_hostkey *key, const char *path)
{
	auto_buf struct buf print = BUF_INIT;

	crypto_add_base64(&print, key->hash_sha256, sizeof(key->hash_sha256));
	while (print.len > 0 && print.data[print.len - 1] == '=')
		print.data[--print.len] = 0;
	err_set(&a->err, ERR_NETWORK,
	    "the SSH key of %s (SHA256:%s) %s %s; compare it with what the "
	    "owner of the server publishes, then add the lines of "
	    "\"ssh-keyscan -p %d %s\"",
	    host, print.data, verdicts[known], path, port, host);
}

static int
check_host(struct auth *a, const git_cert_hostkey *key, const char *host)
{
	auto_free char *path = known_hosts_path(a);
	auto_buf struct buf text = BUF_INIT;
	int port = url_ssh_port(a->settings->url);
	enum known known;

	if (!(key->type & GIT_CERT_SSH_RAW) ||
	    !(key->type & GIT_CERT_SSH_SHA256)) {
		err_set(&a->err, ERR_NETWORK,
		    "the SSH library does not show the key of %s", host);
		return refuse(a);
	}
	if (read_known_hosts(path, &text, &a->err) == -1) {
		err_wrap(&a->err, "the SSH key of %s cannot be checked", host);
		return refuse(a);
	}
	known = known_host(
	    text.data, host, port, key->hostkey, key->hostkey_len);
	if (known == KNOWN_YES)
		return 0;
	say_unknown(a, known, host, port, key, path);
	return refuse(a);
}

/* TLS certificates are checked by libgit2 against the CA bundle. */
static int
on_certificate(git_cert *cert, int valid, const char *host, void *arg)
{
	struct auth *a = arg;

	if (cert->cert_type == GIT_CERT_HOSTKEY_LIBSSH2)
		return check_host(a, (git_cert_hostkey *)cert, host);
	if (valid)
		return 0;
	err_set(&a->err, ERR_NETWORK,
	    "the TLS certificate of %s is not to be trusted; if it is signed "
	    "by an authority of your own, name its CA bundle in the settings",
	    host);
	return refuse(a);
}

void
auth_callbacks(struct auth *a, git_remote_callbacks *ret)
{
	ret->credentials = on_credentials;
	ret->certificate_check = on_certificate;
	ret->payload = a;
}
