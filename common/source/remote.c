/* Fetching over the network: see fetch.h. */

#include "common/base/text.h"
#include "common/source/auth.h"
#include "common/source/stream.h"
#include "common/source/url.h"

#include <string.h>
#include <unistd.h>

struct session {
	const struct fetch *f;
	struct auth auth;
	struct timebox *box;
	git_remote *remote;
};

int
fetch_prepare(const struct source_settings *s, struct err *err)
{
	int rc;

	if (s->ca_bundle == NULL)
		return 0;
	if (access(s->ca_bundle, R_OK) == -1)
		return err_errno(
		    err, "cannot read the CA bundle %s", s->ca_bundle);
	rc = git_libgit2_opts(
	    GIT_OPT_SET_SSL_CERT_LOCATIONS, s->ca_bundle, NULL);
	if (rc != 0)
		return git_fail(
		    err, rc, "cannot use the CA bundle", s->ca_bundle);
	return 0;
}

/* Our own reason is better than libgit2's, the clock's better than both. */
static int
explain(struct session *x, int rc, struct err *err)
{
	auto_free char *shown = url_shown(x->f->settings->url);

	if (timebox_is_over(x->box))
		return err_set(err, ERR_TRANSIENT,
		    "cannot fetch %s: not done after %g seconds", shown,
		    x->f->settings->timeout_sec);
	if (x->auth.err.kind == ERR_NONE) {
		git_fail(err, rc, "cannot fetch", shown);
		return fetch_hint(err);
	}
	*err = x->auth.err;
	return err_wrap(err, "cannot fetch %s", shown);
}

static int
connect_to(struct session *x)
{
	git_remote_create_options create;
	git_remote_connect_options opts;
	int rc;

	must(git_remote_create_options_init(
		 &create, GIT_REMOTE_CREATE_OPTIONS_VERSION) == 0);
	must(git_remote_connect_options_init(
		 &opts, GIT_REMOTE_CONNECT_OPTIONS_VERSION) == 0);
	create.repository = x->f->mirror;
	create.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF |
		       GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC;
	rc = git_remote_create_with_opts(
	    &x->remote, x->f->settings->url, &create);
	if (rc != 0)
		return rc;
	auth_callbacks(&x->auth, &opts.callbacks);
	opts.proxy_opts.type = GIT_PROXY_AUTO;
	opts.follow_redirects = GIT_REMOTE_REDIRECT_NONE; /* to other hosts */
	return git_remote_connect_ext(x->remote, GIT_DIRECTION_FETCH, &opts);
}

/* 1 and *ret: found; 0: not, and *names says what there is */
static int
find_branch(struct session *x, git_oid *ret, struct buf *names, size_t *n)
{
	auto_free char *want = mem_fmt("refs/heads/%s", x->f->settings->branch);
	const git_remote_head **heads = NULL;
	size_t count = 0;
	int rc = git_remote_ls(&heads, &count, x->remote);

	for (size_t i = 0; rc == 0 && i < count; i++) {
		const char *name = heads[i]->name;

		if (strcmp(name, want) == 0) {
			*ret = heads[i]->oid;
			return 1;
		}
		if (text_starts(name, "refs/heads/"))
			fetch_add_branch(
			    names, n, name + strlen("refs/heads/"));
	}
	return rc;
}

static int
download(struct session *x)
{
	const char *branch = x->f->settings->branch;
	auto_free char *spec = mem_fmt(
	    "+refs/heads/%s:refs/heads/%s", branch, branch);
	git_strarray specs = { &spec, 1 };
	git_fetch_options opts;

	must(git_fetch_options_init(&opts, GIT_FETCH_OPTIONS_VERSION) == 0);
	auth_callbacks(&x->auth, &opts.callbacks);
	opts.proxy_opts.type = GIT_PROXY_AUTO;
	opts.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
	opts.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
	opts.update_fetchhead = 0;
	return git_remote_download(x->remote, &specs, &opts);
}

static int
run(struct session *x, git_oid *ret, struct err *err)
{
	auto_buf struct buf names = BUF_INIT;
	char hex[65];
	size_t n = 0;
	int rc = connect_to(x);

	if (rc == 0)
		rc = find_branch(x, ret, &names, &n);
	if (rc == 0)
		return fetch_no_branch(x->f, &names, n, err);
	if (rc == 1) {
		git_oid_tostr(hex, sizeof(hex), ret);
		rc = strcmp(hex, x->f->have) == 0 ? 0 : download(x);
	}
	return rc == 0 ? 0 : explain(x, rc, err);
}

int
fetch_remote(const struct fetch *f, git_oid *ret, struct err *err)
{
	auto_of(timebox_free) struct timebox *box = timebox_start(
	    f->settings->timeout_sec);
	struct session x = {
		.f = f,
		.auth = { .settings = f->settings },
		.box = box,
	};
	int rc = run(&x, ret, err);

	git_remote_free(x.remote); /* closes its sockets */
	return rc;
}
