/*
 * What the client gives to its own providers of credentials: a client with
 * given keys. Everybody else uses aws.h.
 */
#ifndef COMMON_AWS_CLIENT_H
#define COMMON_AWS_CLIENT_H

#include "common/aws/aws.h"
#include "common/aws/credentials.h"

/* As aws_new, with configuration files already read (borrowed, must outlive
 * the client) and fixed keys; keys may be NULL for unsigned calls. */
int aws_new_with(const struct aws_settings *, struct http *,
    const struct config *, const struct secret *keys, struct aws **ret,
    struct err *);

#endif
