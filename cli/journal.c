/* The intents of `apply` in the user's state directory: see journal.h. */

#include "cli/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/intents/intents.h"

/* The caller frees it; NULL: nobody says where. */
static char *
state_directory(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state != NULL && *state == '/')
		return mem_fmt("%s/convergd", state);
	return home != NULL && *home == '/'
		   ? mem_fmt("%s/.local/state/convergd", home)
		   : NULL;
}

/* With its parents. */
static int
make_directory(const char *path)
{
	auto_free char *part = mem_str(path);

	for (char *c = part + 1; *c != '\0'; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		mkdir(part, 0700); /* the last one says whether it worked */
		*c = '/';
	}
	return mkdir(part, 0700) == 0 || errno == EEXIST ? 0 : -1;
}

/* Names of manifests are words; an installation may hold anything. */
static char *
file_of(const char *directory, const char *installation, const char *name)
{
	char *path = mem_fmt("%s/%s.%s", directory, installation, name);

	for (char *c = path + strlen(directory) + 1; *c != '\0'; c++)
		if (*c == '/')
			*c = '_';
	return path;
}

static int
take_lock(const char *path, struct journal *ret, struct err *err)
{
	auto_free char *lock = mem_fmt("%s.lock", path);

	ret->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (ret->lock == -1)
		return 1;
	if (flock(ret->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return err_set(err, ERR_REFUSED,
	    "another `convergctl apply` of it is running (it holds %s); let "
	    "it end",
	    lock);
}

/* 1: there is no place. */
static int
open_in(const char *directory, const char *installation, const char *name,
    struct journal *ret, struct err *err)
{
	auto_free char *path = NULL;
	int rc;

	if (directory == NULL || make_directory(directory) == -1)
		return 1;
	path = file_of(directory, installation, name);
	rc = take_lock(path, ret, err);
	if (rc == 0)
		ret->log = intent_log_open(path);
	return rc;
}

int
journal_open(const char *installation, const char *architecture,
    struct journal *ret, struct err *err)
{
	auto_free char *directory = state_directory();
	int rc;

	*ret = (struct journal){ .lock = -1 };
	rc = open_in(directory, installation, architecture, ret, err);
	if (rc == 1)
		fprintf(stderr,
		    "convergctl: no intents are kept (%s%s); if this is "
		    "killed, wait a minute before it is run again\n",
		    directory ? directory : "HOME is not set",
		    directory ? " cannot be written" : "");
	if (rc == -1)
		journal_close(ret);
	return rc == -1 ? -1 : 0;
}

void
journal_close(struct journal *j)
{
	if (j->log != NULL)
		intent_log_close(j->log);
	if (j->lock != -1)
		close(j->lock);
	*j = (struct journal){ .lock = -1 };
}

const struct intents *
journal_intents(const struct journal *j)
{
	return j->log ? intent_log_intents(j->log) : NULL;
}
