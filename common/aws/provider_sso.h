/*
 * The token of an SSO session: what "aws sso login" left in the cache, and
 * how it is renewed. Private to the provider.
 */
#ifndef COMMON_AWS_PROVIDER_SSO_H
#define COMMON_AWS_PROVIDER_SSO_H

#include "common/aws/provider_impl.h"

/* Borrowed from the configuration. */
struct sso {
	const char *session; /* NULL: the old form, which is not renewed */
	const char *start_url, *region, *account, *role;
};

/*
 * A token that lives. One that ends soon is renewed and the cache file is
 * replaced, by one process at a time. Wipe and free it.
 */
int sso_token(const struct provider_query *, const struct sso *,
    char **ret_token, struct err *);

#endif
