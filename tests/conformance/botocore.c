/* API models of an installed botocore, for services that we do not have. */

#include "common/base/text.h"
#include "tests/conformance/conformance.h"

#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

bool
same_letters(const char *kebab, const char *name)
{
	for (; *kebab != 0; kebab++) {
		if (*kebab == '-')
			continue;
		if (tolower((unsigned char)*name++) != *kebab)
			return false;
	}
	return *name == 0;
}

/* The newest of the files that match, or NULL. */
static char *
last_match(const char *pattern)
{
	char *path = NULL;
	glob_t files;

	if (glob(pattern, 0, NULL, &files) != 0)
		return NULL;
	path = mem_str(files.gl_pathv[files.gl_pathc - 1]);
	globfree(&files);
	return path;
}

/* Where distributions, pip and pyenv put it. */
static const char *const places[] = {
	"/usr/lib/python3/dist-packages",
	"/usr/local/lib/python3*/*-packages",
	"~/.local/lib/python3*/site-packages",
	"~/.pyenv/versions/*/lib/python3*/site-packages",
};

static char *
model_path(const char *service, size_t len)
{
	const char *home = getenv("HOME"), *set = getenv("BOTOCORE_DATA");
	char *path = NULL;

	if (set != NULL) {
		auto_free char *pattern = mem_fmt(
		    "%s/%.*s/*/service-2.json*", set, (int)len, service);

		return last_match(pattern);
	}
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		bool in_home = places[i][0] == '~';
		auto_free char *pattern = mem_fmt(
		    "%s%s/botocore/data/%.*s/*/service-2.json*",
		    in_home && home ? home : "", places[i] + in_home, (int)len,
		    service);

		if (path == NULL)
			path = last_match(pattern);
	}
	return path;
}

/* Plain or compressed: zlib reads both. */
static json_t *
load(const char *path)
{
	auto_buf struct buf text = BUF_INIT;
	gzFile f = gzopen(path, "rb");
	char part[65536];
	json_error_t e;
	int n;

	if (f == NULL)
		return NULL;
	while ((n = gzread(f, part, sizeof(part))) > 0)
		buf_add(&text, part, (size_t)n);
	gzclose(f);
	return json_loadb(text.data, text.len, 0, &e);
}

static json_t *
suite_of(const json_t *model, const char *operation)
{
	json_t *suite;
	const char *name;
	const json_t *op;

	js_foreach (js_get(model, "operations"), name, op) {
		if (!same_letters(operation, name))
			continue;
		suite = json_object();
		js_set(suite, "metadata", js_copy(js_get(model, "metadata")));
		js_set(suite, "shapes", js_copy(js_get(model, "shapes")));
		js_set(
		    suite, "cases", js_pack("[{s:o}]", "given", js_copy(op)));
		return suite;
	}
	return NULL;
}

json_t *
botocore_suite(const char *name)
{
	for (const char *dash = strchr(name, '-'); dash != NULL;
	     dash = strchr(dash + 1, '-')) {
		auto_free char *path = model_path(name, (size_t)(dash - name));
		json_auto_t *model = path == NULL ? NULL : load(path);
		json_t *suite = suite_of(model, dash + 1);

		if (suite != NULL)
			return suite;
	}
	return NULL;
}
