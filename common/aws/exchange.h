/*
 * One logical call on its way: request, where it goes, keys, answer, retries.
 * Private to the client. Owner: the thread that calls.
 */
#ifndef COMMON_AWS_EXCHANGE_H
#define COMMON_AWS_EXCHANGE_H

#include "common/aws/client.h"
#include "common/aws/codec.h"
#include "common/aws/endpoint.h"
#include "common/aws/limits.h"
#include "common/aws/retry.h"
#include "common/aws/sigv4.h"
#include "common/loop/http.h"

#include <sys/queue.h>

struct aws {
	struct http *http;
	const struct config *config;
	struct config *own_config; /* the same, or NULL if borrowed */
	char *region, *profile, *endpoint_url;
	struct endpoint_settings endpoints;
	struct codec_options codec;
	int max_attempts;
	double call_sec;
	void (*attempt)(void *arg, const struct aws_attempt *);
	void *arg;
	struct credentials *credentials;
	struct sigv4_cache *keys;
	struct aws_limits *limits;
	struct aws_limits *own_limits; /* the same, or NULL if shared */
	bool adaptive;                 /* they slow down when throttled */
	char *owner; /* account of the role, or a name for the unknown one */

	pthread_mutex_t lock;   /* of everything below */
	double skew_sec;        /* AWS's clock minus ours; 0: ours is right */
	char account[32];       /* "" until it was asked for */
	json_t *bucket_regions; /* of those that live elsewhere, by name */
	/* Of services, by index, once it is known; elements may be NULL. */
	struct endpoint **usual;
	LIST_HEAD(, exchange) spare; /* with the memory of their texts */
	size_t n_spare;
};

/* client_settings.c: region, profile and all other settings, from the
 * caller, the environment, the profile: the first there is. */
int aws_choose(struct aws *, const struct aws_settings *, struct err *);

struct exchange {
	LIST_ENTRY(exchange) entry;
	struct aws *aws;
	struct aws_operation op;
	const char *service, *operation;
	const json_t *in; /* borrowed from the caller; or NULL */
	struct aws_request request;
	struct endpoint endpoint;
	struct buf url, path, headers; /* of the attempt under way */
	struct sigv4_texts texts;
	struct http_request wire;
	struct http_response response;
	struct secret secret;
	struct limits *limits;
	struct retry retry;
	double started;      /* the attempt, clock_mono() */
	char id[37];         /* of a call that is repeated; or "" */
	char *source_region; /* what is copied is there; NULL: not elsewhere */
	size_t body_len;     /* without the URL for it */
	bool stripped;       /* the bucket has left the path for the host */
	bool redirected;     /* to another region; once is enough */
};
/* Free ones go back to the client, for the memory of their texts. */
struct exchange *exchange_new(struct aws *);
void exchange_free(struct exchange *);
AUTO_DEFINE(struct exchange, exchange_free)
/* For good: the spare ones of a client that ends. */
void exchange_free_spare(struct aws *);

/* Looks up, checks, serialises, resolves: everything before the keys. */
int exchange_prepare(struct exchange *, const char *service,
    const char *operation, const json_t *in, struct err *);
double exchange_upload_sec(const struct exchange *);
/* Where the service is in a region. */
int exchange_endpoint(const struct exchange *, const char *region,
    struct endpoint *ret, struct err *);
/* Who signs, with the keys of the attempt. */
struct sigv4_signer exchange_signer(
    const struct exchange *, const char *region);
/* Where it goes, by what is known of its bucket. */
int exchange_locate(struct exchange *, struct err *);
/* The answer named another region for the bucket, which is remembered: send
 * it again, there. Location is never followed. */
bool exchange_redirect(struct exchange *, const struct err *);
/* exchange_presign.c: copies between regions. The first takes SourceRegion,
 * which AWS does not know, out of in; the second puts a signed URL, by which
 * this region fetches from that one, into the body of the next attempt. */
bool exchange_copies(const struct aws_operation *); /* it may be one */
void exchange_take_source(struct exchange *, json_t *in);
int exchange_presign(struct exchange *, struct err *);
/* Fetches the keys; makes url and headers of the next attempt. */
int exchange_sign(struct exchange *, struct err *);
/* Now, as AWS sees it. */
double exchange_clock(struct aws *);
/*
 * One attempt in two halves. exchange_begin waits until clock_mono() for its
 * turn (ERR_THROTTLED: none came), then makes what is to be sent: wire.
 * exchange_end takes what came of that, 0 or the -1 of the transport.
 */
int exchange_begin(struct exchange *, double until, struct err *);
int exchange_end(struct exchange *, int sent, json_t **ret_out, struct err *);
/* After a failed attempt: more of them, until there is a verdict. */
int exchange_again(struct exchange *, json_t **ret_out, struct err *);
/* Attempts until there is a verdict. */
int exchange_run(struct exchange *, json_t **ret_out, struct err *);

#endif
