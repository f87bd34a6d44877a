/*
 * The forms in which a repository can be named. Pure; any thread.
 */
#ifndef COMMON_SOURCE_URL_H
#define COMMON_SOURCE_URL_H

#include "common/base/err.h"

enum url_kind {
	URL_LOCAL, /* a path, or file:// */
	URL_HTTP,  /* https://; http:// only to this machine */
	URL_SSH    /* ssh://, or user@host:path */
};

/* For URL_LOCAL *ret_path is the path (caller frees), else NULL. */
int url_parse(
    const char *url, enum url_kind *ret, char **ret_path, struct err *);
/* The port in ssh://host:port/path, 22 if it says none. */
int url_ssh_port(const char *url);
/* A copy without user and password, for texts; caller frees. */
char *url_shown(const char *url);

#endif
