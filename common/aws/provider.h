/*
 * Providers of credentials: each knows one place where keys may be. A new
 * one is a function and a row of the table in provider.c. Private to
 * credentials.
 */
#ifndef COMMON_AWS_PROVIDER_H
#define COMMON_AWS_PROVIDER_H

#include "common/aws/credentials.h"

/* What providers remember between two questions; whoever asks owns it. */
struct provider_memory {
	double imds_absent_until; /* clock_mono() */
};

struct provider_query {
	const struct credentials_settings *settings;
	const char *profile; /* under examination: a role's source may differ */
	const struct provider_query *outer; /* whose role starts from this */
	struct provider_memory *memory;     /* or NULL */
};

/* PROVIDER_NONE: nothing is configured there, ask the next one. */
enum provider_answer { PROVIDER_ERROR = -1, PROVIDER_OK, PROVIDER_NONE };

struct provider {
	const char *name;
	bool of_profile; /* it reads the profile, so a role's source may use it
			  */
	enum provider_answer (*fetch)(
	    const struct provider_query *, struct secret *ret, struct err *);
};

/* The table in order, one after the other. */
enum provider_answer provider_chain(
    const struct provider_query *, struct secret *ret, struct err *);
/* The role of the settings, assumed with what the table gives. */
enum provider_answer provider_given_role(
    const struct provider_query *, struct secret *ret, struct err *);
/* The same for the profile alone: what a role starts from. */
enum provider_answer provider_of_profile(
    const struct provider_query *, struct secret *ret, struct err *);

/* Fills ret from three texts; a key without its partner is an error. */
enum provider_answer provider_keys(const char *where, const char *access_key,
    const char *secret_key, const char *token, struct secret *ret,
    struct err *);

#endif
