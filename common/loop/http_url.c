/* URLs in their parts: see http_url.h. */

#include "common/loop/http_url.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

struct url {
	TAILQ_ENTRY(url) entry;
	char *text;
	CURLU *parts;
	unsigned users;
};

struct urls {
	TAILQ_HEAD(list, url) all; /* the last that was taken is the first */
	unsigned idle;             /* that nobody uses */
};

struct urls *
urls_new(void)
{
	struct urls *all = mem_of(struct urls);

	TAILQ_INIT(&all->all);
	return all;
}

static void
drop(struct urls *all, struct url *u)
{
	TAILQ_REMOVE(&all->all, u, entry);
	curl_url_cleanup(u->parts);
	free(u->text);
	free(u);
}

void
urls_free(struct urls *all)
{
	struct url *u;

	if (all == NULL)
		return;
	while ((u = TAILQ_FIRST(&all->all)) != NULL) {
		must(u->users == 0);
		drop(all, u);
	}
	free(all);
}

static struct url *
make(struct urls *all, const char *text)
{
	CURLU *parts = curl_url();
	struct url *u;

	must(parts != NULL);
	if (curl_url_set(parts, CURLUPART_URL, text,
		CURLU_PATH_AS_IS | CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
		curl_url_cleanup(parts);
		return NULL;
	}
	u = mem_of(struct url);
	u->text = mem_str(text);
	u->parts = parts;
	TAILQ_INSERT_HEAD(&all->all, u, entry);
	return u;
}

static struct url *
find(struct urls *all, const char *text)
{
	struct url *u;

	TAILQ_FOREACH (u, &all->all, entry)
		if (strcmp(u->text, text) == 0)
			break;
	if (u != NULL && u != TAILQ_FIRST(&all->all)) {
		TAILQ_REMOVE(&all->all, u, entry);
		TAILQ_INSERT_HEAD(&all->all, u, entry);
	}
	return u;
}

struct url *
urls_take(struct urls *all, const char *text)
{
	struct url *u = find(all, text);

	if (u == NULL)
		u = make(all, text);
	else
		all->idle -= u->users == 0;
	if (u != NULL)
		u->users++;
	return u;
}

/* Among those that nobody uses, the one that was taken longest ago. */
static struct url *
oldest(const struct urls *all)
{
	struct url *u = TAILQ_LAST(&all->all, list);

	while (u->users > 0)
		u = TAILQ_PREV(u, list, entry);
	return u;
}

void
urls_give_back(struct urls *all, struct url *u)
{
	if (--u->users > 0)
		return;
	if (++all->idle > URLS_KEPT) {
		drop(all, oldest(all));
		all->idle--;
	}
}

CURLU *
url_parts(const struct url *u)
{
	return u->parts;
}
