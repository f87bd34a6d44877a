/* help and version: printed from the tables. */

#include "cli/cli.h"

#include <string.h>

#include "common/base/version.h"

static void
add_options(struct table *t, const struct option *row)
{
	for (; row != NULL && row->name != NULL; row++) {
		auto_buf struct buf left = BUF_INIT;

		if (row->letter != 0)
			buf_addf(&left, "-%c, ", row->letter);
		else
			buf_adds(&left, "    ");
		buf_addf(&left, "--%s", row->name);
		if (row->value != NULL)
			buf_addf(&left, " %s", row->value);
		table_add(t, left.data);
		table_add(t, row->help);
	}
}

static void
print_options(struct buf *out, const char *title, const struct option *rows,
    const struct option *more)
{
	struct table t = { .columns = 2 };

	add_options(&t, rows);
	add_options(&t, more);
	if (t.n > 0)
		buf_addf(out, "\n%s:\n", title);
	table_print(&t, "  ", out);
	table_free(&t);
}

void
help_all(struct buf *out)
{
	struct table t = { .columns = 2 };

	buf_adds(out,
	    "convergctl keeps AWS true to Git, or shows what is not.\n"
	    "\nusage: convergctl VERB [OPTIONS]\n\nVerbs:\n");
	for (const struct verb *v = verbs; v->name != NULL; v++) {
		auto_free char *left = mem_fmt("%s %s", v->name, v->usage);

		if (v->hidden)
			continue;
		table_add(&t, left);
		table_add(&t, v->help);
	}
	table_print(&t, "  ", out);
	table_free(&t);
	print_options(out, "Options of every verb", global_options, NULL);
	buf_adds(out,
	    "\nExit codes: 0 ok, 1 error, 2 changes present, 3 timed out,\n"
	    "4 waiting for approval, 5 refused by a guard, 64 usage,\n"
	    "69 daemon not reachable, 77 no permission.\n");
}

void
help_verb(const struct verb *v, struct buf *out)
{
	buf_addf(out, "convergctl %s: %s\n\nusage: convergctl %s [OPTIONS]",
	    v->name, v->help, v->name);
	buf_addf(out, "%s%s\n", *v->usage != 0 ? " " : "", v->usage);
	if (v->more != NULL)
		buf_addf(out, "\n%s", v->more);
	if (v->outputs != NULL)
		buf_addf(out, "\n--output is one of: %s (default the first)\n",
		    v->outputs);
	print_options(out, "Options", v->options, v->options2);
	print_options(out, "Options of every verb", global_options, NULL);
}

int
verb_help(const struct args *args)
{
	auto_buf struct buf out = BUF_INIT;
	const char *name = args_word(args, 0);

	for (const struct verb *v = verbs; name != NULL && v->name; v++)
		if (strcmp(v->name, name) == 0) {
			help_verb(v, &out);
			return print_buf(&out);
		}
	if (name != NULL)
		return fail(EXIT_USAGE,
		    "no verb `%s`; `convergctl help` lists them", name);
	help_all(&out);
	return print_buf(&out);
}

int
verb_version(const struct args *args)
{
	auto_buf struct buf out = BUF_INIT;
	json_auto_t *doc = NULL;

	if (args_output_is(args, "json")) {
		doc = js_pack("{s:s}", "version", CONVERGD_VERSION);
		return print_json(doc, 2);
	}
	buf_addf(&out, "convergctl %s\n", CONVERGD_VERSION);
	return print_buf(&out);
}
