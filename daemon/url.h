/* URLs as they may be shown. Pure. */
#ifndef DAEMON_URL_H
#define DAEMON_URL_H

#include "common/base/buf.h"

/* Without user name and password: "https://token@host/x" is "https://host/x".
 * The user of ssh stays, "git@host:x". */
void url_add_public(struct buf *, const char *url);

#endif
