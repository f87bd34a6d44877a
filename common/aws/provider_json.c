/* Credentials out of JSON, as sts and credential_process give them. */

#include "common/aws/provider_impl.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* "+01:30" in seconds; 0 for "Z" and for nothing. */
static double
offset_sec(const char *s)
{
	int sign = *s == '-' ? -1 : 1;
	long hours, minutes = 0;
	char *end;

	if (*s != '+' && *s != '-')
		return 0;
	hours = strtol(s + 1, &end, 10);
	if (hours > 99) { /* "+0130" */
		minutes = hours % 100;
		hours /= 100;
	} else if (*end == ':')
		minutes = strtol(end + 1, NULL, 10);
	return sign * (double)(hours * 3600 + minutes * 60);
}

double
provider_time(const char *text)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	if (rest == NULL)
		return -1;
	if (*rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	return (double)timegm(&tm) - offset_sec(rest);
}

int
provider_from_json(const json_t *x, struct secret *ret, struct err *err)
{
	const char *expiration = js_str(x, "Expiration");
	const char *token = js_str(x, "SessionToken");
	double expires = expiration == NULL ? 0 : provider_time(expiration);

	if (expires < 0)
		return err_set(err, ERR_AUTH, "Expiration is no time");
	if (provider_keys("answer", js_str(x, "AccessKeyId"),
		js_str(x, "SecretAccessKey"),
		token != NULL ? token : js_str(x, "Token"), ret,
		err) != PROVIDER_OK)
		return err_set(err, ERR_AUTH, "no keys in the answer");
	ret->expires = expires;
	return 0;
}

void
provider_wipe_json(json_t *x)
{
	const char *key;
	json_t *v;
	size_t i;

	if (json_is_string(x))
		mem_wipe((char *)json_string_value(x), json_string_length(x));
	js_foreach (x, key, v)
		provider_wipe_json(v);
	js_each (x, i, v)
		provider_wipe_json(v);
}
