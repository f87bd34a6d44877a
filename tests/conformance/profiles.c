/* Published cases of the shared configuration files. */

#include "common/aws/config.h"
#include "tests/conformance/conformance.h"

#include <string.h>

static json_t *
profiles(const struct config *c)
{
	json_t *all = json_object();
	const char *name, *key;

	for (size_t i = 0;
	     (name = config_section_at(c, CONFIG_PROFILE, i)) != NULL; i++) {
		json_t *one = json_object();

		for (size_t k = 0;
		     (key = config_key_at(c, CONFIG_PROFILE, name, k)) != NULL;
		     k++)
			js_set_str(
			    one, key, config_get(c, CONFIG_PROFILE, name, key));
		js_set(all, name, one);
	}
	return all;
}

static int
add(struct config *c, enum config_file file, const char *text, struct err *err)
{
	return text == NULL
		   ? 0
		   : config_add(c, file,
			 file == CONFIG_FILE ? "config" : "credentials", text,
			 strlen(text), err);
}

static bool
files_ok(const json_t *t, struct buf *why)
{
	auto_of(config_free) struct config *c = config_new();
	const char *error = js_pathstr(t, "output.errorContaining");
	json_auto_t *got = NULL;
	auto_free char *text = NULL;
	struct err err = { 0 };
	int rc = add(c, CONFIG_FILE, js_pathstr(t, "input.configFile"), &err);

	if (rc == 0)
		rc = add(c, CREDENTIALS_FILE,
		    js_pathstr(t, "input.credentialsFile"), &err);
	got = profiles(c);
	text = js_dump(got);
	buf_addf(why, "    %s\n", rc == -1 ? err.msg : text);
	if (rc == -1)
		return error != NULL && strstr(err.msg, error) != NULL;
	return error == NULL &&
	       js_equal(got, js_path(t, "output.config.profiles"));
}

json_t *
load_json(const char *dir, const char *name)
{
	auto_free char *path = mem_fmt("%s/%s", dir, name);
	json_error_t e;

	return json_load_file(path, JSON_ALLOW_NUL, &e);
}

void
run_profiles(struct tally *t, const char *dir)
{
	json_auto_t *all = load_json(dir, t->suite);
	const json_t *one;
	size_t i;

	js_each (js_get(all, "tests"), i, one) {
		auto_buf struct buf why = BUF_INIT;

		count(t, js_str(one, "name"), files_ok(one, &why), &why);
	}
}
