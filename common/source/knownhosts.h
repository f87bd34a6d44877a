/*
 * OpenSSH's known_hosts: is this the key of that host? Pure; any thread.
 */
#ifndef COMMON_SOURCE_KNOWNHOSTS_H
#define COMMON_SOURCE_KNOWNHOSTS_H

#include <stddef.h>

enum known {
	KNOWN_NOT,   /* no line for this host */
	KNOWN_OTHER, /* lines for this host, all with other keys */
	KNOWN_YES,
	KNOWN_REVOKED /* a @revoked line has this key */
};

/*
 * Lines with plain names, patterns (* ? !), [host]:port and hashed names are
 * understood; @cert-authority is not, such lines are skipped. key is the
 * raw public key as it is sent on the wire.
 */
enum known known_host(const char *text, const char *host, int port,
    const void *key, size_t key_len);

#endif
