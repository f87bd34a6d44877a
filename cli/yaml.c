/* json_t as block YAML. */

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "common/base/text.h"

static const char letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char inside[] = "0123456789_./:@$*+=%^~()<>{}-, ";

/* Words that YAML 1.1 or 1.2 reads as something else than a string. */
static bool
is_special_word(const char *s)
{
	static const char *const words[] = { "true", "false", "null", "yes",
		"no", "on", "off", "y", "n" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcasecmp(words[i], s) == 0)
			return true;
	return false;
}

/* May it stand in a block without quotes, for every reader of YAML? */
static bool
is_plain(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n > 200 || strchr(letters, s[0]) == NULL)
		if (n == 0 || n > 200 || (s[0] != '/' && s[0] != '$'))
			return false;
	for (const char *c = s; *c != 0; c++)
		if (strchr(letters, *c) == NULL && strchr(inside, *c) == NULL)
			return false;
	return strstr(s, ": ") == NULL && s[n - 1] != ':' && s[n - 1] != ' ' &&
	       !is_special_word(s);
}

static void
add_scalar(struct buf *out, const json_t *x)
{
	auto_free char *quoted = NULL;

	if (json_is_string(x) && is_plain(js_text(x))) {
		buf_adds(out, js_text(x));
		return;
	}
	quoted = js_dump(x);
	buf_adds(out, quoted);
}

static void
pad(struct buf *out, int n)
{
	while (n-- > 0)
		buf_addc(out, ' ');
}

static bool
is_block(const json_t *x)
{
	return (json_is_object(x) || json_is_array(x)) && js_len(x) > 0;
}

static void
add_key(struct buf *out, const char *key)
{
	json_auto_t *text = js_new_str(key);

	add_scalar(out, text);
	buf_addc(out, ':');
}

static void
add_object(struct buf *out, const json_t *x, int indent)
{
	const char *key;
	json_t *value;
	bool first = true;

	js_foreach (x, key, value) {
		/* the first key stands behind what the caller has begun */
		if (!first)
			pad(out, indent);
		first = false;
		add_key(out, key);
		if (!is_block(value)) {
			buf_addc(out, ' ');
			add_scalar(out, value);
			buf_addc(out, '\n');
			continue;
		}
		buf_addc(out, '\n');
		pad(out, indent + 2);
		yaml_add(out, value, indent + 2);
	}
}

static void
add_array(struct buf *out, const json_t *x, int indent)
{
	const json_t *value;
	size_t i;

	js_each (x, i, value) {
		if (i > 0)
			pad(out, indent);
		buf_adds(out, "- ");
		yaml_add(out, value, indent + 2);
	}
}

void
yaml_add(struct buf *out, const json_t *x, int indent)
{
	if (!is_block(x)) {
		add_scalar(out, x);
		buf_addc(out, '\n');
	} else if (json_is_object(x)) {
		add_object(out, x, indent);
	} else {
		add_array(out, x, indent);
	}
}
