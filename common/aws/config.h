/*
 * The shared configuration files of the AWS tools: ~/.aws/config and
 * ~/.aws/credentials (or AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, or
 * aws-config and aws-credentials in $CREDENTIALS_DIRECTORY).
 *
 * Profiles, sso-session and services sections; property names in lower case;
 * the credentials file wins. Read once, then only looked at: any thread. May
 * hold secrets, so config_free wipes.
 */
#ifndef COMMON_AWS_CONFIG_H
#define COMMON_AWS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/mem.h"

enum config_kind { CONFIG_PROFILE, CONFIG_SSO_SESSION, CONFIG_SERVICES };
enum config_file { CONFIG_FILE, CREDENTIALS_FILE };

struct config;

struct config *config_new(void);
void config_free(struct config *);
AUTO_DEFINE(struct config, config_free)

/* Joins the text of a file. name is for messages: "name:line: ...". */
int config_add(struct config *, enum config_file, const char *name,
    const char *text, size_t len, struct err *);
/* Both files of this user; a file that does not exist is empty. */
int config_load(struct config **ret, struct err *);

bool config_has(const struct config *, enum config_kind, const char *section);
/* The value, or NULL. */
const char *config_get(const struct config *, enum config_kind,
    const char *section, const char *key);
/* A property nested in key: "services x" -> "s3" -> "endpoint_url". */
bool config_get_nested(const struct config *, enum config_kind,
    const char *section, const char *key, const char *sub, struct buf *ret);

/* For tests and completion: the i-th section or property; NULL ends. */
const char *config_section_at(
    const struct config *, enum config_kind, size_t i);
const char *config_key_at(
    const struct config *, enum config_kind, const char *section, size_t i);

#endif
