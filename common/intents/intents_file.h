/*
 * The file of the intents: whole lines, checked, replaced or continued.
 * One thread at a time; every function blocks on the disk.
 */
#ifndef COMMON_INTENTS_INTENTS_FILE_H
#define COMMON_INTENTS_INTENTS_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/js.h"

struct intent_file_id {
	dev_t device;
	ino_t inode;
};

struct intent_file {
	char *path;
	int fd; /* of the file that was written last, or -1 */
	struct intent_file_id id;
	off_t size; /* that it must have */
};

void intent_file_init(struct intent_file *, const char *path);
void intent_file_fini(struct intent_file *);

/* Calls line() for every line that is whole, in their order. */
void intent_file_read(const struct intent_file *,
    void (*line)(void *arg, const json_t *), void *arg);
/* Is the file at the path not the one that was written last? */
bool intent_file_is_strange(const struct intent_file *);
/* Is that the one at the path, with room for what comes next, on a disk that
 * can be written? -1 says what is wrong. */
int intent_file_check(
    const char *path, const struct intent_file_id *, struct err *);
/* Durable when 0 is returned, and there is room for more; after -1 only a
 * replacement helps. */
int intent_file_append(
    struct intent_file *, const struct buf *lines, struct err *);
int intent_file_replace(
    struct intent_file *, const struct buf *lines, struct err *);

void intent_file_add_line(struct buf *lines, const json_t *);

#endif
