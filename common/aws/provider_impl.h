/* What the files of the providers share. Private to credentials. */
#ifndef COMMON_AWS_PROVIDER_IMPL_H
#define COMMON_AWS_PROVIDER_IMPL_H

#include "common/aws/provider.h"
#include "common/base/js.h"
#include "common/loop/http.h"

struct aws;

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
enum provider_answer provider_sso(
    const struct provider_query *, struct secret *ret, struct err *);
enum provider_answer provider_container(
    const struct provider_query *, struct secret *ret, struct err *);
enum provider_answer provider_imds(
    const struct provider_query *, struct secret *ret, struct err *);

/* A variable, or else a property of the profile; NULL: neither. */
const char *provider_setting(
    const struct provider_query *, const char *variable, const char *property);
/* A property of the profile, or NULL. */
const char *provider_property(const struct provider_query *, const char *key);
/* A small file whose blanks at the end do not count. */
int provider_read_file(const char *path, struct buf *ret, struct err *);

/*
 * A client of the profile with given keys, or without (NULL), for sts and
 * sso. ERR_AUTH without a transport.
 */
int provider_client(const struct provider_query *, const char *region,
    const struct secret *keys, struct aws **ret, struct err *);

/* A request to a metadata service: near, quick, never through a proxy. */
struct provider_request {
	const char *method, *url;
	const char *headers; /* "Name: value\n" lines */
	double sec;          /* of each attempt */
	int attempts;        /* while nothing answers */
};
/* Any status is a success; 429 and 5xx are asked again before. */
int provider_ask(const struct provider_query *, const struct provider_request *,
    struct http_response *ret, struct err *);
/* The keys of an answer in JSON, to be used past their end. Wipes it. */
int provider_answered(struct http_response *, struct secret *ret, struct err *);

/* May keys be sent to this URL? Only over https or to known addresses. */
bool provider_container_url(const char *url);

/* {AccessKeyId, SecretAccessKey, SessionToken or Token, Expiration} */
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
