/*
 * Where the keys come from: an ordered table of providers, asked once, asked
 * again before what they gave expires. One thread renews at a time; while the
 * old keys live the others go on with them. Any thread; calls may block for
 * as long as a provider needs.
 */
#ifndef COMMON_AWS_CREDENTIALS_H
#define COMMON_AWS_CREDENTIALS_H

#include <stdbool.h>

#include "common/aws/config.h"
#include "common/base/err.h"

struct http;

/* Keys; secret_free wipes them. */
struct secret {
	char *access_key, *secret_key;
	char *session_token; /* or NULL */
	double expires;      /* clock_wall(); 0: never */
	/* Their source may be down for a while, and AWS takes them longer
	 * than they say: to be used past their end rather than nothing. */
	bool outlives;
};
void secret_free(struct secret *);
void secret_copy(struct secret *to, const struct secret *from);
/* Stars in place of the secret, or of its first letters: AWS may quote what it
 * was sent, and its messages are logged. NULL is ignored. */
void secret_hide(const char *secret, char *text);

/* What a chain starts from; strings are copied, config is borrowed. */
struct credentials_settings {
	const struct config *config;
	const char *profile;
	bool explicit_profile; /* it was asked for: the environment is not */
	const char *region;
	const char *endpoint_url; /* for sts and sso; or NULL */
	/* A role to assume with what the providers give; or NULL. */
	const char *role_arn, *role_session, *external_id;
	bool reread;       /* the user's files, each time: they may change */
	struct http *http; /* for providers that ask a service */
};

struct credentials *credentials_new(const struct credentials_settings *);
/* Always the same keys. */
struct credentials *credentials_fixed(const struct secret *);
void credentials_free(struct credentials *);
AUTO_DEFINE(struct credentials, credentials_free)

/* *ret is a copy; free it. ERR_AUTH when no provider has any. */
int credentials_get(struct credentials *, struct secret *ret, struct err *);
/* AWS refused these as expired: the next get asks the provider again. */
void credentials_reject(struct credentials *, const struct secret *used);

#endif
