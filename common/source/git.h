/*
 * What this room shares about libgit2: starting it, owning its objects and
 * turning its failures into ours. Any thread; a handle belongs to one.
 */
#ifndef COMMON_SOURCE_GIT_H
#define COMMON_SOURCE_GIT_H

#include <git2.h>

#include "common/base/err.h"
#include "common/base/mem.h"

AUTO_DEFINE(git_repository, git_repository_free)
AUTO_DEFINE(git_commit, git_commit_free)
AUTO_DEFINE(git_tree, git_tree_free)
AUTO_DEFINE(git_tree_entry, git_tree_entry_free)
AUTO_DEFINE(git_odb, git_odb_free)
AUTO_DEFINE(git_odb_object, git_odb_object_free)
AUTO_DEFINE(git_index, git_index_free)
AUTO_DEFINE(git_reference, git_reference_free)
AUTO_DEFINE(git_branch_iterator, git_branch_iterator_free)
AUTO_DEFINE(git_remote, git_remote_free)
AUTO_DEFINE(git_revwalk, git_revwalk_free)
AUTO_DEFINE(git_packbuilder, git_packbuilder_free)

/* Once per process, as often as you like. */
void git_start(void);

/*
 * -1, with "<what> <name>: <libgit2's text>" and the kind that fits. `rc` is
 * what libgit2 returned; name is shown without credentials.
 */
int git_fail(struct err *, int rc, const char *what, const char *name);

#endif
