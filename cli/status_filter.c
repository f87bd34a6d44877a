/* Which resources a word on the command line means: see status_filter.h. */

#include "cli/status_filter.h"

#include <string.h>

#include "common/base/text.h"

/* "shop", "shop/SqsQueue", "shop/SqsQueue/orders": whole words. */
static bool
is_below(const char *address, const char *filter)
{
	size_t n = filter == NULL ? 0 : strlen(filter);

	return n == 0 || (address != NULL && strncmp(address, filter, n) == 0 &&
			     strchr("/", address[n]) != NULL);
}

static bool
is_chosen(const json_t *architecture, const char *filter)
{
	const char *name = js_str(architecture, "name");
	size_t n = filter == NULL ? 0 : strcspn(filter, "/");

	return n == 0 || (name != NULL && strlen(name) == n &&
			     memcmp(name, filter, n) == 0);
}

char *
status_filter(const struct args *args)
{
	const char *word = args_word(args, 0);
	size_t n = word == NULL ? 0 : strlen(word);

	while (n > 0 && word[n - 1] == '/')
		n--;
	return word == NULL ? NULL : mem_strn(word, n);
}

bool
status_has(const json_t *answer, const char *filter)
{
	const json_t *a, *r;
	size_t i, j;

	if (filter == NULL)
		return true;
	js_each (js_get(answer, "architectures"), i, a) {
		if (!is_chosen(a, filter))
			continue;
		if (js_len(js_get(a, "resources")) == 0)
			return true;
		js_each (js_get(a, "resources"), j, r)
			if (is_below(js_str(r, "address"), filter))
				return true;
	}
	return false;
}

/* The first words of an address, as many as the filter has. */
static char *
as_long_as(const char *filter, const char *address)
{
	size_t n = 0;

	for (; address[n] != 0; n++) {
		if (address[n] != '/')
			continue;
		filter = strchr(filter, '/');
		if (filter == NULL)
			break;
		filter++;
	}
	return mem_strn(address, n);
}

int
status_unknown(const json_t *answer, const char *filter)
{
	json_auto_t *words = json_object();
	struct nearest near = { 0 };
	const json_t *a, *r;
	const char *word;
	json_t *unused;
	size_t i, j;

	js_each (js_get(answer, "architectures"), i, a)
		js_each (js_get(a, "resources"), j, r) {
			auto_free char *same = as_long_as(
			    filter, js_str(r, "address"));

			js_set(words, same, json_true());
		}
	js_foreach (words, word, unused)
		text_nearest(&near, filter, word);
	return fail(EXIT_ERROR, "the daemon knows no `%s`%s%s%s", filter,
	    near.best ? "; did you mean `" : "", near.best ? near.best : "",
	    near.best ? "`?" : "");
}

static json_t *
resources_below(const json_t *architecture, const char *filter)
{
	json_t *list = json_array();
	const json_t *r;
	size_t i;

	js_each (js_get(architecture, "resources"), i, r)
		if (is_below(js_str(r, "address"), filter))
			js_push(list, js_share(r));
	return list;
}

json_t *
status_chosen(const json_t *answer, const char *filter)
{
	json_t *chosen = json_object(), *list = json_array();
	const json_t *architecture;
	size_t i;

	js_merge(chosen, answer);
	js_each (js_get(answer, "architectures"), i, architecture) {
		json_t *kept;

		if (!is_chosen(architecture, filter))
			continue;
		kept = json_object();
		js_merge(kept, architecture);
		js_set(
		    kept, "resources", resources_below(architecture, filter));
		js_push(list, kept);
	}
	js_set(chosen, "architectures", list);
	return chosen;
}
