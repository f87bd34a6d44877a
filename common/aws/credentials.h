/*
 * Where the keys come from: an ordered table of providers, asked once, asked
 * again before what they gave expires. Any thread; calls may block for as
 * long as a provider needs.
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
};
void secret_free(struct secret *);
void secret_copy(struct secret *to, const struct secret *from);

/* What a chain starts from; strings are copied, config is borrowed. */
struct credentials_settings {
	const struct config *config;
	const char *profile;
	bool explicit_profile; /* it was asked for: the environment is not */
	const char *region;
	const char *endpoint_url; /* for sts; or NULL */
	struct http *http;        /* for providers that ask a service */
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
