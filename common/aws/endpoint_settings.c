/* What the user set about endpoints: see endpoint.h. */

#include "common/aws/endpoint.h"
#include "common/base/mem.h"
#include "common/base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * The place of a value among its words is what is stored. Variable, property
 * of the profile, and what is nested in its "s3 =": the first that is set.
 * https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
 */
struct setting {
	const char *variable, *property, *nested;
	const char *words;
	size_t offset;
	uint8_t preset;
};
#define AT(field) offsetof(struct endpoint_settings, field)
#define BOOL      "false true"
static const struct setting settings[] = {
	{ "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", NULL, BOOL, AT(fips) },
	{ "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", NULL, BOOL,
	    AT(dual_stack) },
	{ NULL, NULL, "addressing_style", "auto virtual path", AT(s3_style) },
	{ NULL, NULL, "use_dualstack_endpoint", BOOL, AT(s3_dual_stack) },
	{ NULL, NULL, "use_accelerate_endpoint", BOOL, AT(s3_accelerate) },
	{ "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT",
	    "s3_us_east_1_regional_endpoint", "us_east_1_regional_endpoint",
	    "regional legacy", AT(s3_legacy) },
	{ "AWS_S3_USE_ARN_REGION", "s3_use_arn_region", "use_arn_region",
	    "true false", AT(s3_own_region) },
	{ "AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS",
	    "s3_disable_multiregion_access_points", NULL, BOOL,
	    AT(s3_no_mrap) },
	{ "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH",
	    "s3_disable_express_session_auth", NULL, BOOL, AT(s3_no_sessions) },
	{ "AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints", NULL,
	    "regional legacy", AT(sts_legacy) },
	{ "AWS_ACCOUNT_ID_ENDPOINT_MODE", "account_id_endpoint_mode", NULL,
	    "disabled preferred required", AT(account), ACCOUNT_PREFERRED },
};

static bool
from_env(const char *name, struct buf *ret)
{
	const char *value = name == NULL ? NULL : getenv(name);

	if (value == NULL || *value == 0)
		return false;
	buf_clear(ret);
	buf_adds(ret, value);
	return true;
}

static bool
from_profile(const struct config *c, const char *profile, const char *key,
    struct buf *ret)
{
	const char *value = key == NULL
				? NULL
				: config_get(c, CONFIG_PROFILE, profile, key);

	if (value == NULL)
		return false;
	buf_clear(ret);
	buf_adds(ret, value);
	return true;
}

/* -1: none of them */
static int
place_among(const char *list, const char *value)
{
	size_t len = strlen(value);
	int i = 0;

	words_each (list, w, n) {
		if (n == len && strncasecmp(w, value, n) == 0)
			return i;
		i++;
	}
	return -1;
}

static int
store(const struct setting *s, const char *value, struct endpoint_settings *ret,
    struct err *err)
{
	const char *name = s->property != NULL ? s->property : s->nested;
	int place = place_among(s->words, value);

	if (place == -1)
		return err_set(err, ERR_INPUT,
		    "%s%s%s%s%s is \"%s\", must be one of: %s",
		    s->variable != NULL ? s->variable : "",
		    s->variable != NULL ? " (" : "",
		    s->property != NULL ? "" : "s3 ", name,
		    s->variable != NULL ? ")" : "", value, s->words);
	((uint8_t *)ret)[s->offset] = (uint8_t)place;
	return 0;
}

int
endpoint_settings_load(const struct config *c, const char *profile,
    struct endpoint_settings *ret, struct err *err)
{
	auto_buf struct buf value = BUF_INIT;

	*ret = (struct endpoint_settings){ 0 };
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		const struct setting *s = &settings[i];

		((uint8_t *)ret)[s->offset] = s->preset;
		if ((from_env(s->variable, &value) ||
			from_profile(c, profile, s->property, &value) ||
			(s->nested != NULL &&
			    config_get_nested(c, CONFIG_PROFILE, profile, "s3",
				s->nested, &value))) &&
		    store(s, value.data, ret, err) == -1)
			return -1;
	}
	return 0;
}

/* --- overrides -------------------------------------------------------- */

/* "Elastic Load Balancing v2" as the variable and as the section spell it */
static void
spell(const char *service_id, bool upper, struct buf *ret)
{
	for (const char *s = service_id; *s != 0; s++) {
		unsigned char c = (unsigned char)*s;

		buf_addc(ret, c == ' ' || c == '-' ? '_'
			      : upper              ? (char)toupper(c)
						   : (char)tolower(c));
	}
}

static bool
is_ignored(const struct config *c, const char *profile)
{
	auto_buf struct buf env = BUF_INIT;
	const char *value = config_get(
	    c, CONFIG_PROFILE, profile, "ignore_configured_endpoint_urls");

	if (from_env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", &env))
		value = env.data;
	return value != NULL && strcasecmp(value, "true") == 0;
}

bool
endpoint_override(const char *setting, const struct config *c,
    const char *profile, const char *service_id, struct buf *ret_url)
{
	auto_buf struct buf name = BUF_INIT, section = BUF_INIT;
	const char *services = config_get(
	    c, CONFIG_PROFILE, profile, "services");
	const char *url = config_get(
	    c, CONFIG_PROFILE, profile, "endpoint_url");

	if (setting != NULL && *setting != 0) {
		buf_clear(ret_url);
		buf_adds(ret_url, setting);
		return true;
	}
	if (is_ignored(c, profile))
		return false;
	buf_adds(&name, "AWS_ENDPOINT_URL_");
	spell(service_id, true, &name);
	spell(service_id, false, &section);
	if (from_env(name.data, ret_url) ||
	    from_env("AWS_ENDPOINT_URL", ret_url))
		return true;
	if (services != NULL && config_get_nested(c, CONFIG_SERVICES, services,
				    section.data, "endpoint_url", ret_url))
		return true;
	if (url == NULL)
		return false;
	buf_clear(ret_url);
	buf_adds(ret_url, url);
	return true;
}
