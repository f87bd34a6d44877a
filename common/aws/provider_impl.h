/* What the files of the providers share. Private to credentials. */
#ifndef COMMON_AWS_PROVIDER_IMPL_H
#define COMMON_AWS_PROVIDER_IMPL_H

#include "common/aws/provider.h"
#include "common/base/js.h"

/* Rows of the table. */
enum provider_answer provider_profile_keys(
    const struct provider_query *, struct secret *ret, struct err *);
enum provider_answer provider_role(
    const struct provider_query *, struct secret *ret, struct err *);
enum provider_answer provider_web_identity(
    const struct provider_query *, struct secret *ret, struct err *);
enum provider_answer provider_web_identity_env(
    const struct provider_query *, struct secret *ret, struct err *);
enum provider_answer provider_process(
    const struct provider_query *, struct secret *ret, struct err *);

/* {AccessKeyId, SecretAccessKey, SessionToken, Expiration} */
int provider_from_json(const json_t *, struct secret *ret, struct err *);
/* Overwrites the texts, because this tree held a secret. */
void provider_wipe_json(json_t *);
/* "2026-11-22T12:00:00Z", also with a fraction and an offset; -1: none. */
double provider_time(const char *);

/* Splits a command like a shell would, without being one: blanks, quotes,
 * backslashes. NULL-terminated; NULL if a quote is open. Free with the
 * second function. */
char **provider_split(const char *command);
void provider_split_free(char **);

#endif
