/*
 * Fetching from a repository on this machine: its objects are read and what
 * the mirror lacks is written as one pack. Nothing is run and nothing but
 * the one branch is looked at, so it takes milliseconds.
 */

#include "common/source/fetch.h"
#include "common/source/mirror.h"
#include "common/source/url.h"

#include <stdio.h>
#include <string.h>

#define NAMES_MAX 20

void
fetch_add_branch(struct buf *names, size_t *n, const char *name)
{
	if (++*n <= NAMES_MAX)
		buf_addf(names, "%s%s", *n > 1 ? ", " : "", name);
	else if (*n == NAMES_MAX + 1)
		buf_adds(names, ", ...");
}

int
fetch_no_branch(
    const struct fetch *f, const struct buf *names, size_t n, struct err *err)
{
	auto_free char *shown = url_shown(f->settings->url);
	const char *branch = f->settings->branch;

	if (n == 0)
		return err_set(err, ERR_ABSENT,
		    "the repository %s has no commits yet; push a branch %s",
		    shown, branch);
	return err_set(err, ERR_ABSENT,
	    "the repository %s has no branch %s; it has %s", shown, branch,
	    names->data);
}

static const struct {
	enum err_kind kind;
	const char *what;
} hints[] = {
	{ ERR_ABSENT, "check the URL, and that our user may read it" },
	{ ERR_NETWORK, "check the name, the network and the proxy" },
	{ ERR_DENIED, "these credentials may not read the repository" },
	{ ERR_SYSTEM, "our user must be able to read the repository" },
};

int
fetch_hint(struct err *err)
{
	size_t n = strlen(err->msg);

	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (hints[i].kind == err->kind)
			snprintf(err->msg + n, sizeof(err->msg) - n, "; %s",
			    hints[i].what);
	return -1;
}

static int
no_branch(const struct fetch *f, git_repository *from, struct err *err)
{
	auto_of(git_branch_iterator_free) git_branch_iterator *it = NULL;
	auto_buf struct buf names = BUF_INIT;
	size_t n = 0;
	int rc = git_branch_iterator_new(&it, from, GIT_BRANCH_LOCAL);

	while (rc == 0) {
		auto_of(git_reference_free) git_reference *ref = NULL;
		git_branch_t type;

		rc = git_branch_next(&ref, &type, it);
		if (rc == 0)
			fetch_add_branch(
			    &names, &n, git_reference_shorthand(ref));
	}
	if (rc != GIT_ITEROVER)
		return git_fail(
		    err, rc, "cannot list the branches of", f->settings->url);
	return fetch_no_branch(f, &names, n, err);
}

static int
find_tip(
    const struct fetch *f, git_repository *from, git_oid *ret, struct err *err)
{
	auto_free char *name = mem_fmt("refs/heads/%s", f->settings->branch);
	int rc = git_reference_name_to_id(ret, from, name);

	if (rc == GIT_ENOTFOUND)
		return no_branch(f, from, err);
	if (rc != 0)
		return git_fail(
		    err, rc, "cannot read the branch of", f->settings->url);
	return 0;
}

/* Everything that tip reaches and the mirror's tip does not. */
static int
add_new(git_packbuilder *pack, git_repository *from, const git_oid *tip,
    const char *have)
{
	auto_of(git_revwalk_free) git_revwalk *walk = NULL;
	git_oid old;
	int rc = git_revwalk_new(&walk, from);

	if (rc == 0)
		rc = git_revwalk_push(walk, tip);
	/* after a force-push the old tip may be gone there already */
	if (rc == 0 && have[0] != 0 && git_oid_fromstr(&old, have) == 0)
		(void)git_revwalk_hide(walk, &old);
	if (rc == 0)
		rc = git_packbuilder_insert_walk(pack, walk);
	return rc;
}

static int
write_pack(const struct fetch *f, git_repository *from, const git_oid *tip,
    bool history)
{
	auto_of(git_packbuilder_free) git_packbuilder *pack = NULL;
	auto_of(git_odb_free) git_odb *odb = NULL;
	auto_free char *dir = mem_fmt(
	    "%sobjects/pack", git_repository_path(f->mirror));
	int rc = git_packbuilder_new(&pack, from);

	if (rc == 0)
		rc = history ? add_new(pack, from, tip, f->have)
			     : git_packbuilder_insert_commit(pack, tip);
	if (rc == 0 && git_packbuilder_object_count(pack) > 0)
		rc = git_packbuilder_write(pack, dir, 0, NULL, NULL);
	if (rc == 0)
		rc = git_repository_odb(&odb, f->mirror);
	if (rc == 0)
		rc = git_odb_refresh(odb);
	return rc;
}

int
fetch_local(const struct fetch *f, git_oid *ret, struct err *err)
{
	auto_of(git_repository_free) git_repository *from = NULL;
	char hex[65];
	int rc = git_repository_open(&from, f->path);

	if (rc != 0) {
		git_fail(
		    err, rc, "cannot open the repository", f->settings->url);
		return fetch_hint(err);
	}
	if (find_tip(f, from, ret, err) == -1)
		return -1;
	git_oid_tostr(hex, sizeof(hex), ret);
	if (strcmp(hex, f->have) == 0)
		return 0;
	rc = write_pack(f, from, ret, true);
	if (rc != 0 ||
	    mirror_check(f->mirror, ret, false) != 0) /* shallow clone */
		rc = write_pack(f, from, ret, false);
	if (rc == 0)
		return 0;
	git_fail(err, rc, "cannot read", f->settings->url);
	return fetch_hint(err);
}
