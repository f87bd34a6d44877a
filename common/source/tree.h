/*
 * What the two sorts of trees have in common, inside this room.
 *
 * Paths given to the operations are clean: "" is the root, no "." or "..",
 * no empty components. Every operation may be called by several threads.
 */
#ifndef COMMON_SOURCE_TREE_H
#define COMMON_SOURCE_TREE_H

#include "common/source/source.h"

enum entry_kind {
	ENTRY_FILE,
	ENTRY_EXEC, /* a file with the executable bit */
	ENTRY_DIR,
	ENTRY_LINK,
	ENTRY_MODULE /* another repository inside: not ours to read */
};

struct entry {
	char *path; /* from the root of the tree */
	enum entry_kind kind;
	size_t size; /* of files */
};

/* Grows; bounded, because a small Git tree can name billions of files. */
struct entries {
	struct entry *rows;
	size_t n, cap;
};
#define ENTRIES_MAX 200000
#define DEPTH_MAX   128

void entries_free(struct entries *);
#define auto_entries __attribute__((cleanup(entries_free)))
int entries_add(struct entries *, const char *path, enum entry_kind,
    size_t size, struct err *);

struct tree_ops {
	void (*free)(struct tree *);
	/* path stays NULL in *ret; ERR_ABSENT if there is nothing */
	int (*find)(const struct tree *, const char *path, struct entry *ret,
	    struct err *);
	/* everything below dir but directories, in byte order of the paths */
	int (*list)(const struct tree *, const char *dir, struct entries *ret,
	    struct err *);
	int (*read)(const struct tree *, const char *path, size_t max,
	    struct buf *ret, struct err *);
	int (*id)(const struct tree *, const char *path, char ret[static 65],
	    struct err *);
};

/* First member of both sorts. */
struct tree {
	const struct tree_ops *ops;
	char revision[160];
};

/* Cleans a path that a person wrote; caller frees. "." gives "". */
int tree_path(const char *path, char **ret, struct err *);
/* "a" + "b" = "a/b", "" + "b" = "b" */
char *tree_join(const char *dir, const char *name);
/* Names go into JSON and zips: -1 and a text that can be shown if not UTF-8. */
int tree_check_name(const char *path, struct err *);
/* The error of a symbolic link: it is never followed. */
int tree_is_link(struct err *, const char *path);
/* The error of a file that is larger than allowed. */
int tree_too_large(struct err *, const char *path, size_t size, size_t max);

/* Of a directory: where a link points to, and the id Git would give. */
int dirtree_link(
    const struct tree *, const char *path, struct buf *ret, struct err *);
int dirtree_id(
    const struct tree *, const char *path, char ret[static 65], struct err *);

/* The tree of a commit; opens the mirror again for itself. */
int tree_of_commit(const char *mirror, const char *branch, const char *hex,
    struct tree **ret, struct err *);

#endif
