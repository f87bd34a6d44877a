/*
 * The settings file: a const table of fields, and what it says now.
 *
 * A struct settings is read-only once loaded. The main thread owns it;
 * reloading makes a fresh one and swaps the pointer. Strings belong to it.
 */
#ifndef DAEMON_SETTINGS_H
#define DAEMON_SETTINGS_H

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/manifest/doc.h"
#include "common/manifest/field.h"
#include "common/source/source.h"

#define SETTINGS_PATH "/etc/convergd/convergd.yaml"

struct settings {
	json_t *root; /* checked, with defaults; owns most strings below */
	const char *installation;
	struct settings_source {
		const char *url, *branch, *path;
		double interval_sec, timeout_sec;
		const char *username, *ca_bundle;
		char *secret;         /* token or password; wiped when freed */
		char *ssh_passphrase; /* same */
		char *ssh_key, *ssh_public_key, *known_hosts; /* files */
	} source;
	struct {
		double interval_sec;
		double jitter; /* part of the interval: 0.1 is 10% */
	} reconcile;
	struct {
		const char *endpoint_url, *profile, *region; /* or NULL */
		int max_attempts;                            /* or 0 */
	} aws;
	struct {
		double keep_sec;
		size_t rows;
	} history;
	const char *http_listen;    /* "127.0.0.1:9464"; NULL: off */
	const char *control_socket; /* NULL: off */
	const char *state_directory;
	const char *log_level, *log_format;
};

extern const struct field settings_fields[];

/*
 * Reads, checks and parses. -1 with everything that is wrong in errors.
 * Secrets are read from their files, or from $CREDENTIALS_DIRECTORY.
 */
int settings_load(
    const char *path, struct settings **ret, struct errors *errors);
/* Same, of text; path is what errors name. */
int settings_parse(const char *path, const char *text, size_t len,
    struct settings **ret, struct errors *errors);
void settings_free(struct settings *);
AUTO_DEFINE(struct settings, settings_free)

/* Workers of a pool: by its name, else the default. */
unsigned settings_workers(const struct settings *, const char *pool);
/* Do both name the same source, with the same credentials? */
bool settings_same_source(const struct settings *, const struct settings *);

#endif
