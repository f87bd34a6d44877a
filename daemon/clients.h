/*
 * AWS clients, one for every region and role, shared by all passes.
 *
 * They live until the process ends, since a pass may use one at any time;
 * new settings lead to new clients. Owner: the daemon; loop's thread. What
 * the clients tell of their attempts goes to the metrics on any thread.
 */
#ifndef DAEMON_CLIENTS_H
#define DAEMON_CLIENTS_H

#include "common/base/err.h"
#include "common/base/mem.h"

struct aws;
struct clients;
struct http;
struct metrics;
struct settings;

struct clients *clients_new(struct http *, struct metrics *);
/* region, role: NULL for the settings' own. The client is borrowed. */
int clients_get(struct clients *, const struct settings *, const char *region,
    const char *role, struct aws **ret, struct err *);
void clients_free(struct clients *);
AUTO_DEFINE(struct clients, clients_free)

#endif
