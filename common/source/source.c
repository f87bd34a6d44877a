/* A branch of a repository, mirrored: see source.h. */

#include "common/source/source.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/source/fetch.h"
#include "common/source/mirror.h"
#include "common/source/tree.h"
#include "common/source/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BRANCH_MAX 110 /* so that a revision fits its field */

struct source {
	struct source_settings s; /* copies, ours */
	enum url_kind kind;
	char *path;  /* of a local repository, else NULL */
	char *watch; /* its git directory once it was seen, else NULL */
	git_repository *mirror;
	struct mirror_stamp stamp; /* of it */
};

static void
copy_settings(struct source_settings *to, const struct source_settings *from)
{
	*to = (struct source_settings){
		.url = mem_str(from->url),
		.branch = mem_str(from->branch),
		.mirror = mem_str(from->mirror),
		.username = mem_str(from->username),
		.password = mem_str(from->password),
		.ca_bundle = mem_str(from->ca_bundle),
		.ssh_key = mem_str(from->ssh_key),
		.ssh_public_key = mem_str(from->ssh_public_key),
		.ssh_passphrase = mem_str(from->ssh_passphrase),
		.known_hosts = mem_str(from->known_hosts),
		.timeout_sec = from->timeout_sec > 0 ? from->timeout_sec : 60,
	};
}

static void
free_secret(const char *s)
{
	if (s != NULL)
		mem_wipe((char *)s, strlen(s));
	free((char *)s);
}

void
source_free(struct source *s)
{
	if (s == NULL)
		return;
	free_secret(s->s.url); /* may hold a password */
	free((char *)s->s.branch);
	free((char *)s->s.mirror);
	free((char *)s->s.username);
	free_secret(s->s.password);
	free((char *)s->s.ca_bundle);
	free((char *)s->s.ssh_key);
	free((char *)s->s.ssh_public_key);
	free_secret(s->s.ssh_passphrase);
	free((char *)s->s.known_hosts);
	free(s->path);
	free(s->watch);
	git_repository_free(s->mirror);
	free(s);
}

static int
check_branch(const char *branch, struct err *err)
{
	int valid = 0;

	if (git_branch_name_is_valid(&valid, branch) != 0 || !valid)
		return err_set(
		    err, ERR_INPUT, "%s: is no name of a branch", branch);
	if (strlen(branch) > BRANCH_MAX)
		return err_set(err, ERR_INPUT,
		    "%s: a branch has %d characters at most", branch,
		    BRANCH_MAX);
	return 0;
}

/* The directory of refs of a repository here; work trees share one. */
static void
find_watch(struct source *s)
{
	auto_of(git_repository_free) git_repository *repo = NULL;

	if (s->path == NULL || s->watch != NULL ||
	    git_repository_open(&repo, s->path) != 0)
		return;
	s->watch = mem_str(git_repository_commondir(repo));
}

static int
open_mirror(struct source *s, struct err *err)
{
	if (mirror_open(s->s.mirror, s->s.url, s->s.branch, &s->mirror, err) ==
	    -1)
		return -1;
	mirror_stamp(s->s.mirror, &s->stamp);
	return 0;
}

int
source_new(const struct source_settings *settings, struct source **ret,
    struct err *err)
{
	auto_of(source_free) struct source *s = mem_of(struct source);

	git_start();
	copy_settings(&s->s, settings);
	if (url_parse(s->s.url, &s->kind, &s->path, err) == -1 ||
	    check_branch(s->s.branch, err) == -1 ||
	    (s->path == NULL && fetch_prepare(&s->s, err) == -1) ||
	    open_mirror(s, err) == -1)
		return -1;
	find_watch(s);
	*ret = mem_move(&s);
	return 0;
}

/* A reader found damage since the last fetch, or somebody deleted the state
 * directory or put back a copy of it: begin again. */
static int
repair(struct source *s, struct err *err)
{
	if (s->mirror != NULL && !mirror_is_damaged(s->s.mirror) &&
	    mirror_is_same(s->s.mirror, &s->stamp))
		return 0;
	git_repository_free(mem_move(&s->mirror));
	return open_mirror(s, err);
}

