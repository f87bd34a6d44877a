/* Starting libgit2 and reading its failures: see git.h. */

#include "common/source/git.h"
#include "common/source/stream.h"
#include "common/source/url.h"

#include <pthread.h>
#include <string.h>

/*
 * Owner validation protects programs that run what a repository's
 * configuration names (hooks, pagers, file monitors). libgit2 runs nothing
 * and we read only objects and refs, so a daemon may read the repository of
 * another user; without this, /srv/git owned by "git" could not be watched.
 *
 * The caches are small: a pass reads every object once.
 */
static void
start(void)
{
	must(git_libgit2_init() > 0);
	must(git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0) == 0);
	must(git_libgit2_opts(
		 GIT_OPT_SET_CACHE_MAX_SIZE, (ssize_t)2 * 1024 * 1024) == 0);
	must(git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, (size_t)1024 * 1024) ==
	     0);
	must(git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT,
		 (size_t)16 * 1024 * 1024) == 0);
	must(git_libgit2_opts(GIT_OPT_SET_MWINDOW_FILE_LIMIT, (size_t)64) == 0);
	stream_register();
}

void
git_start(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	must(pthread_once(&once, start) == 0);
}

static const struct {
	int rc;
	enum err_kind kind;
} by_code[] = {
	{ GIT_EAUTH, ERR_AUTH },
	{ GIT_ECERTIFICATE, ERR_NETWORK },
	{ GIT_ENOTFOUND, ERR_ABSENT },
	{ GIT_ELOCKED, ERR_BUSY },
	{ GIT_EINVALIDSPEC, ERR_INPUT },
};

static const struct {
	int class;
	enum err_kind kind;
} by_class[] = {
	{ GIT_ERROR_NET, ERR_NETWORK },
	{ GIT_ERROR_SSL, ERR_NETWORK },
	{ GIT_ERROR_SSH, ERR_NETWORK },
	{ GIT_ERROR_HTTP, ERR_NETWORK },
	{ GIT_ERROR_OS, ERR_SYSTEM },
};

/* What libgit2 says only in words. */
static const struct {
	const char *text;
	enum err_kind kind;
} by_text[] = {
	{ "status code: 404", ERR_ABSENT },
	{ "status code: 401", ERR_AUTH },
	{ "status code: 403", ERR_DENIED },
	{ "status code: 5", ERR_TRANSIENT },
	{ "too many redirects or authentication replays", ERR_AUTH },
	{ "Failed to authenticate SSH session", ERR_AUTH },
	{ "authentication", ERR_AUTH },
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static enum err_kind
kind_of(int rc, int class, const char *text)
{
	for (size_t i = 0; i < COUNT(by_text); i++)
		if (strstr(text, by_text[i].text) != NULL)
			return by_text[i].kind;
	for (size_t i = 0; i < COUNT(by_code); i++)
		if (by_code[i].rc == rc)
			return by_code[i].kind;
	for (size_t i = 0; i < COUNT(by_class); i++)
		if (by_class[i].class == class)
			return by_class[i].kind;
	return ERR_SYSTEM;
}

int
git_fail(struct err *err, int rc, const char *what, const char *name)
{
	const git_error *e = git_error_last();
	const char *text = e == NULL || e->message == NULL ? "" : e->message;
	auto_free char *shown = url_shown(name);

	if (text[0] == 0)
		text = "Git gives no reason";
	return err_set(err, kind_of(rc, e == NULL ? 0 : e->klass, text),
	    "%s %s: %s", what, shown, text);
}
