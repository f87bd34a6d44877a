/* Fuzzer: any bytes as a shared configuration or credentials file. */

#include "common/aws/config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What is listed can be found, and is never empty. */
static void
walk_section(const struct config *c, enum config_kind kind, const char *name)
{
	auto_buf struct buf value = BUF_INIT;
	const char *key;

	if (!config_has(c, kind, name))
		abort();
	for (size_t i = 0; (key = config_key_at(c, kind, name, i)); i++) {
		const char *text = config_get(c, kind, name, key);

		if (text != NULL && *text == 0)
			abort();
		config_get_nested(c, kind, name, key, "endpoint_url", &value);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(config_free) struct config *c = config_new();
	struct err err = { 0 };
	const char *name;
	size_t half = size / 2;

	if (size == 0)
		return 0;
	if (data[0] % 2 == 0)
		half = 0; /* one file instead of two */
	config_add(
	    c, CONFIG_FILE, "config", (const char *)data, size - half, &err);
	config_add(c, CREDENTIALS_FILE, "credentials",
	    (const char *)data + size - half, half, &err);
	for (int kind = CONFIG_PROFILE; kind <= CONFIG_SERVICES; kind++)
		for (size_t i = 0;
		     (name = config_section_at(c, (enum config_kind)kind, i));
		     i++)
			walk_section(c, (enum config_kind)kind, name);
	return 0;
}
