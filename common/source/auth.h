/*
 * Who we are and whom we talk to: libgit2's callbacks for credentials and
 * for the key of an SSH host. One thread.
 */
#ifndef COMMON_SOURCE_AUTH_H
#define COMMON_SOURCE_AUTH_H

#include "common/source/fetch.h"

struct auth {
	const struct source_settings *settings;
	int asked;      /* a server that asks twice has refused */
	struct err err; /* our reason, when kind is not ERR_NONE */
};

/* The payload of the callbacks must be the struct auth. */
void auth_callbacks(struct auth *, git_remote_callbacks *);

#endif