static void
fill(const struct source *s, const git_oid *tip, const char *old,
    struct fetched *ret)
{
	git_oid was;
	char hex[65];

	git_oid_tostr(hex, sizeof(hex), tip);
	snprintf(ret->revision, sizeof(ret->revision), "%s@sha1:%s",
	    s->s.branch, hex);
	memcpy(ret->old, old, sizeof(ret->old));
	ret->changed = strcmp(hex, old) != 0;
	if (old[0] != 0 && git_oid_fromstr(&was, old) == 0)
		ret->forced = mirror_is_forced(s->mirror, tip, &was);
}

static int
tidy(struct source *s, const git_oid *tip, struct err *err)
{
	int rc;

	if (!mirror_compact(s->mirror, tip))
		return 0;
	git_repository_free(mem_move(&s->mirror));
	rc = git_repository_open_bare(&s->mirror, s->s.mirror);
	return rc == 0
		   ? 0
		   : git_fail(err, rc, "cannot open the mirror", s->s.mirror);
}

/* Half a revision must never be in force: look before moving the branch. */
static int
accept(struct source *s, const git_oid *tip, struct err *err)
{
	int rc = mirror_check(s->mirror, tip, false);

	if (rc == 0 && mirror_set_tip(s->mirror, s->s.branch, tip, err) == -1)
		return -1;
	if (rc == 0)
		return tidy(s, tip, err);
	mirror_mark_damaged(s->s.mirror);
	git_fail(err, rc, "not everything arrived from", s->s.url);
	err->kind = ERR_TRANSIENT;
	return -1;
}

int
source_fetch(struct source *s, struct fetched *ret, struct err *err)
{
	struct fetch f = { .settings = &s->s, .path = s->path };
	char old[65];
	git_oid tip;
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (repair(s, err) == -1)
		return -1;
	mirror_tip(s->mirror, s->s.branch, old);
	f.mirror = s->mirror;
	f.have = old;
	find_watch(s);
	rc = s->path != NULL ? fetch_local(&f, &tip, err)
			     : fetch_remote(&f, &tip, err);
	if (rc == -1)
		return -1;
	fill(s, &tip, old, ret);
	return ret->changed ? accept(s, &tip, err) : 0;
}

int
source_tree(struct source *s, struct tree **ret, struct err *err)
{
	auto_free char *shown = url_shown(s->s.url);
	char hex[65] = "";

	if (s->mirror != NULL)
		mirror_tip(s->mirror, s->s.branch, hex);
	if (hex[0] == 0)
		return err_set(
		    err, ERR_ABSENT, "nothing was fetched from %s yet", shown);
	return tree_of_commit(s->s.mirror, s->s.branch, hex, ret, err);
}

/* Text of a commit may be in any encoding; JSON wants UTF-8. */
static json_t *
readable(const char *s)
{
	auto_buf struct buf b = BUF_INIT;

	if (s == NULL || text_is_utf8(s, strlen(s)))
		return js_new_str(s == NULL ? "" : s);
	for (; *s != 0; s++)
		buf_addc(&b, (unsigned char)*s < 0x80 ? *s : '?');
	return js_new_str(b.data);
}

int
source_commit(struct source *s, const char *hex, json_t **ret, struct err *err)
{
	auto_of(git_commit_free) git_commit *commit = NULL;
	auto_buf struct buf when = BUF_INIT;
	json_auto_t *x = NULL;
	git_oid id;
	int rc = git_oid_fromstr(&id, hex);

	if (rc == 0 && s->mirror != NULL)
		rc = git_commit_lookup(&commit, s->mirror, &id);
	if (commit == NULL)
		return git_fail(err, rc, "no commit", hex);
	clock_add_iso(&when, (double)git_commit_time(commit));
	x = json_object();
	js_set_str(x, "sha", hex);
	js_set(x, "author", readable(git_commit_author(commit)->name));
	js_set_str(x, "time", when.data);
	js_set(x, "subject", readable(git_commit_summary(commit)));
	*ret = js_move(&x);
	return 0;
}

const char *
source_watch_path(const struct source *s)
{
	return s->watch;
}
