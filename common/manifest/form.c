/* The forms that strings may be asked to have: see form.h. */

#include "common/manifest/form.h"
#include "common/base/mem.h"

#include <arpa/inet.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LONGEST 4096 /* of a string that a pattern is tried on */

/* Address and prefix length, and no bit set behind the prefix. */
static bool
is_cidr(const char *s)
{
	const char *slash = strchr(s, '/');
	auto_free char *address = mem_strn(s, (size_t)(slash - s));
	unsigned long prefix = strtoul(slash + 1, NULL, 10);
	unsigned char bytes[16];
	int family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
	unsigned long bits = family == AF_INET6 ? 128 : 32;

	if (inet_pton(family, address, bytes) != 1 || prefix > bits)
		return false;
	for (unsigned long i = prefix; i < bits; i++) {
		if (bytes[i / 8] & (0x80 >> i % 8))
			return false;
	}
	return true;
}

/* Names that AWS and we ourselves use to tell what belongs to whom. */
static bool
is_free_tag(const char *s)
{
	return strncasecmp(s, "aws:", 4) != 0 &&
	       strncasecmp(s, "convergd:", 9) != 0;
}

static const struct form forms[] = {
	{ "arn", "an ARN such as arn:aws:sqs:eu-west-1:123456789012:orders",
	    "^arn:aws[a-z-]*:[a-zA-Z0-9-]+:[a-z0-9-]*:([0-9]{12}|aws)?:.+$" },
	{ "role", "the ARN of a role: arn:aws:iam::123456789012:role/name",
	    "^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$" },
	{ "name", "letters, digits and . _ - /", "^[A-Za-z0-9._/-]+$" },
	{ "dns",
	    "lower case letters, digits and -, with a letter or digit at both "
	    "ends",
	    "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" },
	{ "account", "an account of 12 digits, quoted", "^[0-9]{12}$" },
	{ "region", "a region such as eu-west-1",
	    "^[a-z]{2,4}(-[a-z]+)+-[0-9]+$" },
	{ "url", "a URL", "^[a-zA-Z][a-zA-Z0-9+.-]*://[^ ]+$" },
	{ "https", "a URL that starts with https://", "^https://[^ ]+$" },
	{ "email", "an e-mail address", "^[^@ ]+@[^@ ]+$" },
	{ "domain", "a domain name",
	    "^([*][.])?([A-Za-z0-9_-]+[.])*"
	    "[A-Za-z0-9-]+[.]?$" },
	{ "key:S", "attribute:type, the type being S, N or B", "^.+:[SNB]$" },
	{ "cidr", "an address range such as 10.0.0.0/16",
	    "^[0-9a-fA-F.:]+/[0-9]{1,3}$", is_cidr },
	{ "env", "letters, digits and _, with no digit first",
	    "^[A-Za-z_][A-Za-z0-9_]*$" },
	{ "principal", "a service such as lambda.amazonaws.com",
	    "^[a-z0-9.-]+[.]amazonaws[.]com([.]cn)?$" },
	{ "pointer", "a JSON pointer such as /spec/delay", "^/.+$" },
	{ "tag", "1 to 128 characters that do not start with aws: or convergd:",
	    "^.{1,128}$", is_free_tag },
	{ "variable", "letters, digits, - and _", "^[A-Za-z0-9_-]+$" },
};

struct form
form_of(const char *name)
{
	if (name[0] == '^')
		return (struct form){ .pattern = name };
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (strcmp(forms[i].name, name) == 0)
			return forms[i];
	}
	must(!"the form of a field is in form.c");
	return (struct form){ 0 };
}

bool
form_fits(const struct form *form, const char *s)
{
	regex_t regex;
	int rc;

	if (strlen(s) > LONGEST)
		return false;
	must(regcomp(&regex, form->pattern, REG_EXTENDED | REG_NOSUB) == 0);
	rc = regexec(&regex, s, 0, NULL, 0);
	regfree(&regex);
	return rc == 0 && (form->also == NULL || form->also(s));
}
