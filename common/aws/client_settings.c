/* What a client is told, by whom: see aws_settings in aws.h. */

#include "common/aws/exchange.h"
#include "common/base/crypto.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_ATTEMPTS 3
#define CALL_SEC     120.0

#define MAX_COMPRESS_FROM 10485760 /* as the AWS tools have it */

static const char *
env(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || *value == 0 ? NULL : value;
}

/* Setting, variables in order, property of the profile: the first there is. */
static const char *
choose(const char *setting, const char *const variables[2],
    const struct config *c, const char *profile, const char *property)
{
	const char *value = setting != NULL && *setting ? setting : NULL;

	for (int i = 0; value == NULL && i < 2; i++)
		value = variables[i] == NULL ? NULL : env(variables[i]);
	return value != NULL ? value
			     : config_get(c, CONFIG_PROFILE, profile, property);
}
#define CHOOSE(setting, a, var1, var2, property)                               \
	choose((setting), (const char *const[]){ (var1), (var2) },             \
	    (a)->config, (a)->profile, (property))

static bool
is_true(const char *s)
{
	return s != NULL && strcasecmp(s, "true") == 0;
}

static int
choose_attempts(struct aws *a, const struct aws_settings *s, struct err *err)
{
	const char *text = CHOOSE(
	    NULL, a, "AWS_MAX_ATTEMPTS", NULL, "max_attempts");
	char *end;
	long n;

	a->max_attempts = s->max_attempts > 0 ? s->max_attempts : MAX_ATTEMPTS;
	if (s->max_attempts > 0 || text == NULL)
		return 0;
	n = strtol(text, &end, 10);
	if (*end != 0 || n < 1 || n > 100)
		return err_set(err, ERR_INPUT,
		    "AWS_MAX_ATTEMPTS (max_attempts) is \"%s\", must be 1 to "
		    "100",
		    text);
	a->max_attempts = (int)n;
	return 0;
}

/* "legacy" is what others call the standard way of long ago. */
static const struct {
	const char *name;
	bool adaptive;
} retry_modes[] = {
	{ "adaptive", true },
	{ "standard", false },
	{ "legacy", false },
};

static int
choose_mode(struct aws *a, struct err *err)
{
	const char *text = CHOOSE(
	    NULL, a, "AWS_RETRY_MODE", NULL, "retry_mode");

	text = text == NULL ? retry_modes[0].name : text;
	for (size_t i = 0; i < sizeof(retry_modes) / sizeof(*retry_modes); i++)
		if (strcasecmp(text, retry_modes[i].name) == 0) {
			a->adaptive = retry_modes[i].adaptive;
			return 0;
		}
	return err_set(err, ERR_INPUT,
	    "AWS_RETRY_MODE (retry_mode) is \"%s\", must be adaptive, "
	    "standard or legacy",
	    text);
}

static int
choose_compression(struct aws *a, struct err *err)
{
	const char *text = CHOOSE(NULL, a,
	    "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", NULL,
	    "request_min_compression_size_bytes");
	char *end;
	long n;

	a->codec.compress = !is_true(
	    CHOOSE(NULL, a, "AWS_DISABLE_REQUEST_COMPRESSION", NULL,
		"disable_request_compression"));
	if (text == NULL)
		return 0;
	n = strtol(text, &end, 10);
	if (end == text || *end != 0 || n < 0 || n > MAX_COMPRESS_FROM)
		return err_set(err, ERR_INPUT,
		    "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES "
		    "(request_min_compression_size_bytes) is \"%s\", must be 0 "
		    "to %d",
		    text, MAX_COMPRESS_FROM);
	a->codec.compress_from = (size_t)n;
	return 0;
}

/* false: where it can be; true: where it must be */
static int
choose_sums(struct aws *a, const char *variable, const char *property,
    bool *ret, struct err *err)
{
	const char *text = CHOOSE(NULL, a, variable, NULL, property);

	*ret = text != NULL && strcasecmp(text, "when_required") == 0;
	if (text == NULL || *ret || strcasecmp(text, "when_supported") == 0)
		return 0;
	return err_set(err, ERR_INPUT,
	    "%s (%s) is \"%s\", must be when_supported or when_required",
	    variable, property, text);
}

static int
choose_codec(struct aws *a, const struct aws_settings *s, struct err *err)
{
	a->codec = (struct codec_options)CODEC_DEFAULTS;
	a->codec.files = s->files;
	if (choose_compression(a, err) == -1 ||
	    choose_sums(a, "AWS_REQUEST_CHECKSUM_CALCULATION",
		"request_checksum_calculation", &a->codec.sum_if_demanded,
		err) == -1)
		return -1;
	return choose_sums(a, "AWS_RESPONSE_CHECKSUM_VALIDATION",
	    "response_checksum_validation", &a->codec.verify_if_asked, err);
}

/* "arn:aws:iam::123456789012:role/r" */
static char *
account_of(const char *role_arn)
{
	for (int colons = 0; role_arn != NULL && colons < 4; colons++) {
		role_arn = strchr(role_arn, ':');
		role_arn += role_arn != NULL;
	}
	return role_arn == NULL || *role_arn < '0' || *role_arn > '9'
		   ? NULL
		   : mem_strn(role_arn, strcspn(role_arn, ":"));
}

static void
choose_limits(struct aws *a, const struct aws_settings *s)
{
	char id[37];

	if (s->limits == NULL)
		a->own_limits = aws_limits_new();
	a->limits = s->limits != NULL ? s->limits : a->own_limits;
	a->owner = account_of(s->role_arn);
	if (a->owner != NULL)
		return;
	crypto_uuid(id);
	a->owner = mem_str(id);
}

static int
choose_all(struct aws *a, const struct aws_settings *s, struct err *err)
{
	const char *region = CHOOSE(
	    s->region, a, "AWS_REGION", "AWS_DEFAULT_REGION", "region");

	if (region == NULL)
		return err_set(err, ERR_INPUT,
		    "no AWS region: set AWS_REGION, or region in profile "
		    "\"%s\"",
		    a->profile);
	a->region = mem_str(region);
	a->endpoint_url = mem_str(s->endpoint_url);
	a->call_sec = s->call_sec > 0 ? s->call_sec : CALL_SEC;
	a->attempt = s->attempt;
	a->arg = s->arg;
	choose_limits(a, s);
	return choose_attempts(a, s, err) == -1 || choose_mode(a, err) == -1 ||
		       choose_codec(a, s, err) == -1
		   ? -1
		   : endpoint_settings_load(
			 a->config, a->profile, &a->endpoints, err);
}

/* A profile that was asked for must exist; "default" need not. */
static int
choose_profile(struct aws *a, const struct aws_settings *s, struct err *err)
{
	const char *name = s->profile != NULL && *s->profile
			       ? s->profile
			       : env("AWS_PROFILE");

	if (name == NULL)
		name = "default";
	if (strcmp(name, "default") != 0 &&
	    !config_has(a->config, CONFIG_PROFILE, name))
		return err_set(err, ERR_INPUT,
		    "AWS profile \"%s\" does not exist in the configuration "
		    "files",
		    name);
	a->profile = mem_str(name);
	return 0;
}

int
aws_choose(struct aws *a, const struct aws_settings *s, struct err *err)
{
	return choose_profile(a, s, err) == -1 ? -1 : choose_all(a, s, err);
}
