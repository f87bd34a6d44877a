/*
 * URLs in their parts. Most requests go to a few URLs: to take them apart, and
 * to have curl do it, costs a tenth of a small one. Private to the transport;
 * the loop's thread.
 */
#ifndef COMMON_LOOP_HTTP_URL_H
#define COMMON_LOOP_HTTP_URL_H

#include <curl/curl.h>

#include "common/base/mem.h"

#define URLS_KEPT 32 /* that nobody uses */

struct urls;
struct url;

struct urls *urls_new(void);
void urls_free(struct urls *); /* all have been given back */
AUTO_DEFINE(struct urls, urls_free)

/* Known or new; NULL: it is none, which curl can explain. Lasts until it is
 * given back. The path stays as it is. */
struct url *urls_take(struct urls *, const char *text);
void urls_give_back(struct urls *, struct url *);
CURLU *url_parts(const struct url *); /* borrowed, only read */

#endif
